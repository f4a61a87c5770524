//! What a command prints: a table or the fields of a thing for a person, the API's JSON for a program.

mod fields;
mod table;
pub(super) mod text;

pub(super) use table::Column;

use super::failed::Failed;
use serde_json::Value;
use std::io::{IsTerminal as _, Write as _};

/// How an answer is shown to a person.
pub(super) enum Show {
    /// The items of a list, as a table with these columns.
    Table(&'static [Column]),
    /// Every field of a thing, one a line.
    Fields,
    /// A sentence: what was done leaves nothing to show.
    Done(String),
    /// The text of one field, as it is.
    Field(&'static str),
    /// The same on a line of its own, for `$(…)` in a shell.
    Line(&'static str),
    /// Text in a format of its own, as it is.
    Text,
    /// The JSON of the Admin API.
    Json,
    /// Bytes that are no text, as they are; never to a terminal.
    Bytes,
}

impl Show {
    /// Shows an answer that is JSON.
    pub(super) fn value(&self, value: &Value) -> String {
        match self {
            Self::Table(columns) => table::table(columns, items(value)),
            Self::Field(name) => value[name].as_str().unwrap_or_default().to_owned(),
            Self::Line(name) => format!("{}\n", value[name].as_str().unwrap_or_default()),
            Self::Done(sentence) => format!("{sentence}\n"),
            // An answer without a body, of something that was removed.
            Self::Json if value.is_null() => String::new(),
            Self::Json => format!("{value:#}\n"),
            Self::Fields | Self::Text | Self::Bytes => fields::fields(value),
        }
    }
}

/// The items of a list (SPEC 6).
pub(super) fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether what is printed goes to a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Prints to standard output.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // Whoever reads has read enough, as `head` does.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|e| Failed::Broken(format!("standard output: {e}"))),
    }
}
