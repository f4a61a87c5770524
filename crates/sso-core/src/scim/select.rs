//! Which attributes an answer has (RFC 7644 3.9): those that were asked for, or all but those that were
//! not wanted. `id` and `schemas` are in every answer.

use super::attribute_path::AttributePath;
use super::error::{ScimError, ScimType};
use serde_json::{Map, Value};

/// Which attributes are answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    #[default]
    All,
    /// These.
    Only(Vec<AttributePath>),
    /// All but these.
    Without(Vec<AttributePath>),
}

impl Selection {
    /// Reads `attributes` and `excludedAttributes`, of which one is given at most. A name that resources
    /// here do not have selects nothing.
    ///
    /// # Errors
    /// `invalidValue` where both are given.
    pub fn read<'t>(
        only: impl IntoIterator<Item = &'t str>,
        without: impl IntoIterator<Item = &'t str>,
    ) -> Result<Self, ScimError> {
        fn paths<'t>(names: impl IntoIterator<Item = &'t str>) -> Option<Vec<AttributePath>> {
            let mut names =
                names.into_iter().map(str::trim).filter(|name| !name.is_empty()).peekable();
            names.peek()?;
            Some(names.filter_map(|name| AttributePath::read(name).ok()).collect())
        }
        match (paths(only), paths(without)) {
            (None, None) => Ok(Self::All),
            (Some(only), None) => Ok(Self::Only(only)),
            (None, Some(without)) => Ok(Self::Without(without)),
            (Some(_), Some(_)) => Err(ScimError::bad(
                ScimType::InvalidValue,
                "Either attributes or excludedAttributes is given.",
            )),
        }
    }

    /// Whether an attribute at the top of a resource is in the answer, or some part of it.
    pub fn has(&self, name: &str) -> bool {
        let names = |path: &AttributePath| {
            path.attribute.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(name))
        };
        match self {
            Self::All => true,
            Self::Only(paths) => paths.iter().any(names),
            Self::Without(paths) => !paths.iter().any(|path| names(path) && path.part.is_none()),
        }
    }

    /// What of a resource is answered.
    pub fn of(&self, resource: Value) -> Value {
        let Value::Object(whole) = resource else { return resource };
        match self {
            Self::All => Value::Object(whole),
            Self::Without(paths) => {
                let mut left = whole;
                for path in paths {
                    leave_out(&mut left, path);
                }
                Value::Object(left)
            }
            Self::Only(paths) => {
                let mut picked = Map::new();
                for always in ["schemas", "id"] {
                    if let Some(value) = whole.get(always) {
                        picked.insert(always.to_owned(), value.clone());
                    }
                }
                for path in paths {
                    pick(&whole, &mut picked, path);
                }
                Value::Object(picked)
            }
        }
    }
}

fn key(map: &Map<String, Value>, name: &str) -> Option<String> {
    map.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()
}

fn leave_out(map: &mut Map<String, Value>, path: &AttributePath) {
    if let Some(urn) = &path.extension {
        let Some(name) = &path.attribute else {
            map.remove(urn);
            return;
        };
        if let Some(Value::Object(inner)) = map.get_mut(urn) {
            leave_out_of(inner, name, path.part.as_deref());
        }
        return;
    }
    match path.attribute.as_deref() {
        Some(name) if !["id", "schemas"].iter().any(|kept| kept.eq_ignore_ascii_case(name)) => {
            leave_out_of(map, name, path.part.as_deref());
        }
        _ => {}
    }
}

fn leave_out_of(map: &mut Map<String, Value>, name: &str, part: Option<&str>) {
    let Some(key) = key(map, name) else { return };
    let Some(part) = part else {
        map.remove(&key);
        return;
    };
    let from = |value: &mut Value| {
        if let Value::Object(parts) = value
            && let Some(part) = parts.keys().find(|known| known.eq_ignore_ascii_case(part)).cloned()
        {
            parts.remove(&part);
        }
    };
    match map.get_mut(&key) {
        Some(Value::Array(values)) => values.iter_mut().for_each(from),
        Some(value) => from(value),
        None => {}
    }
}

fn pick(whole: &Map<String, Value>, picked: &mut Map<String, Value>, path: &AttributePath) {
    if let Some(urn) = &path.extension {
        let Some(Value::Object(inner)) = whole.get(urn) else { return };
        let mut of_inner = match picked.remove(urn) {
            Some(Value::Object(of_inner)) => of_inner,
            _ => Map::new(),
        };
        match &path.attribute {
            None => of_inner.clone_from(inner),
            Some(name) => pick_of(inner, &mut of_inner, name, path.part.as_deref()),
        }
        if !of_inner.is_empty() {
            picked.insert(urn.clone(), Value::Object(of_inner));
        }
    } else if let Some(name) = &path.attribute {
        pick_of(whole, picked, name, path.part.as_deref());
    }
}

fn pick_of(
    whole: &Map<String, Value>,
    picked: &mut Map<String, Value>,
    name: &str,
    part: Option<&str>,
) {
    let Some(key) = key(whole, name) else { return };
    let Some(value) = whole.get(&key) else { return };
    let Some(part) = part else {
        picked.insert(key, value.clone());
        return;
    };
    let of = |value: &Value| {
        let parts = value.as_object()?;
        let (name, value) = parts.iter().find(|(known, _)| known.eq_ignore_ascii_case(part))?;
        Some((name.clone(), value.clone()))
    };
    match value {
        Value::Array(values) => {
            let old = match picked.remove(&key) {
                Some(Value::Array(old)) => old,
                _ => Vec::new(),
            };
            let mut old = old.into_iter();
            let values = values.iter().map(|value| {
                let mut parts = match old.next() {
                    Some(Value::Object(parts)) => parts,
                    _ => Map::new(),
                };
                parts.extend(of(value));
                Value::Object(parts)
            });
            let values = values.collect();
            picked.insert(key, Value::Array(values));
        }
        value => {
            if let Some((name, value)) = of(value) {
                let parts = picked.entry(key).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(parts) = parts {
                    parts.insert(name, value);
                }
            }
        }
    }
}
