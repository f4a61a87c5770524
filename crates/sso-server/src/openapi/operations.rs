//! What holds for many operations: names, groups, authorization, the refusals that every endpoint of
//! a kind has, and the headers of every answer.

use super::nullable;
use super::refusals::{self, Form};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Where the Admin API begins.
const API: &str = "/api/v1";

/// The headers that are described once.
pub(super) fn headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "The number by which the service's log names this request.",
            "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        },
        "Location": {
            "description": "Where the new thing is, as a path of this service.",
            "schema": {"type": "string", "pattern": "^/api/v1/"},
        },
        "X-Sso-Org": {"description": "The organization's name.", "schema": {"type": "string"}},
        "X-Sso-Account": {"description": "The account.", "schema": {"type": "string"}},
        "X-Sso-Email": {"description": "Its e-mail address, percent-encoded.", "schema": {"type": "string"}},
        "X-Sso-Name": {"description": "What it is called, percent-encoded.", "schema": {"type": "string"}},
        "X-Sso-Groups": {"description": "Its groups, each percent-encoded, with commas.", "schema": {"type": "string"}},
        "X-Sso-Token": {"description": "A JWT that says the same, signed.", "schema": {"type": "string"}},
        "Target": {"description": "Where to.", "schema": {"type": "string"}},
        "Set-Cookie": {
            "description": "The cookie of the session, or the one that binds a login to the browser.",
            "schema": {"type": "string"},
        },
        "Content-Disposition": {
            "description": "The name of the file.",
            "schema": {"type": "string"},
        },
    })
}

/// The parameters that are described once.
pub(super) fn shared_parameters() -> Value {
    json!({
        "org": {
            "name": "org",
            "in": "path",
            "required": true,
            "description": "The organization, by its name or one of its domains.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 253},
        },
    })
}

/// Completes every operation.
pub(super) fn complete(document: &mut Value) {
    if let Some(paths) = document["paths"].as_object_mut() {
        // The rest of a path is a parameter as any other.
        *paths = std::mem::take(paths)
            .into_iter()
            .map(|(path, operations)| (path.replace("{*", "{"), operations))
            .collect();
    }
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, operations) in paths {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            let operation = operation.as_object_mut().expect("an operation");
            name(path, operation);
            parameters(path, operation);
            responses(path, method, operation);
        }
    }
}

/// Names an operation by what it works on and what it does: `users_list`.
fn name(path: &str, operation: &mut Map<String, Value>) {
    let does = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let Some(under) = path.strip_prefix(API) else { return };
    let words: Vec<String> = under
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('{') && *part != does)
        .map(|part| part.replace('-', "_"))
        .collect();
    let (group, id) = match words.as_slice() {
        [only] => (only.clone(), vec![only.clone()]),
        [_orgs, rest @ ..] => (rest.first().cloned().unwrap_or_default(), rest.to_vec()),
        [] => return,
    };
    operation.insert("operationId".to_owned(), format!("{}_{does}", id.join("_")).into());
    operation.insert("tags".to_owned(), json!([group]));
}

/// Adds the parameter `{org}`, which is the same everywhere. No parameter is ever given as null.
fn parameters(path: &str, operation: &mut Map<String, Value>) {
    let mut parameters = match operation.remove("parameters") {
        Some(Value::Array(parameters)) => parameters,
        _ => Vec::new(),
    };
    if path.contains("{org}") {
        parameters.insert(0, json!({"$ref": "#/components/parameters/org"}));
    }
    for parameter in &mut parameters {
        if let Some(schema) = parameter.get_mut("schema") {
            nullable::remove(schema);
        }
    }
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), parameters.into());
    }
}

/// Adds the refusals: those of the endpoint, and those of everything that is like it.
fn responses(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let is_api = path.starts_with(API);
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        for (name, header) in response["headers"].as_object_mut().into_iter().flatten() {
            let shared = if name == "Location" && !is_api { "Target" } else { name };
            *header = json!({"$ref": format!("#/components/headers/{shared}")});
        }
        response["headers"]["X-Request-Id"] = json!({"$ref": "#/components/headers/X-Request-Id"});
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = done(status, method).into();
        }
    }
    let mut codes = own_refusals(operation);
    if is_api {
        codes.extend(common_refusals(path, operation));
    }
    let form = match operation["tags"][0].as_str() {
        Some("pages" | "sign-in") => Form::Page,
        _ => Form::Problem,
    };
    if operation["tags"][0] == "scim" {
        operation["responses"]["4XX"] = json!({
            "description": "A SCIM error (RFC 7644 3.12).",
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
            "content": {"application/scim+json": {"schema": {"type": "object"}}},
        });
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.extend(refusals::responses(&codes, form));
        responses.insert("408".to_owned(), json!({"$ref": "#/components/responses/timeout"}));
    }
}

fn own_refusals(operation: &mut Map<String, Value>) -> BTreeSet<String> {
    let own = operation.remove("x-refusals").unwrap_or_default();
    let names = own.as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// The refusals of everything in the Admin API that takes such parameters and such a body.
fn common_refusals(path: &str, operation: &Map<String, Value>) -> impl Iterator<Item = String> {
    let mut codes = vec!["unauthorized", "internal", "unavailable"];
    codes.extend(match operation["security"][0]["token"][0].as_str() {
        Some("operator") => &["operator_only"][..],
        Some("org_admin") => &["foreign_org", "org_admin_only"],
        Some("user_admin") => &["foreign_org"],
        _ => panic!("{path} does not say which right it takes"),
    });
    if path.contains('{') {
        codes.push("not_found");
    }
    let mut parameters =
        operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    if parameters.any(|parameter| parameter["in"] == "query") {
        codes.push("malformed_query");
    }
    if let Some(body) = operation.get("requestBody") {
        codes.extend(["malformed_body", "body_too_large"]);
        if body["content"].get("application/json").is_some() {
            codes.extend(["unsupported_media_type", "invalid_field"]);
        }
    }
    codes.into_iter().map(str::to_owned)
}

fn done(status: &str, method: &str) -> &'static str {
    match (status, method) {
        ("201", _) => "It was made.",
        ("204", _) => "It is gone.",
        (_, "get") => "What was asked for.",
        _ => "It was done; this is how it is now.",
    }
}
