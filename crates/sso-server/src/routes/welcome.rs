//! `GET /welcome`: where a login goes that names no target. It shows who is signed in.

use super::browser;
use crate::app::App;
use crate::http::failure::Failure;
use crate::templates::{self, Welcome};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sso_core::org::Org;
use sso_core::store::ConfigurationStore as _;
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/welcome", get(welcome))
}

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
