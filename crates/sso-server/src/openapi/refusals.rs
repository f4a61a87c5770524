//! Refusals by their codes: which responses an endpoint has besides success.

use crate::http::api_code::ApiCode;
use serde_json::{Map, Value, json};
use sso_core::error::Code;
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

/// As what an endpoint answers that it does not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A problem, for a program.
    Problem,
    /// A page that shows the code, for a person.
    Page,
}

/// The responses of these codes, by status.
///
/// # Panics
/// A name is no code of the Admin API.
pub(super) fn responses(names: &BTreeSet<String>, form: Form) -> Map<String, Value> {
    let reader = Code::ALL.iter().copied().map(ApiCode::Document);
    let all: Vec<ApiCode> = ApiCode::all().into_iter().chain(reader).collect();
    let mut by_status: BTreeMap<u16, Vec<ApiCode>> = BTreeMap::new();
    for name in names {
        let code = all.iter().find(|code| code.as_str() == name);
        let code = code.unwrap_or_else(|| panic!("{name} is no code of the Admin API"));
        by_status.entry(code.status()).or_default().push(*code);
    }
    let response = |(status, codes): (u16, Vec<ApiCode>)| {
        let response = match codes.as_slice() {
            several if form == Form::Page => page(several),
            [only] => json!({"$ref": format!("{SHARED}{}", only.as_str())}),
            several => response(status, several),
        };
        (status.to_string(), response)
    };
    by_status.into_iter().map(response).collect()
}

fn page(codes: &[ApiCode]) -> Value {
    json!({
        "description": described(codes),
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
        "content": {"text/html; charset=utf-8": {"schema": {"type": "string"}}},
    })
}

fn described(codes: &[ApiCode]) -> String {
    let lines = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title()));
    lines.collect::<Vec<_>>().join("\n\n")
}

fn response(status: u16, codes: &[ApiCode]) -> Value {
    let mut response = json!({
        "description": described(codes),
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
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
