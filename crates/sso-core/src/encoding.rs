//! Bytes as text: base64 as forms and XML carry it (RFC 4648, section 4; XML Schema 2, 3.2.16), and hex.

use base64_simd::STANDARD;
use memchr::{memchr, memchr3};
use std::fmt::Write as _;

/// Decodes base64. Line breaks, tabs and blanks are passed over wherever they stand; anything else
/// that is not of the alphabet, padding that is missing and bits that are left over give none.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if memchr3(b'\n', b'\r', b' ', text).is_none() && memchr(b'\t', text).is_none() {
        return STANDARD.decode_to_vec(text).ok();
    }
    let mut unbroken = Vec::with_capacity(text.len());
    for part in text.split(|byte| matches!(byte, b'\n' | b'\r' | b' ' | b'\t')) {
        unbroken.extend_from_slice(part);
    }
    STANDARD.decode_to_vec(unbroken).ok()
}

/// Writes bytes in lower-case hex, two digits each.
pub fn encode_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{decode_base64, encode_hex};

    #[test]
    fn hex_has_two_lower_case_digits_a_byte() {
        assert_eq!(encode_hex(&[]), "");
        assert_eq!(encode_hex(&[0, 0x0a, 0xff]), "000aff");
    }

    #[test]
    fn white_space_is_passed_over_and_nothing_else() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("QUJD", Some(b"ABC")),
            (" QU\r\nI\t=\n", Some(b"AB")),
            ("QQ==", Some(b"A")),
            // Bits that are left over, padding that is missing, misplaced or alone.
            ("QR==", None),
            ("QQ=", None),
            ("QQ", None),
            ("Q", None),
            ("QQ==QQ==", None),
            ("=", None),
            ("====", None),
            // Other alphabets and other characters.
            ("-_-_", None),
            ("QUJ\u{A0}", None),
            ("QUJ\0", None),
            ("@@@@", None),
        ] {
            assert_eq!(decode_base64(text).as_deref(), bytes, "{text:?}");
        }
    }
}
