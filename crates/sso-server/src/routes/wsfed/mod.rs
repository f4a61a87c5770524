//! `/wsfed/{org}…`: the relying party's side of WS-Federation. Tokens and clean-ups come to one address,
//! since ADFS sends both to the one that it knows (SPEC 3, 6).

mod metadata;
mod sign_in;
mod sign_out;

use crate::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .merge(sign_in::routes())
        .merge(sign_out::routes())
        .merge(metadata::routes())
}
