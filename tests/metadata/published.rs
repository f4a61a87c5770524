//! Documents that others published or made to attack with: each is imported, or refused by the code
//! that the table names.

use sso_core::metadata::import;
use sso_tests::shared;
use std::collections::BTreeMap;
use std::fs;
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
