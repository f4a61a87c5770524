//! Aggregates of a federation: one identity provider imported, the signature of the whole verified, as the
//! bytes come (SPEC 2; ATTACKS MD-02, MD-03).

use sso_core::dsig::{TrustedKeys, sign};
use sso_core::metadata::{Role, import, import_from, import_signed, index};
use sso_core::xml::{Document, Limits};
use sso_tests::{Federation, TestKey, entity_id, is_idp};
use std::process::Command;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-22 0:00 UTC);
const ENTITIES: usize = 60;

fn federation(key: &TestKey) -> String {
    Federation { entities: ENTITIES, certificates: &[key.certificate()] }.document()
}

fn signed(document: &str, key: &TestKey) -> String {
    let document = Document::parse(document.as_bytes(), &Limits::METADATA).expect("a document");
    sign(document.root(), &key.signing()).expect("a signature")
}

fn pinned(key: &TestKey) -> TrustedKeys {
    TrustedKeys::new(vec![key.trusted()]).expect("a key")
}

#[test]
fn each_identity_provider_is_imported_as_from_a_document_read_whole() {
    let key = TestKey::rsa(2048);
    let document = signed(&federation(&key), &key);
    for number in 0..ENTITIES {
        let id = entity_id(number);
        let streamed = import_from(document.as_bytes(), &id, Some(&pinned(&key)), NOW);
        let whole = import_signed(document.as_bytes(), Some(&id), &pinned(&key), NOW);
        match (streamed, whole) {
            (Ok(streamed), Ok(whole)) => {
                assert!(is_idp(number));
                assert_eq!(streamed.idp, whole);
                assert_eq!(import(streamed.document.as_bytes(), None, NOW), Ok(whole));
            }
            (Err(streamed), Err(whole)) => {
                assert!(!is_idp(number));
                assert_eq!((streamed.as_str(), &streamed), ("not_an_idp", &whole));
            }
            other => panic!("{id}: {other:?}"),
        }
    }
}

#[test]
fn the_index_names_every_entity_and_its_place() {
    let key = TestKey::rsa(2048);
    let document = signed(&federation(&key), &key);
    let indexed = index(document.as_bytes()).expect("an index");
    assert_eq!(indexed.len(), ENTITIES);
    for (number, entity) in indexed.iter().enumerate() {
        assert_eq!(entity.entity_id, entity_id(number));
        assert_eq!(entity.display_name.as_deref(), Some(format!("University {number}").as_str()));
        let roles: &[Role] = match is_idp(number) {
            true => &[Role::IdentityProvider, Role::AttributeAuthority],
            false => &[Role::ServiceProvider],
        };
        assert_eq!(entity.roles, roles);
        let from = usize::try_from(entity.offset).expect("a place");
        let text = &document[from..from + usize::try_from(entity.length).expect("a length")];
        let head = format!("<md:EntityDescriptor entityID=\"{}\">", entity.entity_id);
        assert!(text.starts_with(&head) && text.ends_with("</md:EntityDescriptor>"), "{text}");
    }
    let again = document.replace(&entity_id(7), &entity_id(8));
    assert_eq!(index(again.as_bytes()).err().map(|it| it.as_str()), Some("duplicate_entity"));
    let nameless = document.replace(&entity_id(7), " ");
    assert_eq!(index(nameless.as_bytes()).err().map(|it| it.as_str()), Some("entity_id_invalid"));
}

/// What xmlsec1 says of a document with these arguments; its output is the signed document.
fn xmlsec1(arguments: &[&str], document: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("aggregate.xml");
    std::fs::write(&file, document).expect("written");
    let output = Command::new("xmlsec1")
        .args(arguments)
        .args(["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntitiesDescriptor"])
        .arg(&file)
        .output()
        .expect("xmlsec1 runs: ./test installs it");
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).expect("UTF-8")),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// A foreign signer and canonicalizer, in each form that metadata may have.
#[test]
fn what_xmlsec1_signs_is_verified_as_it_comes() {
    let key = TestKey::rsa(2048);
    let folder = tempfile::tempdir().expect("a folder");
    let private = folder.path().join("key.pem");
    std::fs::write(&private, key.private_pem()).expect("written");
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    let listed = |list: &str| {
        format!("<i:InclusiveNamespaces xmlns:i=\"{exclusive}\" PrefixList=\"{list}\"/>")
    };
    let unsigned = federation(&key).replace("\n", "\r\n");
    let start = unsigned.find("<md:Extensions>").expect("the first child");
    for (method, parameter) in [
        (exclusive, String::new()),
        (exclusive, listed("xsi saml #default")),
        (inclusive, String::new()),
    ] {
        let template = format!(
            "<ds:Signature><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{exclusive}\"/>\
             <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512\"/>\
             <ds:Reference URI=\"#_federation\"><ds:Transforms>\
             <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
             <ds:Transform Algorithm=\"{method}\">{parameter}</ds:Transform></ds:Transforms>\
             <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/><ds:DigestValue/>\
             </ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"
        );
        let template = [&unsigned[..start], &template, &unsigned[start..]].concat();
        let sign = ["--sign", "--privkey-pem", private.to_str().expect("a path")];
        let signed = xmlsec1(&sign, &template).unwrap_or_else(|error| panic!("{error}"));
        let id = entity_id(51);
        let import = |document: &str| {
            import_from(document.as_bytes(), &id, Some(&pinned(&key)), NOW)
                .map(|it| it.idp.entity_id)
        };
        assert_eq!(import(&signed), Ok(id.clone()), "{method} {parameter}");
        let changed = signed.replacen("Institute 59", "Institute 60", 1);
        let refused = import(&changed).err().map(|error| error.as_str());
        assert_eq!(refused, Some("digest_mismatch"), "{method} {parameter}");
    }
}

#[test]
fn xmlsec1_verifies_what_we_sign() {
    let key = TestKey::rsa(2048);
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("signer.pem");
    std::fs::write(&certificate, key.pem()).expect("written");
    let document = signed(&federation(&key), &key);
    let verify = ["--verify", "--pubkey-cert-pem", certificate.to_str().expect("a path")];
    assert!(xmlsec1(&verify, &document).is_ok());
    assert!(xmlsec1(&verify, &document.replacen("Institute 1", "Institute 2", 1)).is_err());
}
