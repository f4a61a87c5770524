//! Encryption (ATTACKS 11): anybody can encrypt to a service, so ciphertext proves nothing, and what
//! decrypting it says must not tell anything about it.

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::edit::{Edit, copy, encoded};
use super::genuine::{Base, Kind};
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt, encrypt_aead};
use sso_core::error::Code::{
    AssertionCount, DecryptedContent, Decryption, DigestMismatch, EncryptionAlgorithm,
    ResponseNotSigned, Unsigned,
};
use sso_core::xml::ns;

type Forgery = Result<Forged, Inapplicable>;

const UNSIGNED: &[End] = &[End::Refused(Unsigned), End::Refused(ResponseNotSigned)];
const COUNT: &[End] = &[End::Refused(AssertionCount)];
const FAILED: &[End] = &[End::Refused(Decryption), End::Refused(ResponseNotSigned)];
const CONTENT: &[End] = &[End::Refused(DecryptedContent), End::Refused(ResponseNotSigned)];
/// Under a grant it is decrypted, and has no signature.
const OLD: &[End] =
    &[End::Refused(EncryptionAlgorithm), End::Refused(Unsigned), End::Refused(ResponseNotSigned)];

const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const RSA15: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";
const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "ENC-01",
        title: "a forged assertion encrypted to us",
        expected: UNSIGNED,
        forge: |base| sealed(base, &base.attacker.assertion("_forged"), |ciphertext| ciphertext),
    },
    Recipe {
        class: "ENC-02",
        title: "a forged encrypted assertion before the genuine one",
        expected: COUNT,
        forge: |base| {
            let genuine = base.loosest();
            let forged = Ciphertext::of(base, &base.attacker.assertion("_forged"))?.element();
            Ok(Edit::of(genuine.response()).before(genuine.body()?, forged).done().into())
        },
    },
    Recipe {
        class: "ENC-02",
        title: "a forged encrypted assertion after the genuine one",
        expected: COUNT,
        forge: |base| {
            let genuine = base.loosest();
            let forged = Ciphertext::of(base, &base.attacker.assertion("_forged"))?.element();
            Ok(Edit::of(genuine.response()).after(genuine.body()?, forged).done().into())
        },
    },
    Recipe {
        class: "ENC-03",
        title: "a forged assertion whose key is encrypted by RSA 1.5",
        expected: OLD,
        forge: |base| {
            let key = [7; 32];
            let ciphertext = Ciphertext {
                key_method: RSA15,
                wrapped: wrap(base, &key, Padding::PKCS1)?,
                ..Ciphertext::of(base, &base.attacker.assertion("_forged"))?
            };
            response(base, ciphertext)
        },
    },
    Recipe {
        class: "ENC-04",
        title: "a forged assertion encrypted by CBC",
        expected: OLD,
        forge: |base| {
            let forged = base.attacker.assertion("_forged");
            let data = encrypt(Cipher::aes_256_cbc(), &[7; 32], Some(&[1; 16]), forged.as_bytes());
            let data = [&[1; 16], &*data.map_err(failed)?].concat();
            sealed(base, "", |ciphertext| Ciphertext { method: CBC, data, ..ciphertext })
        },
    },
    Recipe {
        class: "ENC-04",
        title: "ciphertext of GCM said to be of CBC",
        expected: &[
            End::Refused(EncryptionAlgorithm),
            End::Refused(Decryption),
            End::Refused(ResponseNotSigned),
        ],
        forge: |base| {
            let forged = base.attacker.assertion("_forged");
            sealed(base, &forged, |ciphertext| Ciphertext { method: CBC, ..ciphertext })
        },
    },
    Recipe {
        class: "ENC-04",
        title: "a block of the genuine ciphertext changed",
        expected: &[End::Refused(DigestMismatch), End::Refused(Decryption)],
        forge: |base| {
            let genuine = base.whole;
            let encrypted = genuine.encrypted()?;
            let values = encrypted.descendants().filter(|it| it.is(ns::XENC, "CipherValue"));
            let value = values.last().ok_or(Inapplicable("there is no ciphertext"))?;
            let text = value.text().unwrap_or_default();
            let turned = text.replacen(['A', 'B', 'C', 'D'], "z", 1);
            Ok(Edit::of(genuine.response()).content(value, turned).done().into())
        },
    },
    Recipe {
        class: "ENC-05",
        title: "a tag cut to fifteen bytes",
        expected: FAILED,
        forge: |base| cut(base, 1),
    },
    Recipe {
        class: "ENC-05",
        title: "a tag cut to four bytes",
        expected: FAILED,
        forge: |base| cut(base, 12),
    },
    Recipe {
        class: "ENC-05",
        title: "a tag cut to one byte",
        expected: FAILED,
        forge: |base| cut(base, 15),
    },
    Recipe { class: "ENC-05", title: "no tag", expected: FAILED, forge: |base| cut(base, 16) },
    Recipe {
        class: "ENC-06",
        title: "two assertions in one ciphertext",
        expected: CONTENT,
        forge: |base| {
            let two = [base.attacker.assertion("_forged"), base.attacker.assertion("_second")];
            sealed(base, &two.concat(), |ciphertext| ciphertext)
        },
    },
    Recipe {
        class: "ENC-06",
        title: "a text beside the encrypted assertion",
        expected: CONTENT,
        forge: |base| {
            let plain = base.attacker.assertion("_forged") + "text";
            sealed(base, &plain, |ciphertext| ciphertext)
        },
    },
    Recipe {
        class: "ENC-06",
        title: "a document type in the ciphertext",
        expected: CONTENT,
        forge: |base| {
            let plain = "<!DOCTYPE x>".to_owned() + &base.attacker.assertion("_forged");
            sealed(base, &plain, |ciphertext| ciphertext)
        },
    },
    Recipe {
        class: "ENC-06",
        title: "the whole genuine response in the ciphertext",
        expected: CONTENT,
        forge: |base| {
            let plain = Edit::of(base.whole.response()).element();
            sealed(base, &plain, |ciphertext| ciphertext)
        },
    },
    Recipe {
        class: "ENC-06",
        title: "an encrypted assertion in the ciphertext",
        expected: CONTENT,
        forge: |base| {
            let inner = Ciphertext::of(base, &base.attacker.assertion("_forged"))?.element();
            sealed(base, &inner, |ciphertext| ciphertext)
        },
    },
    Recipe {
        class: "ENC-06",
        title: "the end of the assertion and the beginning of another in the ciphertext",
        expected: CONTENT,
        forge: |base| {
            let forged = base.attacker.assertion("_forged");
            let plain = format!("</scope>{forged}<scope>");
            sealed(base, &plain, |ciphertext| ciphertext)
        },
    },
    Recipe {
        class: "ENC-07",
        title: "a ciphertext to fetch",
        expected: FAILED,
        forge: |base| {
            let ciphertext = Ciphertext::of(base, &base.attacker.assertion("_forged"))?;
            let value = format!("<x:CipherValue>{}</x:CipherValue>", encoded(&ciphertext.data));
            let fetched = "<x:CipherReference URI=\"http://127.0.0.1:9/\"/>";
            let element = ciphertext.element().replace(&value, fetched);
            Ok(base.attacker.response("_forged_response", &element).into())
        },
    },
    Recipe {
        class: "ENC-07",
        title: "keys that lead to each other",
        expected: FAILED,
        forge: |base| {
            let ciphertext = Ciphertext::of(base, &base.attacker.assertion("_forged"))?.element();
            let start = ciphertext.find("<x:EncryptedKey>").unwrap_or_default();
            let end = ciphertext.find("</k:KeyInfo>").unwrap_or_default();
            let (head, tail) = (&ciphertext[..start], &ciphertext[end..]);
            let around = "<k:RetrievalMethod URI=\"#_forged_key\"/>";
            let element = [head, around, tail].concat();
            let named = element.replacen("<k:KeyInfo", "<k:KeyInfo Id=\"_forged_key\"", 1);
            Ok(base.attacker.response("_forged_response", &named).into())
        },
    },
    Recipe {
        class: "ENC-07",
        title: "a hundred keys",
        expected: FAILED,
        forge: |base| {
            let ciphertext = Ciphertext::of(base, &base.attacker.assertion("_forged"))?.element();
            let start = ciphertext.find("<x:EncryptedKey>").unwrap_or_default();
            let end = ciphertext.find("</k:KeyInfo>").unwrap_or_default();
            let keys = ciphertext[start..end].repeat(100);
            let element = [&ciphertext[..start], &keys, &ciphertext[end..]].concat();
            Ok(base.attacker.response("_forged_response", &element).into())
        },
    },
    Recipe {
        class: "ENC-10",
        title: "the ciphertext that the response's signature covers replaced by a plain assertion",
        expected: &[End::Refused(DigestMismatch)],
        forge: |base| {
            let genuine = base.response_signed()?;
            let forged = base.attacker.assertion("_forged");
            let edit = Edit::of(genuine.response()).replace(genuine.encrypted()?, forged);
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "ENC-10",
        title: "the genuine assertion encrypted under the response's signature",
        expected: &[End::Refused(DigestMismatch)],
        forge: |base| {
            let genuine = base.response_signed()?;
            let assertion = genuine.assertion()?;
            let sealed = Ciphertext::of(base, &copy(assertion))?.element();
            Ok(Edit::of(genuine.response()).replace(assertion, sealed).done().into())
        },
    },
    Recipe {
        class: "ENC-10",
        title: "the response's signature taken from around the ciphertext",
        // A signature inside the ciphertext still counts, and CBC does not count without one outside.
        expected: &[
            End::Unchanged,
            End::Refused(EncryptionAlgorithm),
            End::Refused(Unsigned),
            End::Refused(ResponseNotSigned),
        ],
        forge: |base| {
            let genuine = base.response_signed()?;
            genuine.encrypted()?;
            let signature = genuine.response_signature()?;
            Ok(Edit::of(genuine.response()).remove(signature).done().into())
        },
    },
    Recipe {
        class: "REPLAY-01",
        title: "the genuine assertion, encrypted to us",
        expected: &[End::Unchanged],
        forge: |base| {
            let plain = copy(base.assertion_signed()?.assertion()?);
            sealed(base, &plain, |ciphertext| ciphertext)
        },
    },
];

