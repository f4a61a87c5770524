//! The organization `corp`, whose identity provider is inside the test, and logins there over HTTP:
//! the service behind https, as in production, reached at whichever node.

use crate::{Admin, IdentityProvider, IdpMetadata, Person, SeededRandom, request_id};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{COOKIE, HeaderMap, HeaderName, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::json;
use time::OffsetDateTime;
use url::Url;

/// The organization at a service whose public URL is [`Corp::PUBLIC_URL`].
pub struct Corp {
    /// Its identity provider.
    pub idp: IdentityProvider,
    /// It keeps no cookies: what a browser sends is said each time.
    client: Client,
}

/// A login that a browser has begun, and that was answered by the identity provider.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The ID of the AuthnRequest.
    pub request_id: String,
    /// The pair of the cookie that binds the browser.
    pub cookie: String,
    /// The body of the form that the browser is to post, with `SAMLResponse` and `RelayState`.
    pub form: String,
}

impl Begun {
    /// The RelayState that came beside the request.
    pub fn relay_state(&self) -> String {
        let mut fields = url::form_urlencoded::parse(self.form.as_bytes());
        fields.find(|(name, _)| name == "RelayState").expect("a RelayState").1.into_owned()
    }
}

impl Corp {
    /// The public URL that the service says it has.
    pub const PUBLIC_URL: &str = "https://sso.example";

    /// Makes the organization and its connection, which creates and updates accounts, over the Admin
    /// API.
    pub async fn set_up(admin: &Admin, now: OffsetDateTime) -> Self {
        let idp = IdentityProvider::new(now, &SeededRandom::new(1));
        let org = json!({"name": "corp", "display_name": "Corp <&>", "domains": ["corp.example"]});
        admin.create("orgs", org).await;
        admin.post_xml("orgs/corp/sso/metadata", IdpMetadata::of(&[&idp]).document()).await;
        admin.patch("orgs/corp/sso", json!({"auto_create": true, "auto_update": true})).await;
        let client = Client::builder().redirect(Policy::none()).build().expect("an HTTP client");
        Self { idp, client }
    }

    /// Opens an address at a node, with a cookie.
    ///
    /// # Errors
    /// The node did not answer.
    pub async fn get(&self, url: &str, cookie: &str) -> reqwest::Result<Response> {
        self.client.get(url).header(COOKIE, cookie).send().await
    }

    /// Begins a login at a node, `http://HOST:PORT`, and has the identity provider answer it now.
    /// `query`: of the login's address, with its `?`.
    ///
    /// # Errors
    /// The node did not answer, or by the status of an error.
    pub async fn begin(
        &self,
        node: &str,
        query: &str,
        person: &Person,
        assertion: &str,
        now: OffsetDateTime,
    ) -> reqwest::Result<Begun> {
        let left = self.get(&format!("{node}/sso/corp/login{query}"), "").await?;
        let left = left.error_for_status()?;
        assert_eq!(left.status(), StatusCode::SEE_OTHER);
        Ok(self.answer(left.headers(), person, assertion, now))
    }

    /// Has the identity provider answer a login that left by redirect with these headers.
    pub fn answer(
        &self,
        left: &HeaderMap,
        person: &Person,
        assertion: &str,
        now: OffsetDateTime,
    ) -> Begun {
        let to = Url::parse(&header(left, LOCATION)).expect("a URL");
        let field = |name: &str| {
            let found = to.query_pairs().find(|(field, _)| field == name);
            found.expect("the parameter").1.into_owned()
        };
        let request_id = request_id(&field("SAMLRequest"));
        let response = self.idp.response(person, Some(&request_id), assertion, now);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("SAMLResponse", &STANDARD.encode(response))
            .append_pair("RelayState", &field("RelayState"))
            .finish();
        Begun { request_id, cookie: cookie(left), form }
    }

    /// Posts the answer at a node, as the browser of the cookie.
    ///
    /// # Errors
    /// The node did not answer.
    pub async fn post(&self, node: &str, cookie: &str, form: &str) -> reqwest::Result<Response> {
        let posted = self.client.post(format!("{node}/saml/corp/acs")).header(COOKIE, cookie);
        let posted = posted.header("content-type", "application/x-www-form-urlencoded");
        posted.body(form.to_owned()).send().await
    }
}

/// The pair of the cookie that an answer sets.
///
/// # Panics
/// It sets none.
pub fn cookie(headers: &HeaderMap) -> String {
    let cookie = header(headers, SET_COOKIE);
    cookie.split(';').next().unwrap_or_default().to_owned()
}

fn header(headers: &HeaderMap, name: HeaderName) -> String {
    headers.get(name).expect("the header").to_str().expect("text").to_owned()
}
