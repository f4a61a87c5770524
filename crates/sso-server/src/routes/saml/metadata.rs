//! `GET /saml/{org}/metadata`: our service provider metadata, from the moment that the organization
//! exists (SPEC 2).

use crate::app::App;
use crate::http::failure::Failure;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sso_core::connection::Slot;
use sso_core::metadata::{self, Encryption, ServiceProvider};
use sso_core::store::{ConfigurationStore as _, ServiceCertificateStore as _};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/saml/{org}/metadata", get(export))
}

async fn export(State(app): State<Arc<App>>, Path(org): Path<String>) -> Result<Response, Failure> {
    let org = app.store().org(&org).await?.ok_or_else(Failure::unknown_org)?;
    let connection = app.store().connection(&org.name, Slot::Live).await?;
    let certificates = app.store().service_certificates(&org.name).await?;
    let provider = ServiceProvider {
        org: &org,
        urls: &app.bridge.service_urls(&org),
        settings: connection.as_ref().map(|connection| &connection.settings),
        certificates: &certificates,
        // Neither decryption nor SAML logout is there yet: nobody is invited to them.
        encryption: Encryption::NotOffered,
        logout: &[],
    };
    let headers = [
        (CONTENT_TYPE, "application/samlmetadata+xml".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{}-metadata.xml\"", org.name)),
    ];
    Ok((headers, metadata::export(&provider, app.now())).into_response())
}
