//! Reading a document: names compared with their namespaces, simple values whole.

use super::bytes::same;
use super::document::{Attribute, Content, Document, Name, Node, Span, Tag};
use super::names::Namespace;
use super::ns;
use crate::error::{Code, Rejection};
use std::borrow::Cow;

/// An element of a [`Document`]. It is a position: copying it is free, and two are equal when they
/// are the same node of the same document.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    position: u32,
}

impl<'d> Element<'d> {
    pub(super) fn new(document: &'d Document<'d>, position: u32) -> Self {
        Self { document, position }
    }

    /// The document that it stands in.
    pub(super) fn document(self) -> &'d Document<'d> {
        self.document
    }

    /// Where it stands in the arena.
    pub(super) fn position(self) -> u32 {
        self.position
    }

    /// The namespace name; empty for none.
    pub fn namespace(self) -> &'d str {
        self.tag().map_or("", |tag| self.namespace_text(tag.name.namespace))
    }

    /// The name without prefix.
    pub fn local_name(self) -> &'d str {
        self.tag().map_or("", |tag| self.document.source(tag.name.local()))
    }

    /// The name as written, with its prefix.
    pub(super) fn qualified_name(self) -> &'d str {
        self.tag().map_or("", |tag| self.document.source(tag.name.qualified))
    }

    /// Whether it has that name in that namespace.
    pub fn is(self, namespace: &str, local: &str) -> bool {
        self.tag().is_some_and(|tag| self.names(tag.name, namespace, local))
    }

    /// The value of an attribute without namespace. One of the same local name in a namespace is
    /// another attribute (ATTACKS ID-03, NS-04).
    pub fn attribute(self, local: &str) -> Option<&'d str> {
        self.attribute_ns("", local)
    }

    /// The value of an attribute in a namespace.
    pub fn attribute_ns(self, namespace: &str, local: &str) -> Option<&'d str> {
        let mut attributes = self.own_attributes().iter();
        let attribute = attributes.find(|it| self.names(it.name, namespace, local))?;
        Some(self.document.value(attribute.value))
    }

    /// The attributes in canonical order: namespace name, local name, value. Namespace declarations are
    /// none.
    pub fn attributes(self) -> impl Iterator<Item = (&'d str, &'d str, &'d str)> {
        self.own_attributes().iter().map(move |attribute| {
            (
                self.namespace_text(attribute.name.namespace),
                self.document.source(attribute.name.local()),
                self.document.value(attribute.value),
            )
        })
    }

    /// The element that it is in; none for the document element.
    pub fn parent(self) -> Option<Self> {
        let parent = self.node()?.parent;
        (parent != self.position).then_some(Self { document: self.document, position: parent })
    }

    /// The elements directly inside, in order.
    pub fn children(self) -> Elements<'d> {
        self.inside(Scope::Children)
    }

    /// The elements inside at whatever depth, in document order.
    pub fn descendants(self) -> Elements<'d> {
        self.inside(Scope::Descendants)
    }

    fn inside(self, scope: Scope) -> Elements<'d> {
        Elements { document: self.document, next: self.position + 1, end: self.end(), scope }
    }

    /// Whether a comment stands anywhere inside.
    pub fn has_comments(self) -> bool {
        let inside = self.position..self.end();
        self.document.tree.comments.iter().any(|parent| inside.contains(parent))
    }

    /// Whether it is the other one or stands somewhere inside it.
    pub fn is_within(self, other: Self) -> bool {
        std::ptr::eq(self.document, other.document)
            && (other.position..other.end()).contains(&self.position)
    }

    /// The one child of that name, if there is one.
    ///
    /// # Errors
    /// `schema_violation` when there are two.
    pub fn child(self, namespace: &str, local: &str) -> Result<Option<Self>, Rejection> {
        let mut found = self.children().filter(|child| child.is(namespace, local));
        let first = found.next();
        match found.next() {
            None => Ok(first),
            Some(_) => Err(Rejection::new(
                Code::SchemaViolation,
                format!("{local} once in {}", self.local_name()),
                "two",
            )),
        }
    }

    /// The one child of that name.
    ///
    /// # Errors
    /// `schema_violation` when there is none, or two.
    pub fn required_child(self, namespace: &str, local: &str) -> Result<Self, Rejection> {
        self.child(namespace, local)?.ok_or_else(|| {
            Rejection::new(
                Code::SchemaViolation,
                format!("{local} in {}", self.local_name()),
                "none",
            )
        })
    }

    /// The whole text of an element of simple type. Comments and CDATA sections never split it
    /// (ATTACKS TXT-01), and nothing is trimmed.
    ///
    /// # Errors
    /// `schema_violation` when an element is inside (TXT-03).
    pub fn text(self) -> Result<Cow<'d, str>, Rejection> {
        let mut text = Cow::Borrowed("");
        for node in self.content() {
            match node.content {
                Content::Text(value) => text += self.document.value(value),
                Content::Element(_) => {
                    return Err(Rejection::new(
                        Code::SchemaViolation,
                        format!("text alone in {}", self.local_name()),
                        "an element",
                    ));
                }
            }
        }
        Ok(text)
    }

    /// Whether character data other than white space stands directly inside.
    pub fn has_text(self) -> bool {
        let mut next = self.position + 1;
        while next < self.end() {
            let Some(node) = self.document.tree.nodes.get(next as usize) else { break };
            if let Content::Text(value) = node.content
                && !self.document.value(value).trim_matches([' ', '\t', '\n', '\r']).is_empty()
            {
                return true;
            }
            next = node.end;
        }
        false
    }

    /// The value of the attribute that the element's schema makes its ID: `ID` in SAML 2.0 and
    /// everything else, `AssertionID` and `ResponseID` in SAML 1.1, `Id` in XML Signature and XML
    /// Encryption. No other attribute resolves a reference (ATTACKS 0.3).
    pub fn id(self) -> Option<&'d str> {
        let attribute = match self.namespace() {
            ns::DS | ns::XENC => "Id",
            ns::SAML1 => "AssertionID",
            ns::SAMLP1 => "ResponseID",
            _ => "ID",
        };
        self.attribute(attribute)
    }

    /// The namespace name and local name of a QName in content (`xsi:type`), by the declarations in
    /// scope; none where its prefix is not declared or it is no QName.
    pub fn resolve_qname<'q>(self, qname: &'q str) -> Option<(&'d str, &'q str)> {
        let qname = qname.trim_matches([' ', '\t', '\n', '\r']);
        let (prefix, local) = qname.split_once(':').unwrap_or(("", qname));
        if local.is_empty() || local.contains(':') || (prefix.is_empty() && local != qname) {
            return None;
        }
        match self.bound(prefix) {
            Namespace::UNBOUND => None,
            namespace => Some((self.namespace_text(namespace), local)),
        }
    }

    /// The prefixes that are declared here, each with its namespace name.
    pub(super) fn scope(self) -> Vec<(&'d str, &'d str)> {
        let tree = &self.document.tree;
        let mut scope: Vec<(&str, &str)> = Vec::new();
        for element in std::iter::successors(Some(self), |element| element.parent()) {
            let span = element.tag().map_or_else(Span::default, |tag| tag.declarations);
            for declaration in tree.declarations.get(span.range()).unwrap_or_default() {
                let prefix = tree.names.prefix_text(&self.document.source, declaration.prefix);
                // The innermost declaration of a prefix counts. `xml` needs none.
                if prefix != "xml" && !scope.iter().any(|(known, _)| *known == prefix) {
                    scope.push((prefix, self.namespace_text(declaration.namespace)));
                }
            }
        }
        scope
    }

    /// What a prefix is bound to here.
    pub(super) fn bound(self, prefix: &str) -> Namespace {
        let tree = &self.document.tree;
        let Some(prefix) = tree.names.find_prefix(&self.document.source, prefix) else {
            return Namespace::UNBOUND;
        };
        let mut element = Some(self);
        while let Some(current) = element {
            let span = current.tag().map_or_else(Span::default, |tag| tag.declarations);
            let own = tree.declarations.get(span.range()).unwrap_or_default();
            if let Some(declaration) = own.iter().find(|own| own.prefix == prefix) {
                return declaration.namespace;
            }
            element = current.parent();
        }
        prefix.unbound()
    }

    /// The text of the whole document, without byte order mark and with line ends normalized.
    pub fn document_text(self) -> &'d str {
        &self.document.source
    }

    /// Where the element stands in [`Element::document_text`], in bytes, its tags included.
    pub fn source_range(self) -> std::ops::Range<usize> {
        self.tag().map_or(0..0, |tag| tag.source.range())
    }

    fn own_attributes(self) -> &'d [Attribute] {
        let span = self.tag().map_or_else(Span::default, |tag| tag.attributes);
        self.document.tree.attributes.get(span.range()).unwrap_or_default()
    }

    /// Whether a name of this document is that one.
    fn names(self, name: Name, namespace: &str, local: &str) -> bool {
        let own = name.local().bytes(self.document.source.as_bytes());
        same(own, local.as_bytes())
            && same(self.namespace_text(name.namespace).as_bytes(), namespace.as_bytes())
    }

    /// The nodes inside, at whatever depth.
    fn content(self) -> &'d [Node] {
        let inside = self.position as usize + 1..self.end() as usize;
        self.document.tree.nodes.get(inside).unwrap_or_default()
    }

    pub(super) fn end(self) -> u32 {
        self.node().map_or(self.position + 1, |node| node.end)
    }

    fn node(self) -> Option<&'d Node> {
        self.document.tree.nodes.get(self.position as usize)
    }

    pub(super) fn tag(self) -> Option<&'d Tag> {
        match &self.node()?.content {
            Content::Element(tag) => Some(tag),
            Content::Text(_) => None,
        }
    }

    fn namespace_text(self, namespace: Namespace) -> &'d str {
        let document = self.document;
        document.tree.names.namespace_text(&document.source, &document.tree.decoded, namespace)
    }
}

