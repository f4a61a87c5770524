//! The two cookies of the service (DESIGN 6): one binds a browser to the logins that it began, one
//! holds its session. Both are random tokens; the store has their hashes alone.

use crate::config::PublicUrl;
use axum::http::{HeaderMap, HeaderValue, header};

/// The cookies of this service. On https they have the prefix `__Host-`, so that no other host can
/// set them; plain http, which is for loopback alone, can have no such cookie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookies {
    secure: bool,
}

/// How long a browser keeps the login cookie: longer than any login that it is for may take.
const LOGIN_SECONDS: i64 = 3_600;

impl Cookies {
    pub(crate) fn new(public_url: &PublicUrl) -> Self {
        Self { secure: public_url.is_secure() }
    }

    fn login_name(self) -> &'static str {
        if self.secure { "__Host-sso_login" } else { "sso_login" }
    }

    fn session_name(self) -> &'static str {
        if self.secure { "__Host-sso_session" } else { "sso_session" }
    }

    /// The login cookie of a request.
    pub(crate) fn login(self, headers: &HeaderMap) -> Option<String> {
        find(headers, self.login_name())
    }

    /// The session cookie of a request.
    pub(crate) fn session(self, headers: &HeaderMap) -> Option<String> {
        find(headers, self.session_name())
    }

    /// Sets the login cookie. On https it is `SameSite=None`, since an identity provider's post
    /// must bring it; on http it is `Lax`, and a post without it is posted again from here.
    pub(crate) fn set_login(self, value: &str) -> HeaderValue {
        let same_site = if self.secure { "None" } else { "Lax" };
        self.set(self.login_name(), value, same_site, Some(LOGIN_SECONDS))
    }

    /// Sets the session cookie. Without `max_age_seconds` it lasts as long as the browser is open.
    pub(crate) fn set_session(self, value: &str, max_age_seconds: Option<i64>) -> HeaderValue {
        self.set(self.session_name(), value, "Lax", max_age_seconds)
    }

    /// Takes the session cookie away.
    pub(crate) fn clear_session(self) -> HeaderValue {
        self.set(self.session_name(), "", "Lax", Some(0))
    }

    fn set(self, name: &str, value: &str, same_site: &str, max_age: Option<i64>) -> HeaderValue {
        let mut text = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}");
        if let Some(seconds) = max_age {
            text.push_str(&format!("; Max-Age={}", seconds.max(0)));
        }
        if self.secure {
            text.push_str("; Secure");
        }
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The cookie's value. Where a browser sends the name twice, which no browser that keeps the prefix
/// rules does, neither counts.
fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned());
    let first = values.next()?;
    values.next().is_none().then_some(first).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(public_url: &str) -> Cookies {
        Cookies::new(&PublicUrl::read(public_url).expect("valid"))
    }

    #[test]
    fn https_has_the_host_prefix() {
        let cookies = cookies("https://sso.example");
        assert_eq!(
            cookies.set_login("v"),
            "__Host-sso_login=v; Path=/; HttpOnly; SameSite=None; Max-Age=3600; Secure"
        );
        assert_eq!(
            cookies.set_session("v", None),
            "__Host-sso_session=v; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            cookies.clear_session(),
            "__Host-sso_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"
        );
    }

    #[test]
    fn loopback_has_lax_cookies() {
        let cookies = cookies("http://localhost:8080");
        assert_eq!(
            cookies.set_login("v"),
            "sso_login=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"
        );
        assert_eq!(
            cookies.set_session("v", Some(60)),
            "sso_session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"
        );
    }

    #[test]
    fn a_cookie_counts_once() {
        let cookies = cookies("http://localhost:8080");
        let mut headers = HeaderMap::new();
        headers
            .append(header::COOKIE, HeaderValue::from_static("a=b; sso_login=one;sso_session=x=y"));
        assert_eq!(cookies.login(&headers).as_deref(), Some("one"));
        assert_eq!(cookies.session(&headers).as_deref(), Some("x=y"));
        headers.append(header::COOKIE, HeaderValue::from_static("sso_login=two"));
        assert_eq!(cookies.login(&headers), None);
    }
}
