//! Foreign identity providers, each a process that ends with its value.

use reqwest::StatusCode;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A running foreign identity provider. All of them answer at the same paths.
pub struct Peer {
    process: Child,
    /// It ends when this is closed, even where the test was killed.
    _stdin: ChildStdin,
    origin: String,
    client: reqwest::Client,
}

impl Peer {
    /// Starts npm `samlp` (tests/peers/samlp/idp.mjs) on a free port.
    ///
    /// # Panics
    /// Node.js or the packages are not there: `./test` installs them.
    pub fn samlp() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(
            folder.join("node_modules/samlp").exists(),
            "npm's packages are not installed: run `npm ci` in tests/, as ./test does"
        );
        Self::start(Command::new("node").arg(folder.join("peers/samlp/idp.mjs")))
    }

    /// Starts npm `wsfed` (tests/peers/wsfed/idp.mjs) on a free port: a federation service.
    ///
    /// # Panics
    /// Node.js or the packages are not there: `./test` installs them.
    pub fn wsfed() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(
            folder.join("node_modules/wsfed").exists(),
            "npm's packages are not installed: run `npm ci` in tests/, as ./test does"
        );
        Self::start(Command::new("node").arg(folder.join("peers/wsfed/idp.mjs")))
    }

    /// Starts PyPI's `pysaml2` (tests/peers/pysaml2/idp.py) on a free port.
    ///
    /// # Panics
    /// Python, xmlsec1 or the packages are not there: `./test` installs them.
    pub fn pysaml2() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = folder.join("../target/pysaml2/bin/python");
        assert!(
            python.exists(),
            "PyPI's packages are not installed: make target/pysaml2 as ./test does"
        );
        // A dependency of it warns of its own future on each import.
        let script = folder.join("peers/pysaml2/idp.py");
        Self::start(Command::new(python).args(["-W", "ignore"]).arg(script))
    }

    fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the identity provider starts");
        let stdin = process.stdin.take().expect("its input");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("its first line");
        let origin = line.trim().strip_prefix("listening ").expect("its address").to_owned();
        Self { process, _stdin: stdin, origin, client: reqwest::Client::new() }
    }

    /// The absolute address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Its metadata.
    pub async fn metadata(&self) -> String {
        let answer = self.client.get(self.url("/metadata")).send().await.expect("an answer");
        answer.text().await.expect("a document")
    }

    /// Tells it our metadata, from which it takes entity ID, ACS and signing certificates. Answers
    /// what it read there: `{entityId, acs, certificates}`, the certificates in base64; pysaml2 also
    /// those to encrypt to, as `encryption`. `wsfed` reads `{realm, address, certificate}`.
    pub async fn register(&self, our_metadata: String) -> Value {
        let read = self.put("/control/service-provider", our_metadata).await;
        serde_json::from_str(&read).unwrap_or_else(|error| panic!("{error}: {read}"))
    }

    /// Sets what it says of a person: `{name_id, attributes}`, for `samlp` `name_id_format` too.
    pub async fn set_person(&self, name: &str, person: Value) {
        self.put(&format!("/control/people/{name}"), person.to_string()).await;
    }

    /// Sets how `wsfed` answers: `token` is `saml11` or `saml20`, `encrypt` whether it is encrypted to us.
    pub async fn answer_with(&self, answers: Value) {
        self.put("/control/answers", answers.to_string()).await;
    }

    /// Sets how artifacts go: by `query` or by `form`; pysaml2 alone.
    pub async fn send_artifacts_by(&self, way: &str) {
        self.put("/control/artifacts", way.to_owned()).await;
    }

    /// Has `samlp` sign with a new key from now on, the one that its metadata has.
    pub async fn change_key(&self) {
        self.put("/control/key", String::new()).await;
    }

    /// Has it encrypt assertions from now on, to a certificate of our metadata (base64) and by a
    /// cipher (its URI); `samlp` cannot.
    pub async fn encrypt_to(&self, certificate: &str, method: &str) {
        let encryption = serde_json::json!({"certificate": certificate, "method": method});
        self.put("/control/encryption", encryption.to_string()).await;
    }

    /// The certificate that it signs with, PEM; pysaml2 alone.
    pub async fn certificate(&self) -> String {
        self.put("/control/certificate", String::new()).await
    }

    /// Makes the key that it will sign with next, and gives its certificate, PEM; pysaml2 alone.
    pub async fn make_next_key(&self) -> String {
        self.put("/control/next-key", String::new()).await
    }

    /// Signs with the next key from now on; pysaml2 alone.
    pub async fn use_next_key(&self) {
        self.put("/control/use-next-key", String::new()).await;
    }

    /// Where a browser goes to be signed in there as a person.
    pub fn sign_in_url(&self, person: &str) -> String {
        self.url(&format!("/sign-in?person={person}"))
    }

    /// The AuthnRequests whose signature it verified, oldest first.
    pub async fn requests(&self) -> Vec<Value> {
        let answer = self.client.get(self.url("/control/requests")).send().await;
        answer.expect("an answer").json().await.expect("a list")
    }

    /// Who is signed in there: the indexes of their sessions, by their names.
    pub async fn sessions(&self) -> Value {
        let answer = self.client.get(self.url("/control/sessions")).send().await;
        answer.expect("an answer").json().await.expect("a table")
    }

    async fn put(&self, path: &str, body: String) -> String {
        let answer = self.client.put(self.url(path)).body(body).send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
