//! `sso-server doctor` on the real program: what it finds, and the exit code that says how bad it is.

use crate::installation::{Installation, Said};
use crate::pair::pair;
use crate::process::{folder, program};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The codes that it finds, each with its severity, and its exit code. How full the disk of the machine
/// is that the test runs on is no matter of the test.
fn found(said: &Said) -> (i32, Vec<String>) {
    assert_eq!(said.err, "");
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or("-").to_owned();
    let line = |finding: &Value| {
        assert!(!text(finding, "mend").is_empty() && text(finding, "what").ends_with(['.', ')']));
        ["severity", "org", "code"].map(|field| text(finding, field)).join(" ")
    };
    let findings = findings.map(line).filter(|line| !line.ends_with("disk_full"));
    (said.exit, findings.collect())
}

fn mode(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("its mode is set");
}

const LOOPBACK: &str = "notice - public_url_loopback";

#[test]
fn an_installation_that_is_well_is_told_so() {
    let here = Installation::new();
    assert_eq!(found(&here.say("doctor --json")), (0, vec![LOOPBACK.to_owned()]));
    let said = here.say("doctor").good();
    assert!(
        said.contains("\n0 errors, ") && said.ends_with(" notice in 0 organizations.\n"),
        "{said}"
    );
    here.say("org create acme").good();
    here.say("org create beta").good();
    let (exit, codes) = found(&here.say("doctor --json --org acme"));
    assert_eq!(
        (exit, codes),
        (0, vec![LOOPBACK.to_owned(), "notice acme connection_missing".to_owned()])
    );
    assert_eq!(here.say("doctor --org gamma").unusable(), "There is no organization gamma.");
    // It records nothing: reading the trail through the Admin API would.
    assert_eq!(here.json("audit list acme")["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_will_break_is_told_with_its_date() {
    let here = Installation::new();
    here.say("org create acme").good();
    let (key, certificate) = pair(1_760_000_000, 1_770_000_000);
    let both = [key.private_key_to_pem_pkcs8().expect("PEM"), certificate.to_pem().expect("PEM")];
    here.tell(&["cert", "import", "acme", "-", "--alias", "old"], &both.concat()).good();
    let id = here.json("cert list acme")["items"][0]["id"].as_str().expect("an id").to_owned();
    here.say(&format!("cert activate acme {id}")).good();
    let connection = "idp_entity_id=urn:idp sso_url=https://idp.example/sso sign_authn_requests=true \
                      auto_create=true legacy_crypto=[\"sha1\"]";
    let words: Vec<&str> =
        ["org", "connection", "replace", "acme"].into_iter().chain(connection.split(' ')).collect();
    here.tell(&words, b"").good();
    let said = here.say("doctor --json");
    let codes = [
        "error acme domains_missing",
        "error acme idp_key_missing",
        "error acme service_certificate_expired",
        "warning acme legacy_crypto",
        LOOPBACK,
    ];
    assert_eq!(found(&said), (1, codes.map(str::to_owned).to_vec()));
    assert!(said.out.contains("\"at\": \"2026-02-02T02:40:00Z\""), "{}", said.out);
    let text = here.say("doctor").out;
    let expired = "ERROR   acme: The service certificate \"old\", which signs what is sent, has expired. \
                   [2026-02-02T02:40:00Z] (service_certificate_expired)\n        `sso-server cert generate`";
    assert!(text.contains(expired), "{text}");

    // Mended, it is no finding any more.
    let id = here.json("cert generate acme --alias new")["id"].as_str().expect("an id").to_owned();
    here.say(&format!("cert activate acme {id}")).good();
    here.tell(
        &["cert", "idp", "import", "acme", "-", "--alias", "idp"],
        &pair(1_760_000_000, 4_000_000_000).1.to_der().expect("DER"),
    )
    .good();
    here.say("org set acme domains=[\"acme.example\"]").good();
    here.say("org connection set acme legacy_crypto=[]").good();
    let codes = [LOOPBACK, "notice acme service_certificate_previous_expired"];
    assert_eq!(found(&here.say("doctor --json")), (0, codes.map(str::to_owned).to_vec()));
}

#[test]
fn what_others_can_read_is_an_error() {
    let here = Installation::new();
    mode(&here.path().join("data/master.key"), 0o644);
    mode(&here.path().join("data/admin-token"), 0o640);
    let codes = ["error - readable_by_others", "warning - readable_by_others", LOOPBACK];
    assert_eq!(found(&here.say("doctor --json")), (1, codes.map(str::to_owned).to_vec()));
}

#[test]
fn what_keeps_the_service_from_starting_is_found() {
    let nowhere = folder();
    let ask = |name: &str, value: &str| {
        let output = program(nowhere.path()).args(["doctor", "--json"]).env(name, value).output();
        let output = output.expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let exit = output.status.code().expect("it ends");
        found(&Said { exit, out: text(output.stdout), err: text(output.stderr) })
    };
    let (exit, codes) = ask("SSO_PUBLIC_URL", "http://sso.example");
    assert_eq!((exit, codes), (1, vec!["error - setting_unusable".to_owned()]));
    let (exit, codes) = ask("SSO_ADMIN_TOKEN", "secret");
    let expected = ["error - admin_token_guessable", "error - database_unusable", LOOPBACK];
    assert_eq!((exit, codes), (1, expected.map(str::to_owned).to_vec()));

    let here = Installation::new();
    std::fs::write(here.path().join("data/master.key"), [7; 32]).expect("another key");
    let codes = ["error - database_unusable", LOOPBACK];
    assert_eq!(found(&here.say("doctor --json")), (1, codes.map(str::to_owned).to_vec()));
    std::fs::remove_file(here.path().join("data/master.key")).expect("the key is lost");
    let codes = ["error - file_unusable", LOOPBACK];
    assert_eq!(found(&here.say("doctor --json")), (1, codes.map(str::to_owned).to_vec()));
}

/// A key that was sealed elsewhere: the database of one day with rows of another.
#[test]
fn a_sealed_key_that_does_not_open_is_found() {
    let here = Installation::new();
    here.say("org create acme").good();
    here.say("cert generate acme --alias a --key p256").good();
    let database = rusqlite::Connection::open(here.path().join("data/sso.db")).expect("it opens");
    let columns = "SELECT name FROM pragma_table_info('service_certificates') WHERE type = 'BLOB'";
    let mut statement = database.prepare(columns).expect("SQL");
    let names: Vec<String> =
        statement.query_map((), |row| row.get(0)).and_then(|rows| rows.collect()).expect("columns");
    let sealed = names.iter().find(|name| name.contains("key")).expect("the sealed column");
    let damage = format!("UPDATE service_certificates SET {sealed} = zeroblob(64)");
    assert_eq!(database.execute(&damage, ()).expect("a change"), 1);
    let codes = ["error acme sealed_key_unreadable", LOOPBACK, "notice acme connection_missing"];
    assert_eq!(found(&here.say("doctor --json")), (1, codes.map(str::to_owned).to_vec()));
}
