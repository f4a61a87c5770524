//! Queries (RFC 7644 3.4.2): which resources, in which order, from where on; and what of a filter an index
//! can answer.

use super::attribute_path::{AttributePath, member};
use super::error::{ScimError, ScimType};
use super::filter::{Filter, Operator};
use super::select::Selection;
use super::shape::Shape;
use crate::provisioning::OwnValue;
use serde_json::Value;
use std::cmp::Ordering;

/// The most resources of one answer.
pub const MOST_RESULTS: usize = 500;
/// How many are answered where nobody says.
const RESULTS: usize = 100;

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Which resources.
    pub filter: Option<Filter>,
    /// By which attribute they are sorted.
    pub sort: Option<Sort>,
    /// How many stand before the first that is answered.
    pub skip: usize,
    /// The most that are answered.
    pub most: usize,
    /// What of each is answered.
    pub selection: Selection,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The attribute.
    pub by: AttributePath,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A value that an index finds the few resources by that can fulfil a filter. Of several addresses of a
/// person it knows that of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// The identifier.
    Id(String),
    /// The `userName`.
    UserName(String),
    /// The `externalId`.
    ExternalId(String),
    /// The e-mail address.
    Email(String),
    /// The `displayName`.
    DisplayName(String),
    /// A unique value of an organization's own attribute.
    Own(OwnValue),
}

impl Query {
    /// Reads the parameters of a query, by their names; those of the body of a `.search` likewise.
    ///
    /// # Errors
    /// `invalidFilter`, `invalidPath`, `invalidValue`.
    pub fn read<'t>(value: impl Fn(&str) -> Option<&'t str>) -> Result<Self, ScimError> {
        let number = |name: &str| {
            let read = |text: &str| {
                text.trim().parse::<i64>().map_err(|_| {
                    let detail = format!("{name} is a whole number.");
                    ScimError::bad(ScimType::InvalidValue, detail)
                })
            };
            value(name).map(read).transpose()
        };
        let filter = value("filter").filter(|filter| !filter.trim().is_empty());
        let descending = match value("sortOrder").map(str::to_ascii_lowercase).as_deref() {
            None | Some("ascending") => false,
            Some("descending") => true,
            Some(_) => {
                let detail = "sortOrder is ascending or descending.";
                return Err(ScimError::bad(ScimType::InvalidValue, detail));
            }
        };
        let sort = value("sortBy").map(|by| {
            let by = AttributePath::read(by)
                .map_err(|detail| ScimError::bad(ScimType::InvalidPath, detail))?;
            Ok(Sort { by, descending })
        });
        let names = |name: &str| value(name).unwrap_or_default().split(',');
        Ok(Self {
            filter: filter.map(Filter::read).transpose()?,
            sort: sort.transpose()?,
            skip: usize::try_from(number("startIndex")?.unwrap_or(1) - 1).unwrap_or(0),
            most: match number("count")? {
                None => RESULTS,
                Some(count) => usize::try_from(count).unwrap_or(0).min(MOST_RESULTS),
            },
            selection: Selection::read(names("attributes"), names("excludedAttributes"))?,
        })
    }

    /// By what an index finds all resources that can fulfil the filter.
    pub fn lookup(&self, shape: &Shape<'_>) -> Option<Lookup> {
        self.filter.as_ref().and_then(|filter| lookup(filter, shape))
    }

    /// Whether a resource is asked for.
    ///
    /// # Errors
    /// `invalidFilter`, where the filter compares what cannot be compared so.
    pub fn matches(&self, shape: &Shape<'_>, resource: &Value) -> Result<bool, ScimError> {
        self.filter.as_ref().map_or(Ok(true), |filter| filter.matches(shape, resource))
    }

    /// Sorts resources, those without a value last in either order (RFC 7644 3.4.2.3), and takes the part
    /// that is asked for: how many there are of all, and the part.
    pub fn part(&self, shape: &Shape<'_>, mut found: Vec<Value>) -> (usize, Vec<Value>) {
        if let Some(Sort { by, descending }) = &self.sort {
            let exact = by.resolve(shape).is_some_and(|attribute| attribute.case_exact);
            found.sort_by_cached_key(|resource| SortKey::of(resource, by, exact, *descending));
        }
        let all = found.len();
        (all, found.into_iter().skip(self.skip).take(self.most).collect())
    }
}

#[derive(PartialEq, Eq)]
struct SortKey {
    text: Option<String>,
    descending: bool,
}

impl SortKey {
    fn of(resource: &Value, by: &AttributePath, exact: bool, descending: bool) -> Self {
        let mut values = by.values(resource);
        // Of several values the primary one counts, else the first.
        let is_primary = |value: &&Value| member(value, "primary") == Some(&Value::Bool(true));
        let chosen = values.iter().position(is_primary).unwrap_or(0);
        let chosen = (chosen < values.len()).then(|| values.swap_remove(chosen));
        let simple = match chosen {
            Some(object @ Value::Object(_)) => member(object, "value"),
            other => other,
        };
        let text = match simple {
            Some(Value::String(text)) if exact => Some(text.clone()),
            Some(Value::String(text)) => Some(text.to_lowercase()),
            Some(Value::Bool(flag)) => Some(flag.to_string()),
            // In the order of the numbers, the least first.
            Some(Value::Number(number)) => number
                .as_i64()
                .map(|number| format!("{:020}", i128::from(number) - i128::from(i64::MIN))),
            _ => None,
        };
        Self { text, descending }
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.text, &other.text) {
            (Some(one), Some(other)) if self.descending => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn lookup(filter: &Filter, shape: &Shape<'_>) -> Option<Lookup> {
    match filter {
        Filter::And(all) => all.iter().find_map(|filter| lookup(filter, shape)),
        Filter::Compare(path, Operator::Eq, wanted) if path.extension.is_some() => {
            own_lookup(path, wanted, shape)
        }
        Filter::Compare(path, Operator::Eq, Value::String(text)) => {
            let name = path.attribute.as_deref()?.to_ascii_lowercase();
            let part = path.part.as_deref().map(str::to_ascii_lowercase);
            let text = text.clone();
            match (name.as_str(), part.as_deref()) {
                ("id", None) => Some(Lookup::Id(text)),
                ("username", None) => Some(Lookup::UserName(text)),
                ("externalid", None) => Some(Lookup::ExternalId(text)),
                ("displayname", None) => Some(Lookup::DisplayName(text)),
                ("emails", None | Some("value")) => Some(Lookup::Email(text)),
                _ => None,
            }
        }
        Filter::Values(path, inner) if is(path, "emails") => {
            let Filter::And(all) = inner.as_ref() else { return None };
            let of = |name: &str| {
                all.iter().find_map(|condition| match condition {
                    Filter::Compare(path, Operator::Eq, Value::String(text)) => {
                        is(path, name).then_some(text)
                    }
                    _ => None,
                })
            };
            of("value").cloned().map(Lookup::Email)
        }
        _ => None,
    }
}

/// A value that is unique by the organization's schema is found by its index.
fn own_lookup(path: &AttributePath, wanted: &Value, shape: &Shape<'_>) -> Option<Lookup> {
    let attribute = path.resolve(shape).filter(|attribute| attribute.unique)?;
    let field = attribute.name.parse().ok()?;
    let value = match wanted {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(Lookup::Own(OwnValue { field, value }))
}

fn is(path: &AttributePath, name: &str) -> bool {
    let named = path.attribute.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(name));
    named && path.part.is_none() && path.extension.is_none()
}
