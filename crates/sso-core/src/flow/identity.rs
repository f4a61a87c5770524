//! Who is signed in, told to an application behind a proxy (SPEC 6, `GET /auth/verify`): the account,
//! and a signed token that says the same.

use super::Bridge;
use crate::ids::AccountId;
use crate::jwt::{JwkSet, JwtError, JwtKey, generate_private_key};
use crate::org::OrgName;
use crate::provisioning::Account;
use crate::random;
use crate::store::{Session, Store, StoreError, TokenKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// The longest a token holds (SPEC 6).
const TOKEN_LIFETIME: Duration = Duration::seconds(60);

/// A person who is signed in, as an application is told.
#[derive(Debug, Clone)]
pub struct Identified {
    /// The account.
    pub account: Account,
    /// A JWT that says so, for one application and for at most a minute.
    pub token: String,
}

/// What a token says (RFC 7519 4.1; OpenID Connect Core 5.1 for `email` and `name`).
#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: AccountId,
    org: &'a OrgName,
    email: Option<&'a str>,
    name: &'a str,
    groups: &'a [String],
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: &'a str,
}

impl<S: Store> Bridge<S> {
    /// Who the session of a cookie is of, for the application at `audience` (its host, with the port
    /// where that is not the scheme's own). The store is asked each time, so that an ended session and
    /// a deactivated account count at once; the token is made once and handed out again.
    ///
    /// # Errors
    ///
    /// The store's, or the token cannot be signed.
    pub async fn identify(
        &self,
        session_token: &str,
        audience: &str,
    ) -> Result<Option<Identified>, StoreError> {
        let Some((session, account)) = self.session(session_token).await? else { return Ok(None) };
        let now = self.clock.now();
        if let Some(token) = self.identity_tokens.kept(&session, &account, audience, now) {
            return Ok(Some(Identified { account, token }));
        }
        let key = self.token_key().await?;
        let expires_at = expires_at(&session, now);
        let token = key
            .sign(&Claims {
                iss: self.public_url.as_str().trim_end_matches('/'),
                aud: audience,
                sub: account.id,
                org: &account.org,
                email: account.email(),
                name: &account.shown_name(),
                groups: &account.groups,
                iat: now.unix_timestamp(),
                nbf: now.unix_timestamp(),
                exp: expires_at.unix_timestamp(),
                jti: &URL_SAFE_NO_PAD.encode(random::bytes::<16>(self.random())),
            })
            .map_err(failed)?;
        self.identity_tokens.keep(&session, &account, audience, expires_at, &token, now);
        Ok(Some(Identified { account, token }))
    }

    /// The public keys that tokens verify with (SPEC 6, `GET /oauth2/jwks`).
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn token_verification_keys(&self) -> Result<JwkSet, StoreError> {
        Ok(JwkSet { keys: vec![self.token_key().await?.public().clone()] })
    }

    /// The key that signs, made at first need.
    async fn token_key(&self) -> Result<Arc<JwtKey>, StoreError> {
        if let Some(key) = self.token_key.get() {
            return Ok(Arc::clone(key));
        }
        let stored = match self.store.token_key().await? {
            Some(stored) => stored,
            None => {
                let private_key = generate_private_key().map_err(failed)?;
                let made = TokenKey { created_at: self.clock.now(), private_key };
                self.store.first_token_key(made).await?
            }
        };
        let key = JwtKey::from_pkcs8_der(&stored.private_key).map_err(failed)?;
        Ok(Arc::clone(self.token_key.get_or_init(|| Arc::new(key))))
    }
}

/// A token never outlives the session that it tells of (ATTACKS BRG-03).
fn expires_at(session: &Session, now: OffsetDateTime) -> OffsetDateTime {
    session.made.ends_at(session.last_used_at).min(now + TOKEN_LIFETIME)
}

fn failed(error: JwtError) -> StoreError {
    StoreError::Engine(error.to_string())
}
