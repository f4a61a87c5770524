//! A person's own sessions, listed and ended by that person (SPEC 5.4).

use super::Bridge;
use super::accounts::sessions_ended;
use super::own_page::{self, Purpose};
use crate::ids::SessionId;
use crate::provisioning::Account;
use crate::store::{Listed, Page, Session, Store, StoreError, WhichSessions};

/// Where a person is signed in, as seen from one of the browsers.
#[derive(Debug)]
pub struct OwnSessions {
    /// The session of the browser that asks.
    pub current: Session,
    /// Whose they are.
    pub account: Account,
    /// All of them that are live, oldest first, this one among them.
    pub all: Listed<Session>,
}

/// Which of a person's own sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// One of them.
    One(SessionId),
    /// All but that of the browser that asks.
    Others,
    /// All of them.
    All,
}

impl<S: Store> Bridge<S> {
    /// The sessions of the person whose cookie this is. `None`: nobody's.
    ///
    /// # Errors
    ///
    /// The store's; `InvalidCursor`.
    pub async fn own_sessions(
        &self,
        token: &str,
        page: &Page,
    ) -> Result<Option<OwnSessions>, StoreError> {
        let Some((current, account)) = self.session(token).await? else { return Ok(None) };
        let all = self.store.sessions(&current.org, account.id, self.clock.now(), page).await?;
        Ok(Some(OwnSessions { current, account, all }))
    }

    /// Ends sessions of the person whose cookie this is. `None`: nobody's. Else whether the browser that
    /// asks is still signed in.
    ///
    /// # Errors
    ///
    /// NotFound `session` where the one that is named is not that person's, and what else the store has.
    pub async fn end_own_sessions(
        &self,
        token: &str,
        ending: Ending,
    ) -> Result<Option<bool>, StoreError> {
        let now = self.clock.now();
        let Some((current, account)) = self.session(token).await? else { return Ok(None) };
        let which = match ending {
            Ending::One(id) => WhichSessions::One(id),
            Ending::Others => WhichSessions::AllBut(current.made.id),
            Ending::All => WhichSessions::All,
        };
        let person = account.email().unwrap_or_default();
        let audit = self.audited(&sessions_ended(&account, which), person, &current.org, now);
        self.store.end_sessions(&current.org, account.id, which, audit).await?;
        Ok(Some(match ending {
            Ending::One(id) => id != current.made.id,
            Ending::Others => true,
            Ending::All => false,
        }))
    }

    /// What a page of ours that is shown to a session has the browser post, to prove that.
    pub fn own_form(&self, token: &str) -> String {
        own_page::proof(Purpose::EndSessions, token, &[])
    }

    /// Whether a form was posted from such a page, shown to this very session (ATTACKS WEB-01).
    pub fn is_own_form(&self, token: &str, proof: Option<&str>) -> bool {
        own_page::is_proven(proof, Purpose::EndSessions, Some(token), &[])
    }
}
