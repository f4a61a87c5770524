//! The end of a logout: where the person wanted to go, or a page that says who is known to have signed
//! them out, and who is not (SPEC 5.3, partial logout).

use crate::app::App;
use crate::templates::{self, Link, SignedOut};
use axum::response::{IntoResponse as _, Redirect, Response};
use sso_core::flow::{IdpSession, SignOutEnd};
use sso_core::org::Org;
use sso_core::store::ConfigurationStore as _;

const OURS: (&str, &str) = ("This service", "Signed out");
/// The participant whose name is not known, which the database may be too busy to say.
const THEIRS: &str = "Your organization";

/// Goes on where nothing is left to tell; else shows the page, with the way on. `org`: the name or a domain
/// of the organization.
pub(crate) async fn ended(app: &App, org: &str, end: SignOutEnd) -> Response {
    let (state, sentence, refusal) = match end.idp {
        IdpSession::NotAsked | IdpSession::Ended if end.next.is_some() => {
            let next = end.next.as_ref().map_or("/", |next| next.as_str());
            return Redirect::to(next).into_response();
        }
        IdpSession::NotAsked => ("Not known", MAY_GO_ON, None),
        IdpSession::Ended => ("Signed out", "Both of your sessions have ended.", None),
        IdpSession::EndedInPart => (
            "Signed out, but not everywhere",
            "Your organization could not tell every other service. On a shared computer, sign out there \
             too and close the browser.",
            None,
        ),
        IdpSession::Unknown(refusal) => ("Not confirmed", MAY_GO_ON, Some(refusal)),
    };
    let next = match end.next {
        Some(next) => Link { href: next.into(), text: "Continue" },
        None => Link { href: "/".to_owned(), text: "Sign in again" },
    };
    let org = app.store().org(&org.to_ascii_lowercase()).await.unwrap_or_default();
    let theirs = org.as_ref().map_or(THEIRS, Org::shown_name);
    templates::page(&SignedOut {
        sentence,
        participants: vec![OURS, (theirs, state)],
        code: refusal.as_ref().map(|refusal| refusal.rejection.code.public()),
        trace: refusal.as_ref().map(|refusal| refusal.trace.to_string()),
        next,
    })
}

const MAY_GO_ON: &str = "Your session here has ended. At your organization you may still be signed in: on \
     a shared computer, sign out there too and close the browser.";

/// The page of a logout that the identity provider asked for and that no answer goes back of.
pub(crate) fn by_the_identity_provider() -> Response {
    templates::page(&SignedOut {
        sentence: "Your organization has signed you out.",
        participants: vec![OURS],
        code: None,
        trace: None,
        next: Link { href: "/".to_owned(), text: "Sign in again" },
    })
}
