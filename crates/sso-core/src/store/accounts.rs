//! Storage of accounts, as administrators see and write them.

use super::{AuditEntry, Listed, Page, StoreError};
use crate::ids::AccountId;
use crate::org::OrgName;
use crate::provisioning::by_hand::ForgetNameId;
use crate::provisioning::{Account, AccountStatus, ProfileField, Role};
use std::future::Future;

/// Storage of accounts.
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

    /// Makes an account that no sign-in made. NotFound `org`; conflict `email_taken`, `uid_taken` or
    /// `ssoid_taken` where another account of the organization has its value, `user_limit_reached` where that has as many active ones as it may (SPEC 11.5), on all nodes
    /// together.
    fn create_account(
        &self,
        account: Account,
        audit: Vec<AuditEntry>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes an account, planned on its `revision`, and answers it as it is stored now: the revision
    /// grows by one, `last_login_at` does not go back, and `name_id`, which a sign-in alone gives, is
    /// what is stored, unless it is to be forgotten. Ends every session of an account that becomes
    /// inactive. NotFound `account`; conflict `account_changed`, or those of
    /// [`AccountStore::create_account`], the limit where it becomes active.
    fn update_account(
        &self,
        account: Account,
        name_id: Option<ForgetNameId>,
        audit: Vec<AuditEntry>,
    ) -> impl Future<Output = Result<Account, StoreError>> + Send;
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
