//! Single sign-on for applications: SAML 2.0 verified beyond doubt, accounts from assertions.
//!
//! The crate is sans-IO: bytes, configuration, the time and randomness come in, values go out. Only
//! [`flow`] calls the [`store`] port. Data flows one way:
//!
//! ```text
//! bindings -> xml -> dsig -> saml -> login::VerifiedLogin -> provisioning::SignInPlan -> store
//! ```
//!
//! No input reaches a panic (SPEC 4): what could is a lint, here and nowhere in tests. Nothing recurses by the
//! depth of its input either; `tests/conformance/xml/limits.rs` shows it on a stack of 64 KiB.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::get_unwrap,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice,
    )
)]

pub mod ambient;
pub mod application;
pub mod bindings;
pub mod certs;
pub mod connection;
pub mod cookies;
pub mod dsig;
pub mod encoding;
pub mod error;
pub mod flow;
pub mod ids;
pub mod jwt;
pub mod login;
pub mod logout;
pub mod metadata;
pub mod org;
pub mod profile;
pub mod provisioning;
pub mod random;
pub mod saml;
pub mod scim;
pub mod setting;
pub mod store;
pub mod time;
pub mod wsfed;
pub mod xml;
