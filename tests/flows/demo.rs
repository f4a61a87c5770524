//! `sso-server demo` (SPEC 14): it signs people in, starts again on what it kept, follows a rotated key,
//! and says in a sentence why it does not start.

use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Admin, Browser, free_port, program};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

#[tokio::test]
async fn it_starts_again_on_what_it_kept() {
    let data = TempDir::new().expect("a temporary folder");
    let ports = (free_port(), free_port());
    let first = {
        let demo = Demo::start(data.path(), ports);
        sign_in(&demo, "maya", "Maya Lindqvist").await;
        accounts(&demo).await
    };
    assert_eq!(first.len(), 1);

    // The identity provider has a new key now, which the connection follows.
    let demo = Demo::start(data.path(), ports);
    sign_in(&demo, "maya", "Maya Lindqvist").await;
    sign_in(&demo, "tomas", "Tomás Okafor").await;
    let second = accounts(&demo).await;
    assert_eq!(second.len(), 2);
    assert_eq!(second[0]["id"], first[0]["id"]);
}

#[tokio::test]
async fn its_identity_provider_follows_a_rotated_service_certificate() {
    let data = TempDir::new().expect("a temporary folder");
    let demo = Demo::start(data.path(), (free_port(), free_port()));
    for key in ["rsa3072", "p256"] {
        let made = json!({"alias": key, "valid_days": 90, "key": key});
        let made = demo.admin().create("orgs/demo/service-certificates", made).await;
        let id = made["id"].as_str().expect("an id");
        demo.admin().act(&format!("orgs/demo/service-certificates/{id}/activate")).await;
        sign_in(&demo, "tomas", "Tomás Okafor").await;
    }
}

#[tokio::test]
async fn its_identity_provider_takes_nothing_but_what_the_service_signed() {
    let data = TempDir::new().expect("a temporary folder");
    let demo = Demo::start(data.path(), (free_port(), free_port()));
    let browser = Browser::default();
    let request = browser.open(&demo.open).await.location.expect("the identity provider");
    let good = request.as_str();
    let (unsigned, _) = good.split_once("&SigAlg=").expect("a signed query");
    let other_state = good.replace("RelayState=", "RelayState=x");
    let other_signature = good.replace("Signature=", "Signature=AAAA");
    for bad in [unsigned, &other_state, &other_signature, &format!("{good}&SAMLRequest=x")] {
        let page = browser.open(bad).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{bad}: {}", page.body);
    }
    assert_eq!(browser.open(good).await.status, StatusCode::OK);
}

#[test]
fn a_port_in_use_is_told_in_a_sentence() {
    let data = TempDir::new().expect("a temporary folder");
    let (port, idp) = (free_port(), free_port());
    let _demo = Demo::start(data.path(), (port, idp));
    for (ports, sentence) in [
        ((port, free_port()), format!("cannot listen on 127.0.0.1:{port} (SSO_LISTEN): ")),
        ((free_port(), idp), format!("cannot listen on 127.0.0.1:{idp} (--idp-listen): ")),
    ] {
        let other = TempDir::new().expect("a temporary folder");
        let Output { status, stderr, .. } =
            command(other.path(), ports).output().expect("the demo runs");
        let expected = format!("sso-server: {sentence}another program uses this port\n");
        assert_eq!(String::from_utf8_lossy(&stderr), expected);
        assert_eq!(status.code(), Some(1));
        let made = std::fs::read_dir(other.path()).expect("the folder").count();
        assert_eq!(made, 0, "a start that fails on a port touches no file");
    }
}

/// A running demo; it ends with this value.
struct Demo {
    process: Child,
    /// The address that it says to open.
    open: String,
    token: String,
}

impl Demo {
    /// Starts it and waits for the address.
    fn start(data: &Path, ports: (u16, u16)) -> Self {
        let mut process =
            command(data, ports).stdout(Stdio::piped()).spawn().expect("the demo starts");
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let open = lines
            .map(|line| line.expect("a line"))
            .find_map(|line| line.strip_prefix("Open ").map(str::to_owned))
            .expect("the demo says what to open");
        let token = std::fs::read_to_string(data.join("admin-token")).expect("a token");
        Self { process, open, token: token.trim().to_owned() }
    }

    fn admin(&self) -> Admin {
        let (origin, _) = self.open.split_once("/sso/").expect("a login");
        Admin::new(format!("{origin}/api/v1/"), &self.token)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(data: &Path, (port, idp): (u16, u16)) -> Command {
    let mut command = Command::new(program("sso-server-under-test"));
    command
        .args(["demo", "--listen", &format!("127.0.0.1:{port}")])
        .args(["--idp-listen", &format!("127.0.0.1:{idp}")])
        .arg("--data-dir")
        .arg(data)
        .env("SSO_ADMIN_TOKEN", "of-a-real-service")
        .env("SSO_DATABASE_URL", "postgres://of-a-real-service.invalid/")
        .env_remove("SSO_PUBLIC_URL")
        .env("SSO_LOG", "error")
        .stdin(Stdio::null());
    command
}

/// Signs in as a person in a new browser.
async fn sign_in(demo: &Demo, person: &str, name: &str) {
    let browser = Browser::default();
    let mut choice = browser.visit(&demo.open).await.form();
    choice.fields.push(("person".to_owned(), person.to_owned()));
    let page = browser.submit(&choice).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains(&format!("<h1>{name}</h1>")), "{}", page.body);
}

async fn accounts(demo: &Demo) -> Vec<Value> {
    let users = demo.admin().get("orgs/demo/users").await;
    users["items"].as_array().expect("a list").clone()
}
