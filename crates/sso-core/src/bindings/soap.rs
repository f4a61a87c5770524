//! SOAP 1.1: a message as the one content of an envelope's body, from server to server (SAML Bindings
//! 3.2; SOAP 1.1, 4). Refused: another envelope, a header that has to be understood, a body with more or
//! less than one element. A fault is told from a message, and is never one.

use crate::error::{Code, Rejection};
use crate::xml::{Document, Element, Limits, Writer, ns};

/// The media type of an envelope.
pub const MEDIA_TYPE: &str = "text/xml; charset=utf-8";

/// The value of the HTTP header `SOAPAction` beside an envelope (SAML Bindings 3.2.3.1).
pub const ACTION: &str = "http://www.oasis-open.org/committees/security";

/// Puts a message into an envelope.
pub fn envelope(message: &str) -> String {
    enclosed(|writer| {
        writer.element(message);
    })
}

/// An envelope that says that a message was refused, and by which code; to be sent with the status 500
/// (SOAP 1.1, 4.4, 6.2).
pub fn fault(code: &str) -> String {
    enclosed(|writer| {
        writer.start("soap:Fault", &[]);
        writer.leaf("faultcode", &[], "soap:Client").leaf("faultstring", &[], code).end();
    })
}

fn enclosed(content: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new();
    writer.start("soap:Envelope", &[("xmlns:soap", ns::SOAP)]).start("soap:Body", &[]);
    content(&mut writer);
    writer.finish()
}

/// An envelope parsed. Nobody vouches for a byte of it.
#[derive(Debug)]
pub struct Envelope<'a> {
    document: Document<'a>,
}

impl<'a> Envelope<'a> {
    /// Parses an envelope, within the limits of a message (SPEC 4.1).
    ///
    /// # Errors
    /// What [`Document::parse`] refuses.
    pub fn parse(xml: &'a [u8]) -> Result<Self, Rejection> {
        Ok(Self { document: Document::parse(xml, &Limits::MESSAGE)? })
    }

    /// The message in the body, for the verifier.
    ///
    /// # Errors
    /// `unexpected_message` for anything but an envelope with one message, and for a fault, whose text the
    /// refusal has.
    pub(crate) fn content(&self) -> Result<Element<'_>, Rejection> {
        content(self.document.root(), |_| false)
    }
}

/// The message in the body of an envelope, by one who understands some headers.
///
/// # Errors
/// As [`Envelope::content`].
pub(super) fn content<'e>(
    envelope: Element<'e>,
    understands: impl Fn(&Element<'e>) -> bool,
) -> Result<Element<'e>, Rejection> {
    let is = |name: &'static str| move |element: &Element<'_>| element.is(ns::SOAP, name);
    let mut parts = envelope.children().peekable();
    let header = parts.next_if(is("Header"));
    let body = parts.next().filter(is("Body"));
    let (Some(body), true, None) = (body, is("Envelope")(&envelope), parts.next()) else {
        return Err(unexpected(envelope.local_name().to_owned()));
    };
    let mut strange = header.into_iter().flat_map(must_be_understood);
    if let Some(entry) = strange.find(|entry| !understands(entry)) {
        return Err(unexpected(format!("the header {}", entry.local_name())));
    }
    let mut contents = body.children();
    match (contents.next(), contents.next()) {
        (Some(fault), None) if is("Fault")(&fault) => Err(unexpected(told(fault))),
        (Some(message), None) => Ok(message),
        (None, _) => Err(unexpected("an empty Body".to_owned())),
        (Some(_), Some(_)) => Err(unexpected("a Body with several elements".to_owned())),
    }
}

/// The entries that whoever does not know them has to refuse (SOAP 1.1, 4.2.3).
fn must_be_understood(header: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    let must = |entry: &Element<'_>| entry.attribute_ns(ns::SOAP, "mustUnderstand") == Some("1");
    header.children().filter(must)
}

/// What a fault says.
fn told(fault: Element<'_>) -> String {
    let text = |name: &str| {
        let child = fault.children().find(|child| child.is("", name));
        child.and_then(|child| child.text().ok()).unwrap_or_default()
    };
    format!("a fault: {} {}", text("faultcode"), text("faultstring"))
}

fn unexpected(found: String) -> Rejection {
    let expected = "a SOAP 1.1 envelope with one message in its Body";
    Rejection::new(Code::UnexpectedMessage, expected, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the message in an envelope, or the refusal.
    fn content(xml: &str) -> Result<String, Rejection> {
        let envelope = Envelope::parse(xml.as_bytes())?;
        envelope.content().map(|message| message.local_name().to_owned())
    }

    fn soap(content: &str) -> String {
        format!(r#"<s:Envelope xmlns:s="{}">{content}</s:Envelope>"#, ns::SOAP)
    }

    #[test]
    fn what_is_put_into_an_envelope_comes_out() {
        let sent = envelope("<p:LogoutRequest xmlns:p=\"urn:p\" ID=\"_1\"/>");
        assert_eq!(content(&sent).unwrap(), "LogoutRequest");
        let with_header =
            soap("<s:Header><x s:mustUnderstand='0'/></s:Header><s:Body><m/></s:Body>");
        assert_eq!(content(&with_header).unwrap(), "m");
    }

    #[test]
    fn what_is_no_envelope_with_one_message_is_refused() {
        for (xml, found) in [
            ("<m/>".to_owned(), "m"),
            (soap("").replace(ns::SOAP, "http://www.w3.org/2003/05/soap-envelope"), "Envelope"),
            (soap("<s:Body/>"), "an empty Body"),
            (soap("<s:Body><m/><m/></s:Body>"), "several elements"),
            (soap("<s:Body><m/></s:Body><s:Body><m/></s:Body>"), "Envelope"),
            (soap("<x><s:Body><m/></s:Body></x>"), "Envelope"),
            (
                soap("<s:Header><x s:mustUnderstand='1'/></s:Header><s:Body><m/></s:Body>"),
                "the header x",
            ),
            (fault("response_rejected"), "a fault: soap:Client response_rejected"),
        ] {
            let refused = content(&xml).expect_err(&xml);
            assert_eq!(refused.code, Code::UnexpectedMessage, "{xml}");
            assert!(refused.found.contains(found), "{xml}: {refused}");
        }
    }
}