/// The elements inside another, in document order.
#[derive(Debug, Clone)]
pub struct Elements<'d> {
    document: &'d Document<'d>,
    next: u32,
    end: u32,
    scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Children,
    Descendants,
}

impl<'d> Iterator for Elements<'d> {
    type Item = Element<'d>;

    fn next(&mut self) -> Option<Element<'d>> {
        while self.next < self.end {
            let position = self.next;
            let node = self.document.tree.nodes.get(position as usize)?;
            self.next = if self.scope == Scope::Children { node.end } else { position + 1 };
            if let Content::Element(_) = node.content {
                return Some(Element { document: self.document, position });
            }
        }
        None
    }
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.position == other.position
    }
}

impl Eq for Element<'_> {}

impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} at node {}>", self.local_name(), self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Limits;

    fn parse(text: &str) -> Document<'_> {
        Document::parse(text.as_bytes(), &Limits::MESSAGE).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn reads_what_the_document_says() {
        let document = parse(
            "<?xml version='1.0' encoding='utf-8'?><!-- c --><p:a xmlns:p='urn:p' xmlns='urn:d' \
             ID='_1' p:ID='_2' t=' a\tb&#9;&lt;&amp;'>x<!-- y -->z<![CDATA[<&]]>&#x41;<b/><p:c>\
             <b xmlns='' q='p:name'/></p:c><b>  </b></p:a>\n",
        );
        let root = document.root();
        assert!(root.is("urn:p", "a"));
        assert_eq!(root.id(), Some("_1"));
        assert_eq!(root.attribute_ns("urn:p", "ID"), Some("_2"));
        assert_eq!(root.attribute("t"), Some(" a b\t<&"));
        assert_eq!(root.attributes().count(), 3);
        assert!(root.has_text());
        assert_eq!(root.text().map_err(|e| e.code), Err(Code::SchemaViolation));
        let names: Vec<_> = root.children().map(|e| (e.namespace(), e.local_name())).collect();
        assert_eq!(names, [("urn:d", "b"), ("urn:p", "c"), ("urn:d", "b")]);
        let inner: Vec<_> = root.descendants().map(Element::local_name).collect();
        assert_eq!(inner, ["b", "c", "b", "b"]);
        let c = root.required_child("urn:p", "c").unwrap();
        assert_eq!(c.parent(), Some(root));
        assert_eq!(root.parent(), None);
        let b = c.required_child("", "b").unwrap();
        assert_eq!(b.resolve_qname("p:name"), Some(("urn:p", "name")));
        assert_eq!(b.resolve_qname("name"), Some(("", "name")));
        assert_eq!(b.resolve_qname("q:name"), None);
        assert!(b.is_within(c) && b.is_within(root) && !c.is_within(b));
        assert_eq!(root.child("urn:d", "b").map_err(|e| e.code), Err(Code::SchemaViolation));
        assert_eq!(
            root.required_child("urn:d", "x").map_err(|e| e.code),
            Err(Code::SchemaViolation)
        );
        assert!(root.children().last().is_some_and(|b| !b.has_text()));
    }

    #[test]
    fn a_comment_never_splits_a_text() {
        let document = parse("<a>admin@x<!---->.attacker<![CDATA[.]]>tld\r\n</a>");
        assert_eq!(document.root().text().as_deref(), Ok("admin@x.attacker.tld\n"));
    }
}
