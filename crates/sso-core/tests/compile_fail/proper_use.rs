//! What the other files do, without what is wrong with them.

use sso_core::bindings::Inbound;
use sso_core::connection::AccountRules;
use sso_core::dsig::{SignedXml, TrustedKey, TrustedKeys};
use sso_core::error::Rejection;
use sso_core::ids::AccountId;
use sso_core::login::{RelyingParty, Trace, VerifiedLogin, verify_solicited};
use sso_core::org::Org;
use sso_core::provisioning::{Candidates, PlanParts, SignInPlan, plan};
use sso_core::saml::{Assertion, EncryptedParts};
use sso_core::time::Clock;

pub fn verified(
    inbound: &Inbound,
    party: &RelyingParty,
    clock: &dyn Clock,
) -> Result<VerifiedLogin, Rejection> {
    verify_solicited(&inbound.message()?, party, "_request", clock.now(), &mut Trace::off())
}

pub fn decided(
    login: &VerifiedLogin,
    candidates: &Candidates,
    org: &Org,
    rules: AccountRules<'_>,
    clock: &dyn Clock,
    new: AccountId,
) -> Result<SignInPlan, Rejection> {
    plan(login, candidates, org, rules, clock.now(), new)
}

pub fn carried_out(plan: SignInPlan) -> PlanParts {
    plan.into_parts()
}

pub fn read<'e>(
    signed: &'e SignedXml<'_>,
    parts: &'e EncryptedParts<'_>,
) -> Result<Assertion<'e>, Rejection> {
    Assertion::read(signed, parts)
}

pub fn trusted(keys: Vec<TrustedKey>) -> Option<TrustedKeys> {
    TrustedKeys::new(keys)
}
