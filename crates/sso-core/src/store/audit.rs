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

    /// Lists the traces of an organization, newest first.
    fn traces(
        &self,
        org: &OrgName,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<StoredTrace>, StoreError>> + Send;
}

/// Reading the audit trail. Entries are added by the change that they tell of, never on their own.
pub trait AuditStore: Send + Sync {
    /// Lists the entries of an organization, newest first.
    fn audit(
        &self,
        org: &OrgName,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<AuditEntry>, StoreError>> + Send;
}

/// A login trace as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTrace {
    /// Its number, which the person who was refused sees.
    pub id: TraceId,
    /// When the message came, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The organization.
    pub org: OrgName,
    /// `saml2` or `wsfed`.
    pub protocol: String,
    /// `sp_initiated` or `idp_initiated`.
    pub flow: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The code of the refusal.
    pub code: Option<String>,
    /// The value of the NameID, once it was verified.
    pub name_id: Option<String>,
    /// The account, once it was known.
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
    /// Who did it: an account, `operator`, or the person signing in.
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
