//! PAOS: SOAP the other way round. What answers a client's HTTP request asks the client for something, and
//! what it posts then answers that (SAML Bindings 3.3; SAML Profiles 4.2). Refused: a header that has to be
//! understood and is none of the profile's, and a RelayState that comes twice.

use super::soap;
use crate::error::{Code, Rejection};
use crate::xml::{Element, Writer, ns};

/// The media type of an envelope.
pub const MEDIA_TYPE: &str = "application/vnd.paos+xml";

/// For whom the headers are: the one who gets them (SOAP 1.1, 4.2.2).
const ACTOR: &str = "http://schemas.xmlsoap.org/soap/actor/next";

/// Whether a client says, in the HTTP headers `Accept` and `PAOS`, that it is an enhanced client (SAML
/// Bindings 3.3.4; Profiles 4.2.3.1). Quotation marks are written both ways, and so are separators.
pub fn is_announced(accept: &str, paos: &str) -> bool {
    let names = |header: &str, name: &str| {
        let mut words = header.split([',', ';', '=', ' ', '"', '\'']);
        words.any(|word| word.eq_ignore_ascii_case(name))
    };
    names(accept, MEDIA_TYPE) && names(paos, ns::PAOS) && names(paos, ns::ECP)
}

/// What a client is asked to do with a message: to take it to the identity provider, and the answer back.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Where the answer is to be posted. The client holds the identity provider's word to it.
    pub response_consumer_url: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    /// The identity provider's.
    pub idp_entity_id: &'a str,
    /// What is to come back beside the answer.
    pub relay_state: &'a str,
    /// Whether nothing is to be shown to the person.
    pub is_passive: bool,
}

impl Request<'_> {
    /// The envelope with the message.
    pub fn envelope(&self, message: &str) -> String {
        let mut writer = Writer::new();
        let spaces = [("xmlns:soap", ns::SOAP), ("xmlns:paos", ns::PAOS), ("xmlns:ecp", ns::ECP)];
        let must = [("soap:mustUnderstand", "1"), ("soap:actor", ACTOR)];
        let to = [("responseConsumerURL", self.response_consumer_url), ("service", ns::ECP)];
        let passive = [("IsPassive", if self.is_passive { "true" } else { "false" })];
        writer.start("soap:Envelope", &spaces).start("soap:Header", &[]);
        writer.empty("paos:Request", &[to.as_slice(), &must].concat());
        writer.start("ecp:Request", &[passive.as_slice(), &must].concat());
        writer.leaf("saml:Issuer", &[("xmlns:saml", ns::SAML)], self.issuer);
        writer.start("samlp:IDPList", &[("xmlns:samlp", ns::SAMLP)]);
        writer.empty("samlp:IDPEntry", &[("ProviderID", self.idp_entity_id)]).end().end();
        writer.leaf("ecp:RelayState", &must, self.relay_state).end();
        writer.start("soap:Body", &[]).element(message);
        writer.finish()
    }
}

