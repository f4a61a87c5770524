//! Many first logins of one person at once make one account, and every one of them ends in a session
//! (SPEC 9): on each engine, and on two nodes.

use crate::crowd::{Answer, Crowd};
use sso_tests::{Person, PostgresCluster, ServerProcess};

const LOGINS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    let service = Crowd::service(None).await;
    one_account(&[&service]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    let database = PostgresCluster::shared().database();
    let service = Crowd::service(Some(database)).await;
    one_account(&[&service]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_two_nodes() {
    let database = PostgresCluster::shared().database();
    let one = Crowd::service(Some(database.clone())).await;
    let other = Crowd::service(Some(database)).await;
    one_account(&[&one, &other]).await;
}

async fn one_account(nodes: &[&ServerProcess]) {
    let crowd = Crowd::at(nodes).await;
    // A stamp that grows makes each login write the account, a transient NameID each login its own.
    let stamped =
        |n: usize| Person::new("bea").with("updateTimeStamp", &(1_700_000_000 + n).to_string());
    let transient = |n: usize| Person::new("cid").named(&format!("once-{n}")).transient();
    signed_in(nodes, &crowd, LOGINS, "ann@corp.example", |_| Person::new("ann")).await;
    signed_in(nodes, &crowd, LOGINS / 5, "bea@corp.example", stamped).await;
    signed_in(nodes, &crowd, LOGINS / 5, "cid@corp.example", transient).await;
}

/// The person has one account, made once, and every login a session of it.
async fn signed_in(
    nodes: &[&ServerProcess],
    crowd: &Crowd,
    logins: usize,
    email: &str,
    person: impl Fn(usize) -> Person + Clone + Send + Sync + 'static,
) {
    let done = crowd.sign_in(move |n| (n < logins).then(|| person(n))).await;
    assert_eq!(done.len(), logins);
    let database = nodes[0].database();
    let accounts = format!("SELECT org FROM accounts WHERE email_key = '{email}'");
    assert_eq!(database.rows(&accounts).len(), 1, "{email}");
    let refused: Vec<_> = done
        .iter()
        .map(|login| &login.answer)
        .filter(|a| !matches!(a, Answer::Session(_)))
        .collect();
    assert!(refused.is_empty(), "{email}: {} of {logins} refused: {refused:?}", refused.len());
    let mut ids = Vec::new();
    for (n, login) in done.iter().enumerate() {
        let Answer::Session(session) = &login.answer else { continue };
        let account = crowd.account(n, session).await.expect("a session");
        assert_eq!(account["email"], email);
        ids.push(account["id"].as_str().expect("an id").to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{email}: {ids:?}");
    for (act, times) in [("account_created", 1), ("sign_in", logins)] {
        let entries = format!(
            "SELECT id FROM audit WHERE administrator = '{email}' AND sub_category = '{act}'"
        );
        assert_eq!(database.rows(&entries).len(), times, "{email}: {act}");
    }
    let traces = "SELECT t.org FROM traces t JOIN accounts a ON a.org = t.org AND a.id = t.account";
    let traces = format!("{traces} WHERE a.email_key = '{email}' AND t.outcome = 'accepted'");
    assert_eq!(database.rows(&traces).len(), logins, "{email}");
}
