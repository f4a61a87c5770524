//! Beginning a login: what the browser carries to the identity provider (SPEC 5.1, 2). Pure.

use crate::bindings::redirect::RedirectError;
use crate::bindings::{Outbound, Parameter, RelayStateTooLong, paos, post, redirect};
use crate::connection::{FrontChannelBinding, ResponseBinding, Saml2Settings, ServiceUrls};
use crate::dsig::{SigningError, SigningKey};
use crate::saml::{AuthnRequest, names};
use time::OffsetDateTime;
use url::Url;

/// A login to begin.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The settings of the connection.
    pub settings: &'a Saml2Settings,
    /// Our addresses for that organization.
    pub urls: &'a ServiceUrls,
    /// The active service key; needed where the connection signs its requests.
    pub signing_key: Option<&'a SigningKey>,
    /// The ID of the request ([`saml_id`](crate::ids::saml_id)), which the answer must name.
    pub request_id: &'a str,
    /// What is to come back beside the answer; at most 80 bytes, left out where empty.
    pub relay_state: Option<&'a str>,
    /// Who is to sign in, as far as is known: a user name or an e-mail address.
    pub login_hint: Option<&'a str>,
    /// Whether the person is to authenticate again, besides what the connection says.
    pub force_authn: bool,
    /// The current instant in UTC.
    pub now: OffsetDateTime,
}

/// Why a login cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The connection signs its requests, and there is no active service certificate.
    #[error("the connection signs its requests, but no service certificate is active")]
    NoSigningKey,
    /// The RelayState is too long.
    #[error(transparent)]
    RelayState(#[from] RelayStateTooLong),
    /// The request could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Makes the AuthnRequest of a login and puts it on its way: over redirect signed in the query, over
/// POST signed in the message. Only a signed request has a `Destination`.
///
/// A login hint goes into the query of the address, outside the message, where an identity provider
/// that knows none passes it over (docs/adr/0010).
///
/// # Errors
/// [`StartError`].
pub fn start(login: &Start<'_>) -> Result<Outbound, StartError> {
    let settings = login.settings;
    let key = login.key()?;
    let destination = settings.authn_request_destination.as_ref().unwrap_or(&settings.sso_url);
    let destination = key.map(|_| destination.as_str());
    let request = login.request(destination, protocol_binding(settings.response_binding));
    let address = hinted(&settings.sso_url, login.login_hint);
    match settings.sso_binding {
        FrontChannelBinding::Redirect => {
            let message = request.to_xml();
            redirect::url(&address, Parameter::Request, &message, login.relay_state, key)
                .map_err(StartError::from)
        }
        FrontChannelBinding::Post => {
            let message = request.to_xml_signed_by(key)?;
            Ok(post::form(&address, Parameter::Request, &message, login.relay_state)?)
        }
    }
}

/// Makes the AuthnRequest of a login and gives it to an enhanced client, in an envelope that says what to
/// do with it (SAML Profiles 4.2). It has no `Destination`: the client knows where the identity provider
/// takes such requests, and we do not.
///
/// # Errors
/// [`StartError::NoSigningKey`], [`StartError::Signing`].
pub fn start_ecp(login: &Start<'_>) -> Result<String, StartError> {
    let settings = login.settings;
    let request = paos::Request {
        response_consumer_url: &login.urls.acs,
        issuer: &settings.sp_entity_id,
        idp_entity_id: &settings.idp_entity_id,
        relay_state: login.relay_state.unwrap_or_default(),
        is_passive: settings.is_passive,
    };
    let message = login.request(None, names::BINDING_PAOS).to_xml_signed_by(login.key()?)?;
    Ok(request.envelope(&message))
}

impl<'a> Start<'a> {
    /// The key that the request is signed by, where the connection signs.
    fn key(&self) -> Result<Option<&'a SigningKey>, StartError> {
        match (self.settings.sign_authn_requests, self.signing_key) {
            (true, None) => Err(StartError::NoSigningKey),
            (true, key) => Ok(key),
            (false, _) => Ok(None),
        }
    }

    fn request(&self, destination: Option<&'a str>, protocol_binding: &'a str) -> AuthnRequest<'a> {
        let settings = self.settings;
        AuthnRequest {
            id: self.request_id,
            issue_instant: self.now,
            destination,
            acs_url: &self.urls.acs,
            protocol_binding,
            issuer: &settings.sp_entity_id,
            name_id_format: settings.name_id_format.uri(),
            authn_context_class_ref: &settings.authn_context_class_ref,
            force_authn: settings.force_authn || self.force_authn,
            is_passive: settings.is_passive,
        }
    }
}

fn protocol_binding(response: ResponseBinding) -> &'static str {
    match response {
        ResponseBinding::Post => names::BINDING_POST,
        ResponseBinding::Artifact => names::BINDING_ARTIFACT,
    }
}

