//! The master key, under which every secret column is sealed (SPEC 7, 14).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sso_core::random::Random;
use zeroize::{Zeroize, Zeroizing};

/// The key under which secrets are sealed: 32 bytes. It is wiped when dropped and never shown.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

/// A file that holds no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes, raw, in hex or in base64")]
pub struct InvalidMasterKey;

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
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", MasterKey(*RAW)), "MasterKey(…)");
    }
}
