//! HTTP Artifact: a reference to a message, in a query or a form field, by which the message is asked for
//! from server to server (SAML Bindings 3.6). Refused: every type of artifact but 0x0004, which is the only
//! one of SAML 2.0.
//!
//! An artifact is signed by nobody. It says whose it is and which of that one's services has the message:
//! both only choose among what the connection is configured with (ATTACKS ART-01).

use crate::encoding::decode_base64;
use crate::error::{Code, Rejection};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha1;

/// The type code, the index of the service, the SourceID and the handle (SAML Bindings 3.6.4.2).
const LENGTH: usize = 2 + 2 + 20 + 20;
/// The most bytes of a field that carries one: what it has in base64, broken into lines however short.
const MAX_FIELD: usize = LENGTH * 4;

/// An artifact of type 0x0004.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Artifact {
    bytes: [u8; LENGTH],
}

impl Artifact {
    /// Reads an artifact from its field `SAMLart`.
    ///
    /// # Errors
    /// `missing_message` for an empty field; `artifact_invalid`.
    pub fn parse(field: &str) -> Result<Self, Rejection> {
        if field.trim().is_empty() {
            return Err(Rejection::new(Code::MissingMessage, "an artifact", "an empty field"));
        }
        if field.len() > MAX_FIELD {
            return Err(invalid(format!("a field of {} bytes", field.len())));
        }
        let bytes = decode_base64(field).ok_or_else(|| invalid("another text".to_owned()))?;
        let bytes: [u8; LENGTH] =
            bytes.try_into().map_err(|bytes: Vec<u8>| invalid(format!("{} bytes", bytes.len())))?;
        match bytes {
            [0, 4, ..] => Ok(Self { bytes }),
            [high, low, ..] => Err(invalid(format!("the type 0x{high:02x}{low:02x}"))),
        }
    }

    /// Whether it was issued by the entity of this name: the SourceID is the SHA-1 of it. That is a name
    /// and no proof, so that the age of SHA-1 does not matter.
    pub fn is_of(&self, entity_id: &str) -> bool {
        self.bytes.get(4..24) == Some(sha1(entity_id.as_bytes()).as_slice())
    }

    /// The index of the service that has the message.
    pub fn endpoint_index(&self) -> u16 {
        let [_, _, high, low, ..] = self.bytes;
        u16::from_be_bytes([high, low])
    }
}

impl std::fmt::Display for Artifact {
    /// The artifact in base64, as it is sent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD.encode(self.bytes))
    }
}

fn invalid(found: String) -> Rejection {
    Rejection::new(Code::ArtifactInvalid, "an artifact of type 0x0004: 44 bytes in base64", found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    #[test]
    fn an_artifact_names_its_issuer_and_a_service() {
        let mut bytes = vec![0, 4, 1, 2];
        bytes.extend(sha1(b"https://idp.example"));
        bytes.extend([7; 20]);
        let artifact = Artifact::parse(&field(&bytes)).unwrap();
        assert_eq!(artifact.endpoint_index(), 0x0102);
        assert!(artifact.is_of("https://idp.example"));
        assert!(!artifact.is_of("https://idp.example/") && !artifact.is_of(""));
        assert_eq!(artifact.to_string(), field(&bytes));
        let broken = field(&bytes).chars().map(|c| format!("{c}\n")).collect::<String>();
        assert_eq!(Artifact::parse(&broken).unwrap(), artifact);
    }

    #[test]
    fn whatever_else_comes_is_none() {
        let good = [[0, 4].as_slice(), &[0; 42]].concat();
        assert!(Artifact::parse(&field(&good)).is_ok());
        for bytes in [
            &good[..43],
            &[good.as_slice(), &[0]].concat(),
            &[[0, 1].as_slice(), &[0; 42]].concat(),
            &[[4, 0].as_slice(), &[0; 42]].concat(),
        ] {
            let refused = Artifact::parse(&field(bytes)).unwrap_err();
            assert_eq!(refused.code, Code::ArtifactInvalid, "{refused}");
        }
        for text in ["<x/>", &"A".repeat(MAX_FIELD + 1), &field(&good).replace('A', "-")] {
            assert_eq!(Artifact::parse(text).unwrap_err().code, Code::ArtifactInvalid, "{text}");
        }
        assert_eq!(Artifact::parse(" ").unwrap_err().code, Code::MissingMessage);
    }
}
