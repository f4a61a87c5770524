//! A token comes back from a federation service (SPEC 3, 5.1; WS-Federation 1.2, 13.2.2).
//!
//! Nothing in a token names the request that it answers: `wctx`, the handle of a login that was begun
//! here, and the browser's cookie bind it. A token without such a handle answers nothing, and is held to
//! what holds of every login that the identity provider began (SPEC 5.2).

use super::attempt::Attempt;
use super::finish_login::{CONFIRMED, POSTED_AGAIN, Posted};
use super::refusal::Ended;
use super::sign_in::Landing;
use super::start_login::Occasion;
use super::unsolicited::{Brought, Unsolicited};
use super::{Bridge, FinishedLogin, KeyRefresh};
use crate::bindings::Message;
use crate::connection::Connection;
use crate::error::{Code, Rejection};
use crate::login::{
    RelyingParty, Trace, UNSOLICITED_MAX_AGE, verify_token_response,
    verify_unsolicited_token_response,
};
use crate::org::Org;
use crate::store::{Store, StoreError};

/// What a browser posts at `POST /wsfed/{org}`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostedToken<'a> {
    /// The organization's name or one of its domains.
    pub org: &'a str,
    /// The form field `wresult`, as posted.
    pub wresult: &'a str,
    /// The form field `wctx`, if it came.
    pub wctx: Option<&'a str>,
    /// The browser's binding cookie, if it came.
    pub browser: Option<&'a str>,
    /// The browser's session cookie, if it came.
    pub session: Option<&'a str>,
    /// The cookie of [`FinishedLogin::Restarted`], if it came.
    pub restarted: Option<&'a str>,
    /// Every field of the form, decoded: our own pages add [`POSTED_AGAIN`] and [`CONFIRMED`].
    pub form: &'a [(String, String)],
}

impl<S: Store> Bridge<S> {
    /// Finishes a login with the token that a browser brought, as
    /// [`finish_login_with`](Bridge::finish_login_with) does with a response.
    ///
    /// # Errors
    ///
    /// The store's. Nothing is stored then, and the same token can be posted again.
    pub async fn finish_wsfed_login_with(
        &self,
        posted: PostedToken<'_>,
        keys: &impl KeyRefresh,
    ) -> Result<FinishedLogin, StoreError> {
        self.finish(Posted::Token(posted), keys).await
    }

    pub(super) async fn token(
        &self,
        posted: PostedToken<'_>,
        mut connection: Connection,
        org: &Org,
        keys: &impl KeyRefresh,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let xml = posted.wresult.as_bytes();
        if xml.trim_ascii().is_empty() {
            let found = "an empty field";
            return Err(Rejection::new(Code::MissingMessage, "a wresult", found).into());
        }
        attempt.brought(xml);
        let message = Message::parse(xml)?;
        let landing = match posted.wctx.filter(|wctx| Occasion::is_handle(wctx)) {
            Some(handle) => {
                let now = attempt.at;
                let answered = self.answered(handle, posted.browser, &connection, now).await?;
                Landing::answering(answered, posted.session)
            }
            None => {
                let target = posted.target(connection.settings.common().target_parameter);
                let brought = posted.brought(target.as_deref());
                match self.unsolicited(xml, brought, &connection, org, attempt).await? {
                    Unsolicited::Verify(landing) => landing,
                    Unsolicited::Ends(finished) => return Ok(finished),
                }
            }
        };
        let (at, solicited) = (attempt.at, landing.request_id.is_some());
        let judge = |party: &RelyingParty, trace: &mut Trace| match solicited {
            true => verify_token_response(&message, party, at, trace),
            false => {
                let age = UNSOLICITED_MAX_AGE;
                verify_unsolicited_token_response(&message, party, age, at, trace)
            }
        };
        let login = self.judged(&mut connection, org, keys, attempt, judge).await?;
        self.sign_in(&login, landing, org, &connection, attempt).await
    }
}

impl<'a> PostedToken<'a> {
    fn field(&self, name: &str) -> Option<&'a str> {
        self.form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Where a login that the identity provider began is to go: a parameter of the query that `wctx`
    /// then is (SPEC 3).
    fn target(&self, parameter: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.wctx?.as_bytes());
        pairs.find(|(name, _)| name == parameter).map(|(_, value)| value.into_owned())
    }

    fn brought<'b>(&'b self, target: Option<&'b str>) -> Brought<'b> {
        Brought {
            browser: self.browser,
            session: self.session,
            restarted: self.restarted,
            target,
            handle: None,
            posted_again: self.field(POSTED_AGAIN),
            confirmed: self.field(CONFIRMED),
        }
    }
}
