//! `/api/v1/orgs/{org}/sso/metadata`: the identity provider's metadata fills the connection, or
//! makes it (SPEC 2, 6).

use super::connection::{self, Change, Metadata};
use crate::app::App;
use crate::http::access::{Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::body::{self, BodyError};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::streamed;
use axum::Json;
use axum::extract::{FromRequest as _, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use sso_core::connection::Slot;
use sso_core::error::{Code, Stage};
use sso_core::metadata::{self, Applied, Extracted, ImportReport, ImportedIdp};
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::ConfigurationStore as _;
use sso_core::xml::{Limits, PartLimits};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, import))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Which entity of an aggregate. With it the document may have 512 MiB, of which the entity alone is
    /// kept; without it 16 MiB.
    entity_id: Option<String>,
    /// What the connection speaks. `saml2` is the one there is.
    #[param(inline)]
    protocol: Option<Protocol>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Protocol {
    Saml2,
    Wsfed,
}

/// Read the metadata as it was imported.
#[utoipa::path(
    get, path = "/orgs/{org}/sso/metadata", security(("token" = ["org_admin"])),
    responses((status = 200, body = String, content_type = "application/samlmetadata+xml")),
)]
async fn read(OrgAdmin(admin): OrgAdmin) -> Result<Response, Problem> {
    let connection = admin.app.store().connection(&admin.org.name, Slot::Live).await?;
    let document = connection.and_then(|connection| connection.metadata_document);
    let document = document.ok_or_else(|| Problem::not_found("imported metadata"))?;
    Ok(([(CONTENT_TYPE, "application/samlmetadata+xml")], document).into_response())
}

/// Fill the connection from the metadata of its identity provider, or make it.
///
/// The answer says which fields were filled, which parts were ignored, and which refused.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/metadata", security(("token" = ["org_admin"])),
    params(ImportQuery),
    request_body(
        content(
            (String = "application/samlmetadata+xml"),
            (String = "application/xml"),
            (String = "text/xml"),
        ),
    ),
    responses((status = 200, body = ImportReport)),
    extensions(("x-refusals" = json!(refusals()))),
)]
async fn import(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Result<Json<ImportReport>, Problem> {
    if query.protocol == Some(Protocol::Wsfed) {
        return Err(not_supported("protocol", "WS-Federation is not spoken yet."));
    }
    if !is_document(&request) {
        return Err(no_document(request).await);
    }
    let (imported, document) = match query.entity_id {
        None => whole(admin.app.clone(), request).await?,
        Some(entity_id) => extracted(admin.app.clone(), request, entity_id).await?,
    };
    let (_, report) = connection::change(&admin, "metadata_imported", |current, context| {
        let Applied { settings, signing_keys, report } =
            metadata::apply(&imported, current, context);
        let metadata = Some(Metadata { signing_keys, document: document.clone() });
        Ok(Change { settings, metadata, answer: report })
    })
    .await?;
    Ok(Json(report))
}

/// What an import can be refused for: the reader's rules, those of metadata, those of a connection.
fn refusals() -> Vec<ApiCode> {
    let reader = Code::ALL.iter().filter(|code| code.stage() == Stage::Parse);
    let metadata = [
        ApiCode::UnsupportedMediaType,
        ApiCode::DuplicateEntity,
        ApiCode::DuplicateRole,
        ApiCode::EndpointNotAllowed,
        ApiCode::EntityIdInvalid,
        ApiCode::EntityIdNeeded,
        ApiCode::EntityNotFound,
        ApiCode::KeyNotSupported,
        ApiCode::KeyTooSmall,
        ApiCode::MetadataExpired,
        ApiCode::NoSigningKey,
        ApiCode::NoSsoEndpoint,
        ApiCode::NotACertificate,
        ApiCode::NotAnIdp,
        ApiCode::NotMetadata,
        ApiCode::PrivateKeyGiven,
        ApiCode::SeveralCertificates,
        ApiCode::TenantPlaceholder,
        ApiCode::Setting(SettingCode::Invalid),
    ];
    let connection = connection::REFUSALS.iter().copied();
    reader.copied().map(ApiCode::Document).chain(metadata).chain(connection).collect()
}

/// Whether a document is posted.
fn is_document(request: &Request) -> bool {
    let media_type = body::media_type(request.headers());
    let documents = ["application/samlmetadata+xml", "application/xml", "text/xml"];
    media_type.is_some_and(|media_type| documents.contains(&media_type.as_str()))
}

/// What is posted and is no document: JSON would name the address of one.
async fn no_document(request: Request) -> Problem {
    if body::media_type(request.headers()).as_deref() == Some("application/json") {
        return match JsonObject::from_request(request, &()).await {
            Ok(_) => not_supported("url", "Metadata is not fetched yet. Post the document itself."),
            Err(problem) => problem,
        };
    }
    Problem::new(
        ApiCode::UnsupportedMediaType,
        "Post the document as application/samlmetadata+xml, application/xml or text/xml.",
    )
}

/// Reads a document of one identity provider where it holds up no request: a large one takes a while.
async fn whole(app: Arc<App>, request: Request) -> Result<(ImportedIdp, String), Problem> {
    let document = match body::read(request.into_body(), Limits::METADATA.bytes).await {
        Err(BodyError::TooLarge) => {
            let hint = "The document is larger than 16 MiB. Name the entity of an aggregate with entity_id.";
            return Err(Problem::new(ApiCode::BodyTooLarge, hint));
        }
        read => read?,
    };
    let parse = move || {
        let imported = metadata::import(&document, None, app.now())?;
        Ok((imported, String::from_utf8_lossy(&document).into_owned()))
    };
    tokio::task::spawn_blocking(parse).await.unwrap_or_else(|error| Err(Problem::internal(&error)))
}

/// Takes one identity provider out of an aggregate as it comes.
async fn extracted(
    app: Arc<App>,
    request: Request,
    entity_id: String,
) -> Result<(ImportedIdp, String), Problem> {
    let now = app.now();
    let read = move |document| metadata::import_from(document, &entity_id, None, now);
    let Extracted { idp, document } =
        streamed::read(request.into_body(), PartLimits::AGGREGATE.bytes, read).await??;
    Ok((idp, document))
}

fn not_supported(field: &'static str, problem: &'static str) -> Problem {
    InvalidSetting::new(SettingCode::NotSupported, field, problem).into()
}
