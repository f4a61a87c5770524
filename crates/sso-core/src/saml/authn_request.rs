//! `AuthnRequest`: the request that begins a login (SAML Core 3.4.1; SAML Profiles 4.1.4.1).

use super::time;
use crate::dsig::{self, SigningError, SigningKey};
use crate::xml::{Writer, ns};
use ::time::OffsetDateTime;

/// A request to authenticate somebody. Every value is written escaped.
#[derive(Debug, Clone, Copy)]
pub struct AuthnRequest<'a> {
    /// Its ID, `_` and 128 random bits: what the answer's `InResponseTo` is held against.
    pub id: &'a str,
    /// When it was made, in UTC.
    pub issue_instant: OffsetDateTime,
    /// Where it goes; to be set on a signed one (SAML Bindings 3.4.5.2, 3.5.5.2).
    pub destination: Option<&'a str>,
    /// Where the answer is to come.
    pub acs_url: &'a str,
    /// How it is to come: the URI of a binding.
    pub protocol_binding: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    /// The NameID format that is wanted. `None` sends no `NameIDPolicy`: some identity providers
    /// refuse one that is stricter than they are set up for.
    pub name_id_format: Option<&'a str>,
    /// The authentication contexts of which one is wanted, compared exactly; empty for any.
    pub authn_context_class_ref: &'a [String],
    /// Whether the person is to authenticate again.
    pub force_authn: bool,
    /// Whether nothing is to be shown.
    pub is_passive: bool,
}

impl AuthnRequest<'_> {
    /// The message, with a signature in it where a key is given, as forms and envelopes carry it. (In a
    /// query the signature is over the query instead.)
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn to_xml_signed_by(&self, key: Option<&SigningKey>) -> Result<String, SigningError> {
        match key {
            Some(key) => dsig::sign_message(&self.to_xml(), key),
            None => Ok(self.to_xml()),
        }
    }

    /// The message, unsigned, without an XML declaration. The elements stand in schema order.
    pub fn to_xml(&self) -> String {
        let issue_instant = time::write(self.issue_instant);
        let mut attributes = vec![
            ("xmlns:samlp", ns::SAMLP),
            ("xmlns:saml", ns::SAML),
            ("ID", self.id),
            ("Version", "2.0"),
            ("IssueInstant", &issue_instant),
        ];
        attributes.extend(self.destination.map(|destination| ("Destination", destination)));
        attributes.extend(self.force_authn.then_some(("ForceAuthn", "true")));
        attributes.extend(self.is_passive.then_some(("IsPassive", "true")));
        attributes.push(("ProtocolBinding", self.protocol_binding));
        attributes.push(("AssertionConsumerServiceURL", self.acs_url));

        let mut writer = Writer::new();
        writer.start("samlp:AuthnRequest", &attributes);
        writer.leaf("saml:Issuer", &[], self.issuer);
        if let Some(format) = self.name_id_format {
            writer.empty("samlp:NameIDPolicy", &[("Format", format), ("AllowCreate", "true")]);
        }
        if !self.authn_context_class_ref.is_empty() {
            writer.start("samlp:RequestedAuthnContext", &[("Comparison", "exact")]);
            for class_ref in self.authn_context_class_ref {
                writer.leaf("saml:AuthnContextClassRef", &[], class_ref);
            }
        }
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::BINDING_POST;
    use super::*;
    use ::time::macros::datetime;

    const PLAIN: AuthnRequest<'static> = AuthnRequest {
        id: "_1",
        issue_instant: datetime!(2030-01-15 12:00:00.5 UTC),
        destination: None,
        acs_url: "https://sp.example/acs?a=1&b=2",
        protocol_binding: BINDING_POST,
        issuer: "https://sp.example",
        name_id_format: None,
        authn_context_class_ref: &[],
        force_authn: false,
        is_passive: false,
    };

    #[test]
    fn a_plain_request_asks_for_nothing_in_particular() {
        assert_eq!(
            PLAIN.to_xml(),
            "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" Version=\"2.0\" \
             IssueInstant=\"2030-01-15T12:00:00Z\" \
             ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
             AssertionConsumerServiceURL=\"https://sp.example/acs?a=1&amp;b=2\">\
             <saml:Issuer>https://sp.example</saml:Issuer></samlp:AuthnRequest>"
        );
    }

    #[test]
    fn what_is_asked_for_is_written_in_schema_order() {
        let contexts = ["urn:a".to_owned(), "urn:b".to_owned()];
        let request = AuthnRequest {
            destination: Some("https://idp.example/sso"),
            name_id_format: Some("urn:f"),
            authn_context_class_ref: &contexts,
            force_authn: true,
            is_passive: true,
            ..PLAIN
        };
        let xml = request.to_xml();
        assert!(xml.contains(
            " Destination=\"https://idp.example/sso\" ForceAuthn=\"true\" IsPassive=\"true\" "
        ));
        assert!(xml.ends_with(
            "</saml:Issuer><samlp:NameIDPolicy Format=\"urn:f\" AllowCreate=\"true\"/>\
             <samlp:RequestedAuthnContext Comparison=\"exact\"><saml:AuthnContextClassRef>urn:a\
             </saml:AuthnContextClassRef><saml:AuthnContextClassRef>urn:b</saml:AuthnContextClassRef>\
             </samlp:RequestedAuthnContext></samlp:AuthnRequest>"
        ));
    }
}
