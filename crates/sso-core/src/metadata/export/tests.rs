use super::*;
use crate::certs::{CertificateState, NewKey, generate};
use crate::ids::CertificateId;
use crate::metadata::test_support::{Fixed, NOW};
use crate::xml::{Document, Element, Limits};

fn org() -> Org {
    serde_json::from_value(serde_json::json!({"name": "corp"})).expect("an organization")
}

fn urls() -> ServiceUrls {
    let public = Url::parse("https://sso.example").expect("a URL");
    ServiceUrls::new(&public, &org().name)
}

fn service_certificate(state: CertificateState, key: NewKey) -> ServiceCertificate {
    let der = generate("a", 365, key, NOW, &Fixed).expect("a certificate").der;
    let id = CertificateId::new(NOW, &Fixed);
    let made = ServiceCertificate::next(id, "a".to_owned(), der, Vec::new(), NOW);
    ServiceCertificate { state, ..made }
}

fn local_names(element: Element<'_>) -> Vec<String> {
    element.children().map(|child| child.local_name().to_owned()).collect()
}

#[test]
fn it_is_there_before_any_connection() {
    let (org, urls) = (org(), urls());
    let provider =
        ServiceProvider { org: &org, urls: &urls, settings: None, certificates: &[], logout: &[] };
    let text = export(&provider, NOW);
    let document = Document::parse(text.as_bytes(), &Limits::METADATA).expect("XML");
    let entity = document.root();
    assert!(entity.is(ns::MD, "EntityDescriptor"));
    assert_eq!(entity.attribute("entityID"), Some("https://sso.example/saml/corp/metadata"));
    assert_eq!(entity.attribute("validUntil"), Some("2027-11-21T12:00:00Z"));
    assert_eq!(local_names(entity), ["SPSSODescriptor"]);

    let role = entity.required_child(ns::MD, "SPSSODescriptor").expect("the role");
    assert_eq!(role.attribute("AuthnRequestsSigned"), Some("false"));
    assert_eq!(role.attribute("WantAssertionsSigned"), Some("true"));
    let acs = role.required_child(ns::MD, "AssertionConsumerService").expect("the ACS");
    assert_eq!(acs.attribute("Location"), Some("https://sso.example/saml/corp/acs"));
    assert_eq!((acs.attribute("index"), acs.attribute("isDefault")), (Some("0"), Some("true")));
    assert_eq!(
        local_names(role),
        ["NameIDFormat", "NameIDFormat", "NameIDFormat", "AssertionConsumerService"]
    );
}

