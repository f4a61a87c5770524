use crate::{ROOM, elements};
use sso_core::xml::{Document, Element, Limits, c14n as form};

/// The most elements of a document whose canonical forms are looked at.
const MOST: usize = 6;

/// Canonicalization, of some elements of a document with and without the signature inside and with the
/// `PrefixList` that the document itself has: a canonical form is well-formed and its own canonical form;
/// the exclusive form does not depend on where the element stands, so that it is that of the inclusive form
/// too; and nothing of what is left out is in it.
pub fn c14n(input: &[u8]) -> bool {
    let Ok(document) = Document::parse(input, &Limits::MESSAGE) else { return false };
    let list =
        elements(&document).find_map(|element| element.attribute("PrefixList")).unwrap_or("");
    let signature = |element: Element<'_>| element.local_name() == "Signature";
    let by_length = elements(&document).nth(input.len() % elements(&document).count());
    let signed = elements(&document).filter(|it| it.children().any(signature));
    let some = std::iter::once(document.root()).chain(by_length).chain(signed);
    for element in some.take(MOST) {
        let omit = element.children().find(|child| signature(*child));
        for omit in [None, omit] {
            let Some(exclusive) = exclusive(element, "", omit) else { return false };
            itself(&exclusive, "");
            if let Some(listed) = self::exclusive(element, list, omit) {
                itself(&listed, list);
                assert_eq!(again(&listed, |root| self::exclusive(root, "", None)), exclusive);
            }
            if let Some(inclusive) = inclusive(element, omit) {
                let same = again(&inclusive, |root| self::inclusive(root, None));
                assert_eq!(same, inclusive, "an inclusive form is its own");
                if element.parent().is_none() {
                    let same = again(&inclusive, |root| self::exclusive(root, "", None));
                    assert_eq!(same, exclusive, "what is declared and not used changes nothing");
                }
            }
        }
        if let Some(omitted) = omit {
            let (with, without) = (exclusive(element, "", None), exclusive(element, "", omit));
            assert_ne!(with, without, "something is left out");
            assert_eq!(exclusive(omitted, "", Some(omitted)), None, "nothing has no form");
        }
    }
    true
}

/// An exclusive form is the exclusive form of itself by the same list.
fn itself(octets: &[u8], list: &str) {
    assert_eq!(again(octets, |root| exclusive(root, list, None)), octets);
}

/// The form of a form.
fn again(octets: &[u8], write: impl Fn(Element<'_>) -> Option<Vec<u8>>) -> Vec<u8> {
    let document = Document::parse(octets, &ROOM).expect("a canonical form is well-formed");
    write(document.root()).expect("a canonical form has one")
}

/// None where there is no such form, or one too large to look at.
fn exclusive(element: Element<'_>, list: &str, omit: Option<Element<'_>>) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    form::exclusive(element, list, omit, &mut octets).ok()?;
    (octets.len() <= ROOM.bytes).then_some(octets)
}

fn inclusive(element: Element<'_>, omit: Option<Element<'_>>) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    form::inclusive(element, omit, &mut octets).ok()?;
    (octets.len() <= ROOM.bytes).then_some(octets)
}
