//! Where the master key is kept (SPEC 14). Private keys are sealed under it at rest. The file has several keys,
//! a line each, while it is rotated: the first is the one to seal under.

use super::{Config, Database, StartError, private_file};
use sso_core::random::Random;
use sso_store::{MasterKey, MasterKeys};
use std::path::{Path, PathBuf};

impl Config {
    /// Reads the master key from the file that the settings name. Where they name none, the file is
    /// `master.key` in the data folder, which must exist, and is made at the first start.
    ///
    /// # Errors
    /// The named file is missing or holds no key; or the data folder has a database and no key
    /// file, since a new key could not open what the lost one sealed.
    pub fn master_key(&self, random: &dyn Random) -> Result<MasterKeys, StartError> {
        match &self.master_key_file {
            Some(file) => match private_file::read(file)? {
                Some(content) => keys(file, &content),
                None => Err(StartError::path(
                    file,
                    "the master key file (SSO_MASTER_KEY_FILE) does not exist",
                )),
            },
            None => self.make_master_key(random),
        }
    }

    /// The file of the master key, whether it is there or not.
    pub fn key_file(&self) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| self.data_dir.join("master.key"))
    }

    /// Reads the master key, or makes it where there is none, in a file that is named, too. A service
    /// does so in its data folder alone: elsewhere a missing file is a mistake most likely.
    ///
    /// # Errors
    /// As [`Config::master_key`], but for a named file that is missing.
    pub fn make_master_key(&self, random: &dyn Random) -> Result<MasterKeys, StartError> {
        let file = self.key_file();
        if let Some(content) = private_file::read(&file)? {
            return keys(&file, &content);
        }
        if let Database::Sqlite(database) = &self.database
            && database.exists()
        {
            return Err(StartError::path(
                &file,
                format!(
                    "the master key file is missing, but the database {} exists and was sealed \
                     with it; restore the file",
                    database.display()
                ),
            ));
        }
        private_file::create(&file, MasterKey::generate(random).to_file().as_bytes())?;
        keys(&file, &private_file::read(&file)?.unwrap_or_default())
    }

    /// Puts a new key in front of those of the key file, whole or not at all. Nothing is sealed under it yet.
    ///
    /// # Errors
    /// The file is not there, holds no key, or cannot be written.
    pub(crate) fn add_master_key(&self, random: &dyn Random) -> Result<(), StartError> {
        let mut kept = self.kept_keys()?;
        kept.insert(0, MasterKey::generate(random));
        self.write_keys(&kept)
    }

    /// Leaves in the key file, in their order, only the keys that stand at these places.
    ///
    /// # Errors
    /// As [`Config::add_master_key`].
    pub(crate) fn keep_master_keys(&self, places: &[usize]) -> Result<(), StartError> {
        let kept = self.kept_keys()?.into_iter().enumerate();
        let kept: Vec<_> =
            kept.filter(|(place, _)| places.contains(place)).map(|(_, key)| key).collect();
        self.write_keys(&kept)
    }

    fn kept_keys(&self) -> Result<Vec<MasterKey>, StartError> {
        let file = self.key_file();
        let content = private_file::read(&file)?
            .ok_or_else(|| StartError::path(&file, "the master key file does not exist"))?;
        MasterKey::read_several(&content).map_err(|e| StartError::path(&file, e.to_string()))
    }

    fn write_keys(&self, keys: &[MasterKey]) -> Result<(), StartError> {
        let content: String = keys.iter().map(MasterKey::to_file).collect();
        private_file::replace(&self.key_file(), content.as_bytes())
    }
}

/// The keys of a file, which is read again where one is missing.
fn keys(file: &Path, content: &[u8]) -> Result<MasterKeys, StartError> {
    MasterKey::read_several(content).map_err(|e| StartError::path(file, e.to_string()))?;
    let file = file.to_owned();
    Ok(MasterKeys::read_by(move || {
        let content = std::fs::read(&file).unwrap_or_default();
        MasterKey::read_several(&content).unwrap_or_default()
    }))
}
