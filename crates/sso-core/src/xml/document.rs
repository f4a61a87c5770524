//! The arena that a document is parsed into: flat vectors in document order, positions instead of
//! pointers, texts as ranges of the source.

use super::names::{Names, Namespace, Prefix, order_key};
use super::{Element, Limits, reader};
use crate::error::Rejection;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A parsed document. It owns or borrows the text that it was parsed from, and every
/// [`Element`] looks into it.
#[derive(Debug)]
pub struct Document<'a> {
    /// The text after the byte order mark, line ends normalized (XML 1.0, 2.11).
    pub(super) source: Cow<'a, str>,
    pub(super) tree: Tree,
}

impl<'a> Document<'a> {
    /// Parses a document.
    ///
    /// # Errors
    /// `message_too_large`, `not_utf8`, `doctype_forbidden`, `processing_instruction`,
    /// `not_well_formed`, `not_namespace_well_formed`, `depth_limit`, `node_limit`,
    /// `attribute_limit`, `duplicate_id`; the earliest defect in the text gives the code, but
    /// encoding and characters are looked at first.
    pub fn parse(input: &'a [u8], limits: &Limits) -> Result<Self, Rejection> {
        reader::parse(input, limits)
    }

    /// The document element.
    pub fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// The text of a range of the source.
    pub(super) fn source(&self, span: Span) -> &str {
        span.of(&self.source)
    }

    /// A text or attribute value as the application reads it.
    pub(super) fn value(&self, value: Value) -> &str {
        value.of(&self.source, &self.tree.decoded)
    }
}

/// What the reader fills: all of a document but its source.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// The values that hold references, decoded.
    pub(super) decoded: String,
    /// Elements and texts in document order; the first is the document element.
    pub(super) nodes: Vec<Node>,
    /// The attributes of all elements, each element's together, in canonical order.
    pub(super) attributes: Vec<Attribute>,
    /// The namespace declarations of all elements, each element's together.
    pub(super) declarations: Vec<Declaration>,
    pub(super) names: Names,
    /// The element around each comment. The comments themselves are not kept.
    pub(super) comments: Vec<u32>,
}

/// How much a tree held at some moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    decoded: usize,
    pub(super) nodes: usize,
    attributes: usize,
    declarations: usize,
    comments: usize,
    names: (usize, usize),
}

impl Tree {
    /// The canonical order of two attributes: by namespace name, then by local name (Canonical XML 1.0,
    /// 2.3). Most are of one namespace, which is then not compared letter by letter.
    pub(super) fn order(&self, source: &str, one: &Attribute, other: &Attribute) -> Ordering {
        let name = |namespace| self.names.namespace_text(source, &self.decoded, namespace);
        let (namespace, other_namespace) = (one.name.namespace, other.name.namespace);
        let namespaces = match namespace == other_namespace {
            true => Ordering::Equal,
            false => name(namespace).cmp(name(other_namespace)),
        };
        namespaces.then_with(|| locals(source.as_bytes(), one, other))
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            decoded: self.decoded.len(),
            nodes: self.nodes.len(),
            attributes: self.attributes.len(),
            declarations: self.declarations.len(),
            comments: self.comments.len(),
            names: self.names.counts(),
        }
    }

    /// Forgets all that was read since.
    pub(super) fn rewind(&mut self, mark: &Mark) {
        self.decoded.truncate(mark.decoded);
        self.nodes.truncate(mark.nodes);
        self.attributes.truncate(mark.attributes);
        self.declarations.truncate(mark.declarations);
        self.comments.truncate(mark.comments);
        self.names.truncate(mark.names);
    }
}

/// The alphabetical order of the local names of two attributes.
pub(super) fn locals(source: &[u8], one: &Attribute, other: &Attribute) -> Ordering {
    let (one, other) = (one.name.local(), other.name.local());
    let keys = order_key(source, one).cmp(&order_key(source, other));
    keys.then_with(|| one.bytes(source).cmp(other.bytes(source)))
}

/// A range of bytes of a text, or of positions in a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    pub(super) fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub(super) fn bytes(self, source: &[u8]) -> &[u8] {
        source.get(self.range()).unwrap_or_default()
    }

    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A text or an attribute value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) span: Span,
    pub(super) form: Form,
}

/// How a value stands in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In the source, letter for letter as in canonical form.
    Canonical,
    /// In the source, but canonical form escapes something in it.
    Literal,
    /// In [`Tree::decoded`]: the source has references or white space that is read otherwise.
    Decoded,
}

impl Value {
    pub(super) fn of<'t>(self, source: &'t str, decoded: &'t str) -> &'t str {
        self.span.of(if self.form == Form::Decoded { decoded } else { source })
    }
}

#[derive(Debug)]
pub(super) struct Node {
    /// The element that it is in; the document element's own position for itself.
    pub(super) parent: u32,
    /// The position after its last descendant.
    pub(super) end: u32,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Element(Tag),
    Text(Value),
}

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: Name,
    /// From the start of this tag to the end of the end tag.
    pub(super) source: Span,
    /// Positions in [`Tree::attributes`].
    pub(super) attributes: Span,
    /// Positions in [`Tree::declarations`].
    pub(super) declarations: Span,
}

/// The name of an element or attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// As written, with its prefix.
    pub(super) qualified: Span,
    /// Where the local part begins.
    pub(super) local: u32,
    pub(super) prefix: Prefix,
    pub(super) namespace: Namespace,
}

impl Name {
    /// A name whose prefix has not been looked up.
    pub(super) fn unresolved(qualified: Span, local: u32) -> Self {
        Self { qualified, local, prefix: Prefix::NONE, namespace: Namespace::NONE }
    }

    pub(super) fn has_prefix(self) -> bool {
        self.local > self.qualified.start
    }

    /// The prefix without its colon; empty for none.
    pub(super) fn prefix_span(self) -> Span {
        let colon = if self.has_prefix() { self.local - 1 } else { self.qualified.start };
        Span { start: self.qualified.start, end: colon }
    }

    pub(super) fn local(self) -> Span {
        Span { start: self.local, end: self.qualified.end }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    pub(super) name: Name,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) prefix: Prefix,
    pub(super) namespace: Namespace,
    /// What the prefix was bound to outside the element.
    pub(super) outer: Namespace,
}
