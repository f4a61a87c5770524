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
        namespaces: 128,
        instructions_outside_root: false,
    };

    /// A metadata document of one entity or a small federation: 16 MiB, and stylesheet
    /// instructions outside the document element are passed over.
    pub const METADATA: Self = Self {
        bytes: 16 * 1024 * 1024,
        depth: 64,
        nodes: 2_000_000,
        attributes: 256,
        namespaces: 512,
        instructions_outside_root: true,
    };
}
