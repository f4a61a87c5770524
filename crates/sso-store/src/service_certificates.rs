//! Service certificates, their private keys sealed (SPEC 7).

use crate::AnyStore;
use crate::configuration::certificates_changed;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{certificate_columns, choice, service_certificate};
use crate::seal::{Place, Sealed};
use sso_core::ids::CertificateId;
use sso_core::org::OrgName;
use sso_core::store::{
    AuditEntry, CertificateState, ServiceCertificate, ServiceCertificateStore, ServiceKey,
    StoreError,
};

impl ServiceCertificateStore for AnyStore {
    async fn add_service_certificate(
        &self,
        org: &OrgName,
        certificate: ServiceCertificate,
        private_key: &[u8],
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let row = key_row(org, certificate.id);
        let sealed = self.sealer.seal(&key_place(&row), private_key)?;
        let input = NewCertificate { org: org.clone(), certificate, sealed, audit };
        Ok(self.engine.write(input, |tx, new| Box::pin(add_certificate(tx, new))).await?)
    }

    async fn service_certificates(
        &self,
        org: &OrgName,
    ) -> Result<Vec<ServiceCertificate>, StoreError> {
        let rows = self.engine.read(org.clone(), |tx, org| Box::pin(certificates(tx, org))).await?;
        Ok(rows.into_iter().map(|(certificate, _)| certificate).collect())
    }

    async fn service_keys(&self, org: &OrgName) -> Result<Vec<ServiceKey>, StoreError> {
        let rows = self.engine.read(org.clone(), |tx, org| Box::pin(certificates(tx, org))).await?;
        rows.into_iter()
            .map(|(certificate, sealed)| {
                let row = key_row(org, certificate.id);
                let private_key = self.sealer.open(&key_place(&row), &sealed)?.to_vec();
                Ok(ServiceKey { certificate, private_key })
            })
            .collect()
    }

    async fn activate_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let input = (org.clone(), id, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, audit)| Box::pin(activate(tx, org, *id, audit)))
            .await?)
    }

    async fn retire_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let input = (org.clone(), id, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, audit)| Box::pin(retire(tx, org, *id, audit)))
            .await?)
    }

    async fn delete_service_certificate(
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

struct NewCertificate {
    org: OrgName,
    certificate: ServiceCertificate,
    sealed: Sealed,
    audit: AuditEntry,
}

/// A private key is bound to its organization too, so that its row cannot be given to another.
fn key_row(org: &OrgName, id: CertificateId) -> String {
    format!("{org}/{id}")
}

fn key_place(row: &str) -> Place<'_> {
    Place { table: "service_certificates", column: "private_key", row }
}

async fn add_certificate(tx: &mut dyn Transaction, new: &NewCertificate) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO service_certificates (",
        certificate_columns!(),
        ", org, private_key, key_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (id) DO NOTHING"
    );
    let NewCertificate { org, certificate, sealed, audit } = new;
    let state = choice(&certificate.state)?;
    let values = [
        certificate.id.to_bytes().into(),
        (&certificate.alias).into(),
        (&state).into(),
        (&certificate.der).into(),
        certificate.created_at.into(),
        org.as_str().into(),
        (&sealed.bytes).into(),
        sealed.key_version.into(),
    ];
    let written = tx.execute(INSERT, &values).await.map_err(|failure| {
        failure
            .if_foreign_key(Failure::not_found("org"))
            .if_unique(Failure::conflict("certificate_active"))
    })?;
    if written == 0 {
        return Err(Failure::conflict("certificate_exists"));
    }
    certificates_changed(tx, org, audit).await
}

async fn certificates(
    tx: &mut dyn Transaction,
    org: &OrgName,
) -> Result<Vec<(ServiceCertificate, Sealed)>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        certificate_columns!(),
        ", private_key, key_version FROM service_certificates WHERE org = $1 \
         ORDER BY created_at, id"
    );
    tx.query(READ, &[org.as_str().into()])
        .await?
        .iter_mut()
        .map(|row| {
            let certificate = service_certificate(row)?;
            let bytes = row.bytes()?;
            Ok((certificate, Sealed { bytes, key_version: row.integer()? }))
        })
        .collect()
}

async fn find(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
) -> Result<ServiceCertificate, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        certificate_columns!(),
        " FROM service_certificates WHERE org = $1 AND id = $2"
    );
    let rows = tx.query(READ, &[org.as_str().into(), id.to_bytes().into()]).await?;
    let mut row = rows.into_iter().next().ok_or_else(|| Failure::not_found("certificate"))?;
    service_certificate(&mut row)
}

async fn activate(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    audit: &AuditEntry,
) -> Result<ServiceCertificate, Failure> {
    const STAND_DOWN: &Sql = sql!(
        "UPDATE service_certificates SET state = 'previous' WHERE org = $1 AND state = 'active'"
    );
    const STAND_UP: &Sql = sql!(
        "UPDATE service_certificates SET state = 'active' \
         WHERE org = $1 AND id = $2 AND state <> 'retired'"
    );
    let mut chosen = find(tx, org, id).await?;
    match chosen.state {
        CertificateState::Active => return Ok(chosen),
        CertificateState::Retired => return Err(Failure::conflict("certificate_retired")),
        CertificateState::Next | CertificateState::Previous => {}
    }
    let key = [org.as_str().into(), id.to_bytes().into()];
    tx.execute(STAND_DOWN, &key[..1]).await?;
    // Another that was activated meanwhile is active still: begin again, and it stands down too.
    let stood_up = tx
        .execute(STAND_UP, &key)
        .await
        .map_err(|failure| failure.if_unique(Failure::Serialization))?;
    if stood_up == 0 {
        // It was retired or removed meanwhile: begin again, and say so.
        return Err(Failure::Serialization);
    }
    certificates_changed(tx, org, audit).await?;
    chosen.state = CertificateState::Active;
    Ok(chosen)
}

async fn retire(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    audit: &AuditEntry,
) -> Result<ServiceCertificate, Failure> {
    const RETIRE: &Sql = sql!(
        "UPDATE service_certificates SET state = 'retired' \
         WHERE org = $1 AND id = $2 AND state IN ('next', 'previous')"
    );
    let retired = tx.execute(RETIRE, &[org.as_str().into(), id.to_bytes().into()]).await?;
    let certificate = find(tx, org, id).await?;
    if retired > 0 {
        certificates_changed(tx, org, audit).await?;
    } else if certificate.state != CertificateState::Retired {
        return Err(Failure::conflict("certificate_active"));
    }
    Ok(certificate)
}

async fn delete(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql =
        sql!("DELETE FROM service_certificates WHERE org = $1 AND id = $2 AND state <> 'active'");
    if tx.execute(DELETE, &[org.as_str().into(), id.to_bytes().into()]).await? == 0 {
        find(tx, org, id).await?;
        return Err(Failure::conflict("certificate_active"));
    }
    certificates_changed(tx, org, audit).await
}
