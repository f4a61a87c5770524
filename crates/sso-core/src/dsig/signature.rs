//! The structure of a signature, checked before any cryptography (SAML Core 5.4, ATTACKS 1, 2, 4, 6).

use crate::error::{Code, Rejection};
use crate::xml::{Element, Elements, c14n, ns};
use std::borrow::Cow;

const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// A signature whose structure is right: it stands where it may, is over the element that holds it
/// and nothing else, and has every part once. Whether it *holds* is what [`super::verify`] says.
#[derive(Debug)]
pub struct Signature<'d> {
    /// The element that holds the signature and that it is over.
    pub(super) parent: Element<'d>,
    pub(super) element: Element<'d>,
    pub(super) signed_info: Element<'d>,
    /// How `SignedInfo` is canonicalized.
    pub(super) signed_info_form: Form<'d>,
    pub(super) method: Element<'d>,
    /// How the element is canonicalized.
    pub(super) form: Form<'d>,
    pub(super) digest_method: Element<'d>,
    pub(super) digest_value: Cow<'d, str>,
    pub(super) value: Cow<'d, str>,
    pub(super) key_info: Option<Element<'d>>,
}

/// A canonicalization.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'d> {
    /// Exclusive, with this `PrefixList`.
    Exclusive(&'d str),
    Inclusive,
}

impl Form<'_> {
    pub(super) fn write(
        self,
        element: Element<'_>,
        omit: Option<Element<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<(), Rejection> {
        match self {
            Self::Exclusive(prefixes) => c14n::exclusive(element, prefixes, omit, out),
            Self::Inclusive => c14n::inclusive(element, omit, out),
        }
    }
}

impl<'d> Signature<'d> {
    /// The element that the signature is over.
    pub fn parent(&self) -> Element<'d> {
        self.parent
    }
}

/// Finds the signature of an element, which must be its direct child, and checks its structure.
///
/// # Errors
/// `signature_count`, `signature_position`, `signature_structure`, `reference_count`,
/// `reference_uri`, `reference_not_parent`, `reference_unresolved`, `transform_not_allowed`,
/// `signature_invalid` where there is no value.
pub fn signature_of(parent: Element<'_>) -> Result<Option<Signature<'_>>, Rejection> {
    let mut signatures = parent.children().filter(|child| child.is(ns::DS, "Signature"));
    let Some(element) = signatures.next() else { return Ok(None) };
    if signatures.next().is_some() {
        let found = format!("several in {}", parent.local_name());
        return Err(Rejection::new(Code::SignatureCount, "at most one signature", found));
    }
    position(parent, element)?;
    read(parent, element).map(Some)
}

/// The place that the schema gives a signature: first, but for an Issuer. SAML 1.1 assertions have it
/// last.
fn position(parent: Element<'_>, signature: Element<'_>) -> Result<(), Rejection> {
    let right = match parent.namespace() {
        ns::SAML1 => parent.children().last() == Some(signature),
        ns::SAML | ns::SAMLP => {
            let mut children = parent.children();
            let issuer = |child: &Element<'_>| child.is(ns::SAML, "Issuer");
            match children.next() {
                Some(first) if first == signature => !children.any(|child| issuer(&child)),
                Some(first) => issuer(&first) && children.next() == Some(signature),
                None => false,
            }
        }
        _ => parent.children().next() == Some(signature),
    };
    if right {
        return Ok(());
    }
    Err(Rejection::new(
        Code::SignaturePosition,
        "the signature where the schema has it: after Issuer",
        format!("elsewhere in {}", parent.local_name()),
    ))
}

fn read<'d>(parent: Element<'d>, element: Element<'d>) -> Result<Signature<'d>, Rejection> {
    // A comment would be dropped from the canonical form and could hide what another reader takes
    // for a value (ATTACKS SI-01).
    if element.has_comments() {
        return Err(structure("no comment", "one"));
    }
    let mut parts = Parts::of(element, &["Id"])?;
    let signed_info = parts.take("SignedInfo")?;
    let value = parts.value()?;
    let key_info = parts.take_if("KeyInfo");
    parts.end()?;

    let mut parts = Parts::of(signed_info, &["Id"])?;
    let canonicalization = parts.take("CanonicalizationMethod")?;
    let method = parts.take("SignatureMethod")?;
    let reference = parts.reference()?;
    parts.end()?;

    let mut parts = Parts::of(reference, &["Id", "URI", "Type"])?;
    let transforms = parts.take_if("Transforms");
    let digest_method = parts.take("DigestMethod")?;
    let digest_value = parts.take("DigestValue")?;
    parts.end()?;

    resolve(parent, reference)?;
    let signature = Signature {
        parent,
        element,
        signed_info,
        signed_info_form: canonicalization_of(canonicalization, parent)?,
        method,
        form: transform(transforms, parent)?,
        digest_method,
        digest_value: text(digest_value, &[])?,
        value: text(value, &["Id"])?,
        key_info,
    };
    Ok(signature)
}

/// SAML Core 5.4.2: `#` and the ID of the element that holds the signature.
fn resolve(parent: Element<'_>, reference: Element<'_>) -> Result<(), Rejection> {
    let uri = reference.attribute("URI").unwrap_or_default();
    let id = uri.strip_prefix('#').filter(|id| is_plain(id)).ok_or_else(|| {
        Rejection::new(Code::ReferenceUri, "URI=\"#ID\"", format!("URI=\"{uri}\""))
    })?;
    if parent.id() == Some(id) {
        return Ok(());
    }
    let root = std::iter::successors(Some(parent), |element| element.parent()).last();
    let resolved = root.is_some_and(|root| {
        root.id() == Some(id) || root.descendants().any(|element| element.id() == Some(id))
    });
    let code = if resolved { Code::ReferenceNotParent } else { Code::ReferenceUnresolved };
    Err(Rejection::new(code, format!("#{}", parent.id().unwrap_or_default()), uri.to_owned()))
}

/// Whether an ID is a plain name: no XPointer, no quotes, no path.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{B7}'))
}

