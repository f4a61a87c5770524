//! When a known account is written, and what of it.

use super::*;

#[test]
fn a_known_person_signs_in_and_the_row_carries_the_login() {
    let login = Login::known().with(|l| {
        l.settings.auto_create = false;
        l.settings.auto_update = false;
        l.person = l.person.clone().with("uid", "ANN@Corp.Example").with("firstname", "Anna");
    });
    let decision = login.accepted();
    let account = left_alone(&decision);
    let expected = Account {
        name_id: Some(login.person.name_id.clone()),
        last_login_at: Some(NOW),
        ..ann_account()
    };
    assert_eq!(*account, expected);
    assert_eq!(notes(&decision), ["account_unchanged"]);
    assert_eq!(events(&decision), [EventKind::SignIn]);
}

#[test]
fn a_newer_stamp_updates_and_an_equal_or_older_one_changes_nothing() {
    let stored = datetime!(2026-11-20 8:00 UTC);
    let login = |stamp: &str, stored| {
        Login::known()
            .person(|p| p.with("firstname", "Anna").with("updateTimeStamp", stamp))
            .with(|l| l.accounts[0].update_time_stamp = stored)
    };
    for (stamp, stored_stamp) in [
        ("2026-11-20T08:00:00.001Z", Some(stored)),
        ("2026-11-20 08:00:01", Some(stored)),
        ("1990-01-01 00:00:00", None),
    ] {
        let decision = login(stamp, stored_stamp).accepted();
        let account = updated(&decision);
        assert_eq!(text(account, ProfileField::FirstName), Some("Anna"), "{stamp}");
        assert!(account.update_time_stamp > stored_stamp, "{stamp}");
        assert_eq!((account.revision, account.updated_at), (4, NOW));
        assert_eq!((account.role, account.created_at), (Role::OrgAdmin, BEFORE));
        assert_eq!(account.groups, ["staff"]);
        assert_eq!(notes(&decision), ["account_updated"]);
        assert_eq!(decision.notes[0].found, "changed: first_name");
        assert_eq!(events(&decision), [EventKind::AccountUpdated, EventKind::SignIn]);
    }
    for stamp in ["2026-11-20T08:00:00Z", "2026-11-20T07:59:59.999Z", "0"] {
        let decision = login(stamp, Some(stored)).accepted();
        let account = left_alone(&decision);
        assert_eq!(text(account, ProfileField::FirstName), Some("Ann"), "{stamp}");
        assert_eq!(account.update_time_stamp, Some(stored));
        assert_eq!(account.updated_at, BEFORE);
        assert_eq!(notes(&decision), ["account_unchanged"]);
    }
}

#[test]
fn without_a_stamp_an_account_is_written_once() {
    let never_written = Login::known()
        .person(|p| p.with("firstname", "Anna"))
        .with(|l| l.accounts[0].written_by_assertion = false);
    let decision = never_written.accepted();
    let account = updated(&decision);
    assert_eq!(text(account, ProfileField::FirstName), Some("Anna"));
    assert!(account.written_by_assertion);
    assert_eq!(account.update_time_stamp, None);

    let again = never_written.with(|l| l.accounts = vec![account.clone()]);
    let decision = again.clone().person(|p| p.with("firstname", "Annabel")).accepted();
    assert_eq!(text(left_alone(&decision), ProfileField::FirstName), Some("Anna"));

    let empty_stamp = again.person(|p| p.with("updateTimeStamp", ""));
    assert_eq!(notes(&empty_stamp.accepted()), ["account_unchanged"]);
}

#[test]
fn an_unreadable_stamp_changes_nothing_and_is_in_the_trace() {
    let unreadable = |p: Person| p.with("firstname", "Anna").with("updateTimeStamp", "yesterday");
    let never_written = |l: &mut Login| l.accounts[0].written_by_assertion = false;
    let decision = Login::known().with(never_written).person(unreadable).accepted();
    assert_eq!(text(left_alone(&decision), ProfileField::FirstName), Some("Ann"));
    assert_eq!(notes(&decision), ["stamp_unreadable", "account_unchanged"]);

    let decision = Login::first().person(unreadable).accepted();
    assert_eq!(created(&decision).update_time_stamp, None);
    assert_eq!(notes(&decision), ["stamp_unreadable", "account_created"]);
}

#[test]
fn an_update_clears_what_came_empty_and_keeps_what_did_not_come() {
    let filled = || {
        ann_account()
            .with(ProfileField::City, "Oslo")
            .with(ProfileField::JobTitle, "Engineer")
            .with(ProfileField::UpgradeSite, "site-7")
            .with(ProfileField::State, "Akershus")
    };
    let login = Login::known()
        .with(|l| l.accounts = vec![filled()])
        .person(|p| p.with("updateTimeStamp", "1").with("city", "").with("upgradesite", ""));

    let decision = login.accepted();
    let account = updated(&decision);
    assert_eq!(text(account, ProfileField::City), None, "empty clears");
    assert_eq!(text(account, ProfileField::JobTitle), Some("Engineer"), "absent keeps");
    assert_eq!(text(account, ProfileField::UpgradeSite), Some("site-7"), "nothing is done");

    let clear = |l: &mut Login| {
        for field in [ProfileField::JobTitle, ProfileField::UpgradeSite, ProfileField::LastName] {
            l.settings.on_missing.insert(field, OnMissing::Clear);
        }
        l.org.provisioning.mandatory_fields = vec![ProfileField::City, ProfileField::State];
    };
    let decision =
        login.with(clear).person(|p| p.with("firstname", "").without("lastname")).accepted();
    let account = updated(&decision);
    assert_eq!(text(account, ProfileField::JobTitle), None, "on_missing is clear");
    assert_eq!(text(account, ProfileField::UpgradeSite), Some("site-7"));
    assert_eq!(text(account, ProfileField::State), Some("Akershus"));
    for kept in [ProfileField::City, ProfileField::FirstName, ProfileField::LastName] {
        assert_eq!(text(account, kept), filled().profile.text(kept), "{kept:?} is required");
    }
    let kept: Vec<_> = decision.notes.iter().filter(|n| n.event == "required_field_kept").collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
}

#[test]
fn groups_and_the_key_are_not_updated() {
    let login = Login::known().person(|p| {
        p.with("updateTimeStamp", "1").with("groupid", "admins").with("uid", "Ann@Corp.Example")
    });
    let decision = login.accepted();
    let account = updated(&decision);
    assert_eq!(account.groups, ["staff"]);
    assert_eq!(text(account, ProfileField::Uid), Some("ann@corp.example"));
    assert_eq!(events(&decision), [EventKind::SignIn], "no field changed");
    assert_eq!(account.updated_at, BEFORE);
}

#[test]
fn a_uid_that_is_the_email_follows_it() {
    let login = Login::known()
        .person(|p| {
            p.without("uid")
                .with("ssoid", "7")
                .with("updateTimeStamp", "1")
                .with("email", "ann@eu.corp.example")
        })
        .with(|l| l.settings.account_key = AccountKey::Ssoid)
        .with(|l| l.accounts = vec![ann_account().with(ProfileField::Ssoid, "7")]);
    let decision = login.accepted();
    assert_eq!(text(updated(&decision), ProfileField::Uid), Some("ann@eu.corp.example"));

    let own_uid = login.with(|l| {
        l.accounts[0] = l.accounts[0].clone().with(ProfileField::Uid, "al");
    });
    assert_eq!(text(updated(&own_uid.accepted()), ProfileField::Uid), Some("al"));
}
