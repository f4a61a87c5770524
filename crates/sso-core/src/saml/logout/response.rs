//! `LogoutResponse`: how a logout went at the one who was told of it (SAML Core 3.7.2).

use super::super::head::{Head, begin};
use super::super::names::{STATUS_PARTIAL_LOGOUT, STATUS_SUCCESS};
use super::super::schema::Order;
use super::super::status::Status;
use crate::dsig::SignedXml;
use crate::error::Rejection;
use crate::xml::ns;
use ::time::OffsetDateTime;

/// An answer to a logout request: one that the person was signed out, as a [rule](super::outside) holds those
/// that are read. Written and read again it is the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LogoutResponse<'a> {
    /// Its ID.
    pub(crate) id: &'a str,
    /// When it was made, in UTC.
    pub(crate) issue_instant: OffsetDateTime,
    /// Where it goes.
    pub(crate) destination: Option<&'a str>,
    /// The request that it answers.
    pub(crate) in_response_to: Option<&'a str>,
    /// Who makes it.
    pub(crate) issuer: String,
    /// Whether some participant could not be told (SAML Core 3.7.3.2).
    pub(crate) partial: bool,
}

impl<'e> LogoutResponse<'e> {
    /// Reads a verified response.
    ///
    /// # Errors
    /// `schema_violation`, `invalid_time`.
    pub(crate) fn read(signed: &SignedXml<'e>) -> Result<Self, Rejection> {
        let element = signed.element();
        let head = Head::read(element)?;
        let mut response = Self {
            id: head.id,
            issue_instant: head.issue_instant,
            destination: head.destination,
            in_response_to: head.in_response_to,
            issuer: head.issuer.map_or_else(String::new, |it| it.entity_id().to_owned()),
            partial: false,
        };
        let mut order = Order::of(element)?;
        for child in head.body {
            if !child.is(ns::SAMLP, "Status") {
                return Err(order.misplaced(child));
            }
            order.once(child, 1)?;
            response.partial = Status::read(child)?.is_partial_logout();
        }
        Ok(response)
    }
}

impl LogoutResponse<'_> {
    /// The message, unsigned, without an XML declaration. The elements stand in schema order.
    pub(crate) fn to_xml(&self) -> String {
        let others = [("Destination", self.destination), ("InResponseTo", self.in_response_to)];
        let mut writer =
            begin("samlp:LogoutResponse", self.id, self.issue_instant, &others, &self.issuer);
        writer.start("samlp:Status", &[]).start("samlp:StatusCode", &[("Value", STATUS_SUCCESS)]);
        if self.partial {
            writer.empty("samlp:StatusCode", &[("Value", STATUS_PARTIAL_LOGOUT)]);
        }
        writer.finish()
    }
}
