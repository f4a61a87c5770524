//! Where a browser is sent of what it, or an identity provider, asked for (SPEC 5.1, 5.2): nowhere but
//! to the allow-list, of which registered applications are the part that the store has.

use super::Bridge;
use crate::application::{self, Application};
use crate::connection::Connection;
use crate::login::target;
use crate::org::Org;
use crate::store::{Store, StoreError};
use url::Url;

/// Where a login or a logout goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: Url,
    /// Whether an application on mobile devices is there, which has its own session lifetime (SPEC 5.4).
    pub(super) is_mobile: bool,
}

impl<S: Store> Bridge<S> {
    /// What was asked for, if it is allowed.
    pub(super) async fn target(
        &self,
        asked: &str,
        org: &Org,
    ) -> Result<Option<Target>, StoreError> {
        let Some(url) = target::read(asked, &self.public_url) else { return Ok(None) };
        let application = self.application_of(&url).await?;
        let own = target::is_allowed(&url, &self.public_url, self.cookie_domain.as_ref(), org);
        if application.is_none() && !own {
            return Ok(None);
        }
        Ok(Some(Target { is_mobile: application.is_some_and(|app| app.settings.mobile), url }))
    }

    /// Where a login goes: to what was asked for, if that is allowed, else to the connection's default.
    /// `None` is the landing page.
    pub(super) async fn destination(
        &self,
        asked: Option<&str>,
        connection: &Connection,
        org: &Org,
    ) -> Result<Option<Target>, StoreError> {
        if let Some(asked) = asked
            && let Some(target) = self.target(asked, org).await?
        {
            return Ok(Some(target));
        }
        let Some(url) = connection.settings.common().default_target_url.cloned() else {
            return Ok(None);
        };
        let application = self.application_of(&url).await?;
        Ok(Some(Target { is_mobile: application.is_some_and(|app| app.settings.mobile), url }))
    }

    /// The registered application that holds an address, the one whose own comes closest.
    async fn application_of(&self, url: &Url) -> Result<Option<Application>, StoreError> {
        let found = self.store.applications_at(&application::origin(url)).await?;
        Ok(found
            .into_iter()
            .filter_map(|application| Some((application.holds(url)?, application)))
            .max_by_key(|(length, _)| *length)
            .map(|(_, application)| application))
    }
}
