//! Rotations of the master key (SPEC 14): every secret is sealed anew while services go on, whenever it is cut
//! off, and the old key can go.

use crate::engines::{Database, master_key};
use crate::scene::{NOW, Scene};
use sso_core::certs::CertificateRequest;
use sso_core::ids::{CertificateRequestId, TraceId};
use sso_core::org::OrgName;
use sso_core::store::{
    CertificateState, MessageStore as _, ServiceCertificateStore as _, StoredMessage, TokenKey,
    TokenKeyStore as _,
};
use sso_store::{AnyStore, MasterKey, MasterKeyUse, MasterKeys, OpenError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many service certificates there are.
const MANY: usize = 45;

/// A key file that is edited while it is used.
#[derive(Clone)]
struct KeyFile(Arc<Mutex<Vec<MasterKey>>>);

impl KeyFile {
    fn new(keys: &[u8]) -> Self {
        let file = Self(Arc::default());
        file.edit(keys);
        file
    }

    fn edit(&self, keys: &[u8]) {
        let keys = keys.iter().map(|byte| master_key(*byte)).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    async fn open(&self, database: &Database) -> Result<Arc<AnyStore>, OpenError> {
        let file = self.clone();
        let read = move || file.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sso_store::open(&database.url(), MasterKeys::read_by(read)).await.map(Arc::new)
    }
}

async fn add_certificate(scene: &Scene<AnyStore>, key: &[u8]) {
    let certificate = scene.certificate(CertificateState::Next, 0);
    let (org, audit) = (&scene.org.name, scene.audit("added"));
    let added = scene.store.add_service_certificate(org, certificate, key, audit);
    added.await.expect("added");
}

/// An organization with many keys, and one of each other kind.
async fn scene(store: Arc<AnyStore>) -> Scene<AnyStore> {
    let scene = Scene::new(store).await;
    for n in 0..MANY {
        add_certificate(&scene, format!("key {n}").as_bytes()).await;
    }
    let request = CertificateRequest {
        id: CertificateRequestId::new(NOW, scene.random()),
        alias: "asked".to_owned(),
        der: vec![1],
        created_at: NOW,
    };
    let (org, audit) = (&scene.org.name, scene.audit("asked"));
    scene.store.add_certificate_request(org, request, b"asked", audit).await.expect("added");
    let made = TokenKey { created_at: NOW, private_key: b"of tokens".to_vec() };
    scene.store.first_token_key(made).await.expect("kept");
    scene.store.put_message(message(&scene.org.name)).await.expect("kept");
    scene
}

fn message(org: &OrgName) -> StoredMessage {
    let trace = TraceId::from_bytes([7; 16]);
    StoredMessage { trace, org: org.clone(), at: NOW, xml: b"of a login".to_vec() }
}

/// Every key opens, and the message.
async fn all_open(scene: &Scene<AnyStore>, store: &AnyStore, certificates: usize) {
    let keys = store.service_keys(&scene.org.name).await.expect("every key opens");
    assert_eq!(keys.len(), certificates);
    assert!(keys.iter().all(|key| key.private_key.starts_with(b"key ")));
    let of_tokens = store.token_key().await.expect("it opens").expect("the key of tokens");
    assert_eq!(of_tokens.private_key, b"of tokens");
    let message = message(&scene.org.name);
    let read = store.message(&message.org, message.trace).await.expect("it opens");
    assert_eq!(read, Some(message));
}

pub(crate) async fn every_secret_is_sealed_under_the_first_key(database: Database) {
    let file = KeyFile::new(&[0x5a]);
    let scene = scene(file.open(&database).await.expect("opened")).await;
    let used = scene.store.master_keys().await.expect("read");
    assert_eq!(used.iter().map(|used| used.secrets).collect::<Vec<_>>(), [MANY as u64 + 3]);
    assert_eq!(scene.store.reseal().await.expect("done").secrets, 0, "it is sealed so already");

    // A service of yesterday goes on with the old key; the file gets a new one beside it.
    file.edit(&[0x5b, 0x5a]);
    add_certificate(&scene, b"key of a running service").await;
    let command = file.open(&database).await.expect("opened");
    assert_eq!(command.master_keys().await.expect("read")[0].place, Some(1));
    let done = command.reseal().await.expect("done");
    assert_eq!((done.secrets, done.ended), (MANY as u64 + 4, 1));
    let used = command.master_keys().await.expect("read");
    assert_eq!((used.len(), used[0].version, used[0].place), (1, 2, Some(0)));
    all_open(&scene, &scene.store, MANY + 1).await;

    // The old key is not needed any more, and opens nothing; what is made now is sealed under the new.
    file.edit(&[0x5b]);
    add_certificate(&scene, b"key of today").await;
    let later = file.open(&database).await.expect("the new key alone");
    all_open(&scene, &later, MANY + 2).await;
    let org = &scene.org.name;
    let request = later.certificate_requests(org).await.expect("read").remove(0);
    let certificate = scene.certificate(CertificateState::Next, 0);
    let answered = later.answer_certificate_request(org, request.id, certificate, scene.audit("x"));
    answered.await.expect("the key of a request opens");
    let old = KeyFile::new(&[0x5a]).open(&database).await.expect_err("the old key alone");
    assert!(matches!(old, OpenError::WrongMasterKey), "{old:?}");

    // And back again.
    file.edit(&[0x5a, 0x5b]);
    assert_eq!(later.reseal().await.expect("done").secrets, MANY as u64 + 5);
    KeyFile::new(&[0x5a]).open(&database).await.expect("the first key alone");
}

pub(crate) async fn a_rotation_that_is_cut_off_is_resumed(database: Database) {
    let file = KeyFile::new(&[0x5a]);
    let scene = scene(file.open(&database).await.expect("opened")).await;
    file.edit(&[0x5b, 0x5a]);
    let mut mixed = 0;
    for cut_after in (0..).map(|n| Duration::from_millis(n * 2)) {
        let command = file.open(&database).await.expect("opened");
        let done = tokio::time::timeout(cut_after, command.reseal()).await;
        let used = command.master_keys().await.expect("read");
        mixed += usize::from(used.len() == 2 && used.iter().all(|used| used.secrets > 0));
        all_open(&scene, &scene.store, MANY).await;
        if let Ok(done) = done {
            done.expect("done");
            break;
        }
        let needs_old = |used: &[MasterKeyUse]| used.iter().any(|used| used.version == 1);
        let missing = KeyFile::new(&[0x5b]).open(&database).await;
        // What was cut off may have been on its way to the disk, and be there now.
        let then = command.master_keys().await.expect("read");
        let needed = [needs_old(&used), needs_old(&then)];
        assert!(needed.contains(&missing.is_err()), "an old key that is needed is asked for");
    }
    eprintln!("cut off in the middle {mixed} times");
    KeyFile::new(&[0x5b]).open(&database).await.expect("the new key alone");
}

pub(crate) async fn rotations_and_new_secrets_at_once_lose_nothing(database: Database) {
    let file = KeyFile::new(&[0x5a]);
    let scene = Arc::new(scene(file.open(&database).await.expect("opened")).await);
    file.edit(&[0x5b, 0x5a]);
    let mut commands = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let command = file.open(&database).await.expect("opened");
        commands.spawn(async move { command.reseal().await.map(drop) });
    }
    for n in 0..10 {
        add_certificate(&scene, format!("key made meanwhile {n}").as_bytes()).await;
    }
    for done in commands.join_all().await {
        done.expect("done");
    }
    file.open(&database).await.expect("opened").reseal().await.expect("done");
    let later = KeyFile::new(&[0x5b]).open(&database).await.expect("the new key alone");
    all_open(&scene, &later, MANY + 10).await;
}
