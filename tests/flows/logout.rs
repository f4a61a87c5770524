//! Single logout with each foreign identity provider, from either side and by each binding (SPEC 5.3): the
//! session ends at both ends, in a browser that has our cookie or none.

use crate::acme::set_up;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, MetadataHost, Page, Peer, PostgresCluster, ServerProcess};

#[tokio::test]
async fn samlp_on_sqlite() {
    let attributes = json!({
        "uid": "ann@acme.example", "email": "ann@acme.example",
        "firstname": "Ann", "lastname": "Miller",
    });
    let scene = Scene::new(Peer::samlp(), None, "standard", attributes).await;
    for binding in ["redirect", "post"] {
        scene.signs_out_here(binding).await;
        scene.signs_out_there(binding).await;
    }
}

#[tokio::test]
async fn pysaml2_on_sqlite() {
    pysaml2(None).await;
}

#[tokio::test]
async fn pysaml2_on_postgresql() {
    pysaml2(Some(PostgresCluster::shared().database())).await;
}

async fn pysaml2(database: Option<String>) {
    let attributes = json!({
        "eduPersonPrincipalName": ["ann@acme.example"], "mail": ["ann@acme.example"],
        "givenName": ["Ann"], "sn": ["Miller"],
    });
    let scene = Scene::new(Peer::pysaml2(), database, "shibboleth", attributes).await;
    for binding in ["redirect", "post", "soap"] {
        scene.signs_out_here(binding).await;
        scene.signs_out_there(binding).await;
    }
}

/// A service and an identity provider, and a person with a browser.
struct Scene {
    service: ServerProcess,
    idp: Peer,
    browser: Browser,
}

impl Scene {
    async fn new(idp: Peer, database: Option<String>, preset: &str, attributes: Value) -> Self {
        let network = [("SSO_OUTGOING_NETWORKS", MetadataHost::NETWORK)];
        let service = ServerProcess::start_with(database, &network).await;
        let map = json!({"preset": preset, "map": {}});
        let settings = json!({
            "auto_create": true, "attribute_map": map, "single_logout": "saml",
        });
        set_up(&service, &idp, settings).await;
        let ann = json!({"name_id": "ann@acme.example", "attributes": attributes});
        idp.set_person("ann", ann).await;
        let browser = Browser::default();
        browser.open(&idp.sign_in_url("ann")).await;
        Self { service, idp, browser }
    }

    /// The person signs out at the service.
    async fn signs_out_here(&self, binding: &str) {
        let path = if binding == "soap" { "/slo/soap" } else { "/slo" };
        let way = json!({"slo_binding": binding, "logout_url": self.idp.url(path)});
        self.service.admin().patch("orgs/acme/sso", way).await;
        self.sign_in().await;

        // Both ways of it: to a page that says so, and to where the person wanted to go.
        let left = self.browser.open(&self.service.url("/sso/acme/logout")).await;
        assert!(!self.is_signed_in().await, "{binding}: it ends here first");
        let page = carried(&self.browser, left).await;
        assert_eq!(page.status, StatusCode::OK, "{binding}: {}", page.body);
        assert!(page.body.contains("Both of your sessions have ended."), "{binding}: {page:#?}");
        assert_eq!(self.sessions_there().await, json!({}), "{binding}");

        self.sign_in().await;
        let left = self.browser.open(&self.service.url("/sso/acme/logout?return_to=/login")).await;
        let page = carried(&self.browser, left).await;
        assert_eq!(page.url.as_str(), self.service.url("/login"), "{binding}: {}", page.body);
        assert_eq!(self.sessions_there().await, json!({}), "{binding}");
        assert!(!self.is_signed_in().await);
    }

    /// The person signs out at the identity provider, in a browser that never was at the service.
    async fn signs_out_there(&self, binding: &str) {
        self.sign_in().await;
        let elsewhere = Browser::default();
        elsewhere.open(&self.idp.sign_in_url("ann")).await;
        let begun = elsewhere.open(&self.idp.url(&format!("/sign-out?binding={binding}"))).await;
        let end = carried(&elsewhere, begun).await;
        assert_eq!(end.status, StatusCode::OK, "{binding}: {}", end.body);
        assert_eq!(end.body, "signed out everywhere", "{binding}");
        assert!(!self.is_signed_in().await, "{binding}");
        assert_eq!(self.sessions_there().await, json!({}), "{binding}");
    }

    async fn sign_in(&self) {
        let left = self.browser.open(&self.service.url("/sso/acme/login")).await;
        let request = left.location.expect("the identity provider");
        let page = self.browser.open(request.as_str()).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        self.browser.submit(&page.form()).await;
        assert!(self.is_signed_in().await);
        assert_ne!(self.sessions_there().await, json!({}));
    }

    async fn is_signed_in(&self) -> bool {
        self.browser.open(&self.service.url("/session")).await.status == StatusCode::OK
    }

    async fn sessions_there(&self) -> Value {
        self.idp.sessions().await
    }
}

/// Carries logout messages on, by redirects and forms, until there is none any more.
async fn carried(browser: &Browser, mut page: Page) -> Page {
    for _ in 0..6 {
        let has_message = page.body.contains("SAMLRequest") || page.body.contains("SAMLResponse");
        page = match &page.location {
            Some(location) => browser.open(location.as_str()).await,
            None if has_message => browser.post_once(&page.form()).await,
            None => return page,
        };
    }
    panic!("it goes round in a circle: {page:#?}");
}
