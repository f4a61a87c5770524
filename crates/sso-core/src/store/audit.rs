//! Storage of login traces and of the audit trail (SPEC 13).

use super::{Listed, Page, StoreError};
use crate::ids::{AccountId, AuditId, TraceId};
use crate::login::{Outcome, Step};
use crate::org::OrgName;
use serde::{Deserialize, Serialize};
use std::future::Future;
use time::OffsetDateTime;

/// Storage of login traces. The trace of an accepted login is stored with its sign-in.
pub trait TraceStore: Send + Sync {
    /// Keeps the trace of a refused login.
    fn put_trace(&self, trace: StoredTrace) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a trace of an organization.
    fn trace(
        &self,
        org: &OrgName,
        id: TraceId,
    ) -> impl Future<Output = Result<Option<StoredTrace>, StoreError>> + Send;

    /// The organization of a trace, by the number that a person read to the operator. For the operator
    /// alone: an administrator names the organization.
    fn trace_org(
        &self,
        id: TraceId,
    ) -> impl Future<Output = Result<Option<OrgName>, StoreError>> + Send;

    /// Lists the traces of an organization, newest first.
    fn traces(
        &self,
        org: &OrgName,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<StoredTrace>, StoreError>> + Send;
}

/// The audit trail, which only grows. The entry of a change is added by the change itself.
pub trait AuditStore: Send + Sync {
    /// Lists the entries of an organization that a filter lets through, newest first.
    fn audit(
        &self,
        org: &OrgName,
        filter: &AuditFilter,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<AuditEntry>, StoreError>> + Send;

    /// Adds the entry of an act that changes nothing else: a report was read.
    fn record(&self, entry: AuditEntry) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Which entries of the audit trail are listed (SPEC 6). The default lets all through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only acts at this instant or after.
    pub from: Option<OffsetDateTime>,
    /// Only acts before this instant.
    pub to: Option<OffsetDateTime>,
    /// Only acts of exactly this administrator.
    pub administrator: Option<String>,
    /// Only acts of this kind.
    pub category: Option<Category>,
}

impl AuditFilter {
    /// Whether an entry is listed.
    pub fn matches(&self, entry: &AuditEntry) -> bool {
        self.from.is_none_or(|from| entry.timestamp >= from)
            && self.to.is_none_or(|to| entry.timestamp < to)
            && self.administrator.as_ref().is_none_or(|name| entry.administrator == *name)
            && self.category.is_none_or(|category| entry.category == category)
    }
}

/// A login trace as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredTrace {
    /// Its number, which the person who was refused sees.
    pub id: TraceId,
    /// When the browser came, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The organization.
    pub org: OrgName,
    /// `saml2` or `wsfed`.
    pub protocol: String,
    /// `sp_initiated`, `idp_initiated`, or `test` for a test login.
    pub flow: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The code of the refusal.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub code: Option<String>,
    /// The value of the NameID, once it was verified.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub name_id: Option<String>,
    /// The account, once it was known.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub account: Option<AccountId>,
    /// What happened.
    pub steps: Vec<Step>,
}

/// An entry of the audit trail (SPEC 13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its identifier; entries made later sort later.
    pub id: AuditId,
    /// The organization.
    pub org: OrgName,
    /// Who did it: an account, `operator`, the person signing in, or `service` for what it noticed itself.
    pub administrator: String,
    /// When, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub timestamp: OffsetDateTime,
    /// The kind of act.
    pub category: Category,
    /// The act, for example `account_created`.
    pub sub_category: String,
    /// What was done to what. Never a secret.
    pub details: String,
}

/// The kinds of acts in the audit trail (SPEC 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A person signed in or out.
    SignIn,
    /// A setting changed.
    Configuration,
    /// An account changed.
    Users,
    /// A group changed.
    Groups,
    /// A certificate changed.
    Certificates,
    /// A report was read.
    Reports,
    /// Something that security cares about.
    Security,
}
