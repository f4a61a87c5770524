//! Logins: pending, looked up, committed.

use crate::configuration::refused;
use crate::scene::{Login, NOW, Scene, name, org};
use sso_core::connection::AccountKey;
use sso_core::login::{NameIdKey, PendingLogin};
use sso_core::provisioning::{
    AccountChange, AccountKeys, AccountSource, AccountStatus, Candidates, ProfileField,
    ProfileValue,
};
use sso_core::store::{
    AccountFilter, AccountOrder, AuditFilter, CommitError, Cutoffs, Page, SignedIn, Store,
    StoreError,
};
use sso_tests::Person;
use std::sync::Arc;
use time::Duration;
use tokio::task::JoinSet;

macro_rules! not_committed {
    ($result:expr, $reason:pat) => {
        match $result {
            Err($reason) => {}
            other => panic!("not {}: {other:?}", stringify!($reason)),
        }
    };
}

/// How many accounts, traces and audit entries `corp` has: what a commit adds to.
async fn counted(scene: &Scene<impl Store>) -> [usize; 3] {
    let (store, org, page) = (&scene.store, &scene.org.name, Page::first(200));
    let filter = AccountFilter::default();
    [
        store
            .accounts(org, &filter, AccountOrder::default(), &page)
            .await
            .expect("accounts")
            .items
            .len(),
        store.traces(org, &page).await.expect("traces").items.len(),
        store.audit(org, &AuditFilter::default(), &page).await.expect("the trail").items.len(),
    ]
}

pub(crate) async fn a_pending_login_is_kept_until_it_is_purged(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let full = scene.pending(NOW);
    let bare = PendingLogin {
        target_org: name("other"),
        relay_state: None,
        return_to: None,
        mobile: false,
        replaces: None,
        ..scene.pending(NOW + Duration::microseconds(1))
    };
    for login in [&full, &bare] {
        assert_eq!(scene.store.pending_login(&login.request_id).await.expect("read"), None);
        scene.store.put_pending_login(login.clone()).await.expect("kept");
        let kept = scene.store.pending_login(&login.request_id).await.expect("read");
        assert_eq!(kept.as_ref(), Some(login));
    }
    let again = PendingLogin { request_id: full.request_id.clone(), ..bare };
    refused!(scene.store.put_pending_login(again).await, Conflict("request_exists"));

    let login = scene.answer(&Person::new("ann"), &full.request_id, NOW).await;
    scene.commit(login).await.expect("committed");
    let consumed = scene.store.pending_login(&full.request_id).await.expect("read");
    assert_eq!(consumed, Some(full), "a second use is told from a response nobody asked for");
}

pub(crate) async fn a_browser_that_began_a_login_is_known_until_it_is_purged(
    store: Arc<impl Store>,
) {
    let scene = Scene::new(store).await;
    let (login, other) = (scene.pending(NOW), scene.pending(NOW).browser);
    let has_begun = async |browser| scene.store.has_begun_login(browser).await.expect("read");
    assert!(!has_begun(&login.browser).await);
    scene.store.put_pending_login(login.clone()).await.expect("kept");
    assert!(has_begun(&login.browser).await && !has_begun(&other).await);

    let answer = scene.answer(&Person::new("ann"), &login.request_id, NOW).await;
    scene.commit(answer).await.expect("committed");
    assert!(has_begun(&login.browser).await, "a finished login counts");
    let month = Duration::days(30);
    scene.store.purge(&Cutoffs::at(login.expires_at(), month)).await.expect("purged");
    assert!(!has_begun(&login.browser).await);
}

