//! What a person who was refused can do, in one plain sentence. Administrators read more in the
//! trace; the sentence tells nothing that the public code does not (SPEC 4.8).

use sso_core::error::{Code, Stage};

/// The sentence for a code.
pub(crate) fn for_person(code: Code) -> &'static str {
    match code {
        Code::ConnectionDisabled => {
            "Single sign-on is not set up for your organization, or it is switched off. Ask your \
             administrator."
        }
        Code::UnsolicitedNotAllowed => {
            "A sign-in must begin here, not at your organization’s portal. Begin again."
        }
        Code::RestartUnanswered => {
            "Your organization’s sign-in does not answer what we ask it. Begin again here; if this \
             comes back, give your administrator the code and the trace number."
        }
        Code::BrowserMismatch => {
            "The sign-in was begun in another browser, or its cookie was not kept. Allow cookies, \
             then sign in again in this browser."
        }
        Code::RequestExpired | Code::Expired | Code::TooOld => {
            "The sign-in took too long. Sign in again; if this comes back, give your administrator \
             the trace number."
        }
        Code::RequestAlreadyUsed | Code::Replayed => {
            "This sign-in was already used once. Sign in again."
        }
        Code::StatusNotSuccess => {
            "Your organization’s sign-in did not let you through. Sign in again, or ask your \
             administrator for access."
        }
        Code::AccountUnknown => "There is no account for you here. Ask your administrator for one.",
        Code::AccountInactive => {
            "Your account is deactivated. Ask your administrator to reactivate it."
        }
        Code::UserLimitReached => {
            "Your organization has no account left for you. Ask your administrator."
        }
        Code::AccountConflict => {
            "Another account here has your e-mail address. Give your administrator the code and the \
             trace number."
        }
        other if other.stage() == Stage::Account => {
            "Your organization’s sign-in does not send what an account here needs. Give your \
             administrator the code and the trace number."
        }
        other if other.stage() == Stage::Binding => {
            "The answer of your organization’s sign-in did not arrive as it must. Sign in again."
        }
        _ => {
            "We could not accept the answer of your organization’s sign-in. Give your administrator \
             the code and the trace number."
        }
    }
}

/// Whether beginning again can help.
pub(crate) fn can_try_again(code: Code) -> bool {
    !matches!(
        code,
        Code::ConnectionDisabled
            | Code::AccountUnknown
            | Code::AccountInactive
            | Code::AccountConflict
            | Code::UserLimitReached
    )
}
