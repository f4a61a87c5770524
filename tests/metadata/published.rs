//! Documents that others published or made to attack with: each is imported, or refused by the code
//! that the table names.

use sso_core::metadata::{import, import_from};
use sso_tests::shared;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use time::OffsetDateTime;
use time::macros::datetime;

#[test]
fn every_document_has_its_verdict() {
    let Some(folder) = shared("vectors") else { return };
    let expected: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(include_str!("published.toml")).expect("the table");
    let mut wrong = Vec::new();
    for (suite, files) in &expected {
        for (file, verdict) in files {
            let path = folder.join(suite).join(file);
            let document = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let found = match import(&document, None, instant(suite)) {
                Ok(imported) => format!("{} {}", imported.signing_keys.len(), imported.entity_id),
                Err(error) => error.as_str().to_owned(),
            };
            if found != *verdict {
                wrong.push(format!("{suite}: {file}: expected {verdict}, found {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_every_document_of_the_suites() {
    let Some(folder) = shared("vectors") else { return };
    let expected: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(include_str!("published.toml")).expect("the table");
    let mut missing = Vec::new();
    for (suite, file) in metadata_files(&folder) {
        if !expected.get(&suite).is_some_and(|files| files.contains_key(&file)) {
            missing.push(format!("{suite}: {file}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Both ways of importing have one opinion of every entity of every document. Which of several defects is
/// named may differ.
#[test]
fn read_as_it_comes_each_entity_has_the_same_verdict() {
    let Some(folder) = shared("vectors") else { return };
    let mut entities = 0;
    for (suite, file) in metadata_files(&folder) {
        let document = fs::read(folder.join(&suite).join(&file)).expect("a file");
        for id in entity_ids(&document) {
            let whole = import(&document, Some(&id), instant(&suite));
            let streamed = import_from(document.as_slice(), &id, None, instant(&suite));
            let idp = streamed.as_ref().map(|it| &it.idp);
            assert_eq!(idp.ok(), whole.as_ref().ok(), "{suite}: {file}: {id}");
            if let Ok(streamed) = streamed {
                let again = import(streamed.document.as_bytes(), None, instant(&suite));
                assert_eq!(again, whole, "{suite}: {file}: {id}");
            }
            entities += 1;
        }
    }
    assert!(entities > 90, "{entities}");
}

/// The documents of the suites that have an entity in them, by suite and path.
fn metadata_files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(inside).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if is_metadata(&fs::read_to_string(&path).unwrap_or_default()) {
                let path = path.strip_prefix(folder).expect("a path inside").to_string_lossy();
                let (suite, file) = path.split_once('/').expect("a suite");
                found.push((suite.to_owned(), file.to_owned()));
            }
        }
    }
    found
}

fn is_metadata(text: &str) -> bool {
    text.split('<').any(|tag| {
        let name = tag.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or_default();
        matches!(local, "EntityDescriptor" | "EntitiesDescriptor")
    })
}

/// Every text that could be the name of an entity, and one that is none.
fn entity_ids(document: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(document);
    let ids = text.split("entityID=").skip(1).filter_map(|rest| {
        let quote = rest.chars().next()?;
        rest.get(1..)?.split_once(quote).map(|(id, _)| id.trim().to_owned())
    });
    ids.chain(["urn:nobody".to_owned()]).collect()
}

/// The suite that was made for this project has its own time.
fn instant(suite: &str) -> OffsetDateTime {
    match suite {
        "synthetic" => datetime!(2030-01-15 12:00 UTC),
        _ => datetime!(2026-11-21 12:00 UTC),
    }
}

#[test]
fn the_metadata_of_every_captured_provider_is_imported() {
    let Some(folder) = shared("captures") else { return };
    for (product, entity_id, wants_signed_requests) in [
        ("pysaml2/denied", "http://127.0.0.1:9107/metadata", true),
        ("saml-idp/redirect-slo", "http://127.0.0.1:9101/metadata", false),
        ("samlp/redirect-slo", "http://127.0.0.1:9102/metadata", false),
    ] {
        let document = fs::read(folder.join(product).join("01-idp-metadata.xml")).expect(product);
        let imported = import(&document, None, datetime!(2026-11-21 21:40 UTC));
        let imported = imported.unwrap_or_else(|error| panic!("{product}: {error}"));
        assert_eq!(imported.entity_id, entity_id);
        assert_eq!(imported.signing_keys.len(), 1, "{product}");
        assert_eq!(imported.want_authn_requests_signed, wants_signed_requests, "{product}");
        assert_eq!(imported.sso.location.host_str(), Some("127.0.0.1"), "{product}");
    }
}
