//! Randomness that is the same in every run of a test.

use openssl::sha::Sha256;
use sso_core::random::Random;
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of bytes that follow from a seed: SHA-256 over the seed and a counter.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRandom {
    /// A source that begins at the beginning of its seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(&self.seed.to_be_bytes());
            hash.update(&self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            let block = hash.finish();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
