//! Tables: one item a line, columns as wide as what stands in them.

use super::text::one_line;
use serde_json::Value;
use std::fmt::Write as _;

/// A column: its title, and the JSON pointer of what stands in it.
pub(in crate::cli) type Column = (&'static str, &'static str);

/// The items of a list under the titles of the columns. No items: one line that says so.
pub(super) fn table(columns: &[Column], items: &[Value]) -> String {
    if items.is_empty() {
        return "There are none.\n".to_owned();
    }
    let titles: Vec<String> = columns.iter().map(|(title, _)| (*title).to_owned()).collect();
    let rows = items.iter().map(|item| {
        columns.iter().map(|(_, pointer)| cell(item.pointer(pointer))).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = std::iter::once(titles).chain(rows).collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|n| rows.iter().map(|row| row[n].chars().count()).max().unwrap_or(0))
        .collect();
    rows.iter().fold(String::new(), |mut text, row| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
        text
    })
}

/// A value in the space of one line. Nothing is a hyphen, so that every line has all columns.
pub(super) fn cell(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => one_line(text).into_owned(),
        Some(Value::Array(values)) if values.iter().all(|v| !v.is_object() && !v.is_array()) => {
            let cells: Vec<String> = values.iter().map(|value| cell(Some(value))).collect();
            cells.join(", ")
        }
        // JSON escapes control characters by itself, but not the marks of direction.
        Some(other) => one_line(&other.to_string()).into_owned(),
    };
    if text.is_empty() { "-".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let items = [
            json!({"name": "acme", "domains": ["acme.example", "acme.test"], "key": {"bits": 2048}}),
            json!({"name": "a-longer-name", "domains": [], "key": null}),
        ];
        let columns = [("NAME", "/name"), ("DOMAINS", "/domains"), ("BITS", "/key/bits")];
        assert_eq!(
            table(&columns, &items),
            "NAME           DOMAINS                  BITS\n\
             acme           acme.example, acme.test  2048\n\
             a-longer-name  -                        -\n"
        );
        assert_eq!(table(&columns, &[]), "There are none.\n");
    }

    #[test]
    fn no_cell_breaks_its_line() {
        let items = [json!({"name": "a\nb\u{1b}[2J", "other": {"x": "\u{202e}"}})];
        let text = table(&[("NAME", "/name"), ("OTHER", "/other")], &items);
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}