/// The most bytes of a login hint: those of an e-mail address (RFC 5321 4.5.3.1) and some.
const MAX_HINT: usize = 320;

/// The address with a login hint, which is left aside where it can be none.
pub(super) fn hinted(address: &Url, hint: Option<&str>) -> Url {
    let mut address = address.clone();
    let usable = |hint: &&str| {
        !hint.is_empty() && hint.len() <= MAX_HINT && !hint.contains(char::is_control)
    };
    if let Some(hint) = hint.filter(usable) {
        address.query_pairs_mut().append_pair("login_hint", hint);
    }
    address
}

/// Sends the browser to an identity provider that takes no AuthnRequests (`sso_profile` is `idp`): its
/// login page, with the target named in `target_parameter`. The answer will be unsolicited.
pub fn start_at_idp(
    settings: &Saml2Settings,
    target: Option<&str>,
    login_hint: Option<&str>,
) -> Outbound {
    let mut url = hinted(&settings.sso_url, login_hint);
    if let Some(target) = target {
        url.query_pairs_mut().append_pair(&settings.target_parameter, target);
    }
    Outbound::Redirect(url)
}

impl From<RedirectError> for StartError {
    fn from(error: RedirectError) -> Self {
        match error {
            RedirectError::RelayState(error) => Self::RelayState(error),
            RedirectError::Signing(error) => Self::Signing(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certs::{NewKey, generate};
    use crate::dsig::{Policy, TrustedKey, TrustedKeys, signature_of, verify};
    use crate::random::Random;
    use crate::xml::{Document, Limits, ns};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use openssl::hash::MessageDigest;
    use openssl::sign::Verifier;
    use openssl::x509::X509;
    use std::collections::{BTreeSet, HashMap};
    use std::io::Read as _;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2030-01-15 12:00 UTC);

    struct Ones;
    impl Random for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(1);
        }
    }

    fn settings(changes: serde_json::Value) -> Saml2Settings {
        let mut settings = serde_json::json!({
            "sp_entity_id": "https://sp.example/saml/acme/metadata",
            "idp_entity_id": "https://idp.example",
            "sso_url": "https://idp.example/sso?tenant=a",
        });
        settings.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(settings).unwrap()
    }

    fn outbound(
        settings: &Saml2Settings,
        signing_key: Option<&SigningKey>,
        relay_state: &str,
    ) -> Result<Outbound, StartError> {
        let public = Url::parse("https://sp.example").unwrap();
        start(&Start {
            settings,
            urls: &ServiceUrls::new(&public, &"acme".parse().unwrap()),
            signing_key,
            request_id: "_1",
            relay_state: Some(relay_state),
            login_hint: None,
            force_authn: false,
            now: NOW,
        })
    }

    fn redirected(outbound: Result<Outbound, StartError>) -> (Url, HashMap<String, String>) {
        let Ok(Outbound::Redirect(url)) = outbound else { panic!("{outbound:?}") };
        let query = url.query_pairs().into_owned().collect();
        (url, query)
    }

