//! The master keys of a database (SPEC 14): under which of them its secrets are sealed, and their rotation
//! while services run.
//!
//! A version of the table `master_keys` is a key under which secrets are sealed; the highest one seals. Each
//! version has a known text, sealed, by which the key of it is found among those of the key file. A service
//! that meets a version which it does not know reads the file again: it needs no restart.

use crate::engine::{Engine, Failure, Sql, Transaction, sql};
use crate::seal::{Place, Sealed, Sealer};
use crate::sealed_tables::{SEALED, SealedTable};
use crate::{AnyStore, MasterKey, MasterKeys};
use sso_core::store::StoreError;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use zeroize::Zeroizing;

const KNOWN_TEXT: &[u8] = b"sealed under this master key";

/// The keys that were found for the versions of a database.
pub(crate) struct KeyRing {
    keys: MasterKeys,
    known: RwLock<BTreeMap<i64, Sealer>>,
}

impl KeyRing {
    pub(crate) fn new(keys: MasterKeys) -> Self {
        Self { keys, known: RwLock::default() }
    }

    fn known(&self, version: i64) -> Option<Sealer> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&version).cloned()
    }

    /// Finds the key of each version; answers the highest one whose key is not there.
    pub(crate) fn learn(&self, versions: &[Sealed]) -> Option<i64> {
        let keys = self.keys.current();
        let sealer_of = |check: &Sealed| {
            let key = keys.iter().find(|key| opens(key, check))?;
            Some(Sealer::new(key.clone(), check.key_version))
        };
        let mut missing = None;
        let mut found = BTreeMap::new();
        for check in versions {
            match sealer_of(check) {
                Some(sealer) => drop(found.insert(check.key_version, sealer)),
                None => missing = Some(check.key_version),
            }
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = found;
        missing
    }
}

fn check_place(row: &str) -> Place<'_> {
    Place { table: "master_keys", column: "key_check", row }
}

/// The versions of the database, the oldest first. One that has none gets its first, of the first key.
pub(crate) async fn versions(engine: &Engine, keys: &MasterKeys) -> Result<Vec<Sealed>, Failure> {
    let first = keys.current().into_iter().next();
    let first = first.ok_or_else(|| Failure::Engine("there is no master key".to_owned()))?;
    let first = check(&Sealer::new(first, Sealer::FIRST_VERSION))?;
    engine.write(first, |tx, first| Box::pin(first_check(tx, first))).await
}

fn check(sealer: &Sealer) -> Result<Sealed, Failure> {
    sealer.seal(&check_place(&sealer.version().to_string()), KNOWN_TEXT)
}

async fn first_check(tx: &mut dyn Transaction, first: &Sealed) -> Result<Vec<Sealed>, Failure> {
    let known = read_checks(tx).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    add_check(tx, first).await?;
    read_checks(tx).await
}

async fn add_check(tx: &mut dyn Transaction, check: &Sealed) -> Result<(), Failure> {
    const INSERT: &Sql =
        sql!("INSERT INTO master_keys (version, key_check) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    tx.execute(INSERT, &[check.key_version.into(), (&check.bytes).into()]).await.map(drop)
}

async fn read_checks(tx: &mut dyn Transaction) -> Result<Vec<Sealed>, Failure> {
    const READ: &Sql = sql!("SELECT version, key_check FROM master_keys ORDER BY version");
    let mut rows = tx.query(READ, &[]).await?;
    rows.iter_mut()
        .map(|row| Ok(Sealed { key_version: row.integer()?, bytes: row.bytes()? }))
        .collect()
}

/// What a rotation of the master key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resealed {
    /// How many secrets were sealed anew.
    pub secrets: u64,
    /// How many versions of the master key nothing is sealed under any more, and were taken off.
    pub ended: u64,
}

/// A version of the master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MasterKeyUse {
    /// Its number; the highest one seals.
    pub version: i64,
    /// Where its key stands in the key file, from 0.
    pub place: Option<usize>,
    /// How many secrets are sealed under it.
    pub secrets: u64,
}

impl AnyStore {
    /// Seals under the highest version of the database, whoever made it.
    pub(crate) async fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Sealed, Failure> {
        let version = self.engine.read((), |tx, ()| Box::pin(highest(tx))).await?;
        self.sealer(version).await?.seal(place, secret)
    }

    /// Opens what is sealed under whichever version.
    pub(crate) async fn open_sealed(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.sealer(sealed.key_version).await?.open(place, sealed)
    }

    /// The key of a version, out of the key file anew where it is not known.
    async fn sealer(&self, version: i64) -> Result<Sealer, Failure> {
        if let Some(known) = self.ring.known(version) {
            return Ok(known);
        }
        let versions = self.engine.read((), |tx, ()| Box::pin(read_checks(tx))).await?;
        self.ring.learn(&versions);
        self.ring
            .known(version)
            .ok_or_else(|| Failure::Engine(format!("the key file has no key of version {version}")))
    }

