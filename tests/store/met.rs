//! PostgreSQL undoes one of two transactions that meet. The use case is tried again, so that nobody is
//! told of it; one that meets others forever ends as a failure of the store.

use crate::engines::Database;
use crate::scene::Scene;
use sso_core::store::{AccountStore, CommitError, StoreError};
use sso_tests::Person;

/// Undoes the first `times` logins for a deadlock. A sequence is not undone with its transaction.
fn undo_logins(database: &Database, times: u32) {
    database.run(&format!(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('tries') <= {times} THEN
                 RAISE EXCEPTION 'met' USING ERRCODE = 'deadlock_detected';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER undo BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION undo();"
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_was_undone_is_tried_again() {
    let database = Database::postgres();
    let scene = Scene::new(database.open().await).await;
    undo_logins(&database, 7);
    let signed_in = scene.sign_in(&Person::new("ann")).await.expect("signed in at the eighth try");
    let found = scene.store.account(&scene.org.name, signed_in.account.id).await.expect("read");
    assert_eq!(found, Some(signed_in.account));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_always_undone_fails_and_leaves_nothing() {
    let database = Database::postgres();
    let scene = Scene::new(database.open().await).await;
    undo_logins(&database, 8);
    let refused = scene.sign_in(&Person::new("ann")).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Engine(_)))), "{refused:?}");
    assert!(!database.dump(&[]).contains("ann@"), "nothing of the login is kept");
    scene.sign_in(&Person::new("ann")).await.expect("the next login");
    assert!(database.dump(&[]).contains("ann@"), "what is kept of a login");
}
