//! Plans of service certificates: what will happen by itself, and what cannot (SPEC 7).

use super::{Finding, Severity};
use sso_core::certs::{PlanStep, ServiceCertificate};
use time::{Duration, OffsetDateTime};

/// From how late on a plan is overdue: a service that runs carries it out within seconds.
const OVERDUE: Duration = Duration::minutes(5);

/// The plans of an organization's service certificates.
pub(crate) fn check(certificates: &[ServiceCertificate], now: OffsetDateTime) -> Vec<Finding> {
    certificates.iter().filter_map(|certificate| planned(certificate, certificates, now)).collect()
}

fn planned(
    certificate: &ServiceCertificate,
    all: &[ServiceCertificate],
    now: OffsetDateTime,
) -> Option<Finding> {
    let ServiceCertificate { alias, state, plan, .. } = certificate;
    let (at, step) = plan.first()?;
    let what = match step {
        PlanStep::Activate => format!("The service certificate {alias:?} is to sign by its plan"),
        PlanStep::Retire => {
            format!("The service certificate {alias:?} is to be retired by its plan")
        }
    };
    let found =
        |severity, code, what: String, mend| Some(Finding::new(severity, code, what, mend).at(at));
    if now - at > OVERDUE {
        let mend = "See that the service runs, and its log.";
        return found(
            Severity::Error,
            "certificate_plan_overdue",
            format!("{what}, and was not."),
            mend,
        );
    }
    let is_relieved = |other: &ServiceCertificate| {
        other.id != certificate.id && other.plan.activate_at.is_some_and(|begins| begins <= at)
    };
    if step == PlanStep::Retire && state.signs() && !all.iter().any(is_relieved) {
        let what = format!("{what}, and signs until then: it will stay as it is.");
        let mend = "`sso-server cert plan` when another one is to be activated before.";
        return found(Severity::Warning, "certificate_plan_impossible", what, mend);
    }
    let mend = "See that the identity provider has our metadata of today by then.";
    found(Severity::Notice, "certificate_planned", format!("{what}."), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sso_core::certs::CertificatePlan;
    use sso_core::ids::CertificateId;
    use sso_core::store::CertificateState;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    fn certificate(
        seed: u8,
        state: CertificateState,
        activate: Option<i64>,
        retire: Option<i64>,
    ) -> ServiceCertificate {
        let id = CertificateId::from_bytes([seed; 16]);
        let made = ServiceCertificate::next(id, "a".to_owned(), Vec::new(), Vec::new(), NOW);
        let at = |minutes: Option<i64>| minutes.map(|minutes| NOW + Duration::minutes(minutes));
        let plan = CertificatePlan { activate_at: at(activate), retire_at: at(retire) };
        ServiceCertificate { state, plan, ..made }
    }

    #[test]
    fn a_plan_is_told_of_and_one_that_cannot_be_carried_out_before_it_fails() {
        use CertificateState::{Active, Next};
        let codes = |all: &[ServiceCertificate]| -> Vec<_> {
            check(all, NOW).into_iter().map(|found| (found.severity, found.code)).collect()
        };
        let planned = (Severity::Notice, "certificate_planned");
        let next = certificate(1, Next, Some(10), None);
        let active = certificate(2, Active, None, Some(20));
        assert_eq!(codes(&[next.clone(), active.clone()]), [planned, planned]);
        let impossible = (Severity::Warning, "certificate_plan_impossible");
        assert_eq!(codes(&[active]), [impossible]);
        let early = certificate(2, Active, None, Some(5));
        assert_eq!(codes(&[next, early]), [planned, impossible]);
        let overdue = (Severity::Error, "certificate_plan_overdue");
        assert_eq!(codes(&[certificate(1, Next, Some(-6), None)]), [overdue]);
        assert_eq!(codes(&[certificate(1, Next, Some(-5), None)]), [planned]);
        assert_eq!(codes(&[certificate(1, Next, None, None)]), []);
    }
}
