//! What canonical form writes for the characters that it does not write as they are (Canonical XML
//! 1.0, 2.3). Our own messages are written the same way.

/// Appends character data.
pub(super) fn text(text: &[u8], out: &mut Vec<u8>) {
    escape(text, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

/// Appends an attribute value, for double quotes around it.
pub(super) fn attribute(value: &[u8], out: &mut Vec<u8>) {
    escape(value, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'"' => Some(b"&quot;"),
        b'\t' => Some(b"&#x9;"),
        b'\n' => Some(b"&#xA;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

fn escape(text: &[u8], out: &mut Vec<u8>, escaped: impl Fn(u8) -> Option<&'static [u8]>) {
    for &byte in text {
        match escaped(byte) {
            Some(reference) => out.extend_from_slice(reference),
            None => out.push(byte),
        }
    }
}
