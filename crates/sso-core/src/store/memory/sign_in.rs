//! Logins: pending, committed, and their sessions.

use super::{MemoryStore, Pending, State, messages, replay_key};
use crate::connection::AccountKey;
use crate::ids::{AuditId, ScimRequestId, TraceId};
use crate::login::{BrowserBinding, PendingLogin};
use crate::org::OrgName;
use crate::provisioning::{Account, AccountChange, AccountStatus, Candidates, SignInPlan};
use crate::store::{
    AccountKeys, CommitError, Cutoffs, Notice, Purged, Session, SignInRecords, SignInStore,
    SignedIn, StoreError,
};
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use time::OffsetDateTime;

impl State {
    /// The row that a plan asks for, or the conflict that it meets. Changes nothing.
    fn planned_account(
        &self,
        change: AccountChange,
        key: AccountKey,
    ) -> Result<Account, CommitError> {
        let account = match change {
            AccountChange::Create(account) => {
                if !self.orgs.contains_key(&account.org) {
                    return Err(StoreError::NotFound("org").into());
                }
                let taken = self.accounts.contains_key(&(account.org.clone(), account.id));
                if taken || self.admit(&account).is_err() {
                    return Err(CommitError::Conflict);
                }
                *account
            }
            AccountChange::Update(mut account) => {
                let row = self.row_planned_on(&account)?;
                account.last_login_at = account.last_login_at.max(row.last_login_at);
                account.revision += 1;
                *account
            }
            AccountChange::SignIn(account) => {
                let mut row = self.row_planned_on(&account)?.clone();
                row.revision += u64::from(row.name_id.is_none() && account.name_id.is_some());
                row.name_id = account.name_id;
                row.last_login_at = account.last_login_at;
                row
            }
        };
        let mut contested = account.clone();
        if key != AccountKey::NameId {
            contested.name_id = None;
        }
        match self.rivalry(&contested).is_some() || self.own_rivalry(&account).is_some() {
            true => Err(CommitError::Conflict),
            false => Ok(account),
        }
    }

    /// Uses a request up; the session that it replaces.
    fn consume(&mut self, request_id: Option<&str>) -> Option<[u8; 32]> {
        let pending = self.pending_logins.get_mut(request_id?)?;
        pending.consumed = true;
        pending.login.replaces
    }

    /// What waits in a browser replaces its session in its turn.
    fn tell_browser(&mut self, browser: BrowserBinding, session: [u8; 32]) {
        let of_browser =
            |pending: &&mut Pending| pending.login.browser == browser && !pending.consumed;
        for pending in self.pending_logins.values_mut().filter(of_browser) {
            pending.login.replaces = Some(session);
        }
    }

    fn row_planned_on(&self, account: &Account) -> Result<&Account, CommitError> {
        self.accounts
            .get(&(account.org.clone(), account.id))
            .filter(|row| row.revision == account.revision)
            .ok_or(CommitError::Conflict)
    }
}

