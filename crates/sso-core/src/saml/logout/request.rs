//! `LogoutRequest`: a participant is told that a person signed out (SAML Core 3.7.1).

use super::super::encrypted_parts::EncryptedParts;
use super::super::head::{Head, begin};
use super::super::name_id::NameId;
use super::super::schema::{Order, instant};
use super::super::time;
use crate::dsig::SignedXml;
use crate::error::Rejection;
use crate::xml::{Element, ns};
use ::time::OffsetDateTime;
use std::borrow::Cow;

/// A request to end the sessions of a person. Written and read again it is the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LogoutRequest<'a> {
    /// Its ID, which the answer names.
    pub(crate) id: &'a str,
    /// When it was made, in UTC.
    pub(crate) issue_instant: OffsetDateTime,
    /// Where it goes.
    pub(crate) destination: Option<&'a str>,
    /// From when on it counts no more, in UTC.
    pub(crate) not_on_or_after: Option<OffsetDateTime>,
    /// Who makes it.
    pub(crate) issuer: String,
    /// Whose sessions end. None where the person is named in a way that we do not know.
    pub(crate) name_id: Option<NameId<'a>>,
    /// Which of them; all where there is none. An empty index is one, that no session has.
    pub(crate) session_indexes: Vec<Cow<'a, str>>,
}

impl<'e> LogoutRequest<'e> {
    /// Reads a verified request, with its identifier where that was encrypted.
    ///
    /// # Errors
    /// `schema_violation` (two identifiers too), `invalid_time`, `decryption` for an `EncryptedID` that is
    /// not among `parts`.
    pub(crate) fn read(
        signed: &'e SignedXml<'_>,
        parts: &'e EncryptedParts<'_>,
    ) -> Result<Self, Rejection> {
        let element = signed.element();
        let head = Head::read(element)?;
        let mut request = Self {
            id: head.id,
            issue_instant: head.issue_instant,
            destination: head.destination,
            not_on_or_after: instant(element, "NotOnOrAfter")?,
            issuer: head.issuer.map_or_else(String::new, |it| it.entity_id().to_owned()),
            name_id: None,
            session_indexes: Vec::new(),
        };
        let mut order = Order::of(element)?;
        for child in head.body {
            request.take(child, parts, &mut order)?;
        }
        Ok(request)
    }

    fn take(
        &mut self,
        child: Element<'e>,
        parts: &'e EncryptedParts<'_>,
        order: &mut Order<'e>,
    ) -> Result<(), Rejection> {
        match (child.local_name(), child.namespace()) {
            ("NameID", ns::SAML) => {
                order.once(child, 1)?;
                self.name_id = Some(NameId::read(child)?);
            }
            ("EncryptedID", ns::SAML) => {
                order.once(child, 1)?;
                self.name_id = Some(NameId::read(parts.of(child)?.element())?);
            }
            ("BaseID", ns::SAML) => order.once(child, 1)?,
            ("SessionIndex", ns::SAMLP) => {
                order.repeated(child, 2)?;
                self.session_indexes.push(child.text()?);
            }
            _ => return Err(order.misplaced(child)),
        }
        Ok(())
    }
}

impl LogoutRequest<'_> {
    /// The message, unsigned, without an XML declaration. The elements stand in schema order.
    pub(crate) fn to_xml(&self) -> String {
        let end = self.not_on_or_after.map(time::write);
        let others = [("Destination", self.destination), ("NotOnOrAfter", end.as_deref())];
        let mut writer =
            begin("samlp:LogoutRequest", self.id, self.issue_instant, &others, &self.issuer);
        if let Some(name_id) = &self.name_id {
            let qualifiers = [
                ("NameQualifier", name_id.name_qualifier),
                ("SPNameQualifier", name_id.sp_name_qualifier),
                ("Format", name_id.format),
            ];
            let present = |(name, value): (&'static str, Option<_>)| Some((name, value?));
            let qualifiers: Vec<_> = qualifiers.into_iter().filter_map(present).collect();
            writer.leaf("saml:NameID", &qualifiers, &name_id.value);
        }
        for index in &self.session_indexes {
            writer.leaf("samlp:SessionIndex", &[], index);
        }
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::time::macros::datetime;

    #[test]
    fn a_request_names_the_person_as_the_identity_provider_did() {
        let request = LogoutRequest {
            id: "_1",
            issue_instant: datetime!(2030-01-15 12:00 UTC),
            destination: Some("https://idp.example/slo?a=1&b=2"),
            not_on_or_after: Some(datetime!(2030-01-15 12:05 UTC)),
            issuer: "https://sp.example".into(),
            name_id: Some(NameId {
                value: " <ann> ".into(),
                format: Some("urn:f"),
                name_qualifier: Some("idp"),
                sp_name_qualifier: Some("sp"),
            }),
            session_indexes: vec!["_a".into(), "_b".into()],
        };
        assert_eq!(
            request.to_xml(),
            "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" Version=\"2.0\" \
             IssueInstant=\"2030-01-15T12:00:00Z\" \
             Destination=\"https://idp.example/slo?a=1&amp;b=2\" \
             NotOnOrAfter=\"2030-01-15T12:05:00Z\"><saml:Issuer>https://sp.example</saml:Issuer>\
             <saml:NameID NameQualifier=\"idp\" SPNameQualifier=\"sp\" Format=\"urn:f\"> \
             &lt;ann&gt; </saml:NameID><samlp:SessionIndex>_a</samlp:SessionIndex>\
             <samlp:SessionIndex>_b</samlp:SessionIndex></samlp:LogoutRequest>"
        );
    }
}