pub(crate) async fn a_first_login_stores_everything(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let Scene { store, org, .. } = &scene;
    let person = Person::new("ann").with("ssoid", "A-1").with("city", "Zürich");
    let login = scene.login(&person, NOW).await;
    assert!(matches!(login.plan.change(), AccountChange::Create(_)));
    let (planned, records) = (login.plan.account().clone(), login.records.clone());
    let SignedIn { account, session } = scene.commit(login).await.expect("committed");

    assert_eq!(account, planned);
    assert_eq!((account.revision, account.source), (1, AccountSource::Sso));
    assert_eq!(account.profile.text(ProfileField::City), Some("Zürich"));
    assert_eq!(store.account(&org.name, account.id).await.expect("read"), Some(account.clone()));

    assert_eq!(session.made, records.session);
    assert_eq!((&session.org, session.account), (&org.name, account.id));
    let found = store.session(&records.session.token_hash, NOW).await.expect("read");
    assert_eq!(found, Some((session, account)));

    let traces = store.traces(&org.name, &Page::first(10)).await.expect("traces");
    assert_eq!(traces.items, [records.trace]);
    let trail = scene.trail().await;
    for entry in &records.audit {
        assert!(trail.contains(entry), "{entry:?} in {trail:?}");
    }
    assert_eq!(records.audit.len(), 2, "the account was made, the person signed in");
    assert_eq!(counted(&scene).await, [1, 1, 3]);
}

pub(crate) async fn a_second_login_writes_only_what_every_login_writes(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    let first = scene.account(&person).await;

    let later = NOW + Duration::hours(1);
    let login = scene.login(&person.clone().with("city", "Rome"), later).await;
    assert!(matches!(login.plan.change(), AccountChange::SignIn(_)));
    let second = scene.commit(login).await.expect("committed").account;
    let mut expected = first.clone();
    expected.last_login_at = Some(later);
    assert_eq!(second, expected);
    assert_eq!(scene.store.account(&scene.org.name, first.id).await.expect("read"), Some(expected));

    // Another NameID is no more, so that logins of a person whose NameID is always another do not
    // hinder each other.
    let stale = scene.login(&person.clone().named("ann-3"), later).await;
    let login = scene.login(&person.named("ann-2"), later).await;
    for (login, name_id) in [(login, "ann-2"), (stale, "ann-3")] {
        let third = scene.commit(login).await.expect("committed").account;
        assert_eq!(third.revision, first.revision);
        assert_eq!(third.name_id.as_ref().map(|id| id.value.as_str()), Some(name_id));
        let stored = scene.store.account(&scene.org.name, first.id).await.expect("read");
        assert_eq!(stored, Some(third));
    }
}

pub(crate) async fn a_newer_stamp_writes_the_profile(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann").with("updateTimeStamp", "2026-01-01T00:00:00.123456789Z");
    let first = scene.account(&person.clone().with("city", "Rome")).await;

    let same = scene.login(&person.clone().with("city", "Oslo"), NOW).await;
    assert!(matches!(same.plan.change(), AccountChange::SignIn(_)), "an equal stamp");
    let newer = person.with("updateTimeStamp", "2026-02-01T00:00:00Z").with("city", "Oslo");
    let login = scene.login(&newer, NOW).await;
    assert!(matches!(login.plan.change(), AccountChange::Update(_)), "a newer stamp");
    let second = scene.commit(login).await.expect("committed").account;
    assert_eq!(second.revision, first.revision + 1);
    assert_eq!(second.profile.text(ProfileField::City), Some("Oslo"));
    assert_eq!(scene.store.account(&scene.org.name, first.id).await.expect("read"), Some(second));
}

pub(crate) async fn a_replayed_assertion_stores_nothing(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    // An identity provider may answer two requests by one assertion ID; the record is of that.
    let (first, second) = (scene.begin(NOW).await, scene.begin(NOW).await);
    let once = scene.verified(&person, &first, "_assertion", NOW);
    let twice = scene.verified(&person, &second, "_assertion", NOW);
    scene.commit(scene.decide(&once, &first, NOW).await).await.expect("the first use");

    let before = counted(&scene).await;
    let login = scene.decide(&twice, &second, NOW).await;
    let token = login.records.session.token_hash;
    not_committed!(scene.commit(login).await, CommitError::Replayed);
    let login = scene.decide(&once, &first, NOW).await;
    not_committed!(scene.commit(login).await, CommitError::Replayed);
    assert_eq!(counted(&scene).await, before);
    assert_eq!(scene.store.session(&token, NOW).await.expect("read"), None);

    let login = scene.answer(&person, &second, NOW).await;
    scene.commit(login).await.expect("the second request was not consumed");
    let later = NOW + Duration::seconds(1);
    let third = scene.begin(later).await;
    let reissued = scene.verified(&person, &third, "_assertion", later);
    let login = scene.decide(&reissued, &third, later).await;
    scene.commit(login).await.expect("one that was issued later is another, whatever its ID");
    let first = scene.verified(&person, &scene.begin(NOW).await, "_ASSERTION", NOW);
    assert_eq!(first.replay().assertion_id, "_ASSERTION", "IDs are compared exactly");
}

