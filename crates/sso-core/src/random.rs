//! Randomness as an argument: no function of this crate reaches for an ambient source.
//!
//! (Randomness that openssl uses inside a signature or a key is exempt; tests compare by verifying.)

/// A source of random bytes. The service hands in the operating system's, a test a seeded one.
pub trait Random: Send + Sync {
    /// Fills the whole buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// Draws `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}
