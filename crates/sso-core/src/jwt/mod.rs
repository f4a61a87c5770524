//! Signed tokens for applications (RFC 7519), and the keys by which they are verified (RFC 7517).
//!
//! One algorithm, ES256 (RFC 7518 3.4). Tokens are made here and never read: no algorithm and no key
//! is ever taken from one.

mod jwk;
mod key;

pub use jwk::{Jwk, JwkSet};
pub use key::{JwtError, JwtKey, generate_private_key};
