//! What is measured, each as one operation: the field of a form post in, the signed-in person out.

mod input;
mod limit;
mod ours;
#[cfg(feature = "peers")]
mod samael;

pub use input::{ACS_URL, Encrypted, IDP_ENTITY_ID, Input, REQUEST_ID, SP_ENTITY_ID, Signed};

/// One operation, made once with all that outlives a request.
pub type Operation = Box<dyn Fn()>;

/// The subjects by name, in the order of the tables; the first is what the others are compared with.
pub const SUBJECTS: &[(&str, fn(&Input) -> Operation)] = &[
    ("limit", limit::operation),
    ("sso-core", ours::operation),
    ("sso-core, traced", ours::traced),
    ("its reader", ours::reader),
    ("its reader and signature", ours::signature),
    #[cfg(feature = "peers")]
    ("samael", samael::operation),
];
