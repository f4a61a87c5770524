//! Our own metadata are valid by the OASIS schema, as libxml2 reads it, signed or not; those for federation
//! services by what WS-Federation adds to it, too.

use openssl::nid::Nid;
use sso_core::certs::{CertificateState, NewKey, ServiceCertificate, generate};
use sso_core::connection::{NameIdFormat, Saml2Settings, ServiceUrls, SloBinding, WsFedSettings};
use sso_core::dsig::{Policy, TrustedKeys, signature_of, verify};
use sso_core::ids::CertificateId;
use sso_core::metadata::{
    FederationClient, ServiceProvider, export, export_federation, export_federation_signed,
    export_signed, import,
};
use sso_core::org::Org;
use sso_core::xml::{Document, Limits};
use sso_tests::{SeededRandom, TestKey};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
/// The OASIS schema of SAML metadata.
const SCHEMA: &str = "/usr/share/xml/opensaml/saml-schema-metadata-2.0.xsd";
/// The roles of federation metadata, on top of it. No package has the schema of WS-Federation.
const FEDERATION_SCHEMA: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/metadata/schema/federation.xsd");

/// Where the schema's imports lie. Nothing is fetched.
const CATALOG: &str = r#"<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
<system systemId="http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd" uri="/usr/share/xml/xmltooling/xmldsig-core-schema.xsd"/>
<system systemId="http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd" uri="/usr/share/xml/xmltooling/xenc-schema.xsd"/>
<system systemId="http://www.w3.org/2001/xml.xsd" uri="/usr/share/xml/xmltooling/xml.xsd"/>
</catalog>"#;