/// The message in the body of an envelope that a client posted.
///
/// # Errors
/// `unexpected_message`.
pub(super) fn content(envelope: Element<'_>) -> Result<Element<'_>, Rejection> {
    soap::content(envelope, |header| {
        header.is(ns::PAOS, "Response") || header.is(ns::ECP, "RelayState")
    })
}

/// The RelayState that a client brought back, if it did.
///
/// # Errors
/// `duplicate_parameter`; `schema_violation` where it is no text.
pub(super) fn relay_state(envelope: Element<'_>) -> Result<Option<String>, Rejection> {
    let header = envelope.children().find(|part| part.is(ns::SOAP, "Header"));
    let entries = header.into_iter().flat_map(Element::children);
    let mut states = entries.filter(|entry| entry.is(ns::ECP, "RelayState"));
    match (states.next(), states.next()) {
        (state, None) => state.map(|state| Ok(state.text()?.into_owned())).transpose(),
        (_, Some(_)) => {
            let expected = "one RelayState";
            Err(Rejection::new(Code::DuplicateParameter, expected, "several"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::Message;

    #[test]
    fn an_enhanced_client_says_so_in_both_headers() {
        let paos =
            "ver=\"urn:liberty:paos:2003-08\";\"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp\"";
        let single = paos.replace('"', "'").replace(';', " ; ");
        let with_option =
            format!("{paos},\"urn:oasis:names:tc:SAML:protocol:ext:channel-binding\"");
        for paos in [paos, &single, &with_option] {
            assert!(is_announced("text/html; application/vnd.paos+xml", paos), "{paos}");
            assert!(is_announced("application/vnd.paos+xml,*/*;q=0.1", paos), "{paos}");
            for accept in ["", "*/*", "text/html", "application/vnd.paos+xml2"] {
                assert!(!is_announced(accept, paos), "{accept}");
            }
        }
        for paos in ["", "ver=\"urn:liberty:paos:2003-08\"", ns::ECP, "ver=\"x\";\"y\""] {
            assert!(!is_announced("application/vnd.paos+xml", paos), "{paos}");
        }
    }

    #[test]
    fn a_client_is_asked_in_an_envelope_of_its_own() {
        let request = Request {
            response_consumer_url: "https://sp.example/acs?a=1&b=2",
            issuer: "https://sp.example",
            idp_entity_id: "https://idp.example",
            relay_state: "<state>",
            is_passive: false,
        };
        let envelope = request.envelope("<m/>");
        assert_eq!(
            envelope,
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:paos=\"urn:liberty:paos:2003-08\" \
             xmlns:ecp=\"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp\"><soap:Header>\
             <paos:Request responseConsumerURL=\"https://sp.example/acs?a=1&amp;b=2\" \
             service=\"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp\" soap:mustUnderstand=\"1\" \
             soap:actor=\"http://schemas.xmlsoap.org/soap/actor/next\"/>\
             <ecp:Request IsPassive=\"false\" soap:mustUnderstand=\"1\" \
             soap:actor=\"http://schemas.xmlsoap.org/soap/actor/next\">\
             <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://sp.example\
             </saml:Issuer><samlp:IDPList xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
             <samlp:IDPEntry ProviderID=\"https://idp.example\"/></samlp:IDPList></ecp:Request>\
             <ecp:RelayState soap:mustUnderstand=\"1\" \
             soap:actor=\"http://schemas.xmlsoap.org/soap/actor/next\">&lt;state&gt;\
             </ecp:RelayState></soap:Header><soap:Body><m/></soap:Body></soap:Envelope>"
        );
    }

    #[test]
    fn what_a_client_brings_has_headers_of_the_profile_alone() {
        let envelope = |headers: &str| {
            format!(
                "<s:Envelope xmlns:s=\"{}\" xmlns:e=\"{}\" xmlns:p=\"{}\"><s:Header>{headers}\
                 </s:Header><s:Body><m/></s:Body></s:Envelope>",
                ns::SOAP,
                ns::ECP,
                ns::PAOS
            )
        };
        let state = |headers: &str| {
            let text = envelope(headers);
            Message::of_client(text.as_bytes())?.client_relay_state()
        };
        assert_eq!(state(""), Ok(None));
        let both =
            "<p:Response s:mustUnderstand='1'/><e:RelayState s:mustUnderstand='1'>a</e:RelayState>";
        assert_eq!(state(both), Ok(Some("a".to_owned())));
        assert_eq!(state("<x/>"), Ok(None));
        for (headers, code) in [
            ("<x s:mustUnderstand='1'/>", Code::UnexpectedMessage),
            ("<e:Response s:mustUnderstand='1'/>", Code::UnexpectedMessage),
            ("<e:RelayState/><e:RelayState>a</e:RelayState>", Code::DuplicateParameter),
            ("<e:RelayState><x/></e:RelayState>", Code::SchemaViolation),
        ] {
            let refused = state(headers).map_err(|refused| refused.code);
            assert_eq!(refused, Err(code), "{headers}");
        }
    }
}
