//! The commands that do what the Admin API does (SPEC 14): each as an operator gives it, and refused.

use crate::installation::Installation;
use crate::pair::pair;
use crate::process::{Started, program, serve};
use serde_json::json;

/// Metadata of an identity provider, as a vendor writes it.
fn metadata() -> Vec<u8> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../metadata/keycloak.xml");
    std::fs::read(file).expect("the metadata of a vendor")
}

#[test]
fn an_organization_is_made_shown_changed_and_listed() {
    let here = Installation::new();
    assert_eq!(here.say("org list").good(), "There are none.\n");

    let made =
        here.say("org create acme --display-name Acme --domain acme.example --domain acme.test");
    assert!(made.good().contains("domains: "), "every field is shown");
    let shown = here.json("org show ACME.example");
    assert_eq!(shown["name"], "acme");
    assert_eq!(shown["domains"], json!(["acme.example", "acme.test"]));

    here.say(
        "org set acme display_name=Acme\u{a0}Sons sso_enabled=false sessions={\"idle_seconds\":60}",
    )
    .good();
    let shown = here.json("org show acme");
    assert_eq!(shown["display_name"], "Acme\u{a0}Sons");
    assert_eq!(shown["sso_enabled"], false);
    assert_eq!(shown["sessions"]["idle_seconds"], 60);

    here.say("org create beta").good();
    assert_eq!(
        here.say("org list").good(),
        "NAME  DISPLAY NAME  DOMAINS                  SSO\n\
         acme  Acme\u{a0}Sons     acme.example, acme.test  false\n\
         beta  -             -                        true\n"
    );
}

#[test]
fn a_list_is_shown_in_parts_or_whole() {
    let here = Installation::new();
    for name in ["a", "b", "c"] {
        here.say(&format!("org create {name}")).good();
    }
    let part = here.say("org list --limit 2");
    assert_eq!((part.exit, part.out.lines().count()), (0, 3));
    assert_eq!(part.err, "There are more: --all, or --cursor b\n");
    assert_eq!(here.json("org list --limit 2")["next"], "b");
    let names = |line: &str| {
        let list = here.json(line);
        let names = list["items"].as_array().expect("items").iter().map(|org| org["name"].clone());
        assert_eq!(list["next"], serde_json::Value::Null);
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("org list --limit 2 --cursor b"), ["c"]);
    assert_eq!(names("org list --all"), ["a", "b", "c"]);
}

