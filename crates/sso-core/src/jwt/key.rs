//! The key that tokens are signed with.

use super::Jwk;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use serde::Serialize;

/// The bytes of a coordinate and of each half of a signature (RFC 7518 3.4).
const COORDINATE: i32 = 32;

/// Why a token or its key cannot be made. The text is for the log.
#[derive(Debug, thiserror::Error)]
pub enum JwtError {
    /// The private key is not one on P-256.
    #[error("the signing key of tokens is not on P-256")]
    NotP256,
    /// openssl failed.
    #[error("a token cannot be signed: {0}")]
    Engine(#[from] ErrorStack),
    /// The claims are no JSON.
    #[error("the claims of a token cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
}

/// Makes a private key on P-256, as PKCS#8 DER. Its randomness is openssl's.
///
/// # Errors
/// openssl's.
pub fn generate_private_key() -> Result<Vec<u8>, JwtError> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    Ok(PKey::from_ec_key(EcKey::generate(&group)?)?.private_key_to_pkcs8()?)
}

/// A key that signs tokens, and the public half as it is published.
pub struct JwtKey {
    private: EcKey<Private>,
    public: Jwk,
}

impl JwtKey {
    /// The key of a private key in PKCS#8 DER.
    ///
    /// # Errors
    /// The bytes are no key on P-256.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, JwtError> {
        let private = PKey::private_key_from_pkcs8(der)
            .and_then(|key| key.ec_key())
            .map_err(|_| JwtError::NotP256)?;
        let group = private.group();
        if group.curve_name() != Some(Nid::X9_62_PRIME256V1) {
            return Err(JwtError::NotP256);
        }
        let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
        let mut context = BigNumContext::new()?;
        private.public_key().affine_coordinates(group, &mut x, &mut y, &mut context)?;
        let public = Jwk::p256(&x.to_vec_padded(COORDINATE)?, &y.to_vec_padded(COORDINATE)?);
        Ok(Self { private, public })
    }

    /// The public half.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Makes a token of these claims (JWS compact serialization, RFC 7515 3.1).
    ///
    /// # Errors
    /// The claims are no JSON, or openssl failed.
    pub fn sign<C: Serialize>(&self, claims: &C) -> Result<String, JwtError> {
        let header = Header { alg: "ES256", typ: "JWT", kid: self.public.kid() };
        let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        // The two halves one after the other, not in DER (RFC 7518 3.4).
        let signature = EcdsaSig::sign(&sha256(token.as_bytes()), &self.private)?;
        let mut halves = signature.r().to_vec_padded(COORDINATE)?;
        halves.extend(signature.s().to_vec_padded(COORDINATE)?);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(halves, &mut token);
        Ok(token)
    }
}

impl std::fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JwtKey").field("public", &self.public).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn decode(part: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(part).expect("base64url without padding")
    }

    #[test]
    fn a_token_verifies_by_the_key_that_is_published() {
        let key = JwtKey::from_pkcs8_der(&generate_private_key().expect("made")).expect("a key");
        let claims = json!({"sub": "a", "name": "Ümit"});
        let public = serde_json::to_value(key.public()).expect("JSON");
        let number = |name: &str| {
            let bytes = decode(public[name].as_str().expect("text"));
            assert_eq!(bytes.len(), 32);
            BigNum::from_slice(&bytes).expect("a number")
        };
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("the curve");
        let published =
            EcKey::from_public_key_affine_coordinates(&group, &number("x"), &number("y"))
                .expect("a point");
        // Often enough for a half that begins with a zero byte, which is written too.
        for _ in 0..300 {
            let token = key.sign(&claims).expect("signed");
            let (content, signature) = token.rsplit_once('.').expect("a signature");
            let (header, body) = content.split_once('.').expect("a body");
            let header: Value = serde_json::from_slice(&decode(header)).expect("JSON");
            assert_eq!(header, json!({"alg": "ES256", "typ": "JWT", "kid": public["kid"]}));
            assert_eq!(serde_json::from_slice::<Value>(&decode(body)).expect("JSON"), claims);
            let halves = decode(signature);
            assert_eq!(halves.len(), 64);
            let half = |bytes: &[u8]| BigNum::from_slice(bytes).expect("a number");
            let signature =
                EcdsaSig::from_private_components(half(&halves[..32]), half(&halves[32..]))
                    .expect("a signature");
            let holds = |content: &str| {
                signature.verify(&sha256(content.as_bytes()), &published).expect("checked")
            };
            assert!(holds(content));
            assert!(!holds(&content.replacen('.', "x.", 1)));
        }
    }

    #[test]
    fn another_key_is_refused() {
        let group = EcGroup::from_curve_name(Nid::SECP384R1).expect("the curve");
        let p384 = PKey::from_ec_key(EcKey::generate(&group).expect("made")).expect("a key");
        let ed25519 = PKey::generate_ed25519().expect("made");
        for der in [
            p384.private_key_to_pkcs8().expect("DER"),
            ed25519.private_key_to_pkcs8().expect("DER"),
            b"nonsense".to_vec(),
        ] {
            assert!(matches!(JwtKey::from_pkcs8_der(&der), Err(JwtError::NotP256)));
        }
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let key = JwtKey::from_pkcs8_der(&generate_private_key().expect("made")).expect("a key");
        assert!(!format!("{key:?}").contains("private"));
    }
}
