//! Each rule for accounts that are written by hand, by its code, and the same account repaired.

use super::{
    AccountEdit, ForgetNameId, PrimaryAdmin, Revised, create, deactivate, edit, may_create,
    may_edit, may_sign_out, reactivate,
};
use crate::connection::AccountKey;
use crate::org::Org;
use crate::profile::ProfileField::{
    self, BusinessPhone, City, Country, Email, FirstName, GroupIds, ImLoggingEnabled,
    ImLoggingEndpoint, JobTitle, LastName, Ssoid, StorageMb, Uid, UpdateTimeStamp,
};
use crate::profile::ProfileValue;
use crate::provisioning::test_support::{BEFORE, NOW, ann, ann_account, id, org, settings};
use crate::provisioning::{Account, AccountSource, AccountStatus, AdminRole, EventKind, Role};
use crate::setting::InvalidSetting;

impl AccountEdit {
    fn with(mut self, field: ProfileField, text: &str) -> Self {
        self.profile.insert(field, Some(ProfileValue::Text(text.to_owned())));
        self
    }

    fn value(mut self, field: ProfileField, value: ProfileValue) -> Self {
        self.profile.insert(field, Some(value));
        self
    }

    fn cleared(mut self, field: ProfileField) -> Self {
        self.profile.insert(field, None);
        self
    }

    fn without(mut self, field: ProfileField) -> Self {
        self.profile.remove(&field);
        self
    }
}

fn kim() -> AccountEdit {
    AccountEdit::default()
        .with(Email, "Kim@corp.example")
        .with(FirstName, "Kim")
        .with(LastName, "Moe")
}

fn make(edit: &AccountEdit, org: &Org) -> Result<Account, InvalidSetting> {
    create(edit, AccountKey::Uid, org, id(1), NOW).map(|made| made.account)
}

fn change(account: &Account, change: &AccountEdit) -> Result<Revised, InvalidSetting> {
    edit(account, change, &org(), NOW)
}

fn refusal<T: std::fmt::Debug>(result: Result<T, InvalidSetting>) -> (String, String) {
    let refused = result.expect_err("a refusal");
    (refused.code.as_str().to_owned(), refused.field.into_owned())
}

fn kinds(revised: &Revised) -> Vec<EventKind> {
    revised.events.iter().map(|event| event.kind).collect()
}

#[test]
fn an_account_is_made_of_what_is_given_and_the_defaults() {
    let made = create(&kim(), AccountKey::Uid, &org(), id(7), NOW).expect("made");
    let account = &made.account;
    assert_eq!(account.profile.text(Uid), Some("Kim@corp.example"));
    assert_eq!((account.id, account.revision), (id(7), 1));
    assert_eq!((account.role, account.status), (Role::User, AccountStatus::Active));
    assert_eq!((account.source, account.written_by_assertion), (AccountSource::Admin, false));
    assert_eq!((account.created_at, account.updated_at, account.last_login_at), (NOW, NOW, None));
    assert_eq!(account.profile.get(ImLoggingEnabled), None);
    assert_eq!(kinds(&made), [EventKind::AccountCreated]);
    let details = &made.events[0].details;
    assert_eq!(*details, format!("Kim@corp.example ({}) by hand, role user", id(7)));

    let mut logging = org();
    logging.im_logging.enabled = true;
    let account = make(&kim().with(Uid, "moe@corp.example"), &logging).expect("made");
    assert_eq!(account.profile.text(Uid), Some("moe@corp.example"));
    assert_eq!(account.profile.get(ImLoggingEnabled), Some(&ProfileValue::Flag(false)));
    assert_eq!(account.profile.text(ImLoggingEndpoint), Some("default_endpoint"));

    let admin = AccountEdit { role: Some(Role::OrgAdmin), ..kim() };
    assert_eq!(make(&admin, &org()).expect("made").role, Role::OrgAdmin);
}

#[test]
fn each_refusal_of_a_new_account_has_its_code_and_field() {
    let mut demanding = org();
    demanding.provisioning.mandatory_fields = vec![City, BusinessPhone];
    for (edit, org, code, field) in [
        (kim().without(FirstName), org(), "required_attribute_missing", "first_name"),
        (kim().with(LastName, " \t"), org(), "required_attribute_missing", "last_name"),
        (kim().cleared(Email), org(), "required_attribute_missing", "email"),
        (kim(), demanding.clone(), "required_attribute_missing", "city"),
        (kim().with(Email, "kim@other.example"), org(), "email_domain_foreign", "email"),
        (kim().with(Uid, "kim"), org(), "email_domain_foreign", "uid"),
        (kim().with(Email, "kim\u{0}@corp.example"), org(), "invalid_field", "email"),
        (kim().with(FirstName, "K\u{0}"), org(), "invalid_field", "first_name"),
        (kim().with(Country, "Norway"), org(), "invalid_field", "country"),
        (kim().with(StorageMb, "7"), org(), "invalid_field", "storage_mb"),
        (kim().with(GroupIds, "staff"), org(), "read_only_field", "group_ids"),
        (kim().with(UpdateTimeStamp, "1"), org(), "read_only_field", "update_time_stamp"),
    ] {
        let refused = refusal(make(&edit, &org));
        assert_eq!(refused, (code.to_owned(), field.to_owned()), "{edit:?}");
    }
    let several = make(&kim().without(FirstName), &demanding).expect_err("a refusal");
    assert_eq!(several.problem, "There is no value for first_name, city, business_phone.");

    let repaired = kim().with(City, "Oslo").with(BusinessPhone, "1").with(Country, "no");
    assert!(make(&repaired, &demanding).is_ok());
    let by_name_id = create(&kim().with(Uid, "kim"), AccountKey::NameId, &org(), id(1), NOW);
    assert!(by_name_id.is_ok(), "a uid needs a domain while it is the key");
}

