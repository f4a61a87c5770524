//! Storage of accounts, as administrators see them.

use super::{Listed, Page, StoreError};
use crate::ids::AccountId;
use crate::org::OrgName;
use crate::provisioning::{Account, AccountStatus, Role};
use std::future::Future;

/// Reading accounts.
pub trait AccountStore: Send + Sync {
    /// Reads an account of an organization.
    fn account(
        &self,
        org: &OrgName,
        id: AccountId,
    ) -> impl Future<Output = Result<Option<Account>, StoreError>> + Send;

    /// Lists accounts of an organization, oldest first.
    fn accounts(
        &self,
        org: &OrgName,
        filter: &AccountFilter,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<Account>, StoreError>> + Send;

    /// Replaces an account row, planned on its `revision`; the revision grows by one. Ends every
    /// session of an account that becomes inactive. NotFound `account`, conflict `account_changed`
    /// or `account_exists` (a unique value is taken).
    fn put_account(
        &self,
        account: Account,
        audit: super::AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Which accounts are listed (SPEC 10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// The beginning of the first or last name, without regard to case.
    pub q: Option<String>,
    /// Exactly this employee ID.
    pub employee_id: Option<String>,
    /// Only of this status; `None` for all.
    pub status: Option<AccountStatus>,
    /// Only of this role.
    pub role: Option<Role>,
}
