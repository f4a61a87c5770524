//! A verified login has no copy and no default.
// error: E0277 E0599

use sso_core::login::VerifiedLogin;

pub fn copied(login: &VerifiedLogin) -> VerifiedLogin {
    VerifiedLogin::clone(login)
}

pub fn nobody() -> VerifiedLogin {
    VerifiedLogin::default()
}
