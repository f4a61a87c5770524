//! Connections and service certificates.

use crate::engine::{Failure, Fields};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sso_core::connection::Connection;
use sso_core::ids::{CertificateId, ConnectionId};
use sso_core::store::ServiceCertificate;

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
        metadata_certificates: row
            .document::<Vec<String>>()?
            .iter()
            .map(|der| BASE64_STANDARD.decode(der).map_err(Failure::unreadable))
            .collect::<Result<_, _>>()?,
        metadata_document: row.optional_text()?,
    })
}

/// The columns that make a service certificate.
macro_rules! certificate_columns {
    () => {
        "id, alias, state, certificate, created_at"
    };
}
pub(crate) use certificate_columns;

/// Reads [`certificate_columns`].
pub(crate) fn certificate(row: &mut Fields) -> Result<ServiceCertificate, Failure> {
    Ok(ServiceCertificate {
        id: CertificateId::from_bytes(row.array()?),
        alias: row.text()?,
        state: row.choice()?,
        der: row.bytes()?,
        created_at: row.instant()?,
    })
}
