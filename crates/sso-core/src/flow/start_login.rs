//! An SP-initiated login begins (SPEC 5.1).

use super::attempt::Attempt;
use super::refusal::{Ended, Refusal};
use super::target::Target;
use super::{Bridge, token};
use crate::bindings::Outbound;
use crate::connection::{Connection, Saml2Settings, Settings, SsoProfile, WsFedSettings};
use crate::dsig::SigningKey;
use crate::error::{Code, Rejection};
use crate::ids::saml_id;
use crate::login::{self, BrowserBinding, PendingLogin, StartError, start_at_idp};
use crate::org::{Org, OrgName};
use crate::random::{self, Random};
use crate::store::{Store, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;

/// What a browser asks for at `GET /sso/{org}/login`.
#[derive(Debug, Clone, Copy, Default)]
pub struct StartLogin<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// Where the person wants to go; left aside where it is not allowed.
    pub return_to: Option<&'a str>,
    /// Who is to sign in, as far as is known: a user name or an e-mail address.
    pub login_hint: Option<&'a str>,
    /// Whether the identity provider is to authenticate the person again.
    pub force_authn: bool,
    /// Whether it is a test login: it goes through the draft, and changes nothing (SPEC 2, `state`).
    pub is_test: bool,
    /// Whether a mobile client asks, which has its own session lifetime (SPEC 5.4).
    pub mobile: bool,
    /// The browser's binding cookie, if it has one already from another tab.
    pub browser: Option<&'a str>,
    /// The browser's session cookie, if it came: that session ends with the one that the login makes.
    pub session: Option<&'a str>,
}

/// A login that begins.
#[derive(Debug)]
pub enum StartedLogin {
    /// The browser goes to the identity provider.
    Leave {
        /// How it goes there.
        to: Outbound,
        /// The binding cookie that it must carry from now on.
        browser: String,
    },
    /// No login can begin.
    Refused(Box<Refusal>),
    /// There is no such organization.
    UnknownOrg,
}

impl<S: Store> Bridge<S> {
    /// Begins a login: keeps what its answer will be held against, and says where the browser goes.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn start_login(&self, asked: StartLogin<'_>) -> Result<StartedLogin, StoreError> {
        let Some(org) = self.store.org(&asked.org.to_ascii_lowercase()).await? else {
            return Ok(StartedLogin::UnknownOrg);
        };
        let mut attempt = Attempt::begin(&org.name, self.clock.now(), self.random());
        match self.begin(asked, &org, &mut attempt).await {
            Ok(Left { to, browser, .. }) => Ok(StartedLogin::Leave { to, browser }),
            Err(ended) => Ok(StartedLogin::Refused(self.refuse(attempt, org, ended).await?)),
        }
    }

    async fn begin(
        &self,
        asked: StartLogin<'_>,
        org: &Org,
        attempt: &mut Attempt,
    ) -> Result<Left, Ended> {
        let connection = self.came_through(asked.is_test, org, attempt).await??;
        let occasion = if asked.is_test { Occasion::Tested } else { Occasion::Asked };
        self.leave(asked, occasion, &connection, org, attempt).await
    }

    /// Where the browser goes, and what it carries.
    pub(super) async fn leave(
        &self,
        asked: StartLogin<'_>,
        occasion: Occasion,
        connection: &Connection,
        org: &Org,
        attempt: &Attempt,
    ) -> Result<Left, Ended> {
        let now = attempt.at;
        let (browser, hash) = self.browser(asked.browser);
        let target = self.destination(asked.return_to, connection, org).await?;
        let leaving = match &connection.settings {
            Settings::Saml2(settings) if settings.sso_profile == SsoProfile::Idp => {
                if occasion == Occasion::Tested {
                    let expected =
                        "a connection that asks for its logins, so that one is known to be a test";
                    let found = "one whose identity provider takes no requests";
                    return Err(Rejection::new(Code::ConnectionIncomplete, expected, found).into());
                }
                // It takes no request, so that nothing waits for its answer, which will name none.
                let target = target.as_ref().map(|target| target.url.as_str());
                let to = start_at_idp(settings, target, asked.login_hint);
                return Ok(Left { to, browser, request_id: None });
            }
            Settings::Saml2(settings) => {
                self.authn_request(asked, occasion, settings, org, now).await?
            }
            Settings::WsFed(settings) => self.sign_in_request(asked, occasion, settings, org, now),
        };
        let waiting = Waiting { asked, connection, target, browser: BrowserBinding(hash), now };
        self.wait(waiting, leaving.request_id.clone(), leaving.relay_state).await?;
        Ok(Left { to: leaving.to, browser, request_id: Some(leaving.request_id) })
    }

    /// Keeps what the answer to a login will be held against.
    pub(super) async fn wait(
        &self,
        waiting: Waiting<'_>,
        request_id: String,
        relay_state: Option<String>,
    ) -> Result<(), StoreError> {
        let Waiting { asked, connection, target, browser, now } = waiting;
        let pending = PendingLogin {
            request_id,
            org: connection.org.clone(),
            target_org: connection.org.clone(),
            connection: connection.id,
            slot: connection.slot,
            browser,
            relay_state,
            mobile: asked.mobile || target.as_ref().is_some_and(|target| target.is_mobile),
            return_to: target.map(|target| target.url.into()),
            replaces: asked.session.and_then(token::hash),
            created_at: now,
        };
        self.store.put_pending_login(pending).await
    }

    /// A login by SAML: its request has an ID, which the answer must name.
    async fn authn_request(
        &self,
        asked: StartLogin<'_>,
        occasion: Occasion,
        settings: &Saml2Settings,
        org: &Org,
        now: OffsetDateTime,
    ) -> Result<Leaving, Ended> {
        let make = |start: &login::Start<'_>| login::start(start);
        let (to, request_id, relay_state) =
            self.request_of_login(asked, occasion, settings, org, now, make).await?;
        Ok(Leaving { to, request_id, relay_state: Some(relay_state) })
    }

    /// Makes the request of a login by SAML, in the form of the one who carries it. Gives its ID and the
    /// handle beside it, too.
    pub(super) async fn request_of_login<T>(
        &self,
        asked: StartLogin<'_>,
        occasion: Occasion,
        settings: &Saml2Settings,
        org: &Org,
        now: OffsetDateTime,
        make: impl FnOnce(&login::Start<'_>) -> Result<T, StartError> + Send,
    ) -> Result<(T, String, String), Ended> {
        let signing_key = match settings.sign_authn_requests {
            true => self.active_key(&org.name).await?,
            false => None,
        };
        let request_id = saml_id(self.random());
        let relay_state = occasion.handle(self.random());
        let made = make(&login::Start {
            settings,
            urls: &self.service_urls(org),
            signing_key: signing_key.as_ref(),
            request_id: &request_id,
            relay_state: Some(&relay_state),
            login_hint: asked.login_hint,
            force_authn: asked.force_authn,
            now,
        });
        let made = made.map_err(|error| {
            Rejection::new(
                Code::ConnectionIncomplete,
                "a connection that can begin a login",
                error.to_string(),
            )
        })?;
        Ok((made, request_id, relay_state))
    }

    /// A login by WS-Federation: no answer names its request, so that the handle beside it, `wctx`, is
    /// what finds the login again.
    fn sign_in_request(
        &self,
        asked: StartLogin<'_>,
        occasion: Occasion,
        settings: &WsFedSettings,
        org: &Org,
        now: OffsetDateTime,
    ) -> Leaving {
        let request_id = occasion.handle(self.random());
        let to = login::start_wsfed(&login::StartWsFed {
            settings,
            urls: &self.service_urls(org),
            context: &request_id,
            login_hint: asked.login_hint,
            force_authn: asked.force_authn,
            now,
        });
        Leaving { to, request_id, relay_state: None }
    }

    /// The binding cookie of a browser and what is stored of it: the one that it has, if it is one of
    /// ours, else a new one.
    pub(super) fn browser(&self, cookie: Option<&str>) -> (String, [u8; 32]) {
        let known = cookie.and_then(|cookie| Some((cookie.to_owned(), token::hash(cookie)?)));
        known.unwrap_or_else(|| {
            let fresh = token::new(self.clock.now(), self.random());
            (fresh.text, fresh.digest)
        })
    }

    /// The key that signs for an organization now, if it has an active certificate.
    pub(super) async fn active_key(&self, org: &OrgName) -> Result<Option<SigningKey>, StoreError> {
        let keys = self.store.service_keys(org).await?;
        let active = keys.iter().find(|key| key.certificate.state.signs());
        let Some(active) = active else { return Ok(None) };
        SigningKey::from_pkcs8_der(&active.private_key, &active.certificate.der)
            .map(Some)
            .map_err(|error| StoreError::Engine(format!("the active service key: {error}")))
    }
}

