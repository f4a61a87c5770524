//! Prefixes and namespace names as small numbers, so that a comparison is a comparison of integers.

use super::bytes::same;
use super::document::{Span, Value};
use super::{Limits, ns};
use crate::error::{Code, Rejection};

/// A prefix of the document. The default namespace has [`Prefix::NONE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix(u16);

/// A namespace name of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Namespace(u16);

impl Prefix {
    pub(super) const NONE: Self = Self(0);
    pub(super) const XML: Self = Self(1);

    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// What it is bound to where nothing declares it.
    pub(super) fn unbound(self) -> Namespace {
        match self {
            Self::NONE => Namespace::NONE,
            Self::XML => Namespace::XML,
            _ => Namespace::UNBOUND,
        }
    }
}

impl Namespace {
    /// No namespace.
    pub(super) const NONE: Self = Self(0);
    pub(super) const XML: Self = Self(1);
    /// What an undeclared prefix is bound to.
    pub(super) const UNBOUND: Self = Self(u16::MAX);

    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// How many of each are there without being written in the document.
const FIXED: usize = 2;

/// The prefixes and namespace names seen so far. Both lists are bounded by [`Limits::namespaces`], so
/// that looking through them costs a hostile document no more than any other.
#[derive(Debug, Default)]
pub(super) struct Names {
    prefixes: Vec<Known>,
    namespaces: Vec<KnownName>,
    /// The place of each namespace name among all in alphabetical order, where it was asked for since
    /// the last name came.
    ranks: Vec<u16>,
    limit: usize,
    has_relative: bool,
}

/// A prefix of the document, with what tells most of them apart at once.
#[derive(Debug)]
struct Known {
    /// The first eight bytes.
    key: u64,
    span: Span,
}

impl Known {
    /// Whether it is this text, which begins with the key.
    fn is(&self, source: &[u8], key: u64, text: &[u8]) -> bool {
        self.key == key
            && self.span.len() == text.len()
            && (text.len() <= 8 || self.span.bytes(source) == text)
    }
}

/// A namespace name of the document, with what tells most of them apart at once.
#[derive(Debug)]
struct KnownName {
    /// The last eight bytes: the first are often the same.
    key: u64,
    value: Value,
}

/// The key and the length of the prefix `xml`.
const XML_KEY: (u64, usize) = (u64::from_le_bytes(*b"xml\0\0\0\0\0"), 3);

/// The first eight bytes of a text as a number, with zeros after a shorter one.
fn head(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => text.iter().rev().fold(0, |key, &byte| key << 8 | u64::from(byte)),
    }
}

/// A number for the last eight bytes of a text.
fn tail(text: &[u8]) -> u64 {
    text.last_chunk().map_or_else(|| head(text), |bytes| u64::from_le_bytes(*bytes))
}

/// The first eight bytes of a range as a number that sorts as they do, with zeros after a shorter one.
pub(super) fn order_key(source: &[u8], span: Span) -> u64 {
    key(source, span).swap_bytes()
}

/// The first eight bytes of a range as a number, with zeros after a shorter one.
fn key(source: &[u8], span: Span) -> u64 {
    let from = source.get(span.start as usize..).unwrap_or_default();
    let bytes = head(from);
    match span.len() {
        length @ 0..8 => bytes & ((1 << (8 * length)) - 1),
        _ => bytes,
    }
}

