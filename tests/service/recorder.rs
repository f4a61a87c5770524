//! A client that writes down all that a service answers.

use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};
use sso_tests::OPERATOR_TOKEN;

/// Everything that was answered.
pub(crate) struct Recorder {
    base: String,
    client: Client,
    /// Each answer with the request that it is of: status, headers, body.
    pub(crate) answers: Vec<(String, String)>,
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What goes with a request.
#[derive(Default)]
pub(crate) struct With<'a> {
    pub(crate) cookie: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) content_type: &'a str,
    pub(crate) passphrase: Option<&'a str>,
    /// Where the person was going, as a proxy says.
    pub(crate) original_url: Option<&'a str>,
    pub(crate) body: Vec<u8>,
}

impl Recorder {
    /// A client of the service at an origin.
    pub(crate) fn new(base: String) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().expect("an HTTP client");
        Self { base, client, answers: Vec::new() }
    }

    /// A browser's request.
    pub(crate) async fn browser(&mut self, method: Method, path: &str, with: With<'_>) -> Answer {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.base))
            .header(COOKIE, with.cookie)
            .header("content-type", with.content_type);
        if let Some(authorization) = with.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(passphrase) = with.passphrase {
            request = request.header("X-Passphrase", passphrase);
        }
        if let Some(url) = with.original_url {
            request = request.header("X-Original-Url", url);
        }
        let answer = request.body(with.body).send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await.expect("a body");
        self.answers.push((format!("{method} {path}"), format!("{status}\n{headers:?}\n{body}")));
        Answer { status, headers, body }
    }

    /// A request of the operator to the Admin API.
    pub(crate) async fn operator(&mut self, method: Method, path: &str, with: With<'_>) -> Answer {
        let authorization = format!("Bearer {OPERATOR_TOKEN}");
        let with = With { authorization: Some(&authorization), ..with };
        self.browser(method, &format!("/api/v1/{path}"), with).await
    }

    /// Takes out of the last answer a secret that it, and it alone, is there to hand over.
    pub(crate) fn handed_over(&mut self, secret: &str) {
        let (_, answer) = self.answers.last_mut().expect("an answer");
        assert_eq!(answer.matches(secret).count(), 1, "{answer}");
        *answer = answer.replace(secret, "");
    }
}
