//! Accounts and their unique values.

use super::{MemoryStore, State};
use crate::ids::AccountId;
use crate::org::OrgName;
use crate::profile::OwnField;
use crate::provisioning::by_hand::ForgetNameId;
use crate::provisioning::{Account, AccountStatus, NameIdKey, OwnValue, UniqueValues};
use crate::store::{
    AccountFilter, AccountLookup, AccountOrder, AccountStore, AccountWalk, AuditEntry, Direction,
    Listed, Page, StoreError,
};
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
        values.email.map(UniqueKey::Email),
        values.uid.map(UniqueKey::Uid),
        values.ssoid.map(UniqueKey::Ssoid),
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

    /// The conflict with another account that has one of this account's values.
    pub(super) fn rivalry(&self, account: &Account) -> Option<&'static str> {
        let values = UniqueValues::of(&account.profile);
        unique_keys(values, account.name_id.as_ref())
            .into_iter()
            .find(|key| {
                let owner = self.owners.get(&(account.org.clone(), key.clone()));
                owner.is_some_and(|owner| *owner != account.id)
            })
            .map(|key| match key {
                UniqueKey::Email(_) => "email_taken",
                UniqueKey::Uid(_) => "uid_taken",
                UniqueKey::Ssoid(_) => "ssoid_taken",
                UniqueKey::NameId(_) => "name_id_taken",
            })
    }

    /// The conflict with another account that has this account's value of a unique attribute.
    pub(super) fn own_rivalry(&self, account: &Account) -> Option<OwnField> {
        let schema = &self.orgs.get(&account.org)?.attribute_schema;
        OwnValue::of(&account.profile, schema).into_iter().find_map(|own| {
            let others = self.accounts_of(&account.org).filter(|other| other.id != account.id);
            let is_taken = others.into_iter().any(|other| own.is_in(&other.profile));
            is_taken.then_some(own.field)
        })
    }

    /// Holds an account that becomes active to the limit of its organization.
    pub(super) fn admit(&self, account: &Account) -> Result<(), StoreError> {
        let org = self.orgs.get(&account.org).ok_or(StoreError::NotFound("org"))?;
        let active = |account: &&Account| account.status == AccountStatus::Active;
        let before = self.accounts.get(&(account.org.clone(), account.id)).filter(active);
        match org.provisioning.max_active_users {
            Some(limit) if before.is_none() && active(&account) => {
                let count = self.accounts_of(&account.org).filter(active).count();
                let full = u64::try_from(count).is_ok_and(|count| count >= u64::from(limit));
                if full { Err(StoreError::Conflict("user_limit_reached")) } else { Ok(()) }
            }
            _ => Ok(()),
        }
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
    /// Its groups are not the account's to write, but for those that a new one joins. Answers it as it is
    /// stored.
    pub(super) fn write_account(&mut self, mut account: Account) -> Account {
        let place = (account.org.clone(), account.id);
        if !self.accounts.contains_key(&place) {
            self.join_groups(&account);
        }
        account.groups = self.shown_groups(&account.org, account.id);
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
        self.accounts.insert(place, account.clone());
        account
    }

    /// The accounts of an organization, oldest first.
    pub(super) fn accounts_of(&self, org: &OrgName) -> impl Iterator<Item = &Account> {
        let least = (org.clone(), AccountId::from_bytes([0; 16]));
        self.accounts
            .range((Bound::Included(least), Bound::Unbounded))
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
        order: AccountOrder,
        page: &Page,
    ) -> Result<Listed<Account>, StoreError> {
        let after = order.after(page)?;
        let state = self.state();
        let mut found: Vec<_> = state
            .accounts_of(org)
            .filter(|account| filter.matches(account))
            .map(|account| (order.place(account), account))
            .filter(|(place, _)| after.as_ref().is_none_or(|after| place.compare(after).is_gt()))
            .collect();
        found.sort_unstable_by(|(a, _), (b, _)| a.compare(b));
        found.truncate(page.fetch());
        let accounts = found.into_iter().map(|(_, account)| account.clone()).collect();
        Ok(page.listed(accounts, |account| order.place(account)))
    }

    async fn create_account(
        &self,
        account: Account,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.admit(&account)?;
        if let Some(taken) = state.rivalry(&account) {
            return Err(StoreError::Conflict(taken));
        }
        if let Some(taken) = state.own_rivalry(&account) {
            return Err(StoreError::AttributeTaken(taken));
        }
        if state.accounts.contains_key(&(account.org.clone(), account.id)) {
            return Err(StoreError::Conflict("account_exists"));
        }
        state.write_account(account);
        audit.into_iter().for_each(|entry| state.append_audit(entry));
        Ok(())
    }

    async fn update_account(
        &self,
        mut account: Account,
        name_id: Option<ForgetNameId>,
        audit: Vec<AuditEntry>,
    ) -> Result<Account, StoreError> {
        let mut state = self.state();
        let stored = state
            .accounts
            .get(&(account.org.clone(), account.id))
            .ok_or(StoreError::NotFound("account"))?;
        if stored.revision != account.revision {
            return Err(StoreError::Conflict("account_changed"));
        }
        account.last_login_at = account.last_login_at.max(stored.last_login_at);
        account.name_id = stored.name_id.clone().filter(|_| name_id.is_none());
        state.admit(&account)?;
        if let Some(taken) = state.rivalry(&account) {
            return Err(StoreError::Conflict(taken));
        }
        if let Some(taken) = state.own_rivalry(&account) {
            return Err(StoreError::AttributeTaken(taken));
        }
        account.revision += 1;
        let written = state.write_account(account);
        audit.into_iter().for_each(|entry| state.append_audit(entry));
        Ok(written)
    }

    async fn delete_account(
        &self,
        org: &OrgName,
        id: AccountId,
        revision: u64,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let place = (org.clone(), id);
        let stored = state.accounts.get(&place).ok_or(StoreError::NotFound("account"))?;
        if stored.revision != revision {
            return Err(StoreError::Conflict("account_changed"));
        }
        state.accounts.remove(&place);
        state.owners.retain(|(of, _), owner| of != org || *owner != id);
        state.members.retain(|(of, _, account)| of != org || *account != id);
        state.sessions.retain(|_, session| session.account != id);
        state.append_audit(audit);
        Ok(())
    }

    async fn find_accounts(
        &self,
        org: &OrgName,
        lookup: &AccountLookup,
        most: usize,
    ) -> Result<Vec<Account>, StoreError> {
        let state = self.state();
        let found = state.accounts_of(org).filter(|account| lookup.matches(account));
        Ok(found.take(most).cloned().collect())
    }

    async fn accounts_from(
        &self,
        org: &OrgName,
        walk: AccountWalk,
        skip: usize,
        most: usize,
    ) -> Result<Vec<Account>, StoreError> {
        let state = self.state();
        let uid = |account: &Account| UniqueValues::of(&account.profile).uid;
        let mut all: Vec<&Account> = state.accounts_of(org).collect();
        let (AccountWalk::ById(direction) | AccountWalk::ByUid(direction)) = walk;
        if let AccountWalk::ByUid(_) = walk {
            all.retain(|account| uid(account).is_some());
            all.sort_by_key(|account| uid(account));
        }
        if direction == Direction::Desc {
            all.reverse();
        }
        Ok(all.into_iter().skip(skip).take(most).cloned().collect())
    }

    async fn count_accounts(&self, org: &OrgName) -> Result<u64, StoreError> {
        Ok(self.state().accounts_of(org).count() as u64)
    }
}
