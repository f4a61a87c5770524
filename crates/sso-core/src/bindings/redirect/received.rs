//! A message that came in a query (SAML Bindings 3.4.4; SPEC 4.6).
//!
//! The signature is over the parameters as they were received, octet by octet: nothing is decoded and
//! encoded anew, so that lower-case escapes and `+` verify as they were signed, and no other text than the
//! signed one is read (ATTACKS RED-05). Refused: a parameter that comes twice under whatever spelling of
//! its name, a request beside a response, an encoding that is not DEFLATE, bytes after it, and a message
//! that inflates past the limit.

use crate::bindings::Parameter;
use crate::bindings::post::MAX_FIELD;
use crate::dsig::{self, Policy, QuerySignature, SignedXml, TrustedKeys};
use crate::encoding::decode_base64;
use crate::error::{Code, Rejection};
use crate::xml::{Document, Element, Limits};
use flate2::bufread::DeflateDecoder;
use std::borrow::Cow;
use std::io::Read as _;
use url::form_urlencoded;

const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";

/// A query with a message, inflated. Nobody vouches for a byte of it yet.
#[derive(Debug)]
pub struct RedirectQuery {
    parameter: Parameter,
    xml: Vec<u8>,
    relay_state: Option<String>,
    signature: Option<QuerySignature>,
}

/// The message of a query, parsed. Nobody vouches for it before [`verify`](Self::verify).
#[derive(Debug)]
pub struct RedirectMessage<'q> {
    document: Document<'q>,
    signature: Option<&'q QuerySignature>,
}

impl RedirectQuery {
    /// Takes the message out of a query, which is everything behind the `?` exactly as it was received.
    /// Parameters that are not SAML's are left aside.
    ///
    /// # Errors
    /// `message_too_large`, before and after inflating; `duplicate_parameter`; `missing_message`;
    /// `not_deflated`; `not_base64`.
    pub fn receive(query: &str) -> Result<Self, Rejection> {
        if query.len() > MAX_FIELD {
            return Err(too_large(format!("a query of {} bytes", query.len())));
        }
        let mut parameters = Parameters::read(query)?;
        let (parameter, message) = match (parameters.request.take(), parameters.response.take()) {
            (Some(message), None) => (Parameter::Request, message),
            (None, Some(message)) => (Parameter::Response, message),
            (None, None) => {
                let expected = "a SAMLRequest or a SAMLResponse";
                return Err(Rejection::new(Code::MissingMessage, expected, "neither"));
            }
            (Some(_), Some(_)) => return Err(duplicate("SAMLRequest and SAMLResponse")),
        };
        if let Some(encoding) = parameters.encoding.map(decoded)
            && encoding != DEFLATE
        {
            return Err(not_deflated(encoding.into_owned()));
        }
        let signature = parameters.signature.map(|value| QuerySignature {
            octets: parameters.signed_octets(parameter.name(), message),
            algorithm: decoded(parameters.algorithm.unwrap_or_default()).into_owned(),
            value: decoded(value).into_owned(),
        });
        let relay_state = parameters.relay_state.map(|state| decoded(state).into_owned());
        let relay_state = relay_state.filter(|state| !state.is_empty());
        Ok(Self { parameter, xml: inflated(&decoded(message))?, relay_state, signature })
    }

    /// Which of the two message parameters it is: what is signed as the one counts for nothing as the
    /// other (ATTACKS RED-03).
    pub fn parameter(&self) -> Parameter {
        self.parameter
    }

    /// The RelayState beside the message; none where it was empty. The signature covers it.
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// The message, parsed.
    ///
    /// # Errors
    /// What [`Document::parse`] refuses.
    pub fn message(&self) -> Result<RedirectMessage<'_>, Rejection> {
        let document = Document::parse(&self.xml, &Limits::MESSAGE)?;
        Ok(RedirectMessage { document, signature: self.signature.as_ref() })
    }
}

