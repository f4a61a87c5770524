//! Canonical forms that others wrote down: the W3C's interoperability set, and the octets of real responses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};
use sso_core::xml::{Document, Element, Limits, c14n, ns};
use sso_tests::shared;

fn canonical(element: Element<'_>, prefixes: &str, omit: Option<Element<'_>>) -> Vec<u8> {
    let mut octets = Vec::new();
    c14n::exclusive(element, prefixes, omit, &mut octets).expect("a canonical form");
    octets
}

fn list(method: Element<'_>) -> &str {
    let list = method.children().find(|child| child.is(ns::EXC_C14N, "InclusiveNamespaces"));
    list.and_then(|list| list.attribute("PrefixList")).unwrap_or_default()
}

#[test]
fn the_subtrees_of_merlin_c14n_three() {
    let Some(folder) = shared("vectors/xmlsec1/merlin-c14n-three") else { return };
    let read = |name: &str| std::fs::read(folder.join(name)).expect(name);
    let text = read("signature.xml");
    let document = Document::parse(&text, &Limits::MESSAGE).expect("a document");
    let bar = document.root().children().next().expect("bar:Something");
    // The others of this set leave out nodes of a subtree, which no transform of ours can do.
    let mut octets = Vec::new();
    c14n::inclusive(bar, None, &mut octets).expect("a canonical form");
    assert_eq!(octets, read("c14n-0.txt"));
    assert_eq!(canonical(bar, "", None), read("c14n-9.txt"));
    assert_eq!(canonical(bar, "#default", None), read("c14n-18.txt"));
}

#[test]
fn the_digests_of_merlin_exc_c14n_one() {
    let Some(folder) = shared("vectors/xmlsec1/merlin-exc-c14n-one") else { return };
    let text = std::fs::read(folder.join("exc-signature.xml")).expect("the vector");
    let document = Document::parse(&text, &Limits::MESSAGE).expect("a document");
    let find = |name: &'static str| {
        document.root().descendants().filter(move |element| element.is(ns::DS, name))
    };
    let object = find("Object").next().expect("what is signed");
    let mut lists = Vec::new();
    for reference in find("Reference") {
        let transform = reference.descendants().find(|it| it.is(ns::DS, "Transform"));
        let transform = transform.expect("a transform");
        // The other two are with comments, which is not ours.
        if transform.attribute("Algorithm") == Some(ns::EXC_C14N) {
            let octets = canonical(object, list(transform), None);
            let digest = hash(MessageDigest::sha1(), &octets).expect("a digest");
            let value = reference.required_child(ns::DS, "DigestValue").and_then(|it| it.text());
            assert_eq!(value.as_deref(), Ok(&*STANDARD.encode(digest)));
            lists.push(list(transform));
        }
    }
    assert_eq!(lists, ["", "bar #default"]);
}

#[test]
fn the_octets_of_responses_as_identity_providers_send_them() {
    let Some(folder) = shared("bench/inputs") else { return };
    for name in ["okta", "entra", "both", "ecdsa", "large"] {
        let text = std::fs::read(folder.join(format!("{name}.xml"))).expect(name);
        let document = Document::parse(&text, &Limits::MESSAGE).expect(name);
        let root = document.root();
        let elements = std::iter::once(root).chain(root.descendants());
        let mut count = 0;
        for signature in elements.filter(|element| element.is(ns::DS, "Signature")) {
            let expected = |kind: &str| {
                std::fs::read(folder.join(format!("{name}.{kind}{count}"))).expect("octets")
            };
            let mut parts = signature.descendants();
            let mut part = |name| parts.find(|it| it.is(ns::DS, name)).expect(name);
            let signed_info = part("SignedInfo");
            let signed_info_list = list(part("CanonicalizationMethod"));
            let (_, transform) = (part("Transform"), part("Transform"));
            assert_eq!(canonical(signed_info, signed_info_list, None), expected("si"), "{name}");
            let octets =
                canonical(signature.parent().expect("a parent"), list(transform), Some(signature));
            assert_eq!(octets, expected("canon"), "{name}");
            count += 1;
        }
        assert!(count > 0, "{name}");
    }
}
