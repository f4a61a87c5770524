//! What the tests of the whole project share.

mod admin;
mod browser;
mod captures;
mod clock;
mod corp;
mod database;
mod encryption;
mod federation;
mod identity_provider;
mod keys;
mod metadata_host;
mod peer;
mod postgres;
mod process;
mod random;
mod server;
mod shared;
mod token;

pub use admin::Admin;
pub use browser::{Browser, Form, Page};
pub use captures::Capture;
pub use clock::SetClock;
pub use corp::{Begun, Corp, cookie};
pub use database::Database;
pub use encryption::Encryption;
pub use federation::{Federation, entity_id, is_idp};
pub use identity_provider::{IdentityProvider, IdpMetadata, Person, request_id};
pub use keys::TestKey;
pub use metadata_host::{HostAnswer, MetadataHost};
pub use peer::Peer;
pub use postgres::PostgresCluster;
pub use process::{MASTER_KEY, ServerProcess, free_port, program};
pub use random::SeededRandom;
pub use server::{BEGINNING, Engine, OPERATOR_TOKEN, TestServer, browser};
pub use shared::shared;
pub use token::{token_response, verify_token};
