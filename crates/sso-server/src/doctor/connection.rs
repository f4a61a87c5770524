//! Connections that nobody can sign in through, that are weaker than they need be, or whose metadata
//! has run out (SPEC 2).

use super::{Finding, Severity};
use sso_core::connection::{Connection, ConnectionState, Protocol, ServiceUrls, Verification};
use sso_core::metadata::{self, MetadataError};
use sso_core::org::Org;
use time::{Duration, OffsetDateTime};

/// How long before the end of its metadata a connection is spoken of. Federations sign theirs for one
/// or two weeks.
const SOON: Duration = Duration::days(3);

/// The connection of an organization, and the organization's part in it. `urls` are our addresses by
/// the public URL of now.
pub(crate) fn check(
    org: &Org,
    connection: Option<&Connection>,
    urls: &ServiceUrls,
    now: OffsetDateTime,
) -> Vec<Finding> {
    let Some(connection) = connection else {
        let finding = Finding::new(
            Severity::Notice,
            "connection_missing",
            "Single sign-on is on, and there is no connection.",
            "`sso-server org connection import`, with the identity provider's metadata.",
        );
        return Vec::from_iter(org.sso_enabled.then_some(finding));
    };
    let settings = connection.settings.common();
    let mut findings = Vec::new();
    let mut find = |severity, code, what: String, mend: &str| {
        findings.push(Finding::new(severity, code, what, mend));
    };
    if !org.sso_enabled {
        find(
            Severity::Notice,
            "sso_off",
            "There is a connection, and single sign-on is off.".to_owned(),
            "`sso-server org set ORG sso_enabled=true`, if people are to sign in.",
        );
    }
    if settings.state == ConnectionState::Disabled {
        find(
            Severity::Notice,
            "connection_disabled",
            "The connection is disabled.".to_owned(),
            "`sso-server org connection set ORG state=active`, if people are to sign in.",
        );
    }
    if !settings.legacy_crypto.is_empty() {
        let granted: Vec<&str> = settings.legacy_crypto.iter().map(|old| old.as_str()).collect();
        find(
            Severity::Warning,
            "legacy_crypto",
            format!("Old algorithms are granted: {}.", granted.join(", ")),
            "Let the identity provider use newer ones, then take them off legacy_crypto.",
        );
    }
    if settings.verification == Verification::Dual && !Verification::HAS_SECOND_ENGINE {
        find(
            Severity::Error,
            "second_opinion_unavailable",
            "A second engine is to agree to every login, and this build has none: everybody is refused."
                .to_owned(),
            "Run a build with the feature second-opinion, or \
             `sso-server org connection set ORG verification=strict`.",
        );
    }
    if settings.accounts.auto_create && org.domains.is_empty() {
        find(
            Severity::Error,
            "domains_missing",
            "Accounts are to be made, and the organization has no e-mail domain: every new person \
             is refused (email_domain_foreign)."
                .to_owned(),
            "`sso-server org set ORG domains='[\"acme.example\"]'`.",
        );
    }
    let ours = connection.settings.audience();
    let (name, derived, was_derived) = match settings.protocol {
        Protocol::Saml2 => {
            let path = format!("/saml/{}/metadata", org.name);
            ("entity ID", &urls.metadata, ours.ends_with(&path))
        }
        Protocol::Wsfed => {
            let end = format!(":{}", org.name);
            ("realm", &urls.realm, ours.starts_with("urn:federation:") && ours.ends_with(&end))
        }
    };
    if was_derived && ours != derived {
        find(
            Severity::Warning,
            "public_url_changed",
            format!("Our {name} is {ours}, while the public URL makes it {derived}."),
            "Give the identity provider our metadata again, or set public_url back.",
        );
    }
    findings.extend(metadata_in_force(connection, now));
    findings
}

