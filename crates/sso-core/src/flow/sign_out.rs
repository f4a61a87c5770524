//! Ending a session here (SPEC 2, `single_logout`).

use super::{Bridge, token};
use crate::connection::{Settings, SingleLogout, Slot};
use crate::org::Org;
use crate::store::{Store, StoreError};
use crate::wsfed::SignOutRequest;
use url::Url;

/// A session that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    /// Where the browser goes; `None` is a page that says so.
    pub next: Option<Url>,
}

impl<S: Store> Bridge<S> {
    /// Ends the session of a cookie, if there is one, before anything else is looked at: a person
    /// who wants out is out whatever else fails. `None` is an unknown organization.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn sign_out(
        &self,
        org: &str,
        session: Option<&str>,
        return_to: Option<&str>,
    ) -> Result<Option<SignedOut>, StoreError> {
        if let Some(hash) = session.and_then(token::hash) {
            self.store.end_session(&hash).await?;
        }
        let Some(org) = self.store.org(&org.to_ascii_lowercase()).await? else { return Ok(None) };
        let connection = self.store.connection(&org.name, Slot::Live).await?;
        let return_to = match return_to {
            Some(to) => self.target(to, &org).await?.map(|target| target.url),
            None => None,
        };
        let at_idp = connection.and_then(|connection| {
            self.sign_out_at_idp(&connection.settings, &org, return_to.as_ref())
        });
        Ok(Some(SignedOut { next: at_idp.or(return_to) }))
    }

    /// Where the person signs out at the identity provider, if the connection has them do so.
    fn sign_out_at_idp(
        &self,
        settings: &Settings,
        org: &Org,
        return_to: Option<&Url>,
    ) -> Option<Url> {
        let common = settings.common();
        let logout_url = common.logout_url?;
        match (common.single_logout, settings) {
            (SingleLogout::RedirectOnly, _) => Some(logout_url.clone()),
            (SingleLogout::Saml, Settings::WsFed(settings)) => {
                let reply = self.sign_out_reply(org, return_to)?;
                let (realm, reply) = (settings.service_uri.as_str(), reply.as_str());
                Some(SignOutRequest { realm, reply }.url(logout_url))
            }
            (SingleLogout::Off, _) | (SingleLogout::Saml, Settings::Saml2(_)) => None,
        }
    }

    /// Where the federation service sends the browser back: our one address, since ADFS returns to what
    /// lies beneath it alone, with where the person goes then.
    fn sign_out_reply(&self, org: &Org, return_to: Option<&Url>) -> Option<Url> {
        let mut reply = Url::parse(&self.service_urls(org).wsfed).ok()?;
        if let Some(return_to) = return_to {
            reply.query_pairs_mut().append_pair("return_to", return_to.as_str());
        }
        Some(reply)
    }
}
