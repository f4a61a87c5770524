//! `GET /welcome`: where a login goes that names no target. It shows who is signed in, and where else the
//! same person is, to end that.

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::templates::{self, OtherSession, Welcome};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use sso_core::flow::OwnSessions;
use sso_core::org::Org;
use sso_core::store::{ConfigurationStore as _, Page, Session};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(welcome))
}

/// The page that says who is signed in.
#[utoipa::path(
    get, path = "/welcome", tag = "pages",
    responses(
        (status = 200, content_type = "text/html; charset=utf-8", body = String),
        (
            status = 303, description = "Nobody is signed in: to the page to sign in at.",
            headers(("Location"))
        ),
    ),
    extensions(("x-refusals" = json!([ApiCode::Unavailable]))),
)]
async fn welcome(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Failure> {
    let Some(token) = app.cookies.session(&headers) else {
        return Ok(Redirect::to("/").into_response());
    };
    let Some(own) = app.bridge.own_sessions(&token, &Page::first(SHOWN)).await? else {
        return Ok(Redirect::to("/").into_response());
    };
    let OwnSessions { current, account, all } = own;
    let org = app.store().org(current.org.as_str()).await?;
    let since = current.made.authenticated_at;
    let others = all.items.iter().filter(|session| session.made.id != current.made.id);
    Ok(templates::page(&Welcome {
        name: &account.shown_name(),
        email: account.email(),
        org: org.as_ref().map_or(current.org.as_str(), Org::shown_name),
        since: for_people(since),
        since_exact: for_machines(since),
        sign_out: format!("/sso/{}/logout", current.org),
        others: others.map(other).collect(),
        proof: app.bridge.own_form(&token),
    }))
}

/// How many sessions are shown. Who has more ends them all at once, or by `/sessions`.
const SHOWN: u16 = 20;

fn other(session: &Session) -> OtherSession {
    OtherSession {
        id: session.made.id.to_string(),
        since: for_people(session.made.authenticated_at),
        since_exact: for_machines(session.made.authenticated_at),
        last_used: for_people(session.last_used_at),
        last_used_exact: for_machines(session.last_used_at),
    }
}

fn for_machines(instant: OffsetDateTime) -> String {
    instant.format(&Rfc3339).unwrap_or_default()
}

fn for_people(instant: OffsetDateTime) -> String {
    let form =
        format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    instant.format(form).unwrap_or_default()
}