/// A browser that leaves for the identity provider.
pub(super) struct Left {
    /// How it goes there.
    pub(super) to: Outbound,
    /// The binding cookie that it must carry from now on.
    pub(super) browser: String,
    /// The request that waits for the answer; `None` where the identity provider takes none.
    pub(super) request_id: Option<String>,
}

/// A login that waits for its answer.
pub(super) struct Waiting<'a> {
    pub(super) asked: StartLogin<'a>,
    pub(super) connection: &'a Connection,
    pub(super) target: Option<Target>,
    pub(super) browser: BrowserBinding,
    pub(super) now: OffsetDateTime,
}

/// A browser on its way to the identity provider, and what it carries that finds its login again.
struct Leaving {
    to: Outbound,
    request_id: String,
    relay_state: Option<String>,
}

/// Why a browser leaves for the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Somebody asked to sign in.
    Asked,
    /// A response that answered no request was thrown away (SPEC 5.2).
    Restarted,
    /// Somebody tries the draft out (SPEC 2, `state`).
    Tested,
}

impl Occasion {
    /// An opaque handle from which the occasion is seen when it comes back.
    fn handle(self, random: &dyn Random) -> String {
        format!("{}{}", self.prefix(), opaque_handle(random))
    }

    /// What its handles begin with. The rest of a handle has no point in it.
    fn prefix(self) -> &'static str {
        match self {
            Self::Asked => "",
            Self::Restarted => "again.",
            Self::Tested => "test.",
        }
    }

    /// Whether a text has the form of a handle, of whichever occasion.
    pub(super) fn is_handle(text: &str) -> bool {
        let mut bytes = [0; 16];
        [Self::Asked, Self::Restarted, Self::Tested].into_iter().any(|occasion| {
            let random = text.strip_prefix(occasion.prefix());
            random.is_some_and(|random| URL_SAFE_NO_PAD.decode_slice(random, &mut bytes) == Ok(16))
        })
    }

    /// Whether a handle is of this occasion. Of one that came back nobody vouches, of one that was kept we
    /// do.
    pub(super) fn is_named_by(self, handle: &str) -> bool {
        let named = handle.find('.').and_then(|point| handle.get(..=point)).unwrap_or_default();
        named == self.prefix()
    }

    /// Whether a login was begun on this occasion.
    pub(super) fn is_of(self, pending: &PendingLogin) -> bool {
        self.is_named_by(pending.relay_state.as_deref().unwrap_or(&pending.request_id))
    }
}

/// A handle of 128 random bits, far below RelayState's 80 bytes (SAML Bindings 3.4.3).
pub(super) fn opaque_handle(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<16>(random))
}
