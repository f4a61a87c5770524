//! Certificates of an identity provider that were imported by hand (SPEC 8).
//!
//! Every change takes the organization's row first, so that two of them never overlap: the limit and
//! the one active certificate hold on all nodes.

use crate::AnyStore;
use crate::configuration::certificates_changed;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{certificate_columns, choice, idp_certificate};
use sso_core::certs::MAX_IDP_CERTIFICATES;
use sso_core::ids::CertificateId;
use sso_core::org::OrgName;
use sso_core::store::{
    AuditEntry, FirstUse, IdpCertificate, IdpCertificateState, IdpCertificateStore,
    NewIdpCertificate, StoreError,
};

impl IdpCertificateStore for AnyStore {
    async fn add_idp_certificate(
        &self,
        org: &OrgName,
        certificate: NewIdpCertificate,
        audit: AuditEntry,
    ) -> Result<IdpCertificate, StoreError> {
        let input = (org.clone(), certificate, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, certificate, audit)| {
                Box::pin(add(tx, org, certificate, audit))
            })
            .await?)
    }

    async fn idp_certificates(&self, org: &OrgName) -> Result<Vec<IdpCertificate>, StoreError> {
        Ok(self.engine.read(org.clone(), |tx, org| Box::pin(list(tx, org))).await?)
    }

    async fn activate_idp_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<IdpCertificate, StoreError> {
        let input = (org.clone(), id, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, audit)| Box::pin(activate(tx, org, *id, audit)))
            .await?)
    }

    async fn delete_idp_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), id, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, audit)| Box::pin(delete(tx, org, *id, audit)))
            .await?)
    }
}

/// Makes the certificate of a first use the active one, in the transaction of the sign-in. Another
/// sign-in may have done so, or an administrator decided meanwhile: then nothing is done.
pub(crate) async fn use_first(tx: &mut dyn Transaction, first: &FirstUse) -> Result<(), Failure> {
    let FirstUse { org, certificate: id, audit } = first;
    let known = locked(tx, org).await?;
    let is_next =
        |known: &IdpCertificate| known.id == *id && known.state == IdpCertificateState::Next;
    if !known.iter().any(is_next) {
        return Ok(());
    }
    make_active(tx, org, *id).await?;
    certificates_changed(tx, org, audit).await
}

async fn add(
    tx: &mut dyn Transaction,
    org: &OrgName,
    new: &NewIdpCertificate,
    audit: &AuditEntry,
) -> Result<IdpCertificate, Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO idp_certificates (",
        certificate_columns!(),
        ", org) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING"
    );
    let known = locked(tx, org).await?;
    if known.iter().any(|known| known.der == new.der) {
        return Err(Failure::conflict("certificate_exists"));
    }
    if known.len() >= MAX_IDP_CERTIFICATES {
        return Err(Failure::conflict("certificate_limit"));
    }
    let added = new.clone().in_state(IdpCertificateState::on_import(&known));
    let state = choice(&added.state)?;
    let values = [
        added.id.to_bytes().into(),
        (&added.alias).into(),
        (&state).into(),
        (&added.der).into(),
        added.created_at.into(),
        org.as_str().into(),
    ];
    let written = tx
        .execute(INSERT, &values)
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("org")))?;
    if written == 0 {
        return Err(Failure::conflict("certificate_exists"));
    }
    certificates_changed(tx, org, audit).await?;
    Ok(added)
}

async fn activate(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    audit: &AuditEntry,
) -> Result<IdpCertificate, Failure> {
    let known = locked(tx, org).await?;
    let chosen = known.into_iter().find(|certificate| certificate.id == id);
    let mut chosen = chosen.ok_or_else(|| Failure::not_found("certificate"))?;
    if chosen.state != IdpCertificateState::Active {
        make_active(tx, org, id).await?;
        certificates_changed(tx, org, audit).await?;
        chosen.state = IdpCertificateState::Active;
    }
    Ok(chosen)
}

async fn delete(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql = sql!("DELETE FROM idp_certificates WHERE org = $1 AND id = $2");
    lock(tx, org).await?;
    if tx.execute(DELETE, &[org.as_str().into(), id.to_bytes().into()]).await? == 0 {
        return Err(Failure::not_found("certificate"));
    }
    certificates_changed(tx, org, audit).await
}

async fn list(tx: &mut dyn Transaction, org: &OrgName) -> Result<Vec<IdpCertificate>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        certificate_columns!(),
        " FROM idp_certificates WHERE org = $1 ORDER BY created_at, id"
    );
    tx.query(READ, &[org.as_str().into()]).await?.iter_mut().map(idp_certificate).collect()
}

/// Makes every other change of the organization's certificates wait for the end of this one.
async fn lock(tx: &mut dyn Transaction, org: &OrgName) -> Result<(), Failure> {
    const LOCK: &Sql = sql!("UPDATE orgs SET document = document WHERE name = $1");
    tx.execute(LOCK, &[org.as_str().into()]).await.map(drop)
}

/// The certificates, which stay as they are until this transaction ends.
async fn locked(tx: &mut dyn Transaction, org: &OrgName) -> Result<Vec<IdpCertificate>, Failure> {
    lock(tx, org).await?;
    list(tx, org).await
}

async fn make_active(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
) -> Result<(), Failure> {
    const STAND_DOWN: &Sql =
        sql!("UPDATE idp_certificates SET state = 'previous' WHERE org = $1 AND state = 'active'");
    const STAND_UP: &Sql =
        sql!("UPDATE idp_certificates SET state = 'active' WHERE org = $1 AND id = $2");
    let key = [org.as_str().into(), id.to_bytes().into()];
    tx.execute(STAND_DOWN, &key[..1]).await?;
    tx.execute(STAND_UP, &key).await.map(drop)
}
