//! SP-initiated login through each foreign identity provider and by each binding of the AuthnRequest
//! (SPEC 5.1), set up over the Admin API from metadata both ways. Each peer verifies what we signed,
//! and refuses it where it was changed on its way.

use crate::acme::set_up;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, Form, Page, Peer, ServerProcess};

/// What pysaml2 says of a request whose signature does not hold.
const NOT_SIGNED: &str = "Request was not signed correctly";

#[tokio::test]
async fn samlp_takes_requests_by_redirect_and_post() {
    let idp = Peer::samlp();
    let attributes = json!({
        "uid": "ann@acme.example", "email": "ann@acme.example",
        "firstname": "Ann", "lastname": "Miller",
    });
    sign_in_by_each_binding(&idp, json!("standard"), attributes).await;
}

#[tokio::test]
async fn pysaml2_takes_requests_by_redirect_and_post() {
    let idp = Peer::pysaml2();
    // It sends them by their names in eduPerson's schema.
    let attributes = json!({
        "eduPersonPrincipalName": ["ann@acme.example"], "mail": ["ann@acme.example"],
        "givenName": ["Ann"], "sn": ["Miller"],
    });
    sign_in_by_each_binding(&idp, json!("shibboleth"), attributes).await;
}

async fn sign_in_by_each_binding(idp: &Peer, preset: Value, attributes: Value) {
    let service = ServerProcess::start(None).await;
    let map = json!({"preset": preset, "map": {}});
    set_up(&service, idp, json!({"auto_create": true, "attribute_map": map})).await;
    idp.set_person("ann", json!({"name_id": "ann@acme.example", "attributes": attributes})).await;
    let browser = Browser::default();
    browser.open(&idp.sign_in_url("ann")).await;

    for (logins, binding) in ["redirect", "post"].into_iter().enumerate() {
        let connection = json!({"sso_binding": binding});
        assert_eq!(
            service.admin().patch("orgs/acme/sso", connection).await["sso_binding"],
            binding
        );

        let request = Request::begin(&service, &browser, binding).await;
        for changed in request.changed() {
            let page = changed.send(&browser).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{binding}: {}", page.body);
            let body = &page.body;
            let named = body.contains("the AuthnRequest is refused") || body.contains(NOT_SIGNED);
            assert!(named, "{binding}: {body}");
        }
        assert_eq!(idp.requests().await.len(), logins, "it counts those that it verified");
        let page = request.send(&browser).await;
        assert_eq!(page.status, StatusCode::OK, "{binding}: {}", page.body);
        assert_eq!(idp.requests().await.len(), logins + 1);

        let welcome = browser.submit(&page.form()).await;
        let trace = service.admin().get("orgs/acme/logins?limit=1").await;
        assert_eq!(trace["items"][0]["outcome"], "accepted", "{binding}: {trace:#}");
        assert_eq!(welcome.status, StatusCode::OK, "{binding}: {}", welcome.body);
        assert!(welcome.body.contains("Ann Miller"), "{binding}: {}", welcome.body);
    }

    let users = service.admin().get("orgs/acme/users").await;
    let items = users["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1, "both logins are of one person: {users}");
    assert_eq!(items[0]["email"], "ann@acme.example");
}

/// A browser on its way to the identity provider.
enum Request {
    Redirect(url::Url),
    Post(Form),
}

impl Request {
    async fn begin(service: &ServerProcess, browser: &Browser, binding: &str) -> Self {
        let page = browser.open(&service.url("/sso/acme/login")).await;
        match binding {
            "redirect" => Self::Redirect(page.location.expect("the identity provider's address")),
            _ => Self::Post(page.form()),
        }
    }

    async fn send(&self, browser: &Browser) -> Page {
        match self {
            Self::Redirect(url) => browser.open(url.as_str()).await,
            Self::Post(form) => browser.post(form).await,
        }
    }

    /// The same with one thing changed under the signature, and without the signature.
    fn changed(&self) -> Vec<Self> {
        match self {
            Self::Redirect(url) => {
                let edited = |edit: &dyn Fn(&str, String) -> Option<String>| {
                    let mut changed = url.clone();
                    changed.query_pairs_mut().clear().extend_pairs(url.query_pairs().filter_map(
                        |(name, value)| Some((name.to_string(), edit(&name, value.into_owned())?)),
                    ));
                    Self::Redirect(changed)
                };
                vec![
                    edited(&|name, value| {
                        Some(if name == "RelayState" { "another".to_owned() } else { value })
                    }),
                    edited(&|name, value| {
                        (!matches!(name, "SigAlg" | "Signature")).then_some(value)
                    }),
                ]
            }
            Self::Post(form) => {
                let edited = |edit: &dyn Fn(&str) -> String| {
                    let mut changed = form.clone();
                    let (_, field) = changed
                        .fields
                        .iter_mut()
                        .find(|(name, _)| name == "SAMLRequest")
                        .expect("a SAMLRequest");
                    let xml = STANDARD.decode(&*field).expect("base64");
                    let xml = String::from_utf8(xml).expect("UTF-8");
                    let other = edit(&xml);
                    assert_ne!(other, xml, "nothing was changed");
                    *field = STANDARD.encode(other);
                    Self::Post(changed)
                };
                vec![
                    edited(&|xml| xml.replacen(" ID=\"_", " ForceAuthn=\"true\" ID=\"_", 1)),
                    edited(&|xml| {
                        let (before, rest) = xml.split_once("<ds:Signature").expect("a signature");
                        let (_, after) = rest.split_once("</ds:Signature>").expect("its end");
                        format!("{before}{after}")
                    }),
                ]
            }
        }
    }
}
