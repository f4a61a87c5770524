//! An end to logins that are begun anew for ever (SPEC 5.2, `restart`): an identity provider that answers our
//! requests without naming them, and drops the handle beside them, is asked a few times in a row, and then
//! no more.
//!
//! A cookie of the browser counts, and names the last login that was begun anew, which the store has. It is
//! taken away by the next message that comes of anything else. So nobody gains by having a browser post
//! messages: such a browser is refused once, at its portal, and not where the person begins here. Nobody
//! but the browser itself can write the cookie, and what it gains by that is to be refused.

use super::Bridge;
use super::start_login::Occasion;
use crate::connection::Connection;
use crate::store::{Store, StoreError};
use time::{Duration, OffsetDateTime};

/// How often in a row: a person may open several things at a portal at once, each in a tab of its own.
const MOST: u8 = 3;

/// How long a login that was begun anew stands in a row with the next.
const ROW: Duration = Duration::minutes(1);

impl<S: Store> Bridge<S> {
    /// How often the logins of a browser were begun anew in a row through a connection, none of which was
    /// answered. `counted`: the cookie, if it came.
    pub(super) async fn restarts(
        &self,
        counted: Option<&str>,
        connection: &Connection,
        now: OffsetDateTime,
    ) -> Result<Restarts, StoreError> {
        let Some((times, last)) = counted.and_then(read) else { return Ok(Restarts(0)) };
        let pending = self.store.pending_login(last).await?;
        let is_in_a_row = pending.is_some_and(|pending| {
            pending.connection == connection.id
                && Occasion::Restarted.is_of(&pending)
                && now - pending.created_at < ROW
        });
        Ok(Restarts(if is_in_a_row { times } else { 0 }))
    }
}

/// How often logins were begun anew in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Restarts(u8);

impl Restarts {
    /// Whether it was often enough.
    pub(super) fn are_enough(self) -> bool {
        self.0 >= MOST
    }

    /// The cookie that counts one more, which has this request.
    pub(super) fn and(self, request_id: &str) -> String {
        format!("{}.{request_id}", self.0.saturating_add(1))
    }
}

fn read(counted: &str) -> Option<(u8, &str)> {
    let (times, last) = counted.split_once('.')?;
    Some((times.parse().ok()?, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_counts_one_more_each_time() {
        let mut restarts = Restarts(0);
        for times in 1..=MOST {
            assert!(!restarts.are_enough());
            let cookie = restarts.and("again.x");
            assert_eq!(read(&cookie), Some((times, "again.x")));
            restarts = Restarts(times);
        }
        assert!(restarts.are_enough());
        for text in ["", "x", "x.y", "-1.y", "256.y"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
