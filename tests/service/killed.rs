//! `kill -9` while people sign in for the first time: whoever was answered has their account and
//! session after the restart, nobody has half of one, and nothing can be used twice.

use crate::crowd::{Answer, Crowd};
use crate::whole::{goes_on, seeded, stored};
use sso_core::random;
use sso_tests::{Database, Person, PostgresCluster, ServerProcess};
use std::time::Duration;

/// How often it is killed.
const TIMES: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    killed(Crowd::service(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    let database = PostgresCluster::shared().database();
    killed(Crowd::service(Some(database)).await).await;
}

async fn killed(mut service: ServerProcess) {
    let random = seeded();
    let crowd = Crowd::at(&[&service]).await;
    let mut all = Vec::new();
    for time in 0..TIMES {
        let people = move |n| Some(Person::new(&format!("p-{time}-{n}")));
        let signing_in = tokio::spawn({
            let crowd = crowd.clone();
            async move { crowd.sign_in(people).await }
        });
        let [byte] = random::bytes(&random);
        tokio::time::sleep(Duration::from_millis(100 + u64::from(byte))).await;
        service.kill();
        let mut logins = signing_in.await.expect("logins");
        all.extend(logins.iter().cloned());

        let database = service.database();
        until_nobody_is_connected(&database).await;
        let is_stored = stored(&database, &all);
        service.restart().await;
        goes_on(&crowd, &mut logins, &is_stored).await;
        let before = all.len() - logins.len();
        all.splice(before.., logins);
        stored(&database, &all);
    }
    let answered = all.iter().filter(|login| matches!(login.answer, Answer::Session(_))).count();
    let lost = all.iter().filter(|login| login.answer == Answer::None).count();
    eprintln!("{} logins: {answered} answered, {lost} stored and not answered", all.len());
    assert!(answered > TIMES, "the service was killed before it did anything");
}

/// PostgreSQL notices that a client is gone when it next reads or writes: until then it may still
/// carry out what it was sent.
pub(crate) async fn until_nobody_is_connected(database: &Database) {
    let Database::Postgres(_) = database else { return };
    let connected = "SELECT COUNT(*) FROM pg_stat_activity \
                     WHERE application_name = 'sso-server' AND datname = current_database()";
    while database.rows(connected).concat() != ["0"] {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
