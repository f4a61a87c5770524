//! Whose key counts, and for which algorithm (ATTACKS 7).

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::attacker::AttackerKey;
use super::case::Circumstance;
use super::edit::{Edit, encoded};
use super::genuine::Base;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::x509::X509;
use sso_core::dsig::{KeyKind, TrustedKey, TrustedKeys};
use sso_core::error::Code::{
    AlgorithmKeyMismatch, AlgorithmNotAllowed, SignatureInvalid, UntrustedKey,
};
use sso_core::xml::{Document, Element, Limits, c14n, ns};
use std::collections::BTreeSet;

type Forgery = Result<Forged, Inapplicable>;

const UNTRUSTED: &[End] = &[End::Refused(UntrustedKey)];
const INVALID: &[End] = &[End::Refused(SignatureInvalid)];
const NOT_ALLOWED: &[End] = &[End::Refused(AlgorithmNotAllowed)];
/// Under a grant the algorithm is there; the value is then still not the key's.
const OLD: &[End] = &[
    End::Refused(AlgorithmNotAllowed),
    End::Refused(SignatureInvalid),
    End::Refused(AlgorithmKeyMismatch),
];

const HMAC_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
const HMAC_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "KEY-01",
        title: "signed by the attacker, whose certificate looks like the genuine one",
        expected: UNTRUSTED,
        forge: |base| base.attacker.signed().map(Into::into),
    },
    Recipe {
        class: "KEY-01",
        title: "signed by the attacker, whose bare key is shown",
        expected: UNTRUSTED,
        forge: |base| shown(base, &key_value(base)?),
    },
    Recipe {
        class: "KEY-01",
        title: "signed by the attacker, whose key is shown in DER",
        expected: UNTRUSTED,
        forge: |base| {
            let key = base.attacker.key()?.private.public_key_to_der();
            let key = encoded(&key.map_err(|_| Inapplicable("the key has no DER"))?);
            let value =
                format!("<DEREncodedKeyValue xmlns=\"{}\">{key}</DEREncodedKeyValue>", ns::DS11);
            shown(base, &value)
        },
    },
    Recipe {
        class: "KEY-02",
        title: "signed by the attacker, the genuine certificate shown",
        expected: INVALID,
        forge: |base| shown(base, &certificates(&[base.attacker.genuine_certificate()?])),
    },
    Recipe {
        class: "KEY-03",
        title: "signed by the attacker, whose key is shown before the genuine certificate",
        expected: INVALID,
        forge: |base| {
            let genuine = certificates(&[base.attacker.genuine_certificate()?]);
            shown(base, &(key_value(base)? + &genuine))
        },
    },
    Recipe {
        class: "KEY-03",
        title: "signed by the attacker, whose key is shown after the genuine certificate",
        expected: INVALID,
        forge: |base| {
            let genuine = certificates(&[base.attacker.genuine_certificate()?]);
            shown(base, &(genuine + &key_value(base)?))
        },
    },
    Recipe {
        class: "KEY-03",
        title: "signed by the attacker, both certificates shown",
        expected: UNTRUSTED,
        forge: |base| {
            let own = &base.attacker.key()?.certificate;
            shown(base, &certificates(&[base.attacker.genuine_certificate()?, own]))
        },
    },
    Recipe {
        class: "KEY-04",
        title: "signed by the attacker, whose key is to be fetched from a web address",
        expected: INVALID,
        forge: |base| shown(base, &retrieval("http://127.0.0.1:9/key")),
    },
    Recipe {
        class: "KEY-04",
        title: "signed by the attacker, whose key is to be fetched from a file",
        expected: INVALID,
        forge: |base| shown(base, &retrieval("file:///etc/hostname")),
    },
    Recipe {
        class: "KEY-04",
        title: "a genuine signature whose key is to be fetched",
        expected: &[End::Unchanged],
        forge: |base| informed(base, &retrieval("http://127.0.0.1:9/key")),
    },
    Recipe {
        class: "KEY-06",
        title: "signed by the attacker, whose certificate the genuine one seems to have issued",
        expected: UNTRUSTED,
        forge: |base| {
            let own = &base.attacker.key()?.certificate;
            shown(base, &certificates(&[own, base.attacker.genuine_certificate()?]))
        },
    },
    Recipe {
        class: "KEY-07",
        title: "the genuine message where another identity provider's key is trusted",
        expected: &[End::Refused(UntrustedKey), End::Refused(SignatureInvalid)],
        forge: |base| {
            let own = TrustedKey::from_certificate_der(&base.attacker.key()?.certificate);
            let own = own.ok().and_then(|key| TrustedKeys::new(vec![key]));
            let own = own.ok_or(Inapplicable("the attacker's key cannot be trusted"))?;
            base.whole.signature()?;
            let genuine = Forged::from(Edit::of(base.whole.response()).done());
            Ok(genuine.under(Circumstance::Keys(own)))
        },
    },
    Recipe {
        class: "ALG-01",
        title: "HMAC-SHA256 by the text of the certificate",
        expected: NOT_ALLOWED,
        forge: |base| hmac(base, HMAC_SHA256, &genuine(base)?.to_pem().map_err(unusable)?),
    },
    Recipe {
        class: "ALG-01",
        title: "HMAC-SHA1 by the text of the certificate",
        expected: NOT_ALLOWED,
        forge: |base| hmac(base, HMAC_SHA1, &genuine(base)?.to_pem().map_err(unusable)?),
    },
    Recipe {
        class: "ALG-01",
        title: "HMAC-SHA256 by the text of the public key",
        expected: NOT_ALLOWED,
        forge: |base| {
            let key = genuine(base)?.public_key().map_err(unusable)?;
            hmac(base, HMAC_SHA256, &key.public_key_to_pem().map_err(unusable)?)
        },
    },
    Recipe {
        class: "ALG-01",
        title: "HMAC-SHA256 by the bytes of the public key",
        expected: NOT_ALLOWED,
        forge: |base| {
            let key = genuine(base)?.public_key().map_err(unusable)?;
            hmac(base, HMAC_SHA256, &key.public_key_to_der().map_err(unusable)?)
        },
    },
    Recipe {
        class: "ALG-02",
        title: "the signature said to be RSA with SHA-1",
        expected: OLD,
        forge: |base| another_method(base, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
    },
    Recipe {
        class: "ALG-02",
        title: "a genuine message with SHA-1 where nothing old is granted",
        expected: NOT_ALLOWED,
        forge: |base| {
            let genuine = base.loosest();
            let methods = ["SignatureMethod", "DigestMethod"];
            let algorithm = |local| genuine.in_signature(local).ok()?.attribute("Algorithm");
            if !methods.into_iter().filter_map(algorithm).any(|it| it.ends_with("sha1")) {
                return Err(Inapplicable("the message uses no SHA-1"));
            }
            let genuine = Forged::from(Edit::of(genuine.response()).done());
            Ok(genuine.under(Circumstance::Grants(BTreeSet::new())))
        },
    },
    Recipe {
        class: "ALG-03",
        title: "the signature said to be RSA with MD5",
        expected: NOT_ALLOWED,
        forge: |base| another_method(base, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"),
    },
    Recipe {
        class: "ALG-03",
        title: "the signature said to be DSA",
        expected: NOT_ALLOWED,
        forge: |base| another_method(base, "http://www.w3.org/2000/09/xmldsig#dsa-sha1"),
    },
    Recipe {
        class: "ALG-03",
        title: "an HMAC cut to one byte",
        expected: NOT_ALLOWED,
        forge: |base| {
            let genuine = base.loosest();
            let edit = Edit::of(genuine.response());
            let method = genuine.in_signature("SignatureMethod")?;
            let cut = format!(
                "<SignatureMethod xmlns=\"{}\" Algorithm=\"{HMAC_SHA1}\"><HMACOutputLength>8\
                 </HMACOutputLength></SignatureMethod>",
                ns::DS
            );
            let value = genuine.in_signature("SignatureValue")?;
            Ok(edit.replace(method, cut).content(value, "AA==").done().into())
        },
    },
    Recipe {
        class: "ALG-04",
        title: "no signature algorithm",
        expected: NOT_ALLOWED,
        forge: |base| {
            let genuine = base.loosest();
            let method = genuine.in_signature("SignatureMethod")?;
            Ok(Edit::of(genuine.response()).without_attribute(method, "Algorithm").done().into())
        },
    },
    Recipe {
        class: "ALG-04",
        title: "the signature algorithm none",
        expected: NOT_ALLOWED,
        forge: |base| another_method(base, "http://www.w3.org/2001/04/xmldsig-more#none"),
    },
    Recipe {
        class: "ALG-04",
        title: "a signature algorithm that nobody registered",
        expected: NOT_ALLOWED,
        forge: |base| another_method(base, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha1"),
    },
    Recipe {
        class: "ALG-04",
        title: "a digest algorithm that nobody registered",
        expected: NOT_ALLOWED,
        forge: |base| {
            let genuine = base.loosest();
            let method = genuine.in_signature("DigestMethod")?;
            let edit = Edit::of(genuine.response()).attribute(method, "Algorithm", "urn:x:digest");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "ALG-05",
        title: "an algorithm of another type of key",
        expected: &[End::Refused(AlgorithmKeyMismatch), End::Refused(SignatureInvalid)],
        forge: |base| {
            let rsa =
                base.case.party.trusted.iter().any(|key| matches!(key.kind(), KeyKind::Rsa { .. }));
            let name = if rsa { "ecdsa-sha256" } else { "rsa-sha256" };
            another_method(base, &format!("http://www.w3.org/2001/04/xmldsig-more#{name}"))
        },
    },
    Recipe {
        class: "DOS-05",
        title: "a thousand keys to fetch",
        expected: &[End::Unchanged],
        forge: |base| informed(base, &retrieval("http://127.0.0.1:9/key").repeat(1_000)),
    },
    Recipe {
        class: "DOS-06",
        title: "key information of odd shapes",
        expected: &[End::Unchanged],
        forge: |base| informed(base, ODD_KEYS),
    },
];

/// Shapes of `KeyInfo` that have brought libraries down.
const ODD_KEYS: &str = "<KeyValue><DSAKeyValue><Q/></DSAKeyValue></KeyValue><KeyValue/><X509Data/>\
     <X509Data><X509Certificate/><X509Certificate>AAAA</X509Certificate><X509Certificate>@@\
     </X509Certificate><X509IssuerSerial><X509IssuerName/><X509SerialNumber>-1</X509SerialNumber>\
     </X509IssuerSerial></X509Data><KeyValue><ECKeyValue xmlns=\"http://www.w3.org/2009/xmldsig11#\">\
     <NamedCurve URI=\"urn:oid:1.2.840.10045.3.1.7\"/><PublicKey>BAAA</PublicKey></ECKeyValue>\
     </KeyValue><KeyValue><RSAKeyValue><Modulus>AA==</Modulus><Exponent/></RSAKeyValue></KeyValue>\
     <PGPData/><SPKIData/><MgmtData>x</MgmtData><KeyName>&#xFFFD;</KeyName>";

/// A response that the attacker signed, with something else in `KeyInfo`.
fn shown(base: &Base<'_>, inside: &str) -> Forgery {
    let signed = base.attacker.signed()?;
    with_signature_part(&signed, "KeyInfo", |edit, part| edit.replace(part, key_info(inside)))
}

fn key_info(inside: &str) -> String {
    format!("<KeyInfo xmlns=\"{}\">{inside}</KeyInfo>", ns::DS)
}

/// The genuine message with something else in `KeyInfo`, which no signature of it covers.
fn informed(base: &Base<'_>, inside: &str) -> Forgery {
    let genuine = base.loosest();
    let signature = genuine.signature()?;
    let info = key_info(inside);
    let edit = Edit::of(genuine.response());
    let edit = match genuine.in_signature("KeyInfo") {
        Ok(old) => edit.replace(old, info),
        Err(_) => edit.last_in(signature, info),
    };
    Ok(edit.done().into())
}

/// The genuine signature under the name of another algorithm.
fn another_method(base: &Base<'_>, algorithm: &str) -> Forgery {
    let genuine = base.loosest();
    let method = genuine.in_signature("SignatureMethod")?;
    if method.attribute("Algorithm") == Some(algorithm) {
        return Err(Inapplicable("the signature is of that algorithm"));
    }
    Ok(Edit::of(genuine.response()).attribute(method, "Algorithm", algorithm).done().into())
}

/// A forged response with a MAC that somebody makes who has the public key.
fn hmac(base: &Base<'_>, algorithm: &str, secret: &[u8]) -> Forgery {
    let signed = base.attacker.signed()?;
    let named = with_signature_part(&signed, "SignatureMethod", |edit, part| {
        edit.attribute(part, "Algorithm", algorithm)
    })?;
    let named = String::from_utf8_lossy(&named.message).into_owned();
    let failed = Inapplicable("the MAC could not be made");
    let document = Document::parse(named.as_bytes(), &Limits::MESSAGE).map_err(|_| failed)?;
    let info = part(&document, "SignedInfo").ok_or(failed)?;
    let mut octets = Vec::new();
    c14n::exclusive(info, "", None, &mut octets).map_err(|_| failed)?;
    let digest = match algorithm {
        HMAC_SHA1 => MessageDigest::sha1(),
        _ => MessageDigest::sha256(),
    };
    let key = PKey::hmac(secret).map_err(unusable)?;
    let mut signer = Signer::new(digest, &key).map_err(unusable)?;
    let value = signer.sign_oneshot_to_vec(&octets).map_err(unusable)?;
    let place = part(&document, "SignatureValue").ok_or(failed)?;
    Ok(Edit::of(document.root()).content(place, encoded(&value)).done().into())
}

fn with_signature_part(
    text: &str,
    local: &str,
    change: impl for<'d> FnOnce(Edit<'d>, Element<'d>) -> Edit<'d>,
) -> Forgery {
    let failed = Inapplicable("the attacker's signature could not be read");
    let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).map_err(|_| failed)?;
    let part = part(&document, local).ok_or(failed)?;
    Ok(change(Edit::of(document.root()), part).done().into())
}

fn part<'d>(document: &'d Document<'_>, local: &str) -> Option<Element<'d>> {
    document.root().descendants().find(|element| element.is(ns::DS, local))
}

fn genuine(base: &Base<'_>) -> Result<X509, Inapplicable> {
    X509::from_der(base.attacker.genuine_certificate()?).map_err(unusable)
}

fn unusable(_: openssl::error::ErrorStack) -> Inapplicable {
    Inapplicable("the identity provider's certificate cannot be used")
}

/// The attacker's key as a bare key.
fn key_value(base: &Base<'_>) -> Result<String, Inapplicable> {
    let AttackerKey { private, .. } = base.attacker.key()?;
    let value = match private.rsa() {
        Ok(rsa) => format!(
            "<RSAKeyValue><Modulus>{}</Modulus><Exponent>{}</Exponent></RSAKeyValue>",
            encoded(&rsa.n().to_vec()),
            encoded(&rsa.e().to_vec())
        ),
        Err(_) => {
            let der = private.public_key_to_der().map_err(unusable)?;
            // The point stands last in the SubjectPublicKeyInfo, uncompressed.
            let point = &der[der.iter().rposition(|byte| *byte == 4).unwrap_or(0)..];
            format!(
                "<ECKeyValue xmlns=\"{}\"><PublicKey>{}</PublicKey></ECKeyValue>",
                ns::DS11,
                encoded(point)
            )
        }
    };
    Ok(format!("<KeyValue>{value}</KeyValue>"))
}

fn certificates(ders: &[&[u8]]) -> String {
    let one = |der: &&[u8]| format!("<X509Certificate>{}</X509Certificate>", encoded(der));
    format!("<X509Data>{}</X509Data>", ders.iter().map(one).collect::<String>())
}

fn retrieval(uri: &str) -> String {
    format!("<RetrievalMethod URI=\"{uri}\"/>")
}