impl RedirectMessage<'_> {
    /// The document element, for the verifier.
    pub(crate) fn root(&self) -> Element<'_> {
        self.document.root()
    }

    /// Whether the query says that it is signed.
    pub(crate) fn is_signed(&self) -> bool {
        self.signature.is_some()
    }

    /// Verifies the signature of the query. The proof is for the whole message; one that is in the
    /// message as well must hold too.
    ///
    /// # Errors
    /// `unsigned`; `algorithm_not_allowed`, `algorithm_key_mismatch`, `key_too_small`,
    /// `signature_invalid`, `certificate_expired`; for a signature in the message what
    /// [`dsig::signature_of`] and [`dsig::verify`] refuse.
    pub fn verify(
        &self,
        keys: &TrustedKeys,
        policy: &Policy<'_>,
    ) -> Result<SignedXml<'_>, Rejection> {
        let Some(signature) = self.signature else {
            return Err(Rejection::new(Code::Unsigned, "SigAlg and Signature", "no Signature"));
        };
        dsig::verify_query(self.document.root(), signature, keys, policy)
    }
}

/// The values of SAML's parameters as they were received.
#[derive(Debug, Default)]
struct Parameters<'q> {
    request: Option<&'q str>,
    response: Option<&'q str>,
    relay_state: Option<&'q str>,
    algorithm: Option<&'q str>,
    signature: Option<&'q str>,
    encoding: Option<&'q str>,
}

impl<'q> Parameters<'q> {
    fn read(query: &'q str) -> Result<Self, Rejection> {
        let mut parameters = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            let place = match &*name {
                "SAMLRequest" => &mut parameters.request,
                "SAMLResponse" => &mut parameters.response,
                "RelayState" => &mut parameters.relay_state,
                "SigAlg" => &mut parameters.algorithm,
                "Signature" => &mut parameters.signature,
                "SAMLEncoding" => &mut parameters.encoding,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(duplicate(&name));
            }
        }
        Ok(parameters)
    }

    /// What is signed: the message, the RelayState if there is one, and the algorithm, in this order
    /// whatever the query's own (Bindings 3.4.4.1).
    fn signed_octets(&self, name: &str, message: &str) -> String {
        let mut octets = format!("{name}={message}");
        for (name, value) in [("RelayState", self.relay_state), ("SigAlg", self.algorithm)] {
            if let Some(value) = value {
                octets = octets + "&" + name + "=" + value;
            }
        }
        octets
    }
}

/// The text of a name or value.
fn decoded(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['%', '+', '=']) {
        return Cow::Borrowed(raw);
    }
    // A `=` would end the name, which is the whole of what is decoded here.
    let whole = raw.replace('=', "%3D");
    let pair = form_urlencoded::parse(whole.as_bytes()).next();
    Cow::Owned(pair.map(|(text, _)| text.into_owned()).unwrap_or_default())
}

/// The message under base64 and DEFLATE (RFC 1951), and not a byte of output past the limit.
fn inflated(message: &str) -> Result<Vec<u8>, Rejection> {
    let deflated = decode_base64(message).ok_or_else(|| {
        Rejection::new(Code::NotBase64, "base64 (RFC 4648, section 4)", "another text")
    })?;
    let mut decoder = DeflateDecoder::new(&*deflated);
    let mut xml = Vec::new();
    let most = Limits::MESSAGE.bytes as u64 + 1;
    let inflated = decoder.by_ref().take(most).read_to_end(&mut xml);
    if xml.len() > Limits::MESSAGE.bytes {
        return Err(too_large("more".to_owned()));
    }
    if inflated.is_err() {
        return Err(not_deflated("another text".to_owned()));
    }
    let behind = deflated.len() as u64 - decoder.total_in();
    if behind > 0 {
        return Err(not_deflated(format!("{behind} bytes behind it")));
    }
    Ok(xml)
}

fn too_large(found: String) -> Rejection {
    let expected = format!("a message of at most {} bytes", Limits::MESSAGE.bytes);
    Rejection::new(Code::MessageTooLarge, expected, found)
}

fn not_deflated(found: String) -> Rejection {
    Rejection::new(Code::NotDeflated, "DEFLATE (RFC 1951)", found)
}

fn duplicate(found: &str) -> Rejection {
    Rejection::new(Code::DuplicateParameter, "each parameter of SAML once", found.to_owned())
}
