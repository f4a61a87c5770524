//! How a login ends, or goes on, in the browser that brought an identity provider's answer, whichever
//! endpoint took it (SPEC 5).

use crate::app::App;
use crate::http::failure::Failure;
use crate::http::form::Form;
use crate::http::leave;
use crate::routes::posted::Posted;
use crate::telemetry::metrics::Outcome;
use crate::templates::{self, Post, Replace, TestLogin};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;
use sso_core::connection::Slot;
use sso_core::flow::{
    CONFIRMED, FinishedLogin, POSTED_AGAIN, Replacement, SignedInBrowser, TestOutcome, TestedLogin,
};
use sso_core::org::Org;
use sso_core::provisioning::ProfileValue;

/// The answer to a form that was posted. What is not begun anew once more takes away the cookie that counts
/// logins begun anew.
pub(super) fn answer(app: &App, posted: &Posted, finished: FinishedLogin) -> Response {
    let counts_on = matches!(finished, FinishedLogin::Restarted { .. });
    let ended = ended(app, posted, finished);
    let response = ended.unwrap_or_else(Failure::into_response);
    match posted.restarted {
        Some(_) if !counts_on => with_cookie(response, app.cookies.clear_restarted()),
        _ => response,
    }
}

fn ended(app: &App, posted: &Posted, finished: FinishedLogin) -> Result<Response, Failure> {
    match finished {
        FinishedLogin::SignedIn(person) => Ok(signed_in(app, &person)),
        FinishedLogin::Restarted { to, browser, restarted } => {
            let left = leave::to(&to, app.cookies.set_login(&browser));
            Ok(with_cookie(left, app.cookies.set_restarted(&restarted)))
        }
        FinishedLogin::PostAgain { browser, proof } => {
            Ok(with_cookie(post_again(posted, &proof), app.cookies.set_login(&browser)))
        }
        FinishedLogin::Asks(replacement) => Ok(ask(posted, &replacement)),
        FinishedLogin::Tested(tested) => Ok(show_test(&tested)),
        FinishedLogin::Refused(refusal) => Err(Failure::from(*refusal)),
        FinishedLogin::UnknownOrg => Err(Failure::unknown_org()),
    }
}

/// The page that has a form posted again where the login cookie did not come for being `Lax`, as on
/// loopback: no browser sends it with a post from another site (DESIGN 6).
pub(super) fn without_cookie(app: &App, posted: &Posted) -> Option<Response> {
    let comes = app.cookies.login_comes_from_other_sites();
    let again = posted.browser.is_none() && !comes && posted.form.get(POSTED_AGAIN).is_none();
    again.then(|| post_again(posted, "1"))
}

/// A page that posts the same fields again, from here, so that the `Lax` cookies come along (DESIGN 6).
/// `proof` marks the second post.
fn post_again(posted: &Posted, proof: &str) -> Response {
    templates::page(&Post {
        sentence: "You are being signed in.",
        action: &posted.path,
        fields: with_field(&posted.form, POSTED_AGAIN, proof),
    })
}

/// A page that asks whether to replace a session. It does not post itself.
fn ask(posted: &Posted, replacement: &Replacement) -> Response {
    let Replacement { signed_in, instead, org, proof } = replacement;
    templates::page(&Replace {
        org: Org::shown_name(org),
        signed_in: &signed_in.shown_name(),
        signed_in_email: signed_in.email(),
        instead: &instead.shown_name(),
        instead_email: instead.email(),
        action: &posted.path,
        fields: with_field(&posted.form, CONFIRMED, proof),
    })
}

/// What came of a test login, shown to whoever did it.
fn show_test(tested: &TestedLogin) -> Response {
    let outcome = match tested.outcome {
        TestOutcome::Created => "An account would have been made for you.",
        TestOutcome::Updated => "Your account would have been updated, and you signed in.",
        TestOutcome::SignedIn => "You would have been signed in to your account.",
    };
    let text = |value: &ProfileValue| match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    };
    let profile = tested.account.profile.iter();
    templates::page(&TestLogin {
        org: tested.org.shown_name(),
        org_name: tested.org.name.as_str(),
        is_draft: tested.slot == Slot::Draft,
        outcome,
        issuer: &tested.name_id.issuer,
        name_id: &tested.name_id.value,
        name_id_format: tested.name_id.format.as_deref().unwrap_or("no format"),
        authn_context: tested.authn_context.as_deref(),
        trace: tested.trace.to_string(),
        profile: profile.map(|(field, value)| (field.as_str(), text(value))).collect(),
        attributes: &tested.attributes,
        notes: &tested.notes,
    })
}

/// The fields of a form and one that we add, which came from nobody else.
fn with_field<'a>(form: &'a Form, added: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let came = form.fields().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    came.filter(|(name, _)| *name != added).chain([(added, value)]).collect()
}

fn signed_in(app: &App, person: &SignedInBrowser) -> Response {
    let target = person.return_to.as_deref().unwrap_or("/welcome");
    let mobile_seconds = person.mobile.then(|| (person.expires_at - app.now()).whole_seconds());
    let cookie = app.cookies.set_session(&person.session_token, mobile_seconds);
    let mut response = with_cookie(Redirect::to(target).into_response(), cookie);
    if let Some(name) = &person.clean_up {
        response = with_cookie(response, app.cookies.set_clean_up(name, mobile_seconds));
    }
    response.extensions_mut().insert(Outcome::ACCEPTED);
    response
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