/// Something encrypted to us by AES-256-GCM, its key by RSA-OAEP.
pub(super) struct Ciphertext {
    kind: Kind,
    method: &'static str,
    data: Vec<u8>,
    key_method: &'static str,
    wrapped: Vec<u8>,
}

impl Ciphertext {
    pub(super) fn of(base: &Base<'_>, plain: &str) -> Result<Self, Inapplicable> {
        // Secret from nobody: it is the attacker's.
        let (key, nonce) = ([7; 32], [1; 12]);
        let mut tag = [0; 16];
        let cipher = Cipher::aes_256_gcm();
        let sealed = encrypt_aead(cipher, &key, Some(&nonce), &[], plain.as_bytes(), &mut tag);
        Ok(Self {
            kind: base.kind(),
            method: GCM,
            data: [&nonce[..], &sealed.map_err(failed)?, &tag].concat(),
            key_method: OAEP,
            wrapped: wrap(base, &key, Padding::PKCS1_OAEP)?,
        })
    }

    /// As it stands in a message: an `EncryptedAssertion`, which SAML 1.1 has none of.
    fn element(&self) -> String {
        let data = self.data();
        match self.kind {
            Kind::Token11 => data,
            Kind::Response | Kind::Token20 => {
                format!(
                    "<s:EncryptedAssertion xmlns:s=\"{}\">{data}</s:EncryptedAssertion>",
                    ns::SAML
                )
            }
        }
    }

