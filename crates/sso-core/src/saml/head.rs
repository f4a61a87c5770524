//! What the messages of logout and of the artifact binding begin with (SAML Core 3.2.1, 3.2.2).

use super::name_id::Issuer;
use super::schema::{Order, required};
use super::time;
use crate::error::Rejection;
use crate::xml::{Element, Writer, ns};
use ::time::OffsetDateTime;

/// The beginning of a message, and the children that come behind it.
#[derive(Debug)]
pub(super) struct Head<'e> {
    pub(super) id: &'e str,
    pub(super) version: Option<&'e str>,
    pub(super) issue_instant: OffsetDateTime,
    pub(super) destination: Option<&'e str>,
    pub(super) in_response_to: Option<&'e str>,
    pub(super) issuer: Option<Issuer<'e>>,
    pub(super) body: Vec<Element<'e>>,
}

impl<'e> Head<'e> {
    /// Reads the beginning of a message.
    ///
    /// # Errors
    /// `schema_violation`, `invalid_time`.
    pub(super) fn read(root: Element<'e>) -> Result<Self, Rejection> {
        let mut head = Self {
            id: required(root, "ID")?,
            version: root.attribute("Version"),
            issue_instant: time::read(required(root, "IssueInstant")?)?,
            destination: root.attribute("Destination"),
            in_response_to: root.attribute("InResponseTo"),
            issuer: None,
            body: Vec::new(),
        };
        let mut order = Order::of(root)?;
        for child in root.children() {
            match (child.local_name(), child.namespace()) {
                ("Issuer", ns::SAML) => {
                    order.once(child, 1)?;
                    head.issuer = Some(Issuer::read(child)?);
                }
                ("Signature", ns::DS) => order.once(child, 2)?,
                ("Extensions", ns::SAMLP) => order.once(child, 3)?,
                _ => {
                    order.repeated(child, 4)?;
                    head.body.push(child);
                }
            }
        }
        Ok(head)
    }
}

/// Begins to write a message, up to its issuer.
pub(super) fn begin(
    name: &'static str,
    id: &str,
    issue_instant: OffsetDateTime,
    others: &[(&'static str, Option<&str>)],
    issuer: &str,
) -> Writer {
    let issue_instant = time::write(issue_instant);
    let mut attributes = vec![
        ("xmlns:samlp", ns::SAMLP),
        ("xmlns:saml", ns::SAML),
        ("ID", id),
        ("Version", "2.0"),
        ("IssueInstant", &issue_instant),
    ];
    attributes.extend(others.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
    let mut writer = Writer::new();
    writer.start(name, &attributes).leaf("saml:Issuer", &[], issuer);
    writer
}
