//! Beginning a login by WS-Federation: where the browser goes (SPEC 3, 5.1). Pure.

use super::start::hinted;
use crate::bindings::Outbound;
use crate::connection::{ServiceUrls, WsFedSettings};
use crate::wsfed::SignInRequest;
use time::OffsetDateTime;

/// A login to begin by WS-Federation.
#[derive(Debug, Clone, Copy)]
pub struct StartWsFed<'a> {
    /// The settings of the connection.
    pub settings: &'a WsFedSettings,
    /// Our addresses for that organization.
    pub urls: &'a ServiceUrls,
    /// The opaque handle of the login, which comes back with the answer: nothing in a token names the
    /// request that it answers.
    pub context: &'a str,
    /// Who is to sign in, as far as is known: a user name or an e-mail address.
    pub login_hint: Option<&'a str>,
    /// Whether the person is to authenticate again, whatever the connection says.
    pub force_authn: bool,
    /// The current instant in UTC.
    pub now: OffsetDateTime,
}

/// Makes the sign-in request of a login. It is not signed: there is nothing in it to be forged that the
/// IdP does not know of us itself.
pub fn start_wsfed(login: &StartWsFed<'_>) -> Outbound {
    let settings = login.settings;
    let request = SignInRequest {
        realm: &settings.service_uri,
        reply: &login.urls.wsfed,
        context: login.context,
        at: login.now,
        method: settings.wauth.as_deref(),
        home_realm: settings.whr.as_deref(),
        freshness: if login.force_authn { Some(0) } else { settings.wfresh },
    };
    Outbound::Redirect(request.url(&hinted(&settings.sso_url, login.login_hint)))
}
