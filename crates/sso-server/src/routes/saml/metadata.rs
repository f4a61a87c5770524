//! `GET /saml/{org}/metadata`: our service provider metadata, from the moment that the organization
//! exists (SPEC 2).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::page_query::PageQuery;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sso_core::connection::Protocol;
use sso_core::flow::SignedMetadata;
use sso_core::setting::SettingCode;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(export))
}

/// How our metadata is asked for. Other parameters are passed over.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::routes) struct MetadataQuery {
    /// `1`: signed by the active service certificate.
    signed: Option<String>,
}

/// Read our service provider metadata for an organization.
#[utoipa::path(
    get, path = "/saml/{org}/metadata", tag = "sign-in",
    params(MetadataQuery),
    responses(
        (
            status = 200, content_type = "application/samlmetadata+xml", body = String,
            headers(("Content-Disposition"))
        ),
    ),
    extensions(("x-refusals" = json!([
        ApiCode::MalformedQuery,
        ApiCode::NotFound,
        ApiCode::Setting(SettingCode::ServiceCertificateRequired),
        ApiCode::Unavailable,
    ]))),
)]
async fn export(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    PageQuery(query): PageQuery<MetadataQuery>,
) -> Result<Response, Failure> {
    answer(&app, &org, Protocol::Saml2, &query).await
}

/// Our metadata in a protocol.
pub(in crate::routes) async fn answer(
    app: &App,
    org: &str,
    protocol: Protocol,
    query: &MetadataQuery,
) -> Result<Response, Failure> {
    let document = if query.signed.as_deref() == Some("1") {
        let signed = app.bridge.signed_metadata_in(org, protocol).await?;
        match signed.ok_or_else(Failure::unknown_org)? {
            SignedMetadata::Signed(document) => document,
            SignedMetadata::NoActiveCertificate => return Err(no_active_certificate()),
        }
    } else {
        app.bridge.metadata_in(org, protocol).await?.ok_or_else(Failure::unknown_org)?
    };
    // An organization that exists: nothing in its name or its domain ends the quotation.
    let headers = [
        (CONTENT_TYPE, "application/samlmetadata+xml".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{org}-metadata.xml\"")),
    ];
    Ok((headers, document).into_response())
}

fn no_active_certificate() -> Failure {
    Failure::Request(
        ApiCode::Setting(SettingCode::ServiceCertificateRequired),
        "No service certificate is active, so that nothing can be signed. An administrator activates one.",
    )
}
