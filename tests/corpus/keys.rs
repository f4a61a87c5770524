//! The keys that the messages of the corpus are signed with, made anew in each run. All certificates
//! have the same subject and serial number, so that only the key can tell them apart.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Name};
use sso_core::dsig::{SigningKey, TrustedKey};
use std::collections::HashMap;
use std::sync::OnceLock;
use time::OffsetDateTime;
use time::macros::datetime;

/// A key pair and its certificate, DER.
pub(crate) struct Key {
    private_key: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
}

/// A key by the name that cases use: `idp`, `next`, `expired`, `small` (RSA of 1024 bits), `ec`
/// (P-256) or `attacker`, which no case trusts.
pub(crate) fn key(name: &str) -> &'static Key {
    static KEYS: OnceLock<HashMap<&str, Key>> = OnceLock::new();
    let long = datetime!(2045-01-01 00:00 UTC);
    let keys = KEYS.get_or_init(|| {
        HashMap::from([
            ("idp", Key::new(rsa(2048), long)),
            ("next", Key::new(rsa(2048), long)),
            ("attacker", Key::new(rsa(2048), long)),
            ("expired", Key::new(rsa(2048), datetime!(2029-12-31 00:00 UTC))),
            ("small", Key::new(rsa(1024), long)),
            ("ec", Key::new(p256(), long)),
        ])
    });
    keys.get(name).unwrap_or_else(|| panic!("no key is called {name}"))
}

fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

fn p256() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

impl Key {
    fn new(key: PKey<Private>, not_after: OffsetDateTime) -> Self {
        let mut name = X509Name::builder().unwrap();
        name.append_entry_by_nid(Nid::COMMONNAME, "idp.test").unwrap();
        let name = name.build();
        let instant = |at: OffsetDateTime| Asn1Time::from_unix(at.unix_timestamp()).unwrap();
        let serial = BigNum::from_u32(4711).unwrap().to_asn1_integer().unwrap();

        let mut certificate = X509::builder().unwrap();
        certificate.set_version(2).unwrap();
        certificate.set_serial_number(&serial).unwrap();
        certificate.set_subject_name(&name).unwrap();
        certificate.set_issuer_name(&name).unwrap();
        certificate.set_not_before(&instant(datetime!(2020-01-01 00:00 UTC))).unwrap();
        certificate.set_not_after(&instant(not_after)).unwrap();
        certificate.set_pubkey(&key).unwrap();
        certificate.sign(&key, MessageDigest::sha256()).unwrap();
        Self {
            private_key: key.private_key_to_pkcs8().unwrap(),
            certificate: certificate.build().to_der().unwrap(),
        }
    }

    /// The key as one that signs.
    pub(crate) fn signing(&self) -> SigningKey {
        SigningKey::from_pkcs8_der(&self.private_key, &self.certificate).unwrap()
    }

    /// The key as one that a connection trusts.
    pub(crate) fn trusted(&self) -> TrustedKey {
        TrustedKey::from_certificate_der(&self.certificate).unwrap()
    }
}
