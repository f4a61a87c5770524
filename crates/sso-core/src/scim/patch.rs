//! PATCH of a user (RFC 7644 3.5.2), as the RFC has it and as Entra ID and Okta send it: without a path,
//! with dotted names or whole paths for names, to values that are not there yet, with lists of what is to
//! be removed.

use super::body::{clean, insert, is_empty, is_written, one};
use super::error::{ScimError, ScimType};
use super::operations::{self, Operation, Verb};
use super::patch_path::{PatchPath, implied, invalid};
use super::schema::Attribute;
use super::shape::Shape;
use serde_json::{Map, Value};

/// Attributes of RFC 7643 that are not kept here: what is said of them is passed over, since identity
/// providers send them to everybody. A role comes from an administrator alone.
const NOT_KEPT: [&str; 3] = ["password", "roles", "x509Certificates"];

/// Carries the operations of a PATCH out on a resource, in their order.
///
/// # Errors
/// `invalidSyntax`, `invalidPath`, `invalidFilter`, `invalidValue`, `noTarget`, `mutability`. The resource
/// is then to be thrown away.
pub fn apply(
    resource: &mut Map<String, Value>,
    body: &Value,
    shape: &Shape<'_>,
) -> Result<(), ScimError> {
    for Operation { verb, path, value } in operations::read(body)? {
        match (path, value) {
            (Some(path), value) => at_path(resource, shape, verb, path, value)?,
            (None, Some(Value::Object(values))) => whole(resource, shape, verb, values)?,
            (None, _) => {
                let detail = "Without a path the value is an object.";
                return Err(ScimError::bad(ScimType::InvalidValue, detail));
            }
        }
    }
    Ok(())
}

/// Without a path each name of the value is one: Entra ID writes `name.givenName` and
/// `emails[type eq "work"].value` there. What this service does not keep is passed over.
fn whole(
    resource: &mut Map<String, Value>,
    shape: &Shape<'_>,
    verb: Verb,
    values: &Map<String, Value>,
) -> Result<(), ScimError> {
    for (name, value) in values {
        let Ok(path) = PatchPath::read(name) else { continue };
        match path.name.attribute {
            None => at(resource, shape, verb, &path, Some(value))?,
            Some(_) => match path.attribute(shape) {
                Ok(attribute) if is_written(attribute) => {
                    at(resource, shape, verb, &path, Some(value))?;
                }
                _ => {}
            },
        }
    }
    Ok(())
}

