//! Accounts as directories ask for them (SPEC 11.1): by one value, or a part of all, each by an index.

use crate::engine::{Failure, Sql, Transaction, sql};
use crate::own_values::holders;
use crate::rows::{account, account_columns};
use sso_core::org::OrgName;
use sso_core::provisioning::Account;
use sso_core::store::{AccountLookup, AccountWalk, Direction, fold_name};

macro_rules! of_value {
    ($key:literal) => {
        sql!(
            "SELECT ",
            account_columns!(),
            " FROM accounts a WHERE a.org = $1 AND a.",
            $key,
            " = $2 ORDER BY a.id LIMIT $3"
        )
    };
}

/// The accounts of a value.
pub(crate) async fn find(
    tx: &mut dyn Transaction,
    (org, lookup, most): &(OrgName, AccountLookup, usize),
) -> Result<Vec<Account>, Failure> {
    let (sql, value) = match lookup {
        AccountLookup::Own(own) => return holders(tx, org, std::slice::from_ref(own)).await,
        AccountLookup::Uid(uid) => (BY_UID, uid.to_ascii_lowercase()),
        AccountLookup::Ssoid(ssoid) => (BY_SSOID, ssoid.clone()),
        AccountLookup::Email(email) => (BY_EMAIL, email.to_ascii_lowercase()),
        AccountLookup::DisplayName(name) => (BY_DISPLAY_NAME, fold_name(name)),
    };
    let values = [org.as_str().into(), (&value).into(), (*most as i64).into()];
    tx.query(sql, &values).await?.iter_mut().map(account).collect()
}

pub(crate) const BY_UID: &Sql = of_value!("uid_key");
pub(crate) const BY_SSOID: &Sql = of_value!("ssoid_key");
pub(crate) const BY_EMAIL: &Sql = of_value!("email_key");
pub(crate) const BY_DISPLAY_NAME: &Sql = of_value!("display_name_key");

/// A part of all: the index is walked alone, and rows are read of the part.
macro_rules! part {
    ($key:literal, $direction:literal) => {
        sql!(
            "WITH part AS MATERIALIZED (SELECT id, ",
            $key,
            " AS place FROM accounts WHERE org = $1 AND ",
            $key,
            " IS NOT NULL ORDER BY ",
            $key,
            " ",
            $direction,
            " LIMIT $2 OFFSET $3) SELECT ",
            account_columns!(),
            " FROM part CROSS JOIN accounts a WHERE a.org = $1 AND a.id = part.id \
             ORDER BY part.place ",
            $direction
        )
    };
}

pub(crate) const UP_BY_ID: &Sql = part!("id", "ASC");
pub(crate) const UP_BY_UID: &Sql = part!("uid_key", "ASC");

/// A part of all accounts.
pub(crate) async fn from(
    tx: &mut dyn Transaction,
    (org, walk, skip, most): &(OrgName, AccountWalk, usize, usize),
) -> Result<Vec<Account>, Failure> {
    let sql = match walk {
        AccountWalk::ById(Direction::Asc) => UP_BY_ID,
        AccountWalk::ById(Direction::Desc) => part!("id", "DESC"),
        AccountWalk::ByUid(Direction::Asc) => UP_BY_UID,
        AccountWalk::ByUid(Direction::Desc) => part!("uid_key", "DESC"),
    };
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let values = [org.as_str().into(), number(*most).into(), number(*skip).into()];
    tx.query(sql, &values).await?.iter_mut().map(account).collect()
}

/// How many accounts there are.
pub(crate) async fn count(tx: &mut dyn Transaction, org: &OrgName) -> Result<u64, Failure> {
    const COUNT: &Sql = sql!("SELECT accounts FROM account_counts WHERE org = $1");
    let mut rows = tx.query(COUNT, &[org.as_str().into()]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.count())
}
