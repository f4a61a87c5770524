//! SAML 2.0 metadata: the identity provider's read, ours written (SAML Metadata 2; SPEC 2).
//!
//! Import reads one identity provider, from a document of its own or by its entity ID out of an aggregate,
//! which [`import_from`] reads as it comes, and proposes settings; nothing is granted and single logout is
//! never turned on by it.
//! What is hostile or past its time is refused with a stable code. A signature on the document counts
//! where a key is pinned for it ([`import_signed`]); elsewhere whoever imports vouches for where the
//! document came from. What a later document changes, and what of it waits for an administrator, is
//! decided by [`refresh`]; nothing here fetches one.

mod aggregate;
mod apply;
mod duration;
mod endpoint;
mod error;
mod export;
mod export_wsfed;
mod import;
mod index;
mod keys;
mod mdq;
mod refresh;
mod select;
mod source;
#[cfg(test)]
mod test_support;

pub use aggregate::{Extracted, import_from};
pub use apply::{Applied, ImportReport, apply};
pub use endpoint::{SloEndpoint, SsoEndpoint};
pub use error::MetadataError;
pub use export::{ServiceProvider, export, export_signed};
pub use export_wsfed::{FederationClient, export_federation, export_federation_signed};
pub use import::{ImportedIdp, import, import_signed};
pub use index::{IndexedEntity, Role, index};
pub use mdq::{EntityName, mdq_url};
pub use refresh::{MetadataChange, Refreshed, refresh};
pub use source::{
    MetadataSource, Proposal, RefreshFailure, Validators, due_after_failure, due_after_success,
};
