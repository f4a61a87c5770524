//! Writes a signed aggregate, `generate FOLDER ENTITIES`: `aggregate.xml`, and `signer.pem`, the certificate
//! of the key that signed it.

#[path = "../../../../tests/support/federation.rs"]
mod federation;

use federation::Federation;
use openssl::x509::X509;
use sso_core::ambient::SystemRandom;
use sso_core::certs::{NewKey, generate};
use sso_core::dsig::{SigningKey, sign};
use sso_core::xml::{Document, Limits};
use std::error::Error;
use std::path::Path;
use time::macros::datetime;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, entities] = arguments.as_slice() else {
        return Err("usage: generate FOLDER ENTITIES".into());
    };
    let now = datetime!(2026-11-22 0:00 UTC);
    let made = |name| generate(name, 3650, NewKey::Rsa2048, now, &SystemRandom);
    let mut certificates = Vec::new();
    for _ in 0..16 {
        certificates.push(made("member")?.der);
    }
    let federation = Federation { entities: entities.parse()?, certificates: &certificates };
    let text = federation.document();
    // It is signed whole, as the others do it too.
    let limits = Limits { bytes: 1 << 30, nodes: u32::MAX, ..Limits::METADATA };
    let document = Document::parse(text.as_bytes(), &limits)?;
    let signer = made("federation")?;
    let key = SigningKey::from_pkcs8_der(&signer.private_key, &signer.der)?;
    let signed = sign(document.root(), &key)?;
    let folder = Path::new(folder);
    std::fs::write(folder.join("aggregate.xml"), signed)?;
    std::fs::write(folder.join("signer.pem"), X509::from_der(&signer.der)?.to_pem()?)?;
    Ok(())
}