    /// The `EncryptedData` alone.
    pub(super) fn data(&self) -> String {
        let value = |bytes: &[u8]| {
            format!(
                "<x:CipherData><x:CipherValue>{}</x:CipherValue></x:CipherData>",
                encoded(bytes)
            )
        };
        let key = format!(
            "<x:EncryptedKey><x:EncryptionMethod Algorithm=\"{}\"/>{}</x:EncryptedKey>",
            self.key_method,
            value(&self.wrapped)
        );
        format!(
            "<x:EncryptedData xmlns:x=\"{}\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\">\
             <x:EncryptionMethod Algorithm=\"{}\"/><k:KeyInfo xmlns:k=\"{}\">{key}</k:KeyInfo>{}\
             </x:EncryptedData>",
            ns::XENC,
            self.method,
            ns::DS,
            value(&self.data)
        )
    }
}

/// A forged response that carries a plaintext encrypted to us, the ciphertext changed.
fn sealed(base: &Base<'_>, plain: &str, change: impl FnOnce(Ciphertext) -> Ciphertext) -> Forgery {
    response(base, change(Ciphertext::of(base, plain)?))
}

fn response(base: &Base<'_>, ciphertext: Ciphertext) -> Forgery {
    Ok(base.attacker.response("_forged_response", &ciphertext.element()).into())
}

/// A forged assertion in GCM with a part of its tag cut off.
fn cut(base: &Base<'_>, bytes: usize) -> Forgery {
    sealed(base, &base.attacker.assertion("_forged"), |mut ciphertext| {
        ciphertext.data.truncate(ciphertext.data.len() - bytes);
        ciphertext
    })
}

/// A key encrypted to the first of ours.
fn wrap(base: &Base<'_>, key: &[u8], padding: Padding) -> Result<Vec<u8>, Inapplicable> {
    let ours = base.case.party.decryption_keys.first();
    let ours = ours.ok_or(Inapplicable("there is no service key to encrypt to"))?;
    let ours = ours.public_key().map_err(|_| Inapplicable("the service key has no public half"))?;
    let ours = PKey::public_key_from_der(&ours).map_err(failed)?;
    let mut encrypter = Encrypter::new(&ours).map_err(failed)?;
    encrypter.set_rsa_padding(padding).map_err(failed)?;
    if padding == Padding::PKCS1_OAEP {
        encrypter.set_rsa_oaep_md(MessageDigest::sha1()).map_err(failed)?;
    }
    let mut wrapped = vec![0; encrypter.encrypt_len(key).map_err(failed)?];
    let length = encrypter.encrypt(key, &mut wrapped).map_err(failed)?;
    wrapped.truncate(length);
    Ok(wrapped)
}

fn failed(_: ErrorStack) -> Inapplicable {
    Inapplicable("the forgery could not be encrypted")
}
