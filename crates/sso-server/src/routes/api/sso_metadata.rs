//! `/api/v1/orgs/{org}/sso/metadata`: the identity provider's metadata fills the connection, or
//! makes it (SPEC 2, 6). What becomes of it later is `sso_metadata_refresh`'s.

use super::connection::{self, Change, Metadata};
use super::sso_metadata_refresh::MetadataState;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::body::{self, BodyError};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::metadata::{self, Document, Fetched, Origin, Unread, Wanted};
use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use sso_core::certs::CertificateError;
use sso_core::connection::{Protocol, Slot};
use sso_core::error::{Code, Stage};
use sso_core::metadata::{Applied, EntityName, ImportReport, Validators, apply, mdq_url};
use sso_core::setting::{InvalidSetting, SettingCode, check_text};
use sso_core::store::{ConfigurationStore as _, MetadataStore as _};
use sso_core::xml::Limits;
use url::Url;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, import))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// Which entity of an aggregate.
    entity_id: Option<String>,
    /// What the connection is to speak, where the document speaks both. Without it a connection keeps its
    /// protocol, and a new one speaks SAML 2.0.
    #[param(inline)]
    protocol: Option<Protocol>,
}

/// Where metadata is, or the metadata itself: one of the three.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MetadataImport {
    /// Its address, https. From now on it is refreshed from there.
    #[serde(default)]
    #[schema(max_length = 2048)]
    url: Option<Url>,
    /// The base address of a service of the Metadata Query Protocol, which is asked for `entity_id`. From now
    /// on it is refreshed from there.
    #[serde(default)]
    #[schema(max_length = 2048)]
    mdq: Option<Url>,
    /// The document itself.
    #[serde(default)]
    document: Option<String>,
    /// Which entity of an aggregate.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1024)]
    entity_id: Option<String>,
    /// The certificate that must have signed it, PEM; and every later one from the same address.
    #[serde(default)]
    pin: Option<String>,
}

/// The header with the certificate that must have signed a document which is posted as it is.
const PIN: &str = "x-metadata-pin";

/// The most bytes of a JSON body: a document, written as a text.
const JSON_LIMIT: usize = Limits::METADATA.bytes + Limits::METADATA.bytes / 4;

/// Read the metadata as it was imported, or, as JSON, where it comes from and how it stands.
///
/// `Accept: application/json` asks for the latter: why a refresh failed, what waits for an approval.
#[utoipa::path(
    get, path = "/orgs/{org}/sso/metadata", security(("token" = ["org_admin"])),
    responses(
        (
            status = 200,
            content(
                (String = "application/samlmetadata+xml"),
                (MetadataState = "application/json"),
            ),
        ),
    ),
)]
async fn read(OrgAdmin(admin): OrgAdmin, headers: HeaderMap) -> Result<Response, Problem> {
    shown(&admin, Slot::Live, &headers).await
}

/// The metadata of a connection, in the form that is asked for.
pub(super) async fn shown(
    admin: &Access,
    slot: Slot,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let connection = admin.app.store().connection(&admin.org.name, slot).await?;
    let none = || Problem::not_found("imported metadata");
    let connection = connection.ok_or_else(none)?;
    if wants_json(headers) {
        let source = admin.app.store().metadata_source(connection.id).await?;
        return Ok(Json(MetadataState::from(source.ok_or_else(none)?)).into_response());
    }
    let document = connection.metadata_document.ok_or_else(none)?;
    Ok(([(CONTENT_TYPE, "application/samlmetadata+xml")], document).into_response())
}

/// Whether JSON is asked for by name. Nobody who asks for anything gets it.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(','));
    types.any(|one| one.split(';').next().is_some_and(|name| name.trim() == "application/json"))
}

