use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::{X509, X509NameBuilder};

fn p256() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).expect("a key")).expect("a key")
}

fn certified(key: &PKey<Private>) -> X509 {
    let mut name = X509NameBuilder::new().expect("a name");
    name.append_entry_by_text("CN", "sso.example").expect("a name");
    let name = name.build();
    let digest = match key.id() {
        Id::ED25519 => MessageDigest::null(),
        _ => MessageDigest::sha256(),
    };
    let time = |text| Asn1Time::from_str(text).expect("a time");
    let serial = BigNum::from_u32(1).and_then(|one| one.to_asn1_integer()).expect("a number");
    let mut builder = X509::builder().expect("a certificate");
    builder
        .set_version(2)
        .and_then(|()| builder.set_serial_number(&serial))
        .and_then(|()| builder.set_subject_name(&name))
        .and_then(|()| builder.set_issuer_name(&name))
        .and_then(|()| builder.set_not_before(&time("20250101000000Z")))
        .and_then(|()| builder.set_not_after(&time("20450101000000Z")))
        .and_then(|()| builder.set_pubkey(key))
        .and_then(|()| builder.sign(key, digest))
        .expect("signed");
    builder.build()
}

fn pem(certificate: &X509) -> Vec<u8> {
    certificate.to_pem().expect("PEM")
}

fn key_pem(key: &PKey<Private>) -> Vec<u8> {
    key.private_key_to_pem_pkcs8().expect("PEM")
}

fn pkcs12(
    key: Option<&PKey<Private>>,
    certificate: Option<&X509>,
    chain: &[X509],
    passphrase: &str,
) -> Vec<u8> {
    let mut builder = Pkcs12::builder();
    if let Some(key) = key {
        builder.pkey(key);
    }
    if let Some(certificate) = certificate {
        builder.cert(certificate);
    }
    if !chain.is_empty() {
        let mut stack = Stack::new().expect("a stack");
        chain.iter().for_each(|one| stack.push(one.clone()).expect("pushed"));
        builder.ca(stack);
    }
    builder.build2(passphrase).and_then(|file| file.to_der()).expect("PKCS#12")
}

/// What is imported is a pair, and the one that was given.
fn taken(bytes: &[u8], passphrase: &str, key: &PKey<Private>, certificate: &X509) {
    let imported = import(bytes, passphrase).expect("taken");
    assert_eq!(imported.der, certificate.to_der().expect("DER"));
    let private = PKey::private_key_from_pkcs8(&imported.private_key).expect("PKCS#8");
    assert!(private.public_eq(key));
}

fn refused(bytes: &[u8], passphrase: &str) -> &'static str {
    import(bytes, passphrase).expect_err("a refusal").as_str()
}

#[test]
fn pem_is_taken_in_any_order_and_any_form_of_key() {
    let (key, issuer) = (rsa(2048), p256());
    let (leaf, chain) = (certified(&key), certified(&issuer));
    let (leaf_pem, chain_pem) = (pem(&leaf), pem(&chain));
    let traditional = key.rsa().and_then(|rsa| rsa.private_key_to_pem()).expect("PEM");
    let encrypted =
        key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"s3cret").expect("PEM");
    let old_encrypted = key
        .rsa()
        .and_then(|rsa| rsa.private_key_to_pem_passphrase(Cipher::aes_128_cbc(), b"s3cret"))
        .expect("PEM");
    taken(&[leaf_pem.clone(), key_pem(&key)].concat(), "", &key, &leaf);
    taken(&[key_pem(&key), leaf_pem.clone()].concat(), "not needed", &key, &leaf);
    taken(&[chain_pem.clone(), traditional, leaf_pem.clone()].concat(), "", &key, &leaf);
    taken(
        &[b"Bag Attributes\n".to_vec(), encrypted.clone(), leaf_pem.clone()].concat(),
        "s3cret",
        &key,
        &leaf,
    );
    taken(&[leaf_pem.clone(), old_encrypted.clone()].concat(), "s3cret", &key, &leaf);
    for encrypted in [encrypted, old_encrypted] {
        let bytes = [leaf_pem.clone(), encrypted].concat();
        assert_eq!(refused(&bytes, "wrong"), "wrong_passphrase");
        assert_eq!(refused(&bytes, ""), "wrong_passphrase");
    }

    let ec = EcKey::private_key_from_pem(
        &issuer.ec_key().and_then(|k| k.private_key_to_pem()).expect("PEM"),
    );
    let ec = ec.and_then(|key| key.private_key_to_pem()).expect("SEC 1");
    taken(&[chain_pem, ec].concat(), "", &issuer, &chain);
}

