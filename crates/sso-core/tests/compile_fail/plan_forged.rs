//! A plan comes out of a decision and from nowhere else.
// error: E0451

use sso_core::provisioning::{PlanParts, SignInPlan};

pub fn forged(parts: PlanParts) -> SignInPlan {
    SignInPlan { parts, notes: Vec::new(), events: Vec::new() }
}
