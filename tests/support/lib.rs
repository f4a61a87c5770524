//! What the tests of the whole project share.

mod admin;
mod browser;
mod clock;
mod peer;
mod process;
mod random;
mod server;

pub use admin::Admin;
pub use browser::{Browser, Form, Page};
pub use clock::SetClock;
pub use peer::Samlp;
pub use process::ServerProcess;
pub use random::SeededRandom;
pub use server::{BEGINNING, Engine, OPERATOR_TOKEN, TestServer, browser};
