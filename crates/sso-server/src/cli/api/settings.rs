//! Fields on the command line: `FIELD=VALUE`, by the names of the Admin API, and whole JSON files.

use crate::cli::failed::Failed;
use crate::cli::input;
use clap::Args;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Fields of a thing.
#[derive(Debug, Args)]
pub(in crate::cli) struct SettingFlags {
    /// Fields by their names in the Admin API. A value that is JSON counts as JSON (true, null,
    /// '["a.example"]'), anything else as text; null is the default. FIELD:=JSON is JSON alone
    #[arg(value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// A JSON object with fields; - is standard input. Fields on the command line go before it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What digits on the command line are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// A number: most settings that have digits are one.
    Number,
    /// Text: an employee ID, a telephone number, a zip code.
    Text,
}

impl SettingFlags {
    /// The fields as a JSON object.
    ///
    /// # Errors
    /// The file holds no JSON object; a field without value; one that is given twice.
    pub(super) fn read(self, digits: Digits) -> Result<Map<String, Value>, Failed> {
        let mut object = match &self.file {
            None => Map::new(),
            Some(file) => match serde_json::from_slice(&input::read(file)?) {
                Ok(Value::Object(object)) => object,
                Ok(_) => return Err(unusable(format!("{}: not a JSON object", file.display()))),
                Err(e) => return Err(unusable(format!("{}: not JSON: {e}", file.display()))),
            },
        };
        object.extend(assignments(&self.fields, digits)?);
        Ok(object)
    }
}

/// Reads fields that are given as `FIELD=VALUE`.
///
/// # Errors
/// As [`SettingFlags::read`].
pub(super) fn assignments(fields: &[String], digits: Digits) -> Result<Map<String, Value>, Failed> {
    let mut object = Map::new();
    for field in fields {
        let (name, value) = field
            .split_once('=')
            .filter(|(name, _)| !name.trim_end_matches(':').is_empty())
            .ok_or_else(|| unusable(format!("{field}: fields are given as FIELD=VALUE")))?;
        let json = serde_json::from_str::<Value>(value);
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => {
                (name, json.map_err(|e| unusable(format!("{name}: the value is not JSON: {e}")))?)
            }
            None => match json {
                Ok(Value::Number(_)) if digits == Digits::Text => (name, Value::from(value)),
                Ok(json) => (name, json),
                Err(_) => (name, Value::from(value)),
            },
        };
        if object.insert(name.to_owned(), value).is_some() {
            return Err(unusable(format!("{name} is given twice")));
        }
    }
    Ok(object)
}

fn unusable(sentence: String) -> Failed {
    Failed::Unusable(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(fields: &[&str], digits: Digits) -> Result<Value, String> {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        assignments(&fields, digits).map(Value::Object).map_err(|failed| failed.to_string())
    }

    #[test]
    fn a_value_is_json_or_text() {
        let fields = [
            "display_name=Acme = Sons",
            "sso_enabled=false",
            "clock_skew_seconds=60",
            "contact=null",
            "domains=[\"acme.example\"]",
            "company=\"60\"",
            "website=",
        ];
        assert_eq!(
            read(&fields, Digits::Number),
            Ok(json!({
                "display_name": "Acme = Sons",
                "sso_enabled": false,
                "clock_skew_seconds": 60,
                "contact": null,
                "domains": ["acme.example"],
                "company": "60",
                "website": "",
            }))
        );
    }

    #[test]
    fn digits_are_a_number_where_settings_are_and_text_where_people_are() {
        let fields =
            ["employee_id=0017", "zip_code=94016", "storage_mb:=100", "display_name:=\"x\""];
        let text = json!({"employee_id": "0017", "zip_code": "94016", "storage_mb": 100,
                          "display_name": "x"});
        assert_eq!(read(&fields, Digits::Text), Ok(text));
        assert_eq!(read(&["a=17"], Digits::Number), Ok(json!({"a": 17})));
        let sentence = read(&["a:=x"], Digits::Text).expect_err("no JSON");
        assert!(sentence.starts_with("a: the value is not JSON: "), "{sentence}");
    }

    #[test]
    fn a_field_has_one_value() {
        for (fields, sentence) in [
            (vec!["display_name"], "display_name: fields are given as FIELD=VALUE"),
            (vec![":=1"], ":=1: fields are given as FIELD=VALUE"),
            (vec!["=x"], "=x: fields are given as FIELD=VALUE"),
            (vec!["a=1", "a=2"], "a is given twice"),
        ] {
            assert_eq!(read(&fields, Digits::Number), Err(sentence.to_owned()));
        }
    }
}
