//! A public key as applications fetch it (RFC 7517, RFC 7518 6.2), named by its thumbprint
//! (RFC 7638).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use serde::Serialize;

/// The public keys that tokens verify with (RFC 7517 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// A public key on P-256 that ES256 signatures verify with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    kty: &'static str,
    crv: &'static str,
    x: String,
    y: String,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    kid: String,
}

impl Jwk {
    /// The key of a point's coordinates, 32 bytes each.
    pub(super) fn p256(x: &[u8], y: &[u8]) -> Self {
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        // The members that RFC 7638 3.2 names, in the order of their names, without white space.
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()));
        Self { kty: "EC", crv: "P-256", x, y, usage: "sig", alg: "ES256", kid }
    }

    /// The key's name, which a token carries in its header.
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key is that of RFC 7517 A.1; its thumbprint was computed with openssl's command line.
    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let key = Jwk::p256(
            &coordinate("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
            &coordinate("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"),
        );
        assert_eq!(
            serde_json::to_value(JwkSet { keys: vec![key] }).expect("JSON"),
            serde_json::json!({"keys": [{
                "kty": "EC",
                "crv": "P-256",
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                "use": "sig",
                "alg": "ES256",
                "kid": "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
            }]})
        );
    }
}
