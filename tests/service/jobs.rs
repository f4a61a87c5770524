//! What the service does by itself is done by one node at a time (DESIGN 5), and ends with the service.

use sso_core::time::Clock as _;
use sso_tests::{Admin, BEGINNING, Corp, Engine, OPERATOR_TOKEN, PostgresCluster, TestServer};
use std::time::Instant;
use time::Duration;

/// How many logins have begun and are not purged.
fn pending(server: &TestServer) -> usize {
    server.database().rows("SELECT request_id FROM pending_logins").len()
}

async fn a_job_is_done_by_one_node(engine: Engine) {
    let server = TestServer::start_at(engine, Some(Corp::PUBLIC_URL)).await;
    let admin = Admin::new(server.url("/api/v1/"), OPERATOR_TOKEN);
    let corp = Corp::set_up(&admin, BEGINNING).await;
    corp.get(&server.url("/sso/corp/login"), "").await.expect("an answer");
    server.run_job("purge").await;
    assert_eq!(pending(&server), 1, "it is not over yet");

    // Another node is at it: its lease ends in a minute.
    server.clock().advance(Duration::hours(1));
    let until = (server.clock().now() + Duration::MINUTE).unix_timestamp() * 1_000_000;
    let node = match server.database() {
        sso_tests::Database::Sqlite(_) => "x'00'",
        sso_tests::Database::Postgres(_) => "'\\x00'",
    };
    server.database().run(&format!(
        "INSERT INTO leases (name, node, ends_at) VALUES ('purge', {node}, {until})"
    ));
    server.run_job("purge").await;
    assert_eq!(pending(&server), 1);

    // It is not heard of any more.
    server.clock().advance(Duration::MINUTE);
    server.run_job("purge").await;
    assert_eq!(pending(&server), 0);
    assert_eq!(server.database().rows("SELECT name FROM leases").len(), 0, "given back");

    let told = Instant::now();
    server.stop().await;
    assert!(told.elapsed().as_secs() < 5, "no job holds the service up");
}

#[tokio::test]
async fn a_job_is_done_by_one_node_on_sqlite() {
    a_job_is_done_by_one_node(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_job_is_done_by_one_node_on_postgresql() {
    a_job_is_done_by_one_node(Engine::Postgres(PostgresCluster::shared().database())).await;
}
