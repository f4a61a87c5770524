use super::*;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::dsa::Dsa;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::pkey::Private;
use openssl::rsa::Rsa;
use openssl::x509::{X509Builder, X509NameBuilder};

fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).expect("RSA")).expect("a key")
}

fn ec(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&group).expect("EC")).expect("a key")
}

fn certificate(key: &PKey<Private>) -> X509 {
    let mut name = X509NameBuilder::new().expect("a name");
    name.append_entry_by_text("CN", "idp.example").expect("a common name");
    let name = name.build();
    let mut builder = X509Builder::new().expect("a certificate");
    builder.set_version(2).expect("version 3");
    builder.set_subject_name(&name).expect("subject");
    builder.set_issuer_name(&name).expect("issuer");
    builder.set_pubkey(key).expect("key");
    let serial = BigNum::from_u32(7).and_then(|n| n.to_asn1_integer()).expect("serial");
    builder.set_serial_number(&serial).expect("serial");
    builder.set_not_before(&Asn1Time::from_unix(0).expect("a time")).expect("from");
    builder.set_not_after(&Asn1Time::from_unix(4_000_000_000).expect("a time")).expect("until");
    let digest = match key.id() {
        Id::ED25519 => MessageDigest::null(),
        _ => MessageDigest::sha256(),
    };
    builder.sign(key, digest).expect("signed");
    builder.build()
}

fn pem(certificate: &X509) -> String {
    String::from_utf8(certificate.to_pem().expect("PEM")).expect("text")
}

fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>, CertificateError> {
    read_certificates(bytes, SmallestRsa::Bits2048)
}

#[test]
fn pem_der_and_bare_base64_are_the_same_certificate() {
    let certificate = certificate(&rsa(2048));
    let der = certificate.to_der().expect("DER");
    let pem = pem(&certificate);
    let bare =
        pem.replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "");
    let with_text = format!("subject=/CN=idp.example\r\n{}\n", pem.replace('\n', "\r\n"));
    for bytes in [der.as_slice(), pem.as_bytes(), bare.as_bytes(), with_text.as_bytes()] {
        assert_eq!(read(bytes), Ok(vec![der.clone()]));
    }
    assert_eq!(read(format!("{pem}{pem}").as_bytes()), Ok(vec![der.clone(), der.clone()]));

    let details = inspect(&der).expect("inspected");
    assert_eq!((details.subject.as_str(), details.serial.as_str()), ("CN=idp.example", "07"));
    assert_eq!(details.pem, pem);
}

#[test]
fn what_is_no_certificate_is_told_apart_from_a_private_key() {
    let key = rsa(2048);
    let good = pem(&certificate(&key));
    let der = certificate(&key).to_der().expect("DER");
    let private_pem =
        String::from_utf8(key.private_key_to_pem_pkcs8().expect("PEM")).expect("text");
    let old_pem = key.rsa().and_then(|rsa| rsa.private_key_to_pem()).expect("PEM");
    let sealed = key
        .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"secret")
        .expect("PEM");
    let private_der = key.private_key_to_pkcs8().expect("DER");
    let old_der = key.private_key_to_der().expect("DER");
    let both = format!("{good}{private_pem}");
    for bytes in [
        private_pem.as_bytes(),
        old_pem.as_slice(),
        sealed.as_slice(),
        private_der.as_slice(),
        old_der.as_slice(),
        both.as_bytes(),
        STANDARD.encode(&private_der).as_bytes(),
    ] {
        assert_eq!(read(bytes), Err(CertificateError::PrivateKeyGiven));
    }

    let public = String::from_utf8(key.public_key_to_pem().expect("PEM")).expect("text");
    let second_broken =
        format!("{good}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let trailing = [der.as_slice(), &[0]].concat();
    let cut = &der[..der.len() - 1];
    for bytes in [
        b"".as_slice(),
        b"hello",
        b"\xff\xfe\x00",
        b"<xml/>",
        public.as_bytes(),
        second_broken.as_bytes(),
        cut,
        STANDARD.encode("hello").as_bytes(),
    ] {
        assert_eq!(read(bytes), Err(CertificateError::NotACertificate), "{bytes:?}");
    }
    assert_eq!(read(&trailing), Err(CertificateError::NotACertificate));
    assert_eq!(CertificateError::NotACertificate.as_str(), "not_a_certificate");
}

#[test]
fn keys_are_long_enough_and_of_a_kind_that_signs() {
    let accepted = [
        rsa(2048),
        ec(Nid::X9_62_PRIME256V1),
        ec(Nid::SECP384R1),
        ec(Nid::SECP521R1),
        PKey::generate_ed25519().expect("Ed25519"),
    ];
    let details = [("RSA", 2048), ("EC", 256), ("EC", 384), ("EC", 521), ("Ed25519", 256)];
    for (key, (algorithm, bits)) in accepted.iter().zip(details) {
        let der = certificate(key).to_der().expect("DER");
        assert_eq!(read(&der), Ok(vec![der.clone()]), "{algorithm} {bits}");
        let key = inspect(&der).expect("inspected").public_key;
        assert_eq!((key.algorithm.as_str(), key.bits), (algorithm, bits));
    }
    let dsa = PKey::from_dsa(Dsa::generate(2048).expect("DSA")).expect("a key");
    for (key, error) in [
        (rsa(1024), CertificateError::KeyTooSmall),
        (ec(Nid::SECP224R1), CertificateError::KeyTooSmall),
        (ec(Nid::SECP256K1), CertificateError::KeyNotSupported),
        (dsa, CertificateError::KeyNotSupported),
    ] {
        let der = certificate(&key).to_der().expect("DER");
        assert_eq!(read(&der), Err(error), "{:?} {}", key.id(), key.bits());
    }
}

#[test]
fn a_grant_takes_rsa_from_1024_bits_and_no_less() {
    let granted = |bits| {
        let der = certificate(&rsa(bits)).to_der().expect("DER");
        read_certificates(&der, SmallestRsa::Bits1024).map(|_| ())
    };
    assert_eq!(granted(1024), Ok(()));
    assert_eq!(granted(1016), Err(CertificateError::KeyTooSmall));
}
