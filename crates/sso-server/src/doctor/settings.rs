//! Settings that can be used and should not be (SPEC 14).

use super::{Finding, Severity};
use crate::config::Config;

/// What is wrong with the settings. One that cannot be used at all stops the reading before.
pub(crate) fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !config.public_url.is_secure() {
        findings.push(Finding::new(
            Severity::Notice,
            "public_url_loopback",
            format!(
                "The public URL {} is for browsers on this machine alone.",
                config.public_url.url()
            ),
            "Set public_url to the https address of the proxy in front of the service.",
        ));
    } else if config.trusted_proxies.is_empty() {
        findings.push(Finding::new(
            Severity::Warning,
            "trusted_proxies_empty",
            "TLS ends at a proxy and no proxy is trusted: the log has the proxy's address for every \
             client, and nobody is answered at /auth/verify.",
            "Set trusted_proxies to the addresses of the proxy.",
        ));
    }
    if config.cookie_domain.is_some() && config.trusted_proxies.is_empty() {
        findings.push(Finding::new(
            Severity::Error,
            "forward_auth_unanswered",
            "The session serves applications on sibling hosts (SSO_COOKIE_DOMAIN), and no proxy may \
             ask /auth/verify who is signed in.",
            "Set trusted_proxies to the addresses of the proxy.",
        ));
    }
    if config.trusted_proxies.is_everybody() {
        findings.push(Finding::new(
            Severity::Warning,
            "trusted_proxies_everybody",
            "Every address counts as a trusted proxy: a client writes any address into the log, and \
             anybody may ask /auth/verify.",
            "Set trusted_proxies to the addresses of the proxy alone.",
        ));
    }
    if config.admin_token.as_ref().is_some_and(|token| token.is_guessable()) {
        findings.push(Finding::new(
            Severity::Error,
            "admin_token_guessable",
            "The operator's token (SSO_ADMIN_TOKEN) is short enough to be guessed.",
            "Set one of 32 random bytes, for example by `openssl rand -hex 32`.",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    fn codes(environment: &[(&str, &str)]) -> Vec<&'static str> {
        let find = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into());
        let config = Config::without_file(Flags::default(), find).expect("usable settings");
        check(&config).iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_service_behind_its_proxy_is_well() {
        let well = [
            ("SSO_PUBLIC_URL", "https://sso.example"),
            ("SSO_TRUSTED_PROXIES", "10.0.0.1"),
            ("SSO_ADMIN_TOKEN", "0123456789abcdef0123456789abcdef"),
        ];
        assert_eq!(codes(&well), [""; 0]);
    }

    #[test]
    fn each_weak_setting_is_found() {
        let url = ("SSO_PUBLIC_URL", "https://sso.example");
        assert_eq!(codes(&[]), ["public_url_loopback"]);
        assert_eq!(codes(&[url]), ["trusted_proxies_empty"]);
        assert_eq!(
            codes(&[url, ("SSO_COOKIE_DOMAIN", "sso.example")]),
            ["trusted_proxies_empty", "forward_auth_unanswered"]
        );
        for everybody in ["0.0.0.0/0", "10.0.0.1, ::/0"] {
            assert_eq!(
                codes(&[url, ("SSO_TRUSTED_PROXIES", everybody)]),
                ["trusted_proxies_everybody"]
            );
        }
        let token = ("SSO_ADMIN_TOKEN", "secret");
        let proxies = ("SSO_TRUSTED_PROXIES", "10.0.0.1");
        assert_eq!(codes(&[url, proxies, token]), ["admin_token_guessable"]);
    }
}
