//! Nothing but a verified signature makes an element signed.
// error: E0451

use sso_core::dsig::SignedXml;
use sso_core::xml::Element;

pub fn forged<'d>(element: Element<'d>, like: SignedXml<'d>) -> SignedXml<'d> {
    SignedXml { element, ..like }
}
