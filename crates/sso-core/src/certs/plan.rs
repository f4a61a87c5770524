//! When a service certificate is activated and retired by itself (SPEC 7). A plan is held to what can be
//! carried out when it is made; what has become impossible by then is told of, never forced.

use super::{CertificateDetails, CertificateState};
use crate::setting::InvalidSetting;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// When a service certificate is activated and retired by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CertificatePlan {
    /// When it begins to sign.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub activate_at: Option<OffsetDateTime>,
    /// When it is neither published nor used any more.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub retire_at: Option<OffsetDateTime>,
}

/// What a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanStep {
    /// It begins to sign. At one instant it comes before [`PlanStep::Retire`].
    Activate,
    /// It goes out of use.
    Retire,
}

impl CertificatePlan {
    /// Holds a plan to what can be carried out: instants to come, the activation of a certificate that is
    /// not active yet, while it is valid, and its retirement after that.
    ///
    /// # Errors
    /// [`InvalidSetting`] naming `activate_at` or `retire_at`.
    pub fn check(
        &self,
        state: CertificateState,
        details: &CertificateDetails,
        now: OffsetDateTime,
    ) -> Result<(), InvalidSetting> {
        if let Some(at) = self.activate_at {
            let refuse = |problem| Err(InvalidSetting::value("activate_at", problem));
            if state.signs() {
                return refuse("The certificate is active already.");
            }
            if at <= now {
                return refuse("It must be an instant to come. To activate it now, activate it.");
            }
            if at < details.not_before || at >= details.not_after {
                return refuse("The certificate is not valid then.");
            }
        }
        if let Some(at) = self.retire_at {
            let refuse = |problem| Err(InvalidSetting::value("retire_at", problem));
            if at <= now {
                return refuse("It must be an instant to come. To retire it now, retire it.");
            }
            if self.activate_at.is_some_and(|activate_at| at <= activate_at) {
                return refuse("It must be after activate_at.");
            }
        }
        Ok(())
    }

    /// The same in UTC and to the microsecond, as it is kept.
    pub fn normalized(self) -> Self {
        let kept = |at: OffsetDateTime| {
            let at = at.to_offset(time::UtcOffset::UTC);
            at.replace_microsecond(at.microsecond()).unwrap_or(at)
        };
        Self { activate_at: self.activate_at.map(kept), retire_at: self.retire_at.map(kept) }
    }

    /// The step that comes first, and when.
    pub fn first(&self) -> Option<(OffsetDateTime, PlanStep)> {
        let activate = self.activate_at.map(|at| (at, PlanStep::Activate));
        let retire = self.retire_at.map(|at| (at, PlanStep::Retire));
        activate.into_iter().chain(retire).min()
    }

    /// The plan without one of its steps.
    pub fn without(self, step: PlanStep) -> Self {
        match step {
            PlanStep::Activate => Self { activate_at: None, ..self },
            PlanStep::Retire => Self { retire_at: None, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certs::{NewKey, generate, inspect};
    use time::Duration;
    use time::macros::datetime;

    struct Ones;
    impl crate::random::Random for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xff);
        }
    }

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn days(days: i64) -> Option<OffsetDateTime> {
        Some(NOW + Duration::days(days))
    }

    #[test]
    fn what_cannot_be_carried_out_is_refused() {
        use CertificateState::{Active, Next, Previous};
        let made = generate("a", 90, NewKey::P256, NOW, &Ones).expect("made");
        let details = inspect(&made.der).expect("inspected");
        let before = Some(NOW);
        for (state, activate_at, retire_at, refused) in [
            (Next, None, None, None),
            (Next, days(1), None, None),
            (Previous, days(1), days(2), None),
            (Active, None, days(2), None),
            (Next, days(89), days(400), None),
            (Active, days(1), None, Some("activate_at")),
            (Next, before, None, Some("activate_at")),
            (Next, days(90), None, Some("activate_at")),
            (Next, None, before, Some("retire_at")),
            (Next, days(2), days(2), Some("retire_at")),
            (Next, days(2), days(1), Some("retire_at")),
        ] {
            let plan = CertificatePlan { activate_at, retire_at };
            let found = plan.check(state, &details, NOW).err().map(|error| error.field);
            assert_eq!(found.as_deref(), refused, "{state:?} {plan:?}");
        }
        let mut later = details;
        later.not_before = NOW + Duration::days(3);
        let early = CertificatePlan { activate_at: days(2), retire_at: None };
        assert!(early.check(Next, &later, NOW).is_err());
    }

    #[test]
    fn the_first_step_comes_first() {
        let plan = |activate_at, retire_at| CertificatePlan { activate_at, retire_at };
        for (plan, first) in [
            (plan(None, None), None),
            (plan(days(1), days(2)), Some(PlanStep::Activate)),
            (plan(days(2), days(1)), Some(PlanStep::Retire)),
            (plan(days(1), days(1)), Some(PlanStep::Activate)),
            (plan(None, days(1)), Some(PlanStep::Retire)),
        ] {
            assert_eq!(plan.first().map(|(_, step)| step), first);
        }
        let both = plan(days(1), days(2));
        assert_eq!(both.without(PlanStep::Activate), plan(None, days(2)));
        assert_eq!(both.without(PlanStep::Retire), plan(days(1), None));
    }
}
