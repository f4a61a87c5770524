//! Bearer values in cookies. Only a digest of them is ever stored.
//!
//! A token begins with the millisecond in which it was made and goes on with 208 random bits; its
//! digest keeps the beginning, and has 208 bits of the SHA-256 after it. So what is stored grows at
//! the end of its index: a digest that is random as a whole makes each login write a page of its own.

use crate::random::{self, Random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;

/// How many bytes the time takes: 48 bits, as in the identifiers of RFC 9562, 5.7.
const TIME: usize = 6;

/// A new token.
pub(super) struct Token {
    /// What the browser is given: 32 bytes in base64url, 43 characters.
    pub(super) text: String,
    /// What is stored of it.
    pub(super) digest: [u8; 32],
}

/// Makes a token at this instant.
pub(super) fn new(now: OffsetDateTime, random: &dyn Random) -> Token {
    let millis = (now.unix_timestamp_nanos() / 1_000_000) as u64;
    let mut bytes = random::bytes::<32>(random);
    for (byte, time) in bytes.iter_mut().zip(millis.to_be_bytes().into_iter().skip(8 - TIME)) {
        *byte = time;
    }
    Token { text: URL_SAFE_NO_PAD.encode(bytes), digest: digest(&bytes) }
}

/// What is stored of a token that came from outside. `None` for a text that no token of ours can be.
pub(super) fn hash(token: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    match URL_SAFE_NO_PAD.decode_slice(token, &mut bytes) {
        Ok(32) => Some(digest(&bytes)),
        _ => None,
    }
}

/// What is stored of a token, as the browser is given it where it is to name a session and not to have
/// it: it makes no token.
pub(super) fn name(digest: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

/// What is stored of the token that a name from outside names, if it can name one.
pub(super) fn named(name: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    (URL_SAFE_NO_PAD.decode_slice(name, &mut digest) == Ok(32)).then_some(digest)
}

fn digest(token: &[u8; 32]) -> [u8; 32] {
    let mut digest = *token;
    let sha256 = openssl::sha::sha256(token);
    for (byte, hashed) in digest.iter_mut().skip(TIME).zip(sha256) {
        *byte = hashed;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::datetime;

    struct Fixed(u8);

    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    #[test]
    fn the_digest_of_a_token_is_found_again_and_tells_nothing_random_of_it() {
        let token = new(NOW, &Fixed(7));
        assert_eq!((token.text.len(), hash(&token.text)), (43, Some(token.digest)));
        assert!(!token.digest.windows(4).any(|window| window == [7; 4]));
    }

    #[test]
    fn a_name_names_what_is_stored_and_is_no_token_for_it() {
        let token = new(NOW, &Fixed(7));
        let name = name(&token.digest);
        assert_eq!(named(&name), Some(token.digest));
        assert_ne!(hash(&name), Some(token.digest));
        for text in ["", "A", &name[..42], "é"] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn later_tokens_have_greater_digests_and_others_of_the_same_instant_other_ones() {
        let later = new(NOW + Duration::milliseconds(1), &Fixed(0));
        assert!(new(NOW, &Fixed(255)).digest < later.digest);
        assert_ne!(new(NOW, &Fixed(1)).digest, new(NOW, &Fixed(2)).digest);
    }

    #[test]
    fn what_is_no_token_has_no_digest() {
        let token = new(NOW, &Fixed(7)).text;
        let longer = format!("{token}A");
        for text in ["", "A", &token[..42], &longer, &token.replace('B', "+"), "é"] {
            assert_eq!(hash(text), None, "{text}");
        }
    }
}
