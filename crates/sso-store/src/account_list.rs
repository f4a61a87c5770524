//! Lists of accounts, a page by an index whatever stands before it (SPEC 10).
//!
//! A list goes one of two ways, and no planner chooses: `CROSS JOIN` has SQLite keep the order of a join,
//! `MATERIALIZED` has both take a step by itself. Where nothing that is rare is asked for, a list walks the
//! index of its order from the place of the cursor, in each status apart, since the index begins with
//! that. Where a name, an employee ID or an administrator's role is asked for, it takes those few by
//! their own index, and sorts them.

use crate::engine::{Failure, Transaction, Value, sql};
use crate::rows::{account, account_columns, choice};
use sso_core::org::OrgName;
use sso_core::provisioning::{Account, AccountStatus, Role};
use sso_core::store::{AccountFilter, AccountOrder, AccountPlace, AccountSort, Direction, SortKey};

/// A page that is asked for.
pub(crate) struct Wanted {
    pub(crate) org: OrgName,
    pub(crate) filter: AccountFilter,
    pub(crate) order: AccountOrder,
    /// The place that it begins after.
    pub(crate) after: Option<AccountPlace>,
    /// The most accounts.
    pub(crate) most: usize,
}

/// Walks the index of an order, which has all that is asked for. `$1` is the organization, `$2` and `$3`
/// are the statuses, `$4` is the role, `$5` and `$6` are whether instant messages are logged, `$7` is the
/// most, `$8` and `$9` are the place: identifier and key.
macro_rules! walk {
    ($key:literal, $after:literal, $direction:literal) => {
        page!(
            concat!(
                "SELECT * FROM (",
                walk!(@status "$2", $key, $after, $direction),
                ") AS one UNION ALL SELECT * FROM (",
                walk!(@status "$3", $key, $after, $direction),
                ") AS other"
            ),
            $after,
            $direction
        )
    };
    (@status $status:literal, $key:literal, $after:literal, $direction:literal) => {
        concat!(
            "SELECT a.id, ", $key, " AS sort_key FROM accounts a WHERE a.org = $1 AND a.status = ",
            $status, " AND ($4 IS NULL OR a.role = $4) AND a.im_logging IN ($5, $6) AND ",
            $key, " ", $after, "= $9 AND (", $key, " ", $after, " $9 OR a.id ", $after, " $8) ",
            "ORDER BY ", $key, " ", $direction, ", a.id ", $direction, " LIMIT $7"
        )
    };
}

/// Sorts what is found by one search or two. `$10` is the employee ID; from `$11` on and before `$12` is
/// the name.
macro_rules! sort {
    ($key:literal, $after:literal, $direction:literal $(, $found:literal)+) => {
        page!(concat!($(sort!(@search $key, $found),)+ ""), $after, $direction)
    };
    (@search $key:literal, $found:literal) => {
        concat!(
            "SELECT a.id, ", $key, " AS sort_key FROM accounts a WHERE a.org = $1 \
             AND a.status IN ($2, $3) AND ($4 IS NULL OR a.role = $4) AND a.im_logging IN ($5, $6) \
             AND ", $found
        )
    };
}

/// The page after the place, of what a query of identifiers and keys finds.
macro_rules! page {
    ($found:expr, $after:literal, $direction:literal) => {
        sql!(
            "WITH found AS MATERIALIZED (",
            $found,
            ") SELECT ",
            account_columns!(),
            " FROM (SELECT id, sort_key FROM found WHERE sort_key ",
            $after,
            "= $9 \
             AND (sort_key ",
            $after,
            " $9 OR id ",
            $after,
            " $8) ORDER BY sort_key ",
            $direction,
            ", id ",
            $direction,
            " LIMIT $7) AS page CROSS JOIN accounts a \
             WHERE a.org = $1 AND a.id = page.id ORDER BY page.sort_key ",
            $direction,
            ", page.id ",
            $direction
        )
    };
}

