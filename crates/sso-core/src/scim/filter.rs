//! Filters (RFC 7644 3.4.2.2): read by a parser of bounded depth and length, and held against resources.

use super::attribute_path::AttributePath;
use super::error::{ScimError, ScimType};
use super::schema::{Attribute, Kind};
use super::shape::Shape;
use super::token::{Token, Tokens};
use serde_json::Value;
use std::cmp::Ordering;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The most bytes of a filter.
const LONGEST: usize = 8 * 1024;
/// The most levels of parentheses, `not` and brackets in each other.
const DEEPEST: usize = 16;
/// The most comparisons.
const MOST: usize = 256;

/// A condition on a resource, or on one of the values of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them hold.
    And(Vec<Filter>),
    /// One of them holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// The attribute has a value.
    Present(AttributePath),
    /// A value of the attribute compares so.
    Compare(AttributePath, Operator, Value),
    /// One and the same value of the attribute fulfils the condition.
    Values(AttributePath, Box<Filter>),
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

impl Operator {
    fn read(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "co" => Self::Co,
            "sw" => Self::Sw,
            "ew" => Self::Ew,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// `invalidFilter`, where it cannot be read, or is longer or deeper than any client's.
    pub fn read(text: &str) -> Result<Self, ScimError> {
        if text.len() > LONGEST {
            return Err(invalid(format!("A filter has at most {LONGEST} bytes.")));
        }
        let mut parser = Parser { tokens: Tokens::read(text).map_err(invalid)?, comparisons: 0 };
        let filter = parser.any_of(0)?;
        match parser.tokens.next() {
            None => Ok(filter),
            Some(token) => Err(invalid(format!("{token} stands after the end."))),
        }
    }

    /// Whether a resource fulfils it.
    ///
    /// # Errors
    /// `invalidFilter`, where it compares what cannot be compared so.
    pub fn matches(&self, shape: &Shape<'_>, resource: &Value) -> Result<bool, ScimError> {
        self.holds(&|path| path.resolve(shape), resource)
    }

    /// Whether one value of a multi-valued attribute fulfils it.
    ///
    /// # Errors
    /// As [`Filter::matches`].
    pub fn matches_value(
        &self,
        attribute: &Attribute<'_>,
        value: &Value,
    ) -> Result<bool, ScimError> {
        self.holds(&|path| path.resolve_in(attribute), value)
    }

    /// Whether it speaks of an attribute at the top of the resource.
    pub fn names(&self, attribute: &str) -> bool {
        let is = |path: &AttributePath| {
            path.attribute.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(attribute))
        };
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(|filter| filter.names(attribute)),
            Self::Not(filter) => filter.names(attribute),
            Self::Present(path) | Self::Compare(path, ..) | Self::Values(path, _) => is(path),
        }
    }

    fn holds(&self, resolve: &Resolve<'_, '_>, on: &Value) -> Result<bool, ScimError> {
        match self {
            Self::And(all) => {
                for filter in all {
                    if !filter.holds(resolve, on)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(any) => {
                for filter in any {
                    if filter.holds(resolve, on)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(filter) => filter.holds(resolve, on).map(|holds| !holds),
            Self::Present(path) => Ok(path.values(on).into_iter().any(is_present)),
            Self::Compare(path, operator, wanted) => {
                let attribute = resolve(path);
                let values = path.compared_values(on);
                compare_any(attribute, &values, *operator, wanted)
            }
            Self::Values(path, inner) => {
                let Some(attribute) = resolve(path) else { return Ok(false) };
                for value in path.values(on) {
                    if inner.matches_value(attribute, value)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

/// Finds the attribute that a path names where the filter stands.
type Resolve<'r, 'a> = dyn Fn(&AttributePath) -> Option<&'a Attribute<'a>> + 'r;

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(parts) => !parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// `ne` holds where no value is equal; every other operator where one value compares so.
fn compare_any(
    attribute: Option<&Attribute<'_>>,
    values: &[&Value],
    operator: Operator,
    wanted: &Value,
) -> Result<bool, ScimError> {
    if operator == Operator::Ne {
        return compare_any(attribute, values, Operator::Eq, wanted).map(|equal| !equal);
    }
    if wanted.is_null() {
        return match operator {
            Operator::Eq => Ok(!values.iter().any(|value| is_present(value))),
            _ => Err(invalid("null is only equal or not equal.")),
        };
    }
    for value in values {
        if compare(attribute, value, operator, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn compare(
    attribute: Option<&Attribute<'_>>,
    value: &Value,
    operator: Operator,
    wanted: &Value,
) -> Result<bool, ScimError> {
    let kind = attribute.map_or(Kind::Text, |attribute| attribute.kind);
    match (value, wanted) {
        (Value::Bool(value), wanted) => match (truth(wanted), operator) {
            (Some(wanted), Operator::Eq) => Ok(*value == wanted),
            (Some(_), _) => Err(invalid("true and false are only equal or not equal.")),
            (None, _) => Ok(false),
        },
        (Value::Number(value), wanted) => match (value.as_i64(), whole_number(wanted)) {
            (Some(value), Some(wanted)) => {
                ordered(value.cmp(&wanted), operator).ok_or_else(|| invalid("A number is no text."))
            }
            _ => Ok(false),
        },
        (Value::String(value), Value::String(wanted)) if kind == Kind::DateTime => {
            let at = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
            match (at(value), at(wanted)) {
                (Some(value), Some(wanted)) => ordered(value.cmp(&wanted), operator)
                    .ok_or_else(|| invalid("An instant is no text.")),
                _ => Err(invalid("An instant is compared with one, as 2026-01-02T03:04:05Z.")),
            }
        }
        (Value::String(value), Value::String(wanted)) => {
            let exact = attribute.is_some_and(|attribute| attribute.case_exact);
            Ok(match exact {
                true => compare_text(value, wanted, operator),
                false => compare_text(&value.to_lowercase(), &wanted.to_lowercase(), operator),
            })
        }
        _ => Ok(false),
    }
}

fn compare_text(value: &str, wanted: &str, operator: Operator) -> bool {
    match operator {
        Operator::Co => value.contains(wanted),
        Operator::Sw => value.starts_with(wanted),
        Operator::Ew => value.ends_with(wanted),
        operator => ordered(value.cmp(wanted), operator).unwrap_or(false),
    }
}

fn ordered(ordering: Ordering, operator: Operator) -> Option<bool> {
    Some(match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => return None,
    })
}

/// A whole number, also as text.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `true` and `false`, also as the text that Entra ID makes of them.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

pub(super) fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::bad(ScimType::InvalidFilter, detail)
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    comparisons: usize,
}

impl Parser<'_> {
    fn any_of(&mut self, depth: usize) -> Result<Filter, ScimError> {
        let mut any = vec![self.all_of(depth)?];
        while self.tokens.take_word("or") {
            any.push(self.all_of(depth)?);
        }
        Ok(one_or(any, Filter::Or))
    }

    fn all_of(&mut self, depth: usize) -> Result<Filter, ScimError> {
        let mut all = vec![self.term(depth)?];
        while self.tokens.take_word("and") {
            all.push(self.term(depth)?);
        }
        Ok(one_or(all, Filter::And))
    }

    fn term(&mut self, depth: usize) -> Result<Filter, ScimError> {
        if depth > DEEPEST {
            return Err(invalid(format!("A filter has at most {DEEPEST} levels.")));
        }
        if self.tokens.take_word("not") {
            if !self.tokens.take(&Token::Open) {
                return Err(invalid("After not stands a parenthesis."));
            }
            return self.group(depth).map(|filter| Filter::Not(Box::new(filter)));
        }
        if self.tokens.take(&Token::Open) {
            return self.group(depth);
        }
        self.comparison(depth)
    }

    fn group(&mut self, depth: usize) -> Result<Filter, ScimError> {
        let filter = self.any_of(depth + 1)?;
        match self.tokens.take(&Token::Close) {
            true => Ok(filter),
            false => Err(invalid("A parenthesis is not closed.")),
        }
    }

    fn comparison(&mut self, depth: usize) -> Result<Filter, ScimError> {
        self.comparisons += 1;
        if self.comparisons > MOST {
            return Err(invalid(format!("A filter has at most {MOST} comparisons.")));
        }
        let path = match self.tokens.next() {
            Some(Token::Word(word)) => AttributePath::read(word).map_err(invalid)?,
            Some(token) => return Err(invalid(format!("{token} is no attribute."))),
            None => return Err(invalid("An attribute is missing.")),
        };
        if !self.tokens.take(&Token::OpenValues) {
            return self.operation(path);
        }
        let inner = self.any_of(depth + 1)?;
        if !self.tokens.take(&Token::CloseValues) {
            return Err(invalid("A bracket is not closed."));
        }
        // Entra ID asks `emails[type eq "work"].value eq "…"`: of one and the same value, both.
        match self.tokens.take_part() {
            None => Ok(Filter::Values(path, Box::new(inner))),
            Some(part) => {
                let part = self.operation(AttributePath::read(part).map_err(invalid)?)?;
                Ok(Filter::Values(path, Box::new(Filter::And(vec![inner, part]))))
            }
        }
    }

    fn operation(&mut self, path: AttributePath) -> Result<Filter, ScimError> {
        let Some(Token::Word(word)) = self.tokens.next() else {
            return Err(invalid("An operator is missing."));
        };
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let Some(operator) = Operator::read(word) else {
            return Err(invalid(format!("There is no operator {}.", super::token::shown(word))));
        };
        let value = match self.tokens.next() {
            Some(Token::Text(text)) => Value::String(text),
            Some(Token::Word(word)) => literal(word)?,
            _ => return Err(invalid("What to compare with is missing.")),
        };
        Ok(Filter::Compare(path, operator, value))
    }
}

fn literal(word: &str) -> Result<Value, ScimError> {
    match word.to_ascii_lowercase().as_str() {
        "true" => Ok(Value::Bool(true)),
        "false" => Ok(Value::Bool(false)),
        "null" => Ok(Value::Null),
        _ => serde_json::from_str::<serde_json::Number>(word)
            .map(Value::Number)
            .map_err(|_| invalid("A text stands in double quotes.")),
    }
}

fn one_or(mut filters: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            several(filters)
        }
        None => several(filters),
    }
}

#[cfg(test)]
mod tests;
