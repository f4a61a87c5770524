//! A login is stored whole or not at all (SPEC 9, DESIGN 5): the account if and only if its entries of
//! the audit trail, the trace, the session, the replay record and the consumed request.

use crate::crowd::{Answer, Crowd, Login};
use sso_core::ambient::SystemRandom;
use sso_core::random;
use sso_tests::{Database, SeededRandom};
use std::collections::HashSet;

/// Of first logins of as many people, which are stored, by e-mail address. Each is whole, there is
/// nothing else, and what was answered with a session is among them.
pub(crate) fn stored(database: &Database, logins: &[Login]) -> HashSet<String> {
    let column = |sql: &str| {
        let mut values = database.rows(sql).concat();
        values.sort();
        values
    };
    let consumed = column("SELECT request_id FROM pending_logins WHERE consumed");
    let consumed: HashSet<_> = consumed.into_iter().collect();
    let is_stored = |login: &&Login| consumed.contains(&login.begun.request_id);
    let mut stored: Vec<_> = logins.iter().filter(is_stored).map(|l| l.email.clone()).collect();
    stored.sort();
    assert_eq!(stored.len(), consumed.len(), "every consumed request is of one of these logins");

    let joined = |table: &str| {
        format!(
            "SELECT a.email_key FROM {table} t JOIN accounts a ON a.org = t.org AND a.id = t.account"
        )
    };
    for sql in [
        "SELECT email_key FROM accounts".to_owned(),
        joined("traces"),
        joined("sessions"),
        "SELECT administrator FROM audit WHERE sub_category = 'account_created'".to_owned(),
        "SELECT administrator FROM audit WHERE sub_category = 'sign_in'".to_owned(),
    ] {
        assert_eq!(column(&sql), stored, "{sql}");
    }
    assert_eq!(column("SELECT org FROM traces WHERE outcome = 'accepted'").len(), stored.len());
    assert_eq!(column("SELECT expires_at FROM replay_records").len(), stored.len());
    let stored: HashSet<_> = stored.into_iter().collect();
    for login in logins.iter().filter(|login| matches!(login.answer, Answer::Session(_))) {
        assert!(stored.contains(&login.email), "answered and not stored: {login:?}");
    }
    stored
}

/// What is stored works and cannot be done again; what is not can be done still, by the very same
/// response.
pub(crate) async fn goes_on(crowd: &Crowd, logins: &mut [Login], stored: &HashSet<String>) {
    let replayed = Answer::Refused(403, "replayed".to_owned());
    for login in logins {
        if let Answer::Session(session) = &login.answer {
            let account = crowd.account(0, session).await.expect("the session that was answered");
            assert_eq!(account["email"], login.email);
        }
        let again = crowd.post(0, &login.begun).await;
        if stored.contains(&login.email) {
            assert_eq!(again, replayed, "{login:?}");
        } else {
            assert!(matches!(again, Answer::Session(_)), "{again:?}: {login:?}");
            login.answer = again;
        }
    }
}

/// What a test that waits for random times draws them from. Its seed is printed, so that a failure can
/// be repeated: the environment variable `SSO_TEST_SEED` sets it.
pub(crate) fn seeded() -> SeededRandom {
    let given = std::env::var("SSO_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from_be_bytes(random::bytes(&SystemRandom)));
    eprintln!("SSO_TEST_SEED={seed}");
    SeededRandom::new(seed)
}