fn at_path(
    resource: &mut Map<String, Value>,
    shape: &Shape<'_>,
    verb: Verb,
    path: &str,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    if NOT_KEPT.iter().any(|name| path.trim().eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let path = PatchPath::read(path)?;
    if path.name.attribute.is_some() && !is_written(path.attribute(shape)?) {
        return Err(ScimError::bad(ScimType::Mutability, "The attribute is read-only."));
    }
    at(resource, shape, verb, &path, value)
}

fn at(
    resource: &mut Map<String, Value>,
    shape: &Shape<'_>,
    verb: Verb,
    path: &PatchPath,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let Some(urn) = &path.name.extension else {
        return change(resource, path.attribute(shape)?, verb, path, value);
    };
    let Some((urn, _)) = shape.extension(urn) else {
        return Err(invalid("Resources here do not have this schema."));
    };
    if path.name.attribute.is_none() {
        return extension(resource, shape, urn, verb, value);
    }
    let mut inner = match resource.remove(urn) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    change(&mut inner, path.attribute(shape)?, verb, path, value)?;
    insert(resource, urn, Some(Value::Object(inner)).filter(|value| !is_empty(value)));
    Ok(())
}

/// The extension as a whole: its attributes, each by itself.
fn extension(
    resource: &mut Map<String, Value>,
    shape: &Shape<'_>,
    urn: &str,
    verb: Verb,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    match (verb, value) {
        (Verb::Remove, _) | (Verb::Replace, None) => {
            resource.remove(urn);
            Ok(())
        }
        (_, Some(Value::Object(values))) => {
            let named = values.iter().map(|(name, value)| (format!("{urn}:{name}"), value.clone()));
            whole(resource, shape, verb, &named.collect())
        }
        _ => Err(ScimError::bad(ScimType::InvalidValue, "An extension is an object.")),
    }
}

fn change(
    holder: &mut Map<String, Value>,
    attribute: &Attribute<'_>,
    verb: Verb,
    path: &PatchPath,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let value = value.filter(|value| !is_empty(value));
    let done = match (&path.filter, &path.name.part) {
        (Some(filter), part) => {
            let select = |value: &Value| filter.matches_value(attribute, value);
            let fresh = || implied(filter, attribute);
            values(holder, attribute, verb, part.as_deref(), value, &select, &fresh)
        }
        (None, Some(part)) if attribute.multi_valued => {
            let fresh = || Some(Map::new());
            values(holder, attribute, verb, Some(part), value, &|_| Ok(true), &fresh)
        }
        (None, Some(part)) => one_part(holder, attribute, verb, part, value),
        (None, None) => whole_attribute(holder, attribute, verb, value),
    };
    done?;
    if attribute.required && holder.get(attribute.name).is_none_or(is_empty) {
        let detail = format!("{} is required.", attribute.name);
        return Err(ScimError::bad(ScimType::Mutability, detail));
    }
    Ok(())
}

fn whole_attribute(
    holder: &mut Map<String, Value>,
    attribute: &Attribute<'_>,
    verb: Verb,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let name = attribute.name;
    let Some(value) = value.filter(|_| verb != Verb::Remove || attribute.multi_valued) else {
        holder.remove(name);
        return Ok(());
    };
    let Some(given) = clean(attribute, value)? else {
        if verb == Verb::Replace {
            holder.remove(name);
        }
        return Ok(());
    };
    match (verb, given) {
        (Verb::Remove, Value::Array(gone)) => {
            let left = list(holder, name)
                .into_iter()
                .filter(|value| !gone.iter().any(|gone| is_part_of(gone, value)));
            let left: Vec<Value> = left.collect();
            put(holder, name, Value::Array(left));
        }
        (Verb::Add, Value::Array(new)) => {
            let mut all = list(holder, name);
            if new.iter().any(is_primary) {
                all.iter_mut().for_each(no_more_primary);
            }
            for value in new {
                if !all.contains(&value) {
                    all.push(value);
                }
            }
            put(holder, name, Value::Array(all));
        }
        // Of a complex attribute what is not named stays (RFC 7644 3.5.2.1, 3.5.2.3).
        (_, Value::Object(parts)) => {
            let mut whole = object(holder, name);
            whole.extend(parts);
            put(holder, name, Value::Object(whole));
        }
        (_, given) => put(holder, name, given),
    }
    Ok(())
}

fn one_part(
    holder: &mut Map<String, Value>,
    attribute: &Attribute<'_>,
    verb: Verb,
    part: &str,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let part = attribute.part(part).ok_or_else(|| invalid("There is no such part."))?;
    let mut whole = object(holder, attribute.name);
    whole.remove(part.name);
    if let Some(value) = value.filter(|_| verb != Verb::Remove) {
        insert(&mut whole, part.name, clean(part, value)?);
    }
    put(holder, attribute.name, Value::Object(whole));
    Ok(())
}

/// Changes those values of an attribute that are selected; where none is, `fresh` says from what a new one
/// is made.
fn values(
    holder: &mut Map<String, Value>,
    attribute: &Attribute<'_>,
    verb: Verb,
    part: Option<&str>,
    value: Option<&Value>,
    select: &dyn Fn(&Value) -> Result<bool, ScimError>,
    fresh: &dyn Fn() -> Option<Map<String, Value>>,
) -> Result<(), ScimError> {
    let part = part
        .map(|part| attribute.part(part).ok_or_else(|| invalid("There is no such part.")))
        .transpose()?;
    let given = match (part, value) {
        _ if verb == Verb::Remove => None,
        (_, None) => None,
        (Some(part), Some(value)) => {
            clean(part, value)?.map(|value| Map::from_iter([(part.name.to_owned(), value)]))
        }
        (None, Some(value)) => match one(attribute, value)? {
            Value::Object(parts) => Some(parts),
            _ => None,
        },
    };
    let mut found = false;
    let mut all = Vec::new();
    for mut value in list(holder, attribute.name) {
        if !select(&value)? {
            all.push(value);
            continue;
        }
        found = true;
        match (&given, part) {
            (Some(given), _) => {
                if let Value::Object(parts) = &mut value {
                    parts.extend(given.clone());
                }
                all.push(value);
            }
            (None, Some(part)) => {
                if let Value::Object(parts) = &mut value {
                    parts.remove(part.name);
                    // What an address is for is nothing without the address.
                    if parts.keys().any(|name| !matches!(name.as_str(), "type" | "primary")) {
                        all.push(value);
                    }
                }
            }
            (None, None) => {}
        }
    }
    if let Some(given) = given.filter(|_| !found) {
        let mut parts = fresh().ok_or_else(|| {
            ScimError::bad(ScimType::NoTarget, "No value of the attribute fulfils the filter.")
        })?;
        parts.extend(given);
        all.push(one(attribute, &Value::Object(parts))?);
    }
    put(holder, attribute.name, Value::Array(all));
    Ok(())
}

fn list(holder: &Map<String, Value>, name: &str) -> Vec<Value> {
    match holder.get(name) {
        Some(Value::Array(values)) => values.clone(),
        _ => Vec::new(),
    }
}

fn object(holder: &Map<String, Value>, name: &str) -> Map<String, Value> {
    match holder.get(name) {
        Some(Value::Object(parts)) => parts.clone(),
        _ => Map::new(),
    }
}

fn put(holder: &mut Map<String, Value>, name: &str, value: Value) {
    holder.remove(name);
    insert(holder, name, Some(value).filter(|value| !is_empty(value)));
}

/// Whether a value that is to be removed says nothing that the stored one does not.
fn is_part_of(gone: &Value, stored: &Value) -> bool {
    match (gone, stored) {
        (Value::Object(gone), Value::Object(stored)) => {
            gone.iter().all(|(name, value)| stored.get(name) == Some(value))
        }
        (gone, stored) => gone == stored,
    }
}

fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

fn no_more_primary(value: &mut Value) {
    if let Value::Object(parts) = value {
        parts.remove("primary");
    }
}

#[cfg(test)]
mod tests;
