//! Refusals by their codes: which responses an endpoint has besides success.

use crate::http::api_code::ApiCode;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SHARED: &str = "#/components/responses/";

/// The responses that have one code, by that code; many endpoints have them.
pub(super) fn shared() -> Value {
    let all = ApiCode::all();
    all.iter().map(|code| (code.as_str(), response(code.status(), &[*code]))).collect()
}

/// Takes off the shared responses that no endpoint has.
pub(super) fn keep_used(document: &mut Value) {
    let paths = document["paths"].to_string();
    if let Some(shared) = document["components"]["responses"].as_object_mut() {
        shared.retain(|name, _| paths.contains(&format!("\"{SHARED}{name}\"")));
    }
}

/// The responses of these codes, by status.
///
/// # Panics
/// A name is no code of the Admin API.
pub(super) fn responses(names: &BTreeSet<String>) -> Map<String, Value> {
    let all = ApiCode::all();
    let mut by_status: BTreeMap<u16, Vec<ApiCode>> = BTreeMap::new();
    for name in names {
        let code = all.iter().find(|code| code.as_str() == name);
        let code = code.unwrap_or_else(|| panic!("{name} is no code of the Admin API"));
        by_status.entry(code.status()).or_default().push(*code);
    }
    let response = |(status, codes): (u16, Vec<ApiCode>)| {
        let response = match codes.as_slice() {
            [only] => json!({"$ref": format!("{SHARED}{}", only.as_str())}),
            several => response(status, several),
        };
        (status.to_string(), response)
    };
    by_status.into_iter().map(response).collect()
}

fn response(status: u16, codes: &[ApiCode]) -> Value {
    let lines = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title()));
    let mut response = json!({
        "description": lines.collect::<Vec<_>>().join("\n\n"),
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {"application/problem+json": {"schema": {
            "$ref": "#/components/schemas/Problem",
            "properties": {
                "status": {"const": status},
                "code": {"enum": codes.iter().map(|code| code.as_str()).collect::<Vec<_>>()},
            },
        }}},
    });
    if codes.contains(&ApiCode::Unauthorized) {
        response["headers"]["WWW-Authenticate"] = json!({
            "description": "How to ask again.",
            "schema": {"const": "Bearer"},
        });
    }
    response
}
