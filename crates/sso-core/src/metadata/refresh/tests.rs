use super::*;
use crate::certs::{NewKey, generate};
use crate::connection::{FrontChannelBinding, Slot};
use crate::ids::ConnectionId;
use crate::metadata::import;
use crate::metadata::test_support::{
    Entity, Fixed, NOW, POST, REDIRECT, certificate, idp, key, sso, x509,
};

const CONTEXT: SettingsContext = SettingsContext { can_sign: true, may_enforce: false };

fn read(entity: &Entity) -> ImportedIdp {
    import(entity.document().as_bytes(), None, NOW).expect("imported")
}

fn connection(imported: &ImportedIdp) -> Connection {
    let Applied { settings, signing_keys, .. } = apply(imported, None, CONTEXT);
    Connection {
        id: ConnectionId::new(NOW, &Fixed),
        org: "corp".parse().expect("a name"),
        slot: Slot::Live,
        revision: 1,
        settings,
        metadata_certificates: signing_keys,
        metadata_document: None,
    }
}

/// An identity provider that signs with these certificates.
fn signing_with(certificates: &[&[u8]]) -> Entity {
    let keys = certificates.iter().map(|der| key("use=\"signing\"", &x509(der))).collect();
    idp().with(|entity| entity.keys = keys)
}

/// What changes between two documents, with whether it waits.
fn changes(old: &Entity, new: &Entity) -> Vec<(String, bool)> {
    let old = read(old);
    let refreshed = refresh(Some(&old), &read(new), &connection(&old), CONTEXT);
    let named = |change: &MetadataChange| (change.field.clone(), change.needs_approval);
    refreshed.changes.iter().map(named).collect()
}

fn change(field: &str, needs_approval: bool) -> Vec<(String, bool)> {
    vec![(field.to_owned(), needs_approval)]
}

fn slo(location: &str) -> String {
    format!("<md:SingleLogoutService Binding=\"{REDIRECT}\" Location=\"{location}\"/>")
}

#[test]
fn the_same_document_changes_nothing() {
    let document = idp();
    assert_eq!(changes(&document, &document), []);
    let fresh =
        document.clone().with(|e| e.attributes = "validUntil=\"2027-01-01T00:00:00Z\"".to_owned());
    assert_eq!(changes(&document, &fresh), []);
}

#[test]
fn keys_roll_over_by_overlap_and_wait_when_none_is_left() {
    let [first, second, third] = [certificate(), certificate(), certificate()];
    let one = signing_with(&[&first]);
    let both = signing_with(&[&first, &second]);
    let other = signing_with(&[&second]);
    assert_eq!(changes(&one, &both), change(CERTIFICATES, false));
    assert_eq!(changes(&both, &other), change(CERTIFICATES, false));
    assert_eq!(changes(&one, &other), change(CERTIFICATES, true));
    assert_eq!(changes(&both, &signing_with(&[&third])), change(CERTIFICATES, true));
}

#[test]
fn a_renewed_certificate_of_the_same_key_is_no_other_key() {
    let made = generate("idp", 365, NewKey::P256, NOW, &Fixed).expect("a certificate");
    let bare = PKey::private_key_from_der(&made.private_key).expect("its key");
    let bare = bare.public_key_to_der().expect("DER");
    let mut known = connection(&read(&signing_with(&[&made.der])));
    assert_eq!(public_key(&bare), public_key(&made.der));
    known.metadata_certificates = vec![bare];
    let refreshed = refresh(None, &read(&signing_with(&[&made.der])), &known, CONTEXT);
    assert_eq!(refreshed.changes.len(), 1);
    assert!(!refreshed.needs_approval());
    assert_eq!(refreshed.signing_keys, [made.der]);
}

