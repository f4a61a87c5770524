//! A document read part by part in bounded memory, for metadata aggregates (SPEC 2; docs/adr/0011).
//!
//! The tokenizer, the tree and the rules are those of [`Document`]; only, of the tree nothing is there but
//! the start tags of the open *groups* (elements that are entered) and one part. A part is taken when all
//! of it is there, and is read from its beginning in one go: no state of the tokenizer crosses from one
//! part to the next, so that nothing depends on where the bytes were cut on their way here. What
//! [`Limits`](super::Limits) bound of a document, [`PartLimits`] bounds of a part.

mod input;
mod part;

use super::document::{Mark, Node};
use super::names::Namespace;
use super::reader::{Markup, Reader};
use super::scan::Ahead;
use super::{Document, PartLimits};
use crate::error::{Code, Rejection};
use input::Input;
pub use part::{Part, Step};
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read;

/// How many bytes are asked for at a time, and twice as many each time that they do not complete a part.
const CHUNK: usize = 256 * 1024;

/// Why a document cannot be read further.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// Its bytes did not come.
    #[error("the document stopped short: {0}")]
    Input(#[from] std::io::Error),
    /// It breaks a rule.
    #[error(transparent)]
    Refused(#[from] Rejection),
}

/// A document as a sequence of parts.
#[derive(Debug)]
pub struct Parts<R> {
    input: Input<R>,
    limits: PartLimits,
    is_group: fn(&str, &str) -> bool,
    /// How many bytes are asked for first.
    chunk: usize,
    /// The start tags of the open groups, and what is being read.
    document: Document<'static>,
    /// Where the next part begins in its text.
    at: usize,
    /// How many bytes stand before the text, less what [`Self::joined`] has: where it begins.
    begins: u64,
    /// The places of line ends that were written with two characters.
    joined: Vec<usize>,
    ahead: Ahead,
    bindings: Vec<Namespace>,
    groups: Vec<Group>,
    /// What the part before this one ended with.
    before: Option<Step>,
    parts: u32,
    /// A hash of each ID. Two that only their hashes have in common refuse a document, and admit none.
    ids: Vec<u64>,
}

/// A group that is open.
#[derive(Debug)]
struct Group {
    node: u32,
    /// What the tree held after its start tag, and what the prefixes were bound to.
    mark: Mark,
    bindings: Vec<Namespace>,
    /// How much of the text must be kept for it.
    kept: usize,
    /// The bytes of the start tags of it and those around it.
    start_tags: usize,
}

/// What the tokenizer came to.
struct Found {
    step: Step,
    element: u32,
}

impl<R: Read> Parts<R> {
    /// Reads a document whose groups are the elements of which `is_group` says so, given the namespace and
    /// the local name: the document element, and those directly inside another group.
    pub fn new(input: R, limits: PartLimits, is_group: fn(&str, &str) -> bool) -> Self {
        Self {
            input: Input::new(input, limits.bytes),
            limits,
            is_group,
            chunk: CHUNK,
            document: Document { source: Cow::Owned(String::new()), tree: Default::default() },
            at: 0,
            begins: 0,
            joined: Vec::new(),
            ahead: Ahead::default(),
            bindings: Vec::new(),
            groups: Vec::new(),
            before: None,
            parts: 0,
            ids: Vec::new(),
        }
    }

    /// Reads the next part; none when the document has ended, and then all of its rules hold.
    ///
    /// # Errors
    /// What [`Document::parse`] refuses, with its codes. `message_too_large` too for a part that is;
    /// `node_limit` for too many parts or IDs, `depth_limit` for too many groups in one another,
    /// `attribute_limit` for start tags that are too long.
    pub fn next_part(&mut self) -> Result<Option<Part<'_>>, PartError> {
        if self.before == Some(Step::End) {
            self.groups.pop();
        }
        let outermost_ended = self.before.is_some() && self.groups.is_empty();
        if outermost_ended {
            self.end()?;
            return Ok(None);
        }
        self.count()?;
        let first = self.rewind();
        let mut asked = self.chunk;
        let mut refused = None;
        let (found, ids) = loop {
            let start = self.at;
            match self.read() {
                Ok(_) if self.at - start > self.limits.part.bytes => {
                    return Err(self.part_too_large().into());
                }
                Ok(read) => break read,
                Err(again) if !self.may_be_cut(&again) => return Err(again.into()),
                // More text would have changed nothing: it is not the end that is missing.
                Err(again) if self.is_full() && refused.as_ref() == Some(&again) => {
                    return Err(again.into());
                }
                Err(_) if self.is_full() => return Err(self.part_too_large().into()),
                Err(again) => {
                    refused = Some(again);
                    self.rewind();
                    self.more(asked)?;
                    asked = asked.saturating_mul(2);
                }
            }
        };
        self.note(ids)?;
        if found.step == Step::Start {
            self.enter(found.element)?;
        }
        let nodes = self.document.tree.nodes.len() as u32;
        for group in &self.groups {
            if let Some(node) = self.document.tree.nodes.get_mut(group.node as usize) {
                node.end = nodes;
            }
        }
        self.before = Some(found.step);
        let range = self.element_range(found.element);
        let (from, to) = (self.offset(range.start), self.offset(range.end));
        Ok(Some(Part {
            document: &self.document,
            groups: &self.groups,
            step: found.step,
            first,
            element: found.element,
            offset: from,
            length: to.saturating_sub(from),
            most: self.limits.part.bytes.saturating_mul(8),
        }))
    }

    /// Takes the tree back to the start tags of the open groups. The result is where the next part begins.
    fn rewind(&mut self) -> u32 {
        self.bindings.clear();
        match self.groups.last() {
            Some(group) => {
                self.document.tree.rewind(&group.mark);
                self.bindings.extend_from_slice(&group.bindings);
            }
            None => {
                self.document.tree.rewind(&Mark::default());
                self.document.tree.names = super::names::Names::new(&self.limits.part);
                self.bindings.extend([Namespace::NONE, Namespace::XML]);
            }
        }
        self.document.tree.nodes.len() as u32
    }

    /// Reads one part of the text that is there.
    fn read(&mut self) -> Result<(Found, Vec<u64>), Rejection> {
        let source: &str = &self.document.source;
        let mut reader = Reader {
            source,
            bytes: source.as_bytes(),
            at: self.at,
            limits: &self.limits.part,
            tree: std::mem::take(&mut self.document.tree),
            bindings: std::mem::take(&mut self.bindings),
            declared: Vec::new(),
            tag: 0,
            ids: Vec::new(),
            ahead: std::mem::take(&mut self.ahead),
            sorted: Vec::new(),
            open: self.groups.last().map_or(0, |group| group.node),
            depth: self.groups.len() as u32,
            origin: self.offset(self.at).wrapping_sub(self.at as u64),
        };
        let found = match self.groups.is_empty() {
            true => reader.first_part(self.is_group),
            false => reader.part(self.is_group),
        };
        let hashed = |text: &str| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        };
        let ids = reader.ids.iter().map(|id| hashed(id.of(source, &reader.tree.decoded)));
        let ids = if found.is_ok() { ids.collect() } else { Vec::new() };
        let at = reader.at;
        self.ahead = reader.ahead;
        self.bindings = reader.bindings;
        self.document.tree = reader.tree;
        let found = found?;
        self.at = at;
        Ok((found, ids))
    }

    /// Whether more text could make a part of what is no part yet. What is refused for another reason
    /// than where it ends is refused at once.
    fn may_be_cut(&self, refused: &Rejection) -> bool {
        !self.input.ended()
            && matches!(refused.code, Code::NotWellFormed | Code::NotNamespaceWellFormed)
    }

    /// Whether as much text is there as a part may have.
    fn is_full(&self) -> bool {
        self.document.source.len() - self.at > self.limits.part.bytes
    }

    /// Makes text of about so many bytes more. What was read before is given up for it.
    fn more(&mut self, bytes: usize) -> Result<(), PartError> {
        let kept = self.groups.last().map_or(0, |group| group.kept);
        let gone = kept..self.at;
        let past = self.joined.partition_point(|&place| place < self.at);
        self.begins += (gone.len() + past) as u64;
        self.joined.drain(..past);
        self.joined.iter_mut().for_each(|place| *place -= gone.len());
        let source = self.document.source.to_mut();
        source.drain(gone);
        self.at = kept;
        self.ahead = Ahead::default();
        let mark = self.input.append(bytes, source, &mut self.joined)?;
        self.begins += mark as u64;
        Ok(())
    }

    /// Where a place of the text is in the document.
    fn offset(&self, place: usize) -> u64 {
        let joined = self.joined.partition_point(|&joined| joined < place);
        self.begins + (place + joined) as u64
    }

    fn element_range(&self, node: u32) -> std::ops::Range<usize> {
        super::Element::new(&self.document, node).source_range()
    }

    /// Opens a group, whose start tag was just read.
    fn enter(&mut self, node: u32) -> Result<(), Rejection> {
        let around = self.groups.last().map_or(0, |group| group.start_tags);
        let start_tags = around + self.element_range(node).len();
        if self.groups.len() >= self.limits.groups as usize {
            let expected = format!("at most {} groups in one another", self.limits.groups);
            return Err(Rejection::new(Code::DepthLimit, expected, "more"));
        }
        if start_tags > self.limits.start_tags {
            let expected = format!("at most {} bytes of start tags", self.limits.start_tags);
            return Err(Rejection::new(Code::AttributeLimit, expected, "more"));
        }
        self.groups.push(Group {
            node,
            mark: self.document.tree.mark(),
            bindings: self.bindings.clone(),
            kept: self.at,
            start_tags,
        });
        Ok(())
    }

    fn count(&mut self) -> Result<(), Rejection> {
        self.parts += 1;
        if self.parts > self.limits.parts {
            let expected = format!("at most {} parts", self.limits.parts);
            return Err(Rejection::new(Code::NodeLimit, expected, "more"));
        }
        Ok(())
    }

    fn note(&mut self, ids: Vec<u64>) -> Result<(), Rejection> {
        self.ids.extend(ids);
        if self.ids.len() > self.limits.ids {
            let expected = format!("at most {} IDs", self.limits.ids);
            return Err(Rejection::new(Code::NodeLimit, expected, "more"));
        }
        Ok(())
    }

    /// What stands after the document element, and the rules of the whole document.
    fn end(&mut self) -> Result<(), PartError> {
        self.rewind();
        while !self.input.ended() && !self.is_full() {
            self.more(self.chunk)?;
        }
        if self.is_full() {
            return Err(self.part_too_large().into());
        }
        // The tree of nothing: no element is open any more.
        self.document.tree = Default::default();
        let mut reader = Reader {
            source: &self.document.source,
            bytes: self.document.source.as_bytes(),
            at: self.at,
            limits: &self.limits.part,
            tree: Default::default(),
            bindings: Vec::new(),
            declared: Vec::new(),
            tag: 0,
            ids: Vec::new(),
            ahead: Ahead::default(),
            sorted: Vec::new(),
            open: 0,
            depth: 0,
            origin: self.offset(self.at).wrapping_sub(self.at as u64),
        };
        reader.epilog()?;
        self.at = reader.at;
        self.ids.sort_unstable();
        if self.ids.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(Rejection::new(Code::DuplicateId, "an ID once", "one twice").into());
        }
        Ok(())
    }

    fn part_too_large(&self) -> Rejection {
        let expected = format!("an element of at most {} bytes", self.limits.part.bytes);
        Rejection::new(Code::MessageTooLarge, expected, "a larger one")
    }
}

