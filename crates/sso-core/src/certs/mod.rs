//! Certificates: made, inspected, read from what an administrator hands in, and where each stands in
//! its life (SPEC 7, 8). The keys are openssl's; nothing here decides what a signature is worth.

mod generate;
mod inspect;
mod read;
mod state;

pub use generate::{GenerateError, GeneratedCertificate, NewKey, generate};
pub use inspect::{CertificateDetails, PublicKeyDetails, fingerprint, inspect};
pub use read::{CertificateError, SmallestRsa, read_certificates};
pub use state::{CertificateState, ServiceCertificate, published, signing};
