//! The sign-in request, a redirect to the IdP's passive endpoint (WS-Federation 1.2, 13.2.2; SPEC 3).
//!
//! It carries no message: everything is in the query, and nothing of it is signed. Never sent unless
//! configured: `wauth`, which breaks logins at identity providers that have other methods, `whr`, `wfresh`.

use crate::saml::time;
use ::time::OffsetDateTime;
use url::Url;

/// A sign-in request.
#[derive(Debug, Clone, Copy)]
pub struct SignInRequest<'a> {
    /// `wtrealm`: for whom the token is.
    pub realm: &'a str,
    /// `wreply`: where the answer is posted.
    pub reply: &'a str,
    /// `wctx`: what comes back beside the answer.
    pub context: &'a str,
    /// `wct`: the current instant in UTC.
    pub at: OffsetDateTime,
    /// `wauth`: the method of authentication.
    pub method: Option<&'a str>,
    /// `whr`: the home realm.
    pub home_realm: Option<&'a str>,
    /// `wfresh`: how old the authentication may be, in minutes.
    pub freshness: Option<u32>,
}

impl SignInRequest<'_> {
    /// The address that the browser goes to.
    pub fn url(&self, endpoint: &Url) -> Url {
        let (at, freshness) = (time::write(self.at), self.freshness.map(|fresh| fresh.to_string()));
        let parameters = [
            ("wa", Some("wsignin1.0")),
            ("wtrealm", Some(self.realm)),
            ("wreply", Some(self.reply)),
            ("wctx", Some(self.context)),
            ("wct", Some(at.as_str())),
            ("wauth", self.method),
            ("whr", self.home_realm),
            ("wfresh", freshness.as_deref()),
        ];
        with_parameters(endpoint, &parameters)
    }
}

/// An address with parameters in its query, each of them once: what it has of these names goes, what it
/// has besides stays.
pub(super) fn with_parameters(endpoint: &Url, parameters: &[(&str, Option<&str>)]) -> Url {
    let ours = |name: &str| parameters.iter().any(|(parameter, _)| *parameter == name);
    let kept: Vec<_> = endpoint.query_pairs().filter(|(name, _)| !ours(name)).collect();
    let mut url = endpoint.clone();
    let set = parameters.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(set);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::time::macros::datetime;

    const PLAIN: SignInRequest<'_> = SignInRequest {
        realm: "urn:federation:sso.example:acme",
        reply: "https://sso.example/wsfed/acme",
        context: "c",
        at: datetime!(2030-01-15 12:00 UTC),
        method: None,
        home_realm: None,
        freshness: None,
    };

    fn asked(request: &SignInRequest<'_>, endpoint: &str) -> String {
        request.url(&endpoint.parse().expect("a URL")).into()
    }

    #[test]
    fn only_what_is_configured_is_sent() {
        let plain = "https://adfs.example/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3Afederation%3Asso.example%3Aacme\
                     &wreply=https%3A%2F%2Fsso.example%2Fwsfed%2Facme&wctx=c&wct=2030-01-15T12%3A00%3A00Z";
        assert_eq!(asked(&PLAIN, "https://adfs.example/adfs/ls/"), plain);
        let whole = SignInRequest {
            method: Some("urn:a"),
            home_realm: Some("urn:b"),
            freshness: Some(0),
            ..PLAIN
        };
        let whole = asked(&whole, "https://adfs.example/adfs/ls/");
        assert_eq!(whole, format!("{plain}&wauth=urn%3Aa&whr=urn%3Ab&wfresh=0"));
    }

    #[test]
    fn no_parameter_is_sent_twice() {
        let endpoint = "https://idp.example/ls?tenant=a&wa=wsignout1.0&whr=urn:x#y";
        let url = asked(&PLAIN, endpoint);
        assert!(url.starts_with("https://idp.example/ls?tenant=a&wa=wsignin1.0&wtrealm="), "{url}");
        assert!(!url.contains("whr") && !url.contains("wsignout"), "{url}");
    }
}
