//! How many traces of refused messages are kept: anybody can post rubbish, and each trace is a
//! write (DESIGN 1). What is over the budget is dropped and counted.

use crate::org::OrgName;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use time::OffsetDateTime;

/// The traces of refusals kept for one organization in one minute.
const PER_MINUTE: u32 = 120;

/// The budget of every organization. Only organizations that exist are counted.
#[derive(Default)]
pub(super) struct TraceBudget {
    minute: Mutex<(i64, HashMap<OrgName, u32>)>,
    dropped: AtomicU64,
}

impl TraceBudget {
    /// Takes one trace out of an organization's budget; `false` where it is used up.
    pub(super) fn take(&self, org: &OrgName, now: OffsetDateTime) -> bool {
        let this_minute = now.unix_timestamp().div_euclid(60);
        let Ok(mut guard) = self.minute.lock() else { return false };
        let (minute, used) = &mut *guard;
        if *minute != this_minute {
            *minute = this_minute;
            used.clear();
        }
        let used = used.entry(org.clone()).or_default();
        if *used >= PER_MINUTE {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        *used += 1;
        true
    }

    /// How many traces were dropped since the start.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_budget_and_the_next_a_new_one() {
        let budget = TraceBudget::default();
        let org: OrgName = "acme".parse().unwrap();
        let now = OffsetDateTime::UNIX_EPOCH;
        for _ in 0..PER_MINUTE {
            assert!(budget.take(&org, now));
        }
        assert!(!budget.take(&org, now));
        assert_eq!(budget.dropped(), 1);
        assert!(budget.take(&"other".parse().unwrap(), now));
        assert!(budget.take(&org, now + time::Duration::minutes(1)));
    }
}