#[test]
fn it_has_every_published_certificate_and_what_the_connection_says() {
    use CertificateState::{Active, Next, Previous, Retired};
    let (mut org, urls) = (org(), urls());
    org.display_name = "Corp & Söhne".to_owned();
    org.website = Some("https://corp.example/".to_owned());
    org.contact = Some("it@corp.example".to_owned());
    let mut settings =
        Saml2Settings::new("urn:idp".to_owned(), Url::parse("https://idp.example").expect("a URL"));
    settings.sp_entity_id = "urn:our:name".to_owned();
    settings.sign_authn_requests = true;
    settings.name_id_format = NameIdFormat::Persistent;
    let certificates = [
        service_certificate(Retired, NewKey::P256),
        service_certificate(Previous, NewKey::Rsa2048),
        service_certificate(Active, NewKey::P256),
        service_certificate(Next, NewKey::Rsa2048),
    ];
    let provider = ServiceProvider {
        org: &org,
        urls: &urls,
        settings: Some(&settings),
        certificates: &certificates,
        logout: &[SloBinding::Redirect, SloBinding::Soap],
    };
    let keys = |provider: &ServiceProvider<'_>| {
        let text = export(provider, NOW);
        let document = Document::parse(text.as_bytes(), &Limits::METADATA).expect("XML");
        let role = document.root().required_child(ns::MD, "SPSSODescriptor").expect("the role");
        let keys = role.children().filter(|child| child.is(ns::MD, "KeyDescriptor"));
        keys.map(|key| {
            let certificate = key.descendants().find(|e| e.is(ns::DS, "X509Certificate"));
            let text = certificate.expect("a certificate").text().expect("its text").into_owned();
            let which = certificates.iter().position(|c| STANDARD.encode(&c.der) == text);
            (key.attribute("use").unwrap_or_default().to_owned(), which.expect("one of ours"))
        })
        .collect::<Vec<_>>()
    };
    let (sign, encrypt) = (|n| ("signing".to_owned(), n), |n| ("encryption".to_owned(), n));
    let signing = [sign(2), sign(1), sign(3)];
    assert_eq!(keys(&provider), [signing.as_slice(), &[encrypt(1), encrypt(3)]].concat());

    let text = export(&provider, NOW);
    let document = Document::parse(text.as_bytes(), &Limits::METADATA).expect("XML");
    let entity = document.root();
    assert_eq!(entity.attribute("entityID"), Some("urn:our:name"));
    assert_eq!(local_names(entity), ["SPSSODescriptor", "Organization", "ContactPerson"]);
    let role = entity.required_child(ns::MD, "SPSSODescriptor").expect("the role");
    assert_eq!(role.attribute("AuthnRequestsSigned"), Some("true"));
    let locations: Vec<_> = role
        .children()
        .filter(|child| child.is(ns::MD, "SingleLogoutService"))
        .map(|slo| slo.attribute("Location").unwrap_or_default())
        .collect();
    assert_eq!(
        locations,
        ["https://sso.example/saml/corp/slo", "https://sso.example/saml/corp/slo/soap"]
    );
    let format = role.required_child(ns::MD, "NameIDFormat").expect("one format");
    assert_eq!(format.text().ok().as_deref(), NameIdFormat::Persistent.uri());
    let shown = entity.descendants().find(|e| e.is(ns::MD, "OrganizationDisplayName"));
    assert_eq!(shown.and_then(|e| e.text().ok()).as_deref(), Some("Corp & Söhne"));
    let mail = entity.descendants().find(|e| e.is(ns::MD, "EmailAddress"));
    assert_eq!(mail.and_then(|e| e.text().ok()).as_deref(), Some("mailto:it@corp.example"));
}

#[test]
fn each_binding_by_which_responses_are_taken_has_its_consumer() {
    let (org, urls) = (org(), urls());
    let consumers = |change: fn(&mut Saml2Settings)| {
        let idp = Url::parse("https://idp.example").expect("a URL");
        let mut settings = Saml2Settings::new("urn:idp".to_owned(), idp);
        change(&mut settings);
        let (settings, certificates) = (Some(&settings), &[][..]);
        let provider =
            ServiceProvider { org: &org, urls: &urls, settings, certificates, logout: &[] };
        let text = export(&provider, NOW);
        let document = Document::parse(text.as_bytes(), &Limits::METADATA).expect("XML");
        let elements = document.root().descendants();
        let consumers = elements.filter(|it| it.is(ns::MD, "AssertionConsumerService"));
        let of = |it: Element<'_>| {
            assert_eq!(it.attribute("Location"), Some(urls.acs.as_str()));
            let binding = it.attribute("Binding").unwrap_or_default();
            let name = binding.rsplit(':').next().unwrap_or_default();
            format!("{} {name}", it.attribute("index").unwrap_or_default())
        };
        consumers.map(of).collect::<Vec<_>>()
    };
    assert_eq!(consumers(|_| ()), ["0 HTTP-POST"]);
    let artifact =
        consumers(|it| it.response_binding = crate::connection::ResponseBinding::Artifact);
    assert_eq!(artifact, ["0 HTTP-POST", "1 HTTP-Artifact"]);
    assert_eq!(consumers(|it| it.ecp = true), ["0 HTTP-POST", "2 PAOS"]);
}
