//! What stops the start of the service, each in one sentence that names it (SPEC 14), and how a
//! service that started ends.

use crate::process::{Started, folder, serve};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// The one sentence that a start which fails tells.
fn sentence(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let stderr = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&stdout), "");
    assert_eq!(stderr.matches('\n').count(), 1, "one line: {stderr}");
    stderr.trim_end().strip_prefix("sso-server: ").expect("it says who speaks").to_owned()
}

#[test]
fn a_wrong_setting_is_named() {
    let folder = folder();
    for (name, value, expected) in [
        (
            "SSO_LISTEN",
            "localhost",
            "listen (SSO_LISTEN): \"localhost\" is not an address and port such as 127.0.0.1:8080",
        ),
        (
            "SSO_LISTEN",
            "127.0.0.1:99999",
            "listen (SSO_LISTEN): \"127.0.0.1:99999\" is not an address and port such as 127.0.0.1:8080",
        ),
        (
            "SSO_PUBLIC_URL",
            "sso.example",
            "public_url (SSO_PUBLIC_URL): \"sso.example\" is not an http or https URL",
        ),
        (
            "SSO_PUBLIC_URL",
            "http://sso.example",
            "public_url (SSO_PUBLIC_URL): \"http://sso.example\" is plain http, which only loopback hosts may use; use https",
        ),
        (
            "SSO_COOKIE_DOMAIN",
            "example.com",
            "cookie_domain (SSO_COOKIE_DOMAIN): \"example.com\" must be the host of the public URL, \"localhost\", or a domain above it",
        ),
        (
            "SSO_COOKIE_DOMAIN",
            "localhost",
            "cookie_domain (SSO_COOKIE_DOMAIN): \"localhost\" is a single label: no browser keeps a cookie for all of it",
        ),
        (
            "SSO_PUBLIC_URL",
            "https://sso.example/sso",
            "public_url (SSO_PUBLIC_URL): \"https://sso.example/sso\" must be a scheme, a host and a port, with nothing after them",
        ),
        (
            "SSO_DATABASE_URL",
            "mysql://root:secret@db/sso",
            "database_url (SSO_DATABASE_URL): it must begin with sqlite:// or postgres://",
        ),
        (
            "SSO_DATABASE_URL",
            "sqlite://",
            "database_url (SSO_DATABASE_URL): sqlite:// must be followed by the name of a file and nothing else",
        ),
        (
            "SSO_DATABASE_URL",
            "postgres://sso:secret@db/sso",
            "master_key_file (SSO_MASTER_KEY_FILE): with PostgreSQL every node needs the same master key; name its file",
        ),
        (
            "SSO_ADMIN_TOKEN",
            "two words",
            "admin_token (SSO_ADMIN_TOKEN): it may have only printable ASCII characters and no spaces",
        ),
        (
            "SSO_TRUSTED_PROXIES",
            "10.0.0.0/33",
            "trusted_proxies (SSO_TRUSTED_PROXIES): \"10.0.0.0/33\" is neither an address nor a network such as 10.0.0.0/8",
        ),
        (
            "SSO_TRACE_DAYS",
            "a month",
            "trace_days (SSO_TRACE_DAYS): \"a month\" is not a whole number",
        ),
        (
            "SSO_LOG",
            "sso=loudly",
            "log (SSO_LOG): \"sso=loudly\" is neither error, warn, info, debug or trace nor filter directives",
        ),
        (
            "SSO_LOG_FORMAT",
            "xml",
            "log_format (SSO_LOG_FORMAT): \"xml\" is neither \"text\" nor \"json\"",
        ),
        ("SSO_CONFIG", "absent.toml", "absent.toml: the configuration file does not exist"),
    ] {
        assert_eq!(sentence(serve(folder.path()).env(name, value)), expected);
    }
    // Nothing was written by any of them.
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_wrong_configuration_file_is_named_with_its_line() {
    let folder = folder();
    for (content, expected) in [
        (
            "# ours\nlisten = \"127.0.0.1:0\"\nlistne = \"x\"\n",
            "sso.toml: line 3: unknown field `listne`",
        ),
        ("listen = 8080\n", "sso.toml: line 1: invalid type: integer `8080`, expected a string"),
        ("\nlisten = \"\n", "sso.toml: line 2: "),
        ("[server]\nlisten = \"127.0.0.1:0\"\n", "sso.toml: line 1: unknown field `server`"),
        (
            "public_url = \"ftp://x\"\n",
            "public_url (SSO_PUBLIC_URL): \"ftp://x\" is not an http or https URL",
        ),
    ] {
        std::fs::write(folder.path().join("sso.toml"), content).expect("the file");
        let sentence = sentence(&mut serve(folder.path()));
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let folder = folder();
    std::fs::write(folder.path().join("sso.toml"), "log_format = \"file\"\n").expect("the file");
    let named = |command: &mut Command| {
        let sentence = sentence(command);
        sentence.split('"').nth(1).expect("the value").to_owned()
    };
    assert_eq!(named(&mut serve(folder.path())), "file");
    assert_eq!(named(serve(folder.path()).env("SSO_LOG_FORMAT", "environment")), "environment");
    assert_eq!(named(serve(folder.path()).env("SSO_LOG_FORMAT", "")), "file");
    let mut flag = serve(folder.path());
    flag.env("SSO_LOG_FORMAT", "environment").args(["--log-format", "flag"]);
    assert_eq!(named(&mut flag), "flag");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let folder = folder();
    assert_eq!(
        sentence(serve(folder.path()).env("SSO_LISTEN", &address)),
        format!("cannot listen on {address} (SSO_LISTEN): another program uses this port")
    );
    assert!(!folder.path().join("data").exists(), "the data of the other service is left alone");
}

#[test]
fn a_key_file_that_is_missing_or_holds_no_key_is_named() {
    let folder = folder();
    let mut command = serve(folder.path());
    command.env("SSO_MASTER_KEY_FILE", "keys/master");
    assert_eq!(
        sentence(&mut command),
        "keys/master: the master key file (SSO_MASTER_KEY_FILE) does not exist"
    );
    std::fs::create_dir(folder.path().join("keys")).expect("a folder");
    std::fs::write(folder.path().join("keys/master"), "too short").expect("a file");
    assert_eq!(
        sentence(&mut command),
        "keys/master: a master key is 32 bytes, raw, in hex or in base64"
    );
}

#[test]
fn a_key_that_was_lost_is_not_made_anew() {
    let folder = folder();
    let service = Started::start(serve(folder.path()));
    assert!(service.stop().success());
    std::fs::remove_file(folder.path().join("data/master.key")).expect("the key file");
    let sentence = sentence(&mut serve(folder.path()));
    assert_eq!(
        sentence,
        "./data/master.key: the master key file is missing, but the database ./data/sso.db exists \
         and was sealed with it; restore the file"
    );
}

#[test]
fn another_key_does_not_open_the_database() {
    let folder = folder();
    assert!(Started::start(serve(folder.path())).stop().success());
    std::fs::write(folder.path().join("data/master.key"), [7; 32]).expect("the key file");
    assert_eq!(
        sentence(&mut serve(folder.path())),
        "the database cannot be used (SSO_DATABASE_URL): the master key is not the one that this \
         database was sealed with"
    );
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let folder = folder();
    assert!(Started::start(serve(folder.path())).stop().success());
    let database = folder.path().join("data/sso.db");
    let rows = |sql: &str| {
        let database = rusqlite::Connection::open(&database).expect("the database");
        database.execute(sql, ()).expect("a change")
    };
    let newer = "INSERT INTO schema_migrations (name, checksum) VALUES ('9999_of_tomorrow', x'00')";
    assert_eq!(rows(newer), 1);
    assert_eq!(
        sentence(&mut serve(folder.path())),
        "the database cannot be used (SSO_DATABASE_URL): the database was written by a newer \
         version of this program (it has 9999_of_tomorrow): start that version, or restore a backup"
    );
    assert_eq!(rows("DELETE FROM schema_migrations WHERE name = '9999_of_tomorrow'"), 1);
    assert!(Started::start(serve(folder.path())).stop().success());
}

#[test]
fn what_the_service_makes_is_closed_to_others() {
    let folder = folder();
    let service = Started::start(serve(folder.path()));
    let data = folder.path().join("data");
    let mode = |path: &Path| path.metadata().expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["master.key", "admin-token", "sso.db"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    let token = std::fs::read_to_string(data.join("admin-token")).expect("the token");
    assert_eq!(token.trim().len(), 43);
    assert!(service.stop().success());

    // A second start finds what the first one made.
    assert!(Started::start(serve(folder.path())).stop().success());
    assert_eq!(std::fs::read_to_string(data.join("admin-token")).expect("the token"), token);
}

#[test]
fn json_logs_are_one_object_a_line() {
    let folder = folder();
    let mut command = serve(folder.path());
    command.env("SSO_LOG_FORMAT", "json");
    let service = Started::start(command);
    let line: serde_json::Value = serde_json::from_str(&service.first_line).expect("JSON");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "the service is running");
    assert!(service.stop().success());
}

#[test]
fn a_misspelt_variable_is_told() {
    let folder = folder();
    let mut command = serve(folder.path());
    command.env("SSO_PUBLIC_ULR", "https://sso.example").env("SSO_CONFIG", "");
    let service = Started::start(command);
    let (status, log) = service.stop_and_read();
    assert!(status.success());
    assert_eq!(log.matches("is no setting").count(), 1, "{log}");
    assert!(log.contains("name=\"SSO_PUBLIC_ULR\""), "{log}");
}

#[test]
fn a_stop_lets_a_running_request_finish() {
    let folder = folder();
    let service = Started::start(serve(folder.path()));
    let mut stream = TcpStream::connect(&service.address).expect("a connection");
    let head = "POST /saml/acme/acs HTTP/1.1\r\nhost: x\r\ncontent-length: 8\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\n";
    stream.write_all(format!("{head}Rela").as_bytes()).expect("sent");
    // The service has it once it has answered a request that came later.
    assert!(service.ask("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").ends_with("ok\n"));
    let address = service.address.clone();

    let stopping = std::thread::spawn(move || service.stop());
    let refused = || TcpStream::connect(&address).is_err();
    while !refused() {
        std::thread::sleep(Duration::from_millis(10));
    }
    stream.write_all(b"ySta").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(stopping.join().expect("it stops").success());
}

#[test]
fn no_secret_is_logged() {
    let folder = folder();
    let mut command = serve(folder.path());
    command.env("SSO_LOG", "trace").env("SSO_ADMIN_TOKEN", "operator-secret-of-this-test");
    let service = Started::start(command);
    let json = r#"{"name":"acme"}"#;
    let form = "SAMLResponse=response-secret&RelayState=relay-secret";
    for (request, status) in [
        (format!("POST /api/v1/orgs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer operator-secret-of-this-test\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}", json.len()), 201),
        ("GET /api/v1/orgs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong-secret\r\n\r\n".to_owned(), 401),
        ("GET /session?token=query-secret HTTP/1.1\r\nhost: x\r\ncookie: sso_session=session-secret; sso_login=login-secret\r\n\r\n".to_owned(), 401),
        (format!("POST /saml/acme/acs HTTP/1.1\r\nhost: x\r\ncookie: sso_login=login-secret\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}", form.len()), 403),
    ] {
        let answer = service.ask(&request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }
    let (status, log) = service.stop_and_read();
    assert!(status.success());
    assert_eq!(log.matches("answered").count(), 4, "{log}");
    assert!(!log.contains("secret"), "{log}");
}