impl Names {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            prefixes: Vec::with_capacity(16),
            namespaces: Vec::with_capacity(16),
            ranks: Vec::new(),
            limit: usize::from(limits.namespaces.min(u16::MAX - 8)),
            has_relative: false,
        }
    }

    /// The number of a prefix that stands at `span` of the source.
    pub(super) fn prefix(&mut self, source: &[u8], span: Span) -> Result<Prefix, Rejection> {
        if span.is_empty() {
            return Ok(Prefix::NONE);
        }
        let key = key(source, span);
        if (key, span.len()) == XML_KEY {
            return Ok(Prefix::XML);
        }
        let text = span.bytes(source);
        let known = self.prefixes.iter().position(|known| known.is(source, key, text));
        let index = match known {
            Some(index) => index,
            None => {
                self.room(self.prefixes.len(), "prefixes")?;
                self.prefixes.push(Known { key, span });
                self.prefixes.len() - 1
            }
        };
        Ok(Prefix(number(index)))
    }

    /// The number of a namespace name.
    pub(super) fn namespace(
        &mut self,
        source: &str,
        decoded: &str,
        value: Value,
    ) -> Result<Namespace, Rejection> {
        let text = value.of(source, decoded);
        if text.is_empty() {
            return Ok(Namespace::NONE);
        }
        if text == ns::XML {
            return Ok(Namespace::XML);
        }
        let key = tail(text.as_bytes());
        // A name declared again is most often one of the latest.
        let known = self.namespaces.iter().rposition(|known| {
            known.key == key
                && known.value.span.len() == value.span.len()
                && same(known.value.of(source, decoded).as_bytes(), text.as_bytes())
        });
        let index = match known {
            Some(index) => index,
            None => {
                self.room(self.namespaces.len(), "namespace names")?;
                self.has_relative |= !is_absolute(text);
                self.namespaces.push(KnownName { key, value });
                self.ranks.clear();
                self.namespaces.len() - 1
            }
        };
        Ok(Namespace(number(index)))
    }

    /// The prefix of that text, if the document has it.
    pub(super) fn find_prefix(&self, source: &str, text: &str) -> Option<Prefix> {
        match text {
            "" => Some(Prefix::NONE),
            "xml" => Some(Prefix::XML),
            _ => {
                let (key, text) = (head(text.as_bytes()), text.as_bytes());
                let known = |known: &Known| known.is(source.as_bytes(), key, text);
                let index = self.prefixes.iter().position(known)?;
                Some(Prefix(number(index)))
            }
        }
    }

    /// The text of a prefix.
    pub(super) fn prefix_text<'t>(&self, source: &'t str, prefix: Prefix) -> &'t str {
        match prefix {
            Prefix::NONE => "",
            Prefix::XML => "xml",
            Prefix(n) => {
                let known = self.prefixes.get(usize::from(n) - FIXED);
                known.map_or("", |known| known.span.of(source))
            }
        }
    }

    /// What sorts a prefix among others in alphabetical order but for those that begin with the same
    /// eight bytes. The default namespace comes first.
    pub(super) fn prefix_key(&self, prefix: Prefix) -> u64 {
        match prefix {
            Prefix::NONE => 0,
            Prefix::XML => XML_KEY.0.swap_bytes(),
            Prefix(n) => {
                let known = self.prefixes.get(usize::from(n) - FIXED);
                known.map_or(0, |known| known.key.swap_bytes())
            }
        }
    }

    /// The places of all namespace names among each other in alphabetical order, by their index.
    pub(super) fn ranks(&mut self, source: &str, decoded: &str) -> &[u16] {
        if self.ranks.is_empty() {
            let all = (0..self.namespaces.len() + FIXED).map(|index| Namespace(index as u16));
            let mut sorted: Vec<Namespace> = all.collect();
            sorted.sort_unstable_by_key(|&name| self.namespace_text(source, decoded, name));
            self.ranks.resize(sorted.len(), 0);
            for (rank, name) in sorted.into_iter().enumerate() {
                if let Some(place) = self.ranks.get_mut(name.index()) {
                    *place = rank as u16;
                }
            }
        }
        &self.ranks
    }

    /// The text of a namespace name.
    pub(super) fn namespace_text<'t>(
        &self,
        source: &'t str,
        decoded: &'t str,
        namespace: Namespace,
    ) -> &'t str {
        match namespace {
            Namespace::NONE | Namespace::UNBOUND => "",
            Namespace::XML => ns::XML,
            Namespace(n) => {
                let known = self.namespaces.get(usize::from(n) - FIXED);
                known.map_or("", |known| known.value.of(source, decoded))
            }
        }
    }

    /// The value of a namespace name that the document itself has.
    pub(super) fn namespace_value(&self, namespace: Namespace) -> Option<Value> {
        let known = self.namespaces.get(usize::from(namespace.0).checked_sub(FIXED)?)?;
        Some(known.value)
    }

    /// How many prefixes and namespace names were noted.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.prefixes.len(), self.namespaces.len())
    }

    /// Forgets the prefixes and namespace names noted since there were so many. That one of them was
    /// relative is not forgotten.
    pub(super) fn truncate(&mut self, (prefixes, namespaces): (usize, usize)) {
        self.prefixes.truncate(prefixes);
        self.namespaces.truncate(namespaces);
        self.ranks.clear();
    }

    /// How many prefixes there are; each one's index is below.
    pub(super) fn prefix_count(&self) -> usize {
        self.prefixes.len() + FIXED
    }

    /// Whether the document declares a namespace name that is no absolute URI.
    pub(super) fn has_relative(&self) -> bool {
        self.has_relative
    }

    fn room(&self, used: usize, of: &str) -> Result<(), Rejection> {
        if used < self.limit {
            return Ok(());
        }
        Err(Rejection::new(
            Code::AttributeLimit,
            format!("at most {} different {of} in a document", self.limit),
            "more",
        ))
    }
}

/// The number of the name at an index. The lists are bounded far below 2^16.
fn number(index: usize) -> u16 {
    u16::try_from(index + FIXED).unwrap_or(u16::MAX)
}

/// RFC 3986, 3: an absolute reference begins with a scheme.
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}
