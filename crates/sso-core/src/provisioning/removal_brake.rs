//! The brake on mass removal (SPEC 11.1): an organization loses only so many accounts and groups to its
//! directory within a time. What is more is held, until an administrator lets it pass: most often a filter or
//! an assignment at the identity provider is wrong, and nobody meant it.

use crate::setting::InvalidSetting;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How many removals an organization takes. A removal is an account that a directory deactivates or removes, or
/// a group that it removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BrakeSettings {
    /// Whether there is a bound at all.
    pub enabled: bool,
    /// The bound, as a share of the organization's accounts.
    #[cfg_attr(feature = "openapi", schema(maximum = 100))]
    pub percent: u8,
    /// The bound where that share is less.
    #[cfg_attr(feature = "openapi", schema(maximum = 1_000_000))]
    pub minimum: u32,
    /// The time within which removals are counted, from the first.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 720))]
    pub window_hours: u32,
}

impl Default for BrakeSettings {
    fn default() -> Self {
        Self { enabled: true, percent: 10, minimum: 100, window_hours: 24 }
    }
}

impl BrakeSettings {
    /// Holds the settings to what they can be.
    ///
    /// # Errors
    /// `invalid_field` with the field.
    pub fn check(&self) -> Result<(), InvalidSetting> {
        for (field, value, range) in [
            ("percent", self.percent.into(), 0..=100),
            ("minimum", self.minimum, 0..=1_000_000),
            ("window_hours", self.window_hours, 1..=720),
        ] {
            if !range.contains(&value) {
                let problem = format!("It must be {} to {}.", range.start(), range.end());
                return Err(InvalidSetting::value(field, problem));
            }
        }
        Ok(())
    }

    /// How many removals pass, of an organization with so many accounts.
    pub fn bound(&self, accounts: u64) -> u64 {
        let share = accounts.saturating_mul(self.percent.into()) / 100;
        share.max(self.minimum.into())
    }
}

/// The longest that a brake is lifted, in hours: a week.
pub const LONGEST_LIFT: u32 = 168;

/// The brake of an organization, as it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalBrake {
    /// What it goes by.
    pub settings: BrakeSettings,
    /// How many removals have passed in the time that runs.
    pub removals: u64,
    /// How many accounts there were then, if not more later: the share is of these, not of who is left.
    pub accounts: u64,
    /// When that time began, in UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub counted_since: Option<OffsetDateTime>,
    /// Since when removals are held, in UTC. It stays so until an administrator lifts it: by itself it would
    /// let as many pass again and again.
    #[serde(with = "time::serde::rfc3339::option")]
    pub held_since: Option<OffsetDateTime>,
    /// Until when all pass, in UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub lifted_until: Option<OffsetDateTime>,
}

/// What happens to a brake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrakeAct {
    /// A removal wants to pass.
    Take,
    /// It goes by other settings.
    Set(BrakeSettings),
    /// What is held may pass: for so many hours everything; with 0 as many as the bound says, counted anew.
    Lift(u32),
}

/// Removals are held (SPEC 11.1). Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more was to be removed than the organization's brake lets pass")]
pub struct RemovalsHeld;

impl RemovalBrake {
    /// How many removals pass in the time that runs, of an organization that has so many accounts now.
    pub fn bound(&self, accounts: u64) -> u64 {
        self.settings.bound(accounts.max(self.accounts))
    }

    /// The brake after an act, and whether that may be done. `accounts` is how many the organization has;
    /// `now` is UTC.
    pub fn after(
        mut self,
        act: BrakeAct,
        accounts: u64,
        now: OffsetDateTime,
    ) -> (Self, Result<(), RemovalsHeld>) {
        let done = match act {
            BrakeAct::Take => self.take(accounts, now),
            BrakeAct::Set(settings) => {
                self.settings = settings;
                self.held_since = self.held_since.filter(|_| settings.enabled);
                Ok(())
            }
            BrakeAct::Lift(hours) => {
                let until = now.checked_add(Duration::hours(hours.into()));
                self = Self {
                    settings: self.settings,
                    lifted_until: until.filter(|until| *until > now),
                    ..Self::default()
                };
                Ok(())
            }
        };
        (self, done)
    }