    fn inflated(parameter: &str) -> String {
        let mut text = String::new();
        let deflated = STANDARD.decode(parameter).unwrap();
        flate2::read::DeflateDecoder::new(&*deflated).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn an_unsigned_request_goes_into_the_query_behind_what_is_there() {
        let settings = settings(serde_json::json!({"name_id_format": "email"}));
        let (url, query) = redirected(outbound(&settings, None, "a b+c"));
        assert!(url.as_str().starts_with("https://idp.example/sso?tenant=a&SAMLRequest="));
        assert!(url.as_str().ends_with("&RelayState=a%20b%2Bc"));
        assert!(!query.contains_key("SigAlg") && !query.contains_key("Signature"));
        let message = inflated(&query["SAMLRequest"]);
        let document = Document::parse(message.as_bytes(), &Limits::MESSAGE).unwrap();
        let request = document.root();
        assert!(request.is(ns::SAMLP, "AuthnRequest"));
        assert_eq!(request.id(), Some("_1"));
        assert_eq!(request.attribute("Destination"), None);
        let policy = request.required_child(ns::SAMLP, "NameIDPolicy").unwrap();
        assert_eq!(policy.attribute("Format"), settings.name_id_format.uri());
        let (_, query) = redirected(outbound(&settings, None, ""));
        assert!(!query.contains_key("RelayState"));
    }

    #[test]
    fn a_signed_request_is_signed_over_the_query_as_it_is_sent() {
        let made = generate("sp", 90, NewKey::Rsa2048, NOW, &Ones).unwrap();
        let key = SigningKey::from_pkcs8_der(&made.private_key, &made.der).unwrap();
        let settings = settings(serde_json::json!({"sign_authn_requests": true}));
        let (url, query) = redirected(outbound(&settings, Some(&key), "state"));
        let request = inflated(&query["SAMLRequest"]);
        assert!(request.contains("Destination=\"https://idp.example/sso?tenant=a\""));
        assert!(!request.contains("Signature"));

        let sent = url.query().unwrap().split_once('&').unwrap().1;
        let (signed, _) = sent.split_once("&Signature=").unwrap();
        assert!(signed.contains("&RelayState=state&SigAlg=http%3A%2F%2F"));
        let certificate = X509::from_der(&made.der).unwrap().public_key().unwrap();
        let mut verifier = Verifier::new(MessageDigest::sha256(), &certificate).unwrap();
        verifier.update(signed.as_bytes()).unwrap();
        assert!(verifier.verify(&STANDARD.decode(&query["Signature"]).unwrap()).unwrap());
    }

    #[test]
    fn over_post_the_message_itself_is_signed() {
        let made = generate("sp", 90, NewKey::P256, NOW, &Ones).unwrap();
        let key = SigningKey::from_pkcs8_der(&made.private_key, &made.der).unwrap();
        let settings =
            settings(serde_json::json!({"sign_authn_requests": true, "sso_binding": "post"}));
        let Ok(Outbound::PostForm { action, fields }) = outbound(&settings, Some(&key), "s") else {
            panic!("a form")
        };
        assert_eq!(action, settings.sso_url);
        let message = STANDARD.decode(&fields[0].1).unwrap();
        let document = Document::parse(&message, &Limits::MESSAGE).unwrap();
        let signature = signature_of(document.root()).unwrap().unwrap();
        let keys = TrustedKeys::new(vec![TrustedKey::from_certificate_der(&made.der).unwrap()]);
        let policy =
            Policy { grants: &BTreeSet::new(), now: NOW, enforce_certificate_validity: true };
        verify(&signature, &keys.unwrap(), &policy).unwrap();
        assert_eq!(fields[1], ("RelayState", "s".to_owned()));
    }

    #[test]
    fn a_login_that_cannot_be_signed_or_told_apart_does_not_begin() {
        let unsigned = settings(serde_json::json!({}));
        let long = "s".repeat(81);
        assert!(matches!(outbound(&unsigned, None, &long), Err(StartError::RelayState(_))));
        let signed = settings(serde_json::json!({"sign_authn_requests": true}));
        assert!(matches!(outbound(&signed, None, "s"), Err(StartError::NoSigningKey)));
    }

    #[test]
    fn an_identity_provider_that_takes_no_requests_is_told_the_target() {
        let settings = settings(serde_json::json!({"target_parameter": "TARGET"}));
        let target = |target| match start_at_idp(&settings, target, None) {
            Outbound::Redirect(url) => url.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(target(None), "https://idp.example/sso?tenant=a");
        assert_eq!(target(Some("/a?b&c")), "https://idp.example/sso?tenant=a&TARGET=%2Fa%3Fb%26c");
    }

    #[test]
    fn a_login_hint_goes_beside_the_message() {
        let made = generate("sp", 90, NewKey::P256, NOW, &Ones).unwrap();
        let key = SigningKey::from_pkcs8_der(&made.private_key, &made.der).unwrap();
        let public = Url::parse("https://sp.example").unwrap();
        let begin = |changes: serde_json::Value, login_hint| {
            start(&Start {
                settings: &settings(changes),
                urls: &ServiceUrls::new(&public, &"acme".parse().unwrap()),
                signing_key: Some(&key),
                request_id: "_1",
                relay_state: Some("s"),
                login_hint: Some(login_hint),
                force_authn: false,
                now: NOW,
            })
        };
        let signed = serde_json::json!({"sign_authn_requests": true});
        let (url, query) = redirected(begin(signed.clone(), "ann+x&y@acme.example"));
        let beginning =
            "https://idp.example/sso?tenant=a&login_hint=ann%2Bx%26y%40acme.example&SAMLRequest=";
        assert!(url.as_str().starts_with(beginning), "{url}");
        let request = inflated(&query["SAMLRequest"]);
        assert!(request.contains("Destination=\"https://idp.example/sso?tenant=a\""), "{request}");
        assert!(!request.contains("ann") && !request.contains("Subject"), "{request}");

        let post = serde_json::json!({"sso_binding": "post"});
        let Ok(Outbound::PostForm { action, .. }) = begin(post, "ann") else { panic!("a form") };
        assert_eq!(action.as_str(), "https://idp.example/sso?tenant=a&login_hint=ann");

        for unusable in ["", "a\r\nb", &"a".repeat(321)] {
            let (_, query) = redirected(begin(signed.clone(), unusable));
            assert!(!query.contains_key("login_hint"), "{unusable:?}");
        }
    }
}
