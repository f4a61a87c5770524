//! Applications: what people sign in to, and where a login may send them (SPEC 5.1, 6 `apps`).
//!
//! Refused: an address that is not https, but on loopback; one with a user, a query or a fragment, which
//! would look as if it were compared.

use crate::ids::ApplicationId;
use crate::setting::{InvalidSetting, check_text};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::{Host, Url};

/// A registered application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its identifier.
    pub id: ApplicationId,
    /// Grows with every change, from 1.
    pub revision: u64,
    /// When it was registered, in UTC.
    pub created_at: OffsetDateTime,
    /// Everything that the operator sets.
    pub settings: ApplicationSettings,
}

/// What the operator sets of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplicationSettings {
    /// What it is called.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub name: String,
    /// Where it is. A login may end at each of them and at what lies beneath.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 50))]
    pub urls: Vec<Url>,
    /// Whether it is on mobile devices: a login that ends there has the session of a mobile client.
    #[serde(default)]
    pub mobile: bool,
}

/// The most addresses of an application.
const MAX_URLS: usize = 50;
/// The longest address, in bytes.
const MAX_URL: usize = 2_048;

impl ApplicationSettings {
    /// Holds the settings to their rules.
    ///
    /// # Errors
    /// The first rule that is broken, with the field that breaks it.
    pub fn check(&self) -> Result<(), InvalidSetting> {
        check_text("name", &self.name, 1..=200)?;
        if !(1..=MAX_URLS).contains(&self.urls.len()) {
            let problem = format!("It must have 1 to {MAX_URLS} addresses.");
            return Err(InvalidSetting::value("urls", problem));
        }
        self.urls.iter().enumerate().try_for_each(|(place, url)| {
            check_url(url)
                .map_err(|problem| InvalidSetting::value(format!("urls[{place}]"), problem))
        })
    }

    /// The origins of its addresses, each once.
    pub fn origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = self.urls.iter().map(origin).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}

impl Application {
    /// How closely an address is one of this application: the length of the path of that of its
    /// addresses which it is, or lies beneath. `None`: of none.
    ///
    /// Beneath is by whole segments: `/app` has `/app/x` and not `/apple`. A path that another server
    /// could read as leading out again, its dots or slashes escaped, lies beneath no path but `/`.
    pub fn holds(&self, target: &Url) -> Option<usize> {
        let lies_beneath = |url: &&Url| {
            let (base, path) = (url.path(), target.path());
            let rest = path.strip_prefix(base);
            let is_beneath = rest.is_some_and(|rest| {
                rest.is_empty() || base.ends_with('/') || rest.starts_with('/')
            });
            origin(url) == origin(target) && (base == "/" || is_beneath && is_plain(path))
        };
        self.settings.urls.iter().filter(lies_beneath).map(|url| url.path().len()).max()
    }
}

/// The origin by which applications are found: scheme, host, and port where it is not the scheme's own.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether no dot, slash or backslash of a path is escaped. (Those that are not were resolved when the
/// address was read.)
fn is_plain(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    !["%2e", "%2f", "%5c"].iter().any(|escaped| path.contains(escaped))
}

