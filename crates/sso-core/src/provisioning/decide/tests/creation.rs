//! What an account is made of.

use super::*;

#[test]
fn an_account_is_made_with_the_least_role_and_everything_the_assertion_says() {
    let login = Login::first().person(|p| {
        p.with("displayName", "Ann L.")
            .with("role", "org_admin")
            .with("ISOCountry", "no")
            .with("groupid", "staff")
            .with("updateTimeStamp", "2026-11-20 08:00:00")
            .with("upgradesite", "site-7")
            .with("jobTitle", "")
    });
    let decision = login.accepted();
    let account = created(&decision);

    assert_eq!(account.id, id(9));
    assert_eq!(account.org, login.org.name);
    assert_eq!(account.role, Role::User);
    assert_eq!(account.status, AccountStatus::Active);
    assert_eq!(account.source, AccountSource::Sso);
    assert_eq!(account.groups, ["staff"]);
    assert_eq!(account.name_id.as_ref(), Some(&login.person.name_id));
    assert_eq!(account.update_time_stamp, Some(datetime!(2026-11-20 8:00 UTC)));
    assert!(account.written_by_assertion);
    assert_eq!((account.revision, account.created_at, account.updated_at), (1, NOW, NOW));
    assert_eq!(account.last_login_at, Some(NOW));
    let profile: Vec<_> =
        account.profile.iter().map(|(field, value)| (field.as_str(), value.clone())).collect();
    let text = |text: &str| ProfileValue::Text(text.to_owned());
    assert_eq!(
        profile,
        [
            ("uid", text("ann@corp.example")),
            ("email", text("ann@corp.example")),
            ("first_name", text("Ann")),
            ("last_name", text("Lee")),
            ("display_name", text("Ann L.")),
            ("country", text("NO")),
            ("upgrade_site", text("site-7")),
        ]
    );
    assert_eq!(notes(&decision), ["account_created"]);
    assert_eq!(events(&decision), [EventKind::AccountCreated, EventKind::SignIn]);
    assert!(decision.events[0].details.contains("ann@corp.example"), "{:?}", decision.events);
}

#[test]
fn where_another_field_is_the_key_an_absent_uid_is_the_email() {
    for key in [AccountKey::Ssoid, AccountKey::NameId] {
        let login = Login::first()
            .person(|p| p.without("uid").with("ssoid", "1"))
            .with(|l| l.settings.account_key = key);
        let decision = login.accepted();
        assert_eq!(text(created(&decision), ProfileField::Uid), Some("ann@corp.example"));

        let taken = login.with(|l| {
            let account = ann_account().with(ProfileField::Email, "other@corp.example");
            l.accounts = vec![account];
        });
        assert_eq!(taken.refused().code, Code::AccountConflict, "that uid is another's");
    }
}

#[test]
fn strip_uid_domain_makes_the_uid_and_where_it_is_absent_the_ssoid() {
    let strip = |login: &mut Login| {
        login.settings.strip_uid_domain = true;
        login.settings.account_key = AccountKey::Ssoid;
    };
    let login = Login::first().with(strip);
    let decision = login.accepted();
    assert_eq!(text(created(&decision), ProfileField::Uid), Some("ann"));
    assert_eq!(text(created(&decision), ProfileField::Ssoid), Some("ann"));
    assert_eq!(created(&decision).name_id.as_ref(), Some(&login.person.name_id));

    let decision = login.clone().person(|p| p.with("ssoid", "7")).accepted();
    assert_eq!(text(created(&decision), ProfileField::Uid), Some("ann"));
    assert_eq!(text(created(&decision), ProfileField::Ssoid), Some("7"));

    let nothing_left = login.person(|p| p.with("uid", "@corp.example"));
    assert_eq!(nothing_left.refused().code, Code::RequiredAttributeMissing);
}

#[test]
fn unknown_groups_are_left_out_and_in_the_trace() {
    let login = Login::first().with(|l| l.settings.auto_update = false).with(|l| {
        let groups = ["staff", "Staff", "staff", "admins"].map(str::to_owned).to_vec();
        l.person.attributes.push(("groupid".to_owned(), groups));
    });
    let decision = login.accepted();
    assert_eq!(created(&decision).groups, ["staff"]);
    assert_eq!(decision.notes[0].event, "groups_ignored");
    assert_eq!(decision.notes[0].found, "2 unknown: Staff, admins");
}

#[test]
fn im_logging_has_its_defaults_where_the_organization_logs() {
    let logs = |login: &mut Login| login.org.im_logging.enabled = true;
    let flag = |account: &Account| account.profile.get(ProfileField::ImLoggingEnabled).cloned();

    let decision = Login::first().with(logs).accepted();
    assert_eq!(flag(created(&decision)), Some(ProfileValue::Flag(false)));
    assert_eq!(text(created(&decision), ProfileField::ImLoggingEndpoint), Some("default_endpoint"));

    let said = |p: Person| p.with("imloggingenabled", "true").with("imloggingendpointname", "e-2");
    let decision = Login::first().with(logs).person(said).accepted();
    assert_eq!(flag(created(&decision)), Some(ProfileValue::Flag(true)));
    assert_eq!(text(created(&decision), ProfileField::ImLoggingEndpoint), Some("e-2"));

    let decision = Login::first().accepted();
    assert_eq!(flag(created(&decision)), None);
    assert_eq!(text(created(&decision), ProfileField::ImLoggingEndpoint), None);
}