pub(crate) async fn a_request_is_consumed_once(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    let request = scene.begin(NOW).await;
    let login = scene.answer(&person, &request, NOW).await;
    scene.commit(login).await.expect("the first answer");

    let before = counted(&scene).await;
    let second = scene.verified(&person, &request, "_second", NOW);
    let login = scene.decide(&second, &request, NOW).await;
    not_committed!(scene.commit(login).await, CommitError::RequestAlreadyUsed);
    assert_eq!(counted(&scene).await, before);

    // The refused assertion left no record: with a request that waits for it, it is good.
    let mut login = scene.decide(&second, &request, NOW).await;
    login.records.request_id = Some(scene.begin(NOW).await);
    scene.commit(login).await.expect("the assertion was not used");
}

pub(crate) async fn a_request_that_never_was_is_refused(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let login = scene.answer(&Person::new("ann"), "_never", NOW).await;
    not_committed!(scene.commit(login).await, CommitError::RequestAlreadyUsed);
    assert_eq!(counted(&scene).await, [0, 0, 1]);
}

pub(crate) async fn a_login_without_a_request_is_committed(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let login = scene.unsolicited(&Person::new("ann")).await;
    scene.commit(login).await.expect("committed");
    assert_eq!(counted(&scene).await, [1, 1, 3]);
}

pub(crate) async fn a_plan_on_an_older_row_is_a_conflict_that_stores_nothing(
    store: Arc<impl Store>,
) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann").with("updateTimeStamp", "100");
    let account = scene.account(&person).await;
    let stamped = |stamp| person.clone().with("updateTimeStamp", stamp).with("city", stamp);
    let request = scene.begin(NOW).await;
    let update = scene.verified(&stamped("200"), &request, "_update", NOW);
    let on_older = scene.decide(&update, &request, NOW).await;
    assert!(matches!(on_older.plan.change(), AccountChange::Update(_)));
    let sign_in_on_older = scene.login(&person, NOW).await;

    let faster = scene.login(&stamped("300"), NOW).await;
    scene.commit(faster).await.expect("the faster one");
    let before = counted(&scene).await;
    not_committed!(scene.commit(on_older).await, CommitError::Conflict);
    not_committed!(scene.commit(sign_in_on_older).await, CommitError::Conflict);
    assert_eq!(counted(&scene).await, before);
    let stored = scene.store.account(&scene.org.name, account.id).await.expect("read");
    let stored = stored.expect("the account");
    assert_eq!(stored.profile.text(ProfileField::City), Some("300"));

    // Planned again it is committed: neither request nor assertion was used up.
    let again = scene.decide(&update, &request, NOW).await;
    assert!(matches!(again.plan.change(), AccountChange::SignIn(_)), "200 is older than 300");
    scene.commit(again).await.expect("planned again");
}

pub(crate) async fn logins_of_one_account_do_not_hinder_each_other(
    store: Arc<impl Store + 'static>,
) {
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    let account = scene.account(&person).await;
    let mut logins = Vec::new();
    for _ in 0..8 {
        logins.push(scene.login(&person, NOW + Duration::minutes(1)).await);
    }
    for result in commit_at_once(&scene, logins).await {
        let signed_in = result.expect("no conflict");
        assert_eq!(signed_in.account.id, account.id);
        assert_eq!(signed_in.account.revision, account.revision);
    }
}

