//! A row of a suite's manifest, and what the verifier says of its message. What it is verified against is
//! what `run.py` beside the suites makes of a row, but where `given.toml` says otherwise.

use flate2::read::DeflateDecoder;
use openssl::pkey::PKey;
use serde::{Deserialize, Deserializer};
use sso_core::bindings::{Message, post};
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::{DecryptionKey, TrustedKey, TrustedKeys};
use sso_core::error::Rejection;
use sso_core::login::{RelyingParty, Trace};
use sso_core::logout::{LogoutParty, ReceivedLogout, verify_request, verify_response};
use sso_server::selftest::{Asked, Case};
use sso_tests::{TestKey, token_response};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The folders of the suites.
pub(crate) const SUITES: [&str; 18] = [
    "aspnet-wsfed",
    "clever-saml2",
    "crewjam-saml",
    "gosaml2-ping-onelogin",
    "java-saml",
    "ms-identitymodel",
    "node-saml",
    "passport-wsfed-saml2",
    "pysaml2",
    "python3-saml",
    "ruby-saml",
    "samael",
    "samlify",
    "simplesamlphp-saml2",
    "synthetic",
    "xml-crypto",
    "xmlsec1",
    "xmlseclibs",
];

/// What differs from the manifests, by suite and file.
pub(crate) fn given() -> BTreeMap<String, BTreeMap<String, Given>> {
    toml::from_str(include_str!("given.toml")).expect("given.toml")
}

/// A vector with what it is verified against.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) expect: String,
    #[serde(default, rename = "cls")]
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) why: String,
    #[serde(default)]
    pub(crate) name_id: String,
    kind: Option<String>,
    encoding: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    trust: Vec<String>,
    issuer: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    audience: Vec<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    recipient: Vec<String>,
    destination: Option<String>,
    in_response_to: Option<String>,
    instant: Option<String>,
    #[serde(default, deserialize_with = "one_or_many")]
    decryption_key: Vec<String>,
    #[serde(default)]
    alg: Vec<String>,
    #[serde(skip)]
    suite: PathBuf,
}

/// What differs from the manifest, where the manifest has the very value for which a bad message is good,
/// or one that makes it bad for another reason than its own.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    /// Our entity ID.
    pub(crate) entity_id: Option<String>,
    /// Our assertion consumer URL.
    pub(crate) acs_url: Option<String>,
    /// When it is verified.
    pub(crate) at: Option<String>,
    /// How many of the keys decrypt.
    pub(crate) keys: Option<usize>,
}

/// What the verifier says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Accepted, with the value of the NameID.
    Accepted(String),
    /// Rejected, with the code.
    Rejected(&'static str),
}

/// A response that says nothing of its own around an assertion.
fn response(assertion: &str) -> String {
    format!(
        "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_around\" Version=\"2.0\" \
         IssueInstant=\"2014-03-12T21:35:05Z\"><p:Status><p:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></p:Status>{assertion}</p:Response>"
    )
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
        None(()),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::One(one) => vec![one],
        Either::Many(many) => many,
        Either::None(()) => Vec::new(),
    })
}

/// The rows of a suite that expect a verdict.
pub(crate) fn rows(suite: &Path) -> Vec<Row> {
    #[derive(Deserialize)]
    struct Manifest {
        vectors: Vec<Row>,
    }
    let manifest = fs::read_to_string(suite.join("manifest.json")).expect("a manifest");
    let manifest: Manifest = serde_json::from_str(&manifest).expect("a manifest");
    let rows = manifest.vectors.into_iter().map(|row| Row { suite: suite.to_owned(), ..row });
    rows.filter(|row| !matches!(row.expect.as_str(), "info" | "accept-signature")).collect()
}

