//! What nobody verified decides about no account.
// error: E0308

use sso_core::bindings::Message;
use sso_core::connection::AccountRules;
use sso_core::error::Rejection;
use sso_core::ids::AccountId;
use sso_core::org::Org;
use sso_core::provisioning::{Candidates, SignInPlan, plan};
use sso_core::time::Clock;

pub fn decided(
    message: &Message<'_>,
    candidates: &Candidates,
    org: &Org,
    rules: AccountRules<'_>,
    clock: &dyn Clock,
    new: AccountId,
) -> Result<SignInPlan, Rejection> {
    plan(message, candidates, org, rules, clock.now(), new)
}
