//! Accounts and their unique values.

use super::{MemoryStore, State};
use crate::ids::AccountId;
use crate::org::OrgName;
use crate::provisioning::{Account, AccountStatus, NameIdKey, UniqueValues};
use crate::store::{AccountFilter, AccountStore, AuditEntry, Listed, Page, StoreError};
use std::ops::Bound;

/// A value that one account of an organization has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum UniqueKey {
    Uid(String),
    Ssoid(String),
    Email(String),
    NameId(NameIdKey),
}

/// All that no other account of the organization may have.
fn unique_keys(values: UniqueValues, name_id: Option<&NameIdKey>) -> Vec<UniqueKey> {
    [
        values.uid.map(UniqueKey::Uid),
        values.ssoid.map(UniqueKey::Ssoid),
        values.email.map(UniqueKey::Email),
        name_id.cloned().map(UniqueKey::NameId),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl State {
    /// The accounts that have one of these values, each once.
    pub(super) fn owners_of(
        &self,
        org: &OrgName,
        values: UniqueValues,
        name_id: Option<&NameIdKey>,
    ) -> Vec<Account> {
        let mut ids: Vec<AccountId> = unique_keys(values, name_id)
            .into_iter()
            .filter_map(|key| self.owners.get(&(org.clone(), key)).copied())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.accounts.get(&(org.clone(), id)).cloned()).collect()
    }

    /// The other account that has one of this account's values.
    pub(super) fn rival(&self, account: &Account) -> Option<AccountId> {
        let values = UniqueValues::of(&account.profile);
        unique_keys(values, account.name_id.as_ref())
            .into_iter()
            .filter_map(|key| self.owners.get(&(account.org.clone(), key)).copied())
            .find(|owner| *owner != account.id)
    }

    /// Takes the NameID of this account from another that has it.
    pub(super) fn release_name_id(&mut self, account: &Account) {
        let Some(name_id) = account.name_id.clone() else { return };
        let key = (account.org.clone(), UniqueKey::NameId(name_id));
        let Some(owner) = self.owners.get(&key).copied().filter(|owner| *owner != account.id)
        else {
            return;
        };
        self.owners.remove(&key);
        if let Some(other) = self.accounts.get_mut(&(account.org.clone(), owner)) {
            other.name_id = None;
            other.revision += 1;
        }
    }

    /// Writes an account that has no rival, and ends its sessions if it is inactive.
    pub(super) fn write_account(&mut self, account: Account) {
        let place = (account.org.clone(), account.id);
        if let Some(before) = self.accounts.get(&place) {
            let values = UniqueValues::of(&before.profile);
            for key in unique_keys(values, before.name_id.as_ref()) {
                self.owners.remove(&(before.org.clone(), key));
            }
        }
        for key in unique_keys(UniqueValues::of(&account.profile), account.name_id.as_ref()) {
            self.owners.insert((account.org.clone(), key), account.id);
        }
        if account.status == AccountStatus::Inactive {
            self.sessions.retain(|_, session| session.account != account.id);
        }
        self.accounts.insert(place, account);
    }

    /// The accounts of an organization after one, oldest first.
    pub(super) fn accounts_of(
        &self,
        org: &OrgName,
        after: Option<AccountId>,
    ) -> impl Iterator<Item = &Account> {
        let least = (org.clone(), AccountId::from_bytes([0; 16]));
        let start = match after {
            Some(id) => Bound::Excluded((org.clone(), id)),
            None => Bound::Included(least),
        };
        self.accounts
            .range((start, Bound::Unbounded))
            .map(|(_, account)| account)
            .take_while(move |account| account.org == *org)
    }
}

impl AccountStore for MemoryStore {
    async fn account(&self, org: &OrgName, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.state().accounts.get(&(org.clone(), id)).cloned())
    }

    async fn accounts(
        &self,
        org: &OrgName,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Listed<Account>, StoreError> {
        let after = page.after()?;
        let state = self.state();
        let found = state.accounts_of(org, after).filter(|account| filter.matches(account));
        Ok(page.listed(found.take(page.fetch()).cloned().collect(), |account| account.id))
    }

    async fn put_account(&self, mut account: Account, audit: AuditEntry) -> Result<(), StoreError> {
        let mut state = self.state();
        let stored = state
            .accounts
            .get(&(account.org.clone(), account.id))
            .ok_or(StoreError::NotFound("account"))?;
        if stored.revision != account.revision || stored.name_id != account.name_id {
            return Err(StoreError::Conflict("account_changed"));
        }
        account.last_login_at = account.last_login_at.max(stored.last_login_at);
        if state.rival(&account).is_some() {
            return Err(StoreError::Conflict("account_exists"));
        }
        account.revision += 1;
        state.write_account(account);
        state.append_audit(audit);
        Ok(())
    }
}
