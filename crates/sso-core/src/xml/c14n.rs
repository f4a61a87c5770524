//! Exclusive XML Canonicalization 1.0 and Canonical XML 1.0, without comments: the octets that a
//! signature is over.
//!
//! One linear walk over the arena, with a stack of its own. What it writes is decided by namespace
//! names and never by where a declaration happened to stand, so in exclusive form an element has the
//! same octets wherever it is moved. In inclusive form it has what is declared around it as well, and
//! moving it changes them: then the signature fails (ATTACKS C14N-04).

use super::document::{Attribute, Content, Document, Form, Tag, Value};
use super::names::{Namespace, Prefix};
use super::{Element, escape, ns};
use crate::error::{Code, Rejection};
use std::ops::Range;

/// How many times as long as the whole document a canonical form may be, besides [`ROOM`]. That of a real
/// message is hardly longer than the message.
const LONGER: usize = 3;

/// What any canonical form may have in bytes, however small the document.
const ROOM: usize = 16 * 1024;

/// Appends the canonical form of an element to `out`.
///
/// `prefix_list` is the `PrefixList` of `InclusiveNamespaces` (empty where there is none): prefixes
/// and `#default`, separated by white space, which are treated as in inclusive canonicalization.
/// `omit` is left out with all that it holds: the enveloped signature.
///
/// # Errors
/// `canonicalization` where the document declares a relative namespace name, for which the
/// recommendation demands a failure (Canonical XML 1.0, 1.3); where nothing is left to write: a
/// digest of nothing would match (ATTACKS C14N-02); and where the form is many times as long as the
/// document: a declaration is written anew for each element that uses it (DOS-02).
pub fn exclusive(
    element: Element<'_>,
    prefix_list: &str,
    omit: Option<Element<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Rejection> {
    writable(element, omit)?;
    let mut walk = Walk::new(element.document(), out);
    walk.list(element, prefix_list);
    walk.nodes(element.position()..element.end(), omit);
    walk.within_most()
}

/// Appends the inclusive canonical form of an element to `out` (Canonical XML 1.0): with all that is
/// declared around it, used or not, and the attributes in the namespace `xml` that it inherits.
///
/// # Errors
/// As [`exclusive`].
pub fn inclusive(
    element: Element<'_>,
    omit: Option<Element<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), Rejection> {
    writable(element, omit)?;
    let mut walk = Walk::new(element.document(), out);
    walk.surround(element);
    walk.nodes(element.position()..element.end(), omit);
    walk.within_most()
}

/// What a part of a document adds to the canonical form of an element that is still open, its apex.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// The open elements around the part, the apex first; none where the part begins or is the apex.
    pub(super) around: &'a [u32],
    /// How many of their start tags are written already.
    pub(super) written: usize,
    /// The nodes of the part.
    pub(super) nodes: Range<u32>,
    /// Whether the last of them has only begun.
    pub(super) begins: bool,
    /// Whether the last element around the part ends with it.
    pub(super) ends: bool,
    pub(super) omit: Option<Element<'a>>,
    /// The most bytes of its canonical form: a short prefix may stand for a long name a thousand times.
    pub(super) most: usize,
}

/// Appends a piece of a canonical form: exclusive with this `PrefixList`, or inclusive. The pieces of an
/// element, one after the other, are what [`exclusive`] or [`inclusive`] writes of it.
///
/// # Errors
/// `canonicalization` as there, and where the piece is larger than it may be.
pub(super) fn piece(
    document: &Document<'_>,
    piece: &Piece<'_>,
    prefix_list: Option<&str>,
    out: &mut Vec<u8>,
) -> Result<(), Rejection> {
    let new = piece.nodes.end.saturating_sub(1);
    let first = if piece.begins { new } else { piece.nodes.start };
    let apex = Element::new(document, piece.around.first().copied().unwrap_or(first));
    writable(apex, piece.omit)?;
    let mut walk = Walk::new(document, out);
    walk.most = walk.out.len().saturating_add(piece.most);
    match prefix_list {
        Some(prefix_list) => walk.list(apex, prefix_list),
        None => walk.surround(apex),
    }
    for (index, position) in piece.around.iter().enumerate() {
        let before = walk.out.len();
        walk.enter(*position);
        if index < piece.written {
            walk.out.truncate(before);
        }
    }
    if piece.begins {
        let content = if piece.around.is_empty() { new..new } else { piece.nodes.start..new };
        walk.nodes(content, None);
        walk.enter(new);
    } else {
        walk.nodes(piece.nodes.clone(), piece.omit);
    }
    if piece.ends {
        walk.close_last();
    }
    walk.within_most()
}

fn writable(element: Element<'_>, omit: Option<Element<'_>>) -> Result<(), Rejection> {
    if element.document().tree.names.has_relative() {
        return Err(Rejection::new(
            Code::Canonicalization,
            "absolute namespace names",
            "a relative one",
        ));
    }
    if omit == Some(element) {
        return Err(Rejection::new(Code::Canonicalization, "an element to canonicalize", "none"));
    }
    Ok(())
}

