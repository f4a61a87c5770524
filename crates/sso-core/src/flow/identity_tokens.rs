//! Tokens that were made a moment ago: one page asks for a hundred files, and each asks for the token
//! of the same session and host. What is kept is only ever looked at for a session that was just read
//! from the store and is live.

use crate::ids::SessionId;
use crate::provisioning::Account;
use crate::store::Session;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use time::{Duration, OffsetDateTime};

/// The most tokens kept.
const CAPACITY: usize = 10_000;
/// A token that holds no longer than this is not handed out again: it must last for the request.
const LEFT: Duration = Duration::seconds(30);

/// A bounded cache by session and host.
#[derive(Default)]
pub(super) struct IdentityTokens {
    kept: Mutex<HashMap<(SessionId, String), Kept>>,
}

struct Kept {
    token: String,
    expires_at: OffsetDateTime,
    /// The revision of the account that it tells of.
    revision: u64,
}

impl IdentityTokens {
    /// The token that was made for this session and host, if it tells of the account as it is and
    /// holds for a while yet.
    pub(super) fn kept(
        &self,
        session: &Session,
        account: &Account,
        audience: &str,
        now: OffsetDateTime,
    ) -> Option<String> {
        let kept = self.tokens();
        let kept = kept.get(&(session.made.id, audience.to_owned()))?;
        let good = kept.revision == account.revision && kept.expires_at - now > LEFT;
        good.then(|| kept.token.clone())
    }

    /// Keeps a token. Where there are too many, those that are not handed out again go first.
    pub(super) fn keep(
        &self,
        session: &Session,
        account: &Account,
        audience: &str,
        expires_at: OffsetDateTime,
        token: &str,
        now: OffsetDateTime,
    ) {
        let mut kept = self.tokens();
        if kept.len() >= CAPACITY {
            kept.retain(|_, kept| kept.expires_at - now > LEFT);
        }
        if kept.len() >= CAPACITY {
            kept.clear();
        }
        let token = Kept { token: token.to_owned(), expires_at, revision: account.revision };
        kept.insert((session.made.id, audience.to_owned()), token);
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<(SessionId, String), Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
