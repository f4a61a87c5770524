//! The unsigned outside of a message supplies nothing.
// error: E0277

use sso_core::login::VerifiedLogin;
use sso_core::saml::Envelope;

pub fn believed(envelope: Envelope<'_>) -> VerifiedLogin {
    envelope.into()
}