struct Walk<'d, 'o> {
    document: &'d Document<'d>,
    out: &'o mut Vec<u8>,
    /// What each prefix is bound to in the output so far.
    rendered: Vec<Namespace>,
    /// What `rendered` had before, in the order in which it was changed.
    outer: Vec<(Prefix, Namespace)>,
    /// The prefixes that are written where they are declared, used or not.
    inclusive: Inclusive,
    /// What the apex inherits from the elements around it.
    inherited: Vec<&'d Attribute>,
    open: Vec<Open<'d>>,
    /// The length of the output past which nothing more is written.
    most: usize,
    /// The declarations of the next start tag.
    declarations: Vec<Declaration>,
}

enum Inclusive {
    All,
    Listed(Vec<Prefix>),
}

impl Inclusive {
    fn has(&self, prefix: Prefix) -> bool {
        match self {
            Self::All => true,
            Self::Listed(listed) => listed.contains(&prefix),
        }
    }

    fn is_none(&self) -> bool {
        matches!(self, Self::Listed(listed) if listed.is_empty())
    }
}

/// A namespace declaration that is still to be written.
struct Declaration {
    /// [`Names::prefix_key`](super::names::Names::prefix_key)
    key: u64,
    prefix: Prefix,
    namespace: Namespace,
}

/// An element whose end tag is still to be written.
struct Open<'d> {
    name: &'d str,
    end: u32,
    /// The length of [`Walk::outer`] before it.
    outer: usize,
}

impl<'d, 'o> Walk<'d, 'o> {
    fn new(document: &'d Document<'d>, out: &'o mut Vec<u8>) -> Self {
        let mut rendered = vec![Namespace::UNBOUND; document.tree.names.prefix_count()];
        if let Some(default) = rendered.get_mut(Prefix::NONE.index()) {
            *default = Namespace::NONE;
        }
        let most = out.len() + ROOM + LONGER * document.source.len();
        Self {
            document,
            out,
            most,
            rendered,
            outer: Vec::with_capacity(16),
            inclusive: Inclusive::Listed(Vec::new()),
            inherited: Vec::new(),
            open: Vec::with_capacity(16),
            declarations: Vec::with_capacity(8),
        }
    }

    /// Writes some nodes, each with all that it holds.
    fn nodes(&mut self, nodes: Range<u32>, omit: Option<Element<'_>>) {
        let omit = omit.map(Element::position);
        let mut position = nodes.start;
        while position < nodes.end && self.out.len() <= self.most {
            self.close_until(position);
            let Some(node) = self.document.tree.nodes.get(position as usize) else { break };
            if omit == Some(position) {
                position = node.end;
                continue;
            }
            match &node.content {
                Content::Text(value) => self.text(*value),
                Content::Element(tag) => self.start_tag(tag, node.end),
            }
            position += 1;
        }
        self.close_until(nodes.end);
    }

    /// Refuses what became longer than it may be, where the walk ended.
    fn within_most(&self) -> Result<(), Rejection> {
        if self.out.len() <= self.most {
            return Ok(());
        }
        let expected = "a canonical form in proportion to the document";
        Err(Rejection::new(Code::Canonicalization, expected, "one many times as long"))
    }

    /// Writes the start tag of an element that stays open.
    fn enter(&mut self, position: u32) {
        if let Some(node) = self.document.tree.nodes.get(position as usize)
            && let Content::Element(tag) = &node.content
        {
            self.start_tag(tag, u32::MAX);
        }
    }

    /// Takes the prefixes of the list that mean something at the apex: there they are written, used
    /// or not. One that is declared further inside is taken when its declaration comes.
    fn list(&mut self, apex: Element<'d>, prefix_list: &str) {
        for listed in prefix_list.split([' ', '\t', '\n', '\r']).filter(|token| !token.is_empty()) {
            let text = if listed == "#default" { "" } else { listed };
            let names = &self.document.tree.names;
            let Some(prefix) = names.find_prefix(&self.document.source, text) else { continue };
            if let Inclusive::Listed(listed) = &mut self.inclusive
                && !listed.contains(&prefix)
            {
                listed.push(prefix);
                let namespace = apex.bound(text);
                if namespace != Namespace::UNBOUND {
                    self.render(prefix, namespace);
                }
            }
        }
    }

    /// Takes all that is declared around the apex, and the attributes in the namespace `xml` there that
    /// it does not have itself (Canonical XML 1.0, 2.4). The nearest of each counts.
    fn surround(&mut self, apex: Element<'d>) {
        self.inclusive = Inclusive::All;
        let tree = &self.document.tree;
        let mut seen = vec![false; self.rendered.len()];
        let mut element = Some(apex);
        while let Some(current) = element {
            let Some(tag) = current.tag() else { break };
            for own in tree.declarations.get(tag.declarations.range()).unwrap_or_default() {
                let Some(seen) = seen.get_mut(own.prefix.index()) else { continue };
                if !std::mem::replace(seen, true) {
                    self.render(own.prefix, own.namespace);
                }
            }
            for own in tree.attributes.get(tag.attributes.range()).unwrap_or_default() {
                if current != apex && own.name.prefix == Prefix::XML {
                    let name = self.document.source(own.name.local());
                    let has = |other: &&Attribute| self.document.source(other.name.local()) == name;
                    if apex.attribute_ns(ns::XML, name).is_none() && !self.inherited.iter().any(has)
                    {
                        self.inherited.push(own);
                    }
                }
            }
            element = current.parent();
        }
    }

