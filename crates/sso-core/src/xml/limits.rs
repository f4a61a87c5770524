//! How large a document may be before it is refused (SPEC 4.1, ATTACKS DOS-01 and DOS-02).

/// The bounds of one parse. The length of a text needs none of its own: no reference expands, so a
/// decoded text is never longer than its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of input.
    pub bytes: usize,
    /// The most elements that may be open at once.
    pub depth: u32,
    /// The most elements and texts.
    pub nodes: u32,
    /// The most attributes and namespace declarations of one element.
    pub attributes: u32,
    /// The most attributes and namespace declarations of all elements.
    pub attributes_in_all: u32,
    /// The most different prefixes, and the most different namespace names, of the whole document.
    pub namespaces: u16,
    /// Whether processing instructions may stand outside the document element.
    pub instructions_outside_root: bool,
}

impl Limits {
    /// A protocol message after decoding and inflating: 256 KiB (SPEC 4.1).
    pub const MESSAGE: Self = Self {
        bytes: 262_144,
        depth: 64,
        nodes: 20_000,
        attributes: 64,
        attributes_in_all: 20_000,
        namespaces: 128,
        instructions_outside_root: false,
    };

    /// One entity of an aggregate, which is read part by part: 2 MiB.
    pub const ENTITY: Self = Self {
        bytes: 2 * 1024 * 1024,
        depth: 64,
        nodes: 100_000,
        attributes: 256,
        attributes_in_all: 100_000,
        namespaces: 512,
        instructions_outside_root: true,
    };

    /// A metadata document of one entity or a small federation: 16 MiB, and stylesheet
    /// instructions outside the document element are passed over.
    pub const METADATA: Self = Self {
        bytes: 16 * 1024 * 1024,
        depth: 64,
        nodes: 2_000_000,
        attributes: 256,
        attributes_in_all: 2_000_000,
        namespaces: 512,
        instructions_outside_root: true,
    };
}

/// The bounds of a document that is read part by part. What is held at once is bounded by those of one
/// part and of the start tags around it, whatever the length of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartLimits {
    /// The most bytes of the document.
    pub bytes: u64,
    /// The bounds of a part. Namespaces are counted in the part and the start tags around it.
    pub part: Limits,
    /// The most parts: every one is read in the light of the start tags around it.
    pub parts: u32,
    /// The most groups that may be open at once.
    pub groups: u32,
    /// The most bytes of the start tags of the open groups.
    pub start_tags: usize,
    /// The most IDs of the document.
    pub ids: usize,
}

impl PartLimits {
    /// A metadata aggregate: 512 MiB, of at most 100,000 entities (SPEC 2 names 10,000 and 100 MB).
    pub const AGGREGATE: Self = Self {
        bytes: 512 * 1024 * 1024,
        part: Limits::ENTITY,
        parts: 100_000,
        groups: 8,
        start_tags: 16 * 1024,
        ids: 250_000,
    };
}
