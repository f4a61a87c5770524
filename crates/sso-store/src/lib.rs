//! SQLite and PostgreSQL behind the store port of `sso-core` (DESIGN 5).
//!
//! Each use case of the port is written once, in the file of its area, over statements that both
//! engines understand; `engine` runs it in one transaction. Secrets are sealed under a [`MasterKey`],
//! tokens are stored as hashes, instants as microseconds since 1970 in UTC.

mod account_list;
mod accounts;
mod api_tokens;
mod applications;
mod attribute_schemas;
mod audit;
mod certificate_plans;
mod certificate_requests;
mod configuration;
mod directory_view;
mod drafts;
mod engine;
mod expiry;
mod groups;
mod idp_certificates;
mod key_ring;
mod leases;
mod logout;
mod master_key;
mod messages;
mod metadata;
mod migrations;
mod notices;
mod open;
mod own_values;
mod pending_logins;
mod purge;
mod removal_brakes;
mod rows;
mod scim_requests;
mod seal;
mod sealed_tables;
mod service_certificates;
mod sessions;
mod sign_in;
mod token_keys;
mod trails;

pub use key_ring::{MasterKeyUse, Resealed};
pub use master_key::{InvalidMasterKey, MasterKey, MasterKeys};
pub use open::{OpenError, open, open_existing};

use engine::Engine;
use key_ring::KeyRing;
use std::sync::Arc;

/// A store on either engine, made by [`open`].
pub struct AnyStore {
    engine: Engine,
    ring: Arc<KeyRing>,
}

impl AnyStore {
    fn new(engine: Engine, ring: KeyRing) -> Self {
        Self { engine, ring: Arc::new(ring) }
    }

    /// The same store for a dry run (SPEC 11.1): it reads what there is, holds each write to everything that
    /// holds for it and answers as ever, and undoes it at the end of its transaction.
    pub fn trial(&self) -> Self {
        Self { engine: self.engine.trial(), ring: Arc::clone(&self.ring) }
    }
}

impl std::fmt::Debug for AnyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AnyStore").field(&self.engine.name()).finish()
    }
}
