//! One thing, a field a line: `name: value`, the fields of a field by their path.

use super::table::cell;
use super::text::one_line;
use serde_json::Value;

/// The fields of a thing in the order of their names. What has several lines stands under its name.
pub(super) fn fields(thing: &Value) -> String {
    let mut lines = Vec::new();
    flatten("", thing, &mut lines);
    let width = lines.iter().map(|(name, _)| name.chars().count() + 1).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in lines {
        match value {
            Value::String(lines) if lines.trim_end().contains('\n') => {
                text.push_str(&format!("{name}:\n"));
                for line in lines.lines() {
                    text.push_str(&format!("  {}\n", one_line(line)));
                }
            }
            value => {
                let name = format!("{name}:");
                text.push_str(&format!("{name:width$} {}\n", cell(Some(value))));
            }
        }
    }
    text
}

fn flatten<'a>(path: &str, value: &'a Value, lines: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                // A name can be an attribute's, which the metadata or an administrator chose.
                let name = one_line(name);
                let path =
                    if path.is_empty() { name.into_owned() } else { format!("{path}.{name}") };
                flatten(&path, value, lines);
            }
        }
        value => lines.push((path.to_owned(), value)),
    }
}

#[cfg(test)]
mod tests {
    use super::fields;
    use serde_json::json;

    #[test]
    fn every_field_has_a_line() {
        let thing = json!({
            "name": "acme",
            "sessions": {"idle_seconds": 60},
            "map": {"a\u{1b}b": "x"},
            "pem": "one\ntwo\u{1b}\n",
            "contact": null,
        });
        assert_eq!(
            fields(&thing),
            "contact:               -\n\
             map.a\\u{1b}b:          x\n\
             name:                  acme\n\
             pem:\n  one\n  two\\u{1b}\n\
             sessions.idle_seconds: 60\n"
        );
    }
}