fn metadata_in_force(connection: &Connection, now: OffsetDateTime) -> Option<Finding> {
    let document = connection.metadata_document.as_deref()?;
    let entity_id = connection.settings.issuer();
    let mend = "Get a current document: `sso-server org connection import`.";
    match metadata::import(document.as_bytes(), Some(entity_id), now) {
        Err(MetadataError::Expired(until)) => Some(Finding::new(
            Severity::Warning,
            "metadata_expired",
            format!("The imported metadata was valid until {until}. Its keys still count."),
            mend,
        )),
        Ok(imported) => {
            let until = imported.valid_until.filter(|until| *until - now <= SOON)?;
            let what = "The imported metadata is valid for a few days more.";
            Some(Finding::new(Severity::Notice, "metadata_expiring", what, mend).at(until))
        }
        // It was read when it was imported; an entity ID that was set by hand since is another.
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sso_core::connection::Slot;
    use sso_core::ids::ConnectionId;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    fn org(fields: Value) -> Org {
        let mut org = json!({"name": "acme", "domains": ["acme.example"]});
        org.as_object_mut().expect("an object").extend(fields.as_object().expect("too").clone());
        serde_json::from_value(org).expect("an organization")
    }

    fn connection(fields: Value) -> Connection {
        let mut settings = json!({
            "sp_entity_id": "https://sso.example/saml/acme/metadata",
            "idp_entity_id": "https://idp.example",
            "sso_url": "https://idp.example/sso",
        });
        let object = settings.as_object_mut().expect("an object");
        object.extend(fields.as_object().expect("too").clone());
        Connection {
            id: ConnectionId::from_bytes([0; 16]),
            org: org(json!({})).name,
            slot: Slot::Live,
            revision: 1,
            settings: serde_json::from_value(settings).expect("settings"),
            metadata_certificates: Vec::new(),
            metadata_document: None,
        }
    }

    fn wsfed(realm: &str) -> Connection {
        let settings = json!({
            "protocol": "wsfed",
            "service_uri": realm,
            "federation_service_uri": "http://adfs.example/adfs/services/trust",
            "sso_url": "https://adfs.example/adfs/ls/",
        });
        let settings = serde_json::from_value(settings).expect("settings");
        Connection { settings, ..connection(json!({})) }
    }

    fn found(org: &Org, connection: Option<&Connection>) -> Vec<(Severity, &'static str)> {
        let public_url = "https://sso.example".parse().expect("a URL");
        let urls = ServiceUrls::new(&public_url, &org.name);
        let findings = check(org, connection, &urls, NOW);
        findings.iter().map(|finding| (finding.severity, finding.code)).collect()
    }

    #[test]
    fn a_connection_that_is_well_is_passed_over() {
        let acme = org(json!({}));
        assert_eq!(found(&acme, Some(&connection(json!({"auto_create": true})))), []);
        // An entity ID of the administrator's own choice is no address of ours.
        let own = json!({"sp_entity_id": "urn:acme"});
        assert_eq!(found(&acme, Some(&connection(own))), []);
        for realm in ["urn:federation:sso.example:acme", "urn:acme", "https://other.example:acme"] {
            assert_eq!(found(&acme, Some(&wsfed(realm))), [], "{realm}");
        }
        assert_eq!(found(&org(json!({"sso_enabled": false})), None), []);
    }

    #[test]
    fn each_connection_that_cannot_be_used_is_found() {
        use Severity::{Error, Notice, Warning};
        let acme = org(json!({}));
        let of = |fields| connection(fields);
        assert_eq!(found(&acme, None), [(Notice, "connection_missing")]);
        for (org, connection, expected) in [
            (org(json!({"sso_enabled": false})), of(json!({})), (Notice, "sso_off")),
            (acme.clone(), of(json!({"state": "disabled"})), (Notice, "connection_disabled")),
            (acme.clone(), of(json!({"legacy_crypto": ["sha1"]})), (Warning, "legacy_crypto")),
            (
                org(json!({"domains": []})),
                of(json!({"auto_create": true})),
                (Error, "domains_missing"),
            ),
            (
                acme.clone(),
                of(json!({"sp_entity_id": "https://old.example/saml/acme/metadata"})),
                (Warning, "public_url_changed"),
            ),
            (
                acme.clone(),
                wsfed("urn:federation:old.example:acme"),
                (Warning, "public_url_changed"),
            ),
        ] {
            assert_eq!(found(&org, Some(&connection)), [expected]);
        }
    }

    #[test]
    fn a_second_engine_that_this_build_lacks_is_missed() {
        let dual = connection(json!({"verification": "dual"}));
        let missed = (Severity::Error, "second_opinion_unavailable");
        let expected = Vec::from_iter((!Verification::HAS_SECOND_ENGINE).then_some(missed));
        assert_eq!(found(&org(json!({})), Some(&dual)), expected);
    }

    #[test]
    fn metadata_runs_out() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../metadata/keycloak.xml");
        let document = std::fs::read_to_string(file).expect("the metadata of a vendor");
        let entity = document.split("entityID=\"").nth(1).and_then(|rest| rest.split('"').next());
        let mut connection = connection(json!({"idp_entity_id": entity.expect("its name")}));
        let valid_until = |until: &str| {
            let (begin, rest) = document.split_once("entityID=").expect("the entity");
            Some(format!("{begin}validUntil=\"{until}\" entityID={rest}"))
        };
        let acme = org(json!({}));
        for (until, expected) in [
            ("2026-01-02T03:04:04Z", vec![(Severity::Warning, "metadata_expired")]),
            ("2026-01-03T00:00:00Z", vec![(Severity::Notice, "metadata_expiring")]),
            ("2026-02-01T00:00:00Z", vec![]),
        ] {
            connection.metadata_document = valid_until(until);
            assert_eq!(found(&acme, Some(&connection)), expected, "{until}");
        }
    }
}
