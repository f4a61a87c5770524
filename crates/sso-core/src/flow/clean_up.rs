//! A federation service signs a browser out here, or sends it back from its own sign-out (SPEC 3, 5.3;
//! WS-Federation 1.2, 13.2.4).
//!
//! A clean-up is no message: it names nobody, nothing in it is signed, and anybody can have a browser open
//! it. So it ends what this browser has and nothing else, and leads to the identity provider or nowhere
//! (ATTACKS SLO-06, WSF-08).

use super::sign_out::{IdpSession, SignOutEnd};
use super::{Bridge, token};
use crate::connection::{Settings, Slot};
use crate::store::{Store, StoreError};
use crate::wsfed::clean_up_reply;

/// What a browser brings to a clean-up.
#[derive(Debug, Clone, Copy, Default)]
pub struct CleanUp<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The session's cookie. It does not come from a frame of another site.
    pub session: Option<&'a str>,
    /// The cookie that names the session, which does
    /// ([`SignedInBrowser::clean_up`](super::SignedInBrowser::clean_up)).
    pub named: Option<&'a str>,
    /// `wreply`: where the federation service wants the browser back.
    pub reply: Option<&'a str>,
}

impl<S: Store> Bridge<S> {
    /// Ends the session of a browser, before anything else is looked at. `None` is an unknown
    /// organization.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn clean_up(&self, asked: CleanUp<'_>) -> Result<Option<SignOutEnd>, StoreError> {
        let sessions = [asked.session.and_then(token::hash), asked.named.and_then(token::named)];
        for session in sessions.into_iter().flatten() {
            self.store.end_session(&session).await?;
        }
        let Some(org) = self.store.org(&asked.org.to_ascii_lowercase()).await? else {
            return Ok(None);
        };
        let connection = self.store.connection(&org.name, Slot::Live).await?;
        let idp = match connection.as_ref().map(|connection| &connection.settings) {
            Some(Settings::WsFed(settings)) => {
                [Some(&settings.sso_url), settings.logout_url.as_ref()]
            }
            _ => [None, None],
        };
        let idp: Vec<_> = idp.into_iter().flatten().collect();
        let next = asked.reply.and_then(|reply| clean_up_reply(reply, &idp));
        Ok(Some(SignOutEnd { next, idp: IdpSession::NotAsked }))
    }

    /// Where a browser goes that comes back from its identity provider, signed out there. `None` is an
    /// unknown organization.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn signed_out(
        &self,
        org: &str,
        return_to: Option<&str>,
    ) -> Result<Option<SignOutEnd>, StoreError> {
        let Some(org) = self.store.org(&org.to_ascii_lowercase()).await? else { return Ok(None) };
        let next = match return_to {
            Some(to) => self.target(to, &org).await?.map(|target| target.url),
            None => None,
        };
        Ok(Some(SignOutEnd { next, idp: IdpSession::NotAsked }))
    }
}
