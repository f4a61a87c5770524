//! The message of a login, kept beside its trace (SPEC 13): sealed, for a short time, and of no more logins
//! than the connection says. That one is not kept, for whatever reason, never hinders a login.

use super::Bridge;
use crate::connection::KeepMessages;
use crate::store::{Store, StoredMessage};

/// Whether the message of a login that ended so is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Somebody was signed in.
    SignedIn,
    /// Nobody was: it was refused, or a test.
    NobodySignedIn,
}

impl Ending {
    fn is_kept(self, wanted: KeepMessages) -> bool {
        match wanted {
            KeepMessages::Off => false,
            KeepMessages::Refused => self == Self::NobodySignedIn,
            KeepMessages::All => true,
        }
    }
}

impl<S: Store> Bridge<S> {
    /// The same, keeping no message of a login, whatever the connections say.
    #[must_use]
    pub fn without_messages(self) -> Self {
        Self { keeps_messages: false, ..self }
    }

    /// How many messages were dropped since the start: more than an organization keeps in a minute, or such
    /// as the store did not take.
    pub fn dropped_messages(&self) -> u64 {
        self.message_budget.dropped()
    }

    /// Keeps the message of a login that ended, if the connection wants it.
    pub(super) async fn keep_message(
        &self,
        message: Option<StoredMessage>,
        ending: Ending,
        wanted: KeepMessages,
    ) {
        let Some(message) = message else { return };
        if !self.keeps_messages || !ending.is_kept(wanted) {
            return;
        }
        let bytes = message.xml.len() as u64;
        if self.message_budget.take(bytes, &message.org, message.at)
            && self.store.put_message(message).await.is_err()
        {
            self.message_budget.drop_one();
        }
    }
}
