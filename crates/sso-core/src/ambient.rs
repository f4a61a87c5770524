//! The system's clock and randomness, for a program to hand in: the one place that reaches for them.
//! Everything else takes them as arguments (DESIGN 3).

use crate::random::Random;
use crate::time::Clock;
use time::OffsetDateTime;

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the others are given")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// The operating system's randomness, by way of openssl.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    /// Where the system has no randomness: nothing secret could be made then, so nothing goes on.
    #[expect(clippy::disallowed_methods, reason = "this is the source that the others are given")]
    #[expect(
        clippy::expect_used,
        reason = "no input brings it about, and nothing may go on without"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        openssl::rand::rand_bytes(buffer).expect("the operating system has randomness");
    }
}
