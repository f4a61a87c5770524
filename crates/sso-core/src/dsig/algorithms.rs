//! The algorithms of signatures and digests, by their URIs (RFC 9231). What is not here does not
//! exist: HMAC, DSA, MD5, RIPEMD and every parameter that a message could choose.

use crate::connection::LegacyCrypto;
use openssl::md::{Md, MdRef};
use openssl::sha;

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-1, by the grant `sha1` alone.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS without parameters: MGF1 by the same digest, salt as long as it (RFC 9231, 2.3.10).
    RsaPss(DigestAlgorithm),
    /// ECDSA, the value being r and s, each as long as the curve's order (RFC 9231, 2.3.6).
    Ecdsa(DigestAlgorithm),
    /// Ed25519 (RFC 9231, 2.3.12).
    Ed25519,
}

impl DigestAlgorithm {
    const URIS: [(Self, &'static str); 4] = [
        (Self::Sha256, "http://www.w3.org/2001/04/xmlenc#sha256"),
        (Self::Sha384, "http://www.w3.org/2001/04/xmldsig-more#sha384"),
        (Self::Sha512, "http://www.w3.org/2001/04/xmlenc#sha512"),
        (Self::Sha1, "http://www.w3.org/2000/09/xmldsig#sha1"),
    ];

    /// The algorithm of a `DigestMethod`.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::URIS.iter().find(|(_, known)| *known == uri).map(|(algorithm, _)| *algorithm)
    }

    /// Its URI in a `DigestMethod`.
    pub fn uri(self) -> &'static str {
        Self::URIS.iter().find(|(known, _)| *known == self).map_or("", |(_, uri)| uri)
    }

    /// The grant without which it is refused.
    pub fn needs(self) -> Option<LegacyCrypto> {
        (self == Self::Sha1).then_some(LegacyCrypto::Sha1)
    }

    /// The bytes of its value.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) fn digest(self, data: &[u8]) -> Digest {
        let mut hasher = self.hasher();
        hasher.update(data);
        hasher.finish()
    }

    /// A digest of octets that come one after the other.
    pub(super) fn hasher(self) -> Hasher {
        // The streaming functions go straight to the code; the one-shot ones fetch the algorithm
        // from its provider anew each time.
        match self {
            Self::Sha1 => Hasher::Sha1(sha::Sha1::new()),
            Self::Sha256 => Hasher::Sha256(sha::Sha256::new()),
            Self::Sha384 => Hasher::Sha384(sha::Sha384::new()),
            Self::Sha512 => Hasher::Sha512(sha::Sha512::new()),
        }
    }

    pub(super) fn md(self) -> &'static MdRef {
        match self {
            Self::Sha1 => Md::sha1(),
            Self::Sha256 => Md::sha256(),
            Self::Sha384 => Md::sha384(),
            Self::Sha512 => Md::sha512(),
        }
    }
}

/// A digest that is being computed.
pub(super) enum Hasher {
    Sha1(sha::Sha1),
    Sha256(sha::Sha256),
    Sha384(sha::Sha384),
    Sha512(sha::Sha512),
}

impl Hasher {
    pub(super) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(data),
            Self::Sha256(hasher) => hasher.update(data),
            Self::Sha384(hasher) => hasher.update(data),
            Self::Sha512(hasher) => hasher.update(data),
        }
    }

    pub(super) fn finish(self) -> Digest {
        match self {
            Self::Sha1(hasher) => Digest::Sha1(hasher.finish()),
            Self::Sha256(hasher) => Digest::Sha256(hasher.finish()),
            Self::Sha384(hasher) => Digest::Sha384(hasher.finish()),
            Self::Sha512(hasher) => Digest::Sha512(hasher.finish()),
        }
    }
}

/// The value of a digest.
#[derive(Debug, Clone, Copy)]
pub(super) enum Digest {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
    Sha384([u8; 48]),
    Sha512([u8; 64]),
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Sha1(value) => value,
            Self::Sha256(value) => value,
            Self::Sha384(value) => value,
            Self::Sha512(value) => value,
        }
    }
}

impl SignatureAlgorithm {
    const URIS: [(Self, &'static str); 12] = {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        [
            (Self::RsaPkcs1(Sha256), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
            (Self::RsaPkcs1(Sha384), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"),
            (Self::RsaPkcs1(Sha512), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
            (Self::RsaPss(Sha256), "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"),
            (Self::RsaPss(Sha384), "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"),
            (Self::RsaPss(Sha512), "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"),
            (Self::Ecdsa(Sha256), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
            (Self::Ecdsa(Sha384), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
            (Self::Ecdsa(Sha512), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"),
            (Self::Ed25519, "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"),
            (Self::RsaPkcs1(Sha1), "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            (Self::Ecdsa(Sha1), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"),
        ]
    };

    /// The algorithm of a `SignatureMethod`, or of `SigAlg` in a query.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::URIS.iter().find(|(_, known)| *known == uri).map(|(algorithm, _)| *algorithm)
    }

    /// Its URI.
    pub fn uri(self) -> &'static str {
        Self::URIS.iter().find(|(known, _)| *known == self).map_or("", |(_, uri)| uri)
    }

    /// The grant without which it is refused.
    pub fn needs(self) -> Option<LegacyCrypto> {
        match self {
            Self::RsaPkcs1(digest) | Self::RsaPss(digest) | Self::Ecdsa(digest) => digest.needs(),
            Self::Ed25519 => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_and_its_uri_name_each_other() {
        for (algorithm, uri) in SignatureAlgorithm::URIS {
            assert_eq!(SignatureAlgorithm::from_uri(uri), Some(algorithm));
            assert_eq!(algorithm.uri(), uri);
        }
        for (algorithm, uri) in DigestAlgorithm::URIS {
            assert_eq!(DigestAlgorithm::from_uri(uri), Some(algorithm));
            assert_eq!(algorithm.uri(), uri);
        }
    }

    #[test]
    fn a_digest_is_what_openssl_says() {
        use openssl::hash::{MessageDigest, hash};
        for (algorithm, reference) in [
            (DigestAlgorithm::Sha1, MessageDigest::sha1()),
            (DigestAlgorithm::Sha256, MessageDigest::sha256()),
            (DigestAlgorithm::Sha384, MessageDigest::sha384()),
            (DigestAlgorithm::Sha512, MessageDigest::sha512()),
        ] {
            let expected = hash(reference, b"abc").unwrap();
            assert_eq!(algorithm.digest(b"abc").as_ref(), &*expected);
        }
    }
}
