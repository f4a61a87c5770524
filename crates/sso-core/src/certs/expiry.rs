//! How long before something expires it is spoken of (SPEC 7).

use time::{Duration, OffsetDateTime};

/// How many days before the end there is a notice, the last first (SPEC 7).
pub const NOTICE_DAYS: [u16; 5] = [1, 7, 14, 30, 60];

/// The newest of the notices that are due for what ends at an instant; the last of them, too, after that
/// instant. `None` before the first is due. Whoever looks late, or whose clock jumped, gets that one
/// alone.
pub fn notice_due(ends_at: OffsetDateTime, now: OffsetDateTime) -> Option<u16> {
    NOTICE_DAYS.into_iter().find(|days| ends_at - now <= Duration::days((*days).into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn each_notice_is_due_from_its_instant_on_until_the_next() {
        const END: OffsetDateTime = datetime!(2027-03-01 12:00 UTC);
        let second = Duration::seconds(1);
        for (days, before, from) in [
            (60, None, Some(60)),
            (30, Some(60), Some(30)),
            (14, Some(30), Some(14)),
            (7, Some(14), Some(7)),
            (1, Some(7), Some(1)),
            (0, Some(1), Some(1)),
            (-400, Some(1), Some(1)),
        ] {
            let instant = END - Duration::days(days);
            assert_eq!(notice_due(END, instant - second), before, "before {days}");
            assert_eq!(notice_due(END, instant), from, "from {days} on");
        }
    }
}
