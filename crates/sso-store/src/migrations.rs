//! Forward-only migrations, by the same names on both engines. What was applied is remembered with a
//! checksum; a database that knows more than this program is refused.

use crate::OpenError;
use openssl::sha::sha256;

/// A step of the schema.
pub(crate) struct Migration {
    /// Its name; migrations are applied in the order of names.
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        &[$(Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),+]
    };
}

const ALL: &[Migration] = migrations![
    "0001_first_login",
    "0002_idp_certificates",
    "0003_api_tokens",
    "0004_org_revisions",
    "0005_token_keys",
    "0006_account_lists",
    "0007_leases",
    "0008_notices",
    "0009_certificate_plans",
    "0010_metadata_sources",
    "0011_groups",
    "0012_logouts",
    "0013_applications",
    "0014_sessions_end",
    "0015_directories",
    "0016_passed_tests",
    "0017_messages",
    "0018_logins_by_browser",
    "0019_attribute_schemas",
    "0020_realms",
    "0021_directory_requests",
    "0022_session_issuers",
    "0023_session_subjects",
    "0024_trails_by_id",
];

/// What becomes of a database that lacks migrations, or that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// It is made, or brought up to date.
    BringUpToDate,
    /// It is left as it is, and not opened.
    MustBeCurrent,
}

/// A migration that a database remembers.
pub(crate) struct Applied {
    pub(crate) name: String,
    pub(crate) checksum: Vec<u8>,
}

/// The migrations to apply to a database, given those it has in the order of names.
/// [`OpenError::Newer`] if it has one that is not known here, [`OpenError::Changed`] if one is not
/// what it was, [`OpenError::Older`] if it lacks one and must be current.
pub(crate) fn missing(
    applied: &[Applied],
    schema: Schema,
    sql: fn(&Migration) -> &'static str,
) -> Result<&'static [Migration], OpenError> {
    for (index, had) in applied.iter().enumerate() {
        match ALL.get(index) {
            Some(known) if known.name == had.name => {
                if checksum(sql(known)).as_slice() != had.checksum {
                    return Err(OpenError::Changed(had.name.clone()));
                }
            }
            _ => return Err(OpenError::Newer(had.name.clone())),
        }
    }
    let missing = ALL.get(applied.len()..).unwrap_or_default();
    match (schema, missing.first()) {
        (Schema::MustBeCurrent, Some(first)) => Err(OpenError::Older(first.name.to_owned())),
        _ => Ok(missing),
    }
}

/// SHA-256 of a migration's text.
pub(crate) fn checksum(sql: &str) -> [u8; 32] {
    sha256(sql.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use rusqlite::Connection;

    /// A database as it was before a migration, and the migration.
    fn before(name: &str) -> (Connection, &'static str) {
        let connection = Connection::open_in_memory().unwrap();
        let until = ALL.iter().position(|migration| migration.name == name).unwrap();
        for older in &ALL[..until] {
            connection.execute_batch(older.sqlite).unwrap();
        }
        (connection, ALL[until].sqlite)
    }

    /// Organizations that were made before there were groups get theirs when the service is updated.
    #[test]
    fn an_older_organization_gets_its_top_level_group() {
        let (connection, groups) = before("0011_groups");
        for (name, document) in [("corp", r#"{"display_name": "Corp."}"#), ("plain", "{}")] {
            let insert = "INSERT INTO orgs (name, document) VALUES (?1, ?2)";
            connection.execute(insert, (name, document)).unwrap();
        }
        connection.execute_batch(groups).unwrap();
        let read = "SELECT org || ' ' || name || ' ' || is_top_level FROM account_groups \
             WHERE shown = 'grp_' || lower(hex(id)) ORDER BY org";
        let mut read = connection.prepare(read).unwrap();
        let made = read.query_map((), |row| row.get(0)).unwrap();
        let made: Vec<String> = made.collect::<Result<_, _>>().unwrap();
        assert_eq!(made, ["corp Corp. 1", "plain plain 1"]);
    }

    /// A logout finds who is signed in when the service is updated.
    #[test]
    fn an_older_session_is_found_by_its_name() {
        let (connection, session_subjects) = before("0023_session_subjects");
        connection
            .execute_batch(
                "INSERT INTO orgs (name, document) VALUES ('corp', '{}');
                 INSERT INTO accounts (org, id, revision, status, role, source, profile,
                     written_by_assertion, created_at, updated_at, im_logging)
                 VALUES ('corp', x'01', 1, 'active', 'user', 'saml', '{}', 1, 1, 1, 0)",
            )
            .unwrap();
        for (token, name, end) in [(1, 7, 30), (2, 7, 20), (3, 8, 10)] {
            let insert = "INSERT INTO sessions (token_hash, id, org, account, connection, slot, name_id, \
                 authenticated_at, idle_seconds, expires_at, last_used_at, ends_at, name_id_key) \
                 VALUES (?1, ?1, 'corp', x'01', x'01', 'live', '{}', 1, 1, ?3, 1, ?3, ?2)";
            connection.execute(insert, ([token], [name], end)).unwrap();
        }
        connection.execute_batch(session_subjects).unwrap();
        let read = "SELECT hex(name_id_key) || ' ' || kept_until FROM session_subjects \
             WHERE org = 'corp' AND account = x'01' ORDER BY name_id_key";
        let mut read = connection.prepare(read).unwrap();
        let kept: Vec<String> =
            read.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(kept, ["07 30", "08 10"]);
    }
}
