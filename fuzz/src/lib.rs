//! What must hold for any input whatever. Each function panics where it does not.

use sso_core::dsig::{self, Policy, TrustedKey, TrustedKeys};
use sso_core::xml::{Document, Element, Limits, c14n, ns};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use time::macros::datetime;

/// A signed response: what mutations begin with.
pub const SEED: &[u8] = include_bytes!("../../bench/verify/inputs/response.xml");

/// Room for a canonical form, in which a character can become five.
const ROOM: Limits = Limits {
    bytes: 8 * Limits::MESSAGE.bytes,
    nodes: 8 * Limits::MESSAGE.nodes,
    ..Limits::MESSAGE
};

static KEYS: LazyLock<TrustedKeys> = LazyLock::new(|| {
    let pem = include_bytes!("../../bench/verify/inputs/idp.cert.pem");
    let key = TrustedKey::from_certificate_pem(pem).expect("a certificate");
    TrustedKeys::new(vec![key]).expect("a key")
});

/// The canonical form of the one assertion that the key ever signed.
static SIGNED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let document = Document::parse(SEED, &Limits::MESSAGE).expect("a document");
    let assertion = document.root().required_child(ns::SAML, "Assertion").expect("an assertion");
    canonical(assertion, assertion.child(ns::DS, "Signature").expect("a signature"))
});

/// The reader, canonicalization and verification:
/// - what is parsed has a canonical form (unless a namespace name is relative), which parses to the same
///   and is its own canonical form;
/// - a signature holds for what was signed and for nothing else.
///
/// The result is how many signatures held.
pub fn verify(input: &[u8]) -> usize {
    let Ok(document) = Document::parse(input, &Limits::MESSAGE) else { return 0 };
    let root = document.root();
    let mut octets = Vec::new();
    if c14n::exclusive(root, "", None, &mut octets).is_ok() {
        let again = Document::parse(&octets, &ROOM).expect("a canonical form is well-formed");
        assert_eq!(canonical(again.root(), None), octets, "a canonical form is its own");
        equal(root, again.root());
    }
    let grants = BTreeSet::new();
    let now = datetime!(2026-11-21 21:04 UTC);
    let policy = Policy { grants: &grants, now, enforce_certificate_validity: true };
    let mut held = 0;
    for element in std::iter::once(root).chain(root.descendants()) {
        let Ok(Some(signature)) = dsig::signature_of(element) else { continue };
        if let Ok(signed) = dsig::verify(&signature, &KEYS, &policy) {
            let own = signed.element().child(ns::DS, "Signature").expect("one signature");
            assert_eq!(canonical(signed.element(), own), *SIGNED, "nothing else was signed");
            held += 1;
        }
    }
    held
}

fn canonical(element: Element<'_>, omit: Option<Element<'_>>) -> Vec<u8> {
    let mut octets = Vec::new();
    c14n::exclusive(element, "", omit, &mut octets).expect("a canonical form");
    octets
}

/// Whether two documents read the same.
fn equal(one: Element<'_>, other: Element<'_>) {
    let elements = |root: Element<'_>| std::iter::once(root).chain(root.descendants()).count();
    assert_eq!(elements(one), elements(other));
    let pairs = one.descendants().zip(other.descendants());
    for (one, other) in std::iter::once((one, other)).chain(pairs) {
        assert!(one.is(other.namespace(), other.local_name()), "{one:?} and {other:?}");
        assert_eq!(one.text().ok(), other.text().ok());
        let sorted = |element: Element<'_>| -> BTreeSet<(String, String, String)> {
            let owned =
                |(ns, local, value): (&str, &str, &str)| (ns.into(), local.into(), value.into());
            element.attributes().map(owned).collect()
        };
        assert_eq!(sorted(one), sorted(other));
    }
}
