//! Who asks the Admin API: the holder of a token that is known here (SPEC 6, 10). It answers who asks,
//! never whether they may: that is [`access`](super::access).

use super::api_code::ApiCode;
use super::api_secret;
use super::problem::Problem;
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sso_core::org::OrgName;
use sso_core::provisioning::AdminRole;
use sso_core::store::ApiTokenStore as _;
use std::sync::Arc;
use time::OffsetDateTime;

/// Who carries out a request of the Admin API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Who runs the service.
    Operator {
        /// What the audit trail calls them, as this process has it.
        name: &'static str,
    },
    /// The holder of a token of an organization.
    Token {
        /// What the audit trail calls it: the token's identifier.
        name: String,
        /// The one organization that it is good for.
        org: OrgName,
        /// What it may do there.
        role: AdminRole,
        /// When the token ends.
        ends_at: OffsetDateTime,
    },
}

impl Principal {
    /// What the audit trail calls it (SPEC 13, `administrator`).
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Operator { name } => name,
            Self::Token { name, .. } => name,
        }
    }

    /// What it may do in an organization that it has access to (SPEC 10). The operator may what an
    /// Organization Administrator may, and more: ask [`Principal::is_operator`] for that.
    pub(crate) fn role(&self) -> AdminRole {
        match self {
            Self::Operator { .. } => AdminRole::OrgAdmin,
            Self::Token { role, .. } => *role,
        }
    }

    /// When it loses its access at the latest, in UTC; `None` where that has no end.
    pub(crate) fn ends_at(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Operator { .. } => None,
            Self::Token { ends_at, .. } => Some(*ends_at),
        }
    }

    /// Whether it runs the service.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self, Self::Operator { .. })
    }
}

/// Lets a request through that carries a token that is known, and adds the [`Principal`] to it. It
/// stands before the whole Admin API, paths that do not exist among them, so that nobody else learns
/// what exists.
pub(crate) async fn require(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    match authenticate(&app, request.headers()).await {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Principal, Problem> {
    let unauthorized = |detail| Problem::new(ApiCode::Unauthorized, detail);
    let token = bearer(headers)
        .ok_or_else(|| unauthorized("Send a token as \"Authorization: Bearer TOKEN\"."))?;
    if app.operator.token.matches(token) {
        return Ok(Principal::Operator { name: app.operator.name });
    }
    let found = match api_secret::hash(token) {
        Some(hash) => app.store().api_token_by_secret(&hash).await?,
        None => None,
    };
    let token = found.ok_or_else(|| unauthorized("The token is not known here."))?;
    let Some(role) = token.right.role() else {
        return Err(unauthorized("The token is for SCIM alone."));
    };
    if !token.is_live(app.now()) {
        return Err(unauthorized("The token has expired."));
    }
    Ok(Principal::Token {
        name: token.id.to_string(),
        org: token.org,
        role,
        ends_at: token.expires_at,
    })
}

/// The token of the one `Authorization` header, by RFC 6750 2.1.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    let alone = values.next().is_none();
    (alone && scheme.eq_ignore_ascii_case("bearer")).then_some(token.trim())
}
