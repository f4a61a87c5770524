//! What outlasts a restart, who may open it, and what of it can be read without the key.

use crate::engines::{Database, file, master_key};
use crate::scene::{NOW, Scene};
use sso_core::connection::{Connection, Slot};
use sso_core::store::{
    AccountStore, AuditFilter, AuditStore, CertificateState, CommitError, ConfigurationStore,
    IdpCertificateStore, Page, ServiceCertificateStore, SignInStore, StoreError, TokenKey,
    TokenKeyStore, TraceStore,
};
use sso_store::{AnyStore, OpenError};
use sso_tests::Person;
use std::sync::Arc;

/// Adds a service certificate with this private key.
async fn add_key(scene: &Scene<AnyStore>, private_key: &[u8]) {
    let certificate = scene.certificate(CertificateState::Next, 0);
    let audit = scene.audit("added");
    scene
        .store
        .add_service_certificate(&scene.org.name, certificate, private_key, audit)
        .await
        .expect("added");
}

pub(crate) async fn everything_is_there_after_a_restart(database: Database) {
    let scene = Scene::new(database.open().await).await;
    let connection = scene.connection(Slot::Live, 1);
    scene.store.put_connection(connection.clone(), scene.audit("put")).await.expect("put");
    add_key(&scene, b"private").await;
    let imported = scene
        .store
        .add_idp_certificate(&scene.org.name, scene.idp_certificate(0), scene.audit("imported"))
        .await
        .expect("imported");
    // The two keys raised it.
    let connection = Connection { revision: 3, ..connection };
    let waiting = scene.begin(NOW).await;
    let signed_in = scene.sign_in(&Person::new("ann")).await.expect("signed in");
    let (org, token) = (scene.org.clone(), signed_in.session.made.token_hash);
    let page = Page::first(50);
    let traces = scene.store.traces(&org.name, &page).await.expect("traces");
    let trail = scene.trail().await;
    drop(scene);

    let store = database.open().await;
    assert_eq!(store.org("corp.example").await.expect("read"), Some(org.clone()));
    assert_eq!(store.connection(&org.name, Slot::Live).await.expect("read"), Some(connection));
    let keys = store.service_keys(&org.name).await.expect("read");
    assert_eq!(keys[0].private_key, b"private");
    assert_eq!(store.idp_certificates(&org.name).await.expect("read"), [imported]);
    assert!(store.pending_login(&waiting).await.expect("read").is_some());
    let found = store.session(&token, NOW).await.expect("read");
    assert_eq!(found, Some((signed_in.session, signed_in.account.clone())));
    let account = store.account(&org.name, signed_in.account.id).await.expect("read");
    assert_eq!(account, Some(signed_in.account));
    assert_eq!(store.traces(&org.name, &page).await.expect("traces"), traces);
    let kept = store.audit(&org.name, &AuditFilter::default(), &page).await.expect("the trail");
    assert_eq!(kept.items, trail);
}

pub(crate) async fn a_replay_is_refused_after_a_restart(database: Database) {
    let mut scene = Scene::new(database.open().await).await;
    let person = Person::new("ann");
    let request = scene.begin(NOW).await;
    let verified = scene.verified(&person, &request, "_assertion", NOW);
    let login = scene.decide(&verified, &request, NOW).await;
    scene.commit(login).await.expect("the first use");

    // Reopened in place, so that the identity provider stays the same.
    scene.store = database.open().await;
    let login = scene.decide(&verified, &request, NOW).await;
    assert!(matches!(scene.commit(login).await, Err(CommitError::Replayed)));
    let login = scene.answer(&person, &request, NOW).await;
    assert!(matches!(scene.commit(login).await, Err(CommitError::RequestAlreadyUsed)));
    scene.sign_in(&person).await.expect("another login");
}

