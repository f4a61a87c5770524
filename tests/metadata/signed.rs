//! Metadata with a pinned key: the signature must hold, over the very entity that is read (SPEC 2; ATTACKS
//! MD-02, MD-03).

use sso_core::dsig::{TrustedKey, TrustedKeys};
use sso_core::metadata::{import, import_signed};
use sso_tests::{TestKey, shared};
use std::path::Path;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2030-01-15 12:00 UTC);

fn pinned(pem: &[u8]) -> TrustedKeys {
    let key = TrustedKey::from_certificate_pem(pem).expect("a certificate");
    TrustedKeys::new(vec![key]).expect("a key")
}

fn code(document: &[u8], pinned: &TrustedKeys) -> Option<&'static str> {
    import_signed(document, None, pinned, NOW).err().map(|error| error.as_str())
}

#[test]
fn every_document_of_the_suite_ends_as_it_should() {
    let Some(folder) = shared("vectors/synthetic") else { return };
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a file");
    let pinned = pinned(&read("certs/idp.pem"));
    for (file, refused) in [
        ("positive/p-metadata-signed.xml", None),
        ("negative/metadata-expired.xml", Some("metadata_expired")),
        ("negative/metadata-tampered-cert.xml", Some("digest_mismatch")),
        ("negative/metadata-unsigned.xml", Some("unsigned")),
        ("negative/metadata-wrapped.xml", Some("duplicate_entity")),
        ("negative/metadata-javascript-location.xml", Some("unsigned")),
        ("negative/metadata-doctype.xml", Some("doctype_forbidden")),
    ] {
        let document = read(file);
        assert_eq!(code(&document, &pinned), refused, "{file}");
    }
}

#[test]
fn the_signature_is_of_the_entity_or_of_a_group_around_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = std::fs::read_to_string(root.join("metadata/adfs.xml")).expect("a file");
    let certificate = std::fs::read(root.join("certs/dev/idp.crt")).expect("a certificate");
    let ours = pinned(&certificate);
    assert_eq!(
        import_signed(document.as_bytes(), None, &ours, NOW).expect("a signature that holds"),
        import(document.as_bytes(), None, NOW).expect("an identity provider"),
    );
    let stranger = TestKey::rsa(2048);
    assert_eq!(code(document.as_bytes(), &pinned(&stranger.pem())), Some("untrusted_key"));

    let start = document.find("<EntityDescriptor").expect("an entity");
    let signature = document.find("<Signature ").expect("a signature");
    let end = document.find("</Signature>").expect("its end") + "</Signature>".len();
    let unsigned = [&document[..signature], &document[end..]].concat();
    assert_eq!(code(unsigned.as_bytes(), &ours), Some("unsigned"));

    // Inside a group that nobody signed it is still signed itself; a signature of the group that does not
    // hold is not excused by that.
    let md = "urn:oasis:names:tc:SAML:2.0:metadata";
    let group = |more: &str| {
        let entity = &document[start..];
        format!(
            "<m:EntitiesDescriptor xmlns:m=\"{md}\" ID=\"_g\">{more}{entity}</m:EntitiesDescriptor>"
        )
    };
    assert_eq!(code(group("").as_bytes(), &ours), None);
    let own = "#_b3c2a0f4-98d1-4f6e-8a43-7d2f0b9c6e51";
    let copied = document[signature..end].replacen(own, "#_g", 1);
    assert_eq!(code(group(&copied).as_bytes(), &ours), Some("digest_mismatch"));
}
