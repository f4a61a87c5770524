//! SAML 2.0 messages by their specification names, the assertions of SAML 1.1 ([`saml11`]) that
//! WS-Federation brings, and the rules that all of them are held to (SAML Core, SAML Profiles 4.1;
//! SPEC 4.3, 4.4).
//!
//! A response is looked at in this order: its [`Envelope`], which can only refuse; the signature that
//! [covers](covered_assertion) its assertion; the [`Assertion`], read from the verified element
//! alone; the [rules], which end in [`rules::Checked`]; a second engine, where the connection wants it
//! asked. One that an [artifact] stood for has another message around it. The messages of [logout] have an order
//! of their own. Nothing is read from outside the verified
//! element, no default takes the place of what is missing, and no setting turns a rule off.

pub(crate) mod artifact;
mod assertion;
mod authn_request;
mod conditions;
mod coverage;
mod encrypted_parts;
mod envelope;
mod head;
pub(crate) mod logout;
pub(crate) mod name_id;
pub mod names;
mod report;
pub mod rules;
pub(crate) mod saml11;
mod schema;
mod second_opinion;
mod statements;
mod status;
mod subject;
pub(crate) mod time;

pub use assertion::Assertion;
pub use authn_request::AuthnRequest;
pub(crate) use coverage::covered_token;
pub use coverage::{Covered, Trust, covered_assertion};
pub(crate) use encrypted_parts::Ciphertexts;
pub use encrypted_parts::EncryptedParts;
pub use envelope::Envelope;
pub(crate) use envelope::{Body, is_assertion, placement};
pub use report::Report;
pub(crate) use second_opinion::second_opinion;