/// SAML Core 5.4.4: enveloped-signature, then a canonicalization, nothing else. The result is the second.
fn transform<'d>(
    transforms: Option<Element<'d>>,
    parent: Element<'_>,
) -> Result<Form<'d>, Rejection> {
    let not_allowed = |found: &str| {
        Rejection::new(
            Code::TransformNotAllowed,
            "enveloped-signature, then exclusive canonicalization",
            found.to_owned(),
        )
    };
    let Some(transforms) = transforms else { return Err(not_allowed("none")) };
    plain(transforms, &[])?;
    let mut children = transforms.children();
    let mut next = || children.next();
    let (Some(enveloped), Some(canonicalization), None) = (next(), next(), next()) else {
        return Err(not_allowed("another number of transforms"));
    };
    let algorithm = enveloped.attribute("Algorithm").unwrap_or_default();
    if !enveloped.is(ns::DS, "Transform") || algorithm != ENVELOPED {
        return Err(not_allowed(algorithm));
    }
    plain(enveloped, &["Algorithm"])?;
    if enveloped.children().next().is_some() {
        return Err(not_allowed("a parameter of enveloped-signature"));
    }
    if !canonicalization.is(ns::DS, "Transform") {
        return Err(not_allowed(canonicalization.local_name()));
    }
    canonicalization_of(canonicalization, parent)
}

