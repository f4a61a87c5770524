//! What is measured, each as one operation: the field of a form post in, the signed-in person out. The peers
//! that do less than that say so.

mod limit;
pub(crate) mod ours;
#[cfg(feature = "peers")]
mod samael;
#[cfg(feature = "peers")]
mod xml_sec;
#[cfg(feature = "peers")]
pub(crate) mod xmlsec1;

use crate::Operation;
use crate::input::Input;

/// A name, and what makes its operation for an input, once with all that outlives a request; none for an input
/// that it cannot verify at all.
pub(crate) type Subject = (&'static str, fn(&Input) -> Option<Operation>);

/// The least that a verification can cost.
pub(crate) const LIMIT: &str = "limit";
/// sso-core as the service calls it.
pub(crate) const OURS: &str = "sso-core";

/// The subjects in the order of the tables; the first is what the others are compared with.
pub(crate) const SUBJECTS: &[Subject] = &[
    (LIMIT, limit::operation),
    (OURS, ours::operation),
    ("sso-core, no trace", ours::untraced),
    #[cfg(feature = "peers")]
    ("samael", samael::operation),
    #[cfg(feature = "peers")]
    ("xml-sec", xml_sec::operation),
    #[cfg(feature = "peers")]
    ("xmlsec1, certificate", xmlsec1::with_certificate),
    #[cfg(feature = "peers")]
    ("xmlsec1, bare key", xmlsec1::with_bare_key),
];

/// Parts of ours, to see where it goes.
pub(crate) const PARTS: &[Subject] =
    &[("its reader", ours::reader), ("its reader and signature", ours::signature)];
