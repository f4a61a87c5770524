//! `GET /welcome`: where a login goes that names no target. It shows who is signed in.

use super::browser;
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::templates::{self, Welcome};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use sso_core::org::Org;
use sso_core::store::ConfigurationStore as _;
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
    let Some((session, account)) = browser::session(&app, &headers).await? else {
        return Ok(Redirect::to("/").into_response());
    };
    let org = app.store().org(session.org.as_str()).await?;
    let since = session.made.authenticated_at;
    Ok(templates::page(&Welcome {
        name: &account.shown_name(),
        email: account.email(),
        org: org.as_ref().map_or(session.org.as_str(), Org::shown_name),
        since: for_people(since),
        since_exact: since.format(&Rfc3339).unwrap_or_default(),
        sign_out: format!("/sso/{}/logout", session.org),
    }))
}

fn for_people(instant: OffsetDateTime) -> String {
    let form =
        format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    instant.format(form).unwrap_or_default()
}
