//! `/scim/v2/{org}/…`: what this service can do and which attributes there are (RFC 7644 4), queries over
//! everything, many requests in one.

use super::access::Directory;
use super::answer::{Answer, Refused};
use super::bulk;
use super::request::{BODY_LIMIT, Json, Parameters};
use super::resources::listed;
use crate::app::App;
use crate::http::path::Path;
use serde_json::{Value, json};
use sso_core::scim::{MOST_RESULTS, ResourceKind, ScimError, resource_types, schemas};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(config))
        .routes(routes!(types))
        .routes(routes!(one_type))
        .routes(routes!(all_schemas))
        .routes(routes!(one_schema))
        .routes(routes!(search))
        .routes(routes!(many))
}

type Done = Result<Answer, Refused>;

/// Read what this service can do.
#[utoipa::path(
    get, path = "/{org}/ServiceProviderConfig", operation_id = "scim_config", tag = "scim",
    security(("token" = ["scim"])),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn config(directory: Directory) -> Done {
    Ok(Answer::of(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {
            "supported": true,
            "maxOperations": bulk::MOST,
            "maxPayloadSize": BODY_LIMIT,
        },
        "filter": {"supported": true, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "SCIM token",
            "description": "A SCIM token of the organization, as Authorization: Bearer TOKEN.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", directory.base()),
        },
    })))
}

/// List the types of resources.
#[utoipa::path(
    get, path = "/{org}/ResourceTypes", operation_id = "scim_types", tag = "scim",
    security(("token" = ["scim"])),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn types(directory: Directory) -> Done {
    let all = resource_types(&directory.base(), &directory.shape(ResourceKind::User));
    Ok(Answer::of(listed(all.len(), 0, all)))
}

/// Read a type of resources.
#[utoipa::path(
    get, path = "/{org}/ResourceTypes/{id}", operation_id = "scim_type", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "User or Group.")),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn one_type(directory: Directory, Path((_, id)): Path<(String, String)>) -> Done {
    one(resource_types(&directory.base(), &directory.shape(ResourceKind::User)), &id)
}

/// List the schemas.
#[utoipa::path(
    get, path = "/{org}/Schemas", operation_id = "scim_schemas", tag = "scim",
    security(("token" = ["scim"])),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn all_schemas(directory: Directory) -> Done {
    let all = schemas(&directory.base(), &directory.shape(ResourceKind::User));
    Ok(Answer::of(listed(all.len(), 0, all)))
}

/// Read a schema.
#[utoipa::path(
    get, path = "/{org}/Schemas/{id}", operation_id = "scim_schema", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "Its URN.")),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn one_schema(directory: Directory, Path((_, id)): Path<(String, String)>) -> Done {
    one(schemas(&directory.base(), &directory.shape(ResourceKind::User)), &id)
}

/// Find users and groups.
#[utoipa::path(
    post, path = "/{org}/.search", operation_id = "scim_search", tag = "scim",
    security(("token" = ["scim"])),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn search(directory: Directory, Json(body): Json) -> Done {
    let query = Parameters::of_search(&body).query()?;
    Ok(Answer::of(directory.search(&ResourceKind::ALL, &query).await?))
}

/// Carry out many requests.
#[utoipa::path(
    post, path = "/{org}/Bulk", operation_id = "scim_bulk", tag = "scim",
    security(("token" = ["scim"])),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn many(directory: Directory, Json(body): Json) -> Done {
    directory.bulk(&body).await
}

fn one(all: Vec<Value>, id: &str) -> Done {
    let found = all.into_iter().find(|one| one["id"] == id);
    Ok(Answer::of(found.ok_or_else(ScimError::not_found)?))
}
