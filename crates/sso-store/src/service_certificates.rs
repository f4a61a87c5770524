//! Service certificates, their private keys sealed (SPEC 7).

use crate::AnyStore;
use crate::certificate_plans::{self as plans, DueStep};
use crate::certificate_requests::{self as requests, NewRequest};
use crate::configuration::certificates_changed;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{certificate_list, choice, service_certificate, service_certificate_columns};
use crate::seal::{Place, Sealed};
use sso_core::certs::{CertificatePlan, CertificateRequest, PlanStep};
use sso_core::ids::{CertificateId, CertificateRequestId};
use sso_core::org::OrgName;
use sso_core::store::{
    AuditEntry, CertificateState, ServiceCertificate, ServiceCertificateStore, ServiceKey, StepEnd,
    StoreError,
};
use time::OffsetDateTime;

impl ServiceCertificateStore for AnyStore {
    async fn add_service_certificate(
        &self,
        org: &OrgName,
        certificate: ServiceCertificate,
        private_key: &[u8],
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let row = key_row(org, certificate.id);
        let sealed = self.seal(&key_place(&row), private_key).await?;
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
        let mut keys = Vec::with_capacity(rows.len());
        for (certificate, sealed) in rows {
            let row = key_row(org, certificate.id);
            let private_key = self.open_sealed(&key_place(&row), &sealed).await?.to_vec();
            keys.push(ServiceKey { certificate, private_key });
        }
        Ok(keys)
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

    async fn plan_service_certificate(
        &self,
        org: &OrgName,
        id: CertificateId,
        plan: CertificatePlan,
        audit: AuditEntry,
    ) -> Result<ServiceCertificate, StoreError> {
        let input = (org.clone(), id, plan, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, plan, audit)| {
                Box::pin(plans::write(tx, org, *id, *plan, audit))
            })
            .await?)
    }

    async fn due_plans(
        &self,
        now: OffsetDateTime,
        most: u16,
    ) -> Result<Vec<(OrgName, ServiceCertificate)>, StoreError> {
        let input = (now, most);
        Ok(self.engine.read(input, |tx, (now, most)| Box::pin(plans::due(tx, *now, *most))).await?)
    }

    async fn end_plan_step(
        &self,
        org: &OrgName,
        id: CertificateId,
        step: PlanStep,
        end: StepEnd,
        now: OffsetDateTime,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let due = DueStep { org: org.clone(), id, step, end, now, audit };
        Ok(self.engine.write(due, |tx, due| Box::pin(plans::end_step(tx, due))).await?)
    }

    async fn add_certificate_request(
        &self,
        org: &OrgName,
        request: CertificateRequest,
        private_key: &[u8],
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let row = requests::key_row(org, request.id);
        let sealed = self.seal(&requests::key_place(&row), private_key).await?;
        let new = NewRequest { org: org.clone(), request, sealed, audit };
        Ok(self.engine.write(new, |tx, new| Box::pin(requests::add(tx, new))).await?)
    }

    async fn certificate_requests(
        &self,
        org: &OrgName,
    ) -> Result<Vec<CertificateRequest>, StoreError> {
        Ok(self.engine.read(org.clone(), |tx, org| Box::pin(requests::list(tx, org))).await?)
    }

    async fn answer_certificate_request(
        &self,
        org: &OrgName,
        request: CertificateRequestId,
        certificate: ServiceCertificate,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let asked = (org.clone(), request);
        let key =
            self.engine.read(asked, |tx, (org, id)| Box::pin(requests::key(tx, org, *id))).await?;
        let row = requests::key_row(org, request);
        let private_key = self.open_sealed(&requests::key_place(&row), &key).await?;
        let row = key_row(org, certificate.id);
        let sealed = self.seal(&key_place(&row), &private_key).await?;
        let new = NewCertificate { org: org.clone(), certificate, sealed, audit };
        let input = (request, new);
        Ok(self.engine.write(input, |tx, input| Box::pin(requests::answer(tx, input))).await?)
    }

    async fn delete_certificate_request(
        &self,
        org: &OrgName,
        id: CertificateRequestId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), id, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, audit)| Box::pin(requests::delete(tx, org, *id, audit)))
            .await?)
    }
}

pub(crate) struct NewCertificate {
    pub(crate) org: OrgName,
    pub(crate) certificate: ServiceCertificate,
    pub(crate) sealed: Sealed,
    pub(crate) audit: AuditEntry,
}

/// A private key is bound to its organization too, so that its row cannot be given to another.
pub(crate) fn key_row(org: &OrgName, id: CertificateId) -> String {
    format!("{org}/{id}")
}

pub(crate) fn key_place(row: &str) -> Place<'_> {
    Place { table: "service_certificates", column: "private_key", row }
}

pub(crate) async fn add_certificate(
    tx: &mut dyn Transaction,
    new: &NewCertificate,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO service_certificates (",
        service_certificate_columns!(),
        ", plan_due_at, org, private_key, key_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO NOTHING"
    );
    let NewCertificate { org, certificate, sealed, audit } = new;
    let state = choice(&certificate.state)?;
    let chain = certificate_list(&certificate.chain)?;
    let plan = certificate.plan;
    let values = [
        certificate.id.to_bytes().into(),
        (&certificate.alias).into(),
        (&state).into(),
        (&certificate.der).into(),
        certificate.created_at.into(),
        (&chain).into(),
        plan.activate_at.into(),
        plan.retire_at.into(),
        plan.first().map(|(at, _)| at).into(),
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
        service_certificate_columns!(),
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

pub(crate) async fn find(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
) -> Result<ServiceCertificate, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        service_certificate_columns!(),
        " FROM service_certificates WHERE org = $1 AND id = $2"
    );
    let rows = tx.query(READ, &[org.as_str().into(), id.to_bytes().into()]).await?;
    let mut row = rows.into_iter().next().ok_or_else(|| Failure::not_found("certificate"))?;
    service_certificate(&mut row)
}

pub(crate) async fn activate(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    audit: &AuditEntry,
) -> Result<ServiceCertificate, Failure> {
    const STAND_DOWN: &Sql = sql!(
        "UPDATE service_certificates SET state = 'previous' WHERE org = $1 AND state = 'active'"
    );
    const STAND_UP: &Sql = sql!(
        "UPDATE service_certificates SET state = 'active', activate_at = NULL, plan_due_at = retire_at \
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
    chosen.plan = chosen.plan.without(PlanStep::Activate);
    Ok(chosen)
}

pub(crate) async fn retire(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    audit: &AuditEntry,
) -> Result<ServiceCertificate, Failure> {
    const RETIRE: &Sql = sql!(
        "UPDATE service_certificates SET state = 'retired', activate_at = NULL, retire_at = NULL, \
         plan_due_at = NULL \
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
