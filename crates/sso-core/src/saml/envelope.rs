//! The unsigned outside of a response (SAML Core 3.3.3; SPEC 4.2, 4.3).
//!
//! An [`Envelope`] comes from the same tree as everything else, but nobody vouches for it yet: it can
//! refuse a message and never supplies a value. It also settles where things may stand, before any
//! key is used: at most one assertion, directly in the response; signatures directly in the response
//! or in that assertion, and nowhere else (ATTACKS XSW-01 to XSW-17, NS-01, NS-02).

use super::name_id::Issuer;
use super::schema::Order;
use super::status::Status;
use crate::dsig::{self, Signature};
use crate::error::{Code, Rejection};
use crate::xml::{Element, ns};

/// The outside of a response.
#[derive(Debug)]
pub struct Envelope<'e> {
    pub(super) root: Element<'e>,
    pub(super) issuer: Option<Issuer<'e>>,
    pub(super) status: Option<Status<'e>>,
    pub(super) signature: Option<Signature<'e>>,
    pub(super) body: Option<Body<'e>>,
}

/// What a message carries.
#[derive(Debug)]
pub(crate) enum Body<'e> {
    /// An assertion as it is, and its own signature if it has one.
    Plain { assertion: Element<'e>, signature: Option<Signature<'e>> },
    /// An element that holds the `EncryptedData` of an assertion, and the namespaces of which that
    /// assertion may be.
    Encrypted { holder: Element<'e>, namespaces: &'static [&'static str] },
}

impl<'e> Envelope<'e> {
    /// Looks at the outside of a message whose document element is given.
    ///
    /// # Errors
    /// `unexpected_message`, `assertion_count`, `assertion_nested`, `signature_position`,
    /// `reference_not_root`, `schema_violation`, and what [`dsig::signature_of`] refuses.
    pub fn read(root: Element<'e>) -> Result<Self, Rejection> {
        if !root.is(ns::SAMLP, "Response") {
            let found = format!("{} in the namespace {:?}", root.local_name(), root.namespace());
            return Err(Rejection::new(Code::UnexpectedMessage, "a SAML 2.0 Response", found));
        }
        let assertion = only_assertion(root)?;
        let signature = dsig::signature_of(root)?;
        let body = assertion.map(Body::of).transpose()?;
        placement(root, assertion, &[Some(root), assertion])?;

        let mut envelope = Self { root, issuer: None, status: None, signature, body };
        let mut order = Order::of(root)?;
        for child in root.children() {
            match (child.local_name(), child.namespace()) {
                ("Issuer", ns::SAML) => {
                    order.once(child, 1)?;
                    envelope.issuer = Some(Issuer::read(child)?);
                }
                ("Signature", ns::DS) => order.once(child, 2)?,
                ("Extensions", ns::SAMLP) => order.once(child, 3)?,
                ("Status", ns::SAMLP) => {
                    order.once(child, 4)?;
                    envelope.status = Some(Status::read(child)?);
                }
                ("Assertion" | "EncryptedAssertion", ns::SAML) => order.once(child, 5)?,
                _ => return Err(order.misplaced(child)),
            }
        }
        Ok(envelope)
    }
}

impl<'e> Body<'e> {
    /// What an element is that [`is_assertion`].
    ///
    /// # Errors
    /// What [`dsig::signature_of`] refuses.
    pub(crate) fn of(assertion: Element<'e>) -> Result<Self, Rejection> {
        if assertion.local_name() == "EncryptedAssertion" {
            return Ok(Self::Encrypted { holder: assertion, namespaces: &[ns::SAML] });
        }
        Ok(Self::Plain { assertion, signature: dsig::signature_of(assertion)? })
    }
}

/// Holds what was decrypted to what stands in a response as it is: it is an assertion, not encrypted
/// again, of one of these namespaces, with no assertion inside and no signature but its own, which is
/// given.
pub(super) fn decrypted_assertion<'e>(
    root: Element<'e>,
    namespaces: &[&str],
) -> Result<Option<Signature<'e>>, Rejection> {
    if root.local_name() != "Assertion" || !namespaces.contains(&root.namespace()) {
        let found = root.local_name().to_owned();
        return Err(Rejection::new(Code::DecryptedContent, "an Assertion", found));
    }
    let signature = dsig::signature_of(root)?;
    placement(root, None, &[Some(root)])?;
    Ok(signature)
}

/// Whether an element is an assertion, plain or encrypted, of SAML 2.0 or 1.1.
pub(crate) fn is_assertion(element: Element<'_>) -> bool {
    match element.local_name() {
        "Assertion" => matches!(element.namespace(), ns::SAML | ns::SAML1),
        "EncryptedAssertion" => element.namespace() == ns::SAML,
        _ => false,
    }
}

/// The assertion, plain or encrypted, that stands directly in the response, if one does. A second one
/// is refused whoever signed it: which of them is meant would be the reader's choice.
fn only_assertion(root: Element<'_>) -> Result<Option<Element<'_>>, Rejection> {
    let mut assertions = root.children().filter(|child| is_assertion(*child));
    let first = assertions.next();
    match assertions.count() {
        0 => Ok(first),
        more => {
            let found = format!("{} assertions", more + 1);
            Err(Rejection::new(Code::AssertionCount, "exactly one assertion", found))
        }
    }
}

/// Refuses every assertion inside an element but the one that is looked at, and signatures anywhere but
/// directly in the elements that may have one.
pub(crate) fn placement<'e>(
    root: Element<'e>,
    assertion: Option<Element<'e>>,
    may_be_signed: &[Option<Element<'e>>],
) -> Result<(), Rejection> {
    for element in root.descendants() {
        let Some(parent) = element.parent() else { continue };
        let within = || format!("in {}", parent.local_name());
        if is_assertion(element) && Some(element) != assertion {
            let expected = "no assertion but the one that the message carries";
            return Err(Rejection::new(Code::AssertionNested, expected, within()));
        }
        if element.is(ns::DS, "Signature") && !may_be_signed.contains(&Some(parent)) {
            // Inside a message of its own it may well be a good signature, but not of this message.
            let another_message = parent.namespace() == ns::SAMLP && parent.id().is_some();
            let code =
                if another_message { Code::ReferenceNotRoot } else { Code::SignaturePosition };
            let expected = "signatures directly in the message or its assertion alone";
            return Err(Rejection::new(code, expected, within()));
        }
    }
    Ok(())
}
