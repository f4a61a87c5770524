//! Not even an assertion that broke no rule is a login: its request and its age are another's matter.
// error: E0308

use sso_core::connection::AccountRules;
use sso_core::error::Rejection;
use sso_core::ids::AccountId;
use sso_core::org::Org;
use sso_core::provisioning::{Candidates, SignInPlan, plan};
use sso_core::saml::rules::Checked;
use sso_core::time::Clock;

pub fn decided(
    checked: &Checked<'_>,
    candidates: &Candidates,
    org: &Org,
    rules: AccountRules<'_>,
    clock: &dyn Clock,
    new: AccountId,
) -> Result<SignInPlan, Rejection> {
    plan(checked, candidates, org, rules, clock.now(), new)
}
