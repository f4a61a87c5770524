//! Certificates: made, inspected, read from what an administrator hands in, and where each stands in
//! its life (SPEC 7, 8). The keys are openssl's; nothing here decides what a signature is worth.

mod state;

pub use state::{CertificateState, ServiceCertificate, published, signing};
