//! The public URL: what everything that we publish derives from, never a request's `Host`
//! (ATTACKS WEB-07).

use super::StartError;
use url::{Host, Url};

/// How browsers and identity providers reach the service: scheme, host and port, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Reads the setting `public_url`.
    ///
    /// # Errors
    /// No http(s) URL; one with a path, query, fragment or user; plain http on a host that is not
    /// loopback (SPEC 5.1).
    pub fn read(text: &str) -> Result<Self, StartError> {
        let refuse = |problem: String| StartError::setting("public_url", problem);
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| refuse(format!("{text:?} is not an http or https URL")))?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare {
            return Err(refuse(format!(
                "{text:?} must be a scheme, a host and a port, with nothing after them"
            )));
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(refuse(format!(
                "{text:?} is plain http, which only loopback hosts may use; use https"
            )));
        }
        Ok(Self(url))
    }

    /// The URL itself.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether browsers come by https, so that cookies are `Secure` (DESIGN 6).
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The absolute address of a path of this service, which begins with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }
}

/// Whether an address is of this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_may_be_plain() {
        for good in [
            "http://localhost:8080",
            "http://sso.localhost/",
            "http://127.0.0.1:1",
            "http://[::1]:8080",
            "https://sso.example.com",
            "https://10.0.0.1:8443/",
        ] {
            assert!(PublicUrl::read(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "http://sso.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "https://sso.example.com/path",
            "https://sso.example.com/?q",
            "https://sso.example.com/#f",
            "https://me@sso.example.com",
            "ftp://localhost",
            "sso.example.com",
            "",
        ] {
            let sentence = PublicUrl::read(bad).expect_err(bad).to_string();
            assert!(sentence.starts_with("public_url (SSO_PUBLIC_URL): "), "{sentence}");
        }
    }

    #[test]
    fn paths_are_joined_to_the_origin() {
        let url = PublicUrl::read("https://sso.example.com:8443/").expect("valid");
        assert_eq!(url.join("/saml/a/acs"), "https://sso.example.com:8443/saml/a/acs");
    }
}