pub(crate) async fn a_second_node_sees_what_the_first_committed(database: Database) {
    let mut scene = Scene::new(database.open().await).await;
    let (first, second) = (Arc::clone(&scene.store), database.open().await);
    let person = Person::new("ann");
    let mut uses = Vec::new();
    for _ in 0..10 {
        let request = scene.begin(NOW).await;
        let verified = scene.verified(&person, &request, "_assertion", NOW);
        uses.push(scene.decide(&verified, &request, NOW).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (i, login) in uses.into_iter().enumerate() {
        let store = Arc::clone(if i % 2 == 0 { &first } else { &second });
        tasks.spawn(async move { store.commit_sign_in(login.plan, login.records).await });
    }
    let results = tasks.join_all().await;
    let (good, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    for result in refused {
        assert!(matches!(result, Err(CommitError::Replayed)), "{result:?}");
    }
    let session = good.into_iter().flatten().next().expect("one").session;
    scene.store = second;
    let token = session.made.token_hash;
    assert!(scene.store.session(&token, NOW).await.expect("read").is_some());
    assert!(scene.store.end_session(&token).await.expect("ended").is_some());
    assert!(first.session(&token, NOW).await.expect("read").is_none());
}

pub(crate) async fn nodes_that_start_at_once_agree(database: Database) {
    let database = Arc::new(database);
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let database = Arc::clone(&database);
        nodes.spawn(async move { database.open().await });
    }
    for store in nodes.join_all().await {
        store.ping().await.expect("an answer");
    }
}

pub(crate) async fn another_master_key_is_told_at_the_start(database: Database) {
    drop(database.open().await);
    let error = database.try_open(&master_key(0x5b)).await.expect_err("another key");
    assert!(matches!(error, OpenError::WrongMasterKey));
    assert_eq!(
        error.to_string(),
        "the master key is not the one that this database was sealed with"
    );
    database.try_open(&master_key(0x5a)).await.expect("the right key");
}

pub(crate) async fn a_database_of_a_newer_version_is_refused(database: Database) {
    drop(database.open().await);
    database.run(
        "INSERT INTO schema_migrations (name, checksum) \
         SELECT '9999_later', checksum FROM schema_migrations LIMIT 1",
    );
    let error = database.try_open(&master_key(0x5a)).await.expect_err("a newer database");
    assert!(matches!(&error, OpenError::Newer(name) if name == "9999_later"), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the database was written by a newer version of this program (it has 9999_later): \
         start that version, or restore a backup"
    );
    database.run("DELETE FROM schema_migrations WHERE name = '9999_later'");
    database.open().await.ping().await.expect("an answer");
}

pub(crate) async fn a_migration_that_was_changed_is_refused(database: Database) {
    drop(database.open().await);
    database.run("UPDATE schema_migrations SET checksum = substr(checksum, 1, 31)");
    let error = database.try_open(&master_key(0x5a)).await.expect_err("a changed migration");
    assert!(matches!(&error, OpenError::Changed(name) if name == "0001_first_login"), "{error:?}");
}

pub(crate) async fn a_private_key_is_nowhere_in_the_clear(database: Database) {
    let secret = b"a private key that nobody may read";
    let scene = Scene::new(database.open().await).await;
    add_key(&scene, secret).await;
    let token = scene.sign_in(&Person::new("ann")).await.expect("signed in");
    assert!(!database.holds(secret));
    // The search finds what is stored in the clear.
    assert!(database.holds(&token.session.made.token_hash));
    assert!(database.holds(b"ann@corp.example"));
}

pub(crate) async fn a_sealed_key_opens_in_its_own_row_alone(database: Database) {
    let scene = Scene::new(database.open().await).await;
    for key in [b"first", b"other"] {
        add_key(&scene, key).await;
    }
    scene.store.service_keys(&scene.org.name).await.expect("each in its row");
    database.run(
        "UPDATE service_certificates SET private_key = \
         (SELECT private_key FROM service_certificates ORDER BY id LIMIT 1)",
    );
    match scene.store.service_keys(&scene.org.name).await {
        Err(StoreError::Engine(text)) => {
            assert!(text.starts_with("the sealed private_key of service_certificates"), "{text}");
        }
        other => panic!("a key that was moved opened: {other:?}"),
    }
}

pub(crate) async fn the_key_of_tokens_is_sealed_and_stays(database: Database) {
    let secret = b"a private key that signs for everybody";
    let key = TokenKey { created_at: NOW, private_key: secret.to_vec() };
    let store = database.open().await;
    assert_eq!(store.first_token_key(key.clone()).await.expect("kept"), key);
    drop(store);
    let store = database.open().await;
    assert_eq!(store.token_key().await.expect("read"), Some(key));
    assert!(!database.holds(secret));
    database.run("UPDATE token_keys SET private_key = (SELECT key_check FROM master_keys)");
    match store.token_key().await {
        Err(StoreError::Engine(text)) => {
            assert!(text.starts_with("the sealed private_key of token_keys"), "{text}");
        }
        other => panic!("a secret that was moved opened: {other:?}"),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_sqlite_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let database = Database::sqlite();
    let Database::Sqlite(folder) = &database else { unreachable!() };
    std::fs::write(file(folder), "").expect("a file that was there before");
    std::fs::set_permissions(file(folder), std::fs::Permissions::from_mode(0o644)).expect("set");
    let scene = Scene::new(database.open().await).await;
    scene.sign_in(&Person::new("ann")).await.expect("signed in");
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let entry = entry.expect("a file");
        let mode = entry.metadata().expect("its mode").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert!(files >= 2, "the database and its log");
}

/// A command beside a service may be of another version, or in the wrong folder.
#[tokio::test]
async fn what_exists_is_opened_without_being_changed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let absent = format!("sqlite://{}/sso.db", folder.path().display());
    let error = sso_store::open_existing(&absent, &master_key(1)).await.expect_err("none is made");
    assert!(matches!(error, OpenError::Absent(_)), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);

    for database in [Database::sqlite(), Database::postgres()] {
        drop(database.open().await);
        let existing =
            || async { sso_store::open_existing(&database.url(), &master_key(0x5a)).await };
        existing().await.expect("a current database opens");
        let error = sso_store::open_existing(&database.url(), &master_key(1)).await;
        assert!(matches!(error, Err(OpenError::WrongMasterKey)), "{error:?}");
        let last = "name = (SELECT max(name) FROM schema_migrations)";
        database.run(&format!("DELETE FROM schema_migrations WHERE {last}"));
        for _ in 0..2 {
            let error = existing().await.expect_err("it is not migrated");
            assert!(matches!(error, OpenError::Older(_)), "{error}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "these are notes, and no database at all").expect("written");
    let url = |path: &std::path::Path| format!("sqlite://{}", path.display());
    for (url, expected) in [
        (url(&folder.path().join("none/sso.db")), "cannot be opened: No such file or directory"),
        (url(folder.path()), "cannot be opened: Is a directory"),
        (url(&text), "notes.txt cannot be opened: file is not a database"),
        ("sqlite://".to_owned(), "must be sqlite://PATH or postgres://…: it names no file"),
        ("mysql://root:secret@db/sso".to_owned(), "must be sqlite://PATH or postgres://…: mysql"),
        ("sso.db".to_owned(), "must be sqlite://PATH or postgres://…: it names no engine"),
        (
            "postgres://sso:secret@127.0.0.1:1/sso".to_owned(),
            "PostgreSQL at 127.0.0.1:1 cannot be used: ",
        ),
    ] {
        let error = sso_store::open(&url, &master_key(1)).await.expect_err("nothing to open");
        let told = error.to_string();
        assert!(told.contains(expected), "{url}: {told}");
        assert!(!told.contains("secret") && !told.contains('\n'), "{told}");
    }
    assert_eq!(
        std::fs::read_to_string(&text).expect("read"),
        "these are notes, and no database at all"
    );
}
