//! The groups that an assertion names (SPEC 9, `groupid`): which of them there are, and who joins them at
//! creation.

use crate::engine::{Failure, Sql, Transaction, Value, sql};
use sso_core::org::OrgName;
use sso_core::provisioning::Account;
use std::collections::BTreeSet;

macro_rules! named {
    () => {
        "g.org = $1 AND NOT g.is_top_level AND g.sso_id IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18)"
    };
}

/// Which of the groups that an assertion names there are, by their `sso_id`. Nobody comes into the
/// top-level group by a name.
pub(crate) async fn known_groups(
    tx: &mut dyn Transaction,
    org: &OrgName,
    named: &[String],
) -> Result<Vec<String>, Failure> {
    const KNOWN: &Sql =
        sql!("SELECT g.sso_id FROM account_groups g WHERE $2 IS NULL AND ", named!());
    let mut known = Vec::new();
    for values in batches([org.as_str().into(), Value::Text(None)], named) {
        for mut row in tx.query(KNOWN, &values).await? {
            known.push(row.text()?);
        }
    }
    Ok(known)
}

/// Puts a new account into those of the groups that it names which there are.
pub(crate) async fn join_groups(
    tx: &mut dyn Transaction,
    account: &Account,
) -> Result<(), Failure> {
    const JOIN: &Sql = sql!(
        "INSERT INTO group_members (org, account, group_id) \
         SELECT g.org, $2, g.id FROM account_groups g WHERE ",
        named!()
    );
    let member = [account.org.as_str().into(), account.id.to_bytes().into()];
    for values in batches(member, &account.groups) {
        tx.execute(JOIN, &values).await?;
    }
    Ok(())
}

/// How many groups one statement looks for.
const AT_ONCE: usize = 16;

/// The `sso_id`s that one statement looks for, the last ones null.
fn batches<'v>(first: [Value<'v>; 2], named: &'v [String]) -> Vec<[Value<'v>; 2 + AT_ONCE]> {
    let named: BTreeSet<&str> = named.iter().map(String::as_str).collect();
    let named: Vec<&str> = named.into_iter().collect();
    let batch = |named: &[&'v str]| {
        let mut values = [Value::Text(None); 2 + AT_ONCE];
        values[..2].copy_from_slice(&first);
        for (place, named) in values[2..].iter_mut().zip(named) {
            *place = Value::Text(Some(named));
        }
        values
    };
    named.chunks(AT_ONCE).map(batch).collect()
}
