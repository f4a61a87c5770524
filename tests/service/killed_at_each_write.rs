//! `kill -9` after each write in turn (SPEC 7, 14): of a rotation of the service certificate, of metadata that
//! waits for an approval, and of a rotation of the master key. Afterwards every key can be used, exactly one is
//! active, and the act is done with its entry in the audit trail, or not begun.
//!
//! What is killed is a command, which is the service's own endpoint in a process of its own (docs/adr/0008), by
//! `kill_at_write.c`, which counts the writes to the database and the key file.

use crate::killed::until_nobody_is_connected;
use crate::rotation_killed::{keys_are_whole, reopened};
use serde_json::{Value, json};
use sso_core::ambient::SystemClock;
use sso_core::connection::Slot;
use sso_core::org::OrgName;
use sso_core::store::{ConfigurationStore as _, MetadataStore as _, ServiceCertificateStore as _};
use sso_core::time::Clock as _;
use sso_tests::{
    Database, IdentityProvider, IdpMetadata, MetadataHost, PostgresCluster, SeededRandom,
    ServerProcess,
};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// More writes than any of these acts has.
const MOST: usize = 1_000;

fn postgresql() -> Option<String> {
    Some(PostgresCluster::shared().database())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_rotation_on_sqlite() {
    certificate_rotation(Scene::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_rotation_on_postgresql() {
    certificate_rotation(Scene::start(postgresql()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metadata_approval_on_sqlite() {
    metadata_approval(Scene::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metadata_approval_on_postgresql() {
    metadata_approval(Scene::start(postgresql()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_rotation_on_sqlite() {
    master_key_rotation(Scene::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_rotation_on_postgresql() {
    master_key_rotation(Scene::start(postgresql()).await).await;
}

/// An installation whose service does not run, with `acme` and its active certificate.
struct Scene {
    service: ServerProcess,
    org: OrgName,
    /// `kill_at_write.c`, compiled.
    killer: PathBuf,
    _folder: TempDir,
}

/// What became of an act that was killed at each of its writes.
#[derive(Debug, Default)]
struct Seen {
    /// It was killed and had not begun.
    not_done: usize,
    /// It was killed and was done.
    done: usize,
}

impl Scene {
    async fn start(database_url: Option<String>) -> Self {
        let networks = [("SSO_OUTGOING_NETWORKS", MetadataHost::NETWORK)];
        let mut service = ServerProcess::start_with(database_url, &networks).await;
        service.kill();
        let folder = tempfile::tempdir().expect("a folder");
        let killer = folder.path().join("kill_at_write.so");
        let mut compiler = Command::new("cc")
            .args(["-shared", "-fPIC", "-x", "c", "-", "-o"])
            .arg(&killer)
            .stdin(Stdio::piped())
            .spawn()
            .expect("cc starts: ./test installs gcc");
        let source = include_bytes!("kill_at_write.c");
        compiler.stdin.take().expect("its input").write_all(source).expect("written");
        assert!(compiler.wait().expect("it ends").success());
        let org = "acme".parse().expect("a name");
        let scene = Self { service, org, killer, _folder: folder };
        scene.does("org create acme domains=[\"acme.example\"]");
        let first = scene.does("cert generate acme --alias first --key p256 --json");
        scene.does(&format!("cert activate acme {}", first["id"].as_str().expect("an id")));
        scene
    }

    /// Has a command come to its end. The answer is what it printed, if that is JSON.
    fn does(&self, line: &str) -> Value {
        let told = self.service.command(line);
        assert!(told.status.success(), "{line}: {}", String::from_utf8_lossy(&told.stderr));
        serde_json::from_slice(&told.stdout).unwrap_or_default()
    }

    /// Begins a command that is killed after its `at`-th write. Whether it came to its end.
    async fn ends(&self, line: &str, at: usize) -> bool {
        let folder = self.service.key_file().parent().expect("its folder").display().to_string();
        let port = match self.service.database() {
            Database::Sqlite(_) => String::new(),
            Database::Postgres(url) => {
                url::Url::parse(&url).expect("a URL").port().expect("a port").to_string()
            }
        };
        let killer = self.killer.display().to_string();
        let told = self.service.command_with(
            line,
            &[
                ("LD_PRELOAD", killer),
                ("KILL_AT", at.to_string()),
                ("KILL_FOLDER", folder),
                ("KILL_PORT", port),
            ],
        );
        until_nobody_is_connected(&self.service.database()).await;
        match told.status.signal() {
            Some(9) => false,
            _ => {
                assert!(told.status.success(), "{line}: {}", String::from_utf8_lossy(&told.stderr));
                true
            }
        }
    }

    /// Does an act again and again, killed after its first write, its second and so on, until it comes to
    /// its end. `line`: the command, for what there is. `state`: what there is, with how often the act is
    /// in the audit trail; it changes in both or in none.
    async fn at_each_write<S: PartialEq + std::fmt::Debug>(
        &self,
        mut line: impl AsyncFnMut() -> String,
        state: impl AsyncFn() -> (S, usize),
    ) -> Seen {
        let mut seen = Seen::default();
        for at in 1..MOST {
            let line = line().await;
            let (before, acts_before) = state().await;
            let has_ended = self.ends(&line, at).await;
            let store = reopened(&self.service).await;
            keys_are_whole(&store, &line).await;
            let (after, acts_after) = state().await;
            let is_done = after != before;
            assert_eq!(acts_after - acts_before, usize::from(is_done), "{line}: {after:?}");
            if has_ended {
                assert!(is_done, "{line}");
                // Whether anything is written after the commit differs from run to run.
                assert!(seen.not_done > 0, "{line}: {seen:?}");
                eprintln!("{line}: {seen:?}");
                return seen;
            }
            *(if is_done { &mut seen.done } else { &mut seen.not_done }) += 1;
        }
        panic!("it has no end: {seen:?}");
    }

    fn acts(&self, sub_category: &str) -> usize {
        let entries = "SELECT sub_category FROM audit WHERE sub_category";
        self.service.database().rows(&format!("{entries} = '{sub_category}'")).len()
    }

    /// The service, started again, makes a certificate; then every key is looked at once more.
    async fn goes_on(mut self) {
        self.service.restart().await;
        let new = json!({"alias": "at the end", "valid_days": 365, "key": "p256"});
        self.service.admin().create("orgs/acme/service-certificates", new).await;
        keys_are_whole(&reopened(&self.service).await, "at the end").await;
    }
}

async fn certificate_rotation(scene: Scene) {
    let certificates = async || {
        let all = reopened(&scene.service).await.service_certificates(&scene.org).await;
        let all = all.expect("read").into_iter();
        all.map(|certificate| (certificate.id.to_string(), certificate.state)).collect::<Vec<_>>()
    };
    for (command, of, act) in [
        ("generate", "", "service_certificate_generated"),
        ("activate", "Next Previous", "service_certificate_activated"),
        ("retire", "Next Previous", "service_certificate_retired"),
        ("delete --yes", "Retired", "service_certificate_removed"),
    ] {
        let line = async || {
            const GENERATE: &str = "cert generate acme --alias a --key p256";
            if command == "generate" {
                return GENERATE.to_owned();
            }
            let all = certificates().await;
            let mut fitting = all.iter().filter(|(_, state)| of.contains(&format!("{state:?}")));
            let id = match fitting.next() {
                Some((id, _)) => id.clone(),
                // Each act that was done, killed or not, has used one up.
                None => {
                    let made = scene.does(&format!("{GENERATE} --json"));
                    let id = made["id"].as_str().expect("an id").to_owned();
                    if of == "Retired" {
                        scene.does(&format!("cert retire acme {id}"));
                    }
                    id
                }
            };
            format!("cert {command} acme {id}")
        };
        scene.at_each_write(line, async || (certificates().await, scene.acts(act))).await;
    }
    scene.goes_on().await;
}

async fn metadata_approval(scene: Scene) {
    let idp = |seed| IdentityProvider::new(SystemClock.now(), &SeededRandom::new(seed));
    let both = [idp(1), idp(2)];
    let document = |of: usize| IdpMetadata::of(&[&both[of]]).document();
    let host = MetadataHost::start(document(0)).await;
    scene.does(&format!("org connection import acme --url {}", host.url()));
    // Whose keys the connection trusts, all of them and no others; and whether something waits.
    let stands = async || {
        let store = reopened(&scene.service).await;
        let connection = store.connection(&scene.org, Slot::Live).await.expect("read");
        let connection = connection.expect("the connection");
        let source = store.metadata_source(connection.id).await.expect("read").expect("a source");
        let trusted =
            both.iter().position(|idp| connection.metadata_certificates == [idp.certificate()]);
        let trusted = trusted.expect("the keys of one of them");
        assert_eq!(connection.metadata_document, Some(document(trusted)));
        (trusted, source.proposal.is_some())
    };
    // Another host each time. The notice comes first, and once for each.
    let mut hosts = 0..;
    let mut found = async || {
        host.has(document(0));
        scene.does("org connection refresh acme");
        let sso_url = format!("https://idp-{}.example/sso", hosts.next().expect("a number"));
        host.has(IdpMetadata { sso_url, ..IdpMetadata::of(&[&both[0]]) }.document());
        "org connection refresh acme".to_owned()
    };
    let told = || scene.acts("metadata_approval_needed");
    let state = async || {
        let (trusted, waits) = stands().await;
        assert_eq!(trusted, 0, "nothing is used before it is approved");
        (waits, usize::from(waits))
    };
    let before = told();
    let Seen { not_done, done } = scene.at_each_write(&mut found, state).await;
    // What was told of and does not wait was cut off between the two.
    let told = told() - before;
    assert!(told > done + 1 && told <= done + not_done + 1, "{told}: {not_done} {done}");
    let approval = async || {
        let (trusted, _) = stands().await;
        host.has(document(1 - trusted));
        scene.does("org connection refresh acme");
        assert!(stands().await.1, "it waits");
        "org connection approve acme".to_owned()
    };
    scene.at_each_write(approval, async || (stands().await, scene.acts("metadata_approved"))).await;
    assert!(!stands().await.1);
    scene.goes_on().await;
}

async fn master_key_rotation(scene: Scene) {
    for _ in 0..12 {
        scene.does("cert generate acme --alias a --key p256");
    }
    // The key file as the service writes one.
    scene.does("master-key drop --yes");
    let file = scene.service.key_file();
    let read = || std::fs::read_to_string(&file).expect("the key file");
    let write = |text: &str| std::fs::write(&file, text).expect("written");
    // There is no audit trail of files: what was there before is there afterwards.
    let one = read();
    let line = async || {
        write(&one);
        "master-key new".to_owned()
    };
    let state = async || {
        let now = read();
        assert!(now.ends_with(&one), "the key that seals stays");
        (now.lines().count(), now.lines().count())
    };
    scene.at_each_write(line, state).await;
    assert_eq!(read().lines().count(), 2);

    // Back and forth between the two keys, each time from everything under the one.
    let mut cut = Seen::default();
    for at in 1..MOST {
        let has_ended = scene.ends("master-key reseal", at).await;
        let store = reopened(&scene.service).await;
        keys_are_whole(&store, "reseal").await;
        let used = store.master_keys().await.expect("read");
        if has_ended {
            assert_eq!((used.len(), used[0].place), (1, Some(0)));
            break;
        }
        let is_mixed = used.iter().filter(|used| used.secrets > 0).count() == 2;
        *(if is_mixed { &mut cut.done } else { &mut cut.not_done }) += 1;
        store.reseal().await.expect("it is ended by another");
        keys_are_whole(&store, "reseal").await;
        assert_eq!(store.master_keys().await.expect("read")[0].place, Some(0));
        let two = read();
        let mut lines: Vec<_> = two.lines().collect();
        lines.reverse();
        write(&format!("{}\n", lines.join("\n")));
    }
    eprintln!("master-key reseal: {} cut off in the middle, {} elsewhere", cut.done, cut.not_done);
    assert!(cut.done > 0 && cut.not_done > 0 && cut.done + cut.not_done < MOST - 1);

    let two = read();
    let line = async || {
        write(&two);
        "master-key drop --yes".to_owned()
    };
    let state = async || {
        let now = read();
        assert!(two.starts_with(&now), "the key that seals stays");
        let dropped = two.lines().count() - now.lines().count();
        (dropped, dropped)
    };
    scene.at_each_write(line, state).await;
    assert_eq!(read().lines().count(), 1);
    scene.goes_on().await;
}
