//! Proof that a form was posted from a page of ours, by the browser that was given the page (SPEC 5.2;
//! ATTACKS WEB-01).
//!
//! Anybody can have a browser post a form here, with any field but one that follows from a cookie which
//! they cannot read. Nothing is stored for it: whichever node the post comes to works it out again.

use super::token;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::{Sha256, sha256};

/// What the page asked for. A proof for one is none for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Post the same message again, from our own site.
    PostAgain = 1,
    /// Replace the session of another person by that of this message.
    Replace = 2,
    /// End sessions of one's own.
    EndSessions = 3,
}

/// What the page has the browser post, besides the message that it is for. `cookie` is the value of the
/// cookie that the browser has.
pub(super) fn proof(purpose: Purpose, cookie: &str, message: &[u8]) -> String {
    let mut hash = Sha256::new();
    // Each part has its length fixed: a proof is taken for a cookie of ours alone, of 43 characters.
    hash.update(&[purpose as u8]);
    hash.update(cookie.as_bytes());
    hash.update(&sha256(message));
    URL_SAFE_NO_PAD.encode(hash.finish())
}

/// Whether a post proves that.
pub(super) fn is_proven(
    given: Option<&str>,
    purpose: Purpose,
    cookie: Option<&str>,
    message: &[u8],
) -> bool {
    let Some((given, cookie)) = given.zip(cookie) else { return false };
    let right = proof(purpose, cookie, message);
    token::hash(cookie).is_some()
        && given.len() == right.len()
        && openssl::memcmp::eq(given.as_bytes(), right.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOKIE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const OTHER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";

    #[test]
    fn a_proof_is_of_one_purpose_one_cookie_and_one_message() {
        let made = proof(Purpose::PostAgain, COOKIE, b"message");
        let proven = |purpose, cookie, message: &[u8]| {
            is_proven(Some(&made), purpose, Some(cookie), message)
        };
        assert!(proven(Purpose::PostAgain, COOKIE, b"message"));
        assert!(!proven(Purpose::Replace, COOKIE, b"message"));
        assert!(!proven(Purpose::PostAgain, OTHER, b"message"));
        assert!(!proven(Purpose::PostAgain, COOKIE, b"other message"));
    }

    #[test]
    fn nothing_is_proven_without_a_cookie_of_ours() {
        let of_none = proof(Purpose::PostAgain, "", b"message");
        for cookie in [None, Some("")] {
            let given = Some(of_none.as_str());
            assert!(!is_proven(given, Purpose::PostAgain, cookie, b"message"));
        }
        for given in [None, Some(""), Some("1")] {
            assert!(!is_proven(given, Purpose::PostAgain, Some(COOKIE), b"message"));
        }
    }
}
