//! Organizations, connections, certificates and tokens.

use super::document;
use crate::engine::{Failure, Fields};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sso_core::certs::CertificatePlan;
use sso_core::connection::Connection;
use sso_core::ids::{ApiTokenId, CertificateId, ConnectionId};
use sso_core::org::Org;
use sso_core::store::{ApiToken, IdpCertificate, ServiceCertificate};

/// The columns that make an organization, of the table `orgs` by its name `o`.
macro_rules! org_columns {
    () => {
        "o.document, o.revision, o.attribute_schema"
    };
}
pub(crate) use org_columns;

/// Reads [`org_columns`].
pub(crate) fn org(row: &mut Fields) -> Result<Org, Failure> {
    let org: Org = row.document()?;
    Ok(Org { revision: row.count()?, attribute_schema: row.document()?, ..org })
}

/// The columns that make a connection.
macro_rules! connection_columns {
    () => {
        "id, org, slot, revision, settings, metadata_certificates, metadata_document"
    };
}
pub(crate) use connection_columns;

/// Reads [`connection_columns`].
pub(crate) fn connection(row: &mut Fields) -> Result<Connection, Failure> {
    Ok(Connection {
        id: ConnectionId::from_bytes(row.array()?),
        org: row.parsed()?,
        slot: row.choice()?,
        revision: row.count()?,
        settings: row.document()?,
        metadata_certificates: certificates(row)?,
        metadata_document: row.optional_text()?,
    })
}

/// The columns that make a certificate of an identity provider.
macro_rules! certificate_columns {
    () => {
        "id, alias, state, certificate, created_at"
    };
}
pub(crate) use certificate_columns;

/// The columns that make a certificate of the service.
macro_rules! service_certificate_columns {
    () => {
        "id, alias, state, certificate, created_at, chain, activate_at, retire_at"
    };
}
pub(crate) use service_certificate_columns;

/// Reads [`service_certificate_columns`].
pub(crate) fn service_certificate(row: &mut Fields) -> Result<ServiceCertificate, Failure> {
    Ok(ServiceCertificate {
        id: CertificateId::from_bytes(row.array()?),
        alias: row.text()?,
        state: row.choice()?,
        der: row.bytes()?,
        created_at: row.instant()?,
        chain: certificates(row)?,
        plan: CertificatePlan {
            activate_at: row.optional_instant()?,
            retire_at: row.optional_instant()?,
        },
    })
}

/// A list of certificates as it is stored, each in base64.
pub(crate) fn certificate_list(certificates: &[Vec<u8>]) -> Result<String, Failure> {
    let list: Vec<String> = certificates.iter().map(|der| BASE64_STANDARD.encode(der)).collect();
    document(&list)
}

/// Reads [`certificate_list`].
fn certificates(row: &mut Fields) -> Result<Vec<Vec<u8>>, Failure> {
    let list = row.document::<Vec<String>>()?;
    list.iter().map(|der| BASE64_STANDARD.decode(der).map_err(Failure::unreadable)).collect()
}

/// Reads [`certificate_columns`] of the table `idp_certificates`.
pub(crate) fn idp_certificate(row: &mut Fields) -> Result<IdpCertificate, Failure> {
    Ok(IdpCertificate {
        id: CertificateId::from_bytes(row.array()?),
        alias: row.text()?,
        state: row.choice()?,
        der: row.bytes()?,
        created_at: row.instant()?,
    })
}

/// The columns that make a token.
macro_rules! api_token_columns {
    () => {
        "id, org, description, role, created_by, created_at, expires_at"
    };
}
pub(crate) use api_token_columns;

/// Reads [`api_token_columns`].
pub(crate) fn api_token(row: &mut Fields) -> Result<ApiToken, Failure> {
    Ok(ApiToken {
        id: ApiTokenId::from_bytes(row.array()?),
        org: row.parsed()?,
        description: row.text()?,
        right: row.choice()?,
        created_by: row.text()?,
        created_at: row.instant()?,
        expires_at: row.instant()?,
    })
}
