//! The secrets of tokens: a prefix by which a scanner of leaked secrets knows them, and 256 random bits.
//! Only their SHA-256 is stored, which needs no salt over so many bits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use sso_core::random::{self, Random};
use sso_core::store::TokenUse;

const API: &str = "sso_api_";
const SCIM: &str = "sso_scim_";

/// A new secret, which is shown once, and what is stored of it.
pub(crate) fn new(of: TokenUse, random: &dyn Random) -> (String, [u8; 32]) {
    let prefix = match of {
        TokenUse::AdminApi => API,
        TokenUse::Scim => SCIM,
    };
    let secret = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::bytes::<32>(random)));
    let hash = sha256(secret.as_bytes());
    (secret, hash)
}

/// What is stored of a secret that came from outside. `None` for a text that no secret of ours can
/// be.
pub(crate) fn hash(secret: &str) -> Option<[u8; 32]> {
    [API, SCIM].iter().any(|prefix| secret.starts_with(prefix)).then(|| sha256(secret.as_bytes()))
}
