//! Storage of accounts, as administrators see and write them.

use super::{
    AccountFilter, AccountOrder, AuditEntry, Direction, Listed, Page, StoreError, fold_name,
};
use crate::ids::AccountId;
use crate::org::OrgName;
use crate::profile::ProfileField;
use crate::provisioning::by_hand::ForgetNameId;
use crate::provisioning::{Account, OwnValue, UniqueValues};
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
    /// together; [`StoreError::AttributeTaken`] likewise of a unique attribute. It joins those of the groups that it names which there are.
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

    /// Removes an account, planned on its `revision`, with its sessions and memberships. NotFound
    /// `account`; conflict `account_changed`.
    fn delete_account(
        &self,
        org: &OrgName,
        id: AccountId,
        revision: u64,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The accounts of a value, by its index: one at most, but of a name `most`.
    fn find_accounts(
        &self,
        org: &OrgName,
        lookup: &AccountLookup,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Account>, StoreError>> + Send;

    /// Part of all accounts of an organization, in an order that an index has: `most` of them after
    /// the first `skip`.
    fn accounts_from(
        &self,
        org: &OrgName,
        walk: AccountWalk,
        skip: usize,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Account>, StoreError>> + Send;

    /// How many accounts an organization has, active or not. It is counted as they come and go, so that
    /// the time does not grow with the number.
    fn count_accounts(&self, org: &OrgName)
    -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// A value that an index finds accounts by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountLookup {
    /// The `uid`, without regard to ASCII case.
    Uid(String),
    /// The `ssoid`, exactly.
    Ssoid(String),
    /// The e-mail address, without regard to ASCII case.
    Email(String),
    /// The display name, without regard to case.
    DisplayName(String),
    /// A value of an attribute that is unique by the organization's schema, exactly.
    Own(OwnValue),
}

impl AccountLookup {
    /// Whether an account has the value.
    pub fn matches(&self, account: &Account) -> bool {
        let values = UniqueValues::of(&account.profile);
        let has = |found: &Option<String>, wanted: &str| found.as_deref() == Some(wanted);
        match self {
            Self::Uid(uid) => has(&values.uid, &uid.to_ascii_lowercase()),
            Self::Ssoid(ssoid) => has(&values.ssoid, ssoid),
            Self::Email(email) => has(&values.email, &email.to_ascii_lowercase()),
            Self::Own(own) => own.is_in(&account.profile),
            Self::DisplayName(name) => {
                let shown = account.profile.text(ProfileField::DisplayName).map(fold_name);
                has(&shown, &fold_name(name))
            }
        }
    }
}

/// An order of all accounts that an index has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountWalk {
    /// By the identifier, which is when they were made.
    ById(Direction),
    /// By the `uid`, without regard to ASCII case; an account without one is left out.
    ByUid(Direction),
}

impl Default for AccountWalk {
    fn default() -> Self {
        Self::ById(Direction::Asc)
    }
}
