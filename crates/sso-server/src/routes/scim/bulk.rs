//! Many requests in one (RFC 7644 3.7). Each is carried out by itself, in their order; one that refers to
//! what another makes waits for it.

use super::access::Directory;
use super::answer::{Answer, Refused};
use super::request::Versions;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use sso_core::scim::{ResourceKind, ScimError, ScimType, Selection};
use std::collections::HashMap;

/// The most operations of one request.
pub(super) const MOST: usize = 1_000;

const REFERENCE: &str = "bulkId:";

/// The identifiers of what was made, by the names that the client gave it.
type Made = HashMap<String, String>;

impl Directory {
    /// Carries operations out.
    pub(super) async fn bulk(&self, body: &Value) -> Result<Answer, Refused> {
        let Some(Value::Array(operations)) = body.get("Operations") else {
            let detail = "A bulk has a list of Operations.";
            return Err(ScimError::bad(ScimType::InvalidSyntax, detail).into());
        };
        if operations.len() > MOST {
            let detail = format!("A bulk has at most {MOST} operations.");
            return Err(ScimError::new(413, detail).into());
        }
        let most_errors = body.get("failOnErrors").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let mut errors = 0;
        let mut made = Made::new();
        let mut results: Vec<Option<Value>> = vec![None; operations.len()];
        let mut changed = Vec::new();
        // One more pass for those that waited, as long as something was done.
        loop {
            let before = results.iter().flatten().count();
            for (operation, result) in operations.iter().zip(&mut results) {
                if result.is_some() || errors >= most_errors {
                    continue;
                }
                let Some(resolved) = resolve(operation, &made, operations) else { continue };
                let done = self.operation(&resolved, &mut made).await;
                errors += u64::from(done.is_err());
                *result = Some(told(&resolved, &done));
                changed.extend(match done {
                    Ok(answer) => answer.changed,
                    Err(refused) => vec![refusal(&resolved, &refused)],
                });
            }
            let done = results.iter().flatten().count();
            if done == before || done == results.len() {
                break;
            }
        }
        if errors < most_errors {
            for (operation, result) in operations.iter().zip(&mut results) {
                if result.is_none() {
                    let detail = "It refers to what was not made.";
                    let refused =
                        ScimError { status: 409, ..ScimError::bad(ScimType::InvalidValue, detail) };
                    *result = Some(told(operation, &Err(Refused(refused))));
                }
            }
        }
        let answer = Answer::of(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
            "Operations": results.into_iter().flatten().collect::<Vec<_>>(),
        }));
        Ok(Answer { changed, ..answer })
    }

    async fn operation(&self, operation: &Value, made: &mut Made) -> Result<Answer, Refused> {
        let done = self.carry_out(operation).await;
        if let (Ok(answer), Some(name)) = (&done, operation["bulkId"].as_str())
            && let Some(id) = answer.location.as_deref().and_then(|at| at.rsplit('/').next())
        {
            made.insert(name.to_owned(), id.to_owned());
        }
        done
    }

    async fn carry_out(&self, operation: &Value) -> Result<Answer, Refused> {
        let invalid = |detail: &'static str| ScimError::bad(ScimType::InvalidSyntax, detail);
        let text = |name: &str| operation.get(name).and_then(Value::as_str);
        let method = text("method").unwrap_or_default().to_ascii_uppercase();
        let path = text("path").unwrap_or_default().trim_matches('/');
        let (endpoint, id) = match path.split_once('/') {
            Some((endpoint, id)) => (endpoint, Some(id)),
            None => (path, None),
        };
        let kind = ResourceKind::ALL.into_iter().find(|kind| kind.endpoint() == endpoint);
        let kind = kind.ok_or_else(|| invalid("A path begins with /Users or /Groups."))?;
        let data = operation.get("data").unwrap_or(&Value::Null);
        let versions = Versions::only(text("version"));
        let all = &Selection::All;
        match (method.as_str(), id) {
            ("POST", None) if text("bulkId").is_none() => {
                Err(invalid("What is made has a bulkId.").into())
            }
            ("POST", None) => self.create(kind, data, all).await,
            ("PUT", Some(id)) => self.replace(kind, id, data, &versions, all).await,
            ("PATCH", Some(id)) => self.patch(kind, id, data, &versions, all).await,
            ("DELETE", Some(id)) => self.remove(kind, id, &versions).await,
            _ => Err(invalid("The method does not go with the path.").into()),
        }
    }
}

/// What the log has of an operation that was refused.
fn refusal(operation: &Value, Refused(error): &Refused) -> String {
    let text = |name: &str| operation[name].as_str().unwrap_or_default();
    let asked: String = format!("{} {}", text("method"), text("path")).chars().take(100).collect();
    format!("refused: {asked}: {} {}", error.status, error.detail)
}

/// What is told of one operation.
fn told(operation: &Value, done: &Result<Answer, Refused>) -> Value {
    let mut told = Map::new();
    for name in ["method", "bulkId"] {
        if let Some(value) = operation.get(name) {
            told.insert(name.to_owned(), value.clone());
        }
    }
    let mut put = |name: &str, value: Option<Value>| {
        told.extend(value.map(|value| (name.to_owned(), value)));
    };
    match done {
        Ok(answer) => {
            put("location", answer.location.clone().map(Value::from));
            put("version", answer.version.clone().map(Value::from));
            put("status", Some(answer.status.as_u16().to_string().into()));
        }
        Err(Refused(error)) => {
            put("status", Some(error.status.to_string().into()));
            put("response", Some(error.to_json()));
        }
    }
    if operation["method"].as_str().is_some_and(|method| !method.eq_ignore_ascii_case("POST"))
        && done.as_ref().is_ok_and(|answer| answer.status != StatusCode::CREATED)
    {
        put("path", operation.get("path").cloned());
    }
    Value::Object(told)
}

/// An operation with identifiers in the place of `bulkId:…`; `None` while one of them is still to be made.
/// A name that no operation makes stays as it is, and is refused where it stands.
fn resolve(operation: &Value, made: &Made, all: &[Value]) -> Option<Value> {
    let resolved = |text: &str| -> Option<String> {
        let Some((before, name)) = text.split_once(REFERENCE) else { return Some(text.to_owned()) };
        if let Some(id) = made.get(name) {
            return Some(format!("{before}{id}"));
        }
        let is_to_come = all.iter().any(|operation| operation["bulkId"] == name);
        (!is_to_come).then(|| text.to_owned())
    };
    fn walk(value: &Value, resolved: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
        Some(match value {
            Value::String(text) => Value::String(resolved(text)?),
            Value::Array(items) => {
                let items: Option<Vec<Value>> =
                    items.iter().map(|item| walk(item, resolved)).collect();
                Value::Array(items?)
            }
            Value::Object(parts) => {
                let mut all = Map::new();
                for (name, part) in parts {
                    all.insert(name.clone(), walk(part, resolved)?);
                }
                Value::Object(all)
            }
            other => other.clone(),
        })
    }
    walk(operation, &resolved)
}
