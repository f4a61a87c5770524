use super::*;
use crate::connection::{
    FrontChannelBinding, IdpInitiated, SingleLogout, SloBinding, Slot, Verification,
};
use crate::ids::ConnectionId;
use crate::metadata::import;
use crate::metadata::test_support::{Fixed, NOW, POST, certificate, idp, key, sso, x509};

const CAN_SIGN: SettingsContext = SettingsContext { can_sign: true, may_enforce: false };
const CANNOT_SIGN: SettingsContext = SettingsContext { can_sign: false, may_enforce: false };

fn imported(role: &str, slo: &str) -> ImportedIdp {
    let entity = idp().with(|e| {
        e.role.push_str(role);
        e.endpoints.insert_str(0, slo);
    });
    import(entity.document().as_bytes(), None, NOW).expect("imported")
}

fn wants_signed() -> ImportedIdp {
    imported(" WantAuthnRequestsSigned=\"true\"", "")
}

fn connection(applied: Applied) -> Connection {
    Connection {
        id: ConnectionId::new(NOW, &Fixed),
        org: "corp".parse().expect("a name"),
        slot: Slot::Live,
        revision: 1,
        settings: applied.settings,
        metadata_certificates: applied.signing_keys,
        metadata_document: None,
    }
}

fn saml2(applied: &Applied) -> &Saml2Settings {
    applied.settings.saml2().expect("of SAML 2.0")
}

fn keys(report: &ImportReport) -> Vec<&str> {
    report.filled.keys().map(String::as_str).collect()
}

#[test]
fn a_new_connection_has_the_defaults_and_what_the_document_says() {
    let slo = format!(
        "<md:SingleLogoutService Binding=\"{POST}\" Location=\"https://idp.example/slo\" \
         ResponseLocation=\"https://idp.example/slo/done\"/>"
    );
    let imported = imported("", &slo);
    let Applied { settings, signing_keys, report } = apply(&imported, None, CANNOT_SIGN);

    let mut expected =
        Saml2Settings::new(imported.entity_id.clone(), imported.sso.location.clone());
    expected.logout_url = Some(imported.slo[&SloBinding::Post].location.clone());
    expected.slo_binding = Some(SloBinding::Post);
    expected.logout_response_url = imported.slo[&SloBinding::Post].response_location.clone();
    assert!(expected.logout_response_url.is_some());
    assert_eq!(settings.common().single_logout, SingleLogout::Off);
    assert_eq!(settings, expected.into());
    assert_eq!(signing_keys, imported.signing_keys);

    let fields = [
        "idp_certificates",
        "idp_entity_id",
        "logout_response_url",
        "logout_url",
        "slo_binding",
        "sso_binding",
        "sso_url",
    ];
    assert_eq!(keys(&report), fields);
    assert_eq!(report.changed, fields);
    assert_eq!(report.filled["sso_binding"], "redirect");
    assert_eq!(report.filled["idp_certificates"][0], fingerprint(&signing_keys[0]));
    assert_eq!(report.ignored, [""; 0]);
    let shape = serde_json::to_value(&report).expect("JSON");
    for field in ["filled", "ignored", "refused", "changed", "pending_approval"] {
        assert!(shape.get(field).is_some(), "{field}");
    }
}

#[test]
fn requests_are_signed_where_the_idp_wants_it_and_there_is_a_certificate() {
    let with = apply(&wants_signed(), None, CAN_SIGN);
    assert!(saml2(&with).sign_authn_requests);
    assert_eq!(with.report.filled["sign_authn_requests"], true);
    assert_eq!(with.report.ignored, [""; 0]);

    let without = apply(&wants_signed(), None, CANNOT_SIGN);
    assert!(!saml2(&without).sign_authn_requests);
    assert_eq!(without.report.ignored, ["WantAuthnRequestsSigned"]);

    let not_wanted = apply(&imported("", ""), None, CAN_SIGN);
    assert!(!saml2(&not_wanted).sign_authn_requests);
    assert!(!keys(&not_wanted.report).contains(&"sign_authn_requests"));
}

