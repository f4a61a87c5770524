//! The documents that are made of code are what the code says (DESIGN 9.7). To write them anew:
//! `UPDATE_DOCUMENTS=1 cargo test -p sso-server --test documents`.

use serde_json::Value;
use sso_core::error::{Code, Stage};
use sso_server::http::api_code::ApiCode;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn the_example_configuration_is_the_settings() {
    hold("config.example.toml", &sso_server::config::example());
}

#[test]
fn the_example_configuration_can_be_used() {
    // Every line that is commented once is a setting or a comment on one.
    let example = sso_server::config::example();
    let settings: String = example
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' ') && !line.ends_with('='))
        .fold(String::new(), |text, line| text + line + "\n");
    let table: toml::Table = settings.parse().expect("TOML");
    assert_eq!(table["listen"].as_str(), Some("127.0.0.1:8080"));
    assert_eq!(table["trace_days"].as_integer(), Some(30));
}

#[test]
fn the_reference_of_the_command_line_is_what_is_parsed() {
    hold("cli.md", &sso_server::cli::reference());
}

#[test]
fn the_error_codes_are_the_two_lists() {
    hold("error-codes.md", &error_codes());
}

#[test]
fn the_description_is_what_the_endpoints_declare() {
    hold("openapi.json", sso_server::openapi::json());
}

#[test]
fn the_routes_are_those_that_are_described() {
    hold("routes.md", &routes());
}

/// What is routed by axum's own `route` is in no description, and on no list.
#[test]
fn no_route_is_made_without_its_description() {
    let routes = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/routes");
    let mut folders = vec![routes];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files += 1;
                let code = std::fs::read_to_string(&path).expect("a file");
                for way in [".route(", ".route_service(", ".nest_service("] {
                    assert!(!code.contains(way), "{} uses {way}…)", path.display());
                }
            }
        }
    }
    assert!(files > 20, "the search is broken: {files} files");
}

#[test]
fn no_list_has_a_code_twice() {
    let logins: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let requests: Vec<&str> = ApiCode::all().iter().map(|code| code.as_str()).collect();
    for list in [logins, requests] {
        let names: BTreeSet<&str> = list.iter().copied().collect();
        assert_eq!(names.len(), list.len());
        for name in names {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
        }
    }
}

/// The walkthrough writes each step as a link to a file and the name of what is defined there.
#[test]
fn the_walkthrough_names_what_is_there() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let text = std::fs::read_to_string(docs.join("walkthrough.md")).expect("the walkthrough");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let steps: Vec<&str> = text.split("[`").skip(1).collect();
    assert!(steps.len() > 20, "the search is broken: {} links", steps.len());
    for step in steps {
        let (shown, rest) = step.split_once("`](").expect("a link to a file");
        let (file, rest) = rest.split_once(") `").expect("the name of what is in the file");
        let (name, _) = rest.split_once('`').expect("the name's end");
        assert!(file.ends_with(shown), "{shown} is shown for {file}");
        let code = std::fs::read_to_string(docs.join(file)).expect(file);
        let defined = ["fn", "struct", "enum", "trait"].iter().any(|kind| {
            let definition = format!("{kind} {name}");
            code.match_indices(&definition).any(|(at, _)| {
                let after = code[at + definition.len()..].chars().next();
                after.is_some_and(|c| !c.is_alphanumeric() && c != '_')
            })
        });
        assert!(defined, "{file} defines no {name}");
    }
}

/// Every route by who may call it, so that whoever reads a change sees which door it opens.
fn routes() -> String {
    let description: Value = serde_json::from_str(sso_server::openapi::json()).expect("JSON");
    let mut by_right: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, operations) in description["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let right = match &operation["security"] {
                Value::Null => "nobody",
                security => security[0]["token"][0].as_str().expect("the right that it takes"),
            };
            let method = method.to_uppercase();
            let what = operation["summary"].as_str().expect("a summary");
            by_right.entry(right).or_default().push(format!("| {method} | `{path}` | {what} |\n"));
        }
    }
    let mut text = String::from(
        "# Routes\n\n\
         Made from the code by `UPDATE_DOCUMENTS=1 cargo test -p sso-server --test documents`. A route that \
         appears here is\na door that was opened; tests knock at each of them. `HEAD` goes where `GET` \
         does. The whole description:\n[openapi.json](openapi.json).\n",
    );
    for (right, title) in [
        ("nobody", "Without a token"),
        ("operator", "With the operator's token"),
        (
            "org_admin",
            "With the operator's token, or one of the organization with the role `org_admin`",
        ),
        ("user_admin", "With the operator's token, or one of the organization"),
        ("scim", "With a SCIM token of the organization"),
    ] {
        let rows = by_right.remove(right).unwrap_or_default().concat();
        let _ = write!(text, "\n## {title}\n\n| method | path | what |\n|---|---|---|\n{rows}");
    }
    assert!(by_right.is_empty(), "these rights have no title: {:?}", by_right.keys());
    text
}

fn error_codes() -> String {
    let mut text = String::from(
        "# Error codes\n\n\
         Made from the code by `UPDATE_DOCUMENTS=1 cargo test -p sso-server --test documents`.\n\n\
         ## Refused logins\n\n\
         The code stands in the login's trace, with the clause of the rule that was broken. Where the\n\
         browser sees another code, it is told no more, since a forger reads it too. When a message has\n\
         several defects, the earliest stage gives the code.\n",
    );
    let mut stage = None;
    for code in Code::ALL {
        if stage != Some(code.stage()) {
            stage = Some(code.stage());
            let _ = write!(
                text,
                "\n### {}\n\n| code | the browser sees | clause | what is wrong, and where to mend it |\n|---|---|---|---|\n",
                title(code.stage())
            );
        }
        let _ = writeln!(
            text,
            "| `{code}` | `{}` | {} | {} |",
            code.public(),
            code.clause(),
            code.hint()
        );
    }
    text.push_str(
        "\n## Requests\n\n\
         The Admin API and `GET /session` answer with `application/problem+json`: `code`, `status`,\n\
         `title`, `detail`, and `field` where one field is at fault. Pages show the code. A document\n\
         that the strict reader refuses is 422 with one of the codes above.\n\n\
         | status | code | meaning |\n|---|---|---|\n",
    );
    for code in ApiCode::all() {
        let _ = writeln!(text, "| {} | `{}` | {} |", code.status(), code.as_str(), code.title());
    }
    text
}

fn title(stage: Stage) -> &'static str {
    match stage {
        Stage::Request => "Before a message is read",
        Stage::Binding => "How the message was carried",
        Stage::Parse => "The XML text",
        Stage::Structure => "Which elements stand where",
        Stage::Envelope => "The unsigned outside of the message",
        Stage::Signature => "Signatures",
        Stage::Decryption => "Encryption",
        Stage::SecondOpinion => "The second engine",
        Stage::Assertion => "The assertion",
        Stage::Replay => "Used before",
        Stage::Account => "The account",
    }
}

/// Holds a document of `docs/` to what it is made of, or writes it.
fn hold(name: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&file, expected).expect("the document is written");
    }
    let found = std::fs::read_to_string(&file).expect("the document");
    assert!(
        found == expected,
        "docs/{name} is not what the code says; run \
         UPDATE_DOCUMENTS=1 cargo test -p sso-server --test documents"
    );
}
