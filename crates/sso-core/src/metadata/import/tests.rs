use super::*;
use crate::connection::FrontChannelBinding;
use crate::metadata::test_support::{
    Entity, IDP, NOW, POST, REDIRECT, aggregate, certificate, idp, key, sso, x509,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use proptest::prelude::*;
use std::sync::LazyLock;
use time::macros::datetime;
use url::Url;

fn read(document: &str) -> Result<ImportedIdp, MetadataError> {
    import(document.as_bytes(), None, NOW)
}

fn refused(document: &str) -> &'static str {
    match read(document) {
        Err(error) => error.as_str(),
        Ok(imported) => panic!("imported: {imported:?}"),
    }
}

const SIGNING: &str = "use=\"signing\"";
const SAML2: &str = "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"";

/// Each refusal by its code, and the same document repaired.
#[test]
fn each_refusal_has_its_code_and_the_repaired_document_is_imported() {
    let whole = idp().document();
    let in_2020 = "validUntil=\"2020-01-01T00:00:00Z\"";
    let in_2030 = "validUntil=\"2030-01-01T00:00:00Z\"";
    let named = |id: &str| idp().with(|e| e.id = id.to_owned());
    let at = |location: &str| idp().with(|e| e.endpoints = sso(REDIRECT, location));
    let role = |role: &str| idp().with(|e| e.role = role.to_owned());
    let keys = |keys: &str| idp().with(|e| e.keys = keys.to_owned());
    let cases: Vec<(&str, &str, String, String)> = vec![
        ("a DTD", "doctype_forbidden", format!("<!DOCTYPE x>{whole}"), whole.clone()),
        ("cut off", "not_well_formed", whole[..whole.len() - 1].to_owned(), whole.clone()),
        (
            "another document",
            "not_metadata",
            "<html/>".to_owned(),
            whole.clone(),
        ),
        (
            "a name in another namespace",
            "not_metadata",
            whole.replace("urn:oasis:names:tc:SAML:2.0:metadata", "urn:other"),
            whole.clone(),
        ),
        (
            "two identity providers and no name",
            "entity_id_needed",
            aggregate("", &[idp(), named("https://idp2.example/")]),
            aggregate("", &[idp()]),
        ),
        (
            "the same name twice",
            "duplicate_entity",
            aggregate("", &[idp(), idp()]),
            aggregate("", &[idp()]),
        ),
        ("no name", "entity_id_invalid", named("").document(), whole.clone()),
        (
            "a name that is too long",
            "entity_id_invalid",
            named(&format!("urn:{}", "x".repeat(1021))).document(),
            named(&format!("urn:{}", "x".repeat(1020))).document(),
        ),
        (
            "the document for all tenants",
            "tenant_placeholder",
            named("https://sts.windows.net/{tenant}/").document(),
            named("https://sts.windows.net/8f9c2f0e-6f0a-4a4e-9a38-0d3c2e7a1b11/").document(),
        ),
        (
            "an endpoint for all tenants",
            "tenant_placeholder",
            at("https://login.example/%7Btenant%7D/saml2").document(),
            at("https://login.example/8f9c2f0e/saml2").document(),
        ),
        (
            "past its time",
            "metadata_expired",
            idp().with(|e| e.attributes = in_2020.to_owned()).document(),
            idp().with(|e| e.attributes = in_2030.to_owned()).document(),
        ),
        (
            "the role past its time",
            "metadata_expired",
            role(&format!("{SAML2} {in_2020}")).document(),
            role(&format!("{SAML2} {in_2030}")).document(),
        ),
        (
            "the group past its time",
            "metadata_expired",
            aggregate(in_2020, &[idp().with(|e| e.attributes = in_2030.to_owned())]),
            aggregate(in_2030, &[idp().with(|e| e.attributes = in_2030.to_owned())]),
        ),
        (
            "valid until this very instant",
            "metadata_expired",
            idp().with(|e| e.attributes = "validUntil=\"2026-11-21T12:00:00Z\"".to_owned()).document(),
            idp().with(|e| e.attributes = "validUntil=\"2026-11-21T12:00:01Z\"".to_owned()).document(),
        ),
        (
            "past its time, which has no zone and so is UTC",
            "metadata_expired",
            idp()
                .with(|e| e.attributes = "validUntil=\"2026-11-21T12:00:00\"".to_owned())
                .document(),
            idp()
                .with(|e| e.attributes = "validUntil=\"2026-11-21T12:00:00.5\"".to_owned())
                .document(),
        ),
        (
            "valid until nobody knows when",
            "invalid_time",
            idp().with(|e| e.attributes = "validUntil=\"tomorrow\"".to_owned()).document(),
            idp().with(|e| e.attributes = in_2030.to_owned()).document(),
        ),
        (
            "an identity provider of another protocol",
            "not_an_idp",
            role("protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol\"").document(),
            role("protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol \
                  urn:oasis:names:tc:SAML:2.0:protocol\"")
            .document(),
        ),
        (
            "a service provider",
            "not_an_idp",
            whole.replace("IDPSSODescriptor", "SPSSODescriptor"),
            whole.clone(),
        ),
        (
            "the role twice",
            "duplicate_role",
            idp().with(|e| e.others = format!("<md:IDPSSODescriptor {SAML2}/>")).document(),
            idp().with(|e| e.others = format!("<md:SPSSODescriptor {SAML2}/>")).document(),
        ),
        (
            "no endpoint",
            "no_sso_endpoint",
            idp().with(|e| e.endpoints.clear()).document(),
            whole.clone(),
        ),
        (
            "an endpoint for SOAP alone",
            "no_sso_endpoint",
            idp().with(|e| e.endpoints = sso("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "https://idp.example/")).document(),
            idp().with(|e| e.endpoints = sso(POST, "https://idp.example/")).document(),
        ),
        (
            "an endpoint without an address",
            "no_sso_endpoint",
            at(" ").document(),
            whole.clone(),
        ),
        (
            "a script as the address",
            "endpoint_not_allowed",
            at("javascript:alert(1)").document(),
            whole.clone(),
        ),
        (
            "a script as the logout address",
            "endpoint_not_allowed",
            whole.replace("<md:SingleSignOn", &format!("<md:SingleLogoutService Binding=\"{POST}\" Location=\"javascript:alert(1)\"/><md:SingleSignOn")),
            whole.replace("<md:SingleSignOn", &format!("<md:SingleLogoutService Binding=\"{POST}\" Location=\"https://idp.example/slo\"/><md:SingleSignOn")),
        ),
        (
            "data as the address",
            "endpoint_not_allowed",
            at("data:text/html,x").document(),
            whole.clone(),
        ),
        (
            "an address with a user",
            "endpoint_not_allowed",
            at("https://idp.example@other.example/sso").document(),
            whole.clone(),
        ),
        ("no address at all", "endpoint_not_allowed", at("/sso").document(), whole.clone()),
        (
            "plain http to another machine",
            "endpoint_not_allowed",
            at("http://idp.example/sso").document(),
            at("http://127.0.0.1:9000/sso").document(),
        ),
        (
            "plain http to what looks like this machine",
            "endpoint_not_allowed",
            at("http://localhost.example/sso").document(),
            at("http://localhost:9000/sso").document(),
        ),
        ("no key", "no_signing_key", keys("").document(), whole.clone()),
        (
            "a key for encryption alone",
            "no_signing_key",
            keys(&key("use=\"encryption\"", &x509(&certificate()))).document(),
            keys(&key("", &x509(&certificate()))).document(),
        ),
        (
            "a key for another use",
            "schema_violation",
            keys(&key("use=\"Signing\"", &x509(&certificate()))).document(),
            keys(&key(SIGNING, &x509(&certificate()))).document(),
        ),
        (
            "a key of which there is but the name",
            "not_a_certificate",
            keys(&key(SIGNING, "<ds:KeyName>idp</ds:KeyName>")).document(),
            keys(&key(SIGNING, &format!("<ds:KeyName>idp</ds:KeyName>{}", x509(&certificate())))).document(),
        ),
        (
            "a certificate that cannot be read",
            "not_a_certificate",
            keys(&key(SIGNING, &x509(b"no certificate"))).document(),
            keys(&key(SIGNING, &x509(&certificate()))).document(),
        ),
        (
            "a key without KeyInfo",
            "schema_violation",
            keys("<md:KeyDescriptor/>").document(),
            whole.clone(),
        ),
        (
            "a boolean that is none",
            "schema_violation",
            role(&format!("{SAML2} WantAuthnRequestsSigned=\"yes\"")).document(),
            role(&format!("{SAML2} WantAuthnRequestsSigned=\"1\"")).document(),
        ),
    ];
    for (name, code, broken, repaired) in cases {
        assert_eq!(refused(&broken), code, "{name}");
        if let Err(error) = read(&repaired) {
            panic!("{name}, repaired: {error}");
        }
    }
}

#[test]
fn an_entity_is_chosen_by_its_exact_name() {
    let other = idp().with(|e| {
        e.id = "https://idp2.example/".to_owned();
        e.endpoints = sso(POST, "https://idp2.example/sso");
    });
    let document = aggregate("", &[idp(), other]);
    let nested =
        document.replace("<md:EntityDescriptor", "<md:EntitiesDescriptor><md:EntityDescriptor");
    let nested =
        nested.replace("</md:EntityDescriptor>", "</md:EntityDescriptor></md:EntitiesDescriptor>");
    for document in [document, nested] {
        let chosen = |id| import(document.as_bytes(), Some(id), NOW);
        let imported = chosen("https://idp2.example/").expect("imported");
        assert_eq!(imported.entity_id, "https://idp2.example/");
        assert_eq!(imported.sso.location.as_str(), "https://idp2.example/sso");
        for absent in ["https://idp2.example", "HTTPS://IDP2.EXAMPLE/", ""] {
            let error = chosen(absent).map_err(|error| error.as_str());
            assert_eq!(error.map(|_| ()), Err("entity_not_found"), "{absent}");
        }
    }
    let alone = import(idp().document().as_bytes(), Some("https://other.example/"), NOW);
    assert_eq!(alone.map_err(|error| error.as_str()).map(|_| ()), Err("entity_not_found"));
}

#[test]
fn an_entity_inside_an_extension_is_none() {
    let evil = idp().with(|e| e.endpoints = sso(REDIRECT, "https://evil.example/sso")).document();
    let document = idp().document().replace(
        "<md:IDPSSODescriptor",
        &format!("<md:Extensions>{evil}</md:Extensions><md:IDPSSODescriptor"),
    );
    assert_eq!(read(&document).expect("imported").sso.location.as_str(), "https://idp.example/sso");
}

#[test]
fn endpoints_are_taken_by_binding_with_redirect_preferred() {
    const SOAP: &str = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP";
    let slo = |binding: &str, rest: &str| {
        format!(
            "<md:SingleLogoutService Binding=\"{binding}\" Location=\"https://idp.example/slo\" {rest}/>"
        )
    };
    let entity = idp().with(|e| {
        e.endpoints = [
            slo(SOAP, ""),
            slo(POST, "ResponseLocation=\"https://idp.example/slo/done\""),
            slo("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact", ""),
            slo(REDIRECT, "").replace("https:", "http:"),
            sso(SOAP, "https://idp.example/ecp"),
            sso(POST, "https://idp.example/post"),
            sso(REDIRECT, " https://idp.example/first "),
            sso(REDIRECT, "https://idp.example/second"),
        ]
        .concat();
    });
    let imported = read(&entity.document()).expect("imported");
    assert_eq!(imported.sso.binding, FrontChannelBinding::Redirect);
    assert_eq!(imported.sso.location.as_str(), "https://idp.example/first");
    let slo: Vec<_> = imported.slo.keys().copied().collect();
    assert_eq!(slo, [SloBinding::Post, SloBinding::Soap]);
    let response = imported.slo[&SloBinding::Post].response_location.as_ref().map(Url::as_str);
    assert_eq!(response, Some("https://idp.example/slo/done"));
    assert_eq!(imported.slo[&SloBinding::Soap].response_location, None);
    assert_eq!(
        imported.ignored,
        [
            "SingleSignOnService urn:oasis:names:tc:SAML:2.0:bindings:SOAP",
            "SingleLogoutService urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact",
        ]
    );
    assert_eq!(imported.refused, ["SingleLogoutService http://idp.example/slo: not https"]);
}

#[test]
fn the_services_that_resolve_artifacts_are_taken_by_index() {
    let service = |binding: &str, rest: &str| {
        format!("<md:ArtifactResolutionService Binding=\"{binding}\" {rest}/>")
    };
    let soap = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP";
    let saml1 = "urn:oasis:names:tc:SAML:1.0:bindings:SOAP-binding";
    let at = |index: &str, url: &str| format!("index=\"{index}\" Location=\"{url}\"");
    let services = [
        service(soap, &at("7", "https://idp.example/seven")),
        service(soap, &at("1", "https://idp.example:8443/one")),
        service(soap, &at("1", "https://idp.example/again")),
        service(saml1, &at("2", "https://idp.example/old")),
        service(soap, &at("3", "http://idp.example/plain")),
        service(soap, &at("65536", "https://idp.example/much")),
        service(soap, "index=\"4\""),
    ];
    let imported = read(&idp().with(|e| e.endpoints += &services.concat()).document()).unwrap();
    let found: Vec<_> =
        imported.artifact_resolution.iter().map(|it| (it.index, it.url.as_str())).collect();
    assert_eq!(found, [(1, "https://idp.example:8443/one"), (7, "https://idp.example/seven")]);
    assert_eq!(imported.ignored, [format!("ArtifactResolutionService {saml1}")]);
    assert_eq!(
        imported.refused,
        [
            "ArtifactResolutionService http://idp.example/plain: not https",
            "ArtifactResolutionService without an index",
            "ArtifactResolutionService without Location",
        ]
    );
    let script = service(soap, &at("0", "javascript:alert(1)"));
    let suspect = idp().with(|e| e.endpoints += &script);
    assert_eq!(refused(&suspect.document()), "endpoint_not_allowed");
}

#[test]
fn all_signing_keys_are_taken_and_one_without_use_serves_both_uses() {
    let (first, second, both, chain) = (certificate(), certificate(), certificate(), certificate());
    let with_breaks =
        STANDARD.encode(&second).as_bytes().chunks(64).fold(String::new(), |text, line| {
            text + "\r\n        " + std::str::from_utf8(line).expect("base64")
        });
    let entity = idp().with(|e| {
        e.keys = [
            key(SIGNING, &x509(&first)),
            key(
                SIGNING,
                &x509(&second).replace(&STANDARD.encode(&second), &format!("{with_breaks}\n")),
            ),
            key("", &x509(&both)),
            key(SIGNING, &(x509(&first) + &x509(&chain))),
            key(SIGNING, &x509(b"broken")),
            key("use=\"encryption\"", &x509(&first)),
        ]
        .concat();
    });
    let imported = read(&entity.document()).expect("imported");
    assert_eq!(imported.signing_keys, [first.clone(), second, both.clone()]);
    assert_eq!(imported.encryption_keys, [both, first]);
    assert_eq!(imported.refused, ["KeyDescriptor: not_a_certificate"]);
}

#[test]
fn a_bare_key_value_is_a_key() {
    let number = |n: &openssl::bn::BigNumRef| STANDARD.encode(n.to_vec());
    let rsa_value = |bits| {
        let rsa = Rsa::generate(bits).expect("RSA");
        let value = format!(
            "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus><ds:Exponent>{}</ds:Exponent>\
             </ds:RSAKeyValue></ds:KeyValue>",
            number(rsa.n()),
            number(rsa.e()),
        );
        (value, PKey::from_rsa(rsa).and_then(|key| key.public_key_to_der()).expect("DER"))
    };
    let with_key = |value: &str| idp().with(|e| e.keys = key(SIGNING, value)).document();

    let (value, der) = rsa_value(2048);
    let imported = read(&with_key(&value)).expect("imported");
    assert_eq!(imported.signing_keys, [der]);
    assert_eq!(imported.proposed_legacy_crypto, BTreeSet::new());

    let ec =
        openssl::x509::X509::from_der(&certificate()).and_then(|c| c.public_key()).expect("EC");
    let ec_der = ec.public_key_to_der().expect("DER");
    // A SubjectPublicKeyInfo on P-256 ends in the 65 bytes of the point.
    let point = STANDARD.encode(&ec_der[ec_der.len() - 65..]);
    let ec_value = |curve: &str| {
        format!(
            "<ds:KeyValue><x:ECKeyValue xmlns:x=\"http://www.w3.org/2009/xmldsig11#\">\
         <x:NamedCurve URI=\"{curve}\"/><x:PublicKey>{point}</x:PublicKey></x:ECKeyValue></ds:KeyValue>"
        )
    };
    let imported = read(&with_key(&ec_value("urn:oid:1.2.840.10045.3.1.7"))).expect("imported");
    assert_eq!(imported.signing_keys, std::slice::from_ref(&ec_der));
    let encoded = format!(
        "<x:DEREncodedKeyValue xmlns:x=\"http://www.w3.org/2009/xmldsig11#\">{}</x:DEREncodedKeyValue>",
        STANDARD.encode(&ec_der)
    );
    assert_eq!(read(&with_key(&encoded)).expect("imported").signing_keys, [ec_der]);

    assert_eq!(refused(&with_key(&rsa_value(1016).0)), "key_too_small");
    assert_eq!(refused(&with_key(&ec_value("urn:oid:1.3.132.0.10"))), "key_not_supported");
    let other_curve = refused(&with_key(&ec_value("urn:oid:1.3.132.0.34")));
    assert_eq!(other_curve, "not_a_certificate", "the point is not on that curve");
    let no_number = value.replace("<ds:Modulus>", "<ds:Modulus>!");
    assert_eq!(refused(&with_key(&no_number)), "schema_violation");
}

#[test]
fn what_a_product_needs_is_proposed() {
    let proposed =
        |entity: Entity| read(&entity.document()).expect("imported").proposed_legacy_crypto;
    let adfs = idp().with(|e| e.endpoints = sso(REDIRECT, "https://fs.example/adfs/ls/"));
    assert_eq!(proposed(adfs), BTreeSet::from([LegacyCrypto::AesCbc]));
    let rsa = Rsa::generate(1024).expect("RSA");
    let value = format!(
        "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>\
         </ds:RSAKeyValue></ds:KeyValue>",
        STANDARD.encode(rsa.n().to_vec())
    );
    let short = idp().with(|e| e.keys = key(SIGNING, &value));
    assert_eq!(proposed(short), BTreeSet::from([LegacyCrypto::Rsa1024]));
    assert_eq!(proposed(idp()), BTreeSet::new());
}

#[test]
fn the_rest_of_an_identity_provider() {
    let entity = idp().with(|e| {
        e.attributes = "validUntil=\"2030-01-01T02:00:00+02:00\"".to_owned();
        e.role = format!("{SAML2} WantAuthnRequestsSigned=\"true\" validUntil=\"2031-01-01T00:00:00Z\"");
        e.endpoints = format!(
            "<md:NameIDFormat>\n urn:a </md:NameIDFormat><md:NameIDFormat>urn:b</md:NameIDFormat>{}",
            e.endpoints
        );
        e.others = format!("<md:AttributeAuthorityDescriptor {SAML2}/><md:Organization/>");
    });
    let document = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?><?style x?>\n{}",
        entity.document()
    );
    let imported = read(&document).expect("imported");
    assert_eq!(imported.entity_id, IDP);
    assert!(imported.want_authn_requests_signed);
    assert_eq!(imported.valid_until, Some(datetime!(2030-01-01 0:00 UTC)));
    assert_eq!(imported.name_id_formats, ["urn:a", "urn:b"]);
    assert_eq!(imported.ignored, ["AttributeAuthorityDescriptor"]);
}

proptest! {
    /// Whatever becomes of a document on its way, reading it ends, and without a panic.
    #[test]
    fn a_document_that_was_damaged_does_no_harm(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut document = DAMAGED.clone();
        for (at, byte) in damage {
            let at = at.index(document.len());
            document[at] = byte;
        }
        let _ = import(&document, None, NOW);
        let _ = import(&document[..cut.index(document.len())], Some(IDP), NOW);
    }
}

static DAMAGED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let entity = idp().with(|e| {
        e.attributes = "validUntil=\"2030-01-01T00:00:00Z\"".to_owned();
        e.keys.push_str(&key(
            "",
            "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus>\
             <ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>",
        ));
    });
    aggregate("", &[entity]).into_bytes()
});
