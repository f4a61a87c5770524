//! Edit scripts: an input as a list of changes to a genuine message. So a fuzzer gets past the reader and
//! makes what an attacker makes: elements moved, copied and renamed, IDs exchanged, texts split.

use sso_core::xml::{Document, Element, Limits};
use std::ops::Range;

/// What an attacker would put somewhere.
const TOKENS: &[&str] = &[
    "<!---->",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<![CDATA[]]>",
    "<?p?>",
    "&#",
    "&#x41;",
    "&#xD;",
    "&amp;",
    " xmlns=\"\"",
    " xmlns:p=\"urn:p\"",
    " xmlns:saml=\"urn:x\"",
    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
    " xml:id=\"_a\"",
    " Id=\"_assertion\"",
    " ID=\"_a\"",
    "</saml:NameID>",
    "<saml:Assertion>",
    "<samlp:Extensions>",
    "<ds:Object>",
    "<saml:NameID>eve</saml:NameID>",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    "#xpointer(/)",
    "#",
    "\r\n",
    "\u{FEFF}",
    "\u{A0}",
    "'",
    "\"",
    ">",
    "/>",
    ":",
    "=",
    "eve@acme.test",
];

/// The most changes of a script that count.
const MOST: usize = 12;

/// The most bytes of what a script makes: somewhat past the limit of a message.
const ROOM: usize = 280_000;

/// Changes a message by a script. Each change is six bytes: which change, two places, a length; a place
/// is a part of the message in 65536ths, or the number of an element. A change that cannot be made is
/// passed over.
pub fn edited(message: &[u8], script: &[u8]) -> Vec<u8> {
    let mut text = message.to_vec();
    let mut script = script;
    for _ in 0..MOST {
        let Some((change, rest)) = script.split_first_chunk::<6>() else { break };
        script = apply(&mut text, *change, rest);
        text.truncate(ROOM);
    }
    text
}

/// Makes one change, and gives what is left of the script.
fn apply<'s>(text: &mut Vec<u8>, change: [u8; 6], rest: &'s [u8]) -> &'s [u8] {
    let [kind, a, b, c, d, length] = change;
    let (one, other) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
    let length = usize::from(length);
    let place = |of: u16| usize::from(of) * (text.len() + 1) / 65_536;
    let (from, to) = (place(one), place(other));
    let piece = from..text.len().min(from + length);
    match kind % 12 {
        0 => insert(text, from, TOKENS[usize::from(other) % TOKENS.len()].as_bytes()),
        1 => drop(text.drain(piece)),
        2 => {
            let piece = text[piece].to_vec();
            insert(text, to.min(text.len()), &piece);
        }
        3 => {
            if let Some(byte) = text.get_mut(from) {
                *byte = d;
            }
        }
        // The bytes of the script itself.
        4 => {
            let (literal, rest) = rest.split_at(length.min(rest.len()));
            insert(text, from, literal);
            return rest;
        }
        5 => {
            let (literal, rest) = rest.split_at(length.min(rest.len()));
            let end = text.len().min(from + usize::from(c));
            text.splice(from..end, literal.iter().copied());
            return rest;
        }
        kind => elements(text, kind, one, other, length),
    }
    rest
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    text.splice(at..at, piece.iter().copied());
}

/// The changes of whole elements: copy, move, wrap, remove, exchange IDs, rename.
fn elements(text: &mut Vec<u8>, kind: u8, one: u16, other: u16, detail: usize) {
    let Ok(document) = Document::parse(text, &Limits::MESSAGE) else { return };
    let source = document.root().document_text().as_bytes().to_vec();
    let root = document.root();
    let all: Vec<Element<'_>> = std::iter::once(root).chain(root.descendants()).collect();
    let (one, other) = (all[usize::from(one) % all.len()], all[usize::from(other) % all.len()]);
    let (piece, target) = (one.source_range(), other.source_range());
    let copied = source[piece.clone()].to_vec();
    let mut changed = source;
    match kind {
        6 | 7 => {
            let at = beside(&changed, &target, detail);
            // A move takes the piece away as well; what comes later first, for the places to hold.
            if kind == 7 && !(piece.start < at && at < piece.end) {
                if piece.start < at {
                    insert(&mut changed, at, &copied);
                    changed.drain(piece);
                } else {
                    changed.drain(piece);
                    insert(&mut changed, at, &copied);
                }
            } else {
                insert(&mut changed, at, &copied);
            }
        }
        8 => drop(changed.drain(piece)),
        9 => {
            // The other element in the place of this one, which goes inside it or not at all.
            let mut around = changed[target.clone()].to_vec();
            let at = beside(&around, &(0..around.len()), 2);
            if detail % 2 == 0 {
                insert(&mut around, at, &copied);
            }
            changed.splice(piece, around);
        }
        10 => {
            let (Some(old), Some(new)) = (one.id(), other.id()) else { return };
            let (old, new) = (format!("\"{old}\""), format!("\"{new}\""));
            let Some(at) = find(&changed[piece.clone()], old.as_bytes()) else { return };
            let at = piece.start + at;
            changed.splice(at..at + old.len(), new.into_bytes());
        }
        _ => {
            // Another namespace for everything inside, or a prefix bound anew.
            let declaration = TOKENS[11 + detail % 4].as_bytes();
            if let Some(end) = changed[piece.clone()].iter().position(|b| b" />".contains(b)) {
                insert(&mut changed, piece.start + end, declaration);
            }
        }
    }
    *text = changed;
}

/// A place before an element, behind it, or inside it at its beginning or its end.
fn beside(text: &[u8], element: &Range<usize>, which: usize) -> usize {
    let inside = &text[element.clone()];
    match which % 4 {
        0 => element.start,
        1 => element.end,
        2 => inside.iter().position(|b| *b == b'>').map_or(element.end, |at| {
            if at > 0 && inside[at - 1] == b'/' { element.end } else { element.start + at + 1 }
        }),
        _ => find_last(inside, b"</").map_or(element.end, |at| element.start + at),
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn find_last(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).rposition(|window| window == wanted)
}
