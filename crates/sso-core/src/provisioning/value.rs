//! The values that a profile field can take (SPEC 6, 9). One that breaks the rule of its field is
//! refused with the field's name and the rule (SPEC 11.4), never cut or mended.

use super::ProfileField::{self, *};
use super::{ProfileValue, country, own_value};
use crate::error::{Code, Rejection};
use crate::profile::AttributeSchema;
use std::borrow::Cow;
use url::Url;

/// The most characters of `uid`, `ssoid` and `email`.
const MAX_IDENTIFIER: usize = 256;
/// The most characters of another text.
const MAX_TEXT: usize = 1024;

/// What a value must be, in a few words.
pub(super) type Rule = Cow<'static, str>;

/// Reads the values of an attribute as one field's. The organization's own fields are those of the schema.
///
/// # Errors
/// [`Code::AttributeInvalid`], naming the field and the rule.
pub(super) fn read(
    field: ProfileField,
    values: &[&str],
    schema: &AttributeSchema,
) -> Result<ProfileValue, Rejection> {
    let read = match field {
        Own(own) => own_value::read(schema.get(own), values),
        _ => of_texts(field, values).map_err(Cow::Borrowed),
    };
    read.map_err(|rule| {
        let found = values.first().copied().unwrap_or_default();
        Rejection::new(
            Code::AttributeInvalid,
            format!("{}: {rule}", field.as_str()),
            found.to_owned(),
        )
    })
}

/// Holds a value that came with its kind to the rule of its field, and writes it the one way.
///
/// # Errors
/// The rule that it breaks, which may be that of its kind.
pub(super) fn check(
    field: ProfileField,
    value: &ProfileValue,
    schema: &AttributeSchema,
) -> Result<ProfileValue, Rule> {
    match field {
        Own(own) => own_value::check(schema.get(own), value),
        _ => of_kind(field, value).map_err(Cow::Borrowed),
    }
}

fn of_kind(field: ProfileField, value: &ProfileValue) -> Result<ProfileValue, &'static str> {
    match (kind(field), value) {
        (Kind::Flag, ProfileValue::Flag(_)) => Ok(value.clone()),
        (Kind::Number, ProfileValue::Number(number)) => of_texts(field, &[&number.to_string()]),
        (Kind::List, ProfileValue::List(list)) => {
            of_texts(field, &list.iter().map(String::as_str).collect::<Vec<_>>())
        }
        (Kind::Text, ProfileValue::Text(text)) => of_texts(field, &[text]),
        (Kind::Flag, _) => Err("true or false"),
        (Kind::Number, _) => Err("whole number of megabytes"),
        (Kind::List, _) => Err("list of texts"),
        (Kind::Text, _) => Err("text"),
    }
}

/// The kinds of values.
pub(super) enum Kind {
    Flag,
    Number,
    List,
    Text,
}

/// The kind of a field that all profiles can have.
pub(super) fn kind(field: ProfileField) -> Kind {
    match field {
        ImLoggingEnabled | MeetingAccount => Kind::Flag,
        StorageMb => Kind::Number,
        GroupIds => Kind::List,
        _ => Kind::Text,
    }
}

/// The most characters of a field's text, or of each in its list.
#[cfg(feature = "openapi")]
pub(super) fn longest(field: ProfileField) -> usize {
    match field {
        Uid | Ssoid | Email => MAX_IDENTIFIER,
        _ => MAX_TEXT,
    }
}

fn of_texts(field: ProfileField, values: &[&str]) -> Result<ProfileValue, &'static str> {
    let first = values.first().copied().unwrap_or_default();
    match kind(field) {
        Kind::Flag => flag(first).map(ProfileValue::Flag),
        Kind::Number => whole_number(first).map(ProfileValue::Number),
        Kind::List => list(values).map(ProfileValue::List),
        Kind::Text => match field {
            Country => {
                country::code(first.trim()).map(str::to_owned).ok_or("two-letter ISO 3166 code")
            }
            ProfilePhotoUrl => web_address(first),
            Uid | Ssoid | Email => identifier(first),
            _ => text(first),
        }
        .map(ProfileValue::Text),
    }
}

fn identifier(value: &str) -> Result<String, &'static str> {
    if value.chars().count() > MAX_IDENTIFIER {
        return Err("at most 256 characters");
    }
    if value.chars().any(char::is_control) {
        return Err("no control characters");
    }
    Ok(value.to_owned())
}

/// Tabs and line breaks are the only control characters of ASCII, as in XML (XML 1.0 2.2): NUL is one
/// that PostgreSQL cannot store. Those beyond ASCII stay, since directories with broken encodings have
/// them in names.
pub(super) fn text(value: &str) -> Result<String, &'static str> {
    if value.chars().count() > MAX_TEXT {
        return Err("at most 1024 characters");
    }
    if value.chars().any(|c| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err("no control characters but tabs and line breaks");
    }
    Ok(value.to_owned())
}

