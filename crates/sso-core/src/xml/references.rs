//! Character and entity references, and the white space of attribute values (XML 1.0, 4.1, 3.3.3).
//!
//! Only the five predefined entities exist, since no document has a DTD.

use super::characters::is_char;
use crate::error::{Code, Rejection};

/// Appends the text that a reference stands for. `body` begins after the ampersand; the result is
/// where the reference ends in it.
pub(super) fn decode(body: &str, out: &mut String) -> Result<usize, Rejection> {
    // The longest useful reference is `&#x10FFFF;`; leading zeros may make it longer.
    let name = body.split_once(';').map(|(name, _)| name).unwrap_or_default();
    let character = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => name.strip_prefix('#').and_then(numeric),
    };
    match character {
        Some(character) => {
            out.push(character);
            Ok(name.len() + 1)
        }
        None => Err(Rejection::new(
            Code::NotWellFormed,
            "a reference to a character of XML or to a predefined entity",
            format!("&{}", body.get(..body.len().min(16)).unwrap_or("…")),
        )),
    }
}

/// The digits of a character reference, after `#`.
fn numeric(digits: &str) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    // from_str_radix takes a sign, which a reference has not.
    let number = digits.bytes().all(|b| b.is_ascii_alphanumeric()).then_some(digits)?;
    let number = u32::from_str_radix(number, radix).ok()?;
    char::from_u32(number).filter(|&c| is_char(c))
}
