//! `/scim/v2/{org}/Groups`: groups, as directories write them (RFC 7644 3).

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
        .routes(routes!(groups_query, groups_create))
        .routes(routes!(groups_search))
        .routes(routes!(group_read, group_replace, group_patch, group_remove))
}

type Done = Result<Answer, Refused>;
type Named = Path<(String, String)>;

/// List groups, or find some.
#[utoipa::path(
    get, path = "/{org}/Groups", operation_id = "scim_groups_query", tag = "scim",
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
async fn groups_query(directory: Directory, parameters: Parameters) -> Done {
    let query = parameters.query()?;
    Ok(Answer::of(directory.search(&[ResourceKind::Group], &query).await?))
}

/// Make a group.
#[utoipa::path(
    post, path = "/{org}/Groups", operation_id = "scim_groups_create", tag = "scim",
    security(("token" = ["scim"])),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 201, content_type = "application/scim+json", body = Value)),
)]
async fn groups_create(directory: Directory, parameters: Parameters, Json(body): Json) -> Done {
    directory.create(ResourceKind::Group, &body, &parameters.selection()?).await
}

/// Find groups, with the query in the body.
#[utoipa::path(
    post, path = "/{org}/Groups/.search", operation_id = "scim_groups_search", tag = "scim",
    security(("token" = ["scim"])),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn groups_search(directory: Directory, Json(body): Json) -> Done {
    let query = Parameters::of_search(&body).query()?;
    Ok(Answer::of(directory.search(&[ResourceKind::Group], &query).await?))
}

/// Read a group.
#[utoipa::path(
    get, path = "/{org}/Groups/{id}", operation_id = "scim_group_read", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The group.")),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn group_read(
    directory: Directory,
    Path((_, id)): Named,
    versions: Versions,
    parameters: Parameters,
) -> Done {
    let selection = parameters.selection()?;
    directory.read(ResourceKind::Group, &id, &versions, &selection).await
}

/// Replace a group.
#[utoipa::path(
    put, path = "/{org}/Groups/{id}", operation_id = "scim_group_replace", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The group.")),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn group_replace(
    directory: Directory,
    Path((_, id)): Named,
    versions: Versions,
    parameters: Parameters,
    Json(body): Json,
) -> Done {
    let selection = parameters.selection()?;
    directory.replace(ResourceKind::Group, &id, &body, &versions, &selection).await
}

/// Change a group.
#[utoipa::path(
    patch, path = "/{org}/Groups/{id}", operation_id = "scim_group_patch", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The group.")),
    request_body(content = Value, content_type = "application/scim+json"),
    responses((status = 200, content_type = "application/scim+json", body = Value)),
)]
async fn group_patch(
    directory: Directory,
    Path((_, id)): Named,
    versions: Versions,
    parameters: Parameters,
    Json(body): Json,
) -> Done {
    let selection = parameters.selection()?;
    directory.patch(ResourceKind::Group, &id, &body, &versions, &selection).await
}

/// Remove a group.
#[utoipa::path(
    delete, path = "/{org}/Groups/{id}", operation_id = "scim_group_remove", tag = "scim",
    security(("token" = ["scim"])),
    params(("id" = String, Path, description = "The group.")),
    responses((status = 204)),
)]
async fn group_remove(directory: Directory, Path((_, id)): Named, versions: Versions) -> Done {
    directory.remove(ResourceKind::Group, &id, &versions).await
}
