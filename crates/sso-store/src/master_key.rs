//! The master key, under which every secret column is sealed (SPEC 7, 14).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sso_core::random::Random;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// The key under which secrets are sealed: 32 bytes. It is wiped when dropped and never shown.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

/// A file that holds no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes, raw, in hex or in base64")]
pub struct InvalidMasterKey;

/// The keys of a key file. The first is the one that secrets are to be sealed under, the others open what
/// was sealed before.
#[derive(Clone)]
pub struct MasterKeys {
    read: Arc<dyn Fn() -> Vec<MasterKey> + Send + Sync>,
}

impl MasterKeys {
    /// Keys that are read again where one is missing: a rotation needs no restart. `read` gives none where
    /// the file cannot be read just now.
    pub fn read_by(read: impl Fn() -> Vec<MasterKey> + Send + Sync + 'static) -> Self {
        Self { read: Arc::new(read) }
    }

    pub(crate) fn current(&self) -> Vec<MasterKey> {
        (self.read)()
    }
}

impl From<&MasterKey> for MasterKeys {
    fn from(key: &MasterKey) -> Self {
        let key = key.clone();
        Self::read_by(move || vec![key.clone()])
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKeys(…)")
    }
}

impl MasterKey {
    /// Makes a new key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut key = [0; 32];
        random.fill(&mut key);
        Self(key)
    }

    /// Reads the content of a key file: 32 bytes raw, or in hex or base64 with white space around.
    pub fn read(file: &[u8]) -> Result<Self, InvalidMasterKey> {
        if let Ok(raw) = <[u8; 32]>::try_from(file) {
            return Ok(Self(raw));
        }
        let text = std::str::from_utf8(file).map_err(|_| InvalidMasterKey)?.trim();
        let decoded = Zeroizing::new(match text.len() {
            64 => hex(text).ok_or(InvalidMasterKey)?,
            _ => BASE64_STANDARD.decode(text).map_err(|_| InvalidMasterKey)?,
        });
        <[u8; 32]>::try_from(decoded.as_slice()).map(Self).map_err(|_| InvalidMasterKey)
    }

    /// Reads the content of a key file that can have several keys, each on a line of its own, in hex or base64:
    /// the first is the one to seal under.
    ///
    /// # Errors
    /// A line that is no key, or no key at all.
    pub fn read_several(file: &[u8]) -> Result<Vec<Self>, InvalidMasterKey> {
        if let Ok(one) = Self::read(file) {
            return Ok(vec![one]);
        }
        let text = std::str::from_utf8(file).map_err(|_| InvalidMasterKey)?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let keys: Vec<Self> =
            lines.map(|line| Self::read(line.as_bytes())).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(InvalidMasterKey) } else { Ok(keys) }
    }

    /// The content of a key file, in base64 with a line end.
    pub fn to_file(&self) -> String {
        BASE64_STANDARD.encode(self.0) + "\n"
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    Some(
        digits?
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    )
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidMasterKey, MasterKey};

    const RAW: &[u8; 32] = b"0123456789abcdef0123456789ABCDEF";

    #[test]
    fn a_key_is_read_raw_in_hex_and_in_base64() {
        let hex: String = RAW.iter().map(|byte| format!("{byte:02X}")).collect();
        let base64 = MasterKey(*RAW).to_file();
        for file in [
            RAW.as_slice(),
            hex.as_bytes(),
            base64.as_bytes(),
            b" \nMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY= \n",
        ] {
            assert_eq!(MasterKey::read(file).map(|key| *key.bytes()), Ok(*RAW));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = [b'a'; 66];
        for file in [b"".as_slice(), &RAW[1..], b"zz", &long, &[b'g'; 64], &[0xff; 40]] {
            assert_eq!(MasterKey::read(file).err(), Some(InvalidMasterKey));
        }
    }

    #[test]
    fn a_file_has_several_keys_a_line_each() {
        let other = MasterKey([7; 32]).to_file();
        let both = format!("{}\n{other}", MasterKey(*RAW).to_file());
        let read = MasterKey::read_several(both.as_bytes()).expect("two keys");
        assert_eq!(read.iter().map(|key| *key.bytes()).collect::<Vec<_>>(), [*RAW, [7; 32]]);
        assert_eq!(MasterKey::read_several(RAW).expect("one").len(), 1);
        for file in ["", "\n", "x", &format!("{other}x\n")] {
            assert_eq!(MasterKey::read_several(file.as_bytes()).err(), Some(InvalidMasterKey));
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", MasterKey(*RAW)), "MasterKey(…)");
    }
}
