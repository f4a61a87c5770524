//! A case of the corpus: a folder with `message.toml`, which says how the message is made, and
//! `expected.toml`, which says what becomes of it.
//!
//! `[given]` is all that is right about the message and its verification, over the baseline of
//! `response.xml`. `[defect]` is the one thing that is wrong; without it the message must be accepted.

use crate::keys::key;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sso_core::connection::{LegacyCrypto, NameIdFormat};
use sso_tests::Encryption;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How a message is made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// What is wrong with it, or may look so, with the clause.
    pub(crate) why: String,
    /// What is right.
    #[serde(default)]
    pub(crate) given: Making,
    /// What is wrong.
    pub(crate) defect: Option<Making>,
}

/// What becomes of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The code of the refusal.
    pub(crate) code: Option<String>,
    /// A part of what the refusal says it found.
    pub(crate) found: Option<String>,
    /// The value of the NameID; `ada@acme.test` where none is given.
    pub(crate) name_id: Option<String>,
    /// All attributes, in order.
    pub(crate) attributes: Option<Vec<(String, Vec<String>)>>,
}

/// The steps from the baseline to what is posted, and the settings that it is verified under.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Making {
    /// What is signed; the assertion by default.
    pub(crate) sign: Option<Sign>,
    /// The key that signs; `idp` by default.
    pub(crate) key: Option<String>,
    /// The key whose certificate `KeyInfo` shows; the signing one by default.
    pub(crate) shown_key: Option<String>,
    /// Changes before signing.
    pub(crate) edits: Vec<Edit>,
    /// Changes after signing.
    pub(crate) after: Vec<Edit>,
    /// What is posted instead of the message in base64.
    pub(crate) form: Option<String>,
    /// Whether the response is verified as one that answers no request.
    pub(crate) unsolicited: Option<bool>,
    /// When it is verified; 2030-01-15T12:00:00Z by default.
    pub(crate) at: Option<String>,
    /// The keys that are trusted; `idp` by default.
    pub(crate) trusted: Option<Vec<String>>,
    /// The settings of SPEC 2 that differ from their defaults.
    pub(crate) settings: Settings,
}

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sign {
    Assertion,
    Response,
    Both,
    Nothing,
}

/// A change of the text. The place that it names must be there exactly once.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Edit {
    /// Another text in place of this one.
    Replace { from: String, to: String },
    /// More text before this one, `times` over, each with its number for `{n}`; then `close` as often,
    /// to close what was opened.
    Insert {
        before: String,
        insert: String,
        #[serde(default = "once")]
        times: usize,
        #[serde(default)]
        close: String,
    },
    /// Nothing in place of all from this text through the next such one.
    Cut { cut: String, through: String },
    /// All from this text through the next such one, encrypted inside a SAML element of that name.
    Encrypt {
        encrypt: String,
        through: String,
        element: String,
        /// The end of the URI of its algorithm.
        #[serde(default = "aes256_gcm")]
        cipher: String,
        /// For whom: names of keys, each with `@` and a `Recipient` where it has one.
        #[serde(default = "ours")]
        to: Vec<String>,
        /// Whether the keys stand beside the data, and not inside.
        #[serde(default)]
        beside: bool,
    },
}

fn aes256_gcm() -> String {
    "2009/xmlenc11#aes256-gcm".to_owned()
}

fn ours() -> Vec<String> {
    vec!["ours".to_owned()]
}

fn once() -> usize {
    1
}

/// Settings of a connection, by their names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) want_response_signed: Option<bool>,
    pub(crate) want_assertions_encrypted: Option<bool>,
    pub(crate) enforce_certificate_validity: Option<bool>,
    pub(crate) name_id_format: Option<NameIdFormat>,
    pub(crate) account_key_is_name_id: Option<bool>,
    pub(crate) authn_context_class_ref: Option<Vec<String>>,
    pub(crate) legacy_crypto: Option<BTreeSet<LegacyCrypto>>,
    pub(crate) clock_skew_seconds: Option<u16>,
}

impl Message {
    /// The message as it is posted: what is right, with what is wrong over it.
    pub(crate) fn with_defect(&self) -> Making {
        let defect = self.defect.clone().unwrap_or_default();
        self.given.clone().over(defect)
    }
}

