//! What a browser gets instead of what it asked for: a page with a code, a trace number and what to
//! do, or the organization's `error_url` (SPEC 2, 4.8, 6).
//!
//! It never shows what was found in a message, nor any text of the identity provider (ATTACKS WEB-04).

use super::advice;
use super::api_code::ApiCode;
use crate::telemetry::metrics::Outcome;
use crate::templates::{self, Link};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sso_core::error::Code;
use sso_core::flow::Refusal;
use sso_core::ids::TraceId;
use sso_core::org::Org;
use sso_core::store::StoreError;
use url::Url;

/// Why a browser does not get what it asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A login was refused.
    Refused(Box<RefusedLogin>),
    /// The request itself is at fault, or the service is.
    Request(ApiCode, &'static str),
}

/// A login that was refused.
#[derive(Debug)]
pub(crate) struct RefusedLogin {
    code: Code,
    trace: Option<TraceId>,
    org: Option<Org>,
    error_url: Option<Url>,
}

impl Failure {
    /// A login refused before any message was looked at.
    pub(crate) fn before_message(code: Code) -> Self {
        Self::Refused(Box::new(RefusedLogin { code, trace: None, org: None, error_url: None }))
    }

    /// The path names no organization.
    pub(crate) fn unknown_org() -> Self {
        Self::Request(ApiCode::NotFound, "There is no such organization. Check the address.")
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let Refusal { rejection, trace, org, error_url } = refusal;
        if rejection.code == Code::SecondOpinionDiffers {
            let (org, found) = (&org.name, &*rejection.found);
            tracing::error!(%org, %trace, found, "two engines do not agree on a message");
        }
        Self::Refused(Box::new(RefusedLogin {
            code: rejection.code,
            trace: Some(trace),
            org: Some(org),
            error_url,
        }))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database failed");
        Self::Request(ApiCode::Unavailable, "Try again in a moment.")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refused) => {
                let outcome = Outcome { outcome: refused.code.public() };
                let mut response = refused.into_response();
                response.extensions_mut().insert(outcome);
                response
            }
            Self::Request(code, advice) => {
                let page = templates::page(&templates::Refusal {
                    title: request_title(code),
                    advice,
                    message: None,
                    code: code.as_str(),
                    trace: None,
                    org: None,
                    contact: None,
                    links: vec![Link { href: "/".to_owned(), text: "Go to sign-in" }],
                });
                (status(code.status()), page).into_response()
            }
        }
    }
}

impl RefusedLogin {
    fn into_response(self) -> Response {
        let trace = self.trace.map(|trace| trace.to_string());
        if let Some(mut url) = self.error_url {
            url.query_pairs_mut().append_pair("error_code", self.code.public());
            if let Some(trace) = &trace {
                url.query_pairs_mut().append_pair("trace", trace);
            }
            return Redirect::to(url.as_str()).into_response();
        }
        let org = self.org.as_ref();
        let message = org
            .filter(|_| self.code == Code::AccountUnknown)
            .and_then(|org| org.provisioning.registration_message.as_deref());
        let page = templates::page(&templates::Refusal {
            title: "You could not be signed in",
            advice: advice::for_person(self.code),
            message,
            code: self.code.public(),
            trace,
            org: org.map(Org::shown_name),
            contact: org.and_then(|org| org.contact.as_deref()),
            links: links(self.code, org),
        });
        (refused_status(self.code), page).into_response()
    }
}

/// What cannot be read is 400, every other message that is refused 403 (SPEC 6).
pub(crate) fn refused_status(code: Code) -> StatusCode {
    match code {
        Code::MissingMessage | Code::DuplicateParameter => StatusCode::BAD_REQUEST,
        _ => StatusCode::FORBIDDEN,
    }
}

/// Where a refused person goes on: registering, trying again, support.
fn links(code: Code, org: Option<&Org>) -> Vec<Link> {
    let mut links = Vec::new();
    let mut add = |href: &str, text| links.push(Link { href: href.to_owned(), text });
    if let Some(org) = org {
        if code == Code::AccountUnknown
            && let Some(url) = &org.provisioning.registration_url
        {
            add(url, "Register");
        }
        if advice::can_try_again(code) {
            add(&format!("/sso/{}/login", org.name), "Try again");
        }
        if let Some(url) = &org.support_url {
            add(url, "Get help");
        }
    }
    links
}

fn request_title(code: ApiCode) -> &'static str {
    match code {
        ApiCode::NotFound => "There is nothing here",
        ApiCode::BodyTooLarge => "That was too much",
        ApiCode::Unavailable | ApiCode::Internal => "We cannot do this right now",
        _ => "That did not work",
    }
}

fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::LOCATION;

    #[test]
    fn the_code_is_appended_to_whatever_query_the_error_url_has() {
        for (error_url, location) in [
            ("https://a.example/", "https://a.example/?error_code=connection_incomplete"),
            ("https://a.example/e?", "https://a.example/e?error_code=connection_incomplete"),
            (
                "https://a.example/e?x=%2F&error_code=mine#top",
                "https://a.example/e?x=%2F&error_code=mine&error_code=connection_incomplete#top",
            ),
        ] {
            let failure = Failure::Refused(Box::new(RefusedLogin {
                code: Code::ConnectionIncomplete,
                trace: None,
                org: None,
                error_url: error_url.parse().ok(),
            }));
            let response = failure.into_response();
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
            assert_eq!(response.headers()[LOCATION], location);
        }
    }
}
