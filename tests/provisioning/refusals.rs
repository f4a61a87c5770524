//! Every refusal of SPEC 9 by its code, and the same response with the one defect repaired.

use crate::Login;
use sso_core::connection::{AccountKey, OnMissing};
use sso_core::error::Code;
use sso_core::profile::ProfileField;
use sso_core::provisioning::{Account, AccountStatus, Role};
use sso_tests::Person;

fn check(name: &str, code: Code, broken: &Login, repaired: &Login) {
    assert_eq!(broken.refused(), code, "{name}");
    if let Err(rejection) = repaired.decide() {
        panic!("{name}, repaired: {rejection}");
    }
}

/// An account of Bob's beside Ann's.
fn bob() -> Account {
    let login = Login::first().person(|_| Person::new("bob").with("ssoid", "7"));
    login.accepted().account().clone()
}

fn key(key: AccountKey) -> impl Fn(&mut Login) + Copy {
    move |login| login.settings.account_key = key
}

#[test]
fn account_unknown() {
    let closed = |login: &mut Login| login.settings.auto_create = false;
    check(
        "nobody is made",
        Code::AccountUnknown,
        &Login::first().with(closed),
        &Login::second().with(closed),
    );
    let unlinked = Login::second().with(closed).with(key(AccountKey::Ssoid));
    let unlinked = unlinked.person(|person| person.with("ssoid", "1"));
    check(
        "an IdP-initiated login links nobody",
        Code::AccountUnknown,
        &unlinked.clone().with(|login| login.is_solicited = false),
        &unlinked,
    );
}

#[test]
fn account_inactive() {
    let to_be_linked = Login::second().with(key(AccountKey::Ssoid));
    let to_be_linked = to_be_linked.person(|person| person.with("ssoid", "1"));
    for active in [Login::second(), to_be_linked] {
        let deactivate = |login: &mut Login| login.accounts[0].status = AccountStatus::Inactive;
        let inactive = active.clone().with(deactivate);
        check("a deactivated account", Code::AccountInactive, &inactive, &active);
    }
}

#[test]
fn account_conflict() {
    let with_bob = |login: &mut Login| login.accounts.push(bob());
    check(
        "the e-mail address of an account with another uid",
        Code::AccountConflict,
        &Login::second().person(|person| person.with("uid", "ann.lee@corp.example")),
        &Login::second(),
    );
    check(
        "the e-mail address of an account with another NameID",
        Code::AccountConflict,
        &Login::second().with(key(AccountKey::NameId)).person(|person| person.named("ann-2")),
        &Login::second().with(key(AccountKey::NameId)),
    );
    check(
        "a new account with another's ssoid",
        Code::AccountConflict,
        &Login::first().with(with_bob).person(|person| person.with("ssoid", "7")),
        &Login::first().with(with_bob).person(|person| person.with("ssoid", "8")),
    );
    let move_to = |email: &'static str| {
        let login = Login::second().with(with_bob);
        login.person(|person| person.with("updateTimeStamp", "1").with("email", email))
    };
    check(
        "an update to another's e-mail address",
        Code::AccountConflict,
        &move_to("BOB@corp.example"),
        &move_to("rob@corp.example"),
    );
    let ssoid = Login::second().with(key(AccountKey::Ssoid));
    let ssoid = ssoid.person(|person| person.with("ssoid", "1"));
    check(
        "IdP-initiated: the account is not linked, and its address not taken",
        Code::AccountConflict,
        &ssoid.clone().with(|login| login.is_solicited = false),
        &ssoid,
    );
}