fn list(values: &[&str]) -> Result<Vec<String>, &'static str> {
    let mut list: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        list.push(text(value)?);
    }
    Ok(list)
}

pub(super) fn flag(value: &str) -> Result<bool, &'static str> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err("true or false"),
    }
}

fn whole_number(value: &str) -> Result<i64, &'static str> {
    value.trim().parse::<u32>().map(i64::from).map_err(|_| "whole number of megabytes")
}

/// A page shows the picture: another scheme than http and https could be a script.
fn web_address(value: &str) -> Result<String, &'static str> {
    let url = Url::parse(value.trim()).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    url.map(String::from).ok_or("https or http URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> ProfileValue {
        ProfileValue::Text(value.to_owned())
    }

    #[test]
    fn each_field_takes_its_own_kind_of_value() {
        let long_identifier = "ü".repeat(256);
        let long_text = "ü".repeat(1024);
        for (field, value, expected) in [
            (Uid, "Ann@corp.example", text("Ann@corp.example")),
            (Ssoid, " 7 ", text(" 7 ")),
            (Email, long_identifier.as_str(), text(&long_identifier)),
            (StreetLine1, "1 Main St\nFloor 2", text("1 Main St\nFloor 2")),
            (JobTitle, long_text.as_str(), text(&long_text)),
            (Country, "de", text("DE")),
            (ImLoggingEnabled, "TRUE", ProfileValue::Flag(true)),
            (ImLoggingEnabled, "0", ProfileValue::Flag(false)),
            (MeetingAccount, "Yes", ProfileValue::Flag(true)),
            (StorageMb, "2048", ProfileValue::Number(2048)),
            (ProfilePhotoUrl, "https://p.example/a.png", text("https://p.example/a.png")),
        ] {
            assert_eq!(
                read(field, &[value], &AttributeSchema::default()),
                Ok(expected),
                "{field:?}"
            );
        }
        let groups = ProfileValue::List(vec!["a".to_owned(), " b".to_owned()]);
        assert_eq!(read(GroupIds, &["a", " b"], &AttributeSchema::default()), Ok(groups));
    }

    #[test]
    fn what_breaks_the_rule_is_refused_by_the_name_of_the_field() {
        let long_identifier = "x".repeat(257);
        let long_text = "x".repeat(1025);
        for (field, value) in [
            (Uid, "ann\u{9}@corp.example"),
            (Ssoid, "7\u{85}"),
            (Email, long_identifier.as_str()),
            (JobTitle, long_text.as_str()),
            (JobTitle, "a\0b"),
            (JobTitle, "a\u{1b}[31mb"),
            (City, "a\u{7f}"),
            (GroupIds, long_text.as_str()),
            (GroupIds, "a\0"),
            (Country, "Germany"),
            (Country, "ZZ"),
            (ImLoggingEnabled, "perhaps"),
            (StorageMb, "-1"),
            (StorageMb, "1.5"),
            (ProfilePhotoUrl, "javascript:alert(1)"),
            (ProfilePhotoUrl, "picture.png"),
        ] {
            let refused = read(field, &[value], &AttributeSchema::default()).expect_err(value);
            assert_eq!(refused.code, Code::AttributeInvalid);
            assert!(refused.expected.starts_with(field.as_str()), "{}", refused.expected);
        }
    }

    #[test]
    fn a_value_with_a_kind_is_held_to_the_same_rules() {
        let list = |items: &[&str]| {
            ProfileValue::List(items.iter().map(|item| (*item).to_owned()).collect())
        };
        for (field, value, expected) in [
            (City, text("Oslo"), text("Oslo")),
            (Country, text("no"), text("NO")),
            (ImLoggingEnabled, ProfileValue::Flag(true), ProfileValue::Flag(true)),
            (StorageMb, ProfileValue::Number(7), ProfileValue::Number(7)),
            (GroupIds, list(&["a", "b"]), list(&["a", "b"])),
        ] {
            assert_eq!(
                check(field, &value, &AttributeSchema::default()),
                Ok(expected),
                "{field:?}"
            );
        }
        for (field, value, rule) in [
            (City, ProfileValue::Flag(true), "text"),
            (City, text("a\0"), "no control characters but tabs and line breaks"),
            (Email, ProfileValue::Number(1), "text"),
            (ImLoggingEnabled, text("true"), "true or false"),
            (StorageMb, text("1"), "whole number of megabytes"),
            (StorageMb, ProfileValue::Number(-1), "whole number of megabytes"),
            (GroupIds, text("a"), "list of texts"),
        ] {
            assert_eq!(
                check(field, &value, &AttributeSchema::default()),
                Err(Cow::Borrowed(rule)),
                "{field:?}"
            );
        }
    }
}
