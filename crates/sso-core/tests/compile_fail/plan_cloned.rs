//! A plan has no copy that could be carried out as well.
// error: E0277

use sso_core::provisioning::SignInPlan;

pub fn copied(plan: &SignInPlan) -> SignInPlan {
    SignInPlan::clone(plan)
}
