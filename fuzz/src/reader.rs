use crate::{ROOM, canonical, elements, within_budget};
use sso_core::xml::{Document, Element, Limits, c14n};
use std::collections::BTreeSet;

/// The reader: what is accepted, written canonically and read again, says the same and is its own canonical
/// form; each element's text in the source reads as the element does; the larger limits of metadata take
/// nothing differently.
pub fn reader(input: &[u8]) -> bool {
    let parsed = within_budget(|| Document::parse(input, &Limits::MESSAGE));
    let metadata = Document::parse(input, &Limits::METADATA);
    let Ok(document) = parsed else { return false };
    let root = document.root();
    let mut octets = Vec::new();
    if c14n::exclusive(root, "", None, &mut octets).is_err() {
        return false;
    }
    let again = Document::parse(&octets, &ROOM).expect("a canonical form is well-formed");
    assert_eq!(canonical(again.root(), None), octets, "a canonical form is its own");
    equal(&document, &again);

    let metadata = metadata.expect("the limits of metadata are larger");
    assert_eq!(canonical(metadata.root(), None), octets, "both limits read the same");

    for element in elements(&document) {
        let source = &root.document_text()[element.source_range()];
        assert!(source.starts_with('<') && source.ends_with('>'), "{source}");
        assert!(element.parent().is_none_or(|parent| element.is_within(parent)));
    }
    true
}

/// Whether two documents say the same.
fn equal(one: &Document<'_>, other: &Document<'_>) {
    assert_eq!(elements(one).count(), elements(other).count());
    for (one, other) in elements(one).zip(elements(other)) {
        assert!(one.is(other.namespace(), other.local_name()), "{one:?} and {other:?}");
        assert_eq!(one.text().ok(), other.text().ok());
        assert_eq!(one.has_text(), other.has_text());
        assert_eq!(one.id(), other.id());
        let sorted = |element: Element<'_>| -> BTreeSet<(String, String, String)> {
            let owned =
                |(ns, local, value): (&str, &str, &str)| (ns.into(), local.into(), value.into());
            element.attributes().map(owned).collect()
        };
        assert_eq!(sorted(one), sorted(other));
    }
}
