//! PyPI's schemathesis reads the description and sends what it makes of it, sound and unsound, to a
//! running service on each engine. Nothing may fail inside (5xx), and every answer must be one that is
//! described: its status, content type, headers and body.

use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::{Engine, OPERATOR_TOKEN, PostgresCluster, TestKey, TestServer};
use std::path::Path;
use std::process::{Command, Output};

/// What is asked: everything but the pages, which lead on to identity providers.
const ASKED: &str =
    r"^/(api/|session$|healthz$|readyz$|auth/verify$|oauth2/|saml/\{org\}/metadata$|assets/)";

/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
     response_headers_conformance,response_schema_conformance";

/// An organization with something of each kind. Answers the settings by which schemathesis asks for
/// what is there; the rest of what it asks for is not.
async fn scene(server: &TestServer) -> String {
    let make = async |path: &str, body: Value| -> String {
        let made = server.api(Method::POST, path).json(&body).send().await.expect("an answer");
        assert_eq!(made.status(), 201, "{path}");
        let made: Value = made.json().await.expect("JSON");
        made["id"].as_str().unwrap_or_default().to_owned()
    };
    make("orgs", json!({"name": "acme", "domains": ["acme.example"]})).await;
    let person = json!({"email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"});
    let account = make("orgs/acme/users", person).await;
    let new = json!({"alias": "first", "valid_days": 365, "key": "p256"});
    let ours = make("orgs/acme/service-certificates", new).await;
    let token = json!({"description": "a test", "role": "user_admin"});
    let token = make("orgs/acme/api-tokens", token).await;
    let theirs = TestKey::ec(openssl::nid::Nid::X9_62_PRIME256V1).certificate();
    let path = "orgs/acme/idp-certificates?alias=first";
    let theirs = server.api(Method::POST, path).body(theirs).send().await.expect("an answer");
    assert_eq!(theirs.status(), 201);
    let theirs: Value = theirs.json().await.expect("JSON");
    let connection =
        json!({"idp_entity_id": "https://idp.example", "sso_url": "https://idp.example/sso"});
    let put = server.api(Method::PUT, "orgs/acme/sso").json(&connection).send().await;
    assert_eq!(put.expect("an answer").status(), 200);

    let mut settings = "[parameters]\n\"path.org\" = \"acme\"\n".to_owned();
    for (things, id) in [
        ("users", account.as_str()),
        ("service-certificates", &ours),
        ("idp-certificates", theirs["id"].as_str().expect("an id")),
        ("api-tokens", &token),
    ] {
        settings += &format!(
            "\n[[operations]]\ninclude-path-regex = '/{things}/\\{{id\\}}'\n\
             exclude-method = [\"DELETE\"]\n[operations.parameters]\n\"path.id\" = \"{id}\"\n"
        );
    }
    settings
}

/// Runs schemathesis, the same requests each time. `examples`: how many are made for each operation
/// besides those that cover the description.
fn run(server: &TestServer, settings: &str, examples: u32) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = root.join("target/schemathesis/bin/schemathesis");
    assert!(
        program.exists(),
        "PyPI's packages are not installed: make target/schemathesis as ./test does"
    );
    // It keeps notes in the folder that it runs in.
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("settings.toml"), settings).expect("the settings");
    Command::new(program)
        .current_dir(folder.path())
        .env("PYTHONHASHSEED", "0")
        .args(["--config-file", "settings.toml", "run"])
        .arg(root.join("docs/openapi.json"))
        .args(["--url", &server.url("")])
        .args(["--header", &format!("Authorization: Bearer {OPERATOR_TOKEN}")])
        .args(["--include-path-regex", ASKED, "--checks", CHECKS])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", &examples.to_string()])
        .args(["--seed", "1", "--generation-deterministic", "--no-shrink", "--continue-on-failure"])
        // A key of RSA 4096 can take seconds on a busy machine.
        .args(["--request-timeout", "60"])
        // A connection that was idle may be closed just as the next request goes out.
        .args(["--request-retries", "2", "--workers", "1", "--max-redirects", "0", "--no-color"])
        .output()
        .expect("schemathesis runs")
}

async fn hold(engine: Engine, examples: u32) {
    let server = TestServer::start_on(engine).await;
    let settings = scene(&server).await;
    let (server, output) = tokio::task::spawn_blocking(move || {
        let output = run(&server, &settings, examples);
        (server, output)
    })
    .await
    .expect("it ran");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{failed}");
    // Nothing was passed over.
    let description: Value = serde_json::from_str(sso_server::openapi::json()).expect("JSON");
    let paths = description["paths"].as_object().expect("paths").iter();
    let of_the_api = paths.filter(|(path, _)| path.starts_with("/api/"));
    let operations: usize =
        of_the_api.map(|(_, operations)| operations.as_object().expect("operations").len()).sum();
    let tested = said.lines().find_map(|line| line.trim().strip_prefix("Tested: "));
    let tested: usize = tested.and_then(|count| count.parse().ok()).expect("how many were tested");
    assert!(tested >= operations, "{tested} of {operations} operations were tested:\n{said}");
    println!("{said}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_described_is_what_is_answered() {
    hold(Engine::Sqlite, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_so_on_postgresql() {
    hold(Engine::Postgres(PostgresCluster::shared().database()), 3).await;
}