pub(crate) async fn first_logins_at_once_make_one_account(store: Arc<impl Store + 'static>) {
    const TASKS: usize = 16;
    let scene = Arc::new(Scene::new(store).await);
    let person = Person::new("ann").with("ssoid", "A-1");
    // Each is planned on an organization without the account.
    let mut logins = Vec::new();
    for i in 0..TASKS {
        let request = scene.begin(NOW).await;
        let verified = scene.verified(&person, &request, &format!("_first-{i}"), NOW);
        let login = scene.decide(&verified, &request, NOW).await;
        assert!(matches!(login.plan.change(), AccountChange::Create(_)));
        logins.push((verified, request, login));
    }
    let mut tasks = JoinSet::new();
    for (verified, request, mut login) in logins {
        let scene = Arc::clone(&scene);
        tasks.spawn(async move {
            let mut conflicts = 0;
            loop {
                match scene.commit(login).await {
                    Err(CommitError::Conflict) => conflicts += 1,
                    result => break (result.expect("committed in the end").account, conflicts),
                }
                login = scene.decide(&verified, &request, NOW).await;
            }
        });
    }
    let done = tasks.join_all().await;
    let (first, _) = &done[0];
    assert!(done.iter().all(|(account, _)| account.id == first.id), "one account");
    let conflicts: usize = done.iter().map(|(_, conflicts)| conflicts).sum();
    assert_eq!(conflicts, TASKS - 1, "all but one had to plan again, and once was enough");
    let [accounts, traces, _] = counted(&scene).await;
    assert_eq!((accounts, traces), (1, TASKS));
}

/// Commits logins from a task each, all at once.
async fn commit_at_once(
    scene: &Scene<impl Store + 'static>,
    logins: Vec<Login>,
) -> Vec<Result<SignedIn, CommitError>> {
    let mut tasks = JoinSet::new();
    for login in logins {
        let store = Arc::clone(&scene.store);
        tasks.spawn(async move { store.commit_sign_in(login.plan, login.records).await });
    }
    tasks.join_all().await
}

