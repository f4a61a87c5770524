//! The CPU time of `commit_sign_in`: one login after the other, and 32 at once, on SQLite and on
//! PostgreSQL. Each login is real: signed, verified and decided before the clock starts. Rounds of
//! both kinds take turns; other work on the machine raises CPU time too, so the lowest stands beside
//! the median.
//!
//!     cargo run --release [LOGINS IN A ROUND]

#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../../../tests/support/identity_provider.rs"]
mod identity_provider;
mod logins;
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../../../tests/support/postgres.rs"]
mod postgres;
mod usage;

use logins::{Login, Logins};
use postgres::PostgresCluster;
use sso_core::store::SignInStore;
use sso_store::{AnyStore, MasterKey};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::task::JoinSet;
use usage::Usage;

/// The allocator of the program that is measured for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 7;
/// How many logins are under way at once in the second kind of round.
const AT_ONCE: usize = 32;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let count = std::env::args().nth(1).map_or(2_000, |text| text.parse().expect("a number"));
    println!("{ROUNDS} rounds of {count} logins; microseconds a login, median (lowest)");
    println!("engine      at once     CPU of this process     CPU of the server            time");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = format!("sqlite://{}", folder.path().join("sso.db").display());
    measure("SQLite", &sqlite, count, None).await;

    let cluster = PostgresCluster::start(&[]);
    let url = cluster.database();
    measure("PostgreSQL", &url, count, usage::postmaster(&url)).await;
}

async fn measure(engine: &str, url: &str, count: usize, server: Option<u32>) {
    let key = MasterKey::read(&[7; 32]).expect("32 bytes");
    let store = Arc::new(sso_store::open(url, &key).await.expect("the database opens"));
    let mut logins = Logins::begin(Arc::clone(&store)).await;
    let (mut single, mut grouped) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        single.push(round(&store, logins.plan(count).await, 1, server).await);
        grouped.push(round(&store, logins.plan(count).await, AT_ONCE, server).await);
    }
    report(engine, 1, single);
    report(engine, AT_ONCE, grouped);
}

/// Commits logins by so many clients, which take turns at one queue, as people come. Microseconds a
/// login: CPU of this process, CPU of the server, time.
async fn round(
    store: &Arc<AnyStore>,
    logins: Vec<Login>,
    clients: usize,
    server: Option<u32>,
) -> [f64; 3] {
    let count = logins.len() as f64;
    let queue = Arc::new(Mutex::new(logins.into_iter()));
    let (before, began) = (Usage::now(server), Instant::now());
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (queue, store) = (Arc::clone(&queue), Arc::clone(store));
        let next = move || queue.lock().expect("no client panicked").next();
        tasks.spawn(async move {
            while let Some(login) = next() {
                store.commit_sign_in(login.plan, login.records).await.expect("committed");
            }
        });
    }
    tasks.join_all().await;
    let (time, after) = (began.elapsed(), Usage::now(server));
    let used = [after.process - before.process, after.server - before.server];
    [used[0] / count, used[1] / count, time.as_secs_f64() * 1e6 / count]
}

fn report(engine: &str, at_once: usize, rounds: Vec<[f64; 3]>) {
    let column = |i: usize| {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[i]).collect();
        values.sort_by(f64::total_cmp);
        format!("{:.0} ({:.0})", values[values.len() / 2], values[0])
    };
    println!("{engine:<12}{at_once:>7}{:>24}{:>22}{:>16}", column(0), column(1), column(2));
}
