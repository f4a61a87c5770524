//! The values of organizations' own attributes of which no two accounts share one (SPEC 11.4). They stand
//! beside the profiles, where a unique index holds them on all nodes together.

use crate::engine::{Failure, Sql, Transaction, sql};
use sso_core::org::OrgName;
use sso_core::profile::AttributeSchema;
use sso_core::provisioning::{Account, OwnValue};
use sso_core::store::StoreError;

/// The unique values of an account that is about to be written. Where it has any of its organization's own
/// attributes, their schema stays as it is until the transaction ends, so that none becomes unique
/// between.
pub(crate) async fn unique_values(
    tx: &mut dyn Transaction,
    account: &Account,
) -> Result<Vec<OwnValue>, Failure> {
    const LOCK: &Sql = sql!(
        "UPDATE orgs SET attribute_schema = attribute_schema WHERE name = $1 \
         RETURNING attribute_schema"
    );
    if account.profile.own().next().is_none() {
        return Ok(Vec::new());
    }
    let mut rows = tx.query(LOCK, &[account.org.as_str().into()]).await?;
    let row = rows.first_mut().ok_or_else(|| Failure::not_found("org"))?;
    Ok(OwnValue::of(&account.profile, &row.document::<AttributeSchema>()?))
}

/// Writes the unique values of an account that was made. [`StoreError::AttributeTaken`] if another account of
/// the organization has one of them; of two that are written at once, the index refuses the later with
/// [`Failure::Unique`].
pub(crate) async fn insert(
    tx: &mut dyn Transaction,
    account: &Account,
    values: &[OwnValue],
) -> Result<(), Failure> {
    const FIND: &Sql = sql!(
        "SELECT attribute FROM account_values WHERE org = $1 AND attribute = $2 AND value = $3"
    );
    const INSERT: &Sql =
        sql!("INSERT INTO account_values (org, attribute, value, account) VALUES ($1, $2, $3, $4)");
    for own in values {
        let row = [
            account.org.as_str().into(),
            own.field.as_str().into(),
            (&own.value).into(),
            account.id.to_bytes().into(),
        ];
        if !tx.query(FIND, &row[..3]).await?.is_empty() {
            return Err(StoreError::AttributeTaken(own.field).into());
        }
        tx.execute(INSERT, &row).await?;
    }
    Ok(())
}

/// The same of one that was changed.
pub(crate) async fn replace(
    tx: &mut dyn Transaction,
    account: &Account,
    values: &[OwnValue],
) -> Result<(), Failure> {
    const CLEAR: &Sql = sql!("DELETE FROM account_values WHERE org = $1 AND account = $2");
    tx.execute(CLEAR, &[account.org.as_str().into(), account.id.to_bytes().into()]).await?;
    insert(tx, account, values).await
}

/// The accounts that have one of the values, each by its index.
pub(crate) async fn holders(
    tx: &mut dyn Transaction,
    org: &OrgName,
    values: &[OwnValue],
) -> Result<Vec<Account>, Failure> {
    let mut found = Vec::new();
    for own in values {
        let of = [org.as_str().into(), own.field.as_str().into(), (&own.value).into()];
        let rows = tx.query(BY_OWN_VALUE, &of).await?;
        for mut row in rows {
            found.push(crate::rows::account(&mut row)?);
        }
    }
    Ok(found)
}

/// The account of a unique value.
pub(crate) const BY_OWN_VALUE: &Sql = sql!(
    "SELECT ",
    crate::rows::account_columns!(),
    " FROM account_values v CROSS JOIN accounts a \
     WHERE v.org = $1 AND v.attribute = $2 AND v.value = $3 AND a.org = v.org AND a.id = v.account"
);
