//! PostgreSQL stops at once and comes back while people sign in: the service goes on without a
//! restart, and what it answered holds.

use crate::crowd::{AT_ONCE, Answer, Crowd};
use crate::whole::{goes_on, seeded, stored};
use sso_core::random;
use sso_tests::{Person, PostgresCluster};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often it goes away.
const TIMES: usize = 2;

/// How soon people sign in again after it is back.
const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn the_service_goes_on_when_postgresql_is_back() {
    let random = seeded();
    let mut cluster = PostgresCluster::start(&[]);
    let service = Crowd::service(Some(cluster.database())).await;
    let crowd = Crowd::at(&[&service]).await;
    let mut all = Vec::new();
    for time in 0..TIMES {
        let (begun, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let people = {
            let (begun, enough) = (Arc::clone(&begun), Arc::clone(&enough));
            move |n| {
                begun.store(n, Ordering::Relaxed);
                (!enough.load(Ordering::Relaxed)).then(|| Person::new(&format!("p-{time}-{n}")))
            }
        };
        let signing_in = tokio::spawn({
            let crowd = crowd.clone();
            async move { crowd.sign_in(people).await }
        });
        let [before, away] = random::bytes(&random);
        tokio::time::sleep(Duration::from_millis(100 + u64::from(before))).await;
        cluster.crash();
        tokio::time::sleep(Duration::from_millis(u64::from(away))).await;
        cluster.start_again();
        // Everybody who waited had their turn, and as many again.
        let (back, waited) = (Instant::now(), begun.load(Ordering::Relaxed));
        while begun.load(Ordering::Relaxed) < waited + 2 * AT_ONCE {
            assert!(back.elapsed() < SOON, "nobody signs in:\n{}", service.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        enough.store(true, Ordering::Relaxed);
        let mut logins = signing_in.await.expect("logins");
        for login in &logins {
            let answer = &login.answer;
            let told = matches!(answer, Answer::Refused(503, code) if code == "unavailable");
            assert!(told || matches!(answer, Answer::Session(_)), "{login:?}");
        }
        let last = logins.iter().rev().take(AT_ONCE);
        assert!(last.clone().any(|login| matches!(login.answer, Answer::Session(_))));

        all.extend(logins.iter().cloned());
        let database = service.database();
        let is_stored = stored(&database, &all);
        goes_on(&crowd, &mut logins, &is_stored).await;
        let before = all.len() - logins.len();
        all.splice(before.., logins);
        stored(&database, &all);
    }
}
