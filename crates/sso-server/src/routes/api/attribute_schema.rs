//! `/api/v1/orgs/{org}/attribute-schema`: the attributes that the organization adds to the profile of its
//! people (SPEC 11.4), as a whole and one by one.

use crate::http::access::{Access, Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::path::Path;
use crate::http::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use serde_json::Value;
use sso_core::profile::{AttributeSchema, OwnAttribute, OwnField};
use sso_core::setting::{InvalidSetting, SettingCode};
use sso_core::store::{AttributeSchemaStore as _, Category, StoreError};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often a change is tried again that somebody else's came before.
const ATTEMPTS: usize = 5;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(read, replace)).routes(routes!(define, remove))
}

/// What a change can be refused for besides a value that a field cannot take.
const REFUSALS: [ApiCode; 2] = [ApiCode::AttributeTaken, ApiCode::ChangedMeanwhile];

/// Read the attribute schema.
#[utoipa::path(
    get, path = "/orgs/{org}/attribute-schema", operation_id = "attribute_schema",
    security(("token" = ["org_admin"])),
    responses((status = 200, body = AttributeSchema)),
)]
async fn read(OrgAdmin(admin): OrgAdmin) -> Json<AttributeSchema> {
    Json(admin.org.attribute_schema)
}

/// Replace the attribute schema. The values of an attribute that is gone go with it; what else is stored
/// stays, and is held to the rules where it is next written.
#[utoipa::path(
    put, path = "/orgs/{org}/attribute-schema", operation_id = "attribute_schema_replace",
    security(("token" = ["org_admin"])),
    request_body(
        content = AttributeSchema,
        example = json!({"attributes": [
            {"name": "cost_center", "pattern": "[0-9]{4}", "required": true},
            {"name": "badge", "type": "integer", "unique": true},
        ]}),
    ),
    responses((status = 200, body = AttributeSchema)),
    extensions(("x-refusals" = json!(REFUSALS))),
)]
async fn replace(
    OrgAdmin(admin): OrgAdmin,
    body: JsonObject,
) -> Result<Json<AttributeSchema>, Problem> {
    let given: AttributeSchema = body.read()?;
    change(admin, |_| Ok(given.clone())).await.map(Json)
}

/// Define an attribute, or change one.
#[utoipa::path(
    put, path = "/orgs/{org}/attribute-schema/{name}", operation_id = "attribute_define",
    security(("token" = ["org_admin"])),
    params(("name" = String, Path, description = "The attribute.")),
    request_body(
        content = OwnAttribute, example = json!({"type": "list", "length": 40}),
    ),
    responses((status = 200, body = OwnAttribute)),
    extensions(("x-refusals" = json!([
        ApiCode::AttributeTaken,
        ApiCode::ChangedMeanwhile,
        ApiCode::Setting(SettingCode::ReadOnly),
    ]))),
)]
async fn define(
    OrgAdmin(admin): OrgAdmin,
    Path((_, name)): Path<(String, String)>,
    mut body: JsonObject,
) -> Result<Json<OwnAttribute>, Problem> {
    match body.0.get("name") {
        None | Some(Value::Null) => {}
        Some(Value::String(given)) if *given == name => {}
        Some(_) => {
            let problem = "It is the name in the path, and stays.";
            return Err(InvalidSetting::new(SettingCode::ReadOnly, "name", problem).into());
        }
    }
    body.0.insert("name".to_owned(), name.into());
    let given: OwnAttribute = body.read()?;
    change(admin, |schema| {
        let mut schema = schema.clone();
        match schema.attributes.iter_mut().find(|one| one.name == given.name) {
            Some(before) => before.clone_from(&given),
            None => schema.attributes.push(given.clone()),
        }
        Ok(schema)
    })
    .await?;
    Ok(Json(given))
}

/// Remove an attribute, with the values that accounts have of it.
#[utoipa::path(
    delete, path = "/orgs/{org}/attribute-schema/{name}", operation_id = "attribute_remove",
    security(("token" = ["org_admin"])),
    params(("name" = String, Path, description = "The attribute.")),
    responses((status = 204)),
    extensions(("x-refusals" = json!([ApiCode::ChangedMeanwhile]))),
)]
async fn remove(
    OrgAdmin(admin): OrgAdmin,
    Path((_, name)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    change(admin, |schema| {
        let name: Option<OwnField> = name.parse().ok();
        let mut schema = schema.clone();
        let count = schema.attributes.len();
        schema.attributes.retain(|one| Some(one.name) != name);
        match schema.attributes.len() == count {
            true => Err(Problem::not_found("attribute")),
            false => Ok(schema),
        }
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the schema, decided on the one that is stored.
async fn change(
    mut admin: Access,
    decide: impl Fn(&AttributeSchema) -> Result<AttributeSchema, Problem>,
) -> Result<AttributeSchema, Problem> {
    for _ in 0..ATTEMPTS {
        let before = &admin.org.attribute_schema;
        let schema = decide(before)?.checked(before)?;
        let details = details(before, &schema);
        let audit = admin.audit(Category::Configuration, "attribute_schema_changed", details);
        let (org, revision) = (&admin.org.name, admin.org.revision);
        let store = admin.app.store();
        match store.put_attribute_schema(org, revision, schema.clone(), audit).await {
            Err(StoreError::Conflict("org_changed")) => admin.read_org_again().await?,
            Err(StoreError::AttributeTaken(field)) => {
                let longest = AttributeSchema::LONGEST_UNIQUE;
                return Err(Problem::field(
                    ApiCode::AttributeTaken,
                    format!("attributes.{field}.unique"),
                    format!(
                        "Two accounts share a value, or one is longer than {longest} characters."
                    ),
                ));
            }
            other => return other.map(|()| schema).map_err(Problem::from),
        }
    }
    Err(Problem::new(ApiCode::ChangedMeanwhile, "The organization keeps changing. Try again."))
}

/// What the audit trail says: which attributes came, changed and went.
fn details(before: &AttributeSchema, after: &AttributeSchema) -> String {
    let mut told = Vec::new();
    for attribute in &after.attributes {
        match before.get(attribute.name) {
            None => told.push(format!("added {}", attribute.name)),
            Some(before) if before != attribute => told.push(format!("changed {}", attribute.name)),
            Some(_) => {}
        }
    }
    let removed = before.removed_in(after);
    told.extend(removed.iter().map(|name| format!("removed {name} with its values")));
    told.join(", ")
}
