//! Start tags: attributes, namespace declarations, and what the names in them mean (XML 1.0, 3.1;
//! Namespaces in XML 1.0, 3 to 6).

use super::document::{Attribute, Content, Declaration, Form, Name, Span, Tag, Value, locals};
use super::names::{Namespace, order_key};
use super::ns;
use super::reader::{Reader, growth};
use crate::error::{Code, Rejection};
use memchr::{memchr, memchr3};
use std::cmp::Ordering;

/// Up to so many attributes are sorted as they are; of more, first what sorts them is laid out.
const FEW: usize = 8;

/// An attribute among many of a tag, with what sorts it: the place of its namespace, the beginning of
/// its local name.
#[derive(Debug)]
pub(super) struct Sorted {
    namespace: u16,
    local: u64,
    attribute: Attribute,
}

impl Reader<'_> {
    /// Reads a start tag or an empty-element tag.
    pub(super) fn start_tag(&mut self) -> Result<(), Rejection> {
        let start = self.at;
        self.at += 1;
        self.tag += 1;
        let name = self.name()?;
        let attributes = self.tree.attributes.len();
        let declarations = self.tree.declarations.len();
        let empty = loop {
            let spaced = self.spaces();
            match self.rest() {
                [b'>', ..] => {
                    self.at += 1;
                    break false;
                }
                [b'/', b'>', ..] => {
                    self.at += 2;
                    break true;
                }
                _ if !spaced => return Err(self.malformed("white space, `>` or `/>`")),
                _ => self.attribute(attributes, declarations)?,
            }
        };
        let attributes = self.span(attributes, self.tree.attributes.len());
        let declarations = self.span(declarations, self.tree.declarations.len());
        let name = self.resolve(name)?;
        self.resolve_attributes(attributes)?;
        let tag = Tag { name, source: self.span(start, self.at), attributes, declarations };
        let parent = self.innermost();
        let node = self.push(Content::Element(tag))?;
        self.enter(node)?;
        if empty {
            self.close(declarations, parent);
        }
        Ok(())
    }

    /// Reads one attribute of the element whose attributes and declarations begin at these positions.
    fn attribute(&mut self, attributes: usize, declarations: usize) -> Result<(), Rejection> {
        let in_all = self.tree.attributes.len() + self.tree.declarations.len();
        for (count, limit, of) in [
            (in_all - attributes - declarations, self.limits.attributes, "an element"),
            (in_all, self.limits.attributes_in_all, "all elements"),
        ] {
            if count >= limit as usize {
                let expected = format!("at most {limit} attributes of {of}");
                return Err(Rejection::new(Code::AttributeLimit, expected, "more"));
            }
        }
        let name = self.name()?;
        self.spaces();
        if self.byte() != Some(b'=') {
            return Err(self.malformed("`=` after the name of an attribute"));
        }
        self.at += 1;
        self.spaces();
        let value = self.attribute_value()?;
        let prefix = name.prefix_span();
        if prefix.bytes(self.bytes) == b"xmlns" {
            return self.declare(name.local(), value);
        }
        if prefix.is_empty() && name.local().bytes(self.bytes) == b"xmlns" {
            return self.declare(Span::default(), value);
        }
        // What the prefix means is known when the whole tag has been read.
        let length = self.tree.attributes.len();
        if length == self.tree.attributes.capacity() {
            // Each has five bytes or more.
            self.tree.attributes.reserve_exact(growth(length, self.rest().len() / 5 + 1));
        }
        self.tree.attributes.push(Attribute { name, value });
        Ok(())
    }

    /// Reads a quoted value: no `<`, references decoded, white space read as spaces.
    fn attribute_value(&mut self) -> Result<Value, Rejection> {
        let Some(quote @ (b'"' | b'\'')) = self.byte() else {
            return Err(self.malformed("a quoted attribute value"));
        };
        let start = self.at + 1;
        let markup = self.markup_from(start);
        let rest = self.bytes.get(start..markup).unwrap_or_default();
        let closing = |from: usize| Some(from + memchr(quote, rest.get(from..)?)?);
        // Where white space comes before the closing quote, it is read as spaces.
        let (length, space) = match memchr3(quote, b'\t', b'\n', rest) {
            Some(first) if rest.get(first) == Some(&quote) => (Some(first), false),
            Some(first) => (closing(first), true),
            None => (None, false),
        };
        let Some(length) = length else {
            return Err(self.malformed("an attribute value with a closing quote and no `<`"));
        };
        let end = start + length;
        let span = self.span(start, end);
        self.at = end + 1;
        let reference = Some(self.reference_from(start)).filter(|&at| at < end);
        if reference.is_none() && !space {
            let quoted = quote == b'\'' && memchr(b'"', span.bytes(self.bytes)).is_some();
            let form = if quoted { Form::Literal } else { Form::Canonical };
            return Ok(Value { span, form });
        }
        // XML 1.0, 3.3.3: literal white space is a space, a reference to it is itself.
        let literal = if space { spaced } else { String::push_str };
        let span = self.decode(span, reference.map(|at| at - start), literal)?;
        Ok(Value { span, form: Form::Decoded })
    }

    /// Declares a prefix, or the default namespace where the prefix is empty.
    fn declare(&mut self, prefix: Span, value: Value) -> Result<(), Rejection> {
        let prefix_text = prefix.of(self.source);
        let name = value.of(self.source, &self.tree.decoded);
        // Namespaces in XML 1.0, 3: the reserved prefixes and names go together and stay as they are;
        // a prefix cannot be undeclared.
        let reserved = prefix_text == "xmlns"
            || name == ns::XMLNS
            || (prefix_text == "xml") != (name == ns::XML)
            || (name.is_empty() && !prefix_text.is_empty());
        if reserved {
            return Err(Rejection::new(
                Code::NotNamespaceWellFormed,
                "a declaration of a prefix and a namespace that are not reserved",
                format!("{prefix_text}={name}"),
            ));
        }
        let prefix = self.tree.names.prefix(self.bytes, prefix)?;
        let namespace = self.tree.names.namespace(self.source, &self.tree.decoded, value)?;
        let outer = self.binding(prefix);
        if self.bindings.len() < self.tree.names.prefix_count() {
            self.bindings.resize(self.tree.names.prefix_count(), Namespace::UNBOUND);
        }
        if self.declared.len() < self.bindings.len() {
            self.declared.resize(self.bindings.len(), 0);
        }
        if let Some(declared) = self.declared.get_mut(prefix.index())
            && std::mem::replace(declared, self.tag) == self.tag
        {
            return Err(self.malformed("a prefix declared once in a tag"));
        }
        if let Some(binding) = self.bindings.get_mut(prefix.index()) {
            *binding = namespace;
        }
        self.tree.declarations.push(Declaration { prefix, namespace, outer });
        Ok(())
    }

    /// What a name means here, once its prefix is looked up. A name without a prefix is in the default
    /// namespace.
    #[inline(always)]
    fn resolve(&mut self, mut name: Name) -> Result<Name, Rejection> {
        name.prefix = self.tree.names.prefix(self.bytes, name.prefix_span())?;
        name.namespace = self.binding(name.prefix);
        if name.namespace == Namespace::UNBOUND {
            return Err(Rejection::new(
                Code::NotNamespaceWellFormed,
                "a declared prefix",
                name.qualified.of(self.source).to_owned(),
            ));
        }
        Ok(name)
    }

    /// Resolves the prefixes of an element's attributes, notes IDs, sorts them and refuses twins.
    fn resolve_attributes(&mut self, span: Span) -> Result<(), Rejection> {
        for index in span.range() {
            let Some(attribute) = self.tree.attributes.get(index) else { break };
            let Attribute { mut name, value } = *attribute;
            if name.has_prefix() {
                name = self.resolve(name)?;
                if let Some(attribute) = self.tree.attributes.get_mut(index) {
                    attribute.name = name;
                }
            }
            if self.is_id(name) {
                self.ids.push(value);
            }
        }
        if span.len() > 1 { self.sort_attributes(span) } else { Ok(()) }
    }

    /// Every spelling that some reader takes for an ID (ATTACKS 0.3).
    fn is_id(&self, name: Name) -> bool {
        let local = name.local();
        if local.len() != 2 && local.len() != 11 {
            return false;
        }
        match (name.namespace, local.bytes(self.bytes)) {
            (Namespace::NONE, b"ID" | b"Id" | b"id" | b"AssertionID") | (Namespace::XML, b"id") => {
                true
            }
            (other, b"Id") => {
                self.tree.names.namespace_text(self.source, &self.tree.decoded, other) == ns::WSU
            }
            _ => false,
        }
    }

    /// Brings an element's attributes into canonical order, in which twins are neighbours: no name twice,
    /// neither as written nor as meant (XML 1.0, 3.1; Namespaces in XML 1.0, 6.3).
    fn sort_attributes(&mut self, span: Span) -> Result<(), Rejection> {
        let attributes = self.tree.attributes.get(span.range()).unwrap_or_default();
        let order = |one: &Attribute, other: &Attribute| self.tree.order(self.source, one, other);
        if attributes.is_sorted_by(|one, other| order(one, other) == Ordering::Less) {
            return Ok(());
        }
        // One buffer for all tags.
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        if attributes.len() <= FEW {
            let unkeyed = |&attribute| Sorted { namespace: 0, local: 0, attribute };
            sorted.extend(attributes.iter().map(unkeyed));
            sorted.sort_unstable_by(|one, other| order(&one.attribute, &other.attribute));
        } else {
            let ranks = self.tree.names.ranks(self.source, &self.tree.decoded);
            sorted.extend(attributes.iter().map(|&attribute| Sorted {
                namespace: ranks.get(attribute.name.namespace.index()).copied().unwrap_or_default(),
                local: order_key(self.bytes, attribute.name.local()),
                attribute,
            }));
            sorted.sort_unstable_by(|one, other| {
                let keys = (one.namespace, one.local).cmp(&(other.namespace, other.local));
                keys.then_with(|| locals(self.bytes, &one.attribute, &other.attribute))
            });
        }
        for pair in sorted.windows(2) {
            if let [Sorted { attribute: one, .. }, Sorted { attribute: other, .. }] = pair
                && one.name.namespace == other.name.namespace
                && locals(self.bytes, one, other) == Ordering::Equal
            {
                return Err(self.twins(one, other));
            }
        }
        let attributes = self.tree.attributes.get_mut(span.range()).unwrap_or_default();
        for (place, sorted) in attributes.iter_mut().zip(&sorted) {
            *place = sorted.attribute;
        }
        self.sorted = sorted;
        Ok(())
    }

    fn twins(&self, one: &Attribute, other: &Attribute) -> Rejection {
        let code = match one.name.prefix == other.name.prefix {
            true => Code::NotWellFormed,
            false => Code::NotNamespaceWellFormed,
        };
        let name = one.name.qualified.of(self.source);
        Rejection::new(code, "an attribute once in a tag", name.to_owned())
    }
}

/// Appends literal text of an attribute value: tabs and line ends are spaces.
fn spaced(out: &mut String, text: &str) {
    for (index, line) in text.split(['\t', '\n']).enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(line);
    }
}
