//! The assertion as libxml2 reads it: its ID, issuer, subject and attributes (SAML Core 2.3.3).
//!
//! It shares no line with our own reader, but for the rules of what counts: a comment never splits a value,
//! Attributes of one Name are one, a nil value is none, and a structure is none but for a single NameID.

use crate::xml::ns;
use libxml::parser::{Parser, ParserOptions};
use libxml::tree::{Document, Node};
use std::collections::HashMap;

/// What libxml2 reads in an assertion.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) name_id: NameId,
    pub(super) attributes: Vec<(String, Vec<String>)>,
}

/// A `NameID` as libxml2 reads it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NameId {
    pub(super) value: String,
    pub(super) format: Option<String>,
    pub(super) name_qualifier: Option<String>,
    pub(super) sp_name_qualifier: Option<String>,
}

/// White space of XML 1.0, 2.3.
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Why libxml2 cannot read what our engine has read.
type Unread = &'static str;

impl Reading {
    /// Reads the assertion that is the document element, or that stands alone directly inside it. `parts` is
    /// what its encrypted parts were decrypted to, in document order.
    pub(super) fn of<'t>(
        text: &str,
        mut parts: impl Iterator<Item = &'t [u8]>,
    ) -> Result<Self, Unread> {
        let document = parse(text.as_bytes())?;
        let root = root(&document)?;
        let assertion = match is(&root, ns::SAML, "Assertion") {
            true => root,
            false => only(&root, "Assertion")?,
        };
        let issuer = only(&assertion, "Issuer")?.get_content();
        let subject = only(&assertion, "Subject")?;
        let name_id = name_id(&subject, &mut parts)?;
        let mut attributes = Attributes::default();
        for statement in children(&assertion, "AttributeStatement") {
            attributes.read_statement(&statement, &mut parts)?;
        }
        if parts.next().is_some() {
            return Err("libxml2 finds fewer encrypted parts");
        }
        Ok(Self {
            id: attribute(&assertion, "ID").ok_or("libxml2 finds no ID")?,
            issuer: issuer.trim_matches(WHITE_SPACE).to_owned(),
            name_id,
            attributes: attributes.values,
        })
    }

    /// Whether the document element is one that holds exactly one encrypted assertion, and no other.
    pub(super) fn of_encrypted(text: &str) -> Result<(), Unread> {
        let document = parse(text.as_bytes())?;
        let root = root(&document)?;
        only(&root, "EncryptedAssertion")?;
        match children(&root, "Assertion").next() {
            None => Ok(()),
            Some(_) => Err("libxml2 finds an assertion beside the encrypted one"),
        }
    }
}

fn name_id<'t>(
    subject: &Node,
    parts: &mut impl Iterator<Item = &'t [u8]>,
) -> Result<NameId, Unread> {
    let read = |name_id: &Node| NameId {
        value: name_id.get_content(),
        format: attribute(name_id, "Format"),
        name_qualifier: attribute(name_id, "NameQualifier"),
        sp_name_qualifier: attribute(name_id, "SPNameQualifier"),
    };
    if children(subject, "EncryptedID").next().is_none() {
        return only(subject, "NameID").map(|name_id| read(&name_id));
    }
    let document = decrypted(parts)?;
    only(&root(&document)?, "NameID").map(|name_id| read(&name_id))
}

/// The attributes read so far: each Name with its values, and where it is among them.
#[derive(Default)]
struct Attributes {
    values: Vec<(String, Vec<String>)>,
    places: HashMap<String, usize>,
}

impl Attributes {
    fn read_statement<'t>(
        &mut self,
        statement: &Node,
        parts: &mut impl Iterator<Item = &'t [u8]>,
    ) -> Result<(), Unread> {
        for child in statement.get_child_elements() {
            if is(&child, ns::SAML, "Attribute") {
                self.read(&child)?;
            } else if is(&child, ns::SAML, "EncryptedAttribute") {
                let document = decrypted(parts)?;
                self.read(&only(&root(&document)?, "Attribute")?)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, element: &Node) -> Result<(), Unread> {
        let name = attribute(element, "Name").ok_or("libxml2 finds an attribute without a Name")?;
        let read = children(element, "AttributeValue").filter_map(|value| attribute_value(&value));
        let place = *self.places.entry(name.clone()).or_insert(self.values.len());
        match self.values.get_mut(place) {
            Some((_, values)) => values.extend(read),
            None => self.values.push((name, read.collect())),
        }
        Ok(())
    }
}

fn attribute_value(value: &Node) -> Option<String> {
    let nil = value.get_attribute_ns("nil", ns::XSI);
    match value.get_child_elements().as_slice() {
        [] if matches!(nil.as_deref(), Some("true" | "1")) => None,
        [] => Some(value.get_content()),
        [name_id] if is(name_id, ns::SAML, "NameID") && !has_text(value) => {
            Some(name_id.get_content())
        }
        _ => None,
    }
}

fn has_text(element: &Node) -> bool {
    let children = element.get_child_nodes();
    children.iter().any(|child| {
        child.is_text_node() && !child.get_content().trim_matches(WHITE_SPACE).is_empty()
    })
}

/// The next of the encrypted parts.
fn decrypted<'t>(parts: &mut impl Iterator<Item = &'t [u8]>) -> Result<Document, Unread> {
    parse(parts.next().ok_or("libxml2 finds more encrypted parts")?)
}

/// A document, as strictly as libxml2 parses. Nothing is loaded.
fn parse(text: &[u8]) -> Result<Document, Unread> {
    let options = ParserOptions { recover: false, no_net: true, ..ParserOptions::default() };
    let document = Parser::default().parse_string_with_options(text, options);
    document.map_err(|_| "libxml2 does not parse it")
}

fn root(document: &Document) -> Result<Node, Unread> {
    document.get_root_element().ok_or("libxml2 finds no document element")
}

/// The one child of that name.
fn only(parent: &Node, name: &str) -> Result<Node, Unread> {
    let mut found = children(parent, name);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        _ => Err("libxml2 finds an element missing or repeated"),
    }
}

fn children(parent: &Node, name: &str) -> impl Iterator<Item = Node> {
    parent.get_child_elements().into_iter().filter(move |child| is(child, ns::SAML, name))
}

fn is(element: &Node, namespace: &str, name: &str) -> bool {
    element.get_name() == name
        && element.get_namespace().is_some_and(|found| found.get_href() == namespace)
}

/// The attribute of no namespace.
fn attribute(element: &Node, name: &str) -> Option<String> {
    let attribute = element.get_property_node(name)?;
    attribute.get_namespace().is_none().then(|| attribute.get_content())
}
