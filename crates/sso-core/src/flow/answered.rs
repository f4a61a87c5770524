//! The login that a message answers, held to the browser that began it, before anything in the message
//! is verified (SPEC 4.3, 5.1; ATTACKS WEB-01, WSF-07).

use super::refusal::Ended;
use super::{Bridge, token};
use crate::connection::Connection;
use crate::error::{Code, Rejection};
use crate::login::PendingLogin;
use crate::store::Store;
use time::OffsetDateTime;

impl<S: Store> Bridge<S> {
    /// The login that a message says it answers. What the message says of itself only finds the row:
    /// `browser`, the binding cookie, must be that of the browser that began it.
    pub(super) async fn answered(
        &self,
        request_id: &str,
        browser: Option<&str>,
        connection: &Connection,
        now: OffsetDateTime,
    ) -> Result<PendingLogin, Ended> {
        let pending = self.store.pending_login(request_id).await?.ok_or_else(|| {
            Rejection::new(
                Code::InResponseTo,
                "the ID of a login that was begun here",
                request_id.to_owned(),
            )
        })?;
        held_to_its_browser(&pending, browser, connection, now)?;
        Ok(pending)
    }
}

fn held_to_its_browser(
    pending: &PendingLogin,
    browser: Option<&str>,
    connection: &Connection,
    now: OffsetDateTime,
) -> Result<(), Rejection> {
    if pending.connection != connection.id || pending.slot != connection.slot {
        return Err(Rejection::new(
            Code::InResponseTo,
            "the ID of a login that was begun through this connection",
            pending.request_id.clone(),
        ));
    }
    if now >= pending.expires_at() {
        let seconds = (now - pending.created_at).whole_seconds();
        return Err(Rejection::new(
            Code::RequestExpired,
            format!("an answer within {} s", PendingLogin::LIFETIME.whole_seconds()),
            format!("an answer after {seconds} s"),
        ));
    }
    let hash = browser.and_then(token::hash);
    if !hash.is_some_and(|hash| openssl::memcmp::eq(&hash, &pending.browser.0)) {
        let found = if browser.is_some() { "another cookie" } else { "no cookie" };
        return Err(Rejection::new(
            Code::BrowserMismatch,
            "the cookie of the browser that began the login",
            found,
        ));
    }
    Ok(())
}