pub(crate) async fn an_assertion_that_comes_many_times_at_once_counts_once(
    store: Arc<impl Store + 'static>,
) {
    const TASKS: usize = 50;
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    scene.account(&person).await;
    let mut logins = Vec::new();
    for _ in 0..TASKS {
        let request = scene.begin(NOW).await;
        let verified = scene.verified(&person, &request, "_the-one", NOW);
        logins.push(scene.decide(&verified, &request, NOW).await);
    }
    let results = commit_at_once(&scene, logins).await;
    let (good, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    for result in refused {
        not_committed!(result, CommitError::Replayed);
    }
    let [accounts, traces, _] = counted(&scene).await;
    assert_eq!((accounts, traces), (1, 2));
}

pub(crate) async fn a_request_that_is_answered_many_times_at_once_is_consumed_once(
    store: Arc<impl Store + 'static>,
) {
    const TASKS: usize = 50;
    let scene = Scene::new(store).await;
    let person = Person::new("ann");
    scene.account(&person).await;
    let request = scene.begin(NOW).await;
    let mut logins = Vec::new();
    for _ in 0..TASKS {
        logins.push(scene.answer(&person, &request, NOW).await);
    }
    let results = commit_at_once(&scene, logins).await;
    let (good, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    for result in refused {
        not_committed!(result, CommitError::RequestAlreadyUsed);
    }
    let [accounts, traces, _] = counted(&scene).await;
    assert_eq!((accounts, traces), (1, 2));
}

pub(crate) async fn plans_that_fail_leave_those_committed_with_them(
    store: Arc<impl Store + 'static>,
) {
    const PEOPLE: usize = 32;
    let scene = Scene::new(store).await;
    let replayed = scene.begin(NOW).await;
    let verified = scene.verified(&Person::new("ann"), &replayed, "_used", NOW);
    scene.commit(scene.decide(&verified, &replayed, NOW).await).await.expect("used");

    let mut logins = Vec::new();
    for i in 0..PEOPLE {
        let person = Person::new(&format!("person-{i}"));
        logins.push(match i % 4 {
            // Fails at the replay record, at the request, and after the account was written.
            0 => {
                let request = scene.begin(NOW).await;
                let verified = scene.verified(&person, &request, "_used", NOW);
                scene.decide(&verified, &request, NOW).await
            }
            1 => scene.answer(&person, "_never", NOW).await,
            2 => {
                let mut login = scene.login(&person, NOW).await;
                login.records.session.token_hash = [7; 32];
                login
            }
            _ => scene.login(&person, NOW).await,
        });
    }
    let results = commit_at_once(&scene, logins).await;
    let count = |kind: fn(&Result<SignedIn, CommitError>) -> bool| {
        results.iter().filter(|result| kind(result)).count()
    };
    assert_eq!(count(|r| matches!(r, Err(CommitError::Replayed))), PEOPLE / 4);
    assert_eq!(count(|r| matches!(r, Err(CommitError::RequestAlreadyUsed))), PEOPLE / 4);
    let taken = |r: &Result<_, _>| {
        matches!(r, Err(CommitError::Store(StoreError::Conflict("session_exists"))))
    };
    assert_eq!(count(taken), PEOPLE / 4 - 1);
    assert_eq!(count(Result::is_ok), PEOPLE / 4 + 1);
    // Each that was committed has everything, and the others have nothing.
    let committed = PEOPLE / 4 + 2;
    assert_eq!(counted(&scene).await, [committed, committed, 1 + 2 * committed]);
    for signed_in in results.into_iter().flatten() {
        let hash = signed_in.session.made.token_hash;
        let found = scene.store.session(&hash, NOW).await.expect("read");
        assert_eq!(found, Some((signed_in.session, signed_in.account)));
    }
}

pub(crate) async fn a_name_id_moves_where_it_is_not_the_key(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let before = scene.account(&Person::new("ann").named("shared")).await;
    // The provider gives the NameID to another person: by creation, then by a later login.
    let bob = scene.account(&Person::new("bob").named("shared")).await;
    let ann = scene.store.account(&scene.org.name, before.id).await.expect("read").expect("ann");
    assert_eq!((ann.name_id.as_ref(), ann.revision), (None, before.revision + 1));
    assert_eq!(bob.name_id.as_ref().map(|id| id.value.as_str()), Some("shared"));

    let back = scene.sign_in(&Person::new("ann").named("shared")).await.expect("back").account;
    assert_eq!((back.id, back.revision), (ann.id, ann.revision + 1));
    let bob = scene.store.account(&scene.org.name, bob.id).await.expect("read").expect("bob");
    assert_eq!(bob.name_id, None);
}

pub(crate) async fn a_name_id_that_is_the_key_is_a_conflict(store: Arc<impl Store>) {
    let mut scene = Scene::new(store).await;
    scene.settings.account_key = AccountKey::NameId;
    // Both are planned before either is made.
    let ann = scene.login(&Person::new("ann").named("shared"), NOW).await;
    let bob = scene.login(&Person::new("bob").named("shared"), NOW).await;
    let ann = scene.commit(ann).await.expect("the first").account;
    not_committed!(scene.commit(bob).await, CommitError::Conflict);
    assert_eq!(counted(&scene).await, [1, 1, 3]);
    let stored = scene.store.account(&scene.org.name, ann.id).await.expect("read");
    assert_eq!(stored, Some(ann.clone()));

    let again = scene.login(&Person::new("bob").named("shared"), NOW).await;
    assert_eq!(again.plan.account().id, ann.id, "planned again, it is the account of the key");
}

pub(crate) async fn a_session_token_is_of_one_session(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let first = scene.sign_in(&Person::new("ann")).await.expect("the first");
    let mut login = scene.login(&Person::new("bob"), NOW).await;
    login.records.session.token_hash = first.session.made.token_hash;
    not_committed!(
        scene.commit(login).await,
        CommitError::Store(StoreError::Conflict("session_exists"))
    );
    assert_eq!(counted(&scene).await, [1, 1, 3]);
}

pub(crate) async fn an_account_needs_its_organization(store: Arc<impl Store>) {
    let scene = Scene::without_org(store);
    let login = scene.login(&Person::new("ann"), NOW).await;
    not_committed!(scene.commit(login).await, CommitError::Store(StoreError::NotFound("org")));
    assert_eq!(counted(&scene).await, [0, 0, 0]);
}

fn keys(key: AccountKey, uid: &str, ssoid: &str, email: &str, name_id: &NameIdKey) -> AccountKeys {
    let filled = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
    AccountKeys {
        key,
        name_id: name_id.clone(),
        uid: filled(uid),
        ssoid: filled(ssoid),
        email: filled(email),
        own: Vec::new(),
        group_ids: Vec::new(),
    }
}

pub(crate) async fn candidates_are_found_by_each_key(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann").with("ssoid", "A-1")).await;
    let bob = scene.account(&Person::new("bob").with("ssoid", "B-1")).await;
    let (ann_id, bob_id) = (ann.name_id.clone().expect("one"), bob.name_id.clone().expect("one"));
    let nobody = NameIdKey { value: "nobody".to_owned(), ..ann_id.clone() };
    let find = |org: &'static str, keys: AccountKeys| {
        let store = &scene.store;
        async move { store.candidates(&name(org), &keys).await.expect("candidates") }
    };
    let some = |account: &_| Some(Clone::clone(account));

    let by_uid = find("corp", keys(AccountKey::Uid, "ANN@corp.example", "", "", &nobody)).await;
    let expected = Candidates { by_key: some(&ann), by_uid: some(&ann), ..Candidates::default() };
    assert_eq!(by_uid, expected, "a uid is compared without regard to case");
    let by_ssoid = find("corp", keys(AccountKey::Ssoid, "", "A-1", "", &nobody)).await;
    let expected = Candidates { by_key: some(&ann), by_ssoid: some(&ann), ..Candidates::default() };
    assert_eq!(by_ssoid, expected);
    let by_email = find("corp", keys(AccountKey::Ssoid, "", "", "Bob@Corp.example", &nobody)).await;
    assert_eq!(by_email, Candidates { by_email: some(&bob), ..Candidates::default() });
    let by_name_id = find("corp", keys(AccountKey::NameId, "", "", "", &bob_id)).await;
    assert_eq!(by_name_id, Candidates { by_key: some(&bob), ..Candidates::default() });
    let mixed = find(
        "corp",
        keys(AccountKey::NameId, "bob@corp.example", "A-1", "bob@corp.example", &ann_id),
    )
    .await;
    let expected = Candidates {
        by_key: some(&ann),
        by_email: some(&bob),
        by_uid: some(&bob),
        by_ssoid: some(&ann),
        ..Candidates::default()
    };
    assert_eq!(mixed, expected);

    // What looks alike is another: case of an ssoid, each part of a NameID, another organization.
    let unknown = Candidates { active_accounts: 2, ..Candidates::default() };
    let alike = [
        keys(AccountKey::Ssoid, "", "a-1", "", &nobody),
        keys(AccountKey::Uid, "", "", "", &ann_id),
        keys(AccountKey::NameId, "", "", "", &NameIdKey { format: None, ..ann_id.clone() }),
        keys(
            AccountKey::NameId,
            "",
            "",
            "",
            &NameIdKey { name_qualifier: Some(String::new()), ..ann_id.clone() },
        ),
        keys(
            AccountKey::NameId,
            "",
            "",
            "",
            &NameIdKey { sp_name_qualifier: Some("q".to_owned()), ..ann_id.clone() },
        ),
        keys(
            AccountKey::NameId,
            "",
            "",
            "",
            &NameIdKey { issuer: "https://idp.example".to_owned(), ..ann_id.clone() },
        ),
    ];
    for keys in alike {
        assert_eq!(find("corp", keys.clone()).await, unknown, "{keys:?}");
    }
    scene.store.create_org(org("other", &[]), scene.audit("made")).await.expect("made");
    let elsewhere = keys(AccountKey::Uid, "ann@corp.example", "A-1", "ann@corp.example", &ann_id);
    assert_eq!(find("other", elsewhere).await, Candidates::default());
}

pub(crate) async fn active_accounts_are_counted_for_an_unknown_person(store: Arc<impl Store>) {
    let scene = Scene::new(store).await;
    let ann = scene.account(&Person::new("ann")).await;
    scene.account(&Person::new("bob")).await;
    let name_id = ann.name_id.clone().expect("one");
    let unknown = keys(AccountKey::Uid, "eve@corp.example", "", "", &name_id);
    let count = || async {
        scene.store.candidates(&scene.org.name, &unknown).await.expect("found").active_accounts
    };
    assert_eq!(count().await, 2);
    let mut inactive = ann;
    inactive.status = AccountStatus::Inactive;
    inactive.profile.set(ProfileField::City, ProfileValue::Text("Rome".to_owned()));
    scene
        .store
        .update_account(inactive, None, vec![scene.audit("deactivated")])
        .await
        .expect("put");
    assert_eq!(count().await, 1);
}
