//! Settings on the command line: `FIELD=VALUE`, by the names of the Admin API, and whole JSON files.

use crate::cli::failed::Failed;
use crate::cli::input;
use clap::Args;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Fields of a thing.
#[derive(Debug, Args)]
pub(in crate::cli) struct SettingFlags {
    /// Fields by their names in the Admin API. A value that is JSON counts as JSON (true, 60, null,
    /// '["a.example"]'), anything else as text; null is the default
    #[arg(value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// A JSON object with fields; - is standard input. Fields on the command line go before it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl SettingFlags {
    /// The fields as a JSON object.
    ///
    /// # Errors
    /// The file holds no JSON object; a field without value; one that is given twice.
    pub(super) fn read(self) -> Result<Map<String, Value>, Failed> {
        let mut object = match &self.file {
            None => Map::new(),
            Some(file) => match serde_json::from_slice(&input::read(file)?) {
                Ok(Value::Object(object)) => object,
                Ok(_) => return Err(unusable(format!("{}: not a JSON object", file.display()))),
                Err(e) => return Err(unusable(format!("{}: not JSON: {e}", file.display()))),
            },
        };
        object.extend(assignments(&self.fields)?);
        Ok(object)
    }
}

fn assignments(fields: &[String]) -> Result<Map<String, Value>, Failed> {
    let mut object = Map::new();
    for field in fields {
        let (name, value) = field
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| unusable(format!("{field}: fields are given as FIELD=VALUE")))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
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

    fn read(fields: &[&str]) -> Result<Value, String> {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        assignments(&fields).map(Value::Object).map_err(|failed| failed.to_string())
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
            read(&fields),
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
    fn a_field_has_one_value() {
        for (fields, sentence) in [
            (vec!["display_name"], "display_name: fields are given as FIELD=VALUE"),
            (vec!["=x"], "=x: fields are given as FIELD=VALUE"),
            (vec!["a=1", "a=2"], "a is given twice"),
        ] {
            assert_eq!(read(&fields), Err(sentence.to_owned()));
        }
    }
}
