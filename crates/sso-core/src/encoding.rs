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

/// Reads what [`encode_hex`] writes; anything else gives none.
pub fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::{decode_base64, decode_hex, encode_hex};

    #[test]
    fn hex_has_two_lower_case_digits_a_byte() {
        assert_eq!(encode_hex(&[]), "");
        assert_eq!(encode_hex(&[0, 0x0a, 0xff]), "000aff");
        assert_eq!(decode_hex("000aff"), Some(vec![0, 0x0a, 0xff]));
        assert_eq!(decode_hex(""), Some(vec![]));
        for text in ["0", "0x", "0A", "000", " 00", "0g", "ü"] {
            assert_eq!(decode_hex(text), None, "{text}");
        }
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
