//! The operations of a PATCH as they are sent (RFC 7644 3.5.2): `Add` as `add`, the body's names in either
//! case, `"value"` of any kind.

use super::attribute_path::member;
use super::error::{ScimError, ScimType};
use super::token::shown;
use serde_json::Value;

/// The most operations of one PATCH.
const MOST: usize = 1_000;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Replace,
    Remove,
}

/// One operation.
pub(super) struct Operation<'b> {
    pub(super) verb: Verb,
    pub(super) path: Option<&'b str>,
    pub(super) value: Option<&'b Value>,
}

/// Reads the operations of a PATCH.
///
/// # Errors
/// `invalidSyntax`.
pub(super) fn read(body: &Value) -> Result<Vec<Operation<'_>>, ScimError> {
    let Some(Value::Array(operations)) = member(body, "Operations") else {
        return Err(invalid("A PATCH has a list of Operations."));
    };
    if operations.is_empty() || operations.len() > MOST {
        return Err(invalid(format!("A PATCH has 1 to {MOST} operations.")));
    }
    operations.iter().map(operation).collect()
}

fn operation(operation: &Value) -> Result<Operation<'_>, ScimError> {
    let verb = match member(operation, "op") {
        Some(Value::String(op)) => match op.to_ascii_lowercase().as_str() {
            "add" => Verb::Add,
            "replace" => Verb::Replace,
            "remove" => Verb::Remove,
            _ => return Err(invalid(format!("There is no operation {}.", shown(op)))),
        },
        _ => return Err(invalid("An operation has an op: add, replace or remove.")),
    };
    let path = match member(operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.trim().is_empty() => None,
        Some(Value::String(path)) => Some(path.as_str()),
        Some(_) => return Err(super::patch_path::invalid("A path is a text.")),
    };
    let value = member(operation, "value").filter(|value| !value.is_null());
    if verb == Verb::Remove && path.is_none() {
        return Err(ScimError::bad(ScimType::NoTarget, "What is removed needs a path."));
    }
    if verb == Verb::Add && value.is_none() {
        return Err(ScimError::bad(ScimType::InvalidValue, "What is added needs a value."));
    }
    Ok(Operation { verb, path, value })
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::bad(ScimType::InvalidSyntax, detail)
}
