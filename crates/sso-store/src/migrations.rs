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

    /// Organizations that were made before there were groups get theirs when the service is updated.
    #[test]
    fn an_older_organization_gets_its_top_level_group() {
        let connection = Connection::open_in_memory().unwrap();
        let groups = ALL.iter().position(|migration| migration.name == "0011_groups").unwrap();
        for older in &ALL[..groups] {
            connection.execute_batch(older.sqlite).unwrap();
        }
        for (name, document) in [("corp", r#"{"display_name": "Corp."}"#), ("plain", "{}")] {
            let insert = "INSERT INTO orgs (name, document) VALUES (?1, ?2)";
            connection.execute(insert, (name, document)).unwrap();
        }
        connection.execute_batch(ALL[groups].sqlite).unwrap();
        let read = "SELECT org || ' ' || name || ' ' || is_top_level FROM account_groups \
             WHERE shown = 'grp_' || lower(hex(id)) ORDER BY org";
        let mut read = connection.prepare(read).unwrap();
        let made = read.query_map((), |row| row.get(0)).unwrap();
        let made: Vec<String> = made.collect::<Result<_, _>>().unwrap();
        assert_eq!(made, ["corp Corp. 1", "plain plain 1"]);
    }
}
