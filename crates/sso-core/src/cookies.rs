//! The cookies of a browser (DESIGN 6): one binds it to the logins that it began, one holds its session.
//! Both are random tokens that [`flow`](crate::flow) makes and reads; a store has their hashes alone. A
//! third names the session, so that an identity provider of WS-Federation can end it from a frame of its
//! own; it opens nothing. A fourth counts logins that were begun anew. Refused: a cookie that came twice.

use url::{Host, Url};

/// The cookies of a service. On https they have the prefix `__Host-`, so that no other host can set
/// them; plain http, which is for loopback alone, can have no such cookie. Nor can a session that
/// serves a whole domain: it has the prefix `__Secure-`.
#[derive(Debug, Clone)]
pub struct Cookies {
    secure: bool,
    domain: Option<CookieDomain>,
}

/// A domain, all of whose hosts the session serves (RFC 6265 5.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieDomain(String);

/// Why a text is not a domain that the session can serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCookieDomain {
    /// It is no domain name.
    #[error("{0:?} is not a domain name such as example.com")]
    NotADomain(String),
    /// Every browser refuses a cookie for it.
    #[error("{0:?} is a single label: no browser keeps a cookie for all of it")]
    SingleLabel(String),
    /// The service is not under it, so that it could not set its own cookie.
    #[error("{domain:?} must be the host of the public URL, {host:?}, or a domain above it")]
    NotAbove {
        /// The domain.
        domain: String,
        /// The host of the public URL.
        host: String,
    },
}

impl CookieDomain {
    /// Reads a domain, such as `example.com`, which the host of the public URL must be or be under. A
    /// dot before it is passed over (RFC 6265 5.2.3).
    ///
    /// # Errors
    /// [`InvalidCookieDomain`]. A public suffix of several labels (`co.uk`) is not told from a domain:
    /// browsers do, and then keep no session.
    pub fn new(text: &str, public_url: &Url) -> Result<Self, InvalidCookieDomain> {
        let name = text.strip_prefix('.').unwrap_or(text);
        let domain = match Host::parse(name) {
            Ok(Host::Domain(domain)) if !domain.ends_with('.') => domain,
            _ => return Err(InvalidCookieDomain::NotADomain(text.to_owned())),
        };
        if !domain.contains('.') {
            return Err(InvalidCookieDomain::SingleLabel(domain));
        }
        let domain = Self(domain);
        let host = public_url.host_str().unwrap_or_default();
        match domain.covers(host) {
            true => Ok(domain),
            false => Err(InvalidCookieDomain::NotAbove { domain: domain.0, host: host.to_owned() }),
        }
    }

    /// Whether browsers send the cookie to a host, as a URL has it: the domain itself and every host
    /// under it (RFC 6265 5.1.3).
    pub fn covers(&self, host: &str) -> bool {
        let under = |rest: &str| rest.is_empty() || rest.ends_with('.');
        host.strip_suffix(self.0.as_str()).is_some_and(under)
    }
}

/// How long a browser keeps the login cookie: longer than any login that it is for may take.
const LOGIN_SECONDS: i64 = 3_600;

/// How long it keeps the cookie that counts logins begun anew: as long as they count.
const RESTARTED_SECONDS: i64 = 60;

impl Cookies {
    /// The cookies of the service at this address, the session for the service's own host alone or
    /// for a whole domain.
    pub fn new(public_url: &Url, domain: Option<&CookieDomain>) -> Self {
        Self { secure: public_url.scheme() == "https", domain: domain.cloned() }
    }

    /// Whether the login cookie comes with an identity provider's post, from another site. Where it
    /// does not, a post without it is answered with a page that posts the same fields again, which
    /// makes the post one of our own site.
    pub fn login_comes_from_other_sites(&self) -> bool {
        self.secure
    }

