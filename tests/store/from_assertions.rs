//! The table of SPEC 9, row by row: what a verified login leaves of the account, of the trail and of the trace,
//! compared whole with what was there before. A login that is refused leaves everything as it was.

use crate::scene::{NOW, Scene};
use sso_core::connection::{AccountKey, OnMissing, Saml2Settings};
use sso_core::error::Code;
use sso_core::ids::{AccountId, GroupId, saml_id};
use sso_core::login::NameIdKey;
use sso_core::org::Org;
use sso_core::provisioning::{
    Account, AccountSource, AccountStatus, GroupEdit, Profile, ProfileField, ProfileValue, Role,
    account_keys, new_group, plan,
};
use sso_core::store::{AccountFilter, AccountOrder, Page, Store};
use sso_tests::Person;
use std::collections::BTreeSet;
use std::sync::Arc;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use ProfileField::*;

const BEFORE: OffsetDateTime = datetime!(2026-01-01 0:00 UTC);
const STAMP: OffsetDateTime = datetime!(2026-11-20 8:00 UTC);

/// A login, what there was before, and what it leaves.
struct Row {
    name: String,
    org: Vec<fn(&mut Org)>,
    settings: Vec<fn(&mut Saml2Settings)>,
    stored: Vec<Account>,
    person: Person,
    unsolicited: bool,
    leaves: Leaves,
}

enum Leaves {
    /// Everything as it was.
    Nothing(Code),
    /// The account, with notes in the trace and acts in the trail.
    Account(Box<Account>, Vec<&'static str>, Vec<&'static str>),
}

fn row(name: &str) -> Row {
    Row {
        name: name.to_owned(),
        org: Vec::new(),
        settings: Vec::new(),
        stored: Vec::new(),
        person: Person::new("ann"),
        unsolicited: false,
        leaves: Leaves::Nothing(Code::AccountUnknown),
    }
}

impl Row {
    fn org(mut self, change: fn(&mut Org)) -> Self {
        self.org.push(change);
        self
    }

    fn settings(mut self, change: fn(&mut Saml2Settings)) -> Self {
        self.settings.push(change);
        self
    }

    fn stored(mut self, account: Account) -> Self {
        self.stored.push(account);
        self
    }

    fn says(mut self, attributes: &[(&str, &str)]) -> Self {
        for (name, value) in attributes {
            self.person = self.person.with(name, value);
        }
        self
    }

    fn silent_of(mut self, attribute: &str) -> Self {
        self.person = self.person.without(attribute);
        self
    }

    fn person(mut self, change: impl FnOnce(Person) -> Person) -> Self {
        self.person = change(self.person);
        self
    }

    fn unsolicited(mut self) -> Self {
        self.unsolicited = true;
        self
    }

    fn refused(mut self, code: Code) -> Self {
        self.leaves = Leaves::Nothing(code);
        self
    }

