//! Accounts that a directory writes (SPEC 11.1): read, decide, commit, and the entries of the audit trail
//! with it.

use super::Bridge;
use super::accounts::AccountError;
use crate::ids::AccountId;
use crate::org::Org;
use crate::provisioning::by_directory::{self, DirectoryRefusal};
use crate::provisioning::by_hand::Revised;
use crate::provisioning::{Account, BrakeAct, DirectoryAccount, Event, EventKind, RemovalsHeld};
use crate::store::{AuditEntry, Store, StoreError, TokenRight};
use time::OffsetDateTime;

/// How often a change is decided again after somebody else's came between.
const ATTEMPTS: usize = 8;

/// A directory that speaks for an organization, proven by a SCIM token of it: what writes accounts without
/// being a person or an identity provider (DESIGN 3). It has no role, and gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryClient<'a> {
    /// What the audit trail calls it.
    pub name: &'a str,
}

/// What was written, and what the audit trail has of it.
#[derive(Debug, Clone)]
pub struct Written<T> {
    /// As it is stored now.
    pub now: T,
    /// The entries of the audit trail; none where nothing changed.
    pub audit: Vec<AuditEntry>,
}

/// While an organization has a directory, which is a live SCIM token, its accounts and groups are the
/// directory's to write, and nobody's by hand (SPEC 10). Deactivating and reactivating stay possible, as do
/// roles, which no directory gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the organization's directory writes its accounts and groups")]
pub struct ManagedExternally;

/// What asks whether an organization is managed externally is refused, or the store failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotByHand {
    #[error(transparent)]
    Managed(#[from] ManagedExternally),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotByHand> for AccountError {
    fn from(refused: NotByHand) -> Self {
        match refused {
            NotByHand::Managed(managed) => Self::ManagedExternally(managed),
            NotByHand::Store(error) => Self::Store(error),
        }
    }
}

/// A removal was not counted in: it is held, or the store failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotCounted {
    #[error(transparent)]
    Held(#[from] RemovalsHeld),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotCounted> for AccountError {
    fn from(refused: NotCounted) -> Self {
        match refused {
            NotCounted::Held(held) => Self::RemovalsHeld(held),
            NotCounted::Store(error) => Self::Store(error),
        }
    }
}

impl From<DirectoryRefusal> for AccountError {
    fn from(refusal: DirectoryRefusal) -> Self {
        match refusal {
            DirectoryRefusal::Invalid(invalid) => Self::Invalid(invalid),
            DirectoryRefusal::PrimaryAdmin(primary) => Self::PrimaryAdmin(primary),
        }
    }
}

impl<S: Store> Bridge<S> {
    /// Makes the account of which a directory says this.
    ///
    /// # Errors
    ///
    /// Those of [`by_directory::create`] and of the store.
    pub async fn create_directory_account(
        &self,
        org: &Org,
        said: &DirectoryAccount,
        by: DirectoryClient<'_>,
    ) -> Result<Written<Account>, AccountError> {
        let now = self.clock.now();
        let id = AccountId::new(now, self.random());
        let Revised { account, events, .. } = by_directory::create(said, org, id, now)?;
        let audit = self.told(&events, by, org, now);
        self.store.create_account(account.clone(), audit.clone()).await?;
        Ok(Written { now: account, audit })
    }

    /// Writes what a directory says of an account, given the account as it is stored. It is decided again
    /// where somebody else wrote the account meanwhile. Deactivating it counts as a removal.
    ///
    /// # Errors
    ///
    /// What `say` refuses; [`AccountError::RemovalsHeld`]; those of [`by_directory::change`] and of the store.
    pub async fn change_directory_account<E: From<AccountError>>(
        &self,
        org: &Org,
        id: AccountId,
        by: DirectoryClient<'_>,
        say: impl Fn(&Account) -> Result<DirectoryAccount, E> + Send,
    ) -> Result<Written<Account>, E> {
        let now = self.clock.now();
        let mut counted = false;
        for _ in 0..ATTEMPTS {
            let stored = self.directory_account(org, id).await?;
            let said = say(&stored)?;
            let revised = by_directory::change(&stored, &said, org, now);
            let Revised { account, name_id, events } = revised.map_err(AccountError::from)?;
            if events.is_empty() {
                return Ok(Written { now: stored, audit: Vec::new() });
            }
            let removes = events.iter().any(|event| event.kind == EventKind::AccountDeactivated);
            if removes && !counted {
                self.count_removal(org).await.map_err(AccountError::from)?;
                counted = true;
            }
            let audit = self.told(&events, by, org, now);
            match self.store.update_account(account, name_id, audit.clone()).await {
                Err(StoreError::Conflict("account_changed")) => {}
                done => return Ok(Written { now: done.map_err(AccountError::from)?, audit }),
            }
        }
        Err(AccountError::Store(StoreError::Conflict("account_changed")).into())
    }

    /// Removes an account, if `may` says so of it as it is stored. Its sessions end with it.
    ///
    /// # Errors
    ///
    /// What `may` refuses, [`AccountError::PrimaryAdmin`], [`AccountError::RemovalsHeld`], and those of the
    /// store.
    pub async fn remove_directory_account<E: From<AccountError>>(
        &self,
        org: &Org,
        id: AccountId,
        by: DirectoryClient<'_>,
        may: impl Fn(&Account) -> Result<(), E> + Send,
    ) -> Result<Written<()>, E> {
        let now = self.clock.now();
        let mut counted = false;
        for _ in 0..ATTEMPTS {
            let stored = self.directory_account(org, id).await?;
            may(&stored)?;
            let event = by_directory::remove(&stored, org).map_err(AccountError::from)?;
            if !counted {
                self.count_removal(org).await.map_err(AccountError::from)?;
                counted = true;
            }
            let audit = self.audited(&event, by.name, &org.name, now);
            let done = self.store.delete_account(&org.name, id, stored.revision, audit.clone());
            match done.await {
                Err(StoreError::Conflict("account_changed")) => {}
                done => {
                    done.map_err(AccountError::from)?;
                    return Ok(Written { now: (), audit: vec![audit] });
                }
            }
        }
        Err(AccountError::Store(StoreError::Conflict("account_changed")).into())
    }

    /// Holds what is written by hand to there being no directory that writes it.
    pub(super) async fn require_by_hand(&self, org: &Org) -> Result<(), NotByHand> {
        let now = self.clock.now();
        match self.store.has_live_token(&org.name, TokenRight::Scim, now).await? {
            true => Err(ManagedExternally.into()),
            false => Ok(()),
        }
    }

    /// Counts a removal by the directory in, before it is carried out. One that then fails stays counted.
    pub(super) async fn count_removal(&self, org: &Org) -> Result<(), NotCounted> {
        let now = self.clock.now();
        let (_, counted) = self.store.brake(&org.name, BrakeAct::Take, now, None).await?;
        Ok(counted?)
    }

    async fn directory_account(&self, org: &Org, id: AccountId) -> Result<Account, AccountError> {
        let stored = self.store.account(&org.name, id).await?;
        Ok(stored.ok_or(StoreError::NotFound("account"))?)
    }

    fn told(
        &self,
        events: &[Event],
        by: DirectoryClient<'_>,
        org: &Org,
        now: OffsetDateTime,
    ) -> Vec<AuditEntry> {
        events.iter().map(|event| self.audited(event, by.name, &org.name, now)).collect()
    }
}
