//! `/scim/v2/{org}/Users`: users, as directories write them (RFC 7644 3).

use super::access::Directory;
use super::answer::{Answer, Refused};
use super::request::{Json, Parameters, Versions};
use crate::app::App;
use crate::http::path::Path;
use sso_core::scim::ResourceKind;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(users_query, users_create))
        .routes(routes!(users_search))
        .routes(routes!(user_read, user_replace, user_patch, user_remove))
}

type Done = Result<Answer, Refused>;
type Named = Path<(String, String)>;

/// List users, or find some.
#[utoipa::path(
    get, path = "/{org}/Users", operation_id = "scim_users_query", tag = "scim",
    security(("token" = ["scim"])),
    params(
        ("filter" = Option<String>, Query, description = "Which ones (RFC 7644 3.4.2.2)."),
        ("sortBy" = Option<String>, Query, description = "By which attribute they are sorted."),
        ("sortOrder" = Option<String>, Query, description = "ascending or descending."),
        ("startIndex" = Option<i64>, Query, description = "The first that is answered, from 1."),
        ("count" = Option<i64>, Query, description = "The most that are answered; 500 at most."),
        ("attributes" = Option<String>, Query, description = "Only these, with commas."),
        ("excludedAttributes" = Option<String>, Query, description = "All but these."),
    ),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn users_query(directory: Directory, parameters: Parameters) -> Done {
    let query = parameters.query()?;
    Ok(Answer::of(directory.search(&[ResourceKind::User], &query).await?))
}

/// Make a user.
#[utoipa::path(
    post, path = "/{org}/Users", operation_id = "scim_users_create", tag = "scim",
    security(("token" = ["scim"])),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 201, content_type = "application/scim+json", body = Value)),
)]
async fn users_create(directory: Directory, parameters: Parameters, Json(body): Json) -> Done {
    directory.create(ResourceKind::User, &body, &parameters.selection()?).await
}

/// Find users, with the query in the body.
#[utoipa::path(
    post, path = "/{org}/Users/.search", operation_id = "scim_users_search", tag = "scim",
    security(("token" = ["scim"])),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn users_search(directory: Directory, Json(body): Json) -> Done {
    let query = Parameters::of_search(&body).query()?;
    Ok(Answer::of(directory.search(&[ResourceKind::User], &query).await?))
}

/// Read a user.
#[utoipa::path(
    get, path = "/{org}/Users/{id}", operation_id = "scim_user_read", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The user.")),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn user_read(
    directory: Directory,
    Path((_, id)): Named,
    versions: Versions,
    parameters: Parameters,
) -> Done {
    let selection = parameters.selection()?;
    directory.read(ResourceKind::User, &id, &versions, &selection).await
}

/// Replace a user.
#[utoipa::path(
    put, path = "/{org}/Users/{id}", operation_id = "scim_user_replace", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The user.")),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn user_replace(
    directory: Directory,
    Path((_, id)): Named,
    versions: Versions,
    parameters: Parameters,
    Json(body): Json,
) -> Done {
    let selection = parameters.selection()?;
    directory.replace(ResourceKind::User, &id, &body, &versions, &selection).await
}

/// Change a user.
#[utoipa::path(
    patch, path = "/{org}/Users/{id}", operation_id = "scim_user_patch", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The user.")),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn user_patch(
    directory: Directory,
    Path((_, id)): Named,
    versions: Versions,
    parameters: Parameters,
    Json(body): Json,
) -> Done {
    let selection = parameters.selection()?;
    directory.patch(ResourceKind::User, &id, &body, &versions, &selection).await
}

/// Remove a user.
#[utoipa::path(
    delete, path = "/{org}/Users/{id}", operation_id = "scim_user_remove", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The user.")),
    responses((status = 204)),
)]
async fn user_remove(directory: Directory, Path((_, id)): Named, versions: Versions) -> Done {
    directory.remove(ResourceKind::User, &id, &versions).await
}
