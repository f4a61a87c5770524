//! Who a browser is signed in as.

use crate::app::App;
use axum::http::HeaderMap;
use sso_core::provisioning::Account;
use sso_core::store::{Session, StoreError};

/// The live session of a request's cookie, and its account.
pub(super) async fn session(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<(Session, Account)>, StoreError> {
    match app.cookies.session(headers) {
        Some(token) => app.bridge.session(&token).await,
        None => Ok(None),
    }
}
