//! What becomes of one account over several logins.

use crate::{Login, NOW, text};
use sso_core::connection::AccountKey;
use sso_core::profile::ProfileField;
use sso_core::provisioning::{AccountChange, EventKind, SignInPlan};
use time::macros::datetime;

fn events(plan: &SignInPlan) -> Vec<EventKind> {
    plan.events().iter().map(|event| event.kind).collect()
}

/// The login, after the account became what a plan says.
fn after(login: Login, plan: &SignInPlan) -> Login {
    login.with(|login| login.accounts = vec![plan.account().clone()])
}

#[test]
fn made_once_then_updated_only_by_newer_stamps() {
    let stamped = |login: Login, name: &str, stamp: &str| {
        let (name, stamp) = (name.to_owned(), stamp.to_owned());
        login.person(|person| person.with("firstname", &name).with("updateTimeStamp", &stamp))
    };
    let first = stamped(Login::first(), "Ann", "2026-11-20 08:00:00").accepted();
    assert!(matches!(first.change(), AccountChange::Create(_)));
    assert_eq!(events(&first), [EventKind::AccountCreated, EventKind::SignIn]);

    for stamp in ["2026-11-20T08:00:00Z", "20261120075959Z", "1"] {
        let plan = stamped(after(Login::first(), &first), "Old", stamp).accepted();
        assert!(matches!(plan.change(), AccountChange::SignIn(_)), "{stamp}");
        assert_eq!(text(&plan, ProfileField::FirstName), Some("Ann"), "{stamp}");
        assert_eq!(events(&plan), [EventKind::SignIn]);
        assert_eq!(plan.account().last_login_at, Some(NOW));
    }
    let newer = stamped(after(Login::first(), &first), "Anna", "1795248001000").accepted();
    assert!(matches!(newer.change(), AccountChange::Update(_)));
    assert_eq!(text(&newer, ProfileField::FirstName), Some("Anna"));
    assert_eq!(newer.account().update_time_stamp, Some(datetime!(2026-11-21 8:00:01 UTC)));
    assert_eq!(events(&newer), [EventKind::AccountUpdated, EventKind::SignIn]);
}

#[test]
fn an_unreadable_stamp_is_in_the_notes() {
    let login = Login::second();
    let plan =
        login.person(|p| p.with("updateTimeStamp", "21.11.2026").with("firstname", "A")).accepted();
    assert_eq!(text(&plan, ProfileField::FirstName), Some("ann"));
    let notes: Vec<_> = plan.notes().iter().map(|note| note.event).collect();
    assert_eq!(notes, ["stamp_unreadable", "account_unchanged"]);
}

#[test]
fn linked_by_its_address_once_and_known_by_its_key_from_then_on() {
    let login = Login::second().with(|login| {
        login.settings.account_key = AccountKey::Ssoid;
        login.person = login.person.clone().with("ssoid", "7");
    });
    let linked = login.accepted();
    assert_eq!(events(&linked), [EventKind::AccountLinked, EventKind::SignIn]);
    assert_eq!(text(&linked, ProfileField::Ssoid), Some("7"));

    let later = after(login, &linked).person(|p| p.with("email", "ann.lee@corp.example"));
    let known = later.with(|login| login.is_solicited = false).accepted();
    assert_eq!(known.account().id, linked.account().id);
    assert_eq!(events(&known), [EventKind::SignIn], "without a stamp it is written once");
}

#[test]
fn unknown_groups_are_in_the_notes() {
    let plan = Login::first().person(|person| person.with("groupid", "staff")).accepted();
    assert_eq!(plan.account().groups, [""; 0]);
    assert_eq!(plan.notes()[0].found, "1 unknown: staff");
}
