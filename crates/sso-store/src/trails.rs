//! What is told of organizations: traces, the audit trail, requests of directories. Each row is known by its
//! organization and an identifier, which begins with the instant at which it was made: what is old, or of which
//! organization a row is, is found from one organization to the next, and no login writes an index for it.

use crate::AnyStore;
use crate::engine::{Failure, Fields, Sql, Transaction, sql};
use crate::purge::PART;
use sso_core::ids::TraceId;
use std::sync::Arc;
use time::OffsetDateTime;

/// A table of them.
pub(crate) struct Trail {
    /// The organizations that have rows before an identifier: every purge asks, whether or not anything is old.
    pub(crate) due: &'static Sql,
    /// Removes rows of an organization before an identifier, the oldest first.
    remove: &'static Sql,
}

/// Selects the organizations that have rows in a table, of which a condition is to follow. Each step is a
/// subselect of one row, which no planner turns into reading them all.
macro_rules! organizations {
    ($table:literal) => {
        concat!(
            "WITH RECURSIVE told (org) AS (SELECT (SELECT org FROM ",
            $table,
            " ORDER BY org LIMIT 1) UNION ALL SELECT (SELECT t.org FROM ",
            $table,
            " t WHERE t.org > told.org ORDER BY t.org LIMIT 1) FROM told WHERE org IS NOT NULL) \
             SELECT org FROM told WHERE org IS NOT NULL AND "
        )
    };
}

macro_rules! trail {
    ($table:literal) => {
        Trail {
            due: sql!(
                organizations!($table),
                "(SELECT t.id FROM ",
                $table,
                " t WHERE t.org = told.org ORDER BY t.id LIMIT 1) < $1"
            ),
            remove: sql!(
                "DELETE FROM ",
                $table,
                " WHERE org = $1 AND id IN (SELECT id FROM ",
                $table,
                " WHERE org = $1 AND id < $2 ORDER BY id LIMIT $3)"
            ),
        }
    };
}

pub(crate) const TRACES: &Trail = &trail!("traces");
pub(crate) const SCIM_REQUESTS: &Trail = &trail!("scim_requests");
pub(crate) const AUDIT: &Trail = &trail!("audit");

/// The organization of a trace.
pub(crate) const FIND_TRACE: &Sql = sql!(
    organizations!("traces"),
    "(SELECT t.id FROM traces t WHERE t.org = told.org AND t.id = $1) IS NOT NULL"
);

impl AnyStore {
    /// Removes what was told before an instant, to the millisecond.
    pub(crate) async fn purge_trail(
        &self,
        trail: &'static Trail,
        before: OffsetDateTime,
    ) -> Result<u64, Failure> {
        // Identifiers begin alike, whatever they are of.
        let before = TraceId::first_of(before).to_bytes();
        let due = (trail.due, before);
        let due = self.engine.read(due, |tx, (sql, before)| Box::pin(due_orgs(tx, sql, *before)));
        let due = Arc::new(due.await?);
        let (mut done, mut removed) = (0, 0);
        while done < due.len() {
            let part = Part { sql: trail.remove, due: Arc::clone(&due), done, before };
            let part = self.engine.write(part, |tx, part| Box::pin(remove(tx, part))).await?;
            done = part.done;
            removed += part.removed;
        }
        Ok(removed)
    }
}

async fn due_orgs(
    tx: &mut dyn Transaction,
    sql: &'static Sql,
    before: [u8; 16],
) -> Result<Vec<String>, Failure> {
    tx.query(sql, &[before.into()]).await?.iter_mut().map(Fields::text).collect()
}

/// What one transaction is to remove: of the organizations that are not done, no more than a part.
struct Part {
    sql: &'static Sql,
    due: Arc<Vec<String>>,
    done: usize,
    before: [u8; 16],
}

/// How many organizations are done, and how many rows a transaction removed.
struct Removed {
    done: usize,
    removed: u64,
}

async fn remove(tx: &mut dyn Transaction, part: &Part) -> Result<Removed, Failure> {
    let (mut done, mut left) = (part.done, PART);
    for org in part.due.iter().skip(part.done) {
        let values = [org.into(), part.before.into(), left.into()];
        left -= tx.execute(part.sql, &values).await? as i64;
        if left <= 0 {
            // It may have more.
            break;
        }
        done += 1;
    }
    Ok(Removed { done, removed: (PART - left) as u64 })
}
