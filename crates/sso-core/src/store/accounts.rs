//! Storage of accounts, as administrators see and write them.

use super::{AccountFilter, AccountOrder, AuditEntry, Listed, Page, StoreError};
use crate::ids::AccountId;
use crate::org::OrgName;
use crate::provisioning::Account;
use crate::provisioning::by_hand::ForgetNameId;
use std::future::Future;

/// Storage of accounts.
pub trait AccountStore: Send + Sync {
    /// Reads an account of an organization.
    fn account(
        &self,
        org: &OrgName,
        id: AccountId,
    ) -> impl Future<Output = Result<Option<Account>, StoreError>> + Send;

    /// Lists accounts of an organization in an order. Each page is read by an index, whatever stands
    /// before it; an account that changes its place meanwhile comes once, twice or not at all, and no
    /// other does. A cursor is of the order that it was given out for.
    fn accounts(
        &self,
        org: &OrgName,
        filter: &AccountFilter,
        order: AccountOrder,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<Account>, StoreError>> + Send;

    /// Makes an account that no sign-in made. NotFound `org`; conflict `email_taken`, `uid_taken` or
    /// `ssoid_taken` where another account of the organization has its value, `user_limit_reached` where that has as many active ones as it may (SPEC 11.5), on all nodes
    /// together. It joins those of the groups that it names which there are.
    fn create_account(
        &self,
        account: Account,
        audit: Vec<AuditEntry>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes an account, planned on its `revision`, and answers it as it is stored now: the revision
    /// grows by one, `last_login_at` does not go back, and `name_id`, which a sign-in alone gives, is
    /// what is stored, unless it is to be forgotten. Its groups stay as they are. Ends every session of an
    /// account that becomes inactive. NotFound `account`; conflict `account_changed`, or those of
    /// [`AccountStore::create_account`], the limit where it becomes active.
    fn update_account(
        &self,
        account: Account,
        name_id: Option<ForgetNameId>,
        audit: Vec<AuditEntry>,
    ) -> impl Future<Output = Result<Account, StoreError>> + Send;
}
