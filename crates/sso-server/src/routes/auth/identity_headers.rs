//! Who is signed in, as headers (SPEC 6; docs/adr/0009). Every value is printable ASCII: anything else
//! in it is percent-encoded UTF-8, so that no value of an assertion ends a header or begins another
//! (ATTACKS WEB-08).

use axum::http::{HeaderName, HeaderValue};
use sso_core::flow::Identified;
use std::fmt::Write as _;

/// All six, always, empty where there is nothing to tell: some proxies leave a header of the client's
/// in its place where the answer has none.
pub(super) fn of(person: &Identified) -> [(HeaderName, HeaderValue); 6] {
    let Identified { account, token } = person;
    let groups: Vec<String> = account.groups.iter().map(|group| encoded(group, b",%")).collect();
    let text = |text: &str| encoded(text, b"%");
    [
        ("x-sso-org", account.org.to_string()),
        ("x-sso-account", account.id.to_string()),
        ("x-sso-email", text(account.email().unwrap_or_default())),
        ("x-sso-name", text(&account.shown_name())),
        ("x-sso-groups", groups.join(",")),
        ("x-sso-token", token.clone()),
    ]
    .map(|(name, value)| {
        let value = HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static(""));
        (HeaderName::from_static(name), value)
    })
}

/// The text with every byte percent-encoded that is not printable ASCII or is one of `reserved`, and
/// spaces at either end, which a header does not keep.
fn encoded(text: &str, reserved: &[u8]) -> String {
    let inner = text.trim_matches(' ');
    let begin = text.len() - text.trim_start_matches(' ').len();
    let mut out = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        let at_an_end = index < begin || index >= begin + inner.len();
        if matches!(byte, b' '..=b'~') && !reserved.contains(&byte) && !at_an_end {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn values_are_printable_ascii_and_can_be_read_back() {
        for (text, value) in [
            ("", ""),
            ("Ann Lee", "Ann Lee"),
            ("Lee, Ann", "Lee, Ann"),
            ("Ümit Öz", "%C3%9Cmit %C3%96z"),
            ("100%", "100%25"),
            ("%41", "%2541"),
            (" a  b ", "%20a  b%20"),
            ("  ", "%20%20"),
            ("a\r\nX-Sso-Org: b", "a%0D%0AX-Sso-Org: b"),
            ("a\u{85}\u{2028}\t\0\u{7f}", "a%C2%85%E2%80%A8%09%00%7F"),
        ] {
            assert_eq!(encoded(text, b"%"), value);
            let back: Vec<u8> = percent_decoded(value);
            assert_eq!(String::from_utf8(back).expect("UTF-8"), text);
        }
        assert_eq!(encoded("a,b", b",%"), "a%2Cb");
    }

    fn percent_decoded(value: &str) -> Vec<u8> {
        let mut parts = value.split('%');
        let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            out.push(u8::from_str_radix(&part[..2], 16).expect("hex"));
            out.extend(part[2..].bytes());
        }
        out
    }
}
