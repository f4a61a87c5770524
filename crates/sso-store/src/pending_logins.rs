//! Logins that have begun (SPEC 5.1): kept, found, and each used up once.

use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{choice, pending_login, pending_login_columns};
use sso_core::login::{BrowserBinding, PendingLogin};
use sso_core::store::CommitError;

pub(crate) async fn put_pending(
    tx: &mut dyn Transaction,
    login: &PendingLogin,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO pending_logins (",
        pending_login_columns!(),
        ", expires_at, consumed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, FALSE)"
    );
    let slot = choice(&login.slot)?;
    let values = [
        (&login.request_id).into(),
        login.org.as_str().into(),
        login.target_org.as_str().into(),
        login.connection.to_bytes().into(),
        (&slot).into(),
        (&login.browser.0).into(),
        (&login.relay_state).into(),
        (&login.return_to).into(),
        login.mobile.into(),
        (&login.replaces).into(),
        login.created_at.into(),
        login.expires_at().into(),
    ];
    tx.execute(INSERT, &values)
        .await
        .map(drop)
        .map_err(|failure| failure.if_unique(Failure::conflict("request_exists")))
}

pub(crate) async fn read_pending(
    tx: &mut dyn Transaction,
    request_id: &str,
) -> Result<Option<PendingLogin>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", pending_login_columns!(), " FROM pending_logins WHERE request_id = $1");
    let rows = tx.query(READ, &[request_id.into()]).await?;
    rows.into_iter().next().map(|mut row| pending_login(&mut row)).transpose()
}

pub(crate) const FIND_BEGUN: &Sql =
    sql!("SELECT request_id FROM pending_logins WHERE browser = $1 LIMIT 1");

pub(crate) async fn has_begun(
    tx: &mut dyn Transaction,
    browser: &BrowserBinding,
) -> Result<bool, Failure> {
    Ok(!tx.query(FIND_BEGUN, &[(&browser.0).into()]).await?.is_empty())
}

/// Uses up a pending login. Answers the session that it replaces.
pub(crate) async fn consume(
    tx: &mut dyn Transaction,
    request_id: &str,
) -> Result<Option<[u8; 32]>, Failure> {
    const CONSUME: &Sql = sql!(
        "UPDATE pending_logins SET consumed = TRUE WHERE request_id = $1 AND NOT consumed \
         RETURNING replaces"
    );
    let mut rows = tx.query(CONSUME, &[request_id.into()]).await?;
    let row = rows.first_mut().ok_or(Failure::Commit(CommitError::RequestAlreadyUsed))?;
    row.optional_array()
}

/// Uses up a pending login of a browser, and has everything else that waits there replace the new session in
/// its turn. Answers the session that the login itself replaces. One statement does both, so that two tabs
/// that come at once wait for each other in the same order, and the second finds the session of the first.
pub(crate) async fn consume_in_browser(
    tx: &mut dyn Transaction,
    browser: &BrowserBinding,
    request_id: Option<&str>,
    session: &[u8; 32],
) -> Result<Option<[u8; 32]>, Failure> {
    const CONSUME: &Sql = sql!(
        "UPDATE pending_logins SET consumed = (request_id = $2), \
         replaces = CASE WHEN request_id = $2 THEN replaces ELSE $3 END \
         WHERE browser = $1 AND NOT consumed RETURNING request_id, replaces"
    );
    // No request has an empty name.
    let wanted = request_id.unwrap_or_default();
    let rows = tx.query(CONSUME, &[(&browser.0).into(), wanted.into(), session.into()]).await?;
    for mut row in rows {
        if row.text()? == wanted {
            return row.optional_array();
        }
    }
    match request_id {
        Some(_) => Err(Failure::Commit(CommitError::RequestAlreadyUsed)),
        None => Ok(None),
    }
}
