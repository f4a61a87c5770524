//! Changes of a message's text, by the elements of its tree. Whatever is not named stays byte for byte.

use sso_core::xml::Element;
use std::ops::Range;

/// Changes of an element's text.
///
/// What comes out of an element that is not the document element declares every prefix in scope, so
/// that it means the same wherever it is put.
#[derive(Debug)]
pub(super) struct Edit<'d> {
    element: Element<'d>,
    text: &'d str,
    range: Range<usize>,
    changes: Vec<(Range<usize>, String)>,
}

impl<'d> Edit<'d> {
    /// Begins with the text of an element; of the whole document where it is the document element.
    pub(super) fn of(element: Element<'d>) -> Self {
        let text = element.document_text();
        let range = match element.parent() {
            None => 0..text.len(),
            Some(_) => element.source_range(),
        };
        Self { element, text, range, changes: Vec::new() }
    }

    /// Something else in an element's place.
    pub(super) fn replace(mut self, element: Element<'_>, with: impl Into<String>) -> Self {
        self.changes.push((element.source_range(), with.into()));
        self
    }

    pub(super) fn remove(self, element: Element<'_>) -> Self {
        self.replace(element, "")
    }

    pub(super) fn before(self, element: Element<'_>, more: impl Into<String>) -> Self {
        let at = element.source_range().start;
        self.insert(at, more)
    }

    pub(super) fn after(self, element: Element<'_>, more: impl Into<String>) -> Self {
        let at = element.source_range().end;
        self.insert(at, more)
    }

    /// Something before all that an element holds.
    pub(super) fn first_in(self, element: Element<'_>, more: impl Into<String>) -> Self {
        let at = content(self.text, element).start;
        self.insert(at, more)
    }

    /// Something after all that an element holds.
    pub(super) fn last_in(self, element: Element<'_>, more: impl Into<String>) -> Self {
        let at = content(self.text, element).end;
        self.insert(at, more)
    }

    /// Something else instead of all that an element holds.
    pub(super) fn content(mut self, element: Element<'_>, with: impl Into<String>) -> Self {
        self.changes.push((content(self.text, element), with.into()));
        self
    }

    /// An attribute with this value, written as it is, whether or not the element has one of that name.
    pub(super) fn attribute(mut self, element: Element<'_>, name: &str, value: &str) -> Self {
        let tag = Tag::at(self.text, element.source_range().start);
        let written = format!(" {name}=\"{value}\"");
        match tag.attributes.iter().find(|attribute| attribute.name == name) {
            Some(attribute) => self.changes.push((attribute.range.clone(), written)),
            None => self.changes.push((tag.name.end..tag.name.end, written)),
        }
        self
    }

    /// An element without an attribute.
    pub(super) fn without_attribute(mut self, element: Element<'_>, name: &str) -> Self {
        let tag = Tag::at(self.text, element.source_range().start);
        let found = tag.attributes.iter().filter(|attribute| attribute.name == name);
        self.changes.extend(found.map(|attribute| (attribute.range.clone(), String::new())));
        self
    }

    /// Something at the end of a start tag.
    pub(super) fn in_tag(self, element: Element<'_>, more: impl Into<String>) -> Self {
        let at = Tag::at(self.text, element.source_range().start).name.end;
        self.insert(at, more)
    }

    fn insert(mut self, at: usize, more: impl Into<String>) -> Self {
        self.changes.push((at..at, more.into()));
        self
    }

    /// The element's text with every change made, without what stands around a document element.
    pub(super) fn element(mut self) -> String {
        self.range = self.element.source_range();
        self.done()
    }

    /// The text with every change made.
    pub(super) fn done(mut self) -> String {
        if self.element.parent().is_some() {
            let declarations = declarations(self.text, self.element);
            let at = Tag::at(self.text, self.range.start).name.end;
            self.changes.push((at..at, declarations));
        }
        // What is put in at one place stands in the order of the calls.
        self.changes.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(self.range.len());
        let mut at = self.range.start;
        for (range, with) in self.changes {
            // A change inside what was replaced or removed is gone with it.
            if range.start >= at {
                out.push_str(&self.text[at..range.start]);
                out.push_str(&with);
                at = range.end;
            }
        }
        out.push_str(&self.text[at..self.range.end]);
        out
    }
}

/// The text of an element, good for any place.
pub(super) fn copy(element: Element<'_>) -> String {
    Edit::of(element).done()
}

/// Bytes in base64, as a value of XML Signature or Encryption.
pub(super) fn encoded(bytes: &[u8]) -> String {
    openssl::base64::encode_block(bytes)
}

/// What stands between the tags of an element, or nothing at the end of an empty one.
fn content(text: &str, element: Element<'_>) -> Range<usize> {
    let range = element.source_range();
    let tag = Tag::at(text, range.start);
    match text[..range.end].rfind("</") {
        Some(end) if !tag.empty => tag.end..end,
        _ => range.end..range.end,
    }
}

/// The declarations of the prefixes that are in scope and that the element's own tag does not declare.
fn declarations(text: &str, element: Element<'_>) -> String {
    let tag = |element: Element<'_>| Tag::at(text, element.source_range().start);
    let mut known: Vec<&str> = Vec::new();
    let mut out = String::new();
    for (level, element) in std::iter::successors(Some(element), |it| it.parent()).enumerate() {
        for attribute in tag(element).attributes {
            let declares = attribute.name == "xmlns" || attribute.name.starts_with("xmlns:");
            if declares && !known.contains(&attribute.name) {
                known.push(attribute.name);
                if level > 0 {
                    out.push_str(&text[attribute.range]);
                }
            }
        }
    }
    out
}

/// A start tag, taken apart. The text is well-formed: it was parsed.
struct Tag<'t> {
    name: Range<usize>,
    attributes: Vec<Attribute<'t>>,
    /// After its `>`.
    end: usize,
    empty: bool,
}

struct Attribute<'t> {
    name: &'t str,
    /// With the white space before it.
    range: Range<usize>,
}

impl<'t> Tag<'t> {
    fn at(text: &'t str, start: usize) -> Self {
        let rest = |at: usize| &text[at..];
        let skip =
            |at: usize, stop: fn(char) -> bool| at + rest(at).find(stop).unwrap_or(rest(at).len());
        let blank = |c: char| c.is_ascii_whitespace();
        let end = skip(start + 1, |c| blank_or(c, &['>', '/']));
        let name = start + 1..end;
        let mut attributes = Vec::new();
        let mut at = end;
        loop {
            let begin = skip(at, |c| !c.is_ascii_whitespace());
            if rest(begin).starts_with('/')
                || rest(begin).starts_with('>')
                || rest(begin).is_empty()
            {
                let empty = rest(begin).starts_with('/');
                return Self { name, attributes, end: begin + 1 + usize::from(empty), empty };
            }
            let name_end = skip(begin, |c| blank_or(c, &['=']));
            let quote = skip(name_end, |c| c == '"' || c == '\'');
            let mark = if rest(quote).starts_with('"') { '"' } else { '\'' };
            let close = quote + 1 + rest(quote + 1).find(mark).unwrap_or(0);
            attributes.push(Attribute { name: &text[begin..name_end], range: at..close + 1 });
            debug_assert!(rest(at).starts_with(blank));
            at = close + 1;
        }
    }
}

fn blank_or(c: char, others: &[char]) -> bool {
    c.is_ascii_whitespace() || others.contains(&c)
}
