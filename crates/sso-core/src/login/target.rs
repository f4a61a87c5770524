//! Where a person may be sent after a login or a logout: nowhere but to the allow-list (SPEC 5.1,
//! ATTACKS WEB-02).
//!
//! A target is joined with the public URL by the URL standard's own rules and what came out is
//! compared by origin, never the text: `//evil.example` and `/\evil.example` look like paths.

use crate::cookies::CookieDomain;
use crate::org::Org;
use url::Url;

/// The longest target taken, in bytes.
const MAX_LENGTH: usize = 2_048;

/// What a target means, joined with `public_url`. `None`: nothing that a browser could be sent to, an
/// address with a user among it.
pub fn read(target: &str, public_url: &Url) -> Option<Url> {
    if target.is_empty() || target.len() > MAX_LENGTH || target.bytes().any(|b| b < 0x20) {
        return None;
    }
    let url = public_url.join(target).ok()?;
    let nobody = url.username().is_empty() && url.password().is_none();
    // The origin of `blob:https://sso.example/` is ours, and what it leads to is not.
    (matches!(url.scheme(), "http" | "https") && nobody).then_some(url)
}

/// Whether an address is one of `public_url`, or an https URL on the default port whose host is one of the
/// organization's domains or under `siblings`, whose hosts share the session (there also the scheme and port
/// of `public_url`, for loopback). (Registered [applications](crate::application) are the other part of the
/// allow-list.)
pub fn is_allowed(url: &Url, public_url: &Url, siblings: Option<&CookieDomain>, org: &Org) -> bool {
    let own = url.origin() == public_url.origin();
    let public = url.scheme() == "https" && url.port().is_none();
    let like_ours = url.scheme() == public_url.scheme() && url.port() == public_url.port();
    let host = url.host_str().unwrap_or_default();
    let of_org = || org.domains.iter().any(|domain| domain.eq_ignore_ascii_case(host));
    let sibling = || siblings.is_some_and(|domain| domain.covers(host));
    own || public && of_org() || (public || like_ours) && sibling()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str) -> Option<String> {
        check_with(target, "https://sso.example", None)
    }

    fn check_with(target: &str, public_url: &str, siblings: Option<&str>) -> Option<String> {
        let public_url = Url::parse(public_url).unwrap();
        let siblings = siblings.map(|domain| CookieDomain::new(domain, &public_url).unwrap());
        let mut org: Org = serde_json::from_str(r#"{"name": "acme"}"#).unwrap();
        org.domains = vec!["acme.example".into()];
        read(target, &public_url)
            .filter(|url| is_allowed(url, &public_url, siblings.as_ref(), &org))
            .map(String::from)
    }

    #[test]
    fn paths_and_the_hosts_of_the_org_are_allowed() {
        for (target, whole) in [
            ("/", "https://sso.example/"),
            ("/app?x=1#y", "https://sso.example/app?x=1#y"),
            ("app", "https://sso.example/app"),
            ("https://sso.example/app", "https://sso.example/app"),
            ("https://acme.example/in", "https://acme.example/in"),
            ("https://ACME.example:443/in", "https://acme.example/in"),
        ] {
            assert_eq!(check(target).as_deref(), Some(whole), "{target}");
        }
    }

    #[test]
    fn hosts_that_share_the_session_are_allowed() {
        let https = |target| check_with(target, "https://sso.apps.example", Some("apps.example"));
        for target in [
            "https://wiki.apps.example/page?x=1",
            "https://apps.example/",
            "https://a.b.apps.example/",
            "https://sso.apps.example/app",
            "https://acme.example/in",
        ] {
            assert_eq!(https(target).as_deref(), Some(target));
        }
        for target in [
            "http://wiki.apps.example/",
            "https://wiki.apps.example:8443/",
            "https://wiki.apps.example@evil.example/",
            "https://evilapps.example/",
            "https://apps.example.evil.example/",
            "https://example/",
            "//evil.example",
        ] {
            assert_eq!(https(target), None, "{target}");
        }
        assert_eq!(check("https://wiki.sso.example/"), None, "without a cookie domain");

        let loopback =
            |target| check_with(target, "http://sso.test.localhost:8080", Some("test.localhost"));
        let wiki = "http://wiki.test.localhost:8080/";
        assert_eq!(loopback(wiki).as_deref(), Some(wiki));
        assert_eq!(loopback("http://wiki.test.localhost:9090/"), None);
        assert_eq!(loopback("http://wiki.example:8080/"), None);
    }

    #[test]
    fn everything_else_is_not() {
        for target in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "https://evil.example/",
            "https://acme.example.evil.example/",
            "https://evil.example/acme.example",
            "https://acme.example@evil.example/",
            "https://user@acme.example/",
            "https://acme.example:8443/",
            "http://acme.example/",
            "https://sub.acme.example/",
            "http://sso.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://sso.example/x",
            "blob:https://acme.example/x",
            "wss://sso.example/",
            "https:///evil.example",
            "/a\r\nSet-Cookie: x=1",
        ] {
            assert_eq!(check(target), None, "{target:?}");
        }
        assert_eq!(check(&format!("/{}", "a".repeat(MAX_LENGTH))), None);
    }
}
