//! Sealed columns: AES-256-GCM under the master key, bound to the place where the value stands, so
//! that a sealed value that is moved to another row or column does not open (DESIGN 5).

use crate::MasterKey;
use crate::engine::Failure;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

const NONCE: usize = 12;
const TAG: usize = 16;

/// Where a sealed value stands.
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    /// What tells the row from every other.
    pub(crate) row: &'a str,
}

/// A sealed value, and the version of the master key that opens it.
pub(crate) struct Sealed {
    pub(crate) key_version: i64,
    /// Nonce, ciphertext, tag.
    pub(crate) bytes: Vec<u8>,
}

/// Seals and opens under one version of the master key.
#[derive(Clone)]
pub(crate) struct Sealer {
    key: MasterKey,
    version: i64,
}

impl Sealer {
    /// The version of a database whose master key was never rotated.
    pub(crate) const FIRST_VERSION: i64 = 1;

    pub(crate) fn new(key: MasterKey, version: i64) -> Self {
        Self { key, version }
    }

    /// Which version it is.
    pub(crate) fn version(&self) -> i64 {
        self.version
    }

    pub(crate) fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Sealed, Failure> {
        let nonce = nonce()?;
        let mut tag = [0; TAG];
        let aad = place.bound_to(self.version);
        let key = self.key.bytes();
        let cipher = Cipher::aes_256_gcm();
        let ciphertext = encrypt_aead(cipher, key, Some(&nonce), &aad, secret, &mut tag)
            .map_err(|error| Failure::Engine(format!("sealing failed: {error}")))?;
        let bytes = [nonce.as_slice(), &ciphertext, &tag].concat();
        Ok(Sealed { key_version: self.version, bytes })
    }

    /// Opens a sealed value. It fails for another key, another place and a changed byte alike.
    pub(crate) fn open(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let cannot = || {
            let Place { table, column, row } = place;
            Failure::Engine(format!("the sealed {column} of {table} {row} does not open"))
        };
        if sealed.key_version != self.version {
            return Err(cannot());
        }
        let (nonce, rest) = sealed.bytes.split_at_checked(NONCE).ok_or_else(cannot)?;
        let length = rest.len().checked_sub(TAG).ok_or_else(cannot)?;
        let (ciphertext, tag) = rest.split_at(length);
        let aad = place.bound_to(sealed.key_version);
        let key = self.key.bytes();
        decrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), &aad, ciphertext, tag)
            .map(Zeroizing::new)
            .map_err(|_| cannot())
    }
}

impl Place<'_> {
    /// The additional data: its parts cannot hold a NUL, so no two places give the same.
    fn bound_to(&self, key_version: i64) -> Vec<u8> {
        [self.table, self.column, self.row, &key_version.to_string()].join("\0").into_bytes()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a seeded source would repeat nonces under the same master key, which breaks AES-GCM"
)]
fn nonce() -> Result<[u8; NONCE], Failure> {
    let mut nonce = [0; NONCE];
    openssl::rand::rand_bytes(&mut nonce)
        .map_err(|error| Failure::Engine(format!("no randomness: {error}")))?;
    Ok(nonce)
}

#[cfg(test)]
mod tests {
    use super::{Place, Sealed, Sealer};
    use crate::MasterKey;

    fn sealer(file: &[u8; 32]) -> Sealer {
        Sealer::new(MasterKey::read(file).expect("32 bytes"), 1)
    }

    const PLACE: Place<'_> = Place { table: "t", column: "c", row: "r" };

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let ours = sealer(&[1; 32]);
        let sealed = ours.seal(&PLACE, b"secret").expect("sealed");
        assert_eq!(ours.open(&PLACE, &sealed).expect("opened").as_slice(), b"secret");

        for place in [
            Place { table: "u", ..PLACE },
            Place { column: "d", ..PLACE },
            Place { row: "s", ..PLACE },
        ] {
            assert!(ours.open(&place, &sealed).is_err());
        }
        assert!(sealer(&[2; 32]).open(&PLACE, &sealed).is_err());
        let later = Sealer::new(MasterKey::read(&[1; 32]).expect("32 bytes"), 2);
        assert!(later.open(&PLACE, &sealed).is_err());
        for i in 0..sealed.bytes.len() {
            let mut bytes = sealed.bytes.clone();
            bytes[i] ^= 1;
            assert!(ours.open(&PLACE, &Sealed { key_version: 1, bytes }).is_err());
            let cut = sealed.bytes[..i].to_vec();
            assert!(ours.open(&PLACE, &Sealed { key_version: 1, bytes: cut }).is_err());
        }
    }

    #[test]
    fn two_seals_of_one_secret_differ() {
        let ours = sealer(&[1; 32]);
        let seal = || ours.seal(&PLACE, b"secret").expect("sealed").bytes;
        assert_ne!(seal(), seal());
    }
}