    fn take(&mut self, accounts: u64, now: OffsetDateTime) -> Result<(), RemovalsHeld> {
        if !self.settings.enabled || self.lifted_until.is_some_and(|until| now < until) {
            return Ok(());
        }
        if self.held_since.is_some() {
            return Err(RemovalsHeld);
        }
        let window = Duration::hours(self.settings.window_hours.into());
        if self.counted_since.is_none_or(|since| now - since >= window) {
            self.counted_since = Some(now);
            (self.removals, self.accounts) = (0, accounts);
        }
        self.accounts = self.accounts.max(accounts);
        if self.removals >= self.bound(accounts) {
            self.held_since = Some(now);
            return Err(RemovalsHeld);
        }
        self.removals += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    /// Takes so many removals: how many pass.
    fn take(brake: &mut RemovalBrake, many: u64, accounts: u64, now: OffsetDateTime) -> u64 {
        let mut passed = 0;
        for _ in 0..many {
            let (after, done) = brake.after(BrakeAct::Take, accounts, now);
            *brake = after;
            passed += u64::from(done.is_ok());
        }
        passed
    }

    #[test]
    fn the_bound_is_a_share_and_never_less_than_the_minimum() {
        let settings = BrakeSettings::default();
        for (accounts, bound) in
            [(0, 100), (1_000, 100), (1_099, 109), (5_000, 500), (u64::MAX, u64::MAX / 100)]
        {
            assert_eq!(settings.bound(accounts), bound, "{accounts}");
        }
    }

    #[test]
    fn what_is_over_the_bound_is_held_until_it_is_lifted() {
        let mut brake = RemovalBrake::default();
        assert_eq!(take(&mut brake, 130, 50, BEGUN), 100);
        assert_eq!(brake.held_since, Some(BEGUN));
        // Time does not lift it.
        let later = BEGUN + Duration::days(30);
        assert_eq!(take(&mut brake, 1, 50, later), 0);
        brake = brake.after(BrakeAct::Lift(0), 100, later).0;
        assert_eq!(brake, RemovalBrake::default());
        assert_eq!(take(&mut brake, 130, 50, later), 100);
        // For a time everything passes, and then as much as ever.
        brake = brake.after(BrakeAct::Lift(2), 100, later).0;
        assert_eq!(take(&mut brake, 500, 50, later + Duration::minutes(119)), 500);
        assert_eq!(take(&mut brake, 500, 50, later + Duration::hours(2)), 100);
    }

    #[test]
    fn removals_are_counted_within_a_time() {
        let mut brake = RemovalBrake::default();
        assert_eq!(take(&mut brake, 100, 50, BEGUN), 100);
        let next = BEGUN + Duration::hours(24);
        assert_eq!(take(&mut brake, 100, 50, next), 100, "a day later it is counted anew");
        assert_eq!(brake.counted_since, Some(next));
        assert_eq!(take(&mut brake, 1, 50, next + Duration::hours(23)), 0);
    }

    #[test]
    fn the_share_is_of_those_who_were_there() {
        let half = BrakeSettings { percent: 50, minimum: 0, ..BrakeSettings::default() };
        let mut brake = RemovalBrake { settings: half, ..RemovalBrake::default() };
        let mut left = 100;
        for _ in 0..90 {
            left -= take(&mut brake, 1, left, BEGUN);
        }
        assert_eq!(left, 50);
        assert_eq!(take(&mut brake, 90, 10, BEGUN + Duration::days(1)), 0, "it holds");
        brake = brake.after(BrakeAct::Lift(0), 10, BEGUN).0;
        assert_eq!(take(&mut brake, 90, 10, BEGUN), 5);
    }

    #[test]
    fn without_a_bound_nothing_is_held() {
        let mut brake = RemovalBrake::default();
        assert_eq!(take(&mut brake, 101, 50, BEGUN), 100);
        let off = BrakeSettings { enabled: false, ..BrakeSettings::default() };
        brake = brake.after(BrakeAct::Set(off), 100, BEGUN).0;
        assert_eq!((brake.held_since, take(&mut brake, 500, 100, BEGUN)), (None, 500));
    }
}
