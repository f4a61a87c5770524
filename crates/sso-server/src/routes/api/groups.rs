//! `/api/v1/orgs/{org}/groups`: groups of accounts (SPEC 6).

use super::location;
use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::{Query, page};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sso_core::flow::GroupWriter;
use sso_core::ids::{AccountId, GroupId};
use sso_core::provisioning::{Group, GroupEdit, GroupKind, MemberChange};
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{GroupFilter, GroupStore as _, Listed};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(read, change, remove))
}

/// A group as it is shown, and as a body says that it should be.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Group)]
struct GroupShape {
    /// Its identifier.
    #[schema(read_only)]
    id: GroupId,
    /// What the identity provider and the directory call it.
    #[schema(required, min_length = 1, max_length = 256)]
    sso_id: Option<String>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 256)]
    name: String,
    /// What it is for.
    #[serde(rename = "type")]
    #[schema(required = false, default = "normal")]
    kind: GroupKind,
    /// The groups that it is a part of; the top-level group where none are named.
    #[schema(required = false, max_items = 100)]
    parents: Vec<GroupId>,
    /// Who belongs to it. Those of the top-level group are the Organization Administrators.
    #[schema(required = false)]
    members: Vec<AccountId>,
}

/// Which groups are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GroupsQuery {
    /// The whole name, without regard to case.
    name: Option<String>,
    /// The whole of it.
    sso_id: Option<String>,
    /// The most items of the answer; more than 200 count as 200.
    #[param(minimum = 1, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What a body can be refused for besides a value that a field cannot take.
const REFUSALS: [ApiCode; 4] = [
    ApiCode::ChangedMeanwhile,
    ApiCode::GroupSsoIdTaken,
    ApiCode::ManagedExternally,
    ApiCode::Setting(SettingCode::ReadOnly),
];

type OfGroup = Path<(String, GroupId)>;

/// List groups, by their identifiers.
#[utoipa::path(
    get, path = "/orgs/{org}/groups", security(("token" = ["org_admin"])),
    params(GroupsQuery),
    responses((status = 200, body = Listed<GroupShape>)),
)]
async fn list(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<GroupsQuery>,
) -> Result<Json<Listed<GroupShape>>, Problem> {
    let page = page(query.limit, query.cursor)?;
    let filter = GroupFilter { name: query.name, sso_id: query.sso_id };
    let found = admin.app.store().groups(&admin.org.name, &filter, &page).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for group in found.items {
        items.push(shape(&admin, group).await?);
    }
    Ok(Json(Listed { items, next: found.next }))
}

/// Make a group.
#[utoipa::path(
    post, path = "/orgs/{org}/groups", security(("token" = ["org_admin"])),
    request_body(content = GroupShape, example = json!({"name": "Staff", "sso_id": "staff"})),
    responses((status = 201, body = GroupShape, headers(("Location")))),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn create(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<GroupShape>), Problem> {
    let edit = edit(body, None)?;
    let made = admin.app.bridge.create_group(&admin.org, &edit, by(&admin)).await?.now;
    let at = location(&format!("orgs/{}/groups/{}", made.org, made.id));
    Ok((StatusCode::CREATED, at, Json(shape(&admin, made).await?)))
}

/// Read a group.
#[utoipa::path(
    get, path = "/orgs/{org}/groups/{id}", security(("token" = ["org_admin"])),
    params(("id" = GroupId, Path, description = "The group.")),
    responses((status = 200, body = GroupShape)),
)]
async fn read(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): OfGroup,
) -> Result<Json<GroupShape>, Problem> {
    let group = stored(&admin, id).await?;
    Ok(Json(shape(&admin, group).await?))
}

/// Edit a group. What was read of it can be sent back with a change.
#[utoipa::path(
    patch, path = "/orgs/{org}/groups/{id}", security(("token" = ["org_admin"])),
    params(("id" = GroupId, Path, description = "The group.")),
    request_body(content = GroupShape, example = json!({"members": []})),
    responses((status = 200, body = GroupShape)),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn change(
    OrgAdmin(admin): OrgAdmin,
    Path((_, id)): OfGroup,
    body: JsonObject,
) -> Result<Json<GroupShape>, Problem> {
    let stored = stored(&admin, id).await?;
    let shown = serde_json::to_value(shape(&admin, stored.clone()).await?);
    let edit = edit(body, Some(shown.map_err(|error| Problem::internal(&error))?))?;
    let edited = admin.app.bridge.edit_group(&admin.org, &stored, &edit, by(&admin)).await?;
    Ok(Json(shape(&admin, edited.now).await?))
}

/// Remove a group that has neither members nor groups below it.
#[utoipa::path(
    delete, path = "/orgs/{org}/groups/{id}", security(("token" = ["org_admin"])),
    params(("id" = GroupId, Path, description = "The group.")),
    responses((status = 204)),
    extensions(("x-refusals" = json!([ApiCode::ChangedMeanwhile, ApiCode::GroupNotEmpty, ApiCode::GroupTopLevel, ApiCode::ManagedExternally]))),
)]
async fn remove(OrgAdmin(admin): OrgAdmin, Path((_, id)): OfGroup) -> Result<StatusCode, Problem> {
    let stored = stored(&admin, id).await?;
    admin.app.bridge.delete_group(&admin.org, &stored, by(&admin)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn by(admin: &Access) -> GroupWriter<'_> {
    GroupWriter::Administrator(admin.principal.name())
}

async fn stored(admin: &Access, id: GroupId) -> Result<Group, Problem> {
    let group = admin.app.store().group(&admin.org.name, id).await?;
    group.ok_or_else(|| Problem::not_found("group"))
}

async fn shape(admin: &Access, group: Group) -> Result<GroupShape, Problem> {
    let members = admin.app.store().members(&group.org, group.id).await?;
    let Group { id, sso_id, name, kind, parents, .. } = group;
    Ok(GroupShape { id, sso_id, name, kind, parents, members })
}

/// What a body says of a group, beyond what is shown of it. A field that is null has its default.
fn edit(body: JsonObject, shown: Option<Value>) -> Result<GroupEdit, Problem> {
    let mut edit = GroupEdit::default();
    for (name, value) in body.0 {
        if shown.as_ref().is_some_and(|shown| shown[name.as_str()] == value) {
            continue;
        }
        match name.as_str() {
            "name" => edit.name = Some(read_as(&name, value)?),
            "sso_id" => edit.sso_id = Some(read_as(&name, value)?),
            "type" => edit.kind = Some(read_as::<Option<_>>(&name, value)?.unwrap_or_default()),
            "parents" if value.is_null() && shown.is_none() => {}
            "parents" => {
                edit.parents = Some(read_as::<Option<_>>(&name, value)?.unwrap_or_default());
            }
            "members" => {
                let members = read_as::<Option<_>>(&name, value)?.unwrap_or_default();
                edit.members = MemberChange::Replace(members);
            }
            "id" => {
                let problem = "It is given when the group is made.";
                return Err(InvalidSetting::new(SettingCode::ReadOnly, "id", problem).into());
            }
            _ => return Err(invalid(name, "A group has no such field.")),
        }
    }
    Ok(edit)
}

fn read_as<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, Problem> {
    serde_json::from_value(value)
        .map_err(|_| invalid(name.to_owned(), "It has another type, or names what there is not."))
}

fn invalid(field: String, problem: &'static str) -> Problem {
    Problem::field(ApiCode::Setting(SettingCode::Invalid), field, problem)
}
