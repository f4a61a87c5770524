//! Pending logins and logouts, and sessions.

use super::document;
use crate::engine::{Failure, Fields};
use sso_core::ids::{AccountId, ConnectionId, SessionId};
use sso_core::login::{BrowserBinding, PendingLogin};
use sso_core::logout::PendingLogout;
use sso_core::store::{NewSession, Session};

/// The columns that make a pending login.
macro_rules! pending_login_columns {
    () => {
        "request_id, org, target_org, connection, slot, browser, relay_state, return_to, mobile, \
         replaces, created_at"
    };
}
pub(crate) use pending_login_columns;

/// Reads [`pending_login_columns`].
pub(crate) fn pending_login(row: &mut Fields) -> Result<PendingLogin, Failure> {
    Ok(PendingLogin {
        request_id: row.text()?,
        org: row.parsed()?,
        target_org: row.parsed()?,
        connection: ConnectionId::from_bytes(row.array()?),
        slot: row.choice()?,
        browser: BrowserBinding(row.array()?),
        relay_state: row.optional_text()?,
        return_to: row.optional_text()?,
        mobile: row.flag()?,
        replaces: row.optional_array()?,
        created_at: row.instant()?,
    })
}

/// The columns that make a pending logout.
macro_rules! pending_logout_columns {
    () => {
        "request_id, org, connection, relay_state, return_to, created_at"
    };
}
pub(crate) use pending_logout_columns;

/// Reads [`pending_logout_columns`].
pub(crate) fn pending_logout(row: &mut Fields) -> Result<PendingLogout, Failure> {
    Ok(PendingLogout {
        request_id: row.text()?,
        org: row.parsed()?,
        connection: ConnectionId::from_bytes(row.array()?),
        relay_state: row.text()?,
        return_to: row.optional_text()?,
        created_at: row.instant()?,
    })
}

/// The columns that make a session, of the table `sessions` named `s`.
macro_rules! session_columns {
    () => {
        "s.id, s.token_hash, s.connection, s.slot, s.name_id, s.session_index, \
         s.more_session_indexes, s.sp_entity_id, s.authn_context, s.authenticated_at, \
         s.idle_seconds, s.expires_at, s.org, s.account, s.last_used_at"
    };
}
pub(crate) use session_columns;

/// Joins sessions, named `s`, to what they count by: a connection that is not disabled, of an organization
/// whose single sign-on is on.
macro_rules! while_enabled {
    () => {
        " JOIN connections c ON c.id = s.connection AND NOT c.is_disabled \
          JOIN orgs o ON o.name = c.org AND o.sso_enabled"
    };
}
pub(crate) use while_enabled;

/// Reads [`session_columns`].
pub(crate) fn session(row: &mut Fields) -> Result<Session, Failure> {
    Ok(Session {
        made: NewSession {
            id: SessionId::from_bytes(row.array()?),
            token_hash: row.array()?,
            connection: ConnectionId::from_bytes(row.array()?),
            slot: row.choice()?,
            name_id: row.document()?,
            session_indexes: session_indexes(row)?,
            sp_entity_id: row.optional_text()?,
            authn_context: row.optional_text()?,
            authenticated_at: row.instant()?,
            idle_seconds: u32::try_from(row.integer()?).map_err(Failure::unreadable)?,
            expires_at: row.instant()?,
        },
        org: row.parsed()?,
        account: AccountId::from_bytes(row.array()?),
        last_used_at: row.instant()?,
    })
}

/// The indexes of a session: nearly every login gives one or none, so that the others have a column of
/// their own, which is null for it.
fn session_indexes(row: &mut Fields) -> Result<Vec<String>, Failure> {
    let first = row.optional_text()?;
    let more: Option<Vec<String>> = row.optional_document()?;
    Ok(first.into_iter().chain(more.into_iter().flatten()).collect())
}

/// What [`session_columns`] has of the indexes of a session: the first, and the others as a document.
pub(crate) fn stored_indexes(
    indexes: &[String],
) -> Result<(Option<&str>, Option<String>), Failure> {
    match indexes.split_first() {
        None => Ok((None, None)),
        Some((first, [])) => Ok((Some(first), None)),
        Some((first, more)) => Ok((Some(first), Some(document(&more)?))),
    }
}
