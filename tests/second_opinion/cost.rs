//! What a hostile message costs the second engine, which has no bounds of its own.

use crate::bases::{our_case, signed};
use crate::engines::RESPONSE;
use sso_core::connection::Verification;
use sso_tests::TestKey;

/// As large as a message may be, but for what is in it anyway.
const ROOM: usize = 240 * 1024;

/// Content that our reader takes, of everything that a parser or a canonicalizer may be slow at.
fn hostile() -> Vec<(&'static str, String)> {
    let times = |text: &str| text.repeat(ROOM / text.len());
    let nested = |deep: usize, each: &dyn Fn(usize) -> String| {
        let open: String = (0..deep).map(each).collect();
        open + &"</e>".repeat(deep)
    };
    let wide = format!("<e {}/>", (0..60).map(|n| format!("a{n}='{n}' ")).collect::<String>());
    let declaring =
        format!("<e {}/>", (0..30).map(|n| format!("xmlns:p{n}='u:{n}' ")).collect::<String>());
    let deep = nested(40, &|n| format!("<e xmlns:p{n}='u:{n}' p{n}:a='1'>"));
    vec![
        ("comments", times("<!---->")),
        ("elements", "<e/>".repeat(19_000)),
        ("texts apart", "t<e/>".repeat(9_500)),
        ("a text that a comment splits", format!("{}a<!---->b", "<e>x</e>".repeat(400))),
        ("references", times("&#65;")),
        // As many as there may be: 60 each, 20,000 in all.
        ("attributes", wide.repeat(330)),
        ("declarations", times(&declaring)),
        ("depth", times(&deep)),
        ("IDs", (0..9_000).map(|n| format!("<e ID='i{n}'/>")).collect()),
    ]
}

/// Outside of what is signed, where anybody can put it, and inside, where nobody but the identity provider
/// can, comments aside. An engine whose time grew out of proportion would not come to an end here, as samael's
/// own reduction does not with comments.
#[test]
fn the_second_engine_gets_through_what_is_hostile() {
    let key = TestKey::rsa(2048);
    let mut case = our_case(&key, &TestKey::rsa(2048));
    for (what, content) in hostile() {
        let extensions = format!("<samlp:Extensions xmlns='urn:x'>{content}</samlp:Extensions>");
        let value =
            format!("<saml:AttributeValue><x xmlns='urn:x'>{content}</x></saml:AttributeValue>");
        let outside = RESPONSE.replace("<samlp:Status>", &format!("{extensions}<samlp:Status>"));
        let inside =
            RESPONSE.replacen("<saml:AttributeValue>", &format!("{value}<saml:AttributeValue>"), 1);
        for text in [outside, inside] {
            let message = signed(&text, "Assertion", &key.signing());
            for verification in [Verification::Strict, Verification::Dual] {
                case.party.verification = verification;
                case.verify(message.as_bytes()).unwrap_or_else(|e| panic!("{what}: {e}"));
            }
        }
    }
}
