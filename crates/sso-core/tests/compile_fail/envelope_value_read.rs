//! A value of the unsigned outside cannot be read, not even to be put into a login by hand.
// error: E0616

use sso_core::saml::Envelope;

pub fn has_issuer(envelope: &Envelope<'_>) -> bool {
    envelope.issuer.is_some()
}