#[test]
fn pkcs12_is_taken_with_its_passphrase() {
    let (key, issuer) = (p256(), rsa(2048));
    let (leaf, chain) = (certified(&key), certified(&issuer));
    let with_chain = pkcs12(Some(&key), Some(&leaf), std::slice::from_ref(&chain), "s3cret ü");
    taken(&with_chain, "s3cret ü", &key, &leaf);
    for wrong in ["", "s3cret", "s3cret ü\0"] {
        assert_eq!(refused(&with_chain, wrong), "wrong_passphrase");
    }
    taken(&pkcs12(Some(&key), Some(&leaf), &[], ""), "", &key, &leaf);

    let without_key = pkcs12(None, None, std::slice::from_ref(&leaf), "s3cret");
    assert_eq!(refused(&without_key, "s3cret"), "private_key_missing");
    let without_certificate = pkcs12(Some(&key), None, &[], "s3cret");
    assert_eq!(refused(&without_certificate, "s3cret"), "not_a_certificate");
    let of_another = pkcs12(Some(&key), None, std::slice::from_ref(&chain), "s3cret");
    assert_eq!(refused(&of_another, "s3cret"), "private_key_mismatch");
    let mut cut = with_chain.clone();
    cut.truncate(cut.len() - 1);
    assert_eq!(refused(&cut, "s3cret ü"), "not_a_certificate");
}

/// A PKCS#12 file whose certificate is encrypted with RC2 of 40 bits, as old systems write it; the
/// passphrase is `old`. The key was made for this test.
const RC2: &str = "\
    MIIDcgIBAzCCAzgGCSqGSIb3DQEHAaCCAykEggMlMIIDITCCAhcGCSqGSIb3DQEHBqCCAggwggIEAgEAMIIB/QYJ\
    KoZIhvcNAQcBMBwGCiqGSIb3DQEMAQYwDgQIP89SwLsX5KoCAggAgIIB0Hxt0htzX3r57VjCYkZ4zz44/rTQ0Txs\
    rGLxRphJWJV5KPMET0nzx39mjmNws1r3+5QElHVu8nSbMwDJQAxHaA/9a9nqfHVKnDjjPvGRLyH0w/U6TkD6yOFk\
    fFi1NO3sLZh+p+Y3U5gjnALqqoERzxBg3awfg+tgqwloVsZslKuOd2kug0tyeW6+TxoeQFKtQ6pTNYzPF8BPcOLs\
    bDLeMG242dexDVDg96q+odwQ5SW94k9xFjLesh00wBwjd5WdN+LjObr6xvMBapTdSA6AJtqBje9zUofIHtGi2rec\
    uPW0tI/6jqW7YyyzvtlS6fjv3HQwozVNvFZRsZicaFW/m28yCbfR4mtAW+UewVMLB1kdzjlTLev+LOEo2nRc7VSj\
    l98GJV3vdFd3z3Dh82ozl7n9GpcQ+Nw4YPgnOiBEoht1FI2XBkEBdVYosshGwqFE3E7vRIxZbRH8RAhHLxaH+8Hz\
    H7b4iPLtA+c4l6+d2qC1Y42WtWyD5D18oiCMiiePugUZXQEaFhQDNXqLvqbajdhij2dPUOlnph1WlqN07etRehV5\
    C8cUTiDmMREZad7Dr+f8MCLCzdDkTsFVYRV3aNBdwz/pg8FAT13L/3mHWDbCMIIBAgYJKoZIhvcNAQcBoIH0BIHx\
    MIHuMIHrBgsqhkiG9w0BDAoBAqCBtDCBsTAcBgoqhkiG9w0BDAEDMA4ECAHcatCkMddBAgIIAASBkIEmlX3GSE/X\
    8SyurdcdBavbbIDt+JhFg2NFBz1pqlRNm/LOPBlhFOL0TTcyXuTMQZ6p5dL3xhppl+5/aW3vS0WXQ6pzLgOX4Lvc\
    UjUJ0Kqegzo6a+p8yhf7c2lnrSIj4Gis1VoXhQ+figat1iEEHgukW2FgYdjXqgFlHPxyBTT6B10RkzZ1DXlU6OBq\
    eRTo4TElMCMGCSqGSIb3DQEJFTEWBBQ8imP0uWLxaNsPCzRqDbSAyR46MTAxMCEwCQYFKw4DAhoFAAQU+aJD8efY\
    rAy9Hm6mi6kmr+ycPsAECICb2jLZujPtAgIIAA==";

