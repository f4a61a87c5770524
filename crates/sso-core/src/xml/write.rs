//! Writing our own messages: every value is escaped, every element closed (ATTACKS TXT-07).

use super::characters::{all_chars, is_char};
use super::{Element, escape};
use std::borrow::Cow;

/// Writes one document. Names are literals of this crate, values are anybody's: what is written and
/// parsed again is what was given.
///
/// A character that no XML document can hold (a control character, for one) becomes U+FFFD.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    open: Vec<&'static str>,
}

impl Writer {
    /// A writer of a document without an XML declaration, which is then UTF-8.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins an element. Namespace declarations are given as attributes.
    pub fn start(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) -> &mut Self {
        self.tag(name, attributes);
        self.out.push(b'>');
        self.open.push(name);
        self
    }

    /// Writes an element without content.
    pub fn empty(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) -> &mut Self {
        self.tag(name, attributes);
        self.out.extend_from_slice(b"/>");
        self
    }

    /// Writes an element that holds a text and nothing else.
    pub fn leaf(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        text: &str,
    ) -> &mut Self {
        self.start(name, attributes).text(text).end()
    }

    /// Writes character data.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape::text(allowed(text).as_bytes(), &mut self.out);
        self
    }

    /// Writes an element that another writer finished, or [`crate::dsig::sign`] signed. It must
    /// declare the prefixes that it uses.
    pub fn element(&mut self, serialized: &str) -> &mut Self {
        self.out.extend_from_slice(serialized.as_bytes());
        self
    }

    /// Ends the innermost open element.
    pub fn end(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.out.extend_from_slice(b"</");
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'>');
        }
        self
    }

    /// Ends whatever is open and hands out the document.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        String::from_utf8_lossy(&self.out).into_owned()
    }

    fn tag(&mut self, name: &str, attributes: &[(&'static str, &str)]) {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        for (name, value) in attributes {
            self.out.push(b' ');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"=\"");
            escape::attribute(allowed(value).as_bytes(), &mut self.out);
            self.out.push(b'"');
        }
    }
}

/// The start tag of an element that declares all that is in scope inside another.
pub(crate) fn start_tag_in_scope(name: &'static str, element: Element<'_>) -> String {
    let mut tag = format!("<{name}").into_bytes();
    for (prefix, namespace) in element.scope() {
        tag.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
        tag.extend_from_slice(prefix.as_bytes());
        tag.extend_from_slice(b"=\"");
        escape::attribute(namespace.as_bytes(), &mut tag);
        tag.push(b'"');
    }
    tag.push(b'>');
    String::from_utf8_lossy(&tag).into_owned()
}

fn allowed(text: &str) -> Cow<'_, str> {
    if all_chars(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_char(c) { c } else { '\u{FFFD}' }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};
    use proptest::prelude::*;

    fn written(value: &str) -> String {
        let mut writer = Writer::new();
        writer.start("a:x", &[("xmlns:a", "urn:a"), ("v", value)]).text(value);
        writer.leaf("y", &[("w", value)], value).empty("z", &[]);
        writer.finish()
    }

    #[test]
    fn what_no_document_can_hold_is_replaced() {
        let text = written("\0\u{FFFE}");
        let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).unwrap();
        assert_eq!(document.root().attribute("v"), Some("\u{FFFD}\u{FFFD}"));
    }

    proptest! {
        #[test]
        fn writing_then_parsing_is_identity(
            value in "([\t\n\r\"'<>&;!?/=-]|]]>|<!--|&#|[a-z ]|[\u{A0}-\u{FFFD}\u{10000}-\u{10FFFF}]){0,40}",
        ) {
            let text = written(&value);
            let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).unwrap();
            let root = document.root();
            prop_assert!(root.is("urn:a", "x"));
            prop_assert_eq!(root.attribute("v"), Some(&*value));
            let leaf = root.required_child("", "y").unwrap();
            prop_assert_eq!(leaf.attribute("w"), Some(&*value));
            prop_assert_eq!(leaf.text().unwrap(), &*value);
        }
    }
}
