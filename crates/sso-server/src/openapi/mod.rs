//! The description of the HTTP surface in OpenAPI 3.1 (SPEC 6), made of the declarations that the
//! router is made of, so that no route goes undescribed and no description is of a route that is gone.
//!
//! An endpoint says what is its own:
//!
//! ```text
//! /// Change an organization.                      (the summary)
//! #[utoipa::path(
//!     patch, path = "/orgs/{org}", request_body = Org,
//!     security(("token" = ["org_admin"])),         the right: operator, org_admin or user_admin
//!     responses((status = 200, body = Org)),       success alone
//!     extensions(("x-refusals" = json!([ApiCode::DomainTaken]))),   the codes that are its own
//! )]
//! ```
//!
//! What holds for many is added here, once: `{org}`, the refusals of every endpoint that takes such
//! parameters, such a body and such a right, the headers of every answer. `body` is the type as it is
//! read; what of it an answer has, and a change needs, is derived (`schemas`).

mod nullable;
mod operations;
mod refusals;
mod schemas;

use crate::http::problem;
use crate::routes;
use serde_json::{Value, json};
use std::sync::LazyLock;
use utoipa::PartialSchema as _;

/// The description as JSON text that ends with a line break: what `GET /api/openapi.json` answers,
/// `sso-server openapi` prints and `docs/openapi.json` holds.
pub fn json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));
    &JSON
}

/// The description.
///
/// # Panics
/// An endpoint declares what there is not, for example a code that is in no list. A test makes the
/// description, so that no such build is released.
fn document() -> Value {
    let mut document = serde_json::to_value(routes::declared()).expect("a declaration is JSON");
    document["info"] = json!({
        "title": "Single sign-on bridge",
        "version": env!("CARGO_PKG_VERSION"),
        "description": INTRODUCTION,
    });
    document["components"]["securitySchemes"] = json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": TOKEN,
        },
    });
    document["components"]["headers"] = operations::headers();
    document["components"]["parameters"] = operations::shared_parameters();
    document["components"]["responses"] = refusals::shared();
    document["components"]["responses"]["timeout"] = json!({
        "description": "It took longer than 30 seconds.",
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
    });
    document["components"]["schemas"]["Problem"] =
        serde_json::to_value(problem::Shape::schema()).expect("a schema is JSON");

    operations::complete(&mut document);
    refusals::keep_used(&mut document);
    schemas::complete(&mut document);
    document
}

const TOKEN: &str = "\
The operator's token (`SSO_ADMIN_TOKEN`, or the file `admin-token` of the data folder), or an API token of the \
organization. A role stands at each operation: `operator` takes the operator's token; `org_admin` takes that \
or a token of the organization with this role; `user_admin` takes any of these, or a token with this role; `scim` takes a SCIM token of the organization alone.";

const INTRODUCTION: &str = "\
Everything an administrator does goes through the Admin API under `/api/v1`. Times are RFC 3339 in UTC. \
A refusal is `application/problem+json` with a `code` of a closed list. A list is \
`{\"items\": […], \"next\": cursor or null}`: give `next` back as `cursor` for the part after it. In a \
body, a top-level field that is `null` has its default; `PATCH` replaces each field that it names \
whole; a field that is not described is refused. Each answer has a number, `X-Request-Id`, by which the \
service's log names it.";
