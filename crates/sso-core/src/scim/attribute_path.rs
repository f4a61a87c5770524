//! How attributes are named (RFC 7644 3.10): `userName`, `name.givenName`,
//! `urn:…:User:employeeNumber`, without regard to case.

use super::schema::{self, Attribute, ENTERPRISE};
use super::shape::{Shape, split_own_urn};
use serde_json::Value;

/// The name of an attribute, or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    /// The URN of the extension that it is of.
    pub extension: Option<String>,
    /// The attribute; `None` is the extension itself.
    pub attribute: Option<String>,
    /// The part of a complex attribute.
    pub part: Option<String>,
}

impl AttributePath {
    /// Reads a name. A schema before it is one that resources here have.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let (extension, name) = split_schema(text)?;
        if name.is_empty() && extension.is_some() {
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
    pub(super) fn resolve<'s>(&self, shape: &'s Shape<'_>) -> Option<&'s Attribute<'s>> {
        let attribute = shape.attribute(self.extension.as_deref(), self.attribute.as_deref()?)?;
        match &self.part {
            Some(part) => attribute.part(part),
            None => Some(attribute),
        }
    }

    /// The part that it names of one value of an attribute.
    pub(super) fn resolve_in(
        &self,
        attribute: &Attribute<'_>,
    ) -> Option<&'static Attribute<'static>> {
        match (&self.attribute, &self.part, &self.extension) {
            (Some(part), None, None) => attribute.part(part),
            _ => None,
        }
    }

    /// Every value that it names on a resource, or on one value of an attribute.
    pub(super) fn values<'v>(&self, on: &'v Value) -> Vec<&'v Value> {
        let on = match &self.extension {
            Some(urn) => member(on, urn),
            None => Some(on),
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

/// Takes the schema off a name, and gives that of an extension.
fn split_schema(text: &str) -> Result<(Option<String>, &str), &'static str> {
    const UNKNOWN: &str = "Resources here do not have this schema.";
    if !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
        return Ok((None, text));
    }
    let begins = |urn: &str| {
        let start = text.get(..urn.len()).filter(|start| start.eq_ignore_ascii_case(urn));
        start.and_then(|_| text.get(urn.len()..))
    };
    let (extension, rest) = match (begins(ENTERPRISE), split_own_urn(text)) {
        (Some(rest), _) => (Some(ENTERPRISE.to_owned()), rest),
        (None, Some((urn, rest))) => (Some(urn), rest),
        (None, None) => {
            (None, begins(schema::USER).or_else(|| begins(schema::GROUP)).ok_or(UNKNOWN)?)
        }
    };
    match rest.strip_prefix(':') {
        Some(name) => Ok((extension, name)),
        None if rest.is_empty() && extension.is_some() => Ok((extension, "")),
        None => Err(UNKNOWN),
    }
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
