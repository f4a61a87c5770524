//! The two cookies of a browser (DESIGN 6): one binds it to the logins that it began, one holds its
//! session. Both are random tokens that [`flow`](crate::flow) makes and reads; a store has their
//! hashes alone. Refused: a cookie that came twice.

use url::Url;

/// The cookies of a service. On https they have the prefix `__Host-`, so that no other host can set
/// them; plain http, which is for loopback alone, can have no such cookie.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    secure: bool,
}

/// How long a browser keeps the login cookie: longer than any login that it is for may take.
const LOGIN_SECONDS: i64 = 3_600;

impl Cookies {
    /// The cookies of the service at this address.
    pub fn new(public_url: &Url) -> Self {
        Self { secure: public_url.scheme() == "https" }
    }

    /// Whether the login cookie comes with an identity provider's post, from another site. Where it
    /// does not, a post without it is answered with a page that posts the same fields again, which
    /// makes the post one of our own site.
    pub fn login_comes_from_other_sites(self) -> bool {
        self.secure
    }

    /// The login cookie among the values of a request's `Cookie` headers.
    pub fn login<'a>(self, headers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        find(headers, self.login_name())
    }

    /// The session cookie among the values of a request's `Cookie` headers.
    pub fn session<'a>(self, headers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        find(headers, self.session_name())
    }

    /// The value of a `Set-Cookie` header that sets the login cookie to a token. On https it is
    /// `SameSite=None`, since an identity provider's post must bring it; on http it is `Lax`.
    pub fn set_login(self, token: &str) -> String {
        let same_site = if self.secure { "None" } else { "Lax" };
        self.set(self.login_name(), token, same_site, Some(LOGIN_SECONDS))
    }

    /// The value of a `Set-Cookie` header that sets the session cookie to a token. Without
    /// `max_age_seconds` it lasts as long as the browser is open.
    pub fn set_session(self, token: &str, max_age_seconds: Option<i64>) -> String {
        self.set(self.session_name(), token, "Lax", max_age_seconds)
    }

    /// The value of a `Set-Cookie` header that takes the session cookie away.
    pub fn clear_session(self) -> String {
        self.set(self.session_name(), "", "Lax", Some(0))
    }

    fn login_name(self) -> &'static str {
        if self.secure { "__Host-sso_login" } else { "sso_login" }
    }

    fn session_name(self) -> &'static str {
        if self.secure { "__Host-sso_session" } else { "sso_session" }
    }

    fn set(self, name: &str, token: &str, same_site: &str, max_age: Option<i64>) -> String {
        let mut text = format!("{name}={token}; Path=/; HttpOnly; SameSite={same_site}");
        if let Some(seconds) = max_age {
            text.push_str(&format!("; Max-Age={}", seconds.max(0)));
        }
        if self.secure {
            text.push_str("; Secure");
        }
        text
    }
}

/// The cookie's value. Where a browser sends the name twice, which no browser that keeps the prefix
/// rules does, neither counts.
fn find<'a>(headers: impl IntoIterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    let mut values = headers
        .into_iter()
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    let first = values.next()?;
    values.next().is_none().then_some(first).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(public_url: &str) -> Cookies {
        Cookies::new(&Url::parse(public_url).expect("a URL"))
    }

    #[test]
    fn https_has_the_host_prefix() {
        let cookies = cookies("https://sso.example");
        assert!(cookies.login_comes_from_other_sites());
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
        assert!(!cookies.login_comes_from_other_sites());
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
        let header = "a=b; sso_login=one;sso_session=x=y; __Host-sso_login=other";
        assert_eq!(cookies.login([header]), Some("one"));
        assert_eq!(cookies.session([header]), Some("x=y"));
        assert_eq!(cookies.login([header, "sso_login=two"]), None);
        assert_eq!(cookies.session(["sso_session="]), None);
    }
}
