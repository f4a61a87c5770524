//! Each refusal by its own code, and beside it the same login, repaired.

use super::*;

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
