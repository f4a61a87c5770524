//! `/saml/{org}/…`: the service provider's side of SAML 2.0.

mod acs;
mod metadata;

use crate::app::App;
use axum::Router;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().merge(acs::routes()).merge(metadata::routes())
}
