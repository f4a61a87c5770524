//! A key pair and its certificate.

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::X509;

/// A key pair and a certificate that is valid between two instants, in seconds since 1970.
pub(crate) fn pair(not_before: i64, not_after: i64) -> (PKey<Private>, X509) {
    let at = |seconds| Asn1Time::from_unix(seconds).expect("a time");
    let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
    let mut builder = X509::builder().expect("a certificate");
    builder.set_version(2).expect("version 3");
    builder.set_pubkey(&key).expect("its key");
    builder.set_not_before(&at(not_before)).expect("set");
    builder.set_not_after(&at(not_after)).expect("set");
    builder.sign(&key, MessageDigest::sha256()).expect("signed");
    (key, builder.build())
}
