//! The reader's eyes: what stands here, what comes next, and names (XML 1.0, 2.3; Namespaces in XML 1.0,
//! 4).

use super::characters::{NAME, NAME_START, PLAIN, SPACE, WIDE, class, is_ncname};
use super::document::{Name, Span};
use super::reader::Reader;
use crate::error::{Code, Rejection};
use memchr::{memchr, memchr2};

/// The next of each kind of byte, looked for once and remembered, so that no byte of the document is
/// looked at for the same reason twice.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    markup: Option<usize>,
    reference: Option<usize>,
}

impl<'s> Reader<'s> {
    /// The position of the first `<` from a position on, which only ever grows.
    pub(super) fn markup_from(&mut self, at: usize) -> usize {
        match self.ahead.markup {
            Some(known) if known >= at => known,
            _ => *self.ahead.markup.insert(self.find(at, |rest| memchr(b'<', rest))),
        }
    }

    /// The same, and whether a `>` stands before it: of character data both are asked, and found at once.
    pub(super) fn text_from(&mut self, at: usize) -> (usize, bool) {
        if let Some(known) = self.ahead.markup
            && known >= at
        {
            let text = self.bytes.get(at..known).unwrap_or_default();
            return (known, memchr(b'>', text).is_some());
        }
        let first = self.find(at, |rest| memchr2(b'<', b'>', rest));
        let has_greater = self.bytes.get(first) == Some(&b'>');
        if !has_greater {
            self.ahead.markup = Some(first);
        }
        (self.markup_from(first), has_greater)
    }

    /// The position of the first `&` from a position on.
    pub(super) fn reference_from(&mut self, at: usize) -> usize {
        match self.ahead.reference {
            Some(known) if known >= at => known,
            _ => *self.ahead.reference.insert(self.find(at, |rest| memchr(b'&', rest))),
        }
    }

    /// Looks for something from a position on; where there is none, the end of the document.
    fn find(&self, at: usize, find: impl FnOnce(&[u8]) -> Option<usize>) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        find(rest).map_or(self.bytes.len(), |offset| at + offset)
    }

    pub(super) fn spaces(&mut self) -> bool {
        let start = self.at;
        while self.byte().is_some_and(|b| class(b) & SPACE != 0) {
            self.at += 1;
        }
        self.at > start
    }

    pub(super) fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'s [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Positions fit: the input is shorter than 2^32 bytes, and what is decoded no longer than it.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    pub(super) fn malformed(&self, expected: &'static str) -> Rejection {
        let found = format!("other text at byte {}", self.place(self.at));
        Rejection::new(Code::NotWellFormed, expected, found)
    }

    /// Where a position is in the document.
    pub(super) fn place(&self, at: usize) -> u64 {
        self.origin.wrapping_add(at as u64)
    }

    /// Reads a name: one that both XML and Namespaces in XML allow.
    ///
    /// It is part of its callers, as [`Self::push`] is: passed through memory, what is written field by field
    /// and read as a whole has the processor wait, which was a fifth of all reading.
    #[inline(always)]
    pub(super) fn name(&mut self) -> Result<Name, Rejection> {
        let start = self.at;
        let mut colon = None;
        loop {
            let rest = self.rest();
            let plain = rest.iter().position(|&byte| class(byte) & PLAIN == 0);
            self.at += plain.unwrap_or(rest.len());
            match self.byte() {
                Some(b':') if colon.is_none() => {
                    colon = Some(self.at);
                    self.at += 1;
                }
                Some(b':') => return Err(self.unqualified(start)),
                Some(byte) if class(byte) & WIDE != 0 => return self.wide_name(start),
                _ => break,
            }
        }
        let begins = |at: usize| {
            at < self.at && self.bytes.get(at).is_some_and(|&byte| class(byte) & NAME_START != 0)
        };
        match colon {
            None if !begins(start) => Err(self.malformed("a name")),
            Some(colon) if colon == start || !begins(start) || !begins(colon + 1) => {
                Err(self.unqualified(start))
            }
            _ => {
                let local = colon.map_or(start, |colon| colon + 1);
                Ok(Name::unresolved(self.span(start, self.at), local as u32))
            }
        }
    }

    /// Reads a name that has characters past ASCII.
    fn wide_name(&mut self, start: usize) -> Result<Name, Rejection> {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|&byte| class(byte) & NAME == 0).unwrap_or(rest.len());
        self.at = start + length;
        let span = self.span(start, self.at);
        let (prefix, local) = match span.of(self.source).split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, span.of(self.source)),
        };
        if prefix == Some("") || local.is_empty() || local.contains(':') {
            return Err(self.unqualified(start));
        }
        if !is_ncname(local) || !prefix.is_none_or(is_ncname) {
            return Err(self.malformed("a name"));
        }
        Ok(Name::unresolved(span, span.end - local.len() as u32))
    }

    /// Namespaces in XML 1.0, 7: a name has at most one colon, with a name on either side.
    fn unqualified(&self, at: usize) -> Rejection {
        Rejection::new(
            Code::NotNamespaceWellFormed,
            "a name with at most one colon, and a name on either side of it",
            format!("another one at byte {}", self.place(at)),
        )
    }
}