    /// Seals every secret under the first key of the key file, a few at a time, while services go on. It can
    /// be ended at any moment and called again. Every service of the database must have that key in its file
    /// before.
    ///
    /// # Errors
    /// The database failed, or the file lacks a key that a secret is sealed under.
    pub async fn reseal(&self) -> Result<Resealed, StoreError> {
        let version = self.make_first_key_seal().await?;
        let mut secrets = 0;
        loop {
            for table in &SEALED {
                secrets += self.reseal_table(table, version).await?;
            }
            // A service that read the highest version before may still seal under another.
            match self.engine.write(version, |tx, version| Box::pin(end_others(tx, *version))).await
            {
                Ok(ended) => return Ok(Resealed { secrets, ended }),
                Err(Failure::ForeignKey) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// The versions of the master key, what is sealed under each, and where its key stands in the file.
    ///
    /// # Errors
    /// The database failed.
    pub async fn master_keys(&self) -> Result<Vec<MasterKeyUse>, StoreError> {
        let counted = self.engine.read((), |tx, ()| Box::pin(count(tx))).await?;
        let keys = self.ring.keys.current();
        Ok(counted
            .into_iter()
            .map(|(check, secrets)| {
                let place = keys.iter().position(|key| opens(key, &check));
                MasterKeyUse { version: check.key_version, place, secrets }
            })
            .collect())
    }

    /// How many keys the key file has.
    pub fn keys_in_file(&self) -> usize {
        self.ring.keys.current().len()
    }

    /// The version under which the first key of the file seals: the highest one, made where it is another's.
    async fn make_first_key_seal(&self) -> Result<i64, Failure> {
        loop {
            let versions = self.engine.read((), |tx, ()| Box::pin(read_checks(tx))).await?;
            if let Some(missing) = self.ring.learn(&versions) {
                let reason = format!("the key file has no key of version {missing}");
                return Err(Failure::Engine(reason));
            }
            let first = self.ring.keys.current().into_iter().next();
            let first =
                first.ok_or_else(|| Failure::Engine("there is no master key".to_owned()))?;
            let Some(highest) = versions.last() else {
                return Err(Failure::unreadable("no version of the master key"));
            };
            if opens(&first, highest) {
                return Ok(highest.key_version);
            }
            // Another command may add it at the same time: then this finds it the next time round.
            let next = check(&Sealer::new(first, highest.key_version + 1))?;
            self.engine.write(next, |tx, next| Box::pin(add_check(tx, next))).await?;
        }
    }

    async fn reseal_table(
        &self,
        table: &'static SealedTable,
        version: i64,
    ) -> Result<u64, Failure> {
        let mut done = 0;
        loop {
            let input = (table, version);
            let old = self
                .engine
                .read(input, |tx, (table, version)| Box::pin(table.old_secrets(tx, *version)))
                .await?;
            if old.is_empty() {
                return Ok(done);
            }
            let mut anew = Vec::new();
            for old in old {
                let place = table.place(&old);
                let secret = self.open_sealed(&place, &old.sealed).await?;
                let new = self.sealer(version).await?.seal(&place, &secret)?;
                anew.push((old.id, old.sealed.key_version, new));
            }
            done += anew.len() as u64;
            let input = (table, anew);
            self.engine
                .write(input, |tx, (table, anew)| Box::pin(table.write_anew(tx, anew)))
                .await?;
        }
    }
}

/// Whether it is the key of a version.
fn opens(key: &MasterKey, check: &Sealed) -> bool {
    let row = check.key_version.to_string();
    let sealer = Sealer::new(key.clone(), check.key_version);
    sealer.open(&check_place(&row), check).is_ok_and(|text| *text == KNOWN_TEXT)
}

async fn highest(tx: &mut dyn Transaction) -> Result<i64, Failure> {
    const READ: &Sql = sql!("SELECT version FROM master_keys ORDER BY version DESC LIMIT 1");
    let rows = tx.query(READ, &[]).await?;
    let row = rows.into_iter().next();
    row.ok_or_else(|| Failure::unreadable("no version of the master key"))?.integer()
}

/// The tables refer to the versions, so that none goes under which something is sealed.
async fn end_others(tx: &mut dyn Transaction, version: i64) -> Result<u64, Failure> {
    const END: &Sql = sql!("DELETE FROM master_keys WHERE version < $1");
    tx.execute(END, &[version.into()]).await
}

async fn count(tx: &mut dyn Transaction) -> Result<Vec<(Sealed, u64)>, Failure> {
    let mut counted = Vec::new();
    for check in read_checks(tx).await? {
        let mut secrets = 0;
        for table in &SEALED {
            secrets += table.count(tx, check.key_version).await?;
        }
        counted.push((check, secrets));
    }
    Ok(counted)
}
