//! Certificates: made, inspected, read from what an administrator hands in, and where each stands in
//! its life (SPEC 7, 8). The keys are openssl's; nothing here decides what a signature is worth.

mod expiry;
mod generate;
mod idp;
mod import;
mod inspect;
mod plan;
mod read;
mod request;
mod state;

pub use expiry::{NOTICE_DAYS, notice_due};
pub use generate::{GenerateError, GeneratedCertificate, NewKey, check_alias, generate};
pub use idp::{IdpCertificate, IdpCertificateState, MAX_IDP_CERTIFICATES, NewIdpCertificate};
pub use import::{ImportError, ImportedCertificate, import};
pub use inspect::{CertificateDetails, PublicKeyDetails, fingerprint, inspect, to_pem};
pub use plan::{CertificatePlan, PlanStep};
pub use read::{CertificateError, SmallestRsa, read_certificate, read_certificates};
pub use request::{
    CertificateAnswer, CertificateRequest, GeneratedRequest, RequestSubject, answer, request,
};
pub use state::{CertificateState, ServiceCertificate, published, signing};
