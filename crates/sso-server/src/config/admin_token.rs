//! The operator's token for the Admin API (SPEC 6).

use super::{StartError, private_file};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use sso_core::random::{self, Random};
use std::path::{Path, PathBuf};

/// The operator's token. Only its hash is kept.
#[derive(Clone)]
pub struct AdminToken {
    hash: [u8; 32],
    length: usize,
}

impl AdminToken {
    /// The fewest characters that cannot be guessed; a shorter one is used, with a warning.
    pub const GUESSABLE_BELOW: usize = 20;

    /// A token that the operator set.
    ///
    /// # Errors
    /// It has characters that an `Authorization` header cannot carry (RFC 6750 2.1).
    pub fn given(token: &str) -> Result<Self, StartError> {
        if token.bytes().any(|b| !b.is_ascii_graphic()) {
            return Err(StartError::setting(
                "admin_token",
                "it may have only printable ASCII characters and no spaces",
            ));
        }
        Ok(Self { hash: sha256(token.as_bytes()), length: token.len() })
    }

    /// Reads `admin-token` in the data folder, which must exist; makes it at the first start.
    ///
    /// # Errors
    /// The file cannot be read or made, or is empty.
    pub fn load(data_dir: &Path, random: &dyn Random) -> Result<Self, StartError> {
        let file = Self::file(data_dir);
        let content = match private_file::read(&file)? {
            Some(content) => content,
            None => {
                let token = URL_SAFE_NO_PAD.encode(random::bytes::<32>(random));
                private_file::create(&file, format!("{token}\n").as_bytes())?;
                private_file::read(&file)?.unwrap_or_default()
            }
        };
        let token = std::str::from_utf8(&content).unwrap_or_default().trim();
        if token.is_empty() {
            return Err(StartError::path(&file, "the file with the operator's token is empty"));
        }
        Self::given(token).map_err(|_| StartError::path(&file, "the file does not hold a token"))
    }

    /// The file in the data folder that a token is kept in which the operator did not set.
    pub(crate) fn file(data_dir: &Path) -> PathBuf {
        data_dir.join("admin-token")
    }

    /// Whether a token is the operator's, in constant time.
    pub fn matches(&self, token: &str) -> bool {
        openssl::memcmp::eq(&self.hash, &sha256(token.as_bytes()))
    }

    /// Whether it is so short that it could be guessed.
    pub fn is_guessable(&self) -> bool {
        self.length < Self::GUESSABLE_BELOW
    }
}

impl std::fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminToken(…)")
    }
}
