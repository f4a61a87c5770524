//! Who asks: a directory with a SCIM token of the organization that the path names (RFC 7644 2). A token of
//! one organization opens no other, and none of the Admin API opens this.

use super::answer::Refused;
use crate::app::App;
use crate::http::api_secret;
use crate::http::path::Path;
use crate::http::principal::bearer;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use sso_core::flow::{Bridge, DirectoryClient};
use sso_core::org::Org;
use sso_core::scim::ScimError;
use sso_core::store::{
    ApiToken, ApiTokenStore as _, ConfigurationStore as _, TokenRight, TokenUse,
};
use sso_store::AnyStore;
use std::collections::HashMap;
use std::sync::Arc;

/// A directory at work for its organization.
pub(super) struct Directory {
    pub(super) app: Arc<App>,
    pub(super) org: Org,
    /// The token's identifier.
    name: String,
    is_dry_run: bool,
}

impl Directory {
    /// What carries out what it asks; in a dry run, what answers as if it did.
    pub(super) fn bridge(&self) -> &Bridge<AnyStore> {
        if self.is_dry_run { &self.app.trial } else { &self.app.bridge }
    }

    /// As one who writes accounts.
    pub(super) fn client(&self) -> DirectoryClient<'_> {
        DirectoryClient { name: &self.name }
    }

    /// Where the resources of the organization are.
    pub(super) fn base(&self) -> String {
        self.app.public_url.join(&format!("/scim/v2/{}", self.org.name))
    }
}

/// A SCIM token that is known, of whichever organization: nobody else learns what exists.
#[derive(Clone)]
pub(super) struct KnownToken(pub(super) ApiToken);

impl KnownToken {
    /// Whether every request with it is a dry run.
    pub(super) fn is_dry_run(&self) -> bool {
        self.0.right == TokenRight::ScimDryRun
    }

    /// The token that a request carries, expired or not.
    pub(super) async fn of(headers: &HeaderMap, app: &App) -> Result<Self, Refused> {
        let hash = bearer(headers).and_then(api_secret::hash).ok_or_else(Refused::token)?;
        let token = app.store().api_token_by_secret(&hash).await?;
        let token = token.filter(|token| token.right.usage() == TokenUse::Scim);
        token.map(Self).ok_or_else(Refused::token)
    }
}

impl FromRequestParts<Arc<App>> for Directory {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let token = parts.extensions.get::<KnownToken>().cloned();
        let token = token.ok_or_else(Refused::outside_of_its_layer)?;
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let named = path.ok().and_then(|Path(mut path)| path.remove("org"));
        let org = match named {
            Some(named) => app.store().org(&named).await?,
            None => None,
        };
        match org {
            Some(org) if org.name == token.0.org => Ok(Self {
                app: app.clone(),
                org,
                name: token.0.id.to_string(),
                is_dry_run: token.is_dry_run(),
            }),
            _ => {
                tracing::warn!(token = %token.0.id, "a token was used on another organization");
                let detail = "The token is for its own organization alone (foreign_org).";
                Err(Refused(ScimError::new(403, detail)))
            }
        }
    }
}