impl Row {
    /// Why the verifier of logins says nothing of the row, if it does not.
    pub(crate) fn waits_for(&self) -> Option<&'static str> {
        // No one address can be both the recipient and the destination of these.
        let torn = self.expect == "accept"
            && self.destination.as_ref().zip(self.recipient.first()).is_some_and(|(d, r)| d != r);
        match self.kind.as_deref() {
            None | Some("Response") if torn => Some("an address that is two"),
            None | Some("Response") => None,
            // What a browser may be made to post instead of a response.
            Some("ArtifactResponse") if self.class.starts_with("PROT") => None,
            // Good for who passes over qualifiers that name somebody else, and over which element is signed.
            Some("Assertion") if self.expect == "accept" && self.is_argued() => {
                Some("an assertion that we refuse")
            }
            Some("Assertion") => None,
            Some(_) if self.is_token() => None,
            Some("LogoutRequest" | "LogoutResponse") => None,
            Some("AuthnRequest") => Some("the side of an identity provider"),
            Some(kind) if kind.starts_with("Ent") || kind == "metadata" => Some("metadata"),
            Some(_) => Some("the primitives"),
        }
    }

    /// Whether it is one of those of docs/interop.md.
    fn is_argued(&self) -> bool {
        const ARGUED: [&str; 4] = [
            "good_assertion.xml",
            "shared/saml20-namequalifier-checked.xml",
            "shared/saml20-spnamequalifier-checked.xml",
            "shared/saml20-spnamequalifier-ignored.xml",
        ];
        ARGUED.contains(&self.file.as_str())
    }

    /// Whether it is of WS-Federation: an answer, or an assertion that was delivered to no address.
    pub(crate) fn is_token(&self) -> bool {
        match self.kind.as_deref() {
            Some("Assertion") => self.recipient.is_empty(),
            Some(kind) => kind == "wresult" || kind.starts_with("RequestSecurityToken"),
            None => false,
        }
    }

    /// Whether it is an assertion without the message that brought it.
    pub(crate) fn is_bare(&self) -> bool {
        self.kind.as_deref() == Some("Assertion") && !self.class.starts_with("PROT")
    }

    /// Has the message verified.
    pub(crate) fn verdict(&self, given: &Given) -> Verdict {
        let case = self.case(given);
        if let Some("LogoutRequest" | "LogoutResponse") = self.kind.as_deref() {
            return match self.message().and_then(|message| self.logout(&message, &case)) {
                Ok(name_id) => Verdict::Accepted(name_id),
                Err(rejection) => Verdict::Rejected(rejection.code.as_str()),
            };
        }
        match self.message().and_then(|message| case.verify(&message)) {
            Ok(login) => Verdict::Accepted(login.name_id().value.clone()),
            Err(rejection) => Verdict::Rejected(rejection.code.as_str()),
        }
    }

    /// Has a logout message verified, which comes as a form has it: the NameID of a request.
    fn logout(&self, message: &[u8], case: &Case) -> Result<String, Rejection> {
        let message = Message::parse(message)?;
        let address = Some(case.party.acs_url.as_str());
        let party = LogoutParty { party: &case.party, issuer_alias: &[], address, now: case.now };
        let (received, trace) = (ReceivedLogout::Form(&message), &mut Trace::off());
        if self.kind.as_deref() == Some("LogoutRequest") {
            let request = verify_request(received, &party, trace)?;
            return Ok(request.name_id().value.clone());
        }
        let request_id = case.request_id().unwrap_or("_asked");
        verify_response(received, &party, request_id, trace).map(|_| String::new())
    }

    /// The message. A bare assertion is put into what would bring it, but where that is the attack.
    pub(crate) fn message(&self) -> Result<Vec<u8>, Rejection> {
        let message = self.decoded()?;
        if !self.is_bare() {
            return Ok(message);
        }
        let text = String::from_utf8_lossy(&message);
        let assertion = text.find("?>").map_or(&*text, |end| &text[end + 2..]);
        let carry = if self.is_token() { token_response } else { response };
        Ok(carry(assertion).into_bytes())
    }

    /// What the file holds: as it is, as a form field has it, or as a query has it, which no response may
    /// come by and is taken off here.
    fn decoded(&self) -> Result<Vec<u8>, Rejection> {
        let bytes = fs::read(self.suite.join(&self.file)).expect("the message");
        let decoded = |bytes: &[u8]| {
            let inbound = post::decode(&String::from_utf8_lossy(bytes), None)?;
            Ok(inbound.xml().to_owned())
        };
        match self.encoding.as_deref() {
            None | Some("xml") => Ok(bytes),
            Some("base64+deflate") => {
                let mut message = Vec::new();
                let deflated = decoded(&bytes)?;
                DeflateDecoder::new(&*deflated).read_to_end(&mut message).expect("DEFLATE");
                Ok(message)
            }
            Some(_) => decoded(&bytes),
        }
    }

    pub(crate) fn case(&self, given: &Given) -> Case {
        let first = |list: &[String]| list.first().filter(|text| !text.is_empty()).cloned();
        let or = |text: Option<String>, other: &str| text.unwrap_or_else(|| other.to_owned());
        let acs_url = given.acs_url.clone().or_else(|| first(&self.recipient));
        let entity_id = given.entity_id.clone().or_else(|| first(&self.audience));
        // A key that is trusted for another issuer alone is none of this connection's.
        let trust = self.trust.iter().filter(|name| !name.contains("(trusted for issuer"));
        let mut keys: Vec<_> = trust.map(|name| self.trusted(name)).collect();
        if keys.is_empty() {
            // The suite has no key that signed these.
            static KEY: OnceLock<TestKey> = OnceLock::new();
            keys.push(KEY.get_or_init(|| TestKey::rsa(2048)).trusted());
        }
        let mut party = RelyingParty::new(
            or(self.issuer.clone(), "urn:unknown:issuer"),
            or(entity_id, "urn:unknown:audience"),
            or(acs_url.or_else(|| self.destination.clone()), "https://unknown.example/acs"),
            TrustedKeys::new(keys).expect("a key"),
        );
        let ours = self.service_keys().into_iter();
        let ours = ours.map(|key| DecryptionKey::from_pem(&key).expect("a key"));
        party.decryption_keys = ours.take(given.keys.unwrap_or(usize::MAX)).collect();
        let legacy = ["sha1", "cbc", "tripledes", "rsa-1_5"];
        if self.alg.iter().any(|alg| legacy.iter().any(|old| alg.contains(old))) {
            party.grants = LegacyCrypto::ALL.into();
        }
        let mut now = datetime!(2026-11-22 00:00 UTC);
        if let Some(instant) = given.at.as_ref().or(self.instant.as_ref()) {
            now = OffsetDateTime::parse(instant, &Rfc3339).expect("an instant");
            party.clock_skew = Duration::ZERO;
        }
        let asked = match &self.in_response_to {
            _ if self.is_token() => Asked::Token,
            Some(id) => Asked::Response(id.clone()),
            None => Asked::UnsolicitedResponse,
        };
        Case { party, asked, now }
    }

    /// The private keys of ours that decrypt, in PEM.
    pub(crate) fn service_keys(&self) -> Vec<Vec<u8>> {
        let read = |name: &String| fs::read(self.path(name)).expect("a key");
        self.decryption_key.iter().map(read).collect()
    }

    fn trusted(&self, name: &str) -> TrustedKey {
        let bytes = fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        if let Ok(key) = PKey::public_key_from_pem(&bytes) {
            let der = key.public_key_to_der().expect("DER");
            return TrustedKey::from_public_key_der(&der).expect("a key");
        }
        TrustedKey::from_certificate_pem(&bytes)
            .or_else(|_| TrustedKey::from_der(&bytes))
            .unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    fn path(&self, name: &str) -> PathBuf {
        let places = [self.suite.join(name), self.suite.join("certs").join(name)];
        let place = places.into_iter().find(|path| path.exists());
        place.unwrap_or_else(|| panic!("{}: there is no {name}", self.file))
    }
}
