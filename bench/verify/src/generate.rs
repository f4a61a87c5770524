//! `generate`: the committed inputs, responses like the ones that large identity providers send, signed by
//! a key that is made for them and forgotten. The gate counts on what was written once, so that every
//! machine counts the same.

use crate::input::{ACS_URL, IDP_ENTITY_ID, REQUEST_ID, SP_ENTITY_ID, committed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::symm::{Cipher, encrypt, encrypt_aead};
use openssl::x509::{X509, X509NameBuilder};
use sso_core::dsig::{self, SigningKey};
use sso_core::xml::{Document, Limits, Writer, ns};
use std::error::Error;
use std::fs::write;

const ISSUED: &str = "2026-11-21T21:03:38.000Z";
const BEGINS: &str = "2025-01-01T00:00:00.000Z";
const ENDS: &str = "2045-01-01T00:00:00.000Z";
const CLAIMS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";
const GROUPS: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let folder = committed();
    let (key, certificate) = key_pair()?;
    let signing = SigningKey::from_pkcs8_der(&key.private_key_to_pkcs8()?, &certificate.to_der()?)?;
    write(folder.join("idp.cert.pem"), certificate.to_pem()?)?;
    // Keys that signed nothing.
    for other in ["other1", "other2", "other3"] {
        write(folder.join(format!("{other}.cert.pem")), key_pair()?.1.to_pem()?)?;
    }
    let own = PKey::from_rsa(Rsa::generate(2048)?)?;
    for (name, key) in [("sp", &own), ("other", &PKey::from_rsa(Rsa::generate(2048)?)?)] {
        let warning =
            b"For this benchmark alone, never for production: everybody has it.\n".to_vec();
        let pem = [warning, key.private_key_to_pem_pkcs8()?].concat();
        write(folder.join(format!("{name}.key.pem")), pem)?;
    }

    let small = signed(&assertion(2), &signing)?;
    write(folder.join("response.xml"), response(&small))?;
    write(folder.join("groups.xml"), response(&signed(&assertion(500), &signing)?))?;
    for (name, cipher) in [("enc_gcm", Cipher::aes_256_gcm()), ("enc_cbc", Cipher::aes_256_cbc())] {
        write(folder.join(format!("{name}.xml")), response(&encrypted(&small, cipher, &own)?))?;
    }
    Ok(())
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

/// An assertion of a person in that many groups.
fn assertion(groups: usize) -> String {
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
    ] {
        attribute(&mut writer, &format!("{CLAIMS}{name}"), values);
    }
    writer.start("saml:Attribute", &[("Name", GROUPS)]);
    for n in 0..groups {
        let group = format!("CN=app-role-{n:04},OU=Groups,OU=Berlin,DC=corp,DC=net");
        writer.leaf("saml:AttributeValue", &[], &group);
    }
    writer.finish()
}

fn attribute(writer: &mut Writer, name: &str, values: &[&str]) {
    let format = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
    writer.start("saml:Attribute", &[("Name", name), ("NameFormat", format)]);
    for value in values {
        let typed = [("xmlns:xsi", ns::XSI), ("xsi:type", "xs:string")];
        writer.leaf("saml:AttributeValue", &typed, value);
    }
    writer.end();
}

fn signed(assertion: &str, key: &SigningKey) -> Result<String, Box<dyn Error>> {
    let document = Document::parse(assertion.as_bytes(), &Limits::MESSAGE)?;
    Ok(dsig::sign(document.root(), key)?)
}

/// An element encrypted under a key that is encrypted by RSA-OAEP.
fn encrypted(element: &str, cipher: Cipher, own: &PKey<Private>) -> Result<String, Box<dyn Error>> {
    let (key, start) = ([7; 32], vec![9; cipher.iv_len().ok_or("an initialization vector")?]);
    let (algorithm, content) = if cipher == Cipher::aes_256_gcm() {
        let mut tag = [0; 16];
        let content = encrypt_aead(cipher, &key, Some(&start), &[], element.as_bytes(), &mut tag)?;
        (format!("{}aes256-gcm", ns::XENC11), [start, content, tag.to_vec()].concat())
    } else {
        let content = encrypt(cipher, &key, Some(&start), element.as_bytes())?;
        (format!("{}aes256-cbc", ns::XENC), [start, content].concat())
    };
    let mut content_key = vec![0; own.rsa()?.size() as usize];
    own.rsa()?.public_encrypt(&key, &mut content_key, Padding::PKCS1_OAEP)?;

    let mut writer = Writer::new();
    let value = |writer: &mut Writer, bytes: &[u8]| {
        writer.start("xenc:CipherData", &[]);
        writer.leaf("xenc:CipherValue", &[], &STANDARD.encode(bytes)).end();
    };
    writer.start("saml:EncryptedAssertion", &[("xmlns:saml", ns::SAML)]);
    let kind = format!("{}Element", ns::XENC);
    writer.start("xenc:EncryptedData", &[("xmlns:xenc", ns::XENC), ("Type", &kind)]);
    writer.empty("xenc:EncryptionMethod", &[("Algorithm", &algorithm)]);
    writer.start("ds:KeyInfo", &[("xmlns:ds", ns::DS)]).start("xenc:EncryptedKey", &[]);
    let transport = format!("{}rsa-oaep-mgf1p", ns::XENC);
    writer.start("xenc:EncryptionMethod", &[("Algorithm", &transport)]);
    let digest = format!("{}sha1", ns::DS);
    writer.empty("ds:DigestMethod", &[("Algorithm", &digest)]).end();
    value(&mut writer, &content_key);
    writer.end().end();
    value(&mut writer, &content);
    Ok(writer.finish())
}

fn key_pair() -> Result<(PKey<Private>, X509), Box<dyn Error>> {
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
    Ok((key, builder.build()))
}
