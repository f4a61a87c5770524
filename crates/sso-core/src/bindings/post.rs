//! HTTP POST: a message as base64 in a form field (SAML Bindings 3.5).

use super::{Inbound, Outbound, Parameter, RelayStateTooLong, sendable};
use crate::encoding::decode_base64;
use crate::error::{Code, Rejection};
use crate::xml::Limits;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

/// The most bytes of a field that carries a message: one of the greatest size in base64, broken into
/// lines however short.
pub const MAX_FIELD: usize = Limits::MESSAGE.bytes * 2;

/// Takes a message out of its form fields, already decoded from the form's own encoding.
///
/// Line breaks and blanks in the base64 are passed over, as senders break lines; anything else that
/// is not base64 is refused, and so are padding that is missing and bits that are left over.
///
/// # Errors
/// `missing_message` for an empty field, `message_too_large` before anything is decoded,
/// `not_base64`.
pub fn decode(field: &str, relay_state: Option<&str>) -> Result<Inbound, Rejection> {
    let relay_state = relay_state.filter(|state| !state.is_empty()).map(str::to_owned);
    Ok(Inbound::new(message(field)?, relay_state))
}

fn message(field: &str) -> Result<Vec<u8>, Rejection> {
    if field.len() > MAX_FIELD {
        let found = format!("a field of {} bytes", field.len());
        return Err(Rejection::new(Code::MessageTooLarge, too_large(), found));
    }
    if field.trim().is_empty() {
        return Err(Rejection::new(Code::MissingMessage, "a message", "an empty field"));
    }
    let xml = decode_base64(field).ok_or_else(|| {
        Rejection::new(Code::NotBase64, "base64 (RFC 4648, section 4)", "another text")
    })?;
    if xml.len() > Limits::MESSAGE.bytes {
        let found = format!("{} bytes", xml.len());
        return Err(Rejection::new(Code::MessageTooLarge, too_large(), found));
    }
    Ok(xml)
}

fn too_large() -> String {
    format!("a message of at most {} bytes", Limits::MESSAGE.bytes)
}

/// Puts a message into a form that the browser posts.
///
/// # Errors
/// [`RelayStateTooLong`].
pub fn form(
    action: &Url,
    parameter: Parameter,
    message: &str,
    relay_state: Option<&str>,
) -> Result<Outbound, RelayStateTooLong> {
    let mut fields = vec![(parameter.name(), STANDARD.encode(message))];
    fields.extend(sendable(relay_state)?.map(|state| ("RelayState", state.to_owned())));
    Ok(Outbound::PostForm { action: action.clone(), fields })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(field: &str) -> Option<Code> {
        decode(field, None).err().map(|rejection| rejection.code)
    }

    #[test]
    fn base64_is_taken_whole_and_in_lines() {
        for field in ["PHg+PC94Pg==", " PHg+\r\nPC94\n\tPg==\n", "P H g + P C 9 4 P g = ="] {
            let inbound = decode(field, Some("state")).unwrap();
            assert_eq!(inbound.xml(), b"<x></x>");
            assert_eq!(inbound.relay_state(), Some("state"));
        }
        assert_eq!(decode("PHg+PC94Pg==", Some("")).unwrap().relay_state(), None);
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for field in
            ["<x/>", "PHg+PC94Pg", "PHg-PC94Pg==", "PHg+PC94Ph==", "PHg+=PC94", "é", "PHg+\0"]
        {
            assert_eq!(refused(field), Some(Code::NotBase64), "{field:?}");
        }
        for field in ["", " \r\n"] {
            assert_eq!(refused(field), Some(Code::MissingMessage), "{field:?}");
        }
    }

    #[test]
    fn size_is_bounded_before_and_after_decoding() {
        let most = STANDARD.encode(vec![b'x'; Limits::MESSAGE.bytes]);
        assert_eq!(refused(&most), None);
        let more = STANDARD.encode(vec![b'x'; Limits::MESSAGE.bytes + 1]);
        assert_eq!(refused(&more), Some(Code::MessageTooLarge));
        let padded = format!("PHg+{}", " ".repeat(MAX_FIELD));
        assert_eq!(refused(&padded), Some(Code::MessageTooLarge));
    }

    #[test]
    fn hints_are_read_from_the_message_as_it_is() {
        let xml = "<p:Response xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol' InResponseTo='_1'>\
                   <Issuer xmlns='urn:oasis:names:tc:SAML:2.0:assertion'>\n idp </Issuer></p:Response>";
        let inbound = decode(&STANDARD.encode(xml), None).unwrap();
        let message = inbound.message().unwrap();
        assert_eq!(message.hints().issuer.as_deref(), Some("\n idp "));
        assert_eq!(message.hints().in_response_to, Some("_1"));

        let xml = "<r><a:SubjectConfirmationData xmlns:a='urn:oasis:names:tc:SAML:2.0:assertion' \
                   InResponseTo='_2'/></r>";
        let inbound = decode(&STANDARD.encode(xml), None).unwrap();
        assert_eq!(inbound.message().unwrap().hints().in_response_to, Some("_2"));

        let broken = decode(&STANDARD.encode("<r>"), None).unwrap();
        let refused = broken.message().err().map(|rejection| rejection.code);
        assert_eq!(refused, Some(Code::NotWellFormed));
    }

    #[test]
    fn a_form_has_no_empty_relay_state_and_none_that_is_too_long() {
        let action = Url::parse("https://idp.example/sso").unwrap();
        let fields = |state| match form(&action, Parameter::Request, "<x/>", state) {
            Ok(Outbound::PostForm { fields, .. }) => Some(fields),
            _ => None,
        };
        let request = ("SAMLRequest", "PHgvPg==".to_owned());
        assert_eq!(fields(None), Some(vec![request.clone()]));
        assert_eq!(fields(Some("")), Some(vec![request.clone()]));
        assert_eq!(fields(Some("s")), Some(vec![request, ("RelayState", "s".to_owned())]));
        assert_eq!(fields(Some(&"s".repeat(81))), None);
    }
}
