//! What must hold for any input whatever. Each target is a function that panics where it does not: it is
//! called by libFuzzer (`run`), and by tests/fuzz on every kept input. It says whether the input was taken, so
//! that whoever calls it sees whether it showed anything.

mod aggregate;
mod allocations;
mod c14n;
mod decrypt;
mod edit;
mod envelope;
mod genuine;
pub mod hostile;
mod metadata;
mod reader;
mod redirect;
mod seeds;
mod tokens;
mod verify;
mod wresult;

pub use aggregate::aggregate;
pub use allocations::{Allocations, Counting, allocations};
pub use c14n::c14n;
pub use decrypt::decrypt;
pub use edit::edited;
pub use envelope::envelope;
pub use metadata::metadata;
pub use reader::reader;
pub use redirect::redirect;
pub use seeds::{collect_seeds, seeds};
pub use verify::verify;
pub use wresult::wresult;

use sso_core::xml::{Document, Element, Limits};

/// A target: its name and its body.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// Every target.
pub const TARGETS: &[Target] = &[
    ("reader", reader),
    ("c14n", c14n),
    ("verify", verify),
    ("metadata", metadata),
    ("redirect", redirect),
    ("decrypt", decrypt),
    ("wresult", wresult),
    ("aggregate", aggregate),
    ("envelope", envelope),
];

/// Holds a piece of work on one message to what a message may make us allocate (SPEC 4.1): 4 MiB in all.
fn within_budget<T>(work: impl FnOnce() -> T) -> T {
    const MOST: u64 = 4 << 20;
    let (result, taken) = allocations(work);
    assert!(taken.in_all <= MOST, "{taken:?} are more than {MOST}");
    result
}

/// Room for a canonical form, in which a character can become five.
const ROOM: Limits = Limits {
    bytes: 8 * Limits::MESSAGE.bytes,
    nodes: 8 * Limits::MESSAGE.nodes,
    ..Limits::MESSAGE
};

/// The exclusive canonical form.
fn canonical(element: Element<'_>, omit: Option<Element<'_>>) -> Vec<u8> {
    let mut octets = Vec::new();
    sso_core::xml::c14n::exclusive(element, "", omit, &mut octets).expect("a canonical form");
    octets
}

/// The document element and everything inside.
fn elements<'d>(document: &'d Document<'_>) -> impl Iterator<Item = Element<'d>> {
    let root = document.root();
    std::iter::once(root).chain(root.descendants())
}