/// Fill the connection from the metadata of its identity provider, or make it.
///
/// The answer says which fields were filled, which parts were ignored, and which refused.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/metadata", security(("token" = ["org_admin"])),
    params(
        ImportQuery,
        (
            "X-Metadata-Pin" = Option<String>, Header,
            description = "The certificate that must have signed the XML document, DER in base64. Of an \
                aggregate the signature is verified as it comes."
        ),
    ),
    request_body(
        content(
            (String = "application/samlmetadata+xml"),
            (String = "application/xml"),
            (String = "text/xml"),
            (MetadataImport = "application/json"),
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
    imported(&admin, Slot::Live, "metadata_imported", query, request).await
}

/// Fills a connection from a document, or makes it.
pub(super) async fn imported(
    admin: &Access,
    slot: Slot,
    act: &str,
    query: ImportQuery,
    request: Request,
) -> Result<Json<ImportReport>, Problem> {
    let (mut document, origin) = given(admin, request, query.entity_id).await?;
    if let Some(protocol) = query.protocol {
        document.imported = document.imported.speaking(protocol)?;
    }
    let (_, report) = connection::change(admin, slot, act, |current, context| {
        let Applied { settings, signing_keys, report } =
            apply(&document.imported, current, context);
        let metadata = Some(Metadata { document: &document, origin: &origin, signing_keys });
        Ok(Change { settings, metadata, answer: report })
    })
    .await?;
    Ok(Json(report))
}

/// What an import can be refused for: the reader's rules, those of metadata and of its signature, those of
/// a connection.
pub(super) fn refusals() -> Vec<ApiCode> {
    let metadata = [
        ApiCode::UnsupportedMediaType,
        ApiCode::PrivateKeyGiven,
        ApiCode::SeveralCertificates,
        ApiCode::Setting(SettingCode::Invalid),
    ];
    let connection = connection::REFUSALS.iter().copied();
    of_documents().into_iter().chain(metadata).chain(connection).collect()
}

/// What any document of metadata can be refused for, and its host.
pub(super) fn of_aggregates() -> Vec<ApiCode> {
    let stages = [Stage::Parse, Stage::Structure];
    let reader = Code::ALL.iter().filter(|code| stages.contains(&code.stage()));
    let metadata = [
        ApiCode::AddressNotAllowed,
        ApiCode::AnswerNotOk,
        ApiCode::AnswerTooLarge,
        ApiCode::HostTimedOut,
        ApiCode::HostUnreachable,
        ApiCode::DuplicateEntity,
        ApiCode::EntityIdInvalid,
        ApiCode::NotMetadata,
    ];
    reader.copied().map(ApiCode::Document).chain(metadata).collect()
}

/// The same of the document of an identity provider.
pub(super) fn of_documents() -> Vec<ApiCode> {
    let signature = Code::ALL.iter().filter(|code| code.stage() == Stage::Signature);
    let metadata = [
        ApiCode::DuplicateRole,
        ApiCode::EndpointNotAllowed,
        ApiCode::EntityIdNeeded,
        ApiCode::EntityNotFound,
        ApiCode::KeyNotSupported,
        ApiCode::KeyTooSmall,
        ApiCode::MetadataExpired,
        ApiCode::NoSigningKey,
        ApiCode::NoSsoEndpoint,
        ApiCode::NotACertificate,
        ApiCode::NotAnIdp,
        ApiCode::TenantPlaceholder,
    ];
    let signature = signature.copied().map(ApiCode::Document);
    of_aggregates().into_iter().chain(signature).chain(metadata).collect()
}

/// The document that was posted, or that is where the body says, and where it came from.
async fn given(
    admin: &Access,
    request: Request,
    entity_id: Option<String>,
) -> Result<(Document, Origin), Problem> {
    let media_type = body::media_type(request.headers());
    let pin = pin(request.headers())?;
    match media_type.as_deref() {
        Some("application/samlmetadata+xml" | "application/xml" | "text/xml") => {
            let origin = Origin { wanted: Wanted { entity_id, pin }, ..Origin::default() };
            received(admin, request.into_body(), origin).await
        }
        // It must not be passed over: whoever sends it relies on it.
        Some("application/json") if pin.is_some() => {
            Err(invalid("pin", "Give it in the body, where that is JSON."))
        }
        Some("application/json") => {
            let content = body::read(request.into_body(), JSON_LIMIT).await?;
            named(admin, JsonObject::parse(&content)?.read()?, entity_id).await
        }
        _ => Err(Problem::new(
            ApiCode::UnsupportedMediaType,
            "Post the document as application/samlmetadata+xml, application/xml or text/xml, or its \
             address as application/json.",
        )),
    }
}

/// The certificate that a header pins.
fn pin(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(PIN).iter();
    let Some(first) = given.next() else { return Ok(None) };
    let text = first.to_str().ok().filter(|_| given.next().is_none());
    let text = text.ok_or(CertificateError::NotACertificate)?;
    Ok(Some(metadata::pinned(text)?))
}

/// The document that a JSON body has, or names.
async fn named(
    admin: &Access,
    given: MetadataImport,
    entity_id: Option<String>,
) -> Result<(Document, Origin), Problem> {
    let MetadataImport { url, mdq, document, entity_id: in_body, pin } = given;
    let entity_id = in_body.or(entity_id);
    if let Some(entity_id) = &entity_id {
        check_text("entity_id", entity_id, 1..=1024)?;
    }
    let url = match (url, mdq) {
        (url, None) => url,
        (None, Some(base)) => Some(queried(&base, entity_id.as_deref())?),
        (Some(_), Some(_)) => return Err(invalid("mdq", "Give mdq or url, not both.")),
    };
    let pin = pin.map(|pin| metadata::pinned(&pin)).transpose()?;
    let wanted = Wanted { entity_id, pin };
    match (url, document) {
        (None, Some(document)) => {
            received(admin, document.into(), Origin { wanted, ..Origin::default() }).await
        }
        (Some(url), None) => {
            check_text("url", url.as_str(), 1..=2048)?;
            let nothing = Validators::default();
            match metadata::fetch(&admin.app, &url, &nothing, wanted.clone()).await? {
                Fetched::Document(document, validators) => {
                    Ok((*document, Origin { url: Some(url), wanted, validators }))
                }
                Fetched::Same => {
                    Err(Problem::internal(&"a host says of nothing that it is still the same"))
                }
            }
        }
        (Some(_), Some(_)) => {
            Err(invalid("document", "Give the document or its address, not both."))
        }
        (None, None) => Err(invalid("url", "Give the address of the document, or the document.")),
    }
}

/// Where a service of the Metadata Query Protocol has an entity: under its name, which can be read, but for the
/// two names that no address can have.
fn queried(base: &Url, entity_id: Option<&str>) -> Result<Url, Problem> {
    let entity_id = entity_id.ok_or_else(|| {
        invalid("entity_id", "The Metadata Query Protocol asks for one entity by its ID.")
    })?;
    let names = [EntityName::Plain, EntityName::Sha1];
    let mut urls = names.into_iter().filter_map(|name| mdq_url(base, entity_id, name));
    urls.next()
        .ok_or_else(|| invalid("mdq", "It must be an address without a query or a fragment."))
}

async fn received(
    admin: &Access,
    body: Body,
    origin: Origin,
) -> Result<(Document, Origin), Problem> {
    match Document::receive(&admin.app, body, origin.wanted.clone()).await {
        Ok(document) => Ok((document, origin)),
        Err(Unread::Refused(problem)) => Err(problem),
        Err(Unread::Body(BodyError::TooLarge)) => Err(Problem::new(
            ApiCode::BodyTooLarge,
            "The document is larger than what is taken. Name the entity of an aggregate with entity_id: \
             then it may have 512 MiB.",
        )),
        Err(Unread::Body(error)) => Err(error.into()),
    }
}

fn invalid(field: &'static str, problem: &'static str) -> Problem {
    InvalidSetting::new(SettingCode::Invalid, field, problem).into()
}
