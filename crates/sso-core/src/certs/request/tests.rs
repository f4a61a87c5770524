use super::*;
use crate::certs::{inspect, to_pem};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509Name, X509NameBuilder};

fn made(seed: u8, alias: &str, subject: &RequestSubject) -> (CertificateRequest, GeneratedRequest) {
    let made = request(alias, subject, NewKey::P256).expect("made");
    let id = CertificateRequestId::from_bytes([seed; 16]);
    let created_at = OffsetDateTime::UNIX_EPOCH;
    (CertificateRequest { id, alias: alias.to_owned(), der: made.der.clone(), created_at }, made)
}

fn authority(name: &str) -> (PKey<Private>, X509Name) {
    let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
    let mut built = X509NameBuilder::new().expect("a name");
    built.append_entry_by_text("CN", name).expect("a name");
    (key, built.build())
}

/// Certifies a key, as an authority does.
fn certify(
    key: &openssl::pkey::PKeyRef<impl openssl::pkey::HasPublic>,
    subject: &openssl::x509::X509NameRef,
    (by, issuer): &(PKey<Private>, X509Name),
) -> X509 {
    let mut builder = X509::builder().expect("a certificate");
    let time = |text| Asn1Time::from_str(text).expect("a time");
    builder
        .set_version(2)
        .and_then(|()| builder.set_subject_name(subject))
        .and_then(|()| builder.set_issuer_name(issuer))
        .and_then(|()| builder.set_not_before(&time("20250101000000Z")))
        .and_then(|()| builder.set_not_after(&time("20450101000000Z")))
        .and_then(|()| builder.set_pubkey(key))
        .and_then(|()| builder.sign(by, MessageDigest::sha256()))
        .expect("signed");
    builder.build()
}

#[test]
fn a_request_names_its_subject_and_proves_its_key() {
    let text = |text: &str| Some(text.to_owned());
    let subject = RequestSubject {
        organization: text("Acme & Söhne"),
        country: text("DE"),
        dns_names: vec!["sso.acme.example".to_owned()],
        ..RequestSubject::default()
    };
    for key in [NewKey::P256, NewKey::Rsa2048] {
        let made = request("2027", &subject, key).expect("made");
        let read = X509Req::from_der(&made.der).expect("readable by openssl");
        let private = PKey::private_key_from_pkcs8(&made.private_key).expect("PKCS#8");
        assert!(read.verify(&private).expect("checked"), "{key:?}");
        let shown = String::from_utf8(read.to_text().expect("text")).expect("UTF-8");
        for part in ["C=DE", "CN=2027", "DNS:sso.acme.example", "Digital Signature"] {
            assert!(shown.replace(" = ", "=").contains(part), "{part}: {shown}");
        }
        assert!(!format!("{made:?}").contains("private_key"));
    }
}

#[test]
fn what_no_certificate_can_name_is_refused() {
    let refused = |subject: RequestSubject| match request("a", &subject, NewKey::P256) {
        Err(GenerateError::Setting(invalid)) => Some(invalid.field.into_owned()),
        Err(error) => panic!("{error}"),
        Ok(_) => None,
    };
    let none = RequestSubject::default;
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(refused(none()), None);
    for (subject, field) in [
        (RequestSubject { common_name: text(""), ..none() }, "subject.common_name"),
        (RequestSubject { organization: text(&"x".repeat(65)), ..none() }, "subject.organization"),
        (RequestSubject { locality: text("a\nb"), ..none() }, "subject.locality"),
        (RequestSubject { country: text("de"), ..none() }, "subject.country"),
        (RequestSubject { country: text("DEU"), ..none() }, "subject.country"),
        (RequestSubject { dns_names: vec!["a b".to_owned()], ..none() }, "subject.dns_names"),
        (RequestSubject { dns_names: vec![String::new()], ..none() }, "subject.dns_names"),
        (RequestSubject { dns_names: vec!["a".to_owned(); 21], ..none() }, "subject.dns_names"),
    ] {
        assert_eq!(refused(subject).as_deref(), Some(field));
    }
}

#[test]
fn an_answer_is_of_the_request_whose_key_it_certifies_with_its_chain_in_order() {
    let (root, middle) = (authority("root"), authority("middle"));
    let root_certificate = certify(&root.0, &root.1, &root);
    let middle_certificate = certify(&middle.0, &middle.1, &root);
    let (stranger, _) = made(1, "other", &RequestSubject::default());
    let (ours, _) = made(2, "ours", &RequestSubject::default());
    let asked = X509Req::from_der(&ours.der).expect("a request");
    let key = asked.public_key().expect("its key");
    let issued = certify(&key, asked.subject_name(), &middle);
    let foreign = certify(&authority("x").0, &root.1, &authority("y"));

    let pem = |all: &[&X509]| -> Vec<u8> {
        all.iter().flat_map(|one| one.to_pem().expect("PEM")).collect()
    };
    let der = |one: &X509| one.to_der().expect("DER");
    let sent = pem(&[&root_certificate, &foreign, &issued, &middle_certificate]);
    let found = answer(&sent, &[stranger.clone(), ours.clone()]).expect("an answer");
    assert_eq!((found.request, &found.der), (ours.id, &der(&issued)));
    assert_eq!(found.chain, [der(&middle_certificate), der(&root_certificate)]);
    assert_eq!(inspect(&found.der).expect("inspected").subject, "CN=ours");

    let alone = answer(&der(&issued), std::slice::from_ref(&ours)).expect("an answer");
    assert_eq!((alone.der, alone.chain), (der(&issued), vec![]));
    assert_eq!(answer(&sent, &[stranger]), Err(ImportError::PrivateKeyMissing));
    assert!(matches!(
        answer(b"nothing", std::slice::from_ref(&ours)),
        Err(ImportError::Certificate(_))
    ));
    let csr = to_pem("CERTIFICATE REQUEST", &ours.der);
    assert!(matches!(answer(csr.as_bytes(), &[ours]), Err(ImportError::Certificate(_))));
}