#[test]
fn another_entity_or_host_waits() {
    let old = idp();
    let renamed = old.clone().with(|e| e.id = "https://other.example/metadata".to_owned());
    assert_eq!(changes(&old, &renamed), change("idp_entity_id", true));
    for (location, waits) in [
        ("https://idp.example/saml/sso", false),
        ("https://evil.example/sso", true),
        ("https://idp.example.evil.example/sso", true),
        ("https://idp.example:8443/sso", true),
    ] {
        let moved = old.clone().with(|e| e.endpoints = sso(REDIRECT, location));
        assert_eq!(changes(&old, &moved), change("sso_url", waits), "{location}");
        let with_slo = old.clone().with(|e| e.endpoints.insert_str(0, &slo(location)));
        let expected = [("logout_url".to_owned(), waits), ("slo_binding".to_owned(), false)];
        assert_eq!(changes(&old, &with_slo), expected, "{location}");
    }
    // Where answers go is held to the same, beside where requests go.
    let here = "https://idp.example/slo";
    let with_slo = old.clone().with(|e| e.endpoints.insert_str(0, &slo(here)));
    for (response, waits) in [("https://idp.example/done", false), ("https://evil.example/", true)]
    {
        let location = format!("{here}\" ResponseLocation=\"{response}");
        let answered = old.clone().with(|e| e.endpoints.insert_str(0, &slo(&location)));
        let field = "logout_response_url";
        assert_eq!(changes(&with_slo, &answered), change(field, waits), "{response}");
        assert_eq!(changes(&answered, &with_slo), change(field, false), "it is gone");
    }
    let post = old.clone().with(|e| e.endpoints = sso(POST, "https://idp.example/sso"));
    assert_eq!(changes(&old, &post), change("sso_binding", false));
}

#[test]
fn what_an_administrator_set_since_the_import_stays() {
    let old = read(&idp());
    let mut known = connection(&old);
    let Settings::Saml2(settings) = &mut known.settings else { panic!("of SAML") };
    settings.sso_binding = FrontChannelBinding::Post;
    settings.auto_create = true;
    let (first, second) = (known.metadata_certificates[0].clone(), certificate());
    let rolled = read(&signing_with(&[&first, &second]));
    let old = read(&signing_with(&[&first]));
    let refreshed = refresh(Some(&old), &rolled, &known, CONTEXT);
    assert_eq!(refreshed.report.changed, [CERTIFICATES]);
    assert_eq!(refreshed.settings, known.settings);
    assert_eq!(refreshed.signing_keys, [first, second]);
    assert_eq!(refreshed.changes[0].from.as_array().map(Vec::len), Some(1));
    assert_eq!(refreshed.changes[0].to.as_array().map(Vec::len), Some(2));

    // Where the old document cannot be read, all that the new one says counts.
    let refreshed = refresh(None, &rolled, &known, CONTEXT);
    assert_eq!(refreshed.report.changed, [CERTIFICATES, "sso_binding"]);
    let settings = refreshed.settings.saml2().expect("of SAML");
    assert_eq!(settings.sso_binding, FrontChannelBinding::Redirect);
    assert!(settings.auto_create);
}

#[test]
fn the_shortest_cache_duration_counts() {
    let document = idp().with(|e| {
        e.attributes = "cacheDuration=\"PT6H\"".to_owned();
        e.role.push_str(" cacheDuration=\"PT8H\"");
    });
    assert_eq!(read(&document).cache_duration, Some(time::Duration::hours(6)));
    let unreadable = idp().with(|e| e.attributes = "cacheDuration=\"soon\"".to_owned());
    assert_eq!(read(&unreadable).cache_duration, None);
}

#[test]
fn another_host_that_resolves_artifacts_waits() {
    let bare = idp();
    let at = |url: &str| {
        let service = format!(
            "<md:ArtifactResolutionService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" \
             index=\"0\" Location=\"{url}\"/>"
        );
        bare.clone().with(|e| e.endpoints += &service)
    };
    let field = "artifact_resolution_services";
    let known = at("https://back.idp.example/ars");
    assert_eq!(changes(&bare, &at("https://idp.example/ars")), change(field, false));
    assert_eq!(changes(&bare, &known), change(field, true));
    assert_eq!(changes(&known, &at("https://back.idp.example/ars2")), change(field, false));
    assert_eq!(changes(&known, &at("https://evil.example/ars")), change(field, true));
    assert_eq!(changes(&known, &bare), [], "what it says no more stays");
}
