//! Storage of accounts, as administrators see them.

use super::{Listed, Page, StoreError};
use crate::ids::AccountId;
use crate::org::OrgName;
use crate::provisioning::{Account, AccountStatus, ProfileField, Role};
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

    /// Replaces an account row, planned on its `revision` and `name_id`; the revision grows by one,
    /// `last_login_at` does not go back. Ends every session of an account that becomes inactive.
    /// NotFound `account`, conflict `account_changed` or `account_exists` (a unique value is taken).
    fn put_account(
        &self,
        account: Account,
        audit: super::AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Which accounts are listed (SPEC 10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// The beginning of the first or last name, without regard to case. Empty is no filter.
    pub q: Option<String>,
    /// Exactly this employee ID.
    pub employee_id: Option<String>,
    /// Only of this status; `None` for all.
    pub status: Option<AccountStatus>,
    /// Only of this role.
    pub role: Option<Role>,
}

impl AccountFilter {
    /// What the folded first or last name must begin with.
    pub fn name_prefix(&self) -> Option<String> {
        self.q.as_deref().map(fold_name).filter(|prefix| !prefix.is_empty())
    }

    /// Whether an account is listed.
    pub fn matches(&self, account: &Account) -> bool {
        let text = |field| account.profile.text(field);
        let begins = |prefix: &str| {
            [ProfileField::FirstName, ProfileField::LastName]
                .into_iter()
                .filter_map(text)
                .any(|name| fold_name(name).starts_with(prefix))
        };
        self.name_prefix().is_none_or(|prefix| begins(&prefix))
            && self.status.is_none_or(|status| account.status == status)
            && self.role.is_none_or(|role| account.role == role)
            && self
                .employee_id
                .as_deref()
                .is_none_or(|id| text(ProfileField::EmployeeId) == Some(id))
    }
}

/// How names are compared: without regard to case, in every script.
pub fn fold_name(text: &str) -> String {
    text.to_lowercase()
}
