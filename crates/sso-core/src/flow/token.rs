//! Bearer values in cookies: 256 random bits. Only their SHA-256 is ever stored.

use crate::random::{self, Random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A new token, in base64url: 43 characters.
pub(super) fn new(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<32>(random))
}

/// What is stored of a token of ours.
pub(super) fn digest(token: &str) -> [u8; 32] {
    openssl::sha::sha256(token.as_bytes())
}

/// What is stored of a token that came from outside. `None` for a text that no token of ours can be.
pub(super) fn hash(token: &str) -> Option<[u8; 32]> {
    let well_formed = token.len() == 43
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    well_formed.then(|| digest(token))
}
