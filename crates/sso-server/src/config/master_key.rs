//! The master key, under which private keys are sealed at rest (SPEC 7, 14).

use super::{Config, Database, StartError, private_file};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sso_core::random::{self, Random};

/// 32 bytes that seal secrets in the database. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// The key's bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads the key file that the settings name. Where they name none, it is `master.key` in the
    /// data folder, which must exist, and is made at the first start.
    ///
    /// # Errors
    /// The named file is missing or holds no key; or the data folder has a database and no key
    /// file, since a new key could not open what the lost one sealed.
    pub fn load(config: &Config, random: &dyn Random) -> Result<Self, StartError> {
        if let Some(file) = &config.master_key_file {
            let content = private_file::read(file)?.ok_or_else(|| {
                StartError::path(file, "the master key file (SSO_MASTER_KEY_FILE) does not exist")
            })?;
            return Self::parse(&content)
                .ok_or_else(|| StartError::path(file, format!("the master key file {NO_KEY}")));
        }
        let file = config.data_dir.join("master.key");
        let content = match private_file::read(&file)? {
            Some(content) => content,
            None => {
                if let Database::Sqlite(database) = &config.database
                    && database.exists()
                {
                    return Err(StartError::path(
                        &file,
                        format!(
                            "the master key file is missing, but the database {} exists and was \
                             sealed with it; restore the file",
                            database.display()
                        ),
                    ));
                }
                let text = STANDARD.encode(random::bytes::<32>(random)) + "\n";
                private_file::create(&file, text.as_bytes())?;
                private_file::read(&file)?.unwrap_or_default()
            }
        };
        Self::parse(&content)
            .ok_or_else(|| StartError::path(&file, format!("the master key file {NO_KEY}")))
    }

    /// 32 bytes raw, or as text in hex or in one of the alphabets of base64.
    fn parse(content: &[u8]) -> Option<Self> {
        if let Ok(key) = <[u8; 32]>::try_from(content) {
            return Some(Self(key));
        }
        let text = std::str::from_utf8(content).ok()?.trim();
        let decoded = match text.len() {
            64 => (0..64)
                .step_by(2)
                .map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok())
                .collect::<Option<Vec<u8>>>()?,
            _ => [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
                .iter()
                .find_map(|alphabet| alphabet.decode(text).ok())?,
        };
        decoded.try_into().ok().map(Self)
    }
}

const NO_KEY: &str = "does not hold exactly 32 bytes, raw, in hex or in base64";

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_hex_and_base64_are_the_same_key() {
        let key: [u8; 32] = std::array::from_fn(|i| 200 + i as u8);
        let hex: String = key.iter().map(|b| format!("{b:02X}")).collect();
        for content in [
            key.to_vec(),
            format!("{hex}\n").into_bytes(),
            hex.to_lowercase().into_bytes(),
            STANDARD.encode(key).into_bytes(),
            format!(" {}\r\n", URL_SAFE_NO_PAD.encode(key)).into_bytes(),
        ] {
            assert_eq!(MasterKey::parse(&content), Some(MasterKey(key)));
        }
    }

    #[test]
    fn another_length_is_no_key() {
        for content in [&b""[..], &[7; 31], &[7; 33], b"00", &[b'a'; 63], "é".repeat(32).as_bytes()]
        {
            assert_eq!(MasterKey::parse(content), None);
        }
    }
}