#[test]
fn pkcs12_of_old_systems_is_told_from_a_wrong_passphrase() {
    let file = STANDARD.decode(RC2).expect("base64");
    assert_eq!(refused(&file, "old"), "pkcs12_not_supported");
    assert_eq!(refused(&file, "wrong"), "wrong_passphrase");
}

#[test]
fn each_refusal_of_pem_has_its_code() {
    let (key, other) = (p256(), p256());
    let leaf = certified(&key);
    let (leaf_pem, key_pem_) = (pem(&leaf), key_pem(&key));
    let damaged = String::from_utf8(key_pem_.clone()).expect("text").replacen("MI", "XX", 1);
    let headless = String::from_utf8(key_pem_.clone()).expect("text");
    let headless = headless.replace("-----BEGIN PRIVATE KEY-----", "PRIVATE KEY-----");
    let weak = rsa(1024);
    let ed25519 = PKey::generate_ed25519().expect("a key");
    let pair = |key: &PKey<Private>| [pem(&certified(key)), key_pem(key)].concat();
    for (bytes, code) in [
        (Vec::new(), "not_a_certificate"),
        (b"nothing of the kind".to_vec(), "not_a_certificate"),
        (vec![0xff; 100], "not_a_certificate"),
        (key_pem_.clone(), "not_a_certificate"),
        (key.private_key_to_pkcs8().expect("DER"), "not_a_certificate"),
        (leaf_pem.clone(), "private_key_missing"),
        (leaf.to_der().expect("DER"), "private_key_missing"),
        ([leaf_pem.clone(), key_pem(&other)].concat(), "private_key_mismatch"),
        ([leaf_pem.clone(), damaged.into_bytes()].concat(), "private_key_unreadable"),
        ([leaf_pem.clone(), headless.into_bytes()].concat(), "private_key_unreadable"),
        ([leaf_pem.clone(), key_pem_.clone(), key_pem(&other)].concat(), "private_key_unreadable"),
        (pair(&weak), "key_too_small"),
        (pair(&ed25519), "key_not_supported"),
    ] {
        assert_eq!(refused(&bytes, ""), code, "{}", String::from_utf8_lossy(&bytes));
    }
    taken(&[leaf_pem, key_pem_].concat(), "", &key, &leaf);
}

#[test]
fn a_private_key_is_not_printed() {
    let key = p256();
    let imported = import(&[pem(&certified(&key)), key_pem(&key)].concat(), "").expect("taken");
    assert!(!format!("{imported:?}").contains("private_key"));
}