/// What libxml2 says of a document by a schema; empty where it is valid.
fn invalidity(document: &str, schema: &str) -> String {
    assert!(Path::new(SCHEMA).exists(), "{SCHEMA} is missing: run ./test, which installs it");
    let folder = tempfile::tempdir().expect("a folder");
    let (catalog, file) = (folder.path().join("catalog.xml"), folder.path().join("sp.xml"));
    fs::write(&catalog, CATALOG).expect("written");
    fs::write(&file, document).expect("written");
    let output = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema", schema])
        .arg(&file)
        .env("XML_CATALOG_FILES", &catalog)
        .output()
        .expect("xmllint runs");
    if output.status.success() {
        return String::new();
    }
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn org(json: serde_json::Value) -> Org {
    serde_json::from_value(json).expect("an organization")
}

/// An organization of which nothing is known, and one of which everything is.
fn orgs() -> [Org; 2] {
    let bare = org(serde_json::json!({"name": "corp"}));
    let full = org(serde_json::json!({
        "name": "corp",
        "display_name": "Corp & <Söhne>",
        "company": "Corp",
        "website": "https://corp.example/über uns",
        "contact": "it+sso@corp.example",
    }));
    [bare, full]
}

/// A certificate in each state in which it is published.
fn certificates() -> Vec<ServiceCertificate> {
    let random = SeededRandom::new(7);
    let made = |(state, key)| {
        let der = generate("a", 365, key, NOW, &random).expect("a certificate").der;
        let id = CertificateId::new(NOW, &random);
        let made = ServiceCertificate::next(id, "a".to_owned(), der, Vec::new(), NOW);
        ServiceCertificate { state, ..made }
    };
    let states = [
        (CertificateState::Active, NewKey::Rsa2048),
        (CertificateState::Next, NewKey::P256),
        (CertificateState::Previous, NewKey::Rsa2048),
    ];
    states.into_iter().map(made).collect()
}

#[test]
fn it_is_valid_with_everything_and_with_nothing() {
    let [bare, full] = orgs();
    let with_a_person = Org { contact: Some("Ann Lee, 2nd floor".to_owned()), ..full.clone() };
    let certificates = certificates();
    let idp = Url::parse("https://idp.example/sso").expect("a URL");
    let mut settings = Saml2Settings::new("https://idp.example/".to_owned(), idp);
    settings.sp_entity_id = "urn:corp:bridge".to_owned();
    settings.sign_authn_requests = true;
    settings.name_id_format = NameIdFormat::Transient;

    let urls = ServiceUrls::new(&Url::parse("https://sso.example").expect("a URL"), &bare.name);
    let nothing =
        ServiceProvider { org: &bare, urls: &urls, settings: None, certificates: &[], logout: &[] };
    let everything = ServiceProvider {
        org: &full,
        urls: &urls,
        settings: Some(&settings),
        certificates: &certificates,
        logout: &[SloBinding::Redirect, SloBinding::Post, SloBinding::Soap],
    };
    for provider in [nothing, everything, ServiceProvider { org: &with_a_person, ..everything }] {
        let document = export(&provider, NOW);
        assert_eq!(invalidity(&document, SCHEMA), "", "{document}");
        // It says what it is: nobody takes it for an identity provider.
        let error = import(document.as_bytes(), None, NOW).expect_err("no identity provider");
        assert_eq!(error.as_str(), "not_an_idp");
    }

    // Signed it is as valid, and whoever has the certificate can tell that it is ours.
    for key in [TestKey::rsa(2048), TestKey::ec(Nid::SECP384R1)] {
        let document = export_signed(&everything, "_m1", &key.signing(), NOW).expect("signed");
        assert_eq!(invalidity(&document, SCHEMA), "", "{document}");
        let parsed = Document::parse(document.as_bytes(), &Limits::METADATA).expect("XML");
        let signature = signature_of(parsed.root()).expect("a signature").expect("one");
        let trusted = TrustedKeys::new(vec![key.trusted()]).expect("a key");
        let policy =
            Policy { grants: &BTreeSet::new(), now: NOW, enforce_certificate_validity: true };
        verify(&signature, &trusted, &policy).expect("a signature that holds");
    }

    let document = export(&everything, NOW);
    let out_of_order = document.replacen("md:KeyDescriptor", "md:NameIDFormat", 2);
    assert_ne!(invalidity(&out_of_order, SCHEMA), "", "the validator finds what is out of order");
}

#[test]
fn federation_metadata_are_valid_with_everything_and_with_nothing() {
    let [bare, full] = orgs();
    let certificates = certificates();
    let urls = ServiceUrls::new(&Url::parse("https://sso.example").expect("a URL"), &bare.name);
    let idp = Url::parse("https://adfs.example/adfs/ls/").expect("a URL");
    let mut settings = WsFedSettings::new("http://adfs.example/trust".to_owned(), idp);
    settings.service_uri = "urn:corp:bridge".to_owned();
    let nothing = FederationClient { org: &bare, urls: &urls, settings: None, certificates: &[] };
    let everything = FederationClient {
        org: &full,
        settings: Some(&settings),
        certificates: &certificates,
        ..nothing
    };
    let key = TestKey::rsa(2048).signing();
    for client in [nothing, everything] {
        let document = export_federation(&client, NOW);
        assert_eq!(invalidity(&document, FEDERATION_SCHEMA), "", "{document}");
        let signed = export_federation_signed(&client, "_m1", &key, NOW).expect("signed");
        assert_eq!(invalidity(&signed, FEDERATION_SCHEMA), "", "{signed}");
        // It says what it is: nobody takes it for a federation service.
        let error = import(document.as_bytes(), None, NOW).expect_err("no federation service");
        assert_eq!(error.as_str(), "not_an_idp");
    }

    // The schema takes what Entra ID publishes, which has both roles, and finds what is out of order or missing.
    let entra = include_str!("../../metadata/entra.xml");
    assert_eq!(invalidity(entra, FEDERATION_SCHEMA), "");
    let document = export_federation(&everything, NOW);
    for (from, to) in [
        ("fed:PassiveRequestorEndpoint", "fed:TargetScopes"),
        ("fed:ApplicationServiceEndpoint", "fed:PassiveRequestorEndpoint"),
        ("fed:ApplicationServiceType", "fed:SecurityTokenServiceType"),
        ("wsa:Address", "wsa:Metadata"),
        ("fed:TargetScopes", "fed:Scopes"),
    ] {
        let broken = document.replace(from, to);
        assert_ne!(broken, document, "{from}");
        assert_ne!(invalidity(&broken, FEDERATION_SCHEMA), "", "{from}");
    }
}
