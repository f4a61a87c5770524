//! The xmlsec1 library with libxml2, from C: signatures and decryption alone (see `xmlsec1.c`).

use crate::Operation;
use crate::input::Input;
use openssl::x509::X509;
use std::ffi::{CStr, c_char, c_int};
use std::hint::black_box;
use std::ptr::{NonNull, null};

#[repr(C)]
struct Verifier {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn verifier_open(
        trusted: *const u8,
        trusted_size: usize,
        is_certificate: c_int,
        own: *const u8,
        own_size: usize,
        field_size: usize,
    ) -> *mut Verifier;
    fn verifier_verify(verifier: *const Verifier, field: *const u8, size: usize) -> c_int;
    fn verifier_xmlsec_version() -> *const c_char;
    fn verifier_libxml_version() -> *const c_char;
}

/// The versions of xmlsec1 and of libxml2.
pub(crate) fn versions() -> (&'static str, &'static str) {
    // SAFETY: both are string literals of C.
    let text = |version| unsafe { CStr::from_ptr(version) }.to_str().expect("ASCII");
    unsafe { (text(verifier_xmlsec_version()), text(verifier_libxml_version())) }
}

/// The signer's certificate as the key, as one has it from metadata.
pub(crate) fn with_certificate(input: &Input) -> Option<Operation> {
    Some(operation(input, &input.certificate, true))
}

/// The signer's public key alone, which is cheaper to copy for each verification.
pub(crate) fn with_bare_key(input: &Input) -> Option<Operation> {
    let certificate = X509::from_pem(&input.certificate).expect("a certificate");
    let key = certificate.public_key().and_then(|key| key.public_key_to_pem()).expect("a key");
    Some(operation(input, &key, false))
}

fn operation(input: &Input, trusted: &[u8], is_certificate: bool) -> Operation {
    let own = input.encrypted.as_ref().map(|encrypted| encrypted.private_key.as_slice());
    let field = input.field.clone();
    // SAFETY: every pointer is to as many bytes as are said, and nothing is kept of them. What is
    // opened is never closed: it lasts as long as the process.
    let verifier = unsafe {
        verifier_open(
            trusted.as_ptr(),
            trusted.len(),
            is_certificate.into(),
            own.map_or(null(), <[u8]>::as_ptr),
            own.map_or(0, <[u8]>::len),
            field.len(),
        )
    };
    let verifier = NonNull::new(verifier).expect("keys that xmlsec1 reads");
    let signatures = input.signed.len();
    Box::new(move || {
        let field = black_box(&field);
        // SAFETY: the verifier is open, for a field of this size, and of this thread alone.
        let held = unsafe { verifier_verify(verifier.as_ptr(), field.as_ptr(), field.len()) };
        assert_eq!(usize::try_from(held), Ok(signatures), "every signature holds");
    })
}
