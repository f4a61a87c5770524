//! The cookies of the service, in the types of its HTTP library. Their rules are the library's
//! (`sso_core::cookies`).

use axum::http::{HeaderMap, HeaderValue, header};
use sso_core::cookies;

/// The cookies of this service.
#[derive(Debug, Clone)]
pub(crate) struct Cookies(pub(crate) cookies::Cookies);

impl Cookies {
    /// Whether an identity provider's post brings the login cookie.
    pub(crate) fn login_comes_from_other_sites(&self) -> bool {
        self.0.login_comes_from_other_sites()
    }

    /// The login cookie of a request.
    pub(crate) fn login(&self, headers: &HeaderMap) -> Option<String> {
        self.0.login(values(headers)).map(str::to_owned)
    }

    /// The session cookie of a request.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<String> {
        self.0.session(values(headers)).map(str::to_owned)
    }

    /// The clean-up cookie of a request.
    pub(crate) fn clean_up(&self, headers: &HeaderMap) -> Option<String> {
        self.0.clean_up(values(headers)).map(str::to_owned)
    }

    /// The cookie of a request that counts logins begun anew.
    pub(crate) fn restarted(&self, headers: &HeaderMap) -> Option<String> {
        self.0.restarted(values(headers)).map(str::to_owned)
    }

    /// Counts a login begun anew.
    pub(crate) fn set_restarted(&self, counted: &str) -> HeaderValue {
        header_value(&self.0.set_restarted(counted))
    }

    /// Counts from the beginning.
    pub(crate) fn clear_restarted(&self) -> HeaderValue {
        header_value(&self.0.clear_restarted())
    }

    /// Sets the clean-up cookie.
    pub(crate) fn set_clean_up(&self, name: &str, max_age_seconds: Option<i64>) -> HeaderValue {
        header_value(&self.0.set_clean_up(name, max_age_seconds))
    }

    /// Takes the clean-up cookie away.
    pub(crate) fn clear_clean_up(&self) -> HeaderValue {
        header_value(&self.0.clear_clean_up())
    }

    /// Sets the login cookie.
    pub(crate) fn set_login(&self, token: &str) -> HeaderValue {
        header_value(&self.0.set_login(token))
    }

    /// Sets the session cookie. Without `max_age_seconds` it lasts as long as the browser is open.
    pub(crate) fn set_session(&self, token: &str, max_age_seconds: Option<i64>) -> HeaderValue {
        header_value(&self.0.set_session(token, max_age_seconds))
    }

    /// Takes the session cookie away.
    pub(crate) fn clear_session(&self) -> HeaderValue {
        header_value(&self.0.clear_session())
    }
}

fn values(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok())
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
