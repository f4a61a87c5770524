//! Requests for service certificates, their private keys sealed (SPEC 7).

use crate::audit::append_audit;
use crate::engine::{Failure, Fields, Sql, Transaction, sql};
use crate::seal::{Place, Sealed};
use crate::service_certificates::{NewCertificate, add_certificate};
use sso_core::certs::CertificateRequest;
use sso_core::ids::CertificateRequestId;
use sso_core::org::OrgName;
use sso_core::store::AuditEntry;

/// A private key is bound to its organization too, so that its row cannot be given to another.
pub(crate) fn key_row(org: &OrgName, id: CertificateRequestId) -> String {
    format!("{org}/{id}")
}

pub(crate) fn key_place(row: &str) -> Place<'_> {
    Place { table: "certificate_requests", column: "private_key", row }
}

pub(crate) struct NewRequest {
    pub(crate) org: OrgName,
    pub(crate) request: CertificateRequest,
    pub(crate) sealed: Sealed,
    pub(crate) audit: AuditEntry,
}

pub(crate) async fn add(tx: &mut dyn Transaction, new: &NewRequest) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO certificate_requests \
         (id, org, created_at, alias, request, private_key, key_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );
    let NewRequest { org, request, sealed, audit } = new;
    let values = [
        request.id.to_bytes().into(),
        org.as_str().into(),
        request.created_at.into(),
        (&request.alias).into(),
        (&request.der).into(),
        (&sealed.bytes).into(),
        sealed.key_version.into(),
    ];
    tx.execute(INSERT, &values)
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("org")))?;
    append_audit(tx, audit).await
}

pub(crate) async fn list(
    tx: &mut dyn Transaction,
    org: &OrgName,
) -> Result<Vec<CertificateRequest>, Failure> {
    const READ: &Sql = sql!(
        "SELECT id, alias, request, created_at FROM certificate_requests WHERE org = $1 \
         ORDER BY created_at, id"
    );
    let request = |row: &mut Fields| {
        Ok(CertificateRequest {
            id: CertificateRequestId::from_bytes(row.array()?),
            alias: row.text()?,
            der: row.bytes()?,
            created_at: row.instant()?,
        })
    };
    tx.query(READ, &[org.as_str().into()]).await?.iter_mut().map(request).collect()
}

/// The sealed key of a request.
pub(crate) async fn key(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateRequestId,
) -> Result<Sealed, Failure> {
    const READ: &Sql = sql!(
        "SELECT private_key, key_version FROM certificate_requests WHERE org = $1 AND id = $2"
    );
    let rows = tx.query(READ, &[org.as_str().into(), id.to_bytes().into()]).await?;
    let mut row = rows.into_iter().next().ok_or_else(|| Failure::not_found("request"))?;
    Ok(Sealed { bytes: row.bytes()?, key_version: row.integer()? })
}

/// Adds the certificate with the key, sealed for its new place, and removes the request.
pub(crate) async fn answer(
    tx: &mut dyn Transaction,
    (id, new): &(CertificateRequestId, NewCertificate),
) -> Result<(), Failure> {
    remove(tx, &new.org, *id).await?;
    add_certificate(tx, new).await
}

pub(crate) async fn delete(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateRequestId,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    remove(tx, org, id).await?;
    append_audit(tx, audit).await
}

async fn remove(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateRequestId,
) -> Result<(), Failure> {
    const DELETE: &Sql = sql!("DELETE FROM certificate_requests WHERE org = $1 AND id = $2");
    match tx.execute(DELETE, &[org.as_str().into(), id.to_bytes().into()]).await? {
        0 => Err(Failure::not_found("request")),
        _ => Ok(()),
    }
}
