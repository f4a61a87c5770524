//! Where notices are posted to, and what they are signed with (SPEC 13).

use super::{StartError, public_url};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::ops::RangeInclusive;
use url::Url;
use zeroize::Zeroizing;

/// How a secret begins (Standard Webhooks).
const PREFIX: &str = "whsec_";
/// How many bytes a secret may have (Standard Webhooks).
const SECRET_BYTES: RangeInclusive<usize> = 24..=64;

/// The operator's own address for notices. Its secrets are never shown.
#[derive(Clone)]
pub struct Webhook {
    url: Url,
    secrets: Vec<Zeroizing<Vec<u8>>>,
}

impl Webhook {
    /// Reads the settings `webhook_url` and `webhook_secret`; `None` where no address is set. Several
    /// secrets are separated by spaces, and a notice is signed with each: so one is changed without a
    /// notice that the receiver cannot check.
    ///
    /// # Errors
    /// The address is not https, nor http on a loopback host; there is no secret, or one that is not
    /// `whsec_` and 24 to 64 bytes in base64. No sentence repeats a secret.
    pub fn read(url: Option<&str>, secrets: Option<&str>) -> Result<Option<Self>, StartError> {
        let Some(text) = url else { return Ok(None) };
        let allowed = |url: &Url| match url.scheme() {
            "https" => url.has_host(),
            "http" => public_url::is_loopback(url),
            _ => false,
        };
        let url = Url::parse(text).ok().filter(allowed).ok_or_else(|| {
            StartError::setting("webhook_url", "it is not an https address (http: loopback alone)")
        })?;
        let read = |secret: &str| {
            let bytes = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
            Some(Zeroizing::new(bytes)).filter(|bytes| SECRET_BYTES.contains(&bytes.len()))
        };
        let secrets: Option<Vec<_>> =
            secrets.unwrap_or_default().split_ascii_whitespace().map(read).collect();
        match secrets.filter(|secrets| !secrets.is_empty()) {
            Some(secrets) => Ok(Some(Self { url, secrets })),
            None => Err(StartError::setting(
                "webhook_secret",
                "with webhook_url it must be whsec_ and 24 to 64 random bytes in base64",
            )),
        }
    }

    /// Where notices are posted.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The secrets that each notice is signed with, at least one.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.secrets.iter().map(|secret| secret.as_slice())
    }
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhook(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn an_address_needs_a_secret_and_https() {
        let read = |url, secret| Webhook::read(Some(url), secret).map(|read| read.is_some());
        assert!(Webhook::read(None, Some(SECRET)).expect("none").is_none());
        let two = format!("{SECRET} {SECRET}");
        for (url, secret) in [
            ("https://ops.example/sso", SECRET),
            ("http://localhost:9000/", SECRET),
            ("http://127.0.0.1:9000/", two.as_str()),
        ] {
            assert!(read(url, Some(secret)).expect(url), "{url}");
        }
        for url in ["http://ops.example/", "ftp://ops.example/", "ops.example", "https:"] {
            let error = read(url, Some(SECRET)).expect_err(url).to_string();
            assert!(error.starts_with("webhook_url (SSO_WEBHOOK_URL): "), "{error}");
        }
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        let one_bad = format!("{SECRET} {short}");
        for secret in [None, Some(""), Some("secret"), Some(&*short), Some(&*long), Some(&*one_bad)]
        {
            let error = read("https://ops.example/", secret).expect_err("no secret").to_string();
            // One sentence for all of them, which repeats nothing.
            let sentence = "webhook_secret (SSO_WEBHOOK_SECRET): with webhook_url it must be whsec_ and 24 \
                            to 64 random bytes in base64";
            assert_eq!(error, sentence);
        }
    }

    #[test]
    fn its_secrets_are_not_shown() {
        let read = Webhook::read(Some("https://ops.example/?token=abc"), Some(SECRET));
        assert_eq!(format!("{read:?}"), "Ok(Some(Webhook(…)))");
    }
}
