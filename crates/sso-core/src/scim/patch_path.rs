//! The paths of PATCH operations (RFC 7644 3.5.2): an attribute, the values of one that fulfil a filter,
//! a part of either.

use super::attribute_path::AttributePath;
use super::error::{ScimError, ScimType};
use super::filter::{Filter, Operator};
use super::schema::Attribute;
use super::shape::Shape;
use serde_json::{Map, Value};

/// Where an operation applies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PatchPath {
    /// The attribute, and the part of it.
    pub(super) name: AttributePath,
    /// Which of its values.
    pub(super) filter: Option<Filter>,
}

impl PatchPath {
    /// Reads a path: `emails[type eq "work"].value` and the like.
    pub(super) fn read(text: &str) -> Result<Self, ScimError> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('[') else {
            return Ok(Self { name: attribute(text)?, filter: None });
        };
        let Some((filter, part)) = rest.rsplit_once(']') else {
            return Err(invalid("A bracket is not closed."));
        };
        let filter = Filter::read(filter).map_err(|error| invalid(error.detail))?;
        let mut name = attribute(name)?;
        match part.strip_prefix('.') {
            _ if name.part.is_some() => return Err(invalid("A part has no values of its own.")),
            Some(part) => {
                let part = attribute(part)?;
                if part.part.is_some() || part.extension.is_some() {
                    return Err(invalid("A part has no parts."));
                }
                name.part = part.attribute;
            }
            None if part.is_empty() => {}
            None => return Err(invalid("After a bracket stands a dot and a part.")),
        }
        Ok(Self { name, filter: Some(filter) })
    }

    /// The attribute of the table that it leads to.
    ///
    /// # Errors
    /// `invalidPath` where there is none, nor any part of it.
    pub(super) fn attribute<'s>(
        &self,
        shape: &'s Shape<'_>,
    ) -> Result<&'s Attribute<'s>, ScimError> {
        let name = self.name.attribute.as_deref().unwrap_or_default();
        let found = shape.attribute(self.name.extension.as_deref(), name);
        let found = found.ok_or_else(|| invalid("There is no such attribute."))?;
        if let Some(part) = &self.name.part
            && found.part(part).is_none()
        {
            return Err(invalid("There is no such part of the attribute."));
        }
        if self.filter.is_some() && !found.multi_valued {
            return Err(invalid("The attribute has one value."));
        }
        Ok(found)
    }
}

fn attribute(text: &str) -> Result<AttributePath, ScimError> {
    AttributePath::read(text).map_err(invalid)
}

/// What a value must have to fulfil a filter that only says what is equal: by it Entra ID means a value
/// that is not there yet. `None` for any other filter.
pub(super) fn implied(filter: &Filter, attribute: &Attribute<'_>) -> Option<Map<String, Value>> {
    let mut parts = Map::new();
    let conditions = match filter {
        Filter::And(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    for condition in conditions {
        let Filter::Compare(path, Operator::Eq, value) = condition else { return None };
        let part = attribute.part(path.attribute.as_deref()?)?;
        if path.part.is_some() || path.extension.is_some() || value.is_null() {
            return None;
        }
        parts.insert(part.name.to_owned(), value.clone());
    }
    Some(parts)
}

pub(super) fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::bad(ScimType::InvalidPath, detail)
}
