//! Every rule of SPEC 9, each refusal by its own code and beside it the same login, repaired.

use crate::connection::{AccountKey, OnMissing, Saml2Settings};
use crate::error::{Code, Rejection};
use crate::org::Org;
use crate::profile::{Fields, Preset};
use crate::provisioning::decide::Decision;
use crate::provisioning::test_support::{BEFORE, NOW, Person, ann, ann_account, id, org, settings};
use crate::provisioning::{
    Account, AccountChange, AccountSource, AccountStatus, EventKind, ProfileField, ProfileValue,
    Role,
};
use time::macros::datetime;

/// Everything that a decision depends on, to be changed in one place by a case.
#[derive(Clone)]
struct Login {
    person: Person,
    accounts: Vec<Account>,
    org: Org,
    settings: Saml2Settings,
}

impl Login {
    /// Ann's first login.
    fn first() -> Self {
        Self { person: ann(), accounts: Vec::new(), org: org(), settings: settings() }
    }

    /// Ann's login to the account that she has.
    fn known() -> Self {
        Self { accounts: vec![ann_account()], ..Self::first() }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn person(mut self, change: impl FnOnce(Person) -> Person) -> Self {
        self.person = change(self.person);
        self
    }

    fn decide(&self) -> Result<Decision, Rejection> {
        self.person.sign_in(&self.accounts, &self.org, &self.settings)
    }

    fn accepted(&self) -> Decision {
        self.decide().expect("the login is in order")
    }

    fn refused(&self) -> Rejection {
        self.decide().expect_err("the login is to be refused")
    }
}

fn text(account: &Account, field: ProfileField) -> Option<&str> {
    account.profile.text(field)
}

fn notes(decision: &Decision) -> Vec<&str> {
    decision.notes.iter().map(|note| note.event).collect()
}

fn events(decision: &Decision) -> Vec<EventKind> {
    decision.events.iter().map(|event| event.kind).collect()
}

fn updated(decision: &Decision) -> &Account {
    match &decision.change {
        AccountChange::Update(account) => account,
        other => panic!("not an update: {other:?}"),
    }
}

fn left_alone(decision: &Decision) -> &Account {
    match &decision.change {
        AccountChange::SignIn(account) => account,
        other => panic!("not a sign-in alone: {other:?}"),
    }
}

fn created(decision: &Decision) -> &Account {
    match &decision.change {
        AccountChange::Create(account) => account,
        other => panic!("not a creation: {other:?}"),
    }
}

/// Each refusal, and the same login with the one defect repaired.
#[test]
fn each_refusal_has_its_code_and_the_repaired_login_is_accepted() {
    let ssoid = |login: &mut Login| login.settings.account_key = AccountKey::Ssoid;
    let name_id = |login: &mut Login| login.settings.account_key = AccountKey::NameId;
    let key_is_name_id = Login::first().with(name_id);
    let other = || {
        let other = ann_account().with(ProfileField::Uid, "bob@corp.example");
        other.with(ProfileField::Email, "bob@corp.example").with(ProfileField::Ssoid, "7")
    };
    let other_uid = || ann_account().with(ProfileField::Uid, "ann.lee@corp.example");
    let inactive = |mut account: Account| {
        account.status = AccountStatus::Inactive;
        account
    };
    let limit =
        |limit| move |login: &mut Login| login.org.provisioning.max_active_users = Some(limit);
    let mandatory = |login: &mut Login| {
        login.org.provisioning.mandatory_fields.push(ProfileField::City);
    };
    let refuse = |login: &mut Login| {
        login.settings.on_missing.insert(ProfileField::City, OnMissing::Refuse);
        login.accounts[0].written_by_assertion = false;
    };
    let moving = || Login::known().person(|p| p.with("updateTimeStamp", "1"));

    let cases: Vec<(&str, Code, Login, Login)> = vec![
        (
            "unknown",
            Code::AccountUnknown,
            Login::first().with(|l| l.settings.auto_create = false),
            Login::known().with(|l| l.settings.auto_create = false),
        ),
        (
            "inactive",
            Code::AccountInactive,
            Login::known().with(|l| l.accounts = vec![inactive(ann_account())]),
            Login::known(),
        ),
        (
            "inactive, to be linked",
            Code::AccountInactive,
            Login::known()
                .person(|p| p.with("ssoid", "1"))
                .with(ssoid)
                .with(|l| l.accounts = vec![inactive(ann_account())]),
            Login::known().person(|p| p.with("ssoid", "1")).with(ssoid),
        ),
        (
            "the e-mail address of an account with another uid",
            Code::AccountConflict,
            Login::first().with(|l| l.accounts = vec![other_uid()]),
            Login::first().with(|l| l.accounts = vec![other_uid().without(ProfileField::Uid)]),
        ),
        (
            "the same, where no account is made",
            Code::AccountConflict,
            Login::first()
                .with(|l| l.accounts = vec![other_uid()])
                .with(|l| l.settings.auto_create = false),
            Login::first()
                .with(|l| l.accounts = vec![other_uid().without(ProfileField::Uid)])
                .with(|l| l.settings.auto_create = false),
        ),
        (
            "the e-mail address of an account with another NameID",
            Code::AccountConflict,
            key_is_name_id.clone().with(|l| {
                let mut account = ann_account();
                account.name_id = Some(l.person.name_id.clone());
                l.accounts = vec![account];
                l.person.name_id.value = "ann-2".to_owned();
            }),
            key_is_name_id.clone().with(|l| {
                let mut account = ann_account();
                account.name_id = Some(l.person.name_id.clone());
                l.accounts = vec![account];
            }),
        ),
        (
            "a new account whose uid is another's",
            Code::AccountConflict,
            Login::first()
                .person(|p| p.with("ssoid", "1").with("uid", "bob@corp.example"))
                .with(ssoid)
                .with(|l| l.accounts = vec![other()]),
            Login::first()
                .person(|p| p.with("ssoid", "1"))
                .with(ssoid)
                .with(|l| l.accounts = vec![other()]),
        ),
        (
            "a new account whose ssoid is another's",
            Code::AccountConflict,
            Login::first().person(|p| p.with("ssoid", "7")).with(|l| l.accounts = vec![other()]),
            Login::first().person(|p| p.with("ssoid", "8")).with(|l| l.accounts = vec![other()]),
        ),
        (
            "IdP-initiated, the account without a key is not linked and its e-mail not taken",
            Code::AccountConflict,
            Login::known().person(|p| p.with("ssoid", "1").unsolicited()).with(ssoid),
            Login::known().person(|p| p.with("ssoid", "1")).with(ssoid),
        ),
        (
            "the same, where no account is made",
            Code::AccountUnknown,
            Login::known()
                .person(|p| p.with("ssoid", "1").unsolicited())
                .with(ssoid)
                .with(|l| l.settings.auto_create = false),
            Login::known()
                .person(|p| p.with("ssoid", "1"))
                .with(ssoid)
                .with(|l| l.settings.auto_create = false),
        ),
        (
            "an account is not linked by an address of another's domain",
            Code::AccountUnknown,
            Login::first()
                .person(|p| p.with("ssoid", "1").with("email", "ann@other.example"))
                .with(ssoid)
                .with(|l| {
                    l.accounts = vec![ann_account().with(ProfileField::Email, "ann@other.example")]
                })
                .with(|l| l.settings.auto_create = false),
            Login::known()
                .person(|p| p.with("ssoid", "1"))
                .with(ssoid)
                .with(|l| l.settings.auto_create = false),
        ),
        (
            "linked by an e-mail address, but the uid has another's domain",
            Code::EmailDomainForeign,
            Login::known()
                .person(|p| p.with("uid", "ann@other.example"))
                .with(|l| l.accounts = vec![ann_account().without(ProfileField::Uid)]),
            Login::known().with(|l| l.accounts = vec![ann_account().without(ProfileField::Uid)]),
        ),
        (
            "no uid",
            Code::RequiredAttributeMissing,
            Login::known().person(|p| p.without("uid")),
            Login::known(),
        ),
        (
            "a blank uid",
            Code::RequiredAttributeMissing,
            Login::known().person(|p| p.with("uid", " \t\u{a0}")),
            Login::known(),
        ),
        (
            "no ssoid",
            Code::RequiredAttributeMissing,
            Login::first().with(ssoid),
            Login::first().with(ssoid).person(|p| p.with("ssoid", "1")),
        ),
        (
            "no first name",
            Code::RequiredAttributeMissing,
            Login::first().person(|p| p.without("firstname")),
            Login::first(),
        ),
        (
            "no last name",
            Code::RequiredAttributeMissing,
            Login::first().person(|p| p.without("lastname")),
            Login::first(),
        ),
        (
            "no e-mail",
            Code::RequiredAttributeMissing,
            Login::first().person(|p| p.without("email")),
            Login::first(),
        ),
        (
            "a field that the organization wants",
            Code::RequiredAttributeMissing,
            Login::first().with(mandatory),
            Login::first().with(mandatory).person(|p| p.with("city", "Oslo")),
        ),
        (
            "an update that must have a field",
            Code::RequiredAttributeMissing,
            Login::known().with(refuse),
            Login::known().with(refuse).person(|p| p.with("city", "Oslo")),
        ),
        (
            "another's e-mail domain",
            Code::EmailDomainForeign,
            Login::first().person(|p| p.with("email", "ann@other.example")),
            Login::first(),
        ),
        (
            "another's uid domain",
            Code::EmailDomainForeign,
            Login::first().person(|p| p.with("uid", "ann@other.example")),
            Login::first(),
        ),
        (
            "a uid without a domain",
            Code::EmailDomainForeign,
            Login::first().person(|p| p.with("uid", "ann")),
            Login::first().person(|p| p.with("uid", "ann").with("ssoid", "1")).with(ssoid),
        ),
        (
            "an update to an address of another's domain",
            Code::EmailDomainForeign,
            moving().person(|p| p.with("email", "ann@other.example")),
            moving().person(|p| p.with("email", "ann@eu.corp.example")),
        ),
        (
            "a value that its field cannot take",
            Code::AttributeInvalid,
            Login::first().person(|p| p.with("ISOCountry", "Norway")),
            Login::first().person(|p| p.with("ISOCountry", "NO")),
        ),
        (
            "the same in an update",
            Code::AttributeInvalid,
            moving().person(|p| p.with("ISOCountry", "Norway")),
            moving().person(|p| p.with("ISOCountry", "NO")),
        ),
        (
            "a control character in an identifier",
            Code::AttributeInvalid,
            Login::known().person(|p| p.with("uid", "ann@corp.example\n")),
            Login::known(),
        ),
        (
            "a NameID of endless length",
            Code::AttributeInvalid,
            Login::known().with(|l| l.person.name_id.value = "x".repeat(2049)),
            Login::known(),
        ),
        (
            "a transient NameID as the key",
            Code::NameIdFormat,
            key_is_name_id.clone().person(Person::transient),
            key_is_name_id.clone(),
        ),
        (
            "an update to another account's e-mail address",
            Code::AccountConflict,
            moving()
                .person(|p| p.with("email", "BOB@corp.example"))
                .with(|l| l.accounts.push(other_id(other()))),
            moving()
                .person(|p| p.with("email", "rob@corp.example"))
                .with(|l| l.accounts.push(other_id(other()))),
        ),
        (
            "an update to another account's ssoid",
            Code::AccountConflict,
            moving().person(|p| p.with("ssoid", "7")).with(|l| l.accounts.push(other_id(other()))),
            moving().person(|p| p.with("ssoid", "8")).with(|l| l.accounts.push(other_id(other()))),
        ),
        (
            "as many accounts as there may be",
            Code::UserLimitReached,
            Login::first().with(limit(1)).with(|l| l.accounts = vec![other()]),
            Login::first().with(limit(2)).with(|l| l.accounts = vec![other()]),
        ),
        (
            "the limit counts active accounts and is for new ones alone",
            Code::UserLimitReached,
            Login::first().with(limit(0)),
            Login::known().with(limit(0)),
        ),
    ];
    for (name, code, broken, repaired) in cases {
        match broken.decide() {
            Err(refused) => assert_eq!(refused.code, code, "{name}: {refused}"),
            Ok(decision) => panic!("{name}: accepted as {:?}", decision.change),
        }
        if let Err(refused) = repaired.decide() {
            panic!("{name}, repaired: {refused}");
        }
    }
}

fn other_id(mut account: Account) -> Account {
    account.id = id(2);
    account
}

#[test]
fn a_refusal_for_missing_attributes_names_every_one_and_its_attributes() {
    let login = Login::first()
        .person(|p| p.without("uid").without("firstname").with("lastname", " "))
        .with(|l| {
            l.org.provisioning.mandatory_fields =
                vec![ProfileField::City, ProfileField::PolicyGroup]
        })
        .with(|l| {
            let fields = Fields::Many(vec![ProfileField::FirstName]);
            l.settings.attribute_map.map.insert("vorname".to_owned(), fields);
        });
    let refused = login.refused();
    assert_eq!(refused.found, "no value for uid, first_name, last_name, city, policy_group");
    assert_eq!(
        refused.expected,
        "uid for uid; vorname or firstname for first_name; lastname for last_name; city for city; \
         an attribute mapped to policy_group (attribute_map has none)"
    );

    let refused = login.with(|l| l.settings.auto_create = false).refused();
    assert_eq!(refused.found, "no value for uid", "to sign in, the key is enough");
}

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
fn an_account_without_the_key_is_linked_by_an_address_of_the_organization() {
    let login = Login::known()
        .person(|p| p.with("ssoid", "7").with("email", "Ann@Corp.example"))
        .with(|l| l.settings.account_key = AccountKey::Ssoid)
        .with(|l| l.settings.auto_update = false);
    let decision = login.accepted();
    let account = updated(&decision);
    assert_eq!(account.id, id(1));
    assert_eq!(text(account, ProfileField::Ssoid), Some("7"));
    assert_eq!(text(account, ProfileField::Email), Some("ann@corp.example"), "auto_update is off");
    assert_eq!(account.updated_at, NOW);
    assert_eq!(notes(&decision), ["account_linked", "account_unchanged"]);
    assert_eq!(events(&decision), [EventKind::AccountLinked, EventKind::SignIn]);

    let again = login.with(|l| l.accounts = vec![account.clone()]);
    assert_eq!(left_alone(&again.accepted()).id, id(1), "from now on by its key");

    let by_name_id = Login::known().with(|l| l.settings.account_key = AccountKey::NameId);
    let transient = by_name_id.clone().with(|l| {
        l.accounts[0].name_id = Some(ann().transient().name_id);
    });
    for login in [by_name_id, transient] {
        let decision = login.accepted();
        assert_eq!(updated(&decision).name_id.as_ref(), Some(&login.person.name_id));
    }
}

#[test]
fn a_name_id_is_the_same_only_if_all_of_its_parts_are() {
    let known = Login::known()
        .with(|l| l.settings.account_key = AccountKey::NameId)
        .with(|l| l.accounts[0].name_id = Some(l.person.name_id.clone()));
    assert_eq!(left_alone(&known.accepted()).id, id(1));

    let changes: [fn(&mut Login); 5] = [
        |l| l.person.name_id.issuer = "https://idp2.example/".to_owned(),
        |l| l.person.name_id.format = None,
        |l| l.person.name_id.name_qualifier = Some("q".to_owned()),
        |l| l.person.name_id.sp_name_qualifier = Some("q".to_owned()),
        |l| l.person.name_id.value = "Ann-1".to_owned(),
    ];
    for change in changes {
        assert_eq!(known.clone().with(change).refused().code, Code::AccountConflict);
    }
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

#[test]
fn the_attributes_of_the_map_are_asked_before_those_of_the_preset() {
    let attribute = |name: &str, values: &[&str]| {
        (name.to_owned(), values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
    };
    let email = |map: &[(&str, &[ProfileField])], preset, attributes: &[(&str, &[&str])]| {
        let mut login = Login::first();
        login.settings.account_key = AccountKey::NameId;
        login.settings.attribute_map.preset = preset;
        for (name, fields) in map {
            let fields = Fields::Many(fields.to_vec());
            login.settings.attribute_map.map.insert((*name).to_owned(), fields);
        }
        login.person.name_id.value = "nameid@corp.example".to_owned();
        login.person.attributes = attributes.iter().map(|(n, v)| attribute(n, v)).collect();
        login.person.keys(&login.org, &login.settings).expect("keys").email
    };
    let standard = Some(Preset::Standard);
    let field: &[ProfileField] = &[ProfileField::Email];
    let (a, b) = ("a@corp.example", "b@corp.example");

    // The first that is not empty, in the assertion's order; of several values the first.
    let both = [("y", field), ("x", field)];
    assert_eq!(email(&both, None, &[("x", &[a]), ("y", &[b])]).as_deref(), Some(a));
    assert_eq!(email(&both, None, &[("x", &["", " "]), ("y", &["", b, a])]).as_deref(), Some(b));
    // Own entries before the preset.
    let own = [("x", field)];
    assert_eq!(email(&own, standard, &[("email", &[a]), ("x", &[b])]).as_deref(), Some(b));
    assert_eq!(email(&own, standard, &[("email", &[a]), ("x", &[""])]).as_deref(), Some(a));
    // An empty entry takes the attribute out of the preset; an entry for another field does not.
    assert_eq!(email(&[("email", &[])], standard, &[("email", &[a])]), None);
    let display: &[ProfileField] = &[ProfileField::DisplayName];
    assert_eq!(email(&[("email", display)], standard, &[("email", &[a])]).as_deref(), Some(a));
    // Names are case-sensitive, and null is no preset.
    assert_eq!(email(&[], standard, &[("Email", &[a])]), None);
    assert_eq!(email(&[], None, &[("email", &[a])]), None);
    // NameID names the NameID, never an attribute that calls itself so.
    let name_id = [("NameID", field)];
    let value = Some("nameid@corp.example");
    assert_eq!(email(&name_id, None, &[("NameID", &[a])]).as_deref(), value);
    assert_eq!(email(&[], Some(Preset::Google), &[]).as_deref(), value);
    assert_eq!(email(&[], Some(Preset::Google), &[("email", &[a])]).as_deref(), Some(a));
}

#[test]
fn a_transient_name_id_fills_no_field() {
    let mapped = |person: Person| {
        let mut login = Login::first();
        let fields = Fields::One(ProfileField::Ssoid);
        login.settings.attribute_map.map.insert("NameID".to_owned(), fields);
        login.person = person;
        login.person.keys(&login.org, &login.settings).expect("keys").ssoid
    };
    assert_eq!(mapped(ann()).as_deref(), Some("ann-1"));
    assert_eq!(mapped(ann().transient()), None);
}

#[test]
fn every_preset_makes_an_account_of_what_its_product_sends() {
    const WS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
    const MS: &str = "http://schemas.microsoft.com";
    let claim = |base: &str, name: &str| format!("{base}/{name}");
    let oid = |oid: &str| format!("urn:oid:{oid}");
    let plain = str::to_owned;
    let products: [(Preset, Vec<(String, &str)>); 6] = [
        (
            Preset::Standard,
            vec![
                (plain("uid"), "ann@corp.example"),
                (plain("firstname"), "Ann"),
                (plain("lastname"), "Lee"),
                (plain("email"), "ann@corp.example"),
                (plain("displayName"), "Ann Lee"),
            ],
        ),
        (
            Preset::Adfs,
            vec![
                (claim(WS, "upn"), "ann@corp.example"),
                (claim(WS, "emailaddress"), "ann@corp.example"),
                (claim(WS, "givenname"), "Ann"),
                (claim(WS, "surname"), "Lee"),
                (claim(WS, "name"), "Ann Lee"),
            ],
        ),
        (
            Preset::Entra,
            vec![
                (
                    claim(MS, "identity/claims/objectidentifier"),
                    "0b0e3a3c-6d1c-4a55-8f0e-0c9a2f6a1d11",
                ),
                (claim(MS, "identity/claims/displayname"), "Ann Lee"),
                (claim(WS, "givenname"), "Ann"),
                (claim(WS, "surname"), "Lee"),
                (claim(WS, "emailaddress"), "ann@corp.example"),
                (claim(WS, "name"), "ann@corp.example"),
            ],
        ),
        (
            Preset::Okta,
            vec![
                (plain("login"), "ann@corp.example"),
                (plain("email"), "ann@corp.example"),
                (plain("firstName"), "Ann"),
                (plain("lastName"), "Lee"),
                (plain("displayName"), "Ann Lee"),
            ],
        ),
        (
            Preset::Google,
            vec![
                (plain("firstName"), "Ann"),
                (plain("lastName"), "Lee"),
                (plain("fullName"), "Ann Lee"),
            ],
        ),
        (
            Preset::Shibboleth,
            vec![
                (oid("1.3.6.1.4.1.5923.1.1.1.6"), "ann@corp.example"),
                (oid("0.9.2342.19200300.100.1.3"), "ann@corp.example"),
                (oid("2.5.4.42"), "Ann"),
                (oid("2.5.4.4"), "Lee"),
                (oid("2.16.840.1.113730.3.1.241"), "Ann Lee"),
            ],
        ),
    ];
    for (preset, attributes) in products {
        let login = Login::first().with(|l| {
            l.settings.attribute_map.preset = Some(preset);
            l.person.name_id.value = "ann@corp.example".to_owned();
            l.person.attributes = attributes
                .into_iter()
                .map(|(name, value)| (name, vec![value.to_owned()]))
                .collect();
        });
        let decision = login.accepted();
        let account = created(&decision);
        for (field, expected) in [
            (ProfileField::Uid, "ann@corp.example"),
            (ProfileField::Email, "ann@corp.example"),
            (ProfileField::FirstName, "Ann"),
            (ProfileField::LastName, "Lee"),
            (ProfileField::DisplayName, "Ann Lee"),
        ] {
            assert_eq!(text(account, field), Some(expected), "{preset:?} {field:?}");
        }
    }
}

#[test]
fn the_standard_preset_has_every_name_of_the_table() {
    let table = "uid ssoid firstname lastname email groupid updateTimeStamp displayName companyName \
                 businessFax streetLine1 streetLine2 city state zipcode jobTitle mobilePhone \
                 businessPhone employeeid ISOCountry imloggingenabled imloggingendpointname upgradesite";
    let mut expected: Vec<_> = table.split_whitespace().collect();
    let mut names: Vec<_> = Preset::Standard.entries().iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, expected);

    for preset in Preset::ALL {
        let mut entries = preset.entries().to_vec();
        let all = entries.len();
        entries.sort_unstable();
        entries.dedup();
        assert_eq!(entries.len(), all, "{preset:?} has an entry twice");
    }
}
