//! Who asks: a directory with a SCIM token of the organization that the path names (RFC 7644 2). A token of
//! one organization opens no other, and none of the Admin API opens this.

use super::answer::Refused;
use crate::app::App;
use crate::http::api_secret;
use crate::http::path::Path;
use crate::http::principal::bearer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sso_core::flow::DirectoryClient;
use sso_core::org::Org;
use sso_core::scim::ScimError;
use sso_core::store::{ApiToken, ApiTokenStore as _, ConfigurationStore as _, TokenRight};
use std::collections::HashMap;
use std::sync::Arc;

/// A directory at work for its organization.
pub(super) struct Directory {
    pub(super) app: Arc<App>,
    pub(super) org: Org,
    /// The token's identifier.
    name: String,
}

impl Directory {
    /// As one who writes accounts.
    pub(super) fn client(&self) -> DirectoryClient<'_> {
        DirectoryClient { name: &self.name }
    }

    /// Where the resources of the organization are.
    pub(super) fn base(&self) -> String {
        self.app.public_url.join(&format!("/scim/v2/{}", self.org.name))
    }
}

/// A SCIM token that is known and live, of whichever organization: nobody else learns what exists.
pub(super) struct KnownToken(ApiToken);

impl FromRequestParts<Arc<App>> for KnownToken {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let unknown =
            || Refused(ScimError::new(401, "The token is not known here, or has expired."));
        let hash = bearer(&parts.headers).and_then(api_secret::hash).ok_or_else(unknown)?;
        let token = app.store().api_token_by_secret(&hash).await?.ok_or_else(unknown)?;
        match token.right == TokenRight::Scim && token.is_live(app.now()) {
            true => Ok(Self(token)),
            false => Err(unknown()),
        }
    }
}

impl FromRequestParts<Arc<App>> for Directory {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let KnownToken(token) = KnownToken::from_request_parts(parts, app).await?;
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let named = path.ok().and_then(|Path(mut path)| path.remove("org"));
        let org = match named {
            Some(named) => app.store().org(&named).await?,
            None => None,
        };
        match org {
            Some(org) if org.name == token.org => {
                Ok(Self { app: app.clone(), org, name: token.id.to_string() })
            }
            _ => {
                tracing::warn!(token = %token.id, "a token was used on another organization");
                let detail = "The token is for its own organization alone (foreign_org).";
                Err(Refused(ScimError::new(403, detail)))
            }
        }
    }
}
