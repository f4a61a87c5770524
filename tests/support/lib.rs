//! What the tests of the whole project share.

mod clock;
mod random;
mod server;

pub use clock::SetClock;
pub use random::SeededRandom;
pub use server::{BEGINNING, Engine, OPERATOR_TOKEN, TestServer, browser};