fn check_url(url: &Url) -> Result<(), &'static str> {
    let secure = url.scheme() == "https" || url.scheme() == "http" && is_loopback(url);
    if !secure || !url.has_host() {
        return Err("It must be an https address; http is for this machine alone.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("It must not have a user.");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(
            "It must have neither query nor fragment: what lies beneath it is allowed with any.",
        );
    }
    if !is_plain(url.path()) {
        return Err("It must not have escaped dots or slashes.");
    }
    if url.as_str().len() > MAX_URL {
        return Err("It is longer than 2048 bytes.");
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
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
    use crate::random::Random;

    struct Ones;
    impl Random for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(1);
        }
    }

    fn settings(urls: &[&str]) -> ApplicationSettings {
        let urls = urls.iter().map(|url| Url::parse(url).expect("a URL")).collect();
        ApplicationSettings { name: "Wiki".to_owned(), urls, mobile: false }
    }

    fn holds(urls: &[&str], target: &str) -> Option<usize> {
        let now = OffsetDateTime::UNIX_EPOCH;
        let id = ApplicationId::new(now, &Ones);
        let application =
            Application { id, revision: 1, created_at: now, settings: settings(urls) };
        application.holds(&Url::parse(target).expect("a URL"))
    }

    #[test]
    fn what_lies_beneath_an_address_is_held() {
        for (url, target, length) in [
            ("https://wiki.example/", "https://wiki.example/", 1),
            ("https://wiki.example", "https://WIKI.example:443/a/b?c=d#e", 1),
            ("https://wiki.example/", "https://wiki.example/%2e%2e%2fx%5C", 1),
            ("https://wiki.example/app", "https://wiki.example/app", 4),
            ("https://wiki.example/app", "https://wiki.example/app?x", 4),
            ("https://wiki.example/app", "https://wiki.example/app/x", 4),
            ("https://wiki.example/app/", "https://wiki.example/app/x", 5),
            ("https://wiki.example/app", "https://wiki.example/x/../app/./y", 4),
            ("https://wiki.example:8443/", "https://wiki.example:8443/x", 1),
        ] {
            assert_eq!(holds(&[url], target), Some(length), "{target} at {url}");
        }
        let both = ["https://wiki.example/", "https://wiki.example/app/"];
        assert_eq!(holds(&both, "https://wiki.example/app/x"), Some(5), "the closest counts");
        assert_eq!(holds(&both, "https://wiki.example/other"), Some(1));
    }

    #[test]
    fn what_does_not_is_not() {
        for (url, target) in [
            ("https://wiki.example/app", "https://wiki.example/apple"),
            ("https://wiki.example/app", "https://wiki.example/"),
            ("https://wiki.example/app/", "https://wiki.example/app"),
            ("https://wiki.example/app", "https://wiki.example/App"),
            ("https://wiki.example/app", "https://wiki.example/app/../admin"),
            ("https://wiki.example/app", "https://wiki.example/app/%2e%2e/admin"),
            ("https://wiki.example/app", "https://wiki.example/app/..%2fadmin"),
            ("https://wiki.example/app", "https://wiki.example/app/%2E%2E%2Fadmin"),
            ("https://wiki.example/app", "https://wiki.example/app/..%5Cadmin"),
            ("https://wiki.example/", "http://wiki.example/"),
            ("https://wiki.example/", "https://wiki.example:8443/"),
            ("https://wiki.example:8443/", "https://wiki.example/"),
            ("https://wiki.example/", "https://wiki.example./"),
            ("https://wiki.example/", "https://a.wiki.example/"),
            ("https://wiki.example/", "https://wiki.example.evil.example/"),
            ("https://wiki.example/", "https://wiki.example@evil.example/"),
        ] {
            assert_eq!(holds(&[url], target), None, "{target} at {url}");
        }
    }

    #[test]
    fn each_rule_for_addresses_is_held() {
        let refused =
            |urls: &[&str]| settings(urls).check().map_err(|error| error.field.into_owned());
        for url in [
            "https://wiki.example/",
            "https://wiki.example:8443/app",
            "http://localhost:3000/",
            "http://wiki.localhost/",
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
        ] {
            assert_eq!(refused(&[url]), Ok(()), "{url}");
        }
        for url in [
            "http://wiki.example/",
            "http://127.0.0.1.example/",
            "ftp://wiki.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.example.app:/callback",
            "https://me@wiki.example/",
            "https://:pw@wiki.example/",
            "https://wiki.example/?x",
            "https://wiki.example/#x",
            "https://wiki.example/a%2fb",
        ] {
            assert_eq!(refused(&["https://a.example/", url]), Err("urls[1]".to_owned()), "{url}");
        }
        let long = format!("https://wiki.example/{}", "a".repeat(MAX_URL));
        assert_eq!(refused(&[&long]), Err("urls[0]".to_owned()));
        assert_eq!(refused(&[]), Err("urls".to_owned()));
        assert_eq!(refused(&["https://a.example/"; 51]), Err("urls".to_owned()));
        let nameless =
            ApplicationSettings { name: String::new(), ..settings(&["https://a.example"]) };
        assert_eq!(
            nameless.check().map_err(|error| error.field.into_owned()),
            Err("name".to_owned())
        );
    }

    #[test]
    fn it_is_found_by_its_origins() {
        let urls = ["https://B.example:443/x", "https://b.example/y", "http://localhost:3000/"];
        assert_eq!(settings(&urls).origins(), ["http://localhost:3000", "https://b.example"]);
    }
}
