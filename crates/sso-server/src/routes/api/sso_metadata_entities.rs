//! `/api/v1/orgs/{org}/sso/metadata/entities`: the entities of an aggregate, to choose one from (SPEC 2;
//! docs/adr/0017). Nothing of it is kept, and nothing verified: what is chosen is imported, and is verified
//! then.

use super::sso_metadata::of_aggregates;
use crate::http::access::{Gate, OrgAdmin};
use crate::http::api_code::ApiCode;
use crate::http::body::{self, FORM_LIMIT};
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use crate::http::query::{self, Query};
use crate::metadata::{self, Unread};
use axum::Json;
use axum::extract::Request;
use serde::{Deserialize, Serialize};
use sso_core::metadata::{IndexedEntity, Role};
use sso_core::store::Listed;
use url::Url;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Gate> {
    OpenApiRouter::default().routes(routes!(search))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// What the entity ID or the name has somewhere, in whatever case.
    q: Option<String>,
    /// A role that it has.
    #[param(inline)]
    role: Option<Role>,
    /// The most items of the answer.
    #[param(minimum = 1, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Where an aggregate is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Aggregate {
    /// Its address, https.
    #[schema(max_length = 2048)]
    url: Url,
}

/// An entity of an aggregate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AggregateEntity)]
struct Entity {
    /// Its name, by which it is imported.
    entity_id: String,
    /// What it shows to people at sign-in, else the name of its organization; in English where it has several.
    #[schema(required)]
    display_name: Option<String>,
    /// Its roles, in its order.
    roles: Vec<Role>,
}

/// Search the entities of an aggregate.
///
/// The aggregate is read as it comes, and again for each page; it changes nothing.
#[utoipa::path(
    post, path = "/orgs/{org}/sso/metadata/entities", security(("token" = ["org_admin"])),
    params(SearchQuery),
    request_body(
        content(
            (String = "application/samlmetadata+xml"),
            (String = "application/xml"),
            (String = "text/xml"),
            (Aggregate = "application/json"),
        ),
    ),
    responses((status = 200, body = Listed<Entity>)),
    extensions(("x-refusals" = json!(refusals()))),
)]
async fn search(
    OrgAdmin(admin): OrgAdmin,
    Query(query): Query<SearchQuery>,
    request: Request,
) -> Result<Json<Listed<Entity>>, Problem> {
    let SearchQuery { q, role, limit, cursor } = query;
    let page = query::page(limit, cursor)?;
    let after = page.after::<usize>()?;
    let entities = match body::media_type(request.headers()).as_deref() {
        Some("application/samlmetadata+xml" | "application/xml" | "text/xml") => {
            match metadata::receive_entities(request.into_body()).await {
                Ok(entities) => entities,
                Err(Unread::Refused(problem)) => return Err(problem),
                Err(Unread::Body(error)) => return Err(error.into()),
            }
        }
        Some("application/json") => {
            let content = body::read(request.into_body(), FORM_LIMIT).await?;
            let Aggregate { url } = JsonObject::parse(&content)?.read()?;
            metadata::fetch_entities(&admin.app, &url).await?
        }
        _ => {
            return Err(Problem::new(
                ApiCode::UnsupportedMediaType,
                "Post the document as application/samlmetadata+xml, application/xml or text/xml, or its \
                 address as application/json.",
            ));
        }
    };
    let q = q.map(|text| text.to_lowercase());
    let found = entities.into_iter().enumerate().filter(|(place, entity)| {
        after.is_none_or(|after| *place > after)
            && role.is_none_or(|role| entity.roles.contains(&role))
            && q.as_deref().is_none_or(|text| has(entity, text))
    });
    let Listed { items, next } =
        page.listed(found.take(page.fetch()).collect(), |(place, _)| *place);
    let items = items.into_iter().map(|(_, entity)| Entity::from(entity)).collect();
    Ok(Json(Listed { items, next }))
}

/// Whether a text, in lower case, stands in what an entity is called.
fn has(entity: &IndexedEntity, text: &str) -> bool {
    let mut names = [Some(&entity.entity_id), entity.display_name.as_ref()].into_iter().flatten();
    names.any(|name| name.to_lowercase().contains(text))
}

fn refusals() -> Vec<ApiCode> {
    let given = [ApiCode::MalformedQuery, ApiCode::UnsupportedMediaType];
    of_aggregates().into_iter().chain(given).collect()
}

impl From<IndexedEntity> for Entity {
    fn from(indexed: IndexedEntity) -> Self {
        let IndexedEntity { entity_id, display_name, roles, .. } = indexed;
        Self { entity_id, display_name, roles }
    }
}