    /// The login cookie among the values of a request's `Cookie` headers.
    pub fn login<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        find(headers, self.login_name())
    }

    /// The session cookie among the values of a request's `Cookie` headers.
    pub fn session<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        find(headers, self.session_name())
    }

    /// The clean-up cookie among the values of a request's `Cookie` headers.
    pub fn clean_up<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        find(headers, self.clean_up_name())
    }

    /// The cookie that counts logins begun anew, among the values of a request's `Cookie` headers.
    pub fn restarted<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        find(headers, self.restarted_name())
    }

    /// The value of a `Set-Cookie` header that counts a login begun anew. Like the login cookie it comes with
    /// an identity provider's post.
    pub fn set_restarted(&self, counted: &str) -> String {
        self.set(
            self.restarted_name(),
            counted,
            self.sent_across_sites(),
            Some(RESTARTED_SECONDS),
            None,
        )
    }

    /// The value of a `Set-Cookie` header that takes that cookie away.
    pub fn clear_restarted(&self) -> String {
        self.set(self.restarted_name(), "", self.sent_across_sites(), Some(0), None)
    }

    /// The value of a `Set-Cookie` header that sets the clean-up cookie to what names a session. Like the
    /// login cookie it comes from other sites, on https: an identity provider signs a browser out in a
    /// frame of its own page (SPEC 3).
    pub fn set_clean_up(&self, name: &str, max_age_seconds: Option<i64>) -> String {
        self.set(self.clean_up_name(), name, self.sent_across_sites(), max_age_seconds, None)
    }

    /// The value of a `Set-Cookie` header that takes the clean-up cookie away.
    pub fn clear_clean_up(&self) -> String {
        self.set_clean_up("", Some(0))
    }

    /// The value of a `Set-Cookie` header that sets the login cookie to a token. On https it is
    /// `SameSite=None`, since an identity provider's post must bring it; on http it is `Lax`.
    pub fn set_login(&self, token: &str) -> String {
        self.set(self.login_name(), token, self.sent_across_sites(), Some(LOGIN_SECONDS), None)
    }

    /// The value of a `Set-Cookie` header that sets the session cookie to a token. Without
    /// `max_age_seconds` it lasts as long as the browser is open.
    pub fn set_session(&self, token: &str, max_age_seconds: Option<i64>) -> String {
        self.set(self.session_name(), token, "Lax", max_age_seconds, self.domain.as_ref())
    }

    /// The value of a `Set-Cookie` header that takes the session cookie away.
    pub fn clear_session(&self) -> String {
        self.set_session("", Some(0))
    }

    /// The `SameSite` of what is to come with posts and frames of other sites. `None` takes `Secure`.
    fn sent_across_sites(&self) -> &'static str {
        if self.secure { "None" } else { "Lax" }
    }

    fn restarted_name(&self) -> &'static str {
        if self.secure { "__Host-sso_restarted" } else { "sso_restarted" }
    }

    fn login_name(&self) -> &'static str {
        if self.secure { "__Host-sso_login" } else { "sso_login" }
    }

    fn clean_up_name(&self) -> &'static str {
        if self.secure { "__Host-sso_clean_up" } else { "sso_clean_up" }
    }

    fn session_name(&self) -> &'static str {
        match (self.secure, &self.domain) {
            (true, None) => "__Host-sso_session",
            (true, Some(_)) => "__Secure-sso_session",
            (false, _) => "sso_session",
        }
    }

    fn set(
        &self,
        name: &str,
        token: &str,
        same_site: &str,
        max_age: Option<i64>,
        domain: Option<&CookieDomain>,
    ) -> String {
        let mut text = format!("{name}={token}; Path=/; HttpOnly; SameSite={same_site}");
        if let Some(CookieDomain(domain)) = domain {
            text.push_str(&format!("; Domain={domain}"));
        }
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
        Cookies::new(&Url::parse(public_url).expect("a URL"), None)
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
        assert_eq!(
            cookies.set_clean_up("v", None),
            "__Host-sso_clean_up=v; Path=/; HttpOnly; SameSite=None; Secure"
        );
        assert_eq!(cookies.clean_up(["__Host-sso_clean_up=v"]), Some("v"));
        assert_eq!(
            cookies.set_restarted("1._x"),
            "__Host-sso_restarted=1._x; Path=/; HttpOnly; SameSite=None; Max-Age=60; Secure"
        );
        assert_eq!(cookies.restarted(["__Host-sso_restarted=1._x"]), Some("1._x"));
        assert_eq!(
            cookies.clear_restarted(),
            "__Host-sso_restarted=; Path=/; HttpOnly; SameSite=None; Max-Age=0; Secure"
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
    fn a_domain_is_for_the_session_alone() {
        let with_domain = |public_url: &str, domain: &str| {
            let url = Url::parse(public_url).expect("a URL");
            let domain = CookieDomain::new(domain, &url).expect("a domain");
            Cookies::new(&url, Some(&domain))
        };
        let https = with_domain("https://sso.apps.example", "apps.example");
        assert_eq!(
            https.set_session("v", None),
            "__Secure-sso_session=v; Path=/; HttpOnly; SameSite=Lax; Domain=apps.example; Secure"
        );
        assert_eq!(
            https.clear_session(),
            "__Secure-sso_session=; Path=/; HttpOnly; SameSite=Lax; Domain=apps.example; \
             Max-Age=0; Secure"
        );
        let host_alone = cookies("https://sso.apps.example");
        assert_eq!(https.set_login("v"), host_alone.set_login("v"));
        // A session from before the domain was set is another cookie, and not read any more.
        let both = "__Host-sso_session=old; __Secure-sso_session=new";
        assert_eq!(https.session([both]), Some("new"));
        assert_eq!(host_alone.session([both]), Some("old"));
        let http = with_domain("http://sso.test.localhost:8080", "test.localhost");
        assert_eq!(
            http.set_session("v", None),
            "sso_session=v; Path=/; HttpOnly; SameSite=Lax; Domain=test.localhost"
        );
    }

    #[test]
    fn a_domain_is_held_to_the_public_url() {
        let url = Url::parse("https://sso.apps.example").expect("a URL");
        let read = |text: &str| CookieDomain::new(text, &url);
        for good in ["apps.example", ".apps.example", "APPS.Example", "sso.apps.example"] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "apps.example.",
            "https://apps.example",
            "apps.example; Path=/x",
            "10.0.0.1",
            "[::1]",
        ] {
            let error = InvalidCookieDomain::NotADomain(bad.to_owned());
            assert_eq!(read(bad), Err(error));
        }
        assert_eq!(read("example"), Err(InvalidCookieDomain::SingleLabel("example".to_owned())));
        for bad in ["other.example", "ps.example", "a.sso.apps.example"] {
            let host = "sso.apps.example".to_owned();
            let error = InvalidCookieDomain::NotAbove { domain: bad.to_owned(), host };
            assert_eq!(read(bad), Err(error));
        }
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
