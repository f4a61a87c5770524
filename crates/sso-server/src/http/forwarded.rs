//! What a browser asked a proxy for, as the proxy tells it (docs/forward-auth.md): `X-Original-URL`,
//! or `X-Forwarded-Host` with `X-Forwarded-Proto` and `X-Forwarded-Uri`, or else `Host`.
//!
//! Only what came from a trusted proxy is read here. A proxy passes on what its client sent beside what
//! it sets itself, so a header that comes twice and two headers that differ are refused: one of them is
//! the client's.

use super::api_code::ApiCode;
use super::problem::Problem;
use axum::http::{HeaderMap, header};
use url::Url;

/// What was asked for at the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The host, in lower case, with the port where that is not the scheme's own.
    pub(crate) host: String,
    /// The whole address, where the proxy tells it.
    pub(crate) url: Option<Url>,
}

impl Asked {
    /// Reads the headers of a trusted proxy. `scheme` is that of a host of which the proxy does not
    /// tell it.
    pub(crate) fn read(headers: &HeaderMap, scheme: &str) -> Result<Self, Problem> {
        let original = one(headers, "x-original-url")?.map(address).transpose()?;
        let scheme = match one(headers, "x-forwarded-proto")? {
            Some(scheme @ ("http" | "https")) => scheme,
            Some(_) => return Err(unclear("X-Forwarded-Proto is neither http nor https.")),
            None => original.as_ref().map_or(scheme, Url::scheme),
        };
        let forwarded = one(headers, "x-forwarded-host")?;
        let host = match (forwarded, &original) {
            (None, Some(original)) => original.clone(),
            (None, None) => host(scheme, one(headers, header::HOST.as_str())?.unwrap_or_default())?,
            (Some(forwarded), None) => host(scheme, forwarded)?,
            (Some(forwarded), Some(original)) => {
                let forwarded = host(scheme, forwarded)?;
                if forwarded.origin() != original.origin() {
                    return Err(unclear("X-Original-URL and X-Forwarded-Host differ."));
                }
                forwarded
            }
        };
        let url = match original {
            Some(original) => Some(original),
            None => one(headers, "x-forwarded-uri")?.filter(|uri| uri.starts_with('/')).and_then(
                |uri| Url::parse(&format!("{}{uri}", host.origin().ascii_serialization())).ok(),
            ),
        };
        let name = host.host_str().unwrap_or_default();
        let host = host.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        Ok(Self { host, url })
    }
}

/// The value of a header that may come once.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    match (first.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(Problem::new(
            ApiCode::ForwardedUnclear,
            format!("{name} must come once, in ASCII."),
        )),
    }
}

fn address(text: &str) -> Result<Url, Problem> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && !has_user(url))
        .ok_or_else(|| unclear("X-Original-URL is not an http or https address."))
}

/// The root of a host.
fn host(scheme: &str, host: &str) -> Result<Url, Problem> {
    Url::parse(&format!("{scheme}://{host}"))
        .ok()
        .filter(|url| {
            !has_user(url) && (url.path(), url.query(), url.fragment()) == ("/", None, None)
        })
        .ok_or_else(|| unclear("The forwarded host is not a host."))
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn unclear(detail: &'static str) -> Problem {
    Problem::new(ApiCode::ForwardedUnclear, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn read(headers: &[(&str, &str)]) -> Result<(String, Option<String>), Problem> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
                (name, HeaderValue::from_str(value).expect("a value"))
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            });
        Asked::read(&headers, "https").map(|asked| (asked.host, asked.url.map(String::from)))
    }

    #[test]
    fn each_proxy_tells_it_in_its_way() {
        let page = "https://app.example/a?b=c&d=%2F";
        for (headers, host, url) in [
            (&[("x-original-url", page)][..], "app.example", Some(page)),
            (
                &[
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-host", "App.Example:443"),
                    ("x-forwarded-uri", "/a?b=c&d=%2F"),
                ],
                "app.example",
                Some(page),
            ),
            (
                &[
                    ("host", "sso:8080"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-host", "app.example"),
                    ("x-original-url", page),
                ],
                "app.example",
                Some(page),
            ),
            (&[("host", "app.example:8443")], "app.example:8443", None),
            (
                &[
                    ("x-forwarded-proto", "http"),
                    ("host", "localhost:80"),
                    ("x-forwarded-uri", "/"),
                ],
                "localhost",
                Some("http://localhost/"),
            ),
            // A path cannot move the address to another host, and what is no path says nothing.
            (
                &[("host", "app.example"), ("x-forwarded-uri", "//evil.example/")],
                "app.example",
                Some("https://app.example//evil.example/"),
            ),
            (
                &[("host", "app.example"), ("x-forwarded-uri", "@evil.example/")],
                "app.example",
                None,
            ),
            // Other spellings are not read.
            (&[("host", "app.example"), ("x_forwarded_host", "evil.example")], "app.example", None),
        ] {
            let found = read(headers).expect("clear");
            assert_eq!(found, (host.to_owned(), url.map(str::to_owned)), "{headers:?}");
        }
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        for headers in [
            &[][..],
            &[("host", "app.example"), ("host", "evil.example")],
            &[("x-forwarded-host", "app.example"), ("x-forwarded-host", "evil.example")],
            &[("x-forwarded-host", "app.example, evil.example")],
            &[("x-forwarded-host", "app.example@evil.example")],
            &[("x-forwarded-host", "app.example/path")],
            &[("x-forwarded-host", "app.example\\path")],
            &[("x-forwarded-host", "")],
            &[("x-forwarded-host", "app.example"), ("x-forwarded-proto", "ftp")],
            &[("x-original-url", "https://app.example/"), ("x-forwarded-host", "evil.example")],
            &[("x-original-url", "https://app.example/"), ("x-forwarded-host", "app.example:8443")],
            &[("x-original-url", "https://me@app.example/")],
            &[("x-original-url", "/path")],
            &[("x-original-url", "javascript:alert(1)")],
        ] {
            let problem = read(headers).expect_err("unclear");
            assert_eq!(problem.code(), ApiCode::ForwardedUnclear, "{headers:?}");
        }
    }
}
