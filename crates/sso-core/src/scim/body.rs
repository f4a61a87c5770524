//! Resources as clients send them, read by the tables of the schema into the one form that is kept: names
//! as in the table, `"False"` as `false`, one value of a list as a list of one. What stands in no table is
//! left out, as are what is null, empty or read-only (RFC 7643 2.5, 7644 3.3, 3.5.1).

use super::error::{ScimError, ScimType};
use super::schema::{self, Attribute, Kind};
use super::shape::Shape;
use serde_json::{Map, Value};

/// The most characters of a text.
const LONGEST_TEXT: usize = 4_096;
/// The most values of an attribute of a user.
const MOST_VALUES: usize = 100;

/// Reads a resource.
///
/// # Errors
/// `invalidSyntax` where it is no object, `invalidValue` where an attribute has a value of another kind.
pub fn read(shape: &Shape<'_>, body: &Value) -> Result<Map<String, Value>, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::bad(ScimType::InvalidSyntax, "The body must be a JSON object."));
    };
    let mut resource = Map::new();
    for (name, value) in body {
        if let Some((urn, attributes)) = shape.extension(name) {
            // That the organization's own was spoken of counts, though there be nothing in it.
            let is_own = shape.own().is_some_and(|own| own.urn == urn);
            let value = match value {
                Value::Null => Value::Object(Map::new()),
                value => parts(attributes, urn, value)?,
            };
            insert(&mut resource, urn, Some(value).filter(|value| is_own || !is_empty(value)));
        } else if let Some(attribute) = shape.attribute(None, name).filter(|a| is_written(a)) {
            insert(&mut resource, attribute.name, clean(attribute, value)?);
        }
    }
    Ok(resource)
}

/// Whether clients write an attribute.
pub(super) fn is_written(attribute: &Attribute<'_>) -> bool {
    !attribute.read_only && !matches!(attribute.name, "schemas" | "meta")
}

/// Reads the value of an attribute; `None` where it has none.
pub(super) fn clean(attribute: &Attribute<'_>, value: &Value) -> Result<Option<Value>, ScimError> {
    if value.is_null() {
        return Ok(None);
    }
    let cleaned = match attribute.multi_valued {
        false => one(attribute, value)?,
        true => {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                single => std::slice::from_ref(single),
            };
            if values.len() > MOST_VALUES && attribute.name != "members" {
                return Err(invalid(attribute, "has too many values"));
            }
            let mut list = Vec::with_capacity(values.len());
            for value in values {
                let value = one(attribute, value)?;
                if !is_empty(&value) {
                    list.push(value);
                }
            }
            Value::Array(list)
        }
    };
    Ok(Some(cleaned).filter(|value| !is_empty(value)))
}

/// Reads one value: of a complex attribute its parts, or, given alone, its `value`.
pub(super) fn one(attribute: &Attribute<'_>, value: &Value) -> Result<Value, ScimError> {
    match (attribute.kind, value) {
        (Kind::Complex, Value::Object(_)) => parts(attribute.parts, attribute.name, value),
        (Kind::Complex, Value::String(_)) => match attribute.part("value") {
            Some(part) => {
                let value = one(part, value)?;
                Ok(Value::Object(Map::from_iter([(part.name.to_owned(), value)])))
            }
            None => Err(invalid(attribute, "is no text")),
        },
        (Kind::Boolean, Value::Bool(_)) => Ok(value.clone()),
        (Kind::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(invalid(attribute, "is true or false")),
        },
        (Kind::Boolean, _) => Err(invalid(attribute, "is true or false")),
        (Kind::Integer, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
        (Kind::Integer, Value::String(text)) => match text.trim().parse::<i64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => Err(invalid(attribute, "is a whole number")),
        },
        (Kind::Integer, _) => Err(invalid(attribute, "is a whole number")),
        (Kind::Text | Kind::Reference | Kind::DateTime, Value::String(text)) => {
            let is_control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
            if text.chars().any(is_control) {
                return Err(invalid(attribute, "has control characters"));
            }
            if text.chars().count() > LONGEST_TEXT {
                return Err(invalid(attribute, "is too long"));
            }
            Ok(value.clone())
        }
        (Kind::Text, Value::Number(number)) => Ok(Value::String(number.to_string())),
        _ => Err(invalid(attribute, "has a value of another type")),
    }
}

fn parts(table: &[Attribute<'_>], of: &str, value: &Value) -> Result<Value, ScimError> {
    let Value::Object(given) = value else {
        let detail = format!("{of} has a value of another type.");
        return Err(ScimError::bad(ScimType::InvalidValue, detail));
    };
    let mut parts = Map::new();
    for (name, value) in given {
        let Some(part) = schema::find(table, name) else { continue };
        // Which address is the primary one is a hint of the client's.
        if is_written(part) || part.name == "primary" {
            insert(&mut parts, part.name, clean(part, value)?);
        }
    }
    Ok(Value::Object(parts))
}

pub(super) fn insert(into: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        into.insert(name.to_owned(), value);
    }
}

/// Whether a value is none (RFC 7643 2.5).
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn invalid(attribute: &Attribute<'_>, problem: &str) -> ScimError {
    ScimError::bad(ScimType::InvalidValue, format!("{} {problem}.", attribute.name))
}