impl Reader<'_> {
    /// The prolog and the document element, or its start tag where it is a group.
    fn first_part(&mut self, is_group: fn(&str, &str) -> bool) -> Result<Found, Rejection> {
        self.prolog()?;
        self.start_tag()?;
        self.started(0, is_group)
    }

    /// What comes next in the innermost group.
    fn part(&mut self, is_group: fn(&str, &str) -> bool) -> Result<Found, Rejection> {
        let (outside, group) = (self.depth, self.open);
        loop {
            match self.markup()? {
                Markup::Other => {}
                Markup::Start => return self.started(outside, is_group),
                Markup::End => return Ok(Found { step: Step::End, element: group }),
            }
        }
    }

    /// What begins with the start tag that was just read. A group without anything inside is a child.
    fn started(
        &mut self,
        outside: u32,
        is_group: fn(&str, &str) -> bool,
    ) -> Result<Found, Rejection> {
        let element = self.tree.nodes.len() as u32 - 1;
        if self.depth > outside && self.names_group(element, is_group) {
            return Ok(Found { step: Step::Start, element });
        }
        self.content(outside)?;
        Ok(Found { step: Step::Child, element })
    }

    fn names_group(&self, element: u32, is_group: fn(&str, &str) -> bool) -> bool {
        let Some(Node { content: super::document::Content::Element(tag), .. }) =
            self.tree.nodes.get(element as usize)
        else {
            return false;
        };
        let names = &self.tree.names;
        let namespace = names.namespace_text(self.source, &self.tree.decoded, tag.name.namespace);
        is_group(namespace, tag.name.local().of(self.source))
    }
}

#[cfg(test)]
mod tests;