impl SignInStore for MemoryStore {
    async fn put_pending_login(&self, login: PendingLogin) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.pending_logins.contains_key(&login.request_id) {
            return Err(StoreError::Conflict("request_exists"));
        }
        let request_id = login.request_id.clone();
        state.pending_logins.insert(request_id, Pending { login, consumed: false });
        Ok(())
    }

    async fn pending_login(&self, request_id: &str) -> Result<Option<PendingLogin>, StoreError> {
        Ok(self.state().pending_logins.get(request_id).map(|pending| pending.login.clone()))
    }

    async fn has_begun_login(&self, browser: &BrowserBinding) -> Result<bool, StoreError> {
        let state = self.state();
        Ok(state.pending_logins.values().any(|pending| pending.login.browser == *browser))
    }

    async fn candidates(
        &self,
        org: &OrgName,
        keys: &AccountKeys,
    ) -> Result<Candidates, StoreError> {
        let state = self.state();
        let name_id = Some(&keys.name_id).filter(|_| keys.key == AccountKey::NameId);
        let found = state.owners_of(org, keys.values(), name_id);
        let has_own = |account: &&Account| keys.own.iter().any(|own| own.is_in(&account.profile));
        let holders = match keys.own.is_empty() {
            true => Vec::new(),
            false => state.accounts_of(org).filter(has_own).cloned().collect(),
        };
        if found.is_empty() {
            let active = |account: &&Account| account.status == AccountStatus::Active;
            let active_accounts = state.accounts_of(org).filter(active).count() as u64;
            let known_groups = state.known_groups(org, &keys.group_ids);
            return Ok(Candidates {
                active_accounts,
                known_groups,
                ..keys.candidates(found, holders)
            });
        }
        Ok(keys.candidates(found, holders))
    }

    async fn commit_sign_in(
        &self,
        plan: SignInPlan,
        records: SignInRecords,
    ) -> Result<SignedIn, CommitError> {
        let parts = plan.into_parts();
        let mut state = self.state();

        let assertion = replay_key(&parts.replay);
        if state.replays.contains_key(&assertion) {
            return Err(CommitError::Replayed);
        }
        if let Some(request_id) = &records.request_id
            && state.pending_logins.get(request_id).is_none_or(|pending| pending.consumed)
        {
            return Err(CommitError::RequestAlreadyUsed);
        }
        let account = state.planned_account(parts.account, parts.key)?;
        if state.sessions.contains_key(&records.session.token_hash) {
            return Err(StoreError::Conflict("session_exists").into());
        }

        state.replays.insert(assertion, parts.replay);
        let known = state.consume(records.request_id.as_deref());
        if let Some(browser) = records.browser {
            state.tell_browser(browser, records.session.token_hash);
        }
        state.release_name_id(&account);
        let account = state.write_account(account);
        let session = Session {
            org: parts.org,
            account: account.id,
            last_used_at: records.session.authenticated_at,
            made: records.session,
        };
        for replaced in [records.replaces, known].into_iter().flatten() {
            state.sessions.remove(&replaced);
        }
        state.sessions.insert(session.made.token_hash, session.clone());
        state.append_trace(records.trace);
        for entry in records.audit {
            state.append_audit(entry);
        }
        if let Some(first_use) = records.first_use {
            state.use_idp_certificate(first_use);
        }
        Ok(SignedIn { account, session })
    }

    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<(Session, Account)>, StoreError> {
        let mut state = self.state();
        let connection = state.sessions.get(token_hash).map(|session| session.made.connection);
        if !connection.is_some_and(|connection| state.is_enabled(connection)) {
            return Ok(None);
        }
        let State { sessions, accounts, .. } = &mut *state;
        let Some(session) = sessions.get_mut(token_hash).filter(|session| session.is_live(now))
        else {
            return Ok(None);
        };
        let account = accounts
            .get(&(session.org.clone(), session.account))
            .filter(|account| account.status == AccountStatus::Active);
        let Some(account) = account else { return Ok(None) };
        if session.use_is_due(now) {
            session.last_used_at = now;
        }
        Ok(Some((session.clone(), account.clone())))
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        Ok(self.state().sessions.remove(token_hash))
    }

    async fn purge(&self, cutoffs: &Cutoffs) -> Result<Purged, StoreError> {
        let mut state = self.state();
        let state = &mut *state;
        let now = cutoffs.now;
        Ok(Purged {
            pending_logins: remove(&mut state.pending_logins, |pending| {
                pending.login.expires_at() <= now
            }),
            pending_logouts: remove(&mut state.pending_logouts, |waiting| {
                waiting.logout.expires_at() <= now
            }),
            replay_records: remove(&mut state.replays, |record| record.expires_at <= now),
            sessions: remove(&mut state.sessions, |session| !session.is_live(now)),
            traces: remove_told(&mut state.traces, TraceId::first_of(cutoffs.traces_before)),
            messages: messages::purge(&mut state.messages, cutoffs),
            scim_requests: remove_told(
                &mut state.scim_requests,
                ScimRequestId::first_of(cutoffs.traces_before),
            ),
            audit_entries: remove_told(&mut state.audit, AuditId::first_of(cutoffs.audit_before)),
            notices: {
                let before = state.notices.len();
                let kept = |notice: &Notice| notice.at >= cutoffs.audit_before;
                state.notices.retain(|_, notice| kept(notice));
                state.deliveries.retain(|waiting| state.notices.contains_key(&waiting.notice));
                (before - state.notices.len()) as u64
            },
        })
    }
}

/// Removes what was told of organizations before an identifier, and says how many rows those were.
fn remove_told<K: Ord, V>(rows: &mut BTreeMap<(OrgName, K), V>, first: K) -> u64 {
    let before = rows.len();
    rows.retain(|(_, id), _| *id >= first);
    (before - rows.len()) as u64
}

/// Removes the rows that are over, and says how many those were.
fn remove<K: Eq + Hash, V>(rows: &mut HashMap<K, V>, over: impl Fn(&V) -> bool) -> u64 {
    let before = rows.len();
    rows.retain(|_, row| !over(row));
    (before - rows.len()) as u64
}
