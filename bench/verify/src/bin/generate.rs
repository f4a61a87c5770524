//! `generate FOLDER`: writes `response.xml` and `idp.cert.pem`, a response like the ones that large identity
//! providers send, signed by a key that is made for it and forgotten. The gate counts on what it wrote
//! once: the files are committed, so that every machine counts the same.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use sso_bench_verify::{ACS_URL, IDP_ENTITY_ID, REQUEST_ID, SP_ENTITY_ID};
use sso_core::dsig::{self, SigningKey};
use sso_core::xml::{Document, Limits, Writer, ns};
use std::error::Error;
use std::path::Path;

const ISSUED: &str = "2026-11-21T21:03:38.000Z";
const BEGINS: &str = "2025-01-01T00:00:00.000Z";
const ENDS: &str = "2045-01-01T00:00:00.000Z";
const CLAIMS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: generate FOLDER")?;
    let folder = Path::new(&folder);
    let (key, certificate) = key()?;
    std::fs::write(folder.join("idp.cert.pem"), certificate)?;
    let assertion = assertion();
    let document = Document::parse(assertion.as_bytes(), &Limits::MESSAGE)?;
    let signed = dsig::sign(document.root(), &key)?;
    std::fs::write(folder.join("response.xml"), response(&signed))?;
    Ok(())
}

fn key() -> Result<(SigningKey, Vec<u8>), Box<dyn Error>> {
    let key = PKey::from_rsa(Rsa::generate(2048)?)?;
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("CN", "idp.example.com")?;
    let name = name.build();
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*BigNum::from_u32(1)?.to_asn1_integer()?)?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    builder.set_not_before(&*Asn1Time::from_str("20250101000000Z")?)?;
    builder.set_not_after(&*Asn1Time::from_str("20450101000000Z")?)?;
    builder.set_pubkey(&key)?;
    builder.sign(&key, MessageDigest::sha256())?;
    let certificate = builder.build();
    let signing = SigningKey::from_pkcs8_der(&key.private_key_to_pkcs8()?, &certificate.to_der()?)?;
    Ok((signing, certificate.to_pem()?))
}

fn response(assertion: &str) -> String {
    let mut writer = Writer::new();
    let attributes = [
        ("xmlns:samlp", ns::SAMLP),
        ("Destination", ACS_URL),
        ("ID", "_5f1f6c4e0b5d4f0d8f0e1f3a7b1c2d3e"),
        ("InResponseTo", REQUEST_ID),
        ("IssueInstant", ISSUED),
        ("Version", "2.0"),
    ];
    writer.start("samlp:Response", &attributes);
    writer.leaf("saml:Issuer", &[("xmlns:saml", ns::SAML)], IDP_ENTITY_ID);
    writer.start("samlp:Status", &[]);
    let success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    writer.empty("samlp:StatusCode", &[("Value", success)]).end();
    writer.element(assertion);
    writer.finish()
}

fn assertion() -> String {
    let mut writer = Writer::new();
    let attributes = [
        ("xmlns:saml", ns::SAML),
        ("xmlns:xs", ns::XS),
        ("ID", "_0b8f5a4c2d1e4f3a9b7c6d5e4f3a2b1c"),
        ("IssueInstant", ISSUED),
        ("Version", "2.0"),
    ];
    writer.start("saml:Assertion", &attributes);
    writer.leaf("saml:Issuer", &[], IDP_ENTITY_ID);

    writer.start("saml:Subject", &[]);
    let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    writer.leaf("saml:NameID", &[("Format", format)], "ada.lovelace@example.com");
    let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    writer.start("saml:SubjectConfirmation", &[("Method", bearer)]);
    let data = [("InResponseTo", REQUEST_ID), ("NotOnOrAfter", ENDS), ("Recipient", ACS_URL)];
    writer.empty("saml:SubjectConfirmationData", &data).end().end();

    writer.start("saml:Conditions", &[("NotBefore", BEGINS), ("NotOnOrAfter", ENDS)]);
    writer.start("saml:AudienceRestriction", &[]);
    writer.leaf("saml:Audience", &[], SP_ENTITY_ID).end().end();

    let session = [("AuthnInstant", ISSUED), ("SessionIndex", REQUEST_ID)];
    writer.start("saml:AuthnStatement", &session).start("saml:AuthnContext", &[]);
    let class = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    writer.leaf("saml:AuthnContextClassRef", &[], class).end().end();

    writer.start("saml:AttributeStatement", &[]);
    for (name, values) in [
        ("emailaddress", &["ada.lovelace@example.com"][..]),
        ("givenname", &["Ada"]),
        ("surname", &["Lovelace"]),
        ("name", &["ada.lovelace@example.com"]),
        ("tenantid", &["8f1b7c3a-2f0e-4a5b-9d7e-6a1c2b3d4e5f"]),
        ("objectidentifier", &["1d2c3b4a-5f6e-4d7c-8b9a-0a1b2c3d4e5f"]),
        ("displayname", &["Ada Lovelace <Analytical Engines & Co>"]),
        ("identityprovider", &["https://sts.example.com/8f1b7c3a-2f0e-4a5b-9d7e-6a1c2b3d4e5f/"]),
        ("authnmethodsreferences", &["urn:example:password", "urn:example:multipleauthn"]),
        ("department", &["Forschung & Entwicklung üß"]),
        ("employeeNumber", &["0018-2815"]),
        ("groups", &["0d3a6f1e-6d3c-4f1a-9a8b-00", "0d3a6f1e-6d3c-4f1a-9a8b-01"]),
    ] {
        let name = format!("{CLAIMS}{name}");
        let format = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
        writer.start("saml:Attribute", &[("Name", &name), ("NameFormat", format)]);
        for value in values {
            let typed = [("xmlns:xsi", ns::XSI), ("xsi:type", "xs:string")];
            writer.leaf("saml:AttributeValue", &typed, value);
        }
        writer.end();
    }
    writer.finish()
}
