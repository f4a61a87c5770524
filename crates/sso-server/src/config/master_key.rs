//! Where the master key is kept (SPEC 14). Private keys are sealed under it at rest.

use super::{Config, Database, StartError, private_file};
use sso_core::random::Random;
use sso_store::MasterKey;
use std::path::{Path, PathBuf};

impl Config {
    /// Reads the master key from the file that the settings name. Where they name none, the file is
    /// `master.key` in the data folder, which must exist, and is made at the first start.
    ///
    /// # Errors
    /// The named file is missing or holds no key; or the data folder has a database and no key
    /// file, since a new key could not open what the lost one sealed.
    pub fn master_key(&self, random: &dyn Random) -> Result<MasterKey, StartError> {
        match &self.master_key_file {
            Some(file) => match private_file::read(file)? {
                Some(content) => key(file, &content),
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
    pub fn make_master_key(&self, random: &dyn Random) -> Result<MasterKey, StartError> {
        let file = self.key_file();
        if let Some(content) = private_file::read(&file)? {
            return key(&file, &content);
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
        key(&file, &private_file::read(&file)?.unwrap_or_default())
    }
}

fn key(file: &Path, content: &[u8]) -> Result<MasterKey, StartError> {
    MasterKey::read(content).map_err(|e| StartError::path(file, e.to_string()))
}