/// A `CanonicalizationMethod` or the transform that is one: exclusive, without comments; inclusive only
/// where messages are that old, in SAML 1.1 and in metadata (SPEC 4.2).
fn canonicalization_of<'d>(
    method: Element<'d>,
    parent: Element<'_>,
) -> Result<Form<'d>, Rejection> {
    let algorithm = method.attribute("Algorithm").unwrap_or_default();
    let not_allowed =
        |found: &str| Rejection::new(Code::TransformNotAllowed, ns::EXC_C14N, found.to_owned());
    let inclusive =
        algorithm == C14N && matches!(parent.namespace(), ns::SAML1 | ns::SAMLP1 | ns::MD);
    if algorithm != ns::EXC_C14N && !inclusive {
        return Err(not_allowed(algorithm));
    }
    plain(method, &["Algorithm"])?;
    let mut parameters = method.children();
    match (parameters.next(), parameters.next()) {
        (None, _) if inclusive => Ok(Form::Inclusive),
        (Some(other), _) if inclusive => Err(not_allowed(other.local_name())),
        (None, _) => Ok(Form::Exclusive("")),
        (Some(list), None) if list.is(ns::EXC_C14N, "InclusiveNamespaces") => {
            plain(list, &["PrefixList"])?;
            if list.children().next().is_some() {
                return Err(structure("nothing in InclusiveNamespaces", "an element"));
            }
            Ok(Form::Exclusive(list.attribute("PrefixList").unwrap_or_default()))
        }
        (Some(other), _) => Err(not_allowed(other.local_name())),
    }
}

/// The text of an element that has nothing else.
fn text<'d>(element: Element<'d>, attributes: &[&str]) -> Result<Cow<'d, str>, Rejection> {
    only(element, attributes)?;
    element.text().map_err(|_| structure("text alone in a value", "an element"))
}

/// Checks that an element has no attributes but these.
fn only(element: Element<'_>, attributes: &[&str]) -> Result<(), Rejection> {
    for (namespace, local, _) in element.attributes() {
        if !namespace.is_empty() || !attributes.contains(&local) {
            return Err(structure("no other attribute", local));
        }
    }
    Ok(())
}

/// Checks that an element has no attributes but these and no text between its elements.
pub(super) fn plain(element: Element<'_>, attributes: &[&str]) -> Result<(), Rejection> {
    only(element, attributes)?;
    if element.has_text() {
        return Err(structure("elements alone", "a text"));
    }
    Ok(())
}

pub(super) fn structure(expected: &'static str, found: &str) -> Rejection {
    Rejection::new(Code::SignatureStructure, expected, found.to_owned())
}

/// The children of an element, taken in schema order.
struct Parts<'d> {
    children: std::iter::Peekable<Elements<'d>>,
}

impl<'d> Parts<'d> {
    fn of(element: Element<'d>, attributes: &[&str]) -> Result<Self, Rejection> {
        plain(element, attributes)?;
        Ok(Self { children: element.children().peekable() })
    }

    /// The next child, if it is the one of that name.
    fn take_if(&mut self, local: &str) -> Option<Element<'d>> {
        self.children.next_if(|child| child.is(ns::DS, local))
    }

    fn take(&mut self, local: &'static str) -> Result<Element<'d>, Rejection> {
        self.take_if(local).ok_or_else(|| self.unexpected(local))
    }

    /// The value of the signature. One without is a signature that does not hold (ATTACKS SI-04).
    fn value(&mut self) -> Result<Element<'d>, Rejection> {
        match self.children.peek() {
            None => Err(Rejection::new(Code::SignatureInvalid, "a SignatureValue", "none")),
            Some(next) if next.is(ns::DS, "KeyInfo") => {
                Err(Rejection::new(Code::SignatureInvalid, "a SignatureValue", "none"))
            }
            Some(_) => self.take("SignatureValue"),
        }
    }

    /// The one reference. SAML Core 5.4.2 has its own rule for their number.
    fn reference(&mut self) -> Result<Element<'d>, Rejection> {
        let count = |found| Err(Rejection::new(Code::ReferenceCount, "one Reference", found));
        match (self.take_if("Reference"), self.take_if("Reference")) {
            (Some(reference), None) => Ok(reference),
            (Some(_), Some(_)) => count("several"),
            (None, _) if self.children.peek().is_none() => count("none"),
            (None, _) => Err(self.unexpected("Reference")),
        }
    }

    fn end(&mut self) -> Result<(), Rejection> {
        if self.children.peek().is_some() { Err(self.unexpected("nothing more")) } else { Ok(()) }
    }

    fn unexpected(&mut self, expected: &'static str) -> Rejection {
        structure(expected, self.children.peek().map_or("nothing", |child| child.local_name()))
    }
}
