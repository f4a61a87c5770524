//! Carrying out the plans of service certificates (SPEC 7), overdue ones in the order in which they were due.
//! What has become impossible meanwhile is told of and given up.

use super::{Failed, Job};
use crate::app::App;
use crate::notices::{News, SYSTEM};
use serde_json::json;
use sso_core::certs::{self, PlanStep, ServiceCertificate};
use sso_core::org::OrgName;
use sso_core::store::{
    Category, CertificateState, NoticeKind, ServiceCertificateStore as _, StepEnd, StoreError,
};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) const JOB: Job =
    Job { name: "certificate_plans", every: Duration::from_secs(5), run: |app| Box::pin(run(app)) };

/// How many plans are read at once.
const PART: u16 = 50;

async fn run(app: Arc<App>) -> Result<(), Failed> {
    loop {
        let due = app.store().due_plans(app.now(), PART).await?;
        if due.is_empty() {
            return Ok(());
        }
        // One at a time: an activation decides what becomes of the retirement behind it.
        for (org, certificate) in due {
            if let Some((at, step)) = certificate.plan.first() {
                end_step(&app, &org, &certificate, at, step).await?;
            }
        }
    }
}

async fn end_step(
    app: &App,
    org: &OrgName,
    certificate: &ServiceCertificate,
    at: OffsetDateTime,
    step: PlanStep,
) -> Result<(), StoreError> {
    let id = certificate.id;
    let end = async |end, act: &str| {
        let audit =
            app.audit(SYSTEM, org, Category::Certificates, act, format!("id: {id}, by its plan"));
        app.store().end_plan_step(org, id, step, end, app.now(), audit).await
    };
    let carried_out = match step {
        PlanStep::Activate if !is_valid(certificate, app.now()) => Err("is not valid now"),
        PlanStep::Activate => Ok("service_certificate_activated"),
        PlanStep::Retire => Ok("service_certificate_retired"),
    };
    let blocked = match carried_out {
        Ok(act) => match end(StepEnd::CarriedOut, act).await {
            Err(StoreError::Conflict("certificate_active")) => "signs still",
            // Removed meanwhile, and its plan with it.
            Err(StoreError::NotFound(_)) => return Ok(()),
            ended => return ended.map(drop),
        },
        Err(blocked) => blocked,
    };
    // Told first: a node that dies in between leaves the step to be found again, and it is told once.
    app.notify(news(org, certificate, at, step, blocked)).await?;
    end(StepEnd::GivenUp, "service_certificate_plan_given_up").await.map(drop)
}

fn is_valid(certificate: &ServiceCertificate, now: OffsetDateTime) -> bool {
    certs::inspect(&certificate.der)
        .is_ok_and(|details| details.not_before <= now && now < details.not_after)
}

fn news<'a>(
    org: &'a OrgName,
    certificate: &ServiceCertificate,
    at: OffsetDateTime,
    step: PlanStep,
    why: &str,
) -> News<'a> {
    let ServiceCertificate { id, alias, state, .. } = certificate;
    let (act, mend) = match (step, state) {
        (PlanStep::Activate, _) => ("activated", "Activate another one"),
        (PlanStep::Retire, CertificateState::Active) => {
            ("retired", "Activate another one, then retire it")
        }
        (PlanStep::Retire, _) => ("retired", "Retire it"),
    };
    let at = at.format(&Rfc3339).unwrap_or_default();
    let sentence = format!(
        "The service certificate {alias:?} was to be {act} at {at}, and was not, since it {why}. {mend}."
    );
    let facts = json!({"id": id.to_string(), "name": alias, "planned": act, "at": at});
    News {
        org,
        kind: NoticeKind::CertificatePlanBlocked,
        key: format!("{id}/{act}/{at}"),
        sentence,
        facts: facts.as_object().cloned().unwrap_or_default(),
    }
}
