//! How much is kept of what anybody can send: each trace of a refusal is a write, and each message takes
//! room (DESIGN 1). What is over the budget is dropped and counted.

use crate::org::OrgName;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use time::OffsetDateTime;

/// What every organization may have kept in a minute. Only organizations that exist are counted.
pub(super) struct Budget {
    most: u64,
    minute: Mutex<(i64, HashMap<OrgName, u64>)>,
    dropped: AtomicU64,
}

impl Budget {
    /// The traces of refusals kept for one organization in one minute.
    pub(super) const TRACES: u64 = 120;
    /// The bytes of messages kept for one organization in one minute: some hundred messages as they are, or
    /// four of the greatest.
    pub(super) const MESSAGE_BYTES: u64 = 1 << 20;

    /// A budget of so much.
    pub(super) fn of(most: u64) -> Self {
        Self { most, minute: Mutex::default(), dropped: AtomicU64::new(0) }
    }

    /// Takes an amount out of an organization's budget; `false` where it does not have that much left.
    pub(super) fn take(&self, amount: u64, org: &OrgName, now: OffsetDateTime) -> bool {
        let this_minute = now.unix_timestamp().div_euclid(60);
        let Ok(mut guard) = self.minute.lock() else { return false };
        let (minute, used) = &mut *guard;
        if *minute != this_minute {
            *minute = this_minute;
            used.clear();
        }
        let used = used.entry(org.clone()).or_default();
        let then = used.saturating_add(amount);
        if then > self.most {
            self.drop_one();
            return false;
        }
        *used = then;
        true
    }

    /// Counts what was dropped for another reason.
    pub(super) fn drop_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were dropped since the start.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_budget_and_the_next_a_new_one() {
        let budget = Budget::of(10);
        let org: OrgName = "acme".parse().unwrap();
        let now = OffsetDateTime::UNIX_EPOCH;
        for _ in 0..9 {
            assert!(budget.take(1, &org, now));
        }
        assert!(!budget.take(2, &org, now), "more than is left");
        assert!(budget.take(1, &org, now));
        assert!(!budget.take(1, &org, now));
        assert_eq!(budget.dropped(), 2);
        assert!(budget.take(10, &"other".parse().unwrap(), now));
        assert!(budget.take(1, &org, now + time::Duration::minutes(1)));
    }
}
