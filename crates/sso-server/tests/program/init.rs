//! `sso-server init`: what it makes, what it keeps, what it refuses.

use crate::installation::Installation;
use crate::process::{Started, folder, program};
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn an_installation_is_made_and_serves() {
    let here = Installation::empty();
    let said =
        here.say("init --listen 127.0.0.1:0 --data-dir kept --org acme --domain acme.example");
    assert_eq!(
        said.good(),
        "Made  kept\n\
         Made  kept/master.key (the master key: back it up, apart from the database)\n\
         Made  kept/sso.db\n\
         Made  kept/admin-token (the operator's token)\n\
         Made  sso.toml\n\
         Made  organization acme\n\
         \nNext:\n  \
           1. sso-server serve\n  \
           2. Give the identity provider our metadata: http://localhost:8080/saml/acme/metadata\n  \
           3. sso-server org connection import acme idp-metadata.xml\n  \
           4. sso-server doctor\n"
    );
    for (file, mode) in [
        ("sso.toml", 0o600),
        ("kept", 0o700),
        ("kept/master.key", 0o600),
        ("kept/sso.db", 0o600),
        ("kept/admin-token", 0o600),
    ] {
        let metadata = here.path().join(file).metadata().expect(file);
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{file}");
    }
    let settings = std::fs::read_to_string(here.path().join("sso.toml")).expect("the settings");
    let table: toml::Table = settings.parse().expect("TOML");
    assert_eq!(table.len(), 2, "what was given and nothing else: {table}");
    assert!(settings.contains("\n#trace_days = 30\n"), "the rest is there to be found");

    // Everything works by the file alone.
    assert_eq!(here.json("org show acme.example")["name"], "acme");
    let mut serve = program(here.path());
    serve.arg("serve");
    let service = Started::start(serve);
    assert!(
        service
            .ask("GET /saml/acme/metadata HTTP/1.1\r\nhost: x\r\n\r\n")
            .starts_with("HTTP/1.1 200 ")
    );
    assert!(service.stop().success());
}

#[test]
fn what_is_there_is_kept() {
    let here = Installation::empty();
    here.say("init --data-dir kept --org acme").good();
    let read = |file: &str| std::fs::read(here.path().join(file)).expect(file);
    let before = ["sso.toml", "kept/master.key", "kept/admin-token"].map(read);

    let again = here.say("init --org acme").good();
    let kept = again.lines().take_while(|line| !line.is_empty());
    assert!(
        kept.clone().count() == 6 && kept.clone().all(|line| line.starts_with("Kept  ")),
        "{again}"
    );
    assert_eq!(
        here.say("init --public-url https://sso.example").refused(),
        "sso.toml: the configuration file exists and is not overwritten; change it in an editor, or \
         name another one with --config"
    );
    assert_eq!(["sso.toml", "kept/master.key", "kept/admin-token"].map(read), before);

    // A key that was lost is not made anew over a database that was sealed with it.
    std::fs::remove_file(here.path().join("kept/master.key")).expect("the key is lost");
    let sentence = here.say("init").refused();
    assert!(sentence.starts_with("kept/master.key: the master key file is missing"), "{sentence}");
    assert!(!here.path().join("kept/master.key").exists());
}

#[test]
fn a_setting_that_cannot_be_used_makes_nothing() {
    let here = Installation::empty();
    for (line, begin) in [
        ("init --public-url http://sso.example", "public_url (SSO_PUBLIC_URL): "),
        (
            "init --database-url postgres://sso@127.0.0.1:1/sso",
            "master_key_file (SSO_MASTER_KEY_FILE): ",
        ),
    ] {
        let sentence = here.say(line).refused();
        assert!(sentence.starts_with(begin), "{sentence}");
        assert_eq!(std::fs::read_dir(here.path()).expect("the folder").count(), 0);
    }
    let line = "init --database-url postgres://sso:secret@127.0.0.1:1/sso --master-key-file key";
    let sentence = here.say(line).refused();
    assert!(sentence.starts_with("the database cannot be used"), "{sentence}");
    assert!(!sentence.contains("secret"), "{sentence}");
    let left = ["key", "sso.toml"].map(|file| here.path().join(file).exists());
    assert_eq!(left, [false, false], "it can be tried again with the same flags");
}

#[test]
fn an_organization_that_is_refused_can_be_made_later() {
    let here = Installation::empty();
    let sentence = here.say("init --org acme!").refused();
    assert!(sentence.ends_with("(invalid_field)"), "{sentence}");
    assert_eq!(here.say("org list").good(), "There are none.\n");
    assert!(here.say("init --org acme").good().contains("\nMade  organization acme\n"));
}

#[test]
fn another_file_is_named_in_what_comes_next() {
    let here = Installation::empty();
    let said = here.say("init --config ours.toml --public-url https://sso.example").good();
    assert!(
        said.contains(
            "\n  1. Let a proxy with TLS pass https://sso.example/ on to 127.0.0.1:8080,"
        ),
        "{said}"
    );
    assert!(said.contains("\n  2. sso-server serve --config ours.toml\n"), "{said}");
    assert!(
        said.contains("sso-server org create acme --domain acme.example --config ours.toml"),
        "{said}"
    );
    let elsewhere = folder();
    let config = here.path().join("ours.toml");
    let mut listed = program(elsewhere.path());
    listed.args(["org", "list", "--config"]).arg(config).current_dir(here.path());
    assert!(listed.output().expect("the program runs").status.success());
}
