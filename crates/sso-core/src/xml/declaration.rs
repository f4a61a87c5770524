//! The XML declaration (XML 1.0 production 23): version 1.0, and no encoding but the one that we read.

use super::reader::Reader;
use crate::error::{Code, Rejection};

impl Reader<'_> {
    /// The XML declaration, if the text begins with one. Its encoding must be the one that we read.
    pub(super) fn declaration(&mut self) -> Result<(), Rejection> {
        let Some(rest) = self.source.strip_prefix("<?xml") else { return Ok(()) };
        if !rest.starts_with([' ', '\t', '\n']) {
            // Another target, `xml-stylesheet` for one.
            return Ok(());
        }
        let bad = |reader: &Self| reader.malformed("an XML declaration of version 1.0");
        let end = rest.find("?>").ok_or_else(|| bad(self))?;
        let mut fields = rest.get(..end).unwrap_or_default();
        let mut encoding = None;
        for (position, name) in ["version", "encoding", "standalone"].into_iter().enumerate() {
            let Some((value, rest)) = pseudo_attribute(fields, name) else {
                if position == 0 {
                    return Err(bad(self));
                }
                continue;
            };
            let valid = match name {
                "version" => value == "1.0",
                "standalone" => matches!(value, "yes" | "no"),
                _ => {
                    encoding = Some(value);
                    true
                }
            };
            if !valid {
                return Err(bad(self));
            }
            fields = rest;
        }
        if !fields.trim_matches([' ', '\t', '\n']).is_empty() {
            return Err(bad(self));
        }
        if let Some(encoding) = encoding
            && !encoding.eq_ignore_ascii_case("UTF-8")
        {
            return Err(Rejection::new(
                Code::NotUtf8,
                "encoding=\"UTF-8\"",
                format!("encoding=\"{encoding}\""),
            ));
        }
        self.at = "<?xml".len() + end + "?>".len();
        Ok(())
    }
}

/// One `name="value"` of the XML declaration, and what follows it.
fn pseudo_attribute<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    const SPACES: [char; 3] = [' ', '\t', '\n'];
    let rest = text.strip_prefix(SPACES)?.trim_start_matches(SPACES);
    let rest = rest.strip_prefix(name)?.trim_start_matches(SPACES);
    let rest = rest.strip_prefix('=')?.trim_start_matches(SPACES);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split_once(quote)
}
