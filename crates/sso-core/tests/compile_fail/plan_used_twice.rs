//! A plan is carried out once.
// error: E0382

use sso_core::provisioning::{PlanParts, SignInPlan};

pub fn carried_out_twice(plan: SignInPlan) -> (PlanParts, PlanParts) {
    (plan.into_parts(), plan.into_parts())
}
