//! The logins that real identity providers posted (`../shared/captures`), each with the case that it is
//! verified in.

use crate::shared;
use sso_core::bindings::{Message, post};
use sso_core::dsig::{DecryptionKey, TrustedKey, TrustedKeys};
use sso_core::login::RelyingParty;
use sso_server::selftest::{Asked, Case};
use std::fs;
use std::path::{Path, PathBuf};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const PRODUCTS: [&str; 4] = ["pysaml2", "saml-idp", "samlp", "wsfed"];

/// A posted login.
pub struct Capture {
    folder: PathBuf,
    file: String,
    /// The product, the flow and the file.
    pub name: String,
}

impl Capture {
    /// Every posted response of SAML, in the order of the names; none where the captures are not there,
    /// which is said.
    ///
    /// # Panics
    /// In CI, where the captures are not there.
    pub fn all() -> Vec<Self> {
        Self::named(|file| file.ends_with("-samlresponse.b64"))
    }

    /// Every posted `wresult` of WS-Federation, likewise.
    ///
    /// # Panics
    /// As [`Capture::all`].
    pub fn tokens() -> Vec<Self> {
        Self::named(|file| file.ends_with("-wresult.xml"))
    }

    /// Every logout message that an identity provider sent, likewise.
    ///
    /// # Panics
    /// As [`Capture::all`].
    pub fn logouts() -> Vec<Self> {
        Self::named(|file| file.contains("-logout") && file.contains("-idp-"))
    }

    /// Every answer to a request for the message that an artifact stands for, likewise.
    ///
    /// # Panics
    /// As [`Capture::all`].
    pub fn artifacts() -> Vec<Self> {
        Self::named(|file| file.ends_with("-artifactresponse.xml"))
    }

    fn named(is_meant: impl Fn(&str) -> bool) -> Vec<Self> {
        let Some(captures) = shared("captures") else { return Vec::new() };
        let mut all = Vec::new();
        for product in PRODUCTS {
            for flow in entries(&captures.join(product)) {
                for path in entries(&flow) {
                    let file = path.file_name().expect("a name").to_string_lossy().into_owned();
                    if is_meant(&file) {
                        let name = path.strip_prefix(&captures).expect("inside").to_string_lossy();
                        all.push(Self { folder: flow.clone(), file, name: name.into_owned() });
                    }
                }
            }
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// The message as it was posted, decoded.
    pub fn message(&self) -> Vec<u8> {
        if self.file.ends_with(".xml") {
            return self.read(&self.file).into_bytes();
        }
        post::decode(&self.read(&self.file), None).expect("a message").xml().to_owned()
    }

    /// The service to which it was posted, at the instant at which it came, with a skew of five seconds.
    pub fn case(&self) -> Case {
        let certificate = fs::read(self.folder.join("idp-signing.crt")).expect("a certificate");
        let key = TrustedKey::from_certificate_pem(&certificate).expect("a certificate");
        let mut party = RelyingParty::new(
            attribute(&self.metadata(), "entityID"),
            "http://127.0.0.1:9100/metadata".to_owned(),
            "http://127.0.0.1:9100/acs".to_owned(),
            TrustedKeys::new(vec![key]).expect("one key"),
        );
        party.clock_skew = Duration::seconds(5);
        let ours = DecryptionKey::from_pem(&self.service_key()).expect("a key");
        party.decryption_keys = vec![ours];

        let now = self.line();
        let now = now["instant"].as_str().expect("an instant");
        let now = OffsetDateTime::parse(now, &Rfc3339).expect("an instant");
        let asked = match self.answered() {
            _ if self.file.ends_with("-wresult.xml") => Asked::Token,
            Some(id) => Asked::Response(id),
            None => Asked::UnsolicitedResponse,
        };
        Case { party, asked, now }
    }

    /// The query in which it came, if it came in one.
    pub fn query(&self) -> Option<String> {
        self.line()["query"].as_str().map(str::to_owned)
    }

    /// The ID of the request for the message that it has, and the artifact.
    pub fn resolve(&self) -> (String, String) {
        let files = entries(&self.folder);
        let named = |end: &str| {
            let file = files.iter().find(|file| file.to_string_lossy().ends_with(end));
            fs::read_to_string(file.expect("the file")).expect("text")
        };
        (attribute(&named("-artifactresolve.xml"), "ID"), named("-samlart.txt"))
    }

    /// What is written down of it.
    fn line(&self) -> serde_json::Value {
        let instants = self.read("instants.jsonl");
        let line = instants.lines().find(|line| line.contains(&self.file)).expect("an instant");
        serde_json::from_str(line).expect("JSON")
    }

    /// The private key of the service, in PEM.
    pub fn service_key(&self) -> Vec<u8> {
        fs::read(self.folder.join("../../sp-keys/sp.key")).expect("a key")
    }

    /// Whether it answers a request that was sent.
    pub fn was_asked_for(&self) -> bool {
        let Some(request) = self.answered() else { return false };
        entries(&self.folder).iter().any(|file| {
            let name = file.to_string_lossy();
            (name.contains("-authnrequest-") || name.contains("-logoutrequest-sp-"))
                && attribute(&fs::read_to_string(file).expect("text"), "ID") == request
        })
    }

    /// The request that it says it answers.
    fn answered(&self) -> Option<String> {
        let message = self.message();
        let message = Message::parse(&message).expect("XML");
        message.hints().in_response_to.map(str::to_owned)
    }

    fn metadata(&self) -> String {
        let files = entries(&self.folder);
        let of_idp = |file: &&PathBuf| file.to_string_lossy().ends_with("-idp-metadata.xml");
        let file = files.iter().find(of_idp).expect("metadata");
        fs::read_to_string(file).expect("text")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// The value of the first attribute of that name in a document.
fn attribute(document: &str, name: &str) -> String {
    let (_, rest) = document.split_once(&format!(" {name}=\"")).expect("the attribute");
    rest.split('"').next().expect("a value").to_owned()
}