#[test]
fn named_fields_are_replaced_and_the_others_stay() {
    let stored = ann_account().with(JobTitle, "Engineer").with(City, "Oslo");
    let wanted = AccountEdit::default()
        .with(FirstName, "Anna")
        .with(Uid, "ann@corp.example")
        .with(Email, "anna@corp.example")
        .value(StorageMb, ProfileValue::Number(5))
        .cleared(JobTitle)
        .with(City, "");
    let revised = change(&stored, &wanted).expect("edited");
    let account = &revised.account;
    assert_eq!(account.profile.text(FirstName), Some("Anna"));
    assert_eq!(account.profile.text(LastName), Some("Lee"));
    assert_eq!(account.profile.text(Uid), Some("ann@corp.example"), "not edited by hand");
    assert_eq!((account.profile.get(JobTitle), account.profile.get(City)), (None, None));
    assert_eq!((account.revision, account.updated_at), (stored.revision, NOW));
    assert_eq!(kinds(&revised), [EventKind::AccountUpdated]);
    let fields = "by hand: email, first_name, city, job_title, storage_mb";
    assert!(revised.events[0].details.ends_with(fields), "{}", revised.events[0].details);

    let same = change(&stored, &AccountEdit::default().with(City, "Oslo")).expect("edited");
    assert_eq!((same.account, same.events), (stored, vec![]), "nothing changes, nothing is told");
}

#[test]
fn each_refusal_of_an_edit_has_its_code_and_field() {
    let stored = ann_account();
    let edit = AccountEdit::default;
    for (wanted, code, field) in [
        (edit().with(Uid, "anna@corp.example"), "uid_immutable", "uid"),
        (edit().cleared(Uid), "uid_immutable", "uid"),
        (edit().cleared(Email), "required_attribute_missing", "email"),
        (edit().with(Email, "ann@other.example"), "email_domain_foreign", "email"),
        (edit().with(Ssoid, "7\u{7f}"), "invalid_field", "ssoid"),
        (edit().cleared(GroupIds), "read_only_field", "group_ids"),
    ] {
        let refused = refusal(change(&stored, &wanted));
        assert_eq!(refused, (code.to_owned(), field.to_owned()), "{wanted:?}");
    }

    // What became mandatory later is asked for with the next edit of the profile.
    let mut demanding = org();
    demanding.provisioning.mandatory_fields = vec![City];
    let title = edit().with(JobTitle, "Engineer");
    let refused = refusal(super::edit(&stored, &title, &demanding, NOW));
    assert_eq!(refused, ("required_attribute_missing".to_owned(), "city".to_owned()));
    let both = title.with(City, "Oslo");
    assert!(super::edit(&stored, &both, &demanding, NOW).is_ok());
    let role = AccountEdit { role: Some(Role::User), ..edit() };
    assert!(super::edit(&stored, &role, &demanding, NOW).is_ok(), "the profile is not edited");

    // An address that stays is not asked for its domain again.
    let moved = stored.with(Email, "ann@sold.example");
    assert!(change(&moved, &edit().with(City, "Oslo")).is_ok());
}

#[test]
fn a_role_is_given_and_taken_away() {
    let stored = ann_account();
    let edit = AccountEdit { role: Some(Role::User), ..AccountEdit::default() };
    let revised = change(&stored, &edit).expect("edited");
    assert_eq!(revised.account.role, Role::User);
    assert_eq!(kinds(&revised), [EventKind::RoleChanged]);
    assert!(revised.events[0].details.ends_with("from org_admin to user"));
    assert_eq!(change(&revised.account, &edit).expect("edited").events, []);
}

