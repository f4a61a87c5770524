//! What was decrypted stands for a part of an assertion only where the part is signed.
// error: E0423

use sso_core::dsig::Decrypted;
use sso_core::saml::EncryptedParts;
use sso_core::xml::Element;

pub fn forged<'p>(part: Element<'p>, decrypted: Decrypted<'p>) -> EncryptedParts<'p> {
    EncryptedParts(vec![(part, decrypted)])
}
