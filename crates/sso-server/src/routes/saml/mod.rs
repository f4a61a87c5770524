//! `/saml/{org}/…`: the service provider's side of SAML 2.0.

mod acs;
pub(super) mod metadata;
mod slo;
mod slo_soap;

use crate::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .merge(acs::routes())
        .merge(metadata::routes())
        .merge(slo::routes())
        .merge(slo_soap::routes())
}
