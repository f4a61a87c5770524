use crate::edit::edited;
use crate::genuine;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::connection::{FrontChannelBinding, Protocol, SettingsContext, SloBinding};
use sso_core::dsig::TrustedKeys;
use sso_core::metadata::{ImportedIdp, apply, import, import_signed};
use sso_core::xml::{Document, Limits, Writer, c14n, ns};
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

/// The key that signed the genuine documents and no other metadata.
static PINNED: LazyLock<TrustedKeys> =
    LazyLock::new(|| genuine::trusted(include_bytes!("../../certs/dev/idp.crt")));

const SIGNED: [&[u8]; 2] =
    [include_bytes!("../../metadata/adfs.xml"), include_bytes!("../../metadata/entra.xml")];

static GENUINE: LazyLock<Vec<ImportedIdp>> = LazyLock::new(|| {
    let imported = |it: &&[u8]| import_signed(it, None, &PINNED, NOW).expect("it is signed");
    SIGNED.iter().map(imported).collect()
});

/// Importing metadata, a document or (first byte 0 or 1) a change of a signed one: what is taken as signed is
/// what was signed. What is imported is the same when the document is written canonically and when the entity
/// is named; written anew as metadata and imported again it is the same.
pub fn metadata(input: &[u8]) -> bool {
    match input.split_first() {
        Some((&number @ 0..2, script)) => hold(&edited(SIGNED[usize::from(number)], script)),
        _ => hold(input),
    }
}

fn hold(input: &[u8]) -> bool {
    if let Ok(signed) = import_signed(input, None, &PINNED, NOW) {
        assert!(GENUINE.contains(&signed), "never signed: {signed:?}");
    }
    let Ok(imported) = import(input, None, NOW) else { return false };
    let named = import(input, Some(&imported.entity_id), NOW).expect("by its name as well");
    assert_eq!(named, imported);

    let document = Document::parse(input, &Limits::METADATA).expect("it was imported");
    let mut octets = Vec::new();
    if c14n::exclusive(document.root(), "", None, &mut octets).is_ok() {
        let canonical = import(&octets, None, NOW);
        if imported.protocol == Protocol::Saml2 {
            // The type of a role is a name in a value: exclusive canonicalization may drop its prefix.
            let saml =
                |idp: ImportedIdp| ImportedIdp { refused: Vec::new(), alternative: None, ..idp };
            let canonical = canonical.map(saml);
            assert_eq!(canonical, Ok(saml(imported.clone())), "the canonical form");
        }
    }
    let context = SettingsContext { can_sign: true, may_enforce: false };
    let applied = apply(&imported, None, context);
    assert_eq!(applied.settings.issuer(), imported.entity_id);
    assert!(applied.settings.common().legacy_crypto.is_empty(), "an import grants nothing");
    assert_eq!(applied.signing_keys, imported.signing_keys);
    let Ok(imported) = imported.speaking(Protocol::Saml2) else { return true };

    let again = import(written(&imported).as_bytes(), None, NOW).expect("what was written anew");
    let kept = ImportedIdp { ignored: Vec::new(), refused: Vec::new(), ..imported.clone() };
    assert_eq!(again, kept);
    true
}

/// The identity provider as metadata of its own.
fn written(idp: &ImportedIdp) -> String {
    let until = idp.valid_until.and_then(|until| until.format(&Rfc3339).ok());
    let mut xml = Writer::new();
    let mut entity =
        vec![("xmlns:md", ns::MD), ("xmlns:ds", ns::DS), ("entityID", &*idp.entity_id)];
    entity.extend(until.as_deref().map(|until| ("validUntil", until)));
    let kept = idp.cache_duration.map(|kept| format!("PT{}S", kept.whole_seconds()));
    entity.extend(kept.as_deref().map(|kept| ("cacheDuration", kept)));
    xml.start("md:EntityDescriptor", &entity);
    let signed = if idp.want_authn_requests_signed { "true" } else { "false" };
    xml.start(
        "md:IDPSSODescriptor",
        &[("protocolSupportEnumeration", ns::SAMLP), ("WantAuthnRequestsSigned", signed)],
    );
    for (keys, purpose) in [(&idp.signing_keys, "signing"), (&idp.encryption_keys, "encryption")] {
        for key in keys {
            xml.start("md:KeyDescriptor", &[("use", purpose)]).start("ds:KeyInfo", &[]);
            let text = STANDARD.encode(key);
            if openssl::x509::X509::from_der(key).is_ok() {
                xml.start("ds:X509Data", &[]).leaf("ds:X509Certificate", &[], &text).end();
            } else {
                let namespace = [("xmlns:ds11", ns::DS11)];
                xml.leaf("ds11:DEREncodedKeyValue", &namespace, &text);
            }
            xml.end().end();
        }
    }
    for service in &idp.artifact_resolution {
        let index = service.index.to_string();
        let attributes = [
            ("Binding", logout(SloBinding::Soap)),
            ("Location", service.url.as_str()),
            ("index", &*index),
        ];
        xml.empty("md:ArtifactResolutionService", &attributes);
    }
    for (binding, endpoint) in &idp.slo {
        let mut attributes =
            vec![("Binding", logout(*binding)), ("Location", endpoint.location.as_str())];
        let response = endpoint.response_location.as_ref().map(url::Url::as_str);
        attributes.extend(response.map(|url| ("ResponseLocation", url)));
        xml.empty("md:SingleLogoutService", &attributes);
    }
    for format in &idp.name_id_formats {
        xml.leaf("md:NameIDFormat", &[], format);
    }
    let binding = match idp.sso.binding {
        FrontChannelBinding::Redirect => logout(SloBinding::Redirect),
        FrontChannelBinding::Post => logout(SloBinding::Post),
    };
    let location = idp.sso.location.as_str();
    xml.empty("md:SingleSignOnService", &[("Binding", binding), ("Location", location)]);
    xml.finish()
}

fn logout(binding: SloBinding) -> &'static str {
    match binding {
        SloBinding::Redirect => "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
        SloBinding::Post => "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        SloBinding::Soap => "urn:oasis:names:tc:SAML:2.0:bindings:SOAP",
    }
}
