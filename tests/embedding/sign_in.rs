//! The example as a process: a person signs in through npm `samlp`, which verifies its AuthnRequest.

use reqwest::StatusCode;
use serde_json::json;
use sso_tests::{Browser, Peer, free_port, program};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The running example.
struct Application {
    process: Child,
    origin: String,
    _metadata: TempDir,
}

impl Application {
    async fn start(idp_metadata: String) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("idp-metadata.xml");
        std::fs::write(&file, idp_metadata).expect("the identity provider's metadata");
        let port = free_port();
        let origin = format!("http://localhost:{port}");
        let process = Command::new(program("axum-app-under-test"))
            .arg(file)
            .arg("acme.example")
            .env("LISTEN", format!("127.0.0.1:{port}"))
            .env("PUBLIC_URL", &origin)
            .spawn()
            .expect("the example starts");
        let mut application = Self { process, origin, _metadata: folder };
        application.until_ready().await;
        application
    }

    async fn until_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while reqwest::get(self.url("/")).await.is_err() {
            let ended = self.process.try_wait().expect("the state of the process");
            assert!(ended.is_none() && Instant::now() < deadline, "it does not answer: {ended:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let idp = Peer::samlp();
    let application = Application::start(idp.metadata().await).await;
    let ours = Browser::default().open(&application.url("/saml/acme/metadata")).await;
    assert_eq!(ours.status, StatusCode::OK, "{}", ours.body);
    idp.register(ours.body).await;
    let attributes = json!({
        "uid": "ann@acme.example", "email": "ann@acme.example",
        "firstname": "Ann <b>", "lastname": "Miller",
    });
    idp.set_person("ann", json!({"name_id": "ann@acme.example", "attributes": attributes})).await;

    let browser = Browser::default();
    browser.open(&idp.sign_in_url("ann")).await;
    let home = application.url("/");
    assert!(browser.open(&home).await.body.contains("Nobody is signed in"));

    // Through the identity provider and back, to the page with the person's name.
    let answer = browser.visit(&application.url("/sso/acme/login")).await.form();
    assert_eq!(answer.action.as_str(), application.url("/saml/acme/acs"));
    assert_eq!(idp.requests().await.len(), 1, "its AuthnRequest was verified");
    let signed_in = browser.submit(&answer).await;
    assert_eq!(signed_in.url.as_str(), home);
    assert!(signed_in.body.contains("<h1>Ann &lt;b> Miller</h1>"), "{}", signed_in.body);

    // Nobody else is signed in by it, and the answer serves once.
    let other = Browser::default();
    assert!(other.open(&home).await.body.contains("Nobody is signed in"));
    let again = browser.post(&answer).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.body.contains("replayed"), "{}", again.body);

    // A browser without the login cookie is asked to post from here, and has not begun this login.
    let answer = browser.visit(&application.url("/sso/acme/login")).await.form();
    let from_here = other.post(&answer).await.form();
    assert_eq!(from_here.action, answer.action);
    assert_eq!(from_here.field("SAMLResponse"), answer.field("SAMLResponse"));
    let refused = other.post(&from_here).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("browser_mismatch"), "{}", refused.body);
    assert_eq!(browser.submit(&answer).await.status, StatusCode::OK);

    let signed_out = browser.submit(&browser.open(&home).await.form()).await;
    assert_eq!(signed_out.url.as_str(), home);
    assert!(signed_out.body.contains("Nobody is signed in"), "{}", signed_out.body);
}
