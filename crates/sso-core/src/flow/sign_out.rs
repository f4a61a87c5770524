//! Ending a session here (SPEC 2, `single_logout`).

use super::{Bridge, token};
use crate::connection::{SingleLogout, Slot};
use crate::store::{Store, StoreError};
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
        let at_idp = connection
            .as_ref()
            .map(|connection| connection.settings.common())
            .filter(|settings| settings.single_logout == SingleLogout::RedirectOnly)
            .and_then(|settings| settings.logout_url.cloned());
        let next = match (at_idp, return_to) {
            (None, Some(to)) => self.target(to, &org).await?.map(|target| target.url),
            (at_idp, _) => at_idp,
        };
        Ok(Some(SignedOut { next }))
    }
}
