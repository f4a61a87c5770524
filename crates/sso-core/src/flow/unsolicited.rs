//! A login that the identity provider began (SPEC 5.2): what a message that answers no request may do,
//! whichever protocol brought it.
//!
//! Nothing in such a message ties it to the browser that brings it: anybody can have a browser post
//! their own, or a stolen one. So it is refused unless the connection takes it; where it restarts,
//! nothing of it is used but where the person wants to go; and where it is accepted, nobody else's
//! session is replaced unless that person says so, on a page of ours (ATTACKS PROT-12, WEB-01).

use super::attempt::Attempt;
use super::own_page::{self, Purpose};
use super::refusal::Ended;
use super::sign_in::Landing;
use super::start_login::{Left, Occasion};
use super::{Bridge, FinishedLogin, StartLogin, token};
use crate::connection::{Connection, IdpInitiated, Slot};
use crate::error::{Code, Rejection};
use crate::login::BrowserBinding;
use crate::org::Org;
use crate::store::Store;

/// What a browser brings beside a message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Brought<'a> {
    /// Its binding cookie.
    pub(super) browser: Option<&'a str>,
    /// The cookie of its session. It comes with a post of our own site alone.
    pub(super) session: Option<&'a str>,
    /// The cookie that counts how often logins were begun anew.
    pub(super) restarted: Option<&'a str>,
    /// Where the person wants to go.
    pub(super) target: Option<&'a str>,
    /// The opaque handle that came back, where it can be one of a login that was begun here.
    pub(super) handle: Option<&'a str>,
    /// What our page had it post that has every such message posted again.
    pub(super) posted_again: Option<&'a str>,
    /// What our page had it post that asks whether to replace a session.
    pub(super) confirmed: Option<&'a str>,
}

/// What becomes of an unsolicited message.
pub(super) enum Unsolicited {
    /// It is held to every rule, and may sign somebody in.
    Verify(Landing),
    /// It is not looked at any further.
    Ends(FinishedLogin),
}

impl<S: Store> Bridge<S> {
    /// Decides what becomes of a message that answers no request, before anything in it is verified.
    pub(super) async fn unsolicited(
        &self,
        message: &[u8],
        brought: Brought<'_>,
        connection: &Connection,
        org: &Org,
        attempt: &mut Attempt,
    ) -> Result<Unsolicited, Ended> {
        attempt.began_at_idp();
        if connection.slot != Slot::Live {
            return Err(not_allowed("one that answers none, through a draft").into());
        }
        match connection.settings.common().idp_initiated {
            IdpInitiated::Off => Err(not_allowed("one that answers none").into()),
            IdpInitiated::Restart => {
                self.restart(brought, connection, org, attempt).await.map(Unsolicited::Ends)
            }
            IdpInitiated::Accept => self.accept(message, brought, connection, org).await,
        }
    }

    /// Decides what becomes of an artifact that answers no request. It can be resolved but once, so that no
    /// page of ours could have it brought again: where a response would be accepted, the login begins anew,
    /// too, and nothing of the message is used.
    pub(super) async fn unsolicited_artifact(
        &self,
        brought: Brought<'_>,
        connection: &Connection,
        org: &Org,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        attempt.began_at_idp();
        match connection.settings.common().idp_initiated {
            _ if connection.slot != Slot::Live => {
                Err(not_allowed("one that answers none, through a draft").into())
            }
            IdpInitiated::Off => Err(not_allowed("one that answers none").into()),
            IdpInitiated::Restart | IdpInitiated::Accept => {
                self.restart(brought, connection, org, attempt).await
            }
        }
    }

    /// Throws the message away and begins a login that is bound to the browser, at the same identity
    /// provider. Whoever it was about, the person who answers there is who signs in.
    async fn restart(
        &self,
        brought: Brought<'_>,
        connection: &Connection,
        org: &Org,
        attempt: &mut Attempt,
    ) -> Result<FinishedLogin, Ended> {
        let occasion = Occasion::Restarted;
        let comes_back = brought.handle.is_some_and(|handle| occasion.is_named_by(handle));
        let restarts = self.restarts(brought.restarted, connection, attempt.at).await?;
        if comes_back || restarts.are_enough() {
            // It would go round for ever: the identity provider answers requests without naming them.
            return Err(Rejection::new(
                Code::RestartUnanswered,
                "a response that names the request which was begun anew",
                if comes_back {
                    "one with its RelayState, naming none"
                } else {
                    "one that names none"
                },
            )
            .into());
        }
        let asked = StartLogin {
            org: org.name.as_str(),
            return_to: brought.target,
            browser: brought.browser,
            session: brought.session,
            ..StartLogin::default()
        };
        let Left { to, browser, request_id } =
            self.leave(asked, occasion, connection, org, attempt).await?;
        let restarted = restarts.and(&request_id.unwrap_or_default());
        Ok(FinishedLogin::Restarted { to, browser, restarted })
    }

    /// The session's cookie is `Lax`: a post from another site comes without it, whoever is signed in. So
    /// the message is posted once more, from a page of ours, before it is looked at.
    async fn accept(
        &self,
        message: &[u8],
        brought: Brought<'_>,
        connection: &Connection,
        org: &Org,
    ) -> Result<Unsolicited, Ended> {
        let (again, browser) = (Purpose::PostAgain, brought.browser);
        if !own_page::is_proven(brought.posted_again, again, browser, message) {
            let (browser, _) = self.browser(browser);
            let proof = own_page::proof(again, &browser, message);
            return Ok(Unsolicited::Ends(FinishedLogin::PostAgain { browser, proof }));
        }
        let live = match brought.session {
            Some(token) => self.session(token).await?,
            None => None,
        };
        let (replace, session) = (Purpose::Replace, brought.session);
        let is_asked = !own_page::is_proven(brought.confirmed, replace, session, message);
        let question = session.map(|token| own_page::proof(replace, token, message));
        let (replaces, account) =
            live.map(|(live, account)| (live.made.token_hash, account)).unzip();
        let target = self.destination(brought.target, connection, org).await?;
        Ok(Unsolicited::Verify(Landing {
            request_id: None,
            is_test: false,
            mobile: target.as_ref().is_some_and(|target| target.is_mobile),
            return_to: target.map(|target| target.url.into()),
            browser: browser.and_then(token::hash).map(BrowserBinding),
            replaces,
            asks: account.map(Box::new).zip(question).filter(|_| is_asked),
        }))
    }
}

pub(super) fn not_allowed(found: &'static str) -> Rejection {
    Rejection::new(Code::UnsolicitedNotAllowed, "a response to a request", found)
}
