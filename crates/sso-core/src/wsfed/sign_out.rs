//! Sign-out: the request to the federation service, and where its clean-up may lead (WS-Federation 1.2,
//! 13.2.4; SPEC 3).

use super::sign_in::with_parameters;
use url::Url;

/// The longest `wreply` that is followed.
const MAX_REPLY: usize = 2048;

/// A sign-out request, a redirect to the IdP's passive endpoint.
#[derive(Debug, Clone, Copy)]
pub struct SignOutRequest<'a> {
    /// `wtrealm`: who asks.
    pub realm: &'a str,
    /// `wreply`: where the browser comes back to. ADFS returns to what lies beneath our sign-in address
    /// alone.
    pub reply: &'a str,
}

impl SignOutRequest<'_> {
    /// The address that the browser goes to.
    pub fn url(&self, endpoint: &Url) -> Url {
        let parameters = [
            ("wa", Some("wsignout1.0")),
            ("wtrealm", Some(self.realm)),
            ("wreply", Some(self.reply)),
        ];
        with_parameters(endpoint, &parameters)
    }
}

/// Where a clean-up's `wreply` leads: to an origin of the IdP, or nowhere. Anybody can have a browser
/// open a clean-up, with any address in it (ATTACKS WSF-08).
pub fn clean_up_reply(reply: &str, idp: &[&Url]) -> Option<Url> {
    if reply.len() > MAX_REPLY || reply.bytes().any(|byte| byte <= b' ' || byte == b'\\') {
        return None;
    }
    let url = Url::parse(reply).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let of_idp = plain && idp.iter().any(|idp| idp.origin() == url.origin());
    (of_idp && matches!(url.scheme(), "http" | "https")).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_say_who_asks_and_where_to_come_back_to() {
        let endpoint = "https://adfs.example/adfs/ls/?wa=wsignin1.0".parse().expect("a URL");
        let request = SignOutRequest { realm: "urn:us", reply: "https://sso.example/wsfed/acme" };
        assert_eq!(
            request.url(&endpoint).as_str(),
            "https://adfs.example/adfs/ls/?wa=wsignout1.0&wtrealm=urn%3Aus\
             &wreply=https%3A%2F%2Fsso.example%2Fwsfed%2Facme"
        );
    }

    #[test]
    fn a_clean_up_leads_to_the_identity_provider_alone() {
        let idp: [Url; 2] = ["https://adfs.example/adfs/ls/", "https://out.adfs.example/"]
            .map(|url| url.parse().expect("a URL"));
        let idp = [&idp[0], &idp[1]];
        for good in [
            "https://adfs.example/adfs/ls/?wa=x",
            "https://ADFS.example:443/",
            "https://out.adfs.example/bye",
        ] {
            assert!(clean_up_reply(good, &idp).is_some(), "{good}");
        }
        for evil in [
            "https://evil.example/",
            "//evil.example",
            "\\\\evil.example",
            "https:\\\\evil.example",
            "https://adfs.example\\@evil.example/",
            "https://adfs.example@evil.example/",
            "https://user@adfs.example/",
            "https://adfs.example:8443/",
            "http://adfs.example/",
            "https://adfs.example./",
            "https://adfs.example.evil.example/",
            "https://evil.adfs.example/",
            "https://evil.example/adfs.example",
            "https://adfs.example%2f@evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "/adfs/ls",
            "https://adfs.example/\r\nSet-Cookie: x",
            "",
        ] {
            assert_eq!(clean_up_reply(evil, &idp), None, "{evil:?}");
        }
        let long = format!("https://adfs.example/{}", "a".repeat(MAX_REPLY));
        assert_eq!(clean_up_reply(&long, &idp), None);
    }
}