    fn start_tag(&mut self, tag: &'d Tag, end: u32) {
        let document = self.document;
        let open = Open { name: document.source(tag.name.qualified), end, outer: self.outer.len() };
        self.render(tag.name.prefix, tag.name.namespace);
        let attributes = document.tree.attributes.get(tag.attributes.range()).unwrap_or_default();
        for attribute in attributes {
            if attribute.name.namespace != Namespace::NONE {
                self.render(attribute.name.prefix, attribute.name.namespace);
            }
        }
        if !self.inclusive.is_none() {
            let own = document.tree.declarations.get(tag.declarations.range()).unwrap_or_default();
            for declaration in own {
                if self.inclusive.has(declaration.prefix) {
                    self.render(declaration.prefix, declaration.namespace);
                }
            }
        }
        self.out.push(b'<');
        self.out.extend_from_slice(open.name.as_bytes());
        self.write_declarations();
        self.write_attributes(attributes);
        self.out.push(b'>');
        self.open.push(open);
    }

    /// Notes a declaration for the next start tag unless the output has it already.
    fn render(&mut self, prefix: Prefix, namespace: Namespace) {
        if prefix == Prefix::XML {
            return;
        }
        if let Some(rendered) = self.rendered.get_mut(prefix.index())
            && *rendered != namespace
        {
            self.outer.push((prefix, *rendered));
            *rendered = namespace;
            let key = self.document.tree.names.prefix_key(prefix);
            self.declarations.push(Declaration { key, prefix, namespace });
        }
    }

    /// Namespace declarations in the order of their prefixes (Canonical XML 1.0, 2.3).
    fn write_declarations(&mut self) {
        let names = &self.document.tree.names;
        let source: &str = &self.document.source;
        if self.declarations.len() > 1 {
            let text = |it: &Declaration| names.prefix_text(source, it.prefix);
            self.declarations.sort_unstable_by(|one, other| {
                one.key.cmp(&other.key).then_with(|| text(one).cmp(text(other)))
            });
        }
        for Declaration { prefix, namespace, .. } in self.declarations.drain(..) {
            self.out.extend_from_slice(b" xmlns");
            if prefix != Prefix::NONE {
                self.out.push(b':');
                self.out.extend_from_slice(names.prefix_text(source, prefix).as_bytes());
            }
            self.out.extend_from_slice(b"=\"");
            if let Some(value) = names.namespace_value(namespace) {
                attribute_value(self.document, value, self.out);
            }
            self.out.push(b'"');
        }
    }

    /// Attributes in canonical order, in which the document has them. What the apex inherits goes among
    /// them.
    fn write_attributes(&mut self, attributes: &'d [Attribute]) {
        let document = self.document;
        if self.inherited.is_empty() {
            attributes.iter().for_each(|attribute| write_attribute(document, attribute, self.out));
            return;
        }
        let mut all = std::mem::take(&mut self.inherited);
        all.extend(attributes);
        all.sort_unstable_by(|one, other| document.tree.order(&document.source, one, other));
        for attribute in all {
            write_attribute(document, attribute, self.out);
        }
    }

    fn text(&mut self, value: Value) {
        let text = self.document.value(value).as_bytes();
        if value.form == Form::Canonical {
            self.out.extend_from_slice(text);
            return;
        }
        escape::text(text, self.out);
    }

    /// Writes the end tags of the elements that end before a position.
    fn close_until(&mut self, position: u32) {
        while self.open.last().is_some_and(|open| open.end <= position) {
            self.close_last();
        }
    }

    /// Writes the end tag of the innermost open element.
    fn close_last(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(open.name.as_bytes());
        self.out.push(b'>');
        for (prefix, namespace) in self.outer.drain(open.outer..).rev() {
            if let Some(rendered) = self.rendered.get_mut(prefix.index()) {
                *rendered = namespace;
            }
        }
    }
}

fn write_attribute(document: &Document<'_>, attribute: &Attribute, out: &mut Vec<u8>) {
    out.push(b' ');
    out.extend_from_slice(document.source(attribute.name.qualified).as_bytes());
    out.extend_from_slice(b"=\"");
    attribute_value(document, attribute.value, out);
    out.push(b'"');
}

fn attribute_value(document: &Document<'_>, value: Value, out: &mut Vec<u8>) {
    let text = document.value(value).as_bytes();
    if value.form == Form::Canonical {
        out.extend_from_slice(text);
        return;
    }
    escape::attribute(text, out);
}
