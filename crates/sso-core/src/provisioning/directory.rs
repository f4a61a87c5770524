//! What a directory says of an account (SPEC 11.1), and what it said that no field of a profile holds.

use super::{ProfileField, ProfileValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a directory says of an account: everything that it has to say, so that a field without a value is
/// empty. A role is not among it (SPEC 9).
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryAccount {
    /// The fields that a directory speaks of; with `None`, or a blank text, empty.
    pub fields: BTreeMap<ProfileField, Option<ProfileValue>>,
    /// Whether the person can sign in; `None` says nothing.
    pub active: Option<bool>,
    /// What no field holds.
    pub document: DirectoryDocument,
    /// Where the `uid` comes from.
    pub uid: UidSaid,
}

/// Whether a directory names the `uid` itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UidSaid {
    /// It is what the directory says.
    Stated,
    /// It was not spoken of: one that equals the e-mail address follows it (SPEC 10, 11.1).
    Unspoken,
}

/// What a directory said of an account that no field of its profile holds: a JSON object, kept as text,
/// since it is read for the directory alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DirectoryDocument(String);

impl DirectoryDocument {
    /// The most bytes that are kept.
    pub const LONGEST: usize = 64 * 1024;

    /// Keeps an object.
    pub fn new(object: Map<String, Value>) -> Self {
        match object.is_empty() {
            true => Self::default(),
            false => Self(Value::Object(object).to_string()),
        }
    }

    /// The document that a store kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As a store keeps it; `None` where there is nothing.
    pub fn stored(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }

    /// The object.
    pub fn into_map(self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// Adds a member to the object.
    pub fn set(&mut self, name: &str, value: Value) {
        let mut object = std::mem::take(self).into_map();
        object.insert(name.to_owned(), value);
        *self = Self::new(object);
    }
}