/// The statement of an order. The keys are those of the indexes, word for word.
macro_rules! in_order {
    ($order:expr, $statement:ident $(, $found:literal)*) => {
        match ($order.by, $order.direction) {
            (AccountSort::CreatedAt, Direction::Asc) => {
                $statement!("a.created_at", ">", "ASC" $(, $found)*)
            }
            (AccountSort::CreatedAt, Direction::Desc) => {
                $statement!("a.created_at", "<", "DESC" $(, $found)*)
            }
            (AccountSort::FirstName, Direction::Asc) => {
                $statement!("COALESCE(a.first_name_key, '')", ">", "ASC" $(, $found)*)
            }
            (AccountSort::FirstName, Direction::Desc) => {
                $statement!("COALESCE(a.first_name_key, '')", "<", "DESC" $(, $found)*)
            }
            (AccountSort::LastName, Direction::Asc) => {
                $statement!("COALESCE(a.last_name_key, '')", ">", "ASC" $(, $found)*)
            }
            (AccountSort::LastName, Direction::Desc) => {
                $statement!("COALESCE(a.last_name_key, '')", "<", "DESC" $(, $found)*)
            }
            (AccountSort::Email, Direction::Asc) => {
                $statement!("COALESCE(a.email_key, '')", ">", "ASC" $(, $found)*)
            }
            (AccountSort::Email, Direction::Desc) => {
                $statement!("COALESCE(a.email_key, '')", "<", "DESC" $(, $found)*)
            }
        }
    };
}

/// Reads a page.
pub(crate) async fn list(
    tx: &mut dyn Transaction,
    wanted: &Wanted,
) -> Result<Vec<Account>, Failure> {
    let Wanted { org, filter, order, after, most } = wanted;
    let (one, other) = match &filter.status {
        Some(status) => (choice(status)?, String::new()),
        None => (choice(&AccountStatus::Active)?, choice(&AccountStatus::Inactive)?),
    };
    let role = filter.role.as_ref().map(choice).transpose()?;
    let greatest = char::MAX.to_string().repeat(LONGEST_KEY + 1);
    let (id, key): ([u8; 16], Value<'_>) = match (after, order.by, order.direction) {
        (Some(AccountPlace { id, key: SortKey::At(at), .. }), ..) => (id.to_bytes(), (*at).into()),
        (Some(AccountPlace { id, key: SortKey::Text(text), .. }), ..) => {
            (id.to_bytes(), text.into())
        }
        (None, AccountSort::CreatedAt, Direction::Asc) => ([0; 16], i64::MIN.into()),
        (None, AccountSort::CreatedAt, Direction::Desc) => ([0xff; 16], i64::MAX.into()),
        (None, _, Direction::Asc) => ([0; 16], "".into()),
        (None, _, Direction::Desc) => ([0xff; 16], (&greatest).into()),
    };
    let name = filter.name_prefix();
    let name_end = name.as_deref().map(prefix_end);
    let values = [
        org.as_str().into(),
        (&one).into(),
        (&other).into(),
        (&role).into(),
        filter.im_logging.unwrap_or(false).into(),
        filter.im_logging.unwrap_or(true).into(),
        (*most as i64).into(),
        id.into(),
        key,
        (&filter.employee_id).into(),
        (&name).into(),
        (&name_end).into(),
    ];
    let is_admin = filter.role.is_some_and(|role| role != Role::User);
    // No statement is given more values than it names.
    let (sql, values) = match (&filter.employee_id, &name) {
        (Some(_), _) => (
            in_order!(
                order,
                sort,
                "a.employee_id = $10 AND ($11 IS NULL \
                 OR (a.first_name_key >= $11 AND a.first_name_key < $12) \
                 OR (a.last_name_key >= $11 AND a.last_name_key < $12))"
            ),
            &values[..],
        ),
        (None, Some(_)) => (
            in_order!(
                order,
                sort,
                "COALESCE(a.first_name_key, '') >= $11 AND COALESCE(a.first_name_key, '') < $12 UNION ",
                "COALESCE(a.last_name_key, '') >= $11 AND COALESCE(a.last_name_key, '') < $12"
            ),
            &values[..],
        ),
        (None, None) if is_admin => {
            (in_order!(order, sort, "a.role = $4 AND a.role <> 'user'"), &values[..9])
        }
        (None, None) => (in_order!(order, walk), &values[..9]),
    };
    tx.query(sql, values).await?.iter_mut().map(account).collect()
}

/// The most characters of a name in the form in which it is compared: folding makes three of one at
/// most (Unicode 5.18).
const LONGEST_KEY: usize = 3 * 1024;

/// The first text after every text that begins with a prefix, in the order of bytes.
fn prefix_end(prefix: &str) -> String {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(last as u32 + 1),
        };
        if let Some(next) = next {
            end.push(next);
            return end;
        }
    }
    // Only the greatest character: nothing comes after all that begin so.
    format!("{prefix}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::prefix_end;

    #[test]
    fn a_prefix_ends_after_all_that_begin_with_it() {
        for (prefix, end) in
            [("a", "b"), ("Az", "A{"), ("\u{d7ff}", "\u{e000}"), ("a\u{10ffff}", "b")]
        {
            assert_eq!(prefix_end(prefix), end);
            assert!(prefix < end && format!("{prefix}\u{10ffff}").as_str() < end);
        }
    }
}