#[test]
fn importing_again_changes_what_changed_and_keeps_what_an_administrator_set() {
    let first = wants_signed();
    let mut applied = apply(&first, None, CAN_SIGN);
    let mut set = saml2(&applied).clone();
    set.auto_create = true;
    set.single_logout = SingleLogout::RedirectOnly;
    set.idp_initiated = IdpInitiated::Restart;
    set.verification = Verification::Strict;
    set.logout_url = Some("https://corp.example/bye".parse().expect("a URL"));
    applied.settings = set.clone().into();
    let stored = connection(applied);

    let again = apply(&first, Some(&stored), CAN_SIGN);
    assert_eq!(again.settings, set.clone().into());
    assert_eq!(again.report.changed, [""; 0]);

    let moved = idp().with(|e| {
        e.endpoints = sso(POST, "https://idp.example/new");
        e.keys = key("", &x509(&certificate()));
    });
    let moved = import(moved.document().as_bytes(), None, NOW).expect("imported");
    let applied = apply(&moved, Some(&stored), CAN_SIGN);
    let (settings, report) = (saml2(&applied), &applied.report);
    assert_eq!(report.changed, ["idp_certificates", "sso_binding", "sso_url"]);
    assert_eq!(settings.sso_binding, FrontChannelBinding::Post);
    assert!(settings.sign_authn_requests, "nobody turned it off");
    assert!(settings.auto_create);
    assert_eq!(settings.logout_url, set.logout_url);
}

#[test]
fn old_algorithms_are_proposed_until_they_are_granted() {
    let adfs = idp().with(|e| e.endpoints = sso(POST, "https://fs.example/adfs/ls/"));
    let adfs = import(adfs.document().as_bytes(), None, NOW).expect("imported");
    let mut applied = apply(&adfs, None, CAN_SIGN);
    assert_eq!(*applied.settings.common().legacy_crypto, BTreeSet::new());
    assert_eq!(applied.report.proposed_legacy_crypto, BTreeSet::from([LegacyCrypto::AesCbc]));

    let mut granted = saml2(&applied).clone();
    granted.legacy_crypto.insert(LegacyCrypto::AesCbc);
    applied.settings = granted.into();
    let stored = connection(applied);
    let again = apply(&adfs, Some(&stored), CAN_SIGN);
    assert_eq!(again.report.proposed_legacy_crypto, BTreeSet::new());
}

#[test]
fn a_federation_service_is_read_by_the_type_of_its_role_whatever_the_prefix() {
    let both = idp().with(|e| e.others = federation("f", "https://idp.example/wsfed"));
    let both = import(both.document().as_bytes(), None, NOW).expect("imported");
    assert_eq!(both.protocol, Protocol::Saml2);
    let alone = both.clone().speaking(Protocol::Wsfed).expect("it speaks both");
    let applied = apply(&alone, None, CAN_SIGN);
    let settings = applied.settings.wsfed().expect("of WS-Federation");
    let at = "https://idp.example/wsfed".parse().expect("a URL");
    assert_eq!((&settings.sso_url, settings.logout_url.as_ref()), (&at, Some(&at)));
    assert_eq!(settings.federation_service_uri, both.entity_id);
    assert_eq!(settings.single_logout, SingleLogout::Off);
    assert_eq!(applied.signing_keys.len(), 2);
    let filled = ["federation_service_uri", "idp_certificates", "logout_url", "sso_url"];
    assert_eq!(keys(&applied.report), filled);

    // A connection keeps its protocol where the document speaks it.
    let stored = connection(applied);
    let again = apply(&both, Some(&stored), CAN_SIGN);
    assert_eq!((again.settings.protocol(), again.report.changed.len()), (Protocol::Wsfed, 0));
    let saml = both.clone().speaking(Protocol::Saml2).expect("it speaks both");
    assert_eq!(apply(&saml, Some(&stored), CAN_SIGN).settings.protocol(), Protocol::Saml2);

    let other = idp().with(|e| {
        e.others = federation("f", "https://idp.example/wsfed").replace(
            "xmlns:f=\"http://docs.oasis-open.org/wsfed/federation/200706\"",
            "xmlns:f=\"urn:x\"",
        );
    });
    let other = import(other.document().as_bytes(), None, NOW).expect("imported");
    assert_eq!(other.alternative, None);
    let refused = other.speaking(Protocol::Wsfed).err().map(|error| error.as_str());
    assert_eq!(refused, Some("not_an_idp"));
}

/// The role of a federation service with two keys that sign.
fn federation(prefix: &str, address: &str) -> String {
    let keys: String = (0..2).map(|_| key("use=\"signing\"", &x509(&certificate()))).collect();
    format!(
        "<md:RoleDescriptor xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:{prefix}=\"http://docs.oasis-open.org/wsfed/federation/200706\" \
         xsi:type=\"{prefix}:SecurityTokenServiceType\" \
         protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\">{keys}\
         <{prefix}:PassiveRequestorEndpoint><a:EndpointReference \
         xmlns:a=\"http://www.w3.org/2005/08/addressing\"><a:Address>{address}</a:Address>\
         </a:EndpointReference></{prefix}:PassiveRequestorEndpoint></md:RoleDescriptor>"
    )
}