#[test]
fn required_attribute_missing() {
    for name in ["uid", "firstname", "lastname", "email"] {
        check(
            name,
            Code::RequiredAttributeMissing,
            &Login::first().person(|person| person.without(name)),
            &Login::first(),
        );
        check(
            name,
            Code::RequiredAttributeMissing,
            &Login::first().person(|person| person.with(name, " ")),
            &Login::first(),
        );
    }
    check(
        "the ssoid, where it is the key",
        Code::RequiredAttributeMissing,
        &Login::first().with(key(AccountKey::Ssoid)),
        &Login::first().with(key(AccountKey::Ssoid)).person(|person| person.with("ssoid", "1")),
    );
    let mandatory = |login: &mut Login| {
        login.org.provisioning.mandatory_fields.push(ProfileField::City);
    };
    check(
        "what the organization wants",
        Code::RequiredAttributeMissing,
        &Login::first().with(mandatory),
        &Login::first().with(mandatory).person(|person| person.with("city", "Oslo")),
    );
    let refuse = |login: &mut Login| {
        login.settings.on_missing.insert(ProfileField::City, OnMissing::Refuse);
        login.person = login.person.clone().with("updateTimeStamp", "1");
    };
    check(
        "on_missing is refuse",
        Code::RequiredAttributeMissing,
        &Login::second().with(refuse),
        &Login::second().with(refuse).person(|person| person.with("city", "Oslo")),
    );

    let several = Login::first().person(|person| person.without("firstname").without("lastname"));
    let rejection = several.decide().expect_err("a refusal");
    assert_eq!(rejection.found, "no value for first_name, last_name");
    assert_eq!(rejection.expected, "firstname for first_name; lastname for last_name");
}

#[test]
fn email_domain_foreign() {
    for foreign in
        ["ann@other.example", "ann@sub.corp.example", "ann@other.example@corp.example", "ann"]
    {
        check(
            foreign,
            Code::EmailDomainForeign,
            &Login::first().person(|person| person.with("email", foreign)),
            &Login::first(),
        );
        check(
            foreign,
            Code::EmailDomainForeign,
            &Login::first().person(|person| person.with("uid", foreign)),
            &Login::first(),
        );
    }
    let newer = || Login::second().person(|person| person.with("updateTimeStamp", "1"));
    check(
        "an update to a foreign address",
        Code::EmailDomainForeign,
        &newer().person(|person| person.with("email", "ann@other.example")),
        &newer().person(|person| person.with("email", "ann.lee@corp.example")),
    );
}

#[test]
fn attribute_invalid() {
    let newer = || Login::second().person(|person| person.with("updateTimeStamp", "1"));
    for first_or_newer in [Login::first(), newer()] {
        check(
            "a country that is none",
            Code::AttributeInvalid,
            &first_or_newer.clone().person(|person| person.with("ISOCountry", "Norway")),
            &first_or_newer.person(|person| person.with("ISOCountry", "NO")),
        );
    }
    check(
        "a line break in an identifier",
        Code::AttributeInvalid,
        &Login::second().person(|person| person.with("uid", "ann@corp.example\n")),
        &Login::second(),
    );
}

#[test]
fn name_id_format() {
    check(
        "a NameID that is another the next time cannot be the key",
        Code::NameIdFormat,
        &Login::first().with(key(AccountKey::NameId)).person(Person::transient),
        &Login::first().with(key(AccountKey::NameId)),
    );
    let by_uid = Login::first().person(Person::transient).accepted();
    assert!(by_uid.account().name_id.is_some(), "where it is not the key it is no hindrance");
}

#[test]
fn user_limit_reached() {
    let limit = |most: u32| {
        move |login: &mut Login| {
            login.accounts.push(bob());
            login.org.provisioning.max_active_users = Some(most);
        }
    };
    check(
        "one more than there may be",
        Code::UserLimitReached,
        &Login::first().with(limit(1)),
        &Login::first().with(limit(2)),
    );
}

#[test]
fn a_role_never_comes_from_an_assertion() {
    let login = Login::first().person(|person| {
        person.with("role", "org_admin").with("Role", "org_admin").with("groups", "admins")
    });
    assert_eq!(login.accepted().account().role, Role::User);
}
