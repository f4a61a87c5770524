//! Accounts that administrators write (SPEC 10): read, decide, commit, and the entries of the audit
//! trail with it.

use super::Bridge;
use super::directory::ManagedExternally;
use crate::connection::{AccountKey, Slot};
use crate::ids::AccountId;
use crate::org::{Org, OrgName};
use crate::provisioning::by_hand::{self, AccountEdit, PrimaryAdmin, Revised};
use crate::provisioning::{Account, AdminRole, Event, RemovalsHeld};
use crate::setting::InvalidSetting;
use crate::store::{AuditEntry, Store, StoreError, WhichSessions};
use time::OffsetDateTime;

/// How often a change of status is decided again after a sign-in came between.
const ATTEMPTS: usize = 5;

/// Who writes accounts by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Administrator<'a> {
    /// What the audit trail calls them.
    pub name: &'a str,
    /// What they may do in the organization.
    pub role: AdminRole,
}

/// Why an account was not written. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// It takes an Organization Administrator.
    #[error("only an Organization Administrator may do this to the account")]
    NotPermitted,
    /// The organization's directory writes its accounts.
    #[error(transparent)]
    ManagedExternally(#[from] ManagedExternally),
    /// The directory removes more than the organization's brake lets pass.
    #[error(transparent)]
    RemovalsHeld(#[from] RemovalsHeld),
    /// It is the account of the primary administrator.
    #[error(transparent)]
    PrimaryAdmin(#[from] PrimaryAdmin),
    /// A rule for accounts is broken.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
    /// NotFound `account`, `session`; conflicts `uid_taken`, `ssoid_taken`, `email_taken`,
    /// `user_limit_reached`, `account_changed`.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> Bridge<S> {
    /// Makes an account by hand.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotPermitted`], [`AccountError::ManagedExternally`], those of [`by_hand::create`] and
    /// of the store.
    pub async fn create_account(
        &self,
        org: &Org,
        edit: &AccountEdit,
        by: Administrator<'_>,
    ) -> Result<Account, AccountError> {
        permitted(by_hand::may_create(by.role, edit))?;
        self.require_by_hand(org).await?;
        let now = self.clock.now();
        let connection = self.store.connection(&org.name, Slot::Live).await?;
        let key = connection
            .map_or(AccountKey::default(), |live| live.settings.common().accounts.account_key);
        let id = AccountId::new(now, self.random());
        let Revised { account, events, .. } = by_hand::create(edit, key, org, id, now)?;
        let audit = self.audited_all(&events, by, &org.name, now);
        self.store.create_account(account.clone(), audit).await?;
        Ok(account)
    }

    /// Edits an account by hand. One that was written by somebody else meanwhile is a conflict
    /// `account_changed`: whoever edits should see what it is now.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotPermitted`], [`AccountError::ManagedExternally`] where a field would change, those
    /// of [`by_hand::edit`] and of the store.
    pub async fn edit_account(
        &self,
        org: &Org,
        id: AccountId,
        edit: &AccountEdit,
        by: Administrator<'_>,
    ) -> Result<Account, AccountError> {
        let now = self.clock.now();
        let stored = self.stored_account(&org.name, id).await?;
        permitted(by_hand::may_edit(by.role, stored.role, edit))?;
        // Of roles and of NameIDs a directory has no word.
        if !edit.profile.is_empty() {
            self.require_by_hand(org).await?;
        }
        let revised = by_hand::edit(&stored, edit, org, now)?;
        Ok(self.revise(revised, by, now).await?)
    }

    /// Deactivates an account, which ends its sessions at once. One that is inactive stays so.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotPermitted`], [`AccountError::PrimaryAdmin`], and those of the store.
    pub async fn deactivate_account(
        &self,
        org: &Org,
        id: AccountId,
        by: Administrator<'_>,
    ) -> Result<Account, AccountError> {
        self.set_status(org, id, by, |account, now| by_hand::deactivate(account, org, now)).await
    }

    /// Reactivates an account. One that is active stays so.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotPermitted`], and those of the store.
    pub async fn reactivate_account(
        &self,
        org: &Org,
        id: AccountId,
        by: Administrator<'_>,
    ) -> Result<Account, AccountError> {
        self.set_status(org, id, by, |account, now| Ok(by_hand::reactivate(account, now))).await
    }

    /// Ends sessions of an account.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotPermitted`], and those of the store.
    pub async fn end_account_sessions(
        &self,
        org: &Org,
        id: AccountId,
        which: WhichSessions,
        by: Administrator<'_>,
    ) -> Result<(), AccountError> {
        let now = self.clock.now();
        let account = self.stored_account(&org.name, id).await?;
        permitted(by_hand::may_sign_out(by.role, account.role))?;
        let audit = self.audited(&sessions_ended(&account, which), by.name, &org.name, now);
        Ok(self.store.end_sessions(&org.name, id, which, audit).await?)
    }

    /// A change of status is carried out whoever else writes the account meanwhile: an administrator
    /// who deactivates somebody does not wait for them to stop signing in.
    async fn set_status(
        &self,
        org: &Org,
        id: AccountId,
        by: Administrator<'_>,
        decide: impl Fn(&Account, OffsetDateTime) -> Result<Revised, PrimaryAdmin>,
    ) -> Result<Account, AccountError> {
        let now = self.clock.now();
        for _ in 0..ATTEMPTS {
            let stored = self.stored_account(&org.name, id).await?;
            permitted(by_hand::may_sign_out(by.role, stored.role))?;
            match self.revise(decide(&stored, now)?, by, now).await {
                Err(StoreError::Conflict("account_changed")) => {}
                done => return Ok(done?),
            }
        }
        Err(StoreError::Conflict("account_changed").into())
    }

    /// Writes an account if anything of it changed, and answers it as it is stored then.
    async fn revise(
        &self,
        revised: Revised,
        by: Administrator<'_>,
        now: OffsetDateTime,
    ) -> Result<Account, StoreError> {
        let Revised { account, name_id, events } = revised;
        if events.is_empty() {
            return Ok(account);
        }
        let audit = self.audited_all(&events, by, &account.org, now);
        self.store.update_account(account, name_id, audit).await
    }

    async fn stored_account(&self, org: &OrgName, id: AccountId) -> Result<Account, StoreError> {
        self.store.account(org, id).await?.ok_or(StoreError::NotFound("account"))
    }

    fn audited_all(
        &self,
        events: &[Event],
        by: Administrator<'_>,
        org: &OrgName,
        now: OffsetDateTime,
    ) -> Vec<AuditEntry> {
        events.iter().map(|event| self.audited(event, by.name, org, now)).collect()
    }
}

/// What the audit trail keeps of ending sessions of an account, whoever does it.
pub(super) fn sessions_ended(account: &Account, which: WhichSessions) -> Event {
    let which = match which {
        WhichSessions::All => "all of them".to_owned(),
        WhichSessions::One(session) => session.to_string(),
        WhichSessions::AllBut(session) => format!("all but {session}"),
    };
    by_hand::sessions_ended(account, &which)
}

fn permitted(may: bool) -> Result<(), AccountError> {
    if may { Ok(()) } else { Err(AccountError::NotPermitted) }
}
