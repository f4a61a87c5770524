//! How SQLite finds the rows that every login or request waits for: by an index whose columns are all
//! given, so that the time does not grow with the organization.

use super::connect;
use crate::accounts::FIND_TAKEN;
use crate::directory_view::{BY_DISPLAY_NAME, BY_EMAIL, BY_SSOID, BY_UID, UP_BY_ID, UP_BY_UID};
use crate::engine::Sql;
use crate::logout::READ_SUBJECT;
use crate::migrations::Schema;
use crate::pending_logins::FIND_BEGUN;
use crate::sessions::READ_SESSION;
use crate::sign_in::FIND_CANDIDATES;
use crate::trails::{AUDIT, SCIM_REQUESTS, TRACES};
use rusqlite::Connection;
use tempfile::TempDir;

/// A new database, in a folder that goes with it.
fn database() -> (TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sso.db");
    let connection = connect::writer(&path, Schema::BringUpToDate).unwrap();
    (folder, connection)
}

/// The tables that a statement reads, each with the index and the columns that are given.
fn plan(connection: &Connection, sql: &Sql) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.sqlite)).unwrap();
    // No value is bound: each is null.
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>("detail"));
    let reads = |step: &String| step.starts_with("SCAN") || step.starts_with("SEARCH");
    steps.map(Result::unwrap).filter(reads).collect()
}

#[test]
fn a_login_looks_nothing_through() {
    let (_folder, connection) = database();
    let account = "SEARCH accounts USING INDEX accounts";
    // The groups of an account are read with it.
    let groups = [
        "SEARCH m USING PRIMARY KEY (org=? AND account=?)",
        "SEARCH g USING INDEX sqlite_autoindex_account_groups_1 (org=? AND id=?)",
    ];
    assert_eq!(
        plan(&connection, FIND_CANDIDATES),
        [
            "SEARCH a USING INDEX sqlite_autoindex_accounts_1 (org=? AND id=?)".to_owned(),
            format!("{account}_uid (org=? AND uid_key=?)"),
            format!("{account}_ssoid (org=? AND ssoid_key=?)"),
            format!("{account}_email (org=? AND email_key=?)"),
            format!("{account}_name_id (org=? AND name_id_key=?)"),
            groups[0].to_owned(),
            groups[1].to_owned(),
        ]
    );
    assert_eq!(
        plan(&connection, FIND_BEGUN),
        ["SEARCH pending_logins USING INDEX pending_logins_by_browser (browser=?)"]
    );
    assert_eq!(
        plan(&connection, FIND_TAKEN),
        [
            format!("{account}_email (org=? AND email_key=?)"),
            format!("{account}_uid (org=? AND uid_key=?)"),
            format!("{account}_ssoid (org=? AND ssoid_key=?)"),
        ]
    );
    assert_eq!(
        plan(&connection, READ_SESSION),
        [
            "SEARCH s USING INDEX sqlite_autoindex_sessions_1 (token_hash=?)",
            "SEARCH a USING INDEX sqlite_autoindex_accounts_1 (org=? AND id=?)",
            "SEARCH c USING INDEX sqlite_autoindex_connections_1 (id=?)",
            "SEARCH o USING INDEX sqlite_autoindex_orgs_1 (name=?)",
            groups[0],
            groups[1],
        ]
    );
    assert_eq!(
        plan(&connection, READ_SUBJECT),
        [
            "SEARCH s USING INDEX sessions_by_account (org=? AND account=?)",
            "SEARCH session_subjects USING PRIMARY KEY (org=? AND name_id_key=?)",
        ]
    );
}

/// A minute's purge steps from one organization to the next.
#[test]
fn a_purge_looks_nothing_through() {
    let (_folder, connection) = database();
    for trail in [TRACES, SCIM_REQUESTS, AUDIT] {
        let plan = plan(&connection, trail.due);
        // The first organization by its first row, the next ones, and of each the oldest row.
        let of_rows: Vec<_> = plan.iter().filter(|step| !step.ends_with("told")).skip(1).collect();
        let [first, next, oldest] = of_rows[..] else { panic!("{plan:?}") };
        assert!(first.starts_with("SCAN "), "{first}");
        assert!(next.starts_with("SEARCH t USING ") && next.ends_with(" (org>?)"), "{next}");
        assert!(oldest.starts_with("SEARCH t USING ") && oldest.ends_with(" (org=?)"), "{oldest}");
    }
}

/// What a directory asks for again and again (SPEC 11.1): one value, and a part of all, whose index is walked
/// without reading the rows before it.
#[test]
fn a_directory_looks_nothing_through() {
    let (_folder, connection) = database();
    for (sql, index) in [
        (BY_UID, "accounts_uid (org=? AND uid_key=?)"),
        (BY_SSOID, "accounts_ssoid (org=? AND ssoid_key=?)"),
        (BY_EMAIL, "accounts_email (org=? AND email_key=?)"),
        (BY_DISPLAY_NAME, "accounts_display_name (org=? AND display_name_key=?)"),
    ] {
        assert_eq!(plan(&connection, sql)[0], format!("SEARCH a USING INDEX {index}"));
    }
    for sql in [UP_BY_ID, UP_BY_UID] {
        let plan = plan(&connection, sql);
        let walked = plan.iter().filter(|step| step.contains("accounts") && !step.contains(" a "));
        let walked: Vec<_> = walked.collect();
        assert!(walked.len() == 1 && walked[0].starts_with("SEARCH accounts"), "{plan:?}");
        assert!(!plan.iter().any(|step| step.starts_with("SCAN a")), "{plan:?}");
    }
}
