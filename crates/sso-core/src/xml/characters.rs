//! Which characters XML 1.0 (fifth edition) allows where.

use memchr::memchr;

/// May begin a name.
pub(super) const NAME_START: u8 = 1;
/// May continue a name.
pub(super) const NAME: u8 = 2;
/// White space.
pub(super) const SPACE: u8 = 4;
/// The colon, which is also a name character.
pub(super) const COLON: u8 = 8;
/// A byte of a character past ASCII, of which the byte alone says nothing.
pub(super) const WIDE: u8 = 16;
/// A name character of ASCII that is no colon.
pub(super) const PLAIN: u8 = 32;

/// The classes of every byte.
const CLASS: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "computed when it is compiled")]
const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => NAME_START | NAME | PLAIN,
            b'0'..=b'9' | b'-' | b'.' => NAME | PLAIN,
            b':' => NAME_START | NAME | COLON,
            b' ' | b'\t' | b'\n' | b'\r' => SPACE,
            0x80..=0xFF => NAME_START | NAME | WIDE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The classes of a byte.
#[expect(clippy::indexing_slicing, reason = "the table has a place for every byte")]
pub(super) fn class(byte: u8) -> u8 {
    CLASS[usize::from(byte)]
}

/// XML 1.0 production 2, `Char`.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Namespaces in XML 1.0 production 4, `NCName`: a name without a colon.
pub(super) fn is_ncname(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_ncname_start) && characters.all(is_ncname_character)
}

fn is_ncname_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_ncname_character(c: char) -> bool {
    is_ncname_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether a text has only characters that XML allows. The text may hold any character that UTF-8 can.
pub(super) fn all_chars(text: &str) -> bool {
    // Most texts have no control character but line feeds, which costs half as much to see.
    let mut control = false;
    for &byte in text.as_bytes() {
        control |= (byte < 0x20) & (byte != b'\n');
    }
    if control && text.bytes().any(|b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) {
        return false;
    }
    // U+FFFE and U+FFFF, the only others that are left out, begin with EF.
    memchr(0xEF, text.as_bytes()).is_none() || !text.contains(['\u{FFFE}', '\u{FFFF}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_productions_on_ascii() {
        for byte in 0..0x80u8 {
            let class = class(byte);
            let c = char::from(byte);
            assert_eq!(class & NAME_START != 0, is_ncname_start(c) || c == ':', "{c:?}");
            assert_eq!(class & NAME != 0, is_ncname_character(c) || c == ':', "{c:?}");
        }
    }

    #[test]
    fn all_chars_agrees_with_the_production() {
        for c in (0..=0x10FFFF).filter_map(char::from_u32) {
            assert_eq!(all_chars(c.encode_utf8(&mut [0; 4])), is_char(c), "{c:?}");
        }
    }
}
