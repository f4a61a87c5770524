//! The values that an organization's own attribute can take, as its schema says (SPEC 11.4).

use super::ProfileValue;
use super::stamp::read_stamp;
use super::value::{self, Rule};
use crate::profile::{AttributeType, OwnAttribute};
use std::borrow::Cow;
use time::format_description::well_known::Rfc3339;

/// The most texts of a list.
const MOST: usize = 100;

/// Reads the values of an assertion's attribute, of which one that takes a single value takes the first.
///
/// # Errors
/// The rule that is broken; where the schema has no such attribute, that.
pub(super) fn read(
    attribute: Option<&OwnAttribute>,
    values: &[&str],
) -> Result<ProfileValue, Rule> {
    let attribute = attribute.ok_or("nothing, since the schema does not have it")?;
    let first = values.first().copied().unwrap_or_default();
    match attribute.kind {
        AttributeType::String => {
            texts(attribute, &[first]).map(|texts| ProfileValue::Text(texts.concat()))
        }
        AttributeType::Integer => match first.trim().parse() {
            Ok(number) => Ok(ProfileValue::Number(number)),
            Err(_) => Err("whole number".into()),
        },
        AttributeType::Boolean => value::flag(first).map(ProfileValue::Flag).map_err(Cow::Borrowed),
        AttributeType::DateTime => read_stamp(first)
            .and_then(|at| at.format(&Rfc3339).ok())
            .map(ProfileValue::Text)
            .ok_or(Cow::Borrowed("instant, as 2026-01-02T03:04:05Z")),
        AttributeType::List if values.len() > MOST => Err(format!("at most {MOST} texts").into()),
        AttributeType::List => texts(attribute, values).map(ProfileValue::List),
    }
}

/// Holds a value that came with its kind to the attribute's rule, and writes it the one way.
///
/// # Errors
/// As [`read`], and the kind that the attribute has.
pub(super) fn check(
    attribute: Option<&OwnAttribute>,
    value: &ProfileValue,
) -> Result<ProfileValue, Rule> {
    match (attribute.map(|attribute| attribute.kind), value) {
        (Some(AttributeType::String | AttributeType::DateTime), ProfileValue::Text(text)) => {
            read(attribute, &[text])
        }
        (Some(AttributeType::Integer), ProfileValue::Number(_))
        | (Some(AttributeType::Boolean), ProfileValue::Flag(_)) => Ok(value.clone()),
        (Some(AttributeType::List), ProfileValue::List(texts)) => {
            read(attribute, &texts.iter().map(String::as_str).collect::<Vec<_>>())
        }
        (Some(kind), _) => Err(Cow::Borrowed(match kind {
            AttributeType::String => "text",
            AttributeType::Integer => "whole number",
            AttributeType::Boolean => "true or false",
            AttributeType::DateTime => "instant, as 2026-01-02T03:04:05Z",
            AttributeType::List => "list of texts",
        })),
        (None, _) => read(None, &[]),
    }
}

fn texts(attribute: &OwnAttribute, given: &[&str]) -> Result<Vec<String>, Rule> {
    let longest = attribute.longest();
    let asked_for = || {
        let pattern = attribute.pattern.as_deref().unwrap_or_default();
        Cow::Owned(format!("what matches {pattern}"))
    };
    let pattern = attribute.compiled_pattern().map_err(|_| asked_for())?;
    let text = |given: &&str| {
        if given.chars().count() > usize::from(longest) {
            return Err(format!("at most {longest} characters").into());
        }
        let text = value::text(given).map_err(Cow::Borrowed)?;
        match &pattern {
            Some(pattern) if !pattern.is_match(&text) => Err(asked_for()),
            _ => Ok(text),
        }
    };
    given.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attribute(definition: serde_json::Value) -> OwnAttribute {
        let mut whole = json!({"name": "a"});
        let object = whole.as_object_mut().expect("an object");
        object.extend(definition.as_object().expect("an object").clone());
        serde_json::from_value(whole).expect("an attribute")
    }

    fn of(definition: serde_json::Value, values: &[&str]) -> Result<ProfileValue, String> {
        read(Some(&attribute(definition)), values).map_err(Cow::into_owned)
    }

    #[test]
    fn a_value_is_of_the_type_or_refused_by_the_rule() {
        let text = |text: &str| Ok(ProfileValue::Text(text.to_owned()));
        let list = |texts: &[&str]| {
            Ok(ProfileValue::List(texts.iter().map(|text| (*text).to_owned()).collect()))
        };
        let refused = |rule: &str| Err(rule.to_owned());
        let many = vec!["x"; 101];
        for (definition, values, expected) in [
            (json!({}), vec!["Desk 7", "Desk 8"], text("Desk 7")),
            (json!({"length": 3}), vec!["äöü"], text("äöü")),
            (json!({"length": 3}), vec!["abcd"], refused("at most 3 characters")),
            (json!({"pattern": "[A-Z]+"}), vec!["AB"], text("AB")),
            (json!({"pattern": "[A-Z]+"}), vec!["AB1"], refused("what matches [A-Z]+")),
            (json!({}), vec!["a\0"], refused("no control characters but tabs and line breaks")),
            (json!({"type": "integer"}), vec![" -7 "], Ok(ProfileValue::Number(-7))),
            (json!({"type": "integer"}), vec!["7.5"], refused("whole number")),
            (json!({"type": "boolean"}), vec!["Yes"], Ok(ProfileValue::Flag(true))),
            (json!({"type": "boolean"}), vec!["perhaps"], refused("true or false")),
            (json!({"type": "date_time"}), vec!["20260102030405Z"], text("2026-01-02T03:04:05Z")),
            (
                json!({"type": "date_time"}),
                vec!["soon"],
                refused("instant, as 2026-01-02T03:04:05Z"),
            ),
            (json!({"type": "list"}), vec!["a", "b"], list(&["a", "b"])),
            (
                json!({"type": "list", "length": 1}),
                vec!["a", "bc"],
                refused("at most 1 characters"),
            ),
            (json!({"type": "list"}), many, refused("at most 100 texts")),
        ] {
            assert_eq!(of(definition.clone(), &values), expected, "{definition} {values:?}");
        }
        let gone = read(None, &["x"]).expect_err("no attribute");
        assert_eq!(gone, "nothing, since the schema does not have it");
    }

    #[test]
    fn a_value_with_a_kind_is_of_that_kind() {
        let text = ProfileValue::Text("2026-01-02 03:04:05".to_owned());
        let (number, flag) = (ProfileValue::Number(7), ProfileValue::Flag(true));
        let list = ProfileValue::List(vec!["a".to_owned()]);
        let values = [&text, &number, &flag, &list];
        for (kind, taken, rule) in [
            ("string", 0, "text"),
            ("integer", 1, "whole number"),
            ("boolean", 2, "true or false"),
            ("date_time", 0, "instant, as 2026-01-02T03:04:05Z"),
            ("list", 3, "list of texts"),
        ] {
            let attribute = attribute(json!({"type": kind}));
            for (place, value) in values.into_iter().enumerate() {
                let checked = check(Some(&attribute), value);
                match place == taken {
                    true if kind == "date_time" => {
                        let written = ProfileValue::Text("2026-01-02T03:04:05Z".to_owned());
                        assert_eq!(checked, Ok(written));
                    }
                    true => assert_eq!(checked.as_ref(), Ok(value), "{kind}"),
                    false => assert_eq!(checked, Err(Cow::Borrowed(rule)), "{kind} {value:?}"),
                }
            }
        }
        assert!(check(None, &flag).is_err());
    }
}
