//! What a request of the Admin API may do, as the first argument of its handler (SPEC 10).
//!
//! The routes of the Admin API have [`Gate`] for their state, from which nothing can be taken but one
//! of three rights, and only with a right does a handler reach the store:
//!
//! ```text
//! OperatorOnly  what runs the service alone may do
//! OrgAdmin      an organization's settings, certificates, connection, trails: the operator, or a token
//!               of this organization with the role org_admin
//! UserAdmin     an organization's accounts: those, or a token with the role user_admin
//!
//! async fn list(OrgAdmin(admin): OrgAdmin, Query(query): Query<ListQuery>) -> … {
//!     admin.app.store().traces(&admin.org.name, …)
//! ```
//!
//! The organization is the one that `{org}` in the path names. A token of another one is refused
//! `foreign_org`, whether that organization exists or not, so that names cannot be probed. What a User
//! Administrator may do to which account is for the handler to decide, by [`Principal::role`].

use super::api_code::ApiCode;
use super::path::Path;
use super::principal::Principal;
use super::problem::Problem;
use crate::app::App;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use sso_core::flow::Administrator;
use sso_core::org::{Org, OrgName};
use sso_core::provisioning::AdminRole;
use sso_core::store::{AuditEntry, Category, ConfigurationStore as _};
use std::sync::Arc;

/// The state of the routes of the Admin API. It gives the service to a right alone.
#[derive(Clone)]
pub(crate) struct Gate(Arc<App>);

impl Gate {
    /// A gate before the service.
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

/// The right to what is the operator's alone. Anybody else is refused `operator_only`.
pub(crate) struct OperatorOnly {
    /// The service.
    pub(crate) app: Arc<App>,
}

impl OperatorOnly {
    /// The audit entry of an act of the operator, now.
    pub(crate) fn audit(
        &self,
        org: &OrgName,
        category: Category,
        act: &str,
        details: String,
    ) -> AuditEntry {
        self.app.audit(self.app.operator.name, org, category, act, details)
    }
}

/// The right to everything of an organization but what is the operator's. A User Administrator is
/// refused `org_admin_only`.
pub(crate) struct OrgAdmin(pub(crate) Access);

/// The right to the accounts of an organization.
pub(crate) struct UserAdmin(pub(crate) Access);

/// Access to one organization.
pub(crate) struct Access {
    /// The service.
    pub(crate) app: Arc<App>,
    /// Who asks.
    pub(crate) principal: Principal,
    /// The organization that the path names, as it is stored now.
    pub(crate) org: Org,
}

impl Access {
    /// Who asks, as one who writes accounts.
    pub(crate) fn administrator(&self) -> Administrator<'_> {
        Administrator { name: self.principal.name(), role: self.principal.role() }
    }

    /// The audit entry of an act of the principal on the organization, now.
    pub(crate) fn audit(&self, category: Category, act: &str, details: String) -> AuditEntry {
        self.app.audit(self.principal.name(), &self.org.name, category, act, details)
    }

    /// Reads the organization again, which somebody else changed meanwhile.
    pub(crate) async fn read_org_again(&mut self) -> Result<(), Problem> {
        let stored = self.app.store().org(self.org.name.as_str()).await?;
        self.org = stored.ok_or_else(|| Problem::not_found("organization"))?;
        Ok(())
    }

    async fn from_request_parts(
        parts: &mut Parts,
        gate: &Gate,
        needed: AdminRole,
    ) -> Result<Self, Problem> {
        let principal = principal(parts)?;
        let named = Path::<Named>::from_request_parts(parts, gate).await;
        let org = match named {
            Ok(Path(Named { org })) => gate.0.store().org(&org).await?,
            Err(_) => None,
        };
        if let Principal::Token { org: own, .. } = &principal
            && org.as_ref().is_none_or(|org| org.name != *own)
        {
            tracing::warn!(token = principal.name(), "a token was used on another organization");
            return Err(Problem::new(
                ApiCode::ForeignOrg,
                "The token is for its own organization alone.",
            ));
        }
        let org = org.ok_or_else(|| Problem::not_found("organization"))?;
        if principal.role() < needed {
            return Err(Problem::new(
                ApiCode::OrgAdminOnly,
                "The token has the role user_admin, which is for accounts alone.",
            ));
        }
        Ok(Self { app: gate.0.clone(), principal, org })
    }
}

/// The path's `{org}`, whatever else it names.
#[derive(Deserialize)]
struct Named {
    org: String,
}

impl FromRequestParts<Gate> for OperatorOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        match principal(parts)?.is_operator() {
            true => Ok(Self { app: gate.0.clone() }),
            false => Err(Problem::new(ApiCode::OperatorOnly, "It takes the operator's token.")),
        }
    }
}

impl FromRequestParts<Gate> for OrgAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        Access::from_request_parts(parts, gate, AdminRole::OrgAdmin).await.map(Self)
    }
}

impl FromRequestParts<Gate> for UserAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        Access::from_request_parts(parts, gate, AdminRole::UserAdmin).await.map(Self)
    }
}

/// Who asks, as the layer before every route found out.
fn principal(parts: &Parts) -> Result<Principal, Problem> {
    parts
        .extensions
        .get::<Principal>()
        .cloned()
        .ok_or_else(|| Problem::internal(&"a route of the Admin API stands outside of its layer"))
}
