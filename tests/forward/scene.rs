//! What the tests share: a service whose session serves sibling hosts and which trusts a proxy on
//! loopback, and people who are signed in there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Response;
use serde_json::Value;
use sso_core::cookies::CookieDomain;
use sso_core::time::Clock as _;
use sso_server::config::TrustedProxies;
use sso_tests::{Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, Person, TestServer, cookie};

/// The host of the application; the service's is `sso.example`.
pub(crate) const APP: &str = "app.sso.example";

/// A service with the organization `corp`.
pub(crate) struct Scene {
    pub(crate) server: TestServer,
    pub(crate) corp: Corp,
}

impl Scene {
    /// A service that trusts these proxies.
    pub(crate) async fn trusting(proxies: &str) -> Self {
        let server = TestServer::start_with(Engine::Sqlite, Some(Corp::PUBLIC_URL), |config| {
            let domain = CookieDomain::new("sso.example", config.public_url.url());
            config.cookie_domain = Some(domain.expect("a domain"));
            config.trusted_proxies = TrustedProxies::read(Some(proxies)).expect("networks");
        })
        .await;
        let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
        let corp = Corp::set_up(&admin, BEGINNING).await;
        Self { server, corp }
    }

    /// Signs a person in at a node, `http://HOST:PORT`, and gives the answer at the end.
    pub(crate) async fn sign_in_at(&self, node: &str, query: &str, person: &Person) -> Response {
        let now = self.server.clock().now();
        let assertion = format!("_{}-{}", person.name_id, now.unix_timestamp());
        let begun = self.corp.begin(node, query, person, &assertion, now).await.expect("begun");
        let posted = self.corp.post(node, &begun.cookie, &begun.form).await.expect("an answer");
        assert_eq!(posted.status(), 303);
        posted
    }

    /// Signs a person in, and gives the pair of the session cookie.
    pub(crate) async fn session(&self, person: &Person) -> String {
        let signed_in = self.sign_in_at(&self.server.url(""), "", person).await;
        cookie(signed_in.headers())
    }
}

/// What a token says. Its signature is not looked at.
pub(crate) fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a body");
    let body = URL_SAFE_NO_PAD.decode(body).expect("base64url");
    serde_json::from_slice(&body).expect("JSON")
}
