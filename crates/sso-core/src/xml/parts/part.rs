//! One part of a document, with the start tags around it.

use super::Group;
use crate::error::Rejection;
use crate::xml::c14n::{self, Piece};
use crate::xml::{Document, Element};

/// What a part ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The start tag of a group, which is open from here on.
    Start,
    /// A whole element that is no group.
    Child,
    /// The end tag of the innermost group.
    End,
}

/// A part: character data and comments, and the element with which it ends. That element's parents are
/// the open groups, of which nothing but the attributes is there.
#[derive(Debug)]
pub struct Part<'p> {
    pub(super) document: &'p Document<'static>,
    pub(super) groups: &'p [Group],
    pub(super) step: Step,
    /// Its first node.
    pub(super) first: u32,
    /// The element with which it ends.
    pub(super) element: u32,
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) most: usize,
}

impl<'p> Part<'p> {
    /// What it ends with.
    pub fn step(&self) -> Step {
        self.step
    }

    /// The group that begins or ends, or the whole element.
    pub fn element(&self) -> Element<'p> {
        Element::new(self.document, self.element)
    }

    /// How many groups are open with it, the one that begins or ends among them.
    pub fn depth(&self) -> usize {
        self.groups.len()
    }

    /// Where its element begins in the document, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes its element has, in the document.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The element as a document of its own, inside the groups that are open around it, with all that they
    /// declare and say of themselves and nothing else that they hold.
    pub fn alone(&self) -> String {
        let around = match self.step {
            Step::Child => self.groups,
            Step::Start | Step::End => &[],
        };
        let groups = || around.iter().map(|group| Element::new(self.document, group.node));
        let mut text = String::new();
        for group in groups() {
            text.push_str(self.source(group));
        }
        text.push_str(self.source(self.element()));
        for group in groups().rev() {
            text.push_str("</");
            text.push_str(group.qualified_name());
            text.push('>');
        }
        text
    }

    /// Appends what this part adds to the canonical form of an open group: exclusive with the
    /// `PrefixList`, inclusive where there is none. `level` is 0 for the outermost group.
    ///
    /// `omit` leaves the whole element of this part out: it is the signature of that group. Its canonical
    /// form begins there, so the group's own start tag is written then, and not before.
    ///
    /// # Errors
    /// `canonicalization`, as [`c14n::exclusive`], and for a form that is out of all proportion.
    pub(crate) fn canonical(
        &self,
        level: usize,
        prefix_list: Option<&str>,
        omit: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Rejection> {
        let begins = self.step == Step::Start;
        let open = self.groups.len() - usize::from(begins && !self.groups.is_empty());
        let around: Vec<u32> =
            self.groups.iter().take(open).skip(level).map(|group| group.node).collect();
        let piece = Piece {
            written: if omit { 0 } else { around.len() },
            around: &around,
            nodes: self.first..self.document.tree.nodes.len() as u32,
            begins,
            ends: self.step == Step::End,
            omit: omit.then(|| self.element()),
            most: self.most,
        };
        c14n::piece(self.document, &piece, prefix_list, out)
    }

    fn source(&self, element: Element<'p>) -> &'p str {
        element.document_text().get(element.source_range()).unwrap_or_default()
    }
}
