//! An assertion is read from a verified element alone.
// error: E0308

use sso_core::error::Rejection;
use sso_core::saml::{Assertion, EncryptedParts};
use sso_core::xml::Element;

pub fn read<'e>(
    element: &'e Element<'e>,
    parts: &'e EncryptedParts<'_>,
) -> Result<Assertion<'e>, Rejection> {
    Assertion::read(element, parts)
}