/// An organization whose NameIDs are the key changed its identity provider.
#[test]
fn a_forgotten_name_id_lets_the_next_login_link_the_account() {
    let mut settings = settings();
    settings.account_key = AccountKey::NameId;
    let mut stored = ann_account();
    stored.name_id = Some(ann().name_id);
    let mut newly = ann();
    newly.name_id.issuer = "https://new.example/".to_owned();
    let sign_in =
        |account: &Account| newly.sign_in(std::slice::from_ref(account), &org(), &settings);
    let refused = sign_in(&stored).expect_err("a conflict");
    assert_eq!(refused.code, crate::error::Code::AccountConflict);

    let forget = AccountEdit { name_id: Some(ForgetNameId), ..AccountEdit::default() };
    let revised = change(&stored, &forget).expect("edited");
    assert_eq!(kinds(&revised), [EventKind::NameIdForgotten]);
    let decision = sign_in(&revised.account).expect("linked");
    assert_eq!(decision.change.account().name_id.as_ref(), Some(&newly.name_id));
    assert_eq!(decision.change.account().id, stored.id);
    assert_eq!(change(&revised.account, &forget).expect("edited").events, []);
}

#[test]
fn an_account_is_deactivated_and_reactivated() {
    let stored = ann_account();
    assert_eq!(reactivate(&stored, NOW).events, [], "active already");
    let mut org = org();
    org.primary_admin = Some("Ann@corp.example".to_owned());
    assert_eq!(deactivate(&stored, &org, NOW), Err(PrimaryAdmin));
    org.primary_admin = Some("kim@corp.example".to_owned());
    let inactive = deactivate(&stored, &org, NOW).expect("deactivated");
    assert_eq!(inactive.account.status, AccountStatus::Inactive);
    assert_eq!((inactive.account.updated_at, stored.updated_at), (NOW, BEFORE));
    assert_eq!(kinds(&inactive), [EventKind::AccountDeactivated]);
    assert_eq!(deactivate(&inactive.account, &org, NOW).map(|same| same.events), Ok(vec![]));
    let active = reactivate(&inactive.account, NOW);
    assert_eq!(active.account.status, AccountStatus::Active);
    assert_eq!(kinds(&active), [EventKind::AccountReactivated]);
}

/// A first login by an e-mail address finds what was made by hand, and writes it once (SPEC 9).
#[test]
fn an_account_that_was_made_by_hand_is_written_by_its_first_login() {
    let by_hand = AccountEdit::default()
        .with(Email, "ann@corp.example")
        .with(FirstName, "A.")
        .with(LastName, "Lee")
        .with(City, "Oslo");
    let made = make(&by_hand, &org()).expect("made");
    for key in [AccountKey::Uid, AccountKey::Ssoid, AccountKey::NameId] {
        let mut settings = settings();
        settings.account_key = key;
        let person = ann().with("ssoid", "7");
        let first =
            person.sign_in(std::slice::from_ref(&made), &org(), &settings).expect("signed in");
        let account = first.change.account();
        assert_eq!(account.id, made.id, "{key:?}");
        assert_eq!(account.profile.text(FirstName), Some("Ann"), "{key:?}");
        assert_eq!(account.profile.text(City), Some("Oslo"), "{key:?}: what did not come stays");

        // By hand again, and an assertion without a stamp does not write it back.
        let edited = AccountEdit::default().with(FirstName, "Anna");
        let edited = change(account, &edited).expect("edited").account;
        let second = person.sign_in(&[edited], &org(), &settings).expect("signed in");
        assert_eq!(second.change.account().profile.text(FirstName), Some("Anna"), "{key:?}");
    }
}

#[test]
fn a_user_administrator_writes_users_and_grants_nothing() {
    use AdminRole::{OrgAdmin, UserAdmin};
    let edit = AccountEdit::default;
    let role = |role| AccountEdit { role: Some(role), ..edit() };
    let forget = AccountEdit { name_id: Some(ForgetNameId), ..edit() };
    for (wanted, on_user, on_admin) in [
        (edit(), true, true),
        (edit().with(FirstName, "A").with(City, "Oslo").cleared(BusinessPhone), true, true),
        (edit().with(FirstName, "A").with(Email, "a@corp.example"), true, false),
        (edit().with(Ssoid, "7"), true, false),
        (edit().with(JobTitle, "Engineer"), true, false),
        (role(Role::User), true, false),
        (role(Role::UserAdmin), false, false),
        (role(Role::OrgAdmin), false, false),
        (forget, true, false),
    ] {
        assert_eq!(may_edit(UserAdmin, Role::User, &wanted), on_user, "{wanted:?}");
        assert_eq!(may_create(UserAdmin, &wanted), on_user, "{wanted:?}");
        for admin in [Role::UserAdmin, Role::OrgAdmin] {
            assert_eq!(may_edit(UserAdmin, admin, &wanted), on_admin, "{wanted:?}");
            assert!(may_edit(OrgAdmin, admin, &wanted));
        }
        assert!(may_create(OrgAdmin, &wanted));
    }
    assert!(may_sign_out(UserAdmin, Role::User));
    assert!(!may_sign_out(UserAdmin, Role::UserAdmin) && !may_sign_out(UserAdmin, Role::OrgAdmin));
    assert!(may_sign_out(OrgAdmin, Role::OrgAdmin));
}
