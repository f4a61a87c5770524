//! A key of our own that a certificate authority is asked to certify (PKCS#10, RFC 2986), and the
//! authority's answer (SPEC 7). The private key is made here and never leaves.

use super::generate::{GenerateError, KeyPair, NewKey, check_alias};
use super::import::{ImportError, chain};
use super::read::{self, SmallestRsa};
use crate::ids::CertificateRequestId;
use crate::setting::{InvalidSetting, check_text};
use openssl::x509::{X509, X509Req};
use rcgen::{CertificateParams, DistinguishedName, DnType, SanType};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The most characters of a name in a subject (RFC 5280, `ub-common-name` and the others).
const MAX_NAME: usize = 64;
/// The most host names.
const MAX_HOSTS: usize = 20;

/// A request that waits for its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Its identifier.
    pub id: CertificateRequestId,
    /// What an administrator calls the certificate that will come of it.
    pub alias: String,
    /// The request, PKCS#10 DER.
    pub der: Vec<u8>,
    /// When it was made, in UTC.
    pub created_at: OffsetDateTime,
}

/// Whom the certificate is to name. Authorities ask for different parts of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RequestSubject {
    /// The common name; the alias where it is not given.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub common_name: Option<String>,
    /// The organization.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub organization: Option<String>,
    /// Its unit.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub organizational_unit: Option<String>,
    /// The town.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub locality: Option<String>,
    /// The state or province.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub state: Option<String>,
    /// The country, two capital letters.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Z]{2}$"))]
    pub country: Option<String>,
    /// Host names, for authorities that put at least one into every certificate.
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub dns_names: Vec<String>,
}

/// A key pair that was made, and the request for its certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct GeneratedRequest {
    /// The request, PKCS#10 DER.
    pub der: Vec<u8>,
    /// The private key, PKCS#8 DER.
    pub private_key: Vec<u8>,
}

impl std::fmt::Debug for GeneratedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GeneratedRequest").field("der", &self.der).finish_non_exhaustive()
    }
}

/// What an authority answered to one of our requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateAnswer {
    /// The request that it answers.
    pub request: CertificateRequestId,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The certificates above it, DER.
    pub chain: Vec<Vec<u8>>,
}

/// Makes a key pair and the request for its certificate. A key of RSA 4096 can take a second: call it where
/// blocking is allowed.
///
/// # Errors
/// [`GenerateError::Setting`] naming `alias` or the part of `subject`; [`GenerateError::Engine`].
pub fn request(
    alias: &str,
    subject: &RequestSubject,
    key: NewKey,
) -> Result<GeneratedRequest, GenerateError> {
    check_alias(alias)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = name(alias, subject)?;
    params.subject_alt_names = hosts(&subject.dns_names)?;
    let key = KeyPair::make(key)?;
    params.key_usages = key.usages();
    let der = params.serialize_request(&key)?.der().to_vec();
    Ok(GeneratedRequest { der, private_key: key.private_pkcs8()? })
}

/// Reads an authority's answer, PEM or DER with whatever chain: the certificate is the one whose key is of
/// one of these requests.
///
/// # Errors
/// [`ImportError::PrivateKeyMissing`] where none is; [`ImportError::Certificate`].
pub fn answer(
    bytes: &[u8],
    requests: &[CertificateRequest],
) -> Result<CertificateAnswer, ImportError> {
    let certificates = read::all(bytes)?;
    let asked = |certificate: &X509| {
        let key = certificate.public_key().ok()?;
        let its = |request: &&CertificateRequest| {
            let asked = X509Req::from_der(&request.der).and_then(|request| request.public_key());
            asked.is_ok_and(|asked| asked.public_eq(&key))
        };
        requests.iter().find(its).map(|request| request.id)
    };
    let found = certificates.iter().find_map(|found| Some((asked(found)?, found)));
    let (request, certificate) = found.ok_or(ImportError::PrivateKeyMissing)?;
    let der = read::accepted(certificate, SmallestRsa::Bits2048)?;
    Ok(CertificateAnswer { request, der, chain: chain(certificate, &certificates) })
}

fn name(alias: &str, subject: &RequestSubject) -> Result<DistinguishedName, InvalidSetting> {
    let common_name = subject.common_name.as_deref().unwrap_or(alias);
    if subject.country.as_ref().is_some_and(|country| {
        country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase())
    }) {
        return Err(InvalidSetting::value("subject.country", "It must be two capital letters."));
    }
    let mut name = DistinguishedName::new();
    for (kind, field, value) in [
        (DnType::CountryName, "subject.country", subject.country.as_deref()),
        (DnType::StateOrProvinceName, "subject.state", subject.state.as_deref()),
        (DnType::LocalityName, "subject.locality", subject.locality.as_deref()),
        (DnType::OrganizationName, "subject.organization", subject.organization.as_deref()),
        (
            DnType::OrganizationalUnitName,
            "subject.organizational_unit",
            subject.organizational_unit.as_deref(),
        ),
        (DnType::CommonName, "subject.common_name", Some(common_name)),
    ] {
        if let Some(value) = value {
            check_text(field, value, 1..=MAX_NAME)?;
            name.push(kind, value);
        }
    }
    Ok(name)
}

fn hosts(names: &[String]) -> Result<Vec<SanType>, InvalidSetting> {
    const FIELD: &str = "subject.dns_names";
    let of_hosts = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'*');
    let read = |name: &String| {
        let is_host = (1..=253).contains(&name.len()) && name.bytes().all(of_hosts);
        let name = name.as_str().try_into().ok().filter(|_| is_host);
        name.map(SanType::DnsName)
            .ok_or_else(|| InvalidSetting::value(FIELD, "It must be a list of host names."))
    };
    if names.len() > MAX_HOSTS {
        return Err(InvalidSetting::value(FIELD, "It may have at most 20 names."));
    }
    names.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
