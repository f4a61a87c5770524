//! Instants: all of them UTC, and the clock an argument.

use time::OffsetDateTime;

/// A clock. The service hands in the system's, a test one that it sets.
pub trait Clock: Send + Sync {
    /// The current instant in UTC.
    fn now(&self) -> OffsetDateTime;
}