impl Making {
    /// The same with more on top.
    fn over(mut self, more: Self) -> Self {
        self.edits.extend(more.edits);
        self.after.extend(more.after);
        let (below, above) = (self.settings, more.settings);
        Self {
            sign: more.sign.or(self.sign),
            key: more.key.or(self.key),
            shown_key: more.shown_key.or(self.shown_key),
            edits: self.edits,
            after: self.after,
            form: more.form.or(self.form),
            unsolicited: more.unsolicited.or(self.unsolicited),
            at: more.at.or(self.at),
            trusted: more.trusted.or(self.trusted),
            settings: Settings {
                want_response_signed: above.want_response_signed.or(below.want_response_signed),
                want_assertions_encrypted: above
                    .want_assertions_encrypted
                    .or(below.want_assertions_encrypted),
                enforce_certificate_validity: above
                    .enforce_certificate_validity
                    .or(below.enforce_certificate_validity),
                name_id_format: above.name_id_format.or(below.name_id_format),
                account_key_is_name_id: above
                    .account_key_is_name_id
                    .or(below.account_key_is_name_id),
                authn_context_class_ref: above
                    .authn_context_class_ref
                    .or(below.authn_context_class_ref),
                legacy_crypto: above.legacy_crypto.or(below.legacy_crypto),
                clock_skew_seconds: above.clock_skew_seconds.or(below.clock_skew_seconds),
            },
        }
    }
}

impl Edit {
    /// The text with the change made.
    pub(crate) fn apply(&self, text: &str) -> String {
        let place = match self {
            Self::Replace { from, .. } => from,
            Self::Insert { before, .. } => before,
            Self::Cut { cut, .. } => cut,
            Self::Encrypt { encrypt, .. } => encrypt,
        };
        let found = text.matches(place).count();
        assert_eq!(found, 1, "{place:?} is there {found} times in\n{text}");
        match self {
            Self::Replace { from, to } => text.replace(from, to),
            Self::Insert { before, insert, times, close } => {
                let more: String =
                    (0..*times).map(|n| insert.replace("{n}", &n.to_string())).collect();
                text.replace(before, &[more, close.repeat(*times), before.clone()].concat())
            }
            Self::Cut { cut, through } => {
                let (kept, rest) = text.split_once(cut).unwrap();
                let (_, after) = rest.split_once(through).unwrap();
                [kept, after].concat()
            }
            Self::Encrypt { encrypt, through, element, cipher, to, beside } => {
                let (before, rest) = text.split_once(encrypt).unwrap();
                let (inside, after) = rest.split_once(through).unwrap();
                let content = [encrypt, inside, through].concat();
                [before, &encrypted(&content, element, cipher, to, *beside), after].concat()
            }
        }
    }
}

fn encrypted(content: &str, element: &str, cipher: &str, to: &[String], beside: bool) -> String {
    let cipher = format!("http://www.w3.org/{cipher}");
    let transport = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    let for_key = |name: &str| Encryption::new(&cipher, transport, "", key(name).private());
    let keys: String = to
        .iter()
        .map(|name| match name.split_once('@') {
            None => for_key(name).encrypted_key(),
            Some((name, recipient)) => for_key(name).encrypted_key().replace(
                "<x:EncryptedKey>",
                &format!("<x:EncryptedKey Recipient=\"{recipient}\">"),
            ),
        })
        .collect();
    let (inside, outside) = match beside {
        true => ("<ds:RetrievalMethod URI=\"#_key\"/>", keys.as_str()),
        false => (keys.as_str(), ""),
    };
    let sender = for_key("ours");
    sender.encrypted_as(element, &sender.ciphertext(content.as_bytes()), inside, outside)
}

/// Every case of a folder of the corpus, by name.
pub(crate) fn cases(folder: &str) -> Vec<(String, Message, Expected)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
    cases.sort_by_key(|entry| entry.file_name());
    cases
        .into_iter()
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let message = read(&entry.path().join("message.toml"));
            let expected = read(&entry.path().join("expected.toml"));
            (name, message, expected)
        })
        .collect()
}

fn read<T: DeserializeOwned>(file: &Path) -> T {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}
