//! The strict XML reader, exclusive canonicalization and a small writer (SPEC 4.1, XML 1.0, Namespaces
//! in XML 1.0).
//!
//! One parse makes one tree. The tree that is canonicalized and hashed is the tree that is read; there
//! is no second parser and no re-serialization, so nothing to disagree with (ATTACKS 0.1, PAR-01).
//! Refused outright: every DOCTYPE, processing instructions in messages, any encoding but UTF-8,
//! duplicate IDs in whatever spelling, and documents past their [`Limits`]. No function here recurses,
//! and each runs in time linear in the input.

mod bytes;
pub mod c14n;
mod characters;
mod declaration;
mod document;
mod element;
mod escape;
mod limits;
mod names;
pub mod ns;
mod parts;
mod reader;
mod references;
mod scan;
mod start_tag;
mod write;

pub use document::Document;
pub use element::{Element, Elements};
pub use limits::{Limits, PartLimits};
pub use parts::{Part, PartError, Parts, Step};
pub use write::Writer;
pub(crate) use write::start_tag_in_scope;
