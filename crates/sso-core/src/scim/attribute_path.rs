//! How attributes are named (RFC 7644 3.10): `userName`, `name.givenName`,
//! `urn:…:User:employeeNumber`, without regard to case.

use super::schema::{Attribute, ENTERPRISE, ResourceKind};
use serde_json::Value;

/// The name of an attribute, or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    /// Whether it is of the extension.
    pub extension: bool,
    /// The attribute; `None` is the extension itself.
    pub attribute: Option<String>,
    /// The part of a complex attribute.
    pub part: Option<String>,
}

impl AttributePath {
    /// Reads a name. A schema before it is one that resources here have.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let (extension, name) = split_schema(text)?;
        if name.is_empty() && extension {
            return Ok(Self { extension, attribute: None, part: None });
        }
        let (attribute, part) = match name.split_once('.') {
            Some((attribute, part)) => (attribute, Some(part)),
            None => (name, None),
        };
        if !is_name(attribute) || !part.is_none_or(is_name) {
            return Err("The name of an attribute is letters, digits, - and _.");
        }
        let owned = |name: &str| name.to_owned();
        Ok(Self { extension, attribute: Some(owned(attribute)), part: part.map(owned) })
    }

    /// The attribute that it names on a resource; of one with parts, the part that is compared.
    pub(super) fn resolve(&self, kind: ResourceKind) -> Option<&'static Attribute> {
        let name = self.attribute.as_deref()?;
        let attribute = match self.extension {
            true => super::schema::find(kind.extension(ENTERPRISE)?, name)?,
            false => kind.attribute(name)?,
        };
        match &self.part {
            Some(part) => attribute.part(part),
            None => Some(attribute),
        }
    }

    /// The part that it names of one value of an attribute.
    pub(super) fn resolve_in(&self, attribute: &'static Attribute) -> Option<&'static Attribute> {
        match (&self.attribute, &self.part, self.extension) {
            (Some(part), None, false) => attribute.part(part),
            _ => None,
        }
    }

    /// Every value that it names on a resource, or on one value of an attribute.
    pub(super) fn values<'v>(&self, on: &'v Value) -> Vec<&'v Value> {
        let on = match self.extension {
            true => member(on, ENTERPRISE),
            false => Some(on),
        };
        let found = match &self.attribute {
            Some(name) => on.and_then(|on| member(on, name)),
            None => on,
        };
        let values = items(found);
        match &self.part {
            None => values,
            Some(part) => values.into_iter().flat_map(|value| items(member(value, part))).collect(),
        }
    }

    /// The same for a comparison: of a complex value its `value`, as in `emails eq "…"`.
    pub(super) fn compared_values<'v>(&self, on: &'v Value) -> Vec<&'v Value> {
        let value = |found: &'v Value| match found {
            Value::Object(_) => member(found, "value"),
            simple => Some(simple),
        };
        self.values(on).into_iter().filter_map(value).collect()
    }
}

fn is_name(text: &str) -> bool {
    let name = text.strip_prefix('$').unwrap_or(text);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Takes the schema off a name, and says whether it is the extension's.
fn split_schema(text: &str) -> Result<(bool, &str), &'static str> {
    if !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
        return Ok((false, text));
    }
    for (urn, extension) in
        [(ENTERPRISE, true), (super::schema::USER, false), (super::schema::GROUP, false)]
    {
        let begins = text.get(..urn.len()).is_some_and(|start| start.eq_ignore_ascii_case(urn));
        let Some(rest) = text.get(urn.len()..).filter(|_| begins) else { continue };
        match rest.strip_prefix(':') {
            Some(name) => return Ok((extension, name)),
            None if rest.is_empty() && extension => return Ok((true, "")),
            None => {}
        }
    }
    Err("Resources here do not have this schema.")
}

/// The member of an object by its name, without regard to case.
pub(super) fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let object = object.as_object()?;
    object.get(name).or_else(|| {
        object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

/// The values of an attribute: each of a list, or the one.
fn items(found: Option<&Value>) -> Vec<&Value> {
    match found {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}
