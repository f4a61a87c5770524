//! The tokenizer: one pass over the bytes, straight into the arena (XML 1.0, 2; docs/adr/0001).
//!
//! It accepts exactly the documents that are well-formed and namespace-well-formed, written in UTF-8
//! and without a DTD, and refuses all others. It keeps no comments (canonical form has none, and no
//! value is split by one).

use super::Limits;
use super::bytes::same;
use super::characters::{NAME, SPACE, all_chars, class, is_ncname};
use super::document::{Content, Document, Form, Node, Span, Tree, Value};
use super::names::{Names, Namespace, Prefix};
use super::references;
use super::scan::Ahead;
use super::start_tag::Sorted;
use crate::error::{Code, Rejection};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// See [`Document::parse`].
pub(super) fn parse<'a>(input: &'a [u8], limits: &Limits) -> Result<Document<'a>, Rejection> {
    let source = text(input, limits)?;
    let tree = Reader::new(&source, limits).document()?;
    Ok(Document { source, tree })
}

/// The input as text: UTF-8, of XML's characters, line ends normalized.
fn text<'a>(input: &'a [u8], limits: &Limits) -> Result<Cow<'a, str>, Rejection> {
    // Positions are u32.
    if input.len() > limits.bytes.min(u32::MAX as usize - 1) {
        return Err(Rejection::new(
            Code::MessageTooLarge,
            format!("at most {} bytes", limits.bytes),
            format!("{} bytes", input.len()),
        ));
    }
    let not_utf8 = |found: &'static str| Rejection::new(Code::NotUtf8, "UTF-8", found);
    if matches!(input, [0, ..] | [_, 0, ..]) {
        return Err(not_utf8("a zero among the first two bytes, as in UTF-16"));
    }
    let text = std::str::from_utf8(input).map_err(|_| not_utf8("bytes that are not UTF-8"))?;
    if !all_chars(text) {
        return Err(Rejection::new(
            Code::NotWellFormed,
            "characters that XML allows",
            "a control character or a noncharacter",
        ));
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    Ok(match memchr(b'\r', text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
    })
}

/// By how much a list of so many grows that has room for no more: fourfold, so that what is taken on the way
/// is little beside what is needed, and not past what the rest of the document can hold.
pub(super) fn growth(length: usize, most: usize) -> usize {
    (3 * length).min(most)
}

pub(super) struct Reader<'s> {
    pub(super) source: &'s str,
    pub(super) bytes: &'s [u8],
    pub(super) at: usize,
    pub(super) limits: &'s Limits,
    pub(super) tree: Tree,
    /// What each prefix is bound to here.
    pub(super) bindings: Vec<Namespace>,
    /// In which tag, counted from 1, each prefix was declared last.
    pub(super) declared: Vec<u32>,
    /// How many tags there were.
    pub(super) tag: u32,
    /// Every value of an attribute that may be an ID.
    pub(super) ids: Vec<Value>,
    pub(super) ahead: Ahead,
    /// Where the attributes of a tag are sorted.
    pub(super) sorted: Vec<Sorted>,
    /// The position of the innermost open element, while `depth` is not 0.
    pub(super) open: u32,
    pub(super) depth: u32,
    /// Where the source begins in the document that a refusal speaks of.
    pub(super) origin: u64,
}

/// What stood after some character data.
pub(super) enum Markup {
    Start,
    End,
    /// A comment or a CDATA section.
    Other,
}

impl<'s> Reader<'s> {
    fn new(source: &'s str, limits: &'s Limits) -> Self {
        let size = source.len();
        Self {
            source,
            bytes: source.as_bytes(),
            at: 0,
            limits,
            tree: Tree {
                decoded: String::new(),
                nodes: Vec::with_capacity(size / 48 + 8),
                attributes: Vec::with_capacity(size / 64 + 8),
                declarations: Vec::with_capacity(size / 256 + 8),
                names: Names::new(limits),
                comments: Vec::new(),
            },
            bindings: vec![Namespace::NONE, Namespace::XML],
            declared: Vec::with_capacity(16),
            tag: 0,
            ids: Vec::with_capacity(8),
            ahead: Ahead::default(),
            sorted: Vec::new(),
            open: 0,
            depth: 0,
            origin: 0,
        }
    }

    /// XML 1.0 production 1.
    fn document(mut self) -> Result<Tree, Rejection> {
        self.prolog()?;
        self.start_tag()?;
        self.content(0)?;
        self.epilog()?;
        self.unique_ids()?;
        Ok(self.tree)
    }

    /// XML 1.0 production 22, up to the document element.
    pub(super) fn prolog(&mut self) -> Result<(), Rejection> {
        self.declaration()?;
        self.misc()?;
        if self.byte() == Some(b'<') { Ok(()) } else { Err(self.malformed("a document element")) }
    }

