//! The values that a profile field can take (SPEC 6, 9). One that breaks the rule of its field is
//! refused with the field's name and the rule (SPEC 11.4), never cut or mended.

use super::ProfileField::{self, *};
use super::{ProfileValue, country};
use crate::error::{Code, Rejection};
use url::Url;

/// The most characters of `uid`, `ssoid` and `email`.
const MAX_IDENTIFIER: usize = 256;
/// The most characters of another text.
const MAX_TEXT: usize = 1024;

/// Reads the values of an attribute as one field's.
///
/// # Errors
/// [`Code::AttributeInvalid`], naming the field and the rule.
pub(super) fn read(field: ProfileField, values: &[&str]) -> Result<ProfileValue, Rejection> {
    let first = values.first().copied().unwrap_or_default();
    let value = match field {
        ImLoggingEnabled | MeetingAccount => flag(first).map(ProfileValue::Flag),
        StorageMb => whole_number(first).map(ProfileValue::Number),
        Country => country::code(first.trim())
            .map(|code| ProfileValue::Text(code.to_owned()))
            .ok_or("two-letter ISO 3166 code"),
        ProfilePhotoUrl => web_address(first).map(ProfileValue::Text),
        GroupIds => list(values).map(ProfileValue::List),
        Uid | Ssoid | Email => identifier(first).map(ProfileValue::Text),
        _ => text(first).map(ProfileValue::Text),
    };
    value.map_err(|rule| {
        Rejection::new(
            Code::AttributeInvalid,
            format!("{}: {rule}", field.as_str()),
            first.to_owned(),
        )
    })
}

type Rule = &'static str;

fn identifier(value: &str) -> Result<String, Rule> {
    if value.chars().count() > MAX_IDENTIFIER {
        return Err("at most 256 characters");
    }
    if value.chars().any(char::is_control) {
        return Err("no control characters");
    }
    Ok(value.to_owned())
}

fn text(value: &str) -> Result<String, Rule> {
    if value.chars().count() > MAX_TEXT {
        return Err("at most 1024 characters");
    }
    Ok(value.to_owned())
}

fn list(values: &[&str]) -> Result<Vec<String>, Rule> {
    let mut list: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        list.push(text(value)?);
    }
    Ok(list)
}

fn flag(value: &str) -> Result<bool, Rule> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err("true or false"),
    }
}

fn whole_number(value: &str) -> Result<i64, Rule> {
    value.trim().parse::<u32>().map(i64::from).map_err(|_| "whole number of megabytes")
}

/// A page shows the picture: another scheme than http and https could be a script.
fn web_address(value: &str) -> Result<String, Rule> {
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
            assert_eq!(read(field, &[value]), Ok(expected), "{field:?}");
        }
        let groups = ProfileValue::List(vec!["a".to_owned(), " b".to_owned()]);
        assert_eq!(read(GroupIds, &["a", " b"]), Ok(groups));
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
            (GroupIds, long_text.as_str()),
            (Country, "Germany"),
            (Country, "ZZ"),
            (ImLoggingEnabled, "perhaps"),
            (StorageMb, "-1"),
            (StorageMb, "1.5"),
            (ProfilePhotoUrl, "javascript:alert(1)"),
            (ProfilePhotoUrl, "picture.png"),
        ] {
            let refused = read(field, &[value]).expect_err(value);
            assert_eq!(refused.code, Code::AttributeInvalid);
            assert!(refused.expected.starts_with(field.as_str()), "{}", refused.expected);
        }
    }
}
