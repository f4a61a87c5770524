//! Where the metadata of a connection comes from, and how it stands with its refreshes (SPEC 2).

use super::refresh::MetadataChange;
use crate::ids::ConnectionId;
use crate::random::{self, Random};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

/// Where the metadata of a connection comes from, and what became of the last refresh. A refresh that
/// fails writes here alone: the connection keeps the last good copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataSource {
    /// Whose metadata it is.
    pub connection: ConnectionId,
    /// Grows by one with each change of this record.
    pub revision: u64,
    /// Where it is fetched; `None`: it was handed in, and nothing refreshes it.
    pub url: Option<Url>,
    /// Which entity of the document is meant; `None` where it has one.
    pub entity_id: Option<String>,
    /// The certificate whose key must have signed every document, PEM.
    pub pin: Option<String>,
    /// When the copy in use was taken, in UTC.
    pub taken_at: OffsetDateTime,
    /// Until when it says that it is in force.
    pub valid_until: Option<OffsetDateTime>,
    /// How long it says that it may be kept.
    pub cache_duration: Option<Duration>,
    /// What the host called the copy in use, to be asked whether there is another.
    pub validators: Validators,
    /// When the host last answered with the document, or that it is the same.
    pub checked_at: OffsetDateTime,
    /// When it is asked next; `None` where nothing refreshes it.
    pub due_at: Option<OffsetDateTime>,
    /// Why the last refresh failed, if it did.
    pub failure: Option<RefreshFailure>,
    /// The document that waits for an administrator.
    pub proposal: Option<Proposal>,
    /// The changes that an administrator rejected. They are not proposed again.
    pub rejected: Vec<MetadataChange>,
}

impl MetadataSource {
    /// The same for another connection, in place of where that had its metadata from before. What waits for
    /// an administrator was compared with the one that it was of, and is found again.
    #[must_use]
    pub fn for_connection(self, connection: ConnectionId, before: Option<&Self>) -> Self {
        let revision = before.map_or(0, |before| before.revision) + 1;
        Self { connection, revision, proposal: None, ..self }
    }
}

/// By what a host knows a document again (RFC 9110 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`, as it came.
    pub etag: Option<String>,
    /// `Last-Modified`, as it came.
    pub last_modified: Option<String>,
}

/// Why a refresh failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshFailure {
    /// The stable code, one of `docs/error-codes.md`.
    pub code: String,
    /// What was wrong, in a sentence.
    pub detail: String,
    /// When, in UTC.
    pub at: OffsetDateTime,
    /// How many refreshes have failed since one that did not.
    pub times: u32,
}

/// A document that is not used until an administrator says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// When it was first found, in UTC.
    pub found_at: OffsetDateTime,
    /// The revision of the connection that it was compared with.
    pub connection_revision: u64,
    /// What it would change.
    pub changes: Vec<MetadataChange>,
    /// The document.
    pub document: String,
}

/// The shortest time between two refreshes.
const SHORTEST: Duration = Duration::HOUR;
/// The time between two refreshes of a document that names none.
const USUAL: Duration = Duration::hours(4);
/// The longest time between two refreshes: what a day-old key rollover may wait for.
const LONGEST: Duration = Duration::DAY;

/// When a document is to be refreshed that was in order at `now`: within its `cacheDuration`, and well
/// before its `validUntil`, at most hourly, at least daily. Up to a tenth is added by chance, so that not
/// all organizations of one identity provider ask at once.
pub fn due_after_success(
    valid_until: Option<OffsetDateTime>,
    cache_duration: Option<Duration>,
    now: OffsetDateTime,
    random: &dyn Random,
) -> OffsetDateTime {
    let half_of_its_life = valid_until.map_or(LONGEST, |until| (until - now) / 2);
    let wanted = cache_duration.unwrap_or(USUAL).min(half_of_its_life);
    later(wanted.clamp(SHORTEST, LONGEST), now, random)
}

/// When a refresh is tried again that failed for the `times`-th time: an hour later, and twice as long
/// each time, up to a day.
pub fn due_after_failure(times: u32, now: OffsetDateTime, random: &dyn Random) -> OffsetDateTime {
    let doublings = times.saturating_sub(1).min(5);
    later((SHORTEST * 2_i32.pow(doublings)).min(LONGEST), now, random)
}

fn later(wait: Duration, now: OffsetDateTime, random: &dyn Random) -> OffsetDateTime {
    let [chance] = random::bytes::<1>(random);
    now.saturating_add(wait + wait * i32::from(chance) / 2_550)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    struct Chance(u8);
    impl Random for Chance {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn a_refresh_follows_what_the_document_says() {
        let hours = |hours| Some(Duration::hours(hours));
        for (valid, cache, expected) in [
            (None, None, 4),
            (None, hours(6), 6),
            (None, hours(0), 1),
            (None, hours(24 * 365), 24),
            (hours(24 * 14), None, 4),
            (hours(2), None, 1),
            (hours(1), hours(6), 1),
            (hours(10), hours(8), 5),
            (hours(24 * 14), hours(24 * 7), 24),
        ] {
            let until = valid.map(|valid| NOW + valid);
            let due = due_after_success(until, cache, NOW, &Chance(0));
            assert_eq!(due - NOW, Duration::hours(expected), "{valid:?} {cache:?}");
            let latest = due_after_success(until, cache, NOW, &Chance(255));
            assert_eq!(latest - NOW, Duration::hours(expected) * 11 / 10);
        }
        let never = OffsetDateTime::new_utc(time::Date::MAX, time::Time::MIDNIGHT);
        assert_eq!(due_after_success(Some(never), None, never, &Chance(0)).year(), 9999);
    }

    #[test]
    fn a_host_that_fails_is_asked_less_and_less() {
        let waits: Vec<_> = (1..=7)
            .map(|times| (due_after_failure(times, NOW, &Chance(0)) - NOW).whole_hours())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 24, 24]);
        assert_eq!(due_after_failure(u32::MAX, NOW, &Chance(0)) - NOW, Duration::DAY);
    }
}
