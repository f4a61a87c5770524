//! Plans of service certificates (SPEC 7). The column `plan_due_at` is the first instant of a plan, by which
//! those that are due are found.

use crate::audit::append_audit;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{service_certificate, service_certificate_columns};
use crate::service_certificates::{activate, find, retire};
use sso_core::certs::{CertificatePlan, PlanStep};
use sso_core::ids::CertificateId;
use sso_core::org::OrgName;
use sso_core::store::{AuditEntry, CertificateState, ServiceCertificate, StepEnd};
use time::OffsetDateTime;

pub(crate) async fn write(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: CertificateId,
    plan: CertificatePlan,
    audit: &AuditEntry,
) -> Result<ServiceCertificate, Failure> {
    const WRITE: &Sql = sql!(
        "UPDATE service_certificates SET activate_at = $3, retire_at = $4, plan_due_at = $5 \
         WHERE org = $1 AND id = $2 AND state <> 'retired' AND (state <> 'active' OR $3 IS NULL)"
    );
    let values = [
        org.as_str().into(),
        id.to_bytes().into(),
        plan.activate_at.into(),
        plan.retire_at.into(),
        plan.first().map(|(at, _)| at).into(),
    ];
    let written = tx.execute(WRITE, &values).await?;
    let planned = find(tx, org, id).await?;
    if written == 0 {
        return Err(Failure::conflict(match planned.state {
            CertificateState::Retired => "certificate_retired",
            _ => "certificate_active",
        }));
    }
    append_audit(tx, audit).await?;
    Ok(planned)
}

pub(crate) async fn due(
    tx: &mut dyn Transaction,
    now: OffsetDateTime,
    most: u16,
) -> Result<Vec<(OrgName, ServiceCertificate)>, Failure> {
    const DUE: &Sql = sql!(
        "SELECT org, ",
        service_certificate_columns!(),
        " FROM service_certificates WHERE plan_due_at <= $1 \
         ORDER BY plan_due_at, CASE WHEN activate_at = plan_due_at THEN 0 ELSE 1 END, id LIMIT $2"
    );
    let mut rows = tx.query(DUE, &[now.into(), i64::from(most).into()]).await?;
    rows.iter_mut().map(|row| Ok((row.parsed()?, service_certificate(row)?))).collect()
}

/// A step of a plan that is due.
pub(crate) struct DueStep {
    pub(crate) org: OrgName,
    pub(crate) id: CertificateId,
    pub(crate) step: PlanStep,
    pub(crate) end: StepEnd,
    pub(crate) now: OffsetDateTime,
    pub(crate) audit: AuditEntry,
}

/// Takes the step off the plan first: of several nodes the one that does so goes on, and the others find
/// nothing.
pub(crate) async fn end_step(tx: &mut dyn Transaction, due: &DueStep) -> Result<bool, Failure> {
    const ACTIVATION: &Sql = sql!(
        "UPDATE service_certificates SET activate_at = NULL, plan_due_at = retire_at \
         WHERE org = $1 AND id = $2 AND activate_at <= $3"
    );
    const RETIREMENT: &Sql = sql!(
        "UPDATE service_certificates SET retire_at = NULL, plan_due_at = activate_at \
         WHERE org = $1 AND id = $2 AND retire_at <= $3"
    );
    let DueStep { org, id, step, end, now, audit } = due;
    let take_off = match step {
        PlanStep::Activate => ACTIVATION,
        PlanStep::Retire => RETIREMENT,
    };
    let values = [org.as_str().into(), id.to_bytes().into(), (*now).into()];
    if tx.execute(take_off, &values).await? == 0 {
        return find(tx, org, *id).await.map(|_| false);
    }
    match (end, step) {
        (StepEnd::CarriedOut, PlanStep::Activate) => drop(activate(tx, org, *id, audit).await?),
        (StepEnd::CarriedOut, PlanStep::Retire) => drop(retire(tx, org, *id, audit).await?),
        (StepEnd::GivenUp, _) => append_audit(tx, audit).await?,
    }
    Ok(true)
}