#[test]
fn what_the_admin_api_refuses_is_refused_with_its_code() {
    let here = Installation::new();
    here.say("org create acme --domain acme.example").good();
    for (line, sentence) in [
        ("org create acme", "name: Another organization has this name. (org_exists)"),
        (
            "org create beta --domain acme.example",
            "domains: Another organization has one of these domains. (domain_taken)",
        ),
        ("org show beta", "There is no such organization. (not_found)"),
        ("org show ../orgs", "There is no such organization. (not_found)"),
        (
            "org set acme name=other",
            "name: The name of an organization never changes. (read_only_field)",
        ),
        ("org connection set acme auto_create=true", "There is no such connection. (not_found)"),
        ("org connection delete acme --yes", "There is no such connection. (not_found)"),
        ("cert idp delete acme none --yes", "There is no such thing. (not_found)"),
        ("user show acme none", "There is no such thing. (not_found)"),
    ] {
        assert_eq!(here.say(line).refused(), sentence, "{line}");
    }
    let sentence = here.say("org set acme colour=blue").refused();
    assert!(sentence.starts_with("colour: unknown field `colour`"), "{sentence}");
    assert!(sentence.ends_with("(invalid_field)"), "{sentence}");
    let sentence = here.say("audit list acme --category weather").refused();
    assert!(sentence.ends_with("(malformed_query)"), "{sentence}");
    assert_eq!(here.json("org list")["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn arguments_that_cannot_be_used_change_nothing() {
    let here = Installation::new();
    here.say("org create acme").good();
    for (line, sentence) in [
        ("org set acme display_name", "display_name: fields are given as FIELD=VALUE"),
        ("org set acme --file absent.json", "absent.json: No such file or directory (os error 2)"),
        (
            "org connection delete acme",
            "Remove the connection of acme? Nobody can be asked here: give --yes.",
        ),
        (
            "cert import acme - --alias a --passphrase-file -",
            "standard input cannot be both the file and its passphrase",
        ),
    ] {
        assert_eq!(here.say(line).unusable(), sentence, "{line}");
    }
    for line in
        ["org", "org create", "cert generate acme", "audit list", "org list --limit 0", "org paint"]
    {
        let said = here.say(line);
        assert_eq!((said.exit, said.out.as_str()), (2, ""), "{line}");
        assert!(said.err.contains("Usage:") || said.err.contains("--limit"), "{}", said.err);
    }
}

#[test]
fn a_connection_is_imported_changed_replaced_and_removed() {
    let here = Installation::new();
    here.say("org create acme --domain acme.example").good();
    let said = here.tell(&["org", "connection", "import", "acme", "-"], &metadata()).good();
    assert!(said.contains("filled.idp_entity_id: "), "{said}");
    let imported = here.say("org connection metadata acme").good();
    assert_eq!(imported.as_bytes(), metadata());

    here.say(
        "org connection set acme auto_create=true attribute_map={\"preset\":\"entra\",\"map\":{}}",
    )
    .good();
    let connection = here.json("org connection show acme");
    assert_eq!(connection["auto_create"], true);
    assert_eq!(connection["attribute_map"]["preset"], "entra");
    // Our own addresses come from the public URL of the settings.
    assert_eq!(connection["sp_entity_id"], "http://localhost:8080/saml/acme/metadata");

    let whole =
        json!({"idp_entity_id": "https://idp.example", "sso_url": "https://idp.example/sso"});
    let words = ["org", "connection", "replace", "acme", "clock_skew_seconds=60", "--file", "-"];
    here.tell(&words, whole.to_string().as_bytes()).good();
    let connection = here.json("org connection show acme");
    assert_eq!(connection["idp_entity_id"], "https://idp.example");
    assert_eq!(
        (&connection["clock_skew_seconds"], &connection["auto_create"]),
        (&json!(60), &json!(false))
    );

    assert_eq!(
        here.say("org connection delete acme --yes").good(),
        "Removed the connection of acme.\n"
    );
    assert_eq!(
        here.say("org connection show acme").refused(),
        "There is no such connection. (not_found)"
    );
}

#[test]
fn a_certificate_is_generated_exported_activated_retired_and_removed() {
    let here = Installation::new();
    here.say("org create acme").good();
    let id = |line: &str| here.json(line)["id"].as_str().expect("an id").to_owned();
    let first = id("cert generate acme --alias first --days 90 --key p256");
    let second = id("cert generate acme --alias second --key p256");

    let sentence = here.say("cert generate acme --alias third --days 89").refused();
    assert!(sentence.ends_with("(invalid_field)"), "{sentence}");
    here.say(&format!("cert activate acme {first}")).good();
    let sentence = here.say(&format!("cert delete acme {first} --yes")).refused();
    assert!(sentence.ends_with("(certificate_active)"), "{sentence}");

    // DER as the API exports it, PEM as `cert show` has it.
    let der = here.run(&["cert", "export", "acme", &first], b"").stdout;
    let pem = here.say(&format!("cert export acme {first} --pem")).good();
    let parsed = openssl::x509::X509::from_pem(pem.as_bytes()).expect("PEM");
    assert_eq!(parsed.to_der().expect("DER"), der);
    here.say(&format!("cert export acme {first} -o acme.cer")).good();
    assert_eq!(std::fs::read(here.path().join("acme.cer")).expect("the file"), der);

    here.say(&format!("cert activate acme {second}")).good();
    here.say(&format!("cert retire acme {first}")).good();
    let table = here.say("cert list acme").good();
    let states: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().skip(1).take(2).collect()).collect();
    assert_eq!(states, [["ALIAS", "STATE"], ["first", "retired"], ["second", "active"]]);
    let removed = here.say(&format!("cert delete acme {first} --yes")).good();
    assert_eq!(removed, format!("Removed the certificate {first} of acme and its private key.\n"));
    assert_eq!(here.json("cert list acme")["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_certificate_is_imported_with_a_passphrase_from_a_file() {
    let here = Installation::new();
    here.say("org create acme").good();
    let (key, certificate) = pair(1_760_000_000, 1_990_000_000);
    let locked = key
        .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"open sesame")
        .expect("an encrypted key");
    let both = [locked, certificate.to_pem().expect("PEM")].concat();
    std::fs::write(here.path().join("pair.pem"), &both).expect("written");
    std::fs::write(here.path().join("passphrase"), "open sesame\n").expect("written");

    let line = "cert import acme pair.pem --alias ours --passphrase-file";
    let sentence = here.tell(&[line.split(' ').collect(), vec!["-"]].concat(), b"wrong").refused();
    assert!(sentence.ends_with("(wrong_passphrase)"), "{sentence}");
    assert!(!sentence.contains("sesame"), "{sentence}");
    here.say(&format!("{line} passphrase")).good();
    assert_eq!(here.json("cert list acme")["items"][0]["alias"], "ours");

    // The certificate alone is what an identity provider's is.
    let sentence =
        here.tell(&["cert", "idp", "import", "acme", "-", "--alias", "idp"], &both).refused();
    assert!(sentence.ends_with("(private_key_given)"), "{sentence}");
    let der = certificate.to_der().expect("DER");
    here.tell(&["cert", "idp", "import", "acme", "-", "--alias", "idp"], &der).good();
    let known = here.json("cert idp list acme");
    assert_eq!(
        (&known["items"][0]["alias"], &known["items"][0]["state"]),
        (&json!("idp"), &json!("active"))
    );
    let id = known["items"][0]["id"].as_str().expect("an id");
    here.say(&format!("cert idp activate acme {id}")).good();
    here.say(&format!("cert idp delete acme {id} --yes")).good();
    assert_eq!(here.say("cert idp list acme").good(), "There are none.\n");
}

#[test]
fn each_act_is_in_the_audit_trail_under_the_command_line() {
    let here = Installation::new();
    here.say("org create acme").good();
    here.say("org set acme display_name=Acme").good();
    assert!(here.say("org set acme name=other").refused().ends_with("(read_only_field)"));
    let trail = here.json("audit list acme --category configuration --administrator command-line");
    let acts: Vec<_> = trail["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|entry| entry["sub_category"].as_str().expect("an act"))
        .collect();
    assert_eq!(acts, ["org_changed", "org_created"]);

    let csv = here.say("audit list acme --format csv --category configuration").good();
    let head = "Administrator,Timestamp,Category,Sub Category,Details";
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, head));
    assert!(lines[1].starts_with("command-line,") && lines[1].contains(",org_changed,"));
    // Reading it was recorded, too; a date is midnight in UTC.
    let reads = here.json("audit list acme --category reports --from 2020-01-01");
    assert_eq!(reads["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(here.json("audit list acme --to 2020-01-01")["items"], json!([]));
}

#[test]
fn an_account_is_made_edited_deactivated_and_signed_out() {
    let here = Installation::new();
    here.say("org create acme --domain acme.example").good();
    let line =
        "user create acme email=zoe@acme.example first_name=Zoe last_name=Quist employee_id=17";
    let made = here.json(line);
    assert_eq!((&made["employee_id"], &made["source"]), (&json!("17"), &json!("admin")));
    let id = made["id"].as_str().expect("an id");
    let edited = here.json(&format!("user edit acme {id} job_title=Captain zip_code=94016"));
    assert_eq!((&edited["job_title"], &edited["zip_code"]), (&json!("Captain"), &json!("94016")));
    let sentence = here.say(&format!("user edit acme {id} uid=other@acme.example")).refused();
    assert!(sentence.ends_with("(uid_immutable)"), "{sentence}");

    assert!(here.say("user list acme --q qui").good().contains("zoe@acme.example"));
    let sorted = here.json("user list acme --sort last_name --order desc --im-logging false");
    assert_eq!(sorted["items"][0]["email"], "zoe@acme.example");
    assert_eq!(here.json("user list acme --im-logging true")["items"], json!([]));
    let sentence = here.say("user list acme --sort colour").refused();
    assert!(sentence.ends_with("(malformed_query)"), "{sentence}");
    here.say(&format!("user deactivate acme {id}")).good();
    assert_eq!(here.say("user list acme").good(), "There are none.\n");
    let inactive = here.json("user list acme --status inactive");
    assert_eq!(inactive["items"][0]["status"], "inactive");
    here.say(&format!("user reactivate acme {id}")).good();
    assert_eq!(here.json(&format!("user show acme {id}"))["status"], "active");
    assert_eq!(here.say(&format!("user sessions acme {id}")).good(), "There are none.\n");
    let out = here.say(&format!("user sign-out acme {id} --yes")).good();
    assert_eq!(out, format!("Removed every session of {id} of acme.\n"));

    let sentence = here.say(line).refused();
    assert!(sentence.contains("(account_") || sentence.contains("taken"), "{sentence}");
    let entries = here.json("audit list acme --category users --administrator command-line");
    assert!(entries["items"].as_array().is_some_and(|items| items.len() >= 4), "{entries}");
}

#[test]
fn an_attribute_is_defined_filled_and_removed() {
    let here = Installation::new();
    here.say("org create acme --domain acme.example").good();
    let defined = here.json("org attribute define acme desk pattern=[0-9]{2} unique=true");
    assert_eq!((&defined["name"], &defined["pattern"]), (&json!("desk"), &json!("[0-9]{2}")));
    here.say("org attribute define acme tags type=list").good();
    let user = "user create acme email=zoe@acme.example first_name=Zoe last_name=Quist";
    let sentence = here.say(&format!("{user} desk=7")).refused();
    assert!(sentence.ends_with("(invalid_field)"), "{sentence}");
    let made = here.json(&format!("{user} desk=07 tags=[\"a\"]"));
    assert_eq!((&made["desk"], &made["tags"]), (&json!("07"), &json!(["a"])));

    let said = here.say("org attribute remove acme tags --yes").good();
    assert_eq!(said, "Removed the attribute tags of acme, with its values.\n");
    let id = made["id"].as_str().expect("an id");
    let left = here.json(&format!("user show acme {id}"));
    assert_eq!((&left["desk"], left.get("tags")), (&json!("07"), None));
    let schema = here.json("org attribute show acme");
    assert_eq!(schema["attributes"].as_array().map(Vec::len), Some(1));
    let emptied = here.json("org attribute replace acme attributes=[]");
    assert_eq!(emptied, json!({"attributes": []}));
}

#[test]
fn a_token_is_printed_once_and_revoked() {
    let here = Installation::new();
    here.say("org create acme").good();
    let secret = here.say("token create acme --description script --role user_admin").good();
    let secret = secret.trim_end();
    assert!(secret.len() > 30 && !secret.contains(char::is_whitespace), "the secret alone");
    let list = here.say("token list acme").good();
    assert!(list.contains("script") && list.contains("user_admin") && !list.contains(secret));
    assert!(list.contains("command-line"), "who made it: {list}");
    let id = here.json("token list acme")["items"][0]["id"].as_str().expect("an id").to_owned();
    assert!(!here.say(&format!("token show acme {id}")).good().contains(secret));

    let service = Started::start(serve(here.path()));
    let status = || {
        let head = format!("host: x\r\nauthorization: Bearer {secret}");
        let answer =
            service.ask(&format!("GET /api/v1/orgs/acme/users HTTP/1.1\r\n{head}\r\n\r\n"));
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    assert_eq!(status(), "200");
    let revoked = here.say(&format!("token revoke acme {id} --yes")).good();
    assert_eq!(revoked, format!("Removed the token {id} of acme.\n"));
    assert_eq!(status(), "401");
    assert!(service.stop().success());

    let sentence = here.say("token create acme --description x --role user").refused();
    assert!(sentence.ends_with("(invalid_field)"), "{sentence}");
    let sentence = here.say(&format!("token revoke acme {id} --yes")).refused();
    assert!(sentence.ends_with("(not_found)"), "{sentence}");
}

#[test]
fn a_refused_login_is_explained_by_its_number() {
    let here = Installation::new();
    here.say("org create acme").good();
    here.tell(&["org", "connection", "import", "acme", "-"], &metadata()).good();
    let service = Started::start(serve(here.path()));
    // Posted by a browser that began no login here.
    let form = "sso_posted_again=1&SAMLResponse=PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wiLz4%3D";
    let head = "POST /saml/acme/acs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded";
    let answer = service.ask(&format!("{head}\r\ncontent-length: {}\r\n\r\n{form}", form.len()));
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(service.stop().success());

    let number =
        here.json("org logins acme")["items"][0]["id"].as_str().expect("a trace").to_owned();
    assert!(answer.contains(&number), "the person sees the number");
    let words = here.say(&format!("explain {number}")).good();
    assert!(words.starts_with(&format!("Login {number} of acme at ")), "{words}");
    assert!(
        words.contains("The login was refused: ") && words.contains("  What to do: "),
        "{words}"
    );
    assert_eq!(here.json(&format!("explain {number}"))["id"], number.as_str());
    assert!(here.say("org logins acme").good().contains("rejected"));

    assert_eq!(
        here.say("explain trc_00000000000070008000000000000000").refused(),
        "There is no such trace: it was never made, or is past its time. (not_found)"
    );
    assert_eq!(
        here.say("explain 17").unusable(),
        "17: the number of a trace is trc_ and 32 digits"
    );
}

#[test]
fn a_running_service_sees_a_change_at_once() {
    let here = Installation::new();
    let service = Started::start(serve(here.path()));
    let ask = |path: &str| service.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n"));
    assert!(ask("/saml/acme/metadata").starts_with("HTTP/1.1 404 "));
    here.say("org create acme").good();
    assert!(ask("/saml/acme/metadata").starts_with("HTTP/1.1 200 "));

    assert!(ask("/sso/acme/login").starts_with("HTTP/1.1 403 "), "there is no connection");
    here.tell(&["org", "connection", "import", "acme", "-"], &metadata()).good();
    assert!(ask("/sso/acme/login").starts_with("HTTP/1.1 303 "));
    here.say("org connection set acme state=disabled").good();
    assert!(ask("/sso/acme/login").starts_with("HTTP/1.1 403 "));
    assert!(service.stop().success());
}

#[test]
fn a_folder_without_an_installation_is_left_alone() {
    let folder = crate::process::folder();
    let output = program(folder.path()).args(["org", "list"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "sso-server: the database cannot be used (SSO_DATABASE_URL): there is no ./data/sso.db; \
         run `sso-server init`, or say where it is with --data-dir or --config\n"
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn the_installation_is_found_by_flags_and_settings() {
    let here = Installation::new();
    here.say("org create acme").good();
    let elsewhere = crate::process::folder();
    let data = here.path().join("data");
    let listed = |command: &mut std::process::Command| {
        let output = command.output().expect("the program runs");
        String::from_utf8(output.stdout).expect("text").contains("acme")
    };
    let data = data.to_str().expect("a path");
    assert!(listed(program(elsewhere.path()).args(["org", "list", "--data-dir", data])));
    assert!(listed(program(elsewhere.path()).args(["org", "--data-dir", data, "list"])));
    assert!(listed(program(elsewhere.path()).args(["org", "list"]).env("SSO_DATA_DIR", data)));
    let settings = elsewhere.path().join("ours.toml");
    std::fs::write(&settings, format!("data_dir = {data:?}\n")).expect("written");
    assert!(listed(program(elsewhere.path()).args(["org", "list", "--config", "ours.toml"])));
}

#[test]
fn the_schema_of_another_version_is_left_alone() {
    let here = Installation::new();
    let database = rusqlite::Connection::open(here.path().join("data/sso.db")).expect("it opens");
    let last =
        "DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)";
    assert_eq!(database.execute(last, ()).expect("a change"), 1);
    let sentence = here.say("org list").refused();
    assert!(sentence.contains("written by an older version of this program"), "{sentence}");
    let count = "SELECT count(*) FROM schema_migrations";
    let before: i64 = database.query_row(count, (), |row| row.get(0)).expect("a number");
    here.say("org list").refused();
    assert_eq!(
        database.query_row(count, (), |row| row.get::<_, i64>(0)).expect("a number"),
        before
    );
}

/// An identity provider's names reach an operator's terminal as text (SPEC 13).
#[test]
fn what_others_wrote_cannot_steer_the_terminal() {
    let here = Installation::new();
    here.say("org create acme").good();
    let name = "Ac\u{202e}me";
    here.say(&format!("org set acme display_name={name}")).good();
    for line in ["org show acme", "org list"] {
        let shown = here.say(line).good();
        assert!(shown.contains("Ac\\u{202e}me") && !shown.contains(name), "{shown:?}");
    }
    // JSON is for programs, and has the text as it is.
    assert_eq!(here.json("org show acme")["display_name"], name);
    let sentence = here.say("org show \u{1b}]0;x\u{7}").refused();
    assert!(!sentence.contains(char::is_control), "{sentence:?}");
    let sentence = here.say("org set acme \u{1b}[2J=1").refused();
    assert!(sentence.contains("\\u{1b}[2J"), "{sentence:?}");
}