    /// What may stand after the document element, to the end of the document.
    pub(super) fn epilog(&mut self) -> Result<(), Rejection> {
        self.misc()?;
        if self.at < self.bytes.len() {
            return Err(self.malformed("nothing after the document element"));
        }
        Ok(())
    }

    /// White space and comments outside the document element; instructions where the limits say so.
    fn misc(&mut self) -> Result<(), Rejection> {
        loop {
            self.spaces();
            match self.rest() {
                [b'<', b'!', b'-', b'-', ..] => self.comment()?,
                [b'<', b'!', ..] => return Err(self.markup_declaration()),
                [b'<', b'?', ..] => {
                    let end = self.instruction()?;
                    if !self.limits.instructions_outside_root {
                        return Err(self.forbidden_instruction());
                    }
                    self.at = end;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Everything until no more elements than `outside` are open. The open elements are the chain of
    /// parents in the arena: nothing recurses.
    pub(super) fn content(&mut self, outside: u32) -> Result<(), Rejection> {
        while self.depth > outside {
            self.markup()?;
        }
        Ok(())
    }

    /// Character data, and the markup after it.
    pub(super) fn markup(&mut self) -> Result<Markup, Rejection> {
        self.characters()?;
        match self.rest() {
            [b'<', b'/', ..] => self.end_tag().map(|()| Markup::End),
            [b'<', b'!', b'-', b'-', ..] => self.comment().map(|()| Markup::Other),
            [b'<', b'!', b'[', ..] => self.cdata().map(|()| Markup::Other),
            [b'<', b'!', ..] => Err(self.markup_declaration()),
            [b'<', b'?', ..] => {
                self.instruction()?;
                Err(self.forbidden_instruction())
            }
            [b'<', ..] => self.start_tag().map(|()| Markup::Start),
            _ => Err(self.malformed("an end tag for every start tag")),
        }
    }

    /// Character data up to the next markup.
    fn characters(&mut self) -> Result<(), Rejection> {
        let start = self.at;
        if self.byte() == Some(b'<') {
            return Ok(());
        }
        let (end, has_greater) = self.text_from(start);
        if start == end {
            return Ok(());
        }
        self.at = end;
        let span = self.span(start, end);
        let mut form = Form::Canonical;
        if has_greater {
            form = Form::Literal;
            if memmem::find(span.bytes(self.bytes), b"]]>").is_some() {
                return Err(self.malformed("no `]]>` in character data"));
            }
        }
        let reference = self.reference_from(start);
        if reference >= end {
            return self.push_text(Value { span, form });
        }
        let span = self.decode(span, Some(reference - start), String::push_str)?;
        self.push_text(Value { span, form: Form::Decoded })
    }

    /// Appends a value whose first reference is at `next` to the decoded texts, what is between the
    /// references by `literal`.
    pub(super) fn decode(
        &mut self,
        raw: Span,
        mut next: Option<usize>,
        literal: fn(&mut String, &str),
    ) -> Result<Span, Rejection> {
        let decoded = &mut self.tree.decoded;
        let start = decoded.len();
        let mut rest = raw.of(self.source);
        while let Some(ampersand) = next {
            let (plain, reference) = rest.split_at_checked(ampersand).unwrap_or((rest, ""));
            literal(decoded, plain);
            let body = reference.get(1..).unwrap_or_default();
            let used = references::decode(body, decoded)?;
            rest = body.get(used..).unwrap_or_default();
            next = memchr(b'&', rest.as_bytes());
        }
        literal(decoded, rest);
        let end = decoded.len();
        Ok(self.span(start, end))
    }

    /// XML 1.0 production 18. Its text is literal.
    fn cdata(&mut self) -> Result<(), Rejection> {
        const OPEN: &[u8] = b"<![CDATA[";
        let inner = self.rest().strip_prefix(OPEN);
        let length = inner.and_then(|inner| memmem::find(inner, b"]]>"));
        let Some(length) = length else { return Err(self.malformed("a complete CDATA section")) };
        let start = self.at + OPEN.len();
        let span = self.span(start, start + length);
        self.at = start + length + 3;
        if length == 0 {
            return Ok(());
        }
        self.push_text(Value { span, form: Form::Literal })
    }

    /// XML 1.0 production 15: `--` may stand only where the comment ends.
    fn comment(&mut self) -> Result<(), Rejection> {
        let start = self.at + 4;
        let inner = self.bytes.get(start..).unwrap_or_default();
        match memmem::find(inner, b"--") {
            Some(length) if inner.get(length + 2) == Some(&b'>') => {
                self.at = start + length + 3;
                if self.depth > 0 {
                    self.tree.comments.push(self.open);
                }
                Ok(())
            }
            _ => Err(self.malformed("a comment that ends with `-->` and has no other `--`")),
        }
    }

    /// Where the processing instruction here ends (XML 1.0 production 16).
    fn instruction(&mut self) -> Result<usize, Rejection> {
        let rest = self.rest();
        let target = rest.get(2..).unwrap_or_default();
        let length = target.iter().take_while(|&&b| class(b) & NAME != 0).count();
        let (target, data) = target.split_at_checked(length).unwrap_or_default();
        if target.eq_ignore_ascii_case(b"xml") {
            return Err(self.malformed("an XML declaration only at the very beginning"));
        }
        let named = std::str::from_utf8(target).is_ok_and(is_ncname);
        let separated =
            data.first().is_some_and(|&b| class(b) & SPACE != 0) || data.starts_with(b"?>");
        match memmem::find(data, b"?>") {
            Some(end) if named && separated => Ok(self.at + 2 + length + end + 2),
            _ => Err(self.malformed("a complete processing instruction")),
        }
    }

    fn forbidden_instruction(&self) -> Rejection {
        Rejection::new(
            Code::ProcessingInstruction,
            "no processing instruction",
            format!("one at byte {}", self.place(self.at)),
        )
    }

    /// `<!` and neither a comment nor a CDATA section.
    fn markup_declaration(&self) -> Rejection {
        if self.rest().starts_with(b"<!DOCTYPE") {
            return Rejection::new(
                Code::DoctypeForbidden,
                "no document type declaration",
                format!("one at byte {}", self.place(self.at)),
            );
        }
        self.malformed("a comment or an element")
    }

    fn end_tag(&mut self) -> Result<(), Rejection> {
        const EXPECTED: &str = "the end tag of the innermost open element";
        let open = self.tree.nodes.get(self.open as usize);
        let Some(&Node { parent, content: Content::Element(ref tag), .. }) = open else {
            return Err(self.malformed(EXPECTED));
        };
        let declared = tag.declarations;
        let name = tag.name.qualified.bytes(self.bytes);
        let start = self.at + "</".len();
        let end = start + name.len();
        if !self.bytes.get(start..end).is_some_and(|found| same(found, name)) {
            return Err(self.malformed(EXPECTED));
        }
        self.at = end;
        self.spaces();
        if self.byte() != Some(b'>') {
            return Err(self.malformed(EXPECTED));
        }
        self.at += 1;
        let end = self.tree.nodes.len() as u32;
        if let Some(node) = self.tree.nodes.get_mut(self.open as usize) {
            node.end = end;
            if let Content::Element(tag) = &mut node.content {
                tag.source.end = self.at as u32;
            }
        }
        self.close(declared, parent);
        Ok(())
    }

    /// Leaves an element: its namespace declarations end.
    pub(super) fn close(&mut self, declared: Span, parent: u32) {
        for declaration in
            self.tree.declarations.get(declared.range()).unwrap_or_default().iter().rev()
        {
            if let Some(binding) = self.bindings.get_mut(declaration.prefix.index()) {
                *binding = declaration.outer;
            }
        }
        self.open = parent;
        self.depth -= 1;
    }

    /// The position of the innermost open element.
    pub(super) fn innermost(&self) -> u32 {
        self.open
    }

    /// Enters the element at a position.
    pub(super) fn enter(&mut self, node: u32) -> Result<(), Rejection> {
        self.depth += 1;
        self.open = node;
        if self.depth <= self.limits.depth {
            return Ok(());
        }
        Err(Rejection::new(
            Code::DepthLimit,
            format!("at most {} elements inside one another", self.limits.depth),
            "more",
        ))
    }

    fn push_text(&mut self, value: Value) -> Result<(), Rejection> {
        self.push(Content::Text(value)).map(drop)
    }

    /// Appends a node inside the innermost open element.
    #[inline(always)]
    pub(super) fn push(&mut self, content: Content) -> Result<u32, Rejection> {
        let node = self.tree.nodes.len() as u32;
        if node >= self.limits.nodes {
            return Err(Rejection::new(
                Code::NodeLimit,
                format!("at most {} elements and texts", self.limits.nodes),
                "more",
            ));
        }
        if self.tree.nodes.len() == self.tree.nodes.capacity() {
            let allowed = (self.limits.nodes - node) as usize;
            self.tree.nodes.reserve_exact(growth(node as usize, allowed.min(self.rest().len())));
        }
        self.tree.nodes.push(Node { parent: self.open, end: node + 1, content });
        Ok(node)
    }

    /// SPEC 4.1, ATTACKS ID-01 and ID-02: no two attributes that any reader takes for an ID agree.
    /// Sorting keeps this linear but for a logarithm.
    fn unique_ids(&mut self) -> Result<(), Rejection> {
        let mut ids: Vec<&str> =
            self.ids.iter().map(|id| id.of(self.source, &self.tree.decoded)).collect();
        ids.sort_unstable();
        for pair in ids.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                return Err(Rejection::new(Code::DuplicateId, "an ID once", one.to_string()));
            }
        }
        Ok(())
    }

    /// What a prefix is bound to here.
    pub(super) fn binding(&self, prefix: Prefix) -> Namespace {
        self.bindings.get(prefix.index()).copied().unwrap_or(Namespace::UNBOUND)
    }
}