    /// A new account of everything that is said, with the changes.
    fn makes(mut self, notes: &[&'static str], change: impl FnOnce(&mut Account)) -> Self {
        let mut account = made();
        change(&mut account);
        let notes = [notes, &["account_created"]].concat();
        self.leaves = Leaves::Account(Box::new(account), notes, vec!["account_created", "sign_in"]);
        self
    }

    /// The first stored account, signed in to and with the changes.
    fn leaves(
        mut self,
        notes: &[&'static str],
        acts: &[&'static str],
        change: impl FnOnce(&mut Account),
    ) -> Self {
        let mut account = self.stored[0].clone();
        account.revision += 1;
        account.last_login_at = Some(NOW);
        account.name_id = Some(NameIdKey { value: self.person.name_id.clone(), ..name_id() });
        change(&mut account);
        let acts = [acts, &["sign_in"]].concat();
        self.leaves = Leaves::Account(Box::new(account), notes.to_vec(), acts);
        self
    }
}

fn id(byte: u8) -> AccountId {
    AccountId::from_bytes([byte; 16])
}

fn name_id() -> NameIdKey {
    NameIdKey {
        issuer: "https://idp.example/".to_owned(),
        format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
        name_qualifier: None,
        sp_name_qualifier: None,
        value: "ann-id".to_owned(),
    }
}

fn profile(fields: &[(ProfileField, &str)]) -> Profile {
    let mut profile = Profile::default();
    for (field, value) in fields {
        profile.set(*field, text(value));
    }
    profile
}

fn text(text: &str) -> ProfileValue {
    ProfileValue::Text(text.to_owned())
}

fn set(account: &mut Account, field: ProfileField, value: &str) {
    account.profile.set(field, text(value));
}

const ANN: [(ProfileField, &str); 4] =
    [(Uid, "ann@corp.example"), (Email, "ann@corp.example"), (FirstName, "ann"), (LastName, "Lee")];

/// What Ann's first login makes.
fn made() -> Account {
    Account {
        id: id(9),
        org: "corp".parse().expect("a name"),
        profile: profile(&ANN),
        name_id: Some(name_id()),
        status: AccountStatus::Active,
        role: Role::User,
        groups: Vec::new(),
        source: AccountSource::Sso,
        directory: None,
        update_time_stamp: None,
        written_by_assertion: true,
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        last_login_at: Some(NOW),
    }
}

/// Ann's account as an administrator made it, and no assertion wrote it yet.
fn by_hand() -> Account {
    Account {
        id: id(1),
        profile: profile(&[ANN[0], ANN[1], (FirstName, "Anna"), (LastName, "Li"), (City, "Oslo")]),
        name_id: None,
        source: AccountSource::Admin,
        written_by_assertion: false,
        created_at: BEFORE,
        updated_at: BEFORE,
        last_login_at: None,
        ..made()
    }
}

/// The same, as an assertion of [`STAMP`] wrote it.
fn written() -> Account {
    Account { update_time_stamp: Some(STAMP), written_by_assertion: true, ..by_hand() }
}

fn with(mut account: Account, change: impl FnOnce(&mut Account)) -> Account {
    change(&mut account);
    account
}

/// Another person's account, with a `uid`, an `ssoid` and an address.
fn bob() -> Account {
    let fields =
        [(Uid, "bob@corp.example"), (Ssoid, "B-1"), (Email, "bob@corp.example"), (LastName, "Bo")];
    Account { id: id(2), profile: profile(&fields), ..by_hand() }
}

fn by_ssoid(settings: &mut Saml2Settings) {
    settings.account_key = AccountKey::Ssoid;
}

fn by_name_id(settings: &mut Saml2Settings) {
    settings.account_key = AccountKey::NameId;
}

fn no_creation(settings: &mut Saml2Settings) {
    settings.auto_create = false;
}

fn no_update(settings: &mut Saml2Settings) {
    settings.auto_update = false;
}

const LEFT: [&str; 1] = ["account_unchanged"];
const UPDATED: [&str; 1] = ["account_updated"];

/// `auto_create` and `auto_update`, on and off.
fn switches() -> Vec<Row> {
    let updated = |account: &mut Account| {
        set(account, FirstName, "ann");
        set(account, LastName, "Lee");
        account.written_by_assertion = true;
        account.updated_at = NOW;
    };
    vec![
        row("created").makes(&[], |_| ()),
        row("created without auto_update").settings(no_update).makes(&[], |_| ()),
        row("not created").settings(no_creation).refused(Code::AccountUnknown),
        row("updated").stored(by_hand()).leaves(&UPDATED, &UPDATED, updated),
        row("updated without auto_create")
            .settings(no_creation)
            .stored(by_hand())
            .leaves(&UPDATED, &UPDATED, updated),
        row("not updated").settings(no_update).stored(by_hand()).leaves(&LEFT, &[], |_| ()),
        row("a role is not asserted")
            .says(&[("role", "org_admin"), ("Role", "org_admin")])
            .makes(&[], |_| ()),
    ]
}

/// Each attribute that an account must have, missing in turn, absent and blank.
fn required() -> Vec<Row> {
    const MANDATORY: [(ProfileField, &str); 8] = [
        (StreetLine1, "streetLine1"),
        (StreetLine2, "streetLine2"),
        (City, "city"),
        (State, "state"),
        (ZipCode, "zipcode"),
        (Country, "ISOCountry"),
        (BusinessPhone, "businessPhone"),
        (MobilePhone, "mobilePhone"),
    ];
    let all = |org: &mut Org| {
        org.provisioning.mandatory_fields = MANDATORY.map(|(field, _)| field).to_vec();
    };
    let filled: Vec<_> = MANDATORY
        .iter()
        .map(|(_, name)| (*name, if *name == "ISOCountry" { "NO" } else { "x" }))
        .collect();
    let mut rows = vec![
        row("every field of the organization's").org(all).says(&filled).makes(&[], |account| {
            for (field, _) in MANDATORY {
                set(account, field, if field == Country { "NO" } else { "x" });
            }
        }),
        row("the ssoid").settings(by_ssoid).says(&[("ssoid", "A-1")]).makes(&[], |account| {
            set(account, Ssoid, "A-1");
        }),
        row("no uid, by the ssoid")
            .settings(by_ssoid)
            .says(&[("ssoid", "A-1")])
            .silent_of("uid")
            .makes(&[], |account| set(account, Ssoid, "A-1")),
        row("no ssoid").settings(by_ssoid).refused(Code::RequiredAttributeMissing),
    ];
    for name in ["uid", "firstname", "lastname", "email"] {
        rows.push(row(name).silent_of(name).refused(Code::RequiredAttributeMissing));
        rows.push(row(name).says(&[(name, " \t")]).refused(Code::RequiredAttributeMissing));
    }
    for (_, name) in MANDATORY {
        let whole = || row(name).org(all).says(&filled);
        rows.push(whole().silent_of(name).refused(Code::RequiredAttributeMissing));
        rows.push(whole().says(&[(name, "")]).refused(Code::RequiredAttributeMissing));
    }
    rows
}

/// Each form of `updateTimeStamp`; older, equal and newer ones.
fn stamps() -> Vec<Row> {
    let mut rows = Vec::new();
    for (said, read) in [
        ("0", datetime!(1970-01-01 0:00 UTC)),
        ("1795161600", datetime!(2026-11-20 8:00 UTC)),
        ("99999999999", datetime!(5138-11-16 09:46:39 UTC)),
        ("100000000000", datetime!(1973-03-03 09:46:40 UTC)),
        ("1795161600123", datetime!(2026-11-20 8:00:00.123 UTC)),
        ("2026-11-20T09:00:00.5+01:00", datetime!(2026-11-20 8:00:00.5 UTC)),
        ("2026-11-20 08:00:00", STAMP),
        ("20261120080000Z", STAMP),
        ("20261120080000.25Z", datetime!(2026-11-20 8:00:00.25 UTC)),
        ("202611200900+0100", STAMP),
        ("261120080000Z", STAMP),
        ("991120080000Z", datetime!(1999-11-20 8:00 UTC)),
    ] {
        let said = [("updateTimeStamp", said)];
        rows.push(row(said[0].1).says(&said).makes(&[], |account| {
            account.update_time_stamp = Some(read);
        }));
    }
    for unreadable in ["yesterday", "2026-11-20", "2026-13-01 00:00:00", "-1", "1.5"] {
        let said = [("updateTimeStamp", unreadable)];
        rows.push(row(unreadable).says(&said).makes(&["stamp_unreadable"], |_| ()));
        let notes = ["stamp_unreadable", "account_unchanged"];
        rows.push(row(unreadable).says(&said).stored(by_hand()).leaves(&notes, &[], |_| ()));
    }
    let newer = |account: &mut Account| {
        set(account, FirstName, "ann");
        set(account, LastName, "Lee");
        account.updated_at = NOW;
    };
    let later = STAMP + Duration::milliseconds(1);
    rows.extend([
        row("newer")
            .says(&[("updateTimeStamp", "2026-11-20T08:00:00.001Z")])
            .stored(written())
            .leaves(&UPDATED, &UPDATED, |account| {
                newer(account);
                account.update_time_stamp = Some(later);
            }),
        row("equal").says(&[("updateTimeStamp", "2026-11-20 08:00:00")]).stored(written()).leaves(
            &LEFT,
            &[],
            |_| (),
        ),
        row("older").says(&[("updateTimeStamp", "2026-11-20 07:59:59")]).stored(written()).leaves(
            &LEFT,
            &[],
            |_| (),
        ),
        row("none stored, written before")
            .says(&[("updateTimeStamp", "1")])
            .stored(with(written(), |account| account.update_time_stamp = None))
            .leaves(&UPDATED, &UPDATED, |account| {
                newer(account);
                account.update_time_stamp = Some(datetime!(1970-01-01 0:00:01 UTC));
            }),
        row("none said, written before").stored(written()).leaves(&LEFT, &[], |_| ()),
        row("an empty one, written before")
            .says(&[("updateTimeStamp", "")])
            .stored(written())
            .leaves(&LEFT, &[], |_| ()),
        row("none said, never written").stored(by_hand()).leaves(&UPDATED, &UPDATED, |account| {
            newer(account);
            account.written_by_assertion = true;
        }),
        row("newer, and nothing else is")
            .says(&[("updateTimeStamp", "2026-11-20T08:00:00.001Z")])
            .stored(with(written(), |account| account.profile = profile(&ANN)))
            .leaves(&UPDATED, &[], |account| account.update_time_stamp = Some(later)),
    ]);
    rows
}

/// Attributes that are absent or empty, by each value of `on_missing`, and what an update leaves alone.
fn absences() -> Vec<Row> {
    fn filled() -> Account {
        with(written(), |account| {
            account.profile = profile(&ANN);
            for (field, value) in [(City, "Oslo"), (JobTitle, "Clerk"), (UpgradeSite, "s-1")] {
                set(account, field, value);
            }
        })
    }
    let newer = || row("").says(&[("updateTimeStamp", "2026-11-20 08:00:01")]).stored(filled());
    let written = |account: &mut Account| {
        account.update_time_stamp = Some(STAMP + Duration::seconds(1));
    };
    let cleared = |fields: &'static [ProfileField]| {
        move |account: &mut Account| {
            written(account);
            fields.iter().for_each(|field| account.profile.clear(*field));
            account.updated_at = NOW;
        }
    };
    let named = |name: &str, row: Row| Row { name: name.to_owned(), ..row };
    vec![
        named("absent keeps", newer().leaves(&UPDATED, &[], written)),
        named(
            "keep keeps",
            newer()
                .settings(|s| {
                    s.on_missing.insert(City, OnMissing::Keep);
                })
                .leaves(&UPDATED, &[], written),
        ),
        named(
            "clear clears",
            newer()
                .settings(|s| {
                    s.on_missing.insert(City, OnMissing::Clear);
                })
                .leaves(&UPDATED, &UPDATED, cleared(&[City])),
        ),
        named(
            "refuse refuses",
            newer()
                .settings(|s| {
                    s.on_missing.insert(City, OnMissing::Refuse);
                })
                .refused(Code::RequiredAttributeMissing),
        ),
        named(
            "refuse asks nothing where it is there",
            newer()
                .settings(|s| {
                    s.on_missing.insert(City, OnMissing::Refuse);
                })
                .says(&[("city", "Oslo")])
                .leaves(&UPDATED, &[], written),
        ),
        named(
            "refuse asks nothing at creation, nor where nothing is updated",
            row("")
                .settings(|s| {
                    s.on_missing.insert(City, OnMissing::Refuse);
                })
                .makes(&[], |_| ()),
        ),
        named(
            "empty clears",
            newer().says(&[("city", ""), ("jobTitle", " ")]).leaves(
                &UPDATED,
                &UPDATED,
                cleared(&[City, JobTitle]),
            ),
        ),
        named(
            "empty keeps what is required",
            newer().says(&[("firstname", ""), ("email", "")]).leaves(
                &["required_field_kept", "required_field_kept", "account_updated"],
                &[],
                written,
            ),
        ),
        named(
            "so does clear, of the organization's fields too",
            newer()
                .org(|org| org.provisioning.mandatory_fields = vec![City])
                .settings(|s| {
                    s.on_missing.insert(City, OnMissing::Clear);
                })
                .leaves(&["required_field_kept", "account_updated"], &[], written),
        ),
        named(
            "upgradesite, absent or empty, does nothing",
            newer()
                .settings(|s| {
                    s.on_missing.insert(UpgradeSite, OnMissing::Clear);
                })
                .says(&[("upgradesite", "")])
                .leaves(&UPDATED, &[], written),
        ),
        named(
            "upgradesite is written",
            newer().says(&[("upgradesite", "s-2")]).leaves(&UPDATED, &UPDATED, |account| {
                written(account);
                set(account, UpgradeSite, "s-2");
                account.updated_at = NOW;
            }),
        ),
        named(
            "groupid at creation, unknown ones in the trace",
            row("")
                .person(|person| person.and("groupid", "staff").and("groupid", "nobody"))
                .makes(&["groups_ignored"], |account| account.groups = vec!["staff".to_owned()]),
        ),
        named(
            "groupid at an update",
            newer().says(&[("groupid", "staff")]).leaves(&UPDATED, &[], written),
        ),
        named(
            "logging has its defaults",
            row("").org(|org| org.im_logging.enabled = true).makes(&[], |account| {
                account.profile.set(ImLoggingEnabled, ProfileValue::Flag(false));
                set(account, ImLoggingEndpoint, "default_endpoint");
            }),
        ),
    ]
}

/// Whose account it is: keys, links, conflicts, domains, accounts that are deactivated, and `strip_uid_domain`.
fn matching() -> Vec<Row> {
    fn no_key() -> Account {
        with(by_hand(), |account| account.profile.clear(Uid))
    }
    let inactive =
        |account: Account| with(account, |account| account.status = AccountStatus::Inactive);
    let linked = |account: &mut Account| account.updated_at = NOW;
    let strip = |settings: &mut Saml2Settings| settings.strip_uid_domain = true;
    const LINKED: [&str; 2] = ["account_linked", "account_unchanged"];
    const LINK: [&str; 1] = ["account_linked"];
    vec![
        row("deactivated").stored(inactive(written())).refused(Code::AccountInactive),
        row("deactivated, whatever is said")
            .says(&[("updateTimeStamp", "2030-01-01 00:00:00"), ("status", "active")])
            .stored(inactive(written()))
            .refused(Code::AccountInactive),
        row("deactivated, to be linked").stored(inactive(no_key())).refused(Code::AccountInactive),
        row("a foreign address")
            .says(&[("email", "ann@other.example")])
            .refused(Code::EmailDomainForeign),
        row("a part of a domain")
            .says(&[("email", "ann@eu.corp.example")])
            .refused(Code::EmailDomainForeign),
        row("a foreign uid")
            .says(&[("uid", "ann@other.example")])
            .refused(Code::EmailDomainForeign),
        row("an update to a foreign address")
            .says(&[("email", "ann@other.example"), ("updateTimeStamp", "2026-11-21 00:00:00")])
            .stored(written())
            .refused(Code::EmailDomainForeign),
        row("linked by the address, by the uid").settings(no_update).stored(no_key()).leaves(
            &LINKED,
            &LINK,
            |account| {
                linked(account);
                set(account, Uid, "ann@corp.example");
            },
        ),
        row("linked by the address, by the ssoid")
            .settings(by_ssoid)
            .settings(no_update)
            .says(&[("ssoid", "A-1"), ("email", "ANN@Corp.Example")])
            .stored(by_hand())
            .leaves(&LINKED, &LINK, |account| {
                linked(account);
                set(account, Ssoid, "A-1");
            }),
        row("linked by the address, by the NameID")
            .settings(by_name_id)
            .settings(no_update)
            .stored(by_hand())
            .leaves(&LINKED, &LINK, |_| ()),
        row("linked, and updated").stored(no_key()).leaves(
            &["account_linked", "account_updated"],
            &["account_linked", "account_updated"],
            |account| {
                account.profile = profile(&[ANN[0], ANN[1], ANN[2], ANN[3], (City, "Oslo")]);
                account.written_by_assertion = true;
                account.updated_at = NOW;
            },
        ),
        row("not linked where the identity provider began")
            .settings(no_creation)
            .stored(no_key())
            .unsolicited()
            .refused(Code::AccountUnknown),
        row("nor made beside it").stored(no_key()).unsolicited().refused(Code::AccountConflict),
        row("the address is of an account with another uid")
            .stored(with(by_hand(), |account| set(account, Uid, "al@corp.example")))
            .refused(Code::AccountConflict),
        row("the address is of an account with another ssoid")
            .settings(by_ssoid)
            .says(&[("ssoid", "A-1")])
            .stored(with(by_hand(), |account| set(account, Ssoid, "A-2")))
            .refused(Code::AccountConflict),
        row("the address is of an account with another NameID")
            .settings(by_name_id)
            .stored(with(by_hand(), |account| {
                account.name_id = Some(NameIdKey { value: "other".to_owned(), ..name_id() });
            }))
            .refused(Code::AccountConflict),
        row("the ssoid is another's")
            .says(&[("ssoid", "B-1")])
            .stored(bob())
            .refused(Code::AccountConflict),
        row("an update to another's ssoid")
            .says(&[("ssoid", "B-1"), ("updateTimeStamp", "2026-11-21 00:00:00")])
            .stored(written())
            .stored(bob())
            .refused(Code::AccountConflict),
        row("the organization is full")
            .org(|org| org.provisioning.max_active_users = Some(1))
            .stored(bob())
            .refused(Code::UserLimitReached),
        row("strip_uid_domain with the ssoid, which is the rest")
            .settings(by_ssoid)
            .settings(strip)
            .makes(&[], |account| {
                set(account, Uid, "ann");
                set(account, Ssoid, "ann");
            }),
        row("strip_uid_domain with an ssoid of its own")
            .settings(by_ssoid)
            .settings(strip)
            .says(&[("ssoid", "A-1")])
            .makes(&[], |account| {
                set(account, Uid, "ann");
                set(account, Ssoid, "A-1");
            }),
        row("strip_uid_domain with the NameID, which it leaves")
            .settings(by_name_id)
            .settings(strip)
            .makes(&[], |account| {
                set(account, Uid, "ann");
                set(account, Ssoid, "ann");
            }),
        row("strip_uid_domain leaves nothing")
            .settings(by_ssoid)
            .settings(strip)
            .says(&[("uid", "@corp.example")])
            .refused(Code::RequiredAttributeMissing),
        row("a transient NameID as the key")
            .settings(by_name_id)
            .person(Person::transient)
            .refused(Code::NameIdFormat),
    ]
}

pub(crate) async fn accounts_are_made_and_updated_as_is_allowed(store: Arc<impl Store>) {
    hold(store, switches()).await;
}

pub(crate) async fn each_required_attribute_is_missed_in_turn(store: Arc<impl Store>) {
    hold(store, required()).await;
}

pub(crate) async fn each_stamp_is_read_and_compared(store: Arc<impl Store>) {
    hold(store, stamps()).await;
}

pub(crate) async fn what_is_absent_or_empty_is_kept_cleared_or_refused(store: Arc<impl Store>) {
    hold(store, absences()).await;
}

pub(crate) async fn each_login_finds_its_account_or_none(store: Arc<impl Store>) {
    hold(store, matching()).await;
}

async fn hold<S: Store>(store: Arc<S>, rows: Vec<Row>) {
    let mut scene = Scene::new(store).await;
    let org = scene.store.org("corp").await.expect("read").expect("the organization");
    let edit = GroupEdit {
        name: Some("Staff".to_owned()),
        sso_id: Some(Some("staff".to_owned())),
        ..GroupEdit::default()
    };
    let top = scene.store.top_level_group(&org.name).await.expect("read").expect("a group");
    let group = GroupId::new(NOW, scene.random());
    let group = new_group(&edit, &org, group, top.id, NOW).expect("a group");
    let audit = scene.audit("group_created");
    scene.store.create_group(group, Vec::new(), Vec::new(), audit).await.expect("made");
    let settings = scene.settings.clone();
    for row in rows {
        scene.org = org.clone();
        row.org.iter().for_each(|change| change(&mut scene.org));
        scene.settings = settings.clone();
        row.settings.iter().for_each(|change| change(&mut scene.settings));
        for account in &row.stored {
            let audit = vec![scene.audit("made")];
            scene.store.create_account(account.clone(), audit).await.expect("made");
        }
        hold_one(&scene, &row).await;
        for account in everyone(&scene).await {
            let audit = scene.audit("removed");
            let removed =
                scene.store.delete_account(&account.org, account.id, account.revision, audit);
            removed.await.expect("removed");
        }
    }
}

async fn hold_one<S: Store>(scene: &Scene<S>, row: &Row) {
    let name = &row.name;
    let (before, trail) = (everyone(scene).await, scene.trail_ids().await);
    let request = if row.unsolicited { String::new() } else { scene.begin(NOW).await };
    let login = match row.unsolicited {
        true => scene.verified_unsolicited(&row.person),
        false => scene.verified(&row.person, &request, &saml_id(scene.random()), NOW),
    };
    let rules = scene.settings.common().accounts;
    let decided = match account_keys(&login, &scene.org, rules) {
        Err(refused) => Err(refused),
        Ok(keys) => {
            let found = scene.store.candidates(&scene.org.name, &keys).await.expect("candidates");
            plan(&login, &found, &scene.org, rules, NOW, id(9))
        }
    };
    match (&row.leaves, decided) {
        (Leaves::Nothing(code), Err(refused)) => {
            assert_eq!(refused.code, *code, "{name}: {refused}");
            assert_eq!(everyone(scene).await, before, "{name}");
            assert_eq!(scene.trail_ids().await, trail, "{name}");
        }
        (Leaves::Account(expected, notes, acts), Ok(plan)) => {
            let noted: Vec<_> = plan.notes().iter().map(|note| note.event).collect();
            assert_eq!(noted, *notes, "{name}");
            let mut login = scene.decide(&login, &request, NOW).await;
            login.plan = plan;
            login.records.request_id = (!row.unsolicited).then_some(request);
            let audit = &login.records.audit;
            let done: Vec<_> = audit.iter().map(|entry| entry.sub_category.as_str()).collect();
            assert_eq!(done, *acts, "{name}");
            let told: BTreeSet<_> = audit.iter().map(|entry| entry.id).collect();
            let signed_in = scene.commit(login).await.expect("committed");
            let after = everyone(scene).await;
            let left = after.iter().find(|account| account.id == expected.id);
            assert_eq!(left, Some(expected.as_ref()), "{name}");
            assert_eq!(signed_in.account, **expected, "{name}");
            let others = |all: &[Account]| {
                let others = all.iter().filter(|account| account.id != expected.id);
                others.cloned().collect::<Vec<_>>()
            };
            assert_eq!(others(&after), others(&before), "{name}");
            let new: BTreeSet<_> = scene.trail_ids().await.difference(&trail).copied().collect();
            assert_eq!(new, told, "{name}");
        }
        (Leaves::Nothing(code), Ok(plan)) => panic!("{name}: not {code:?}: {:?}", plan.account()),
        (Leaves::Account(..), Err(refused)) => panic!("{name}: {refused}"),
    }
}

async fn everyone<S: Store>(scene: &Scene<S>) -> Vec<Account> {
    let (all, order) = (AccountFilter::default(), AccountOrder::default());
    let page = Page::first(200);
    scene.store.accounts(&scene.org.name, &all, order, &page).await.expect("a list").items
}
