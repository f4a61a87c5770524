//! Accounts, as administrators see them (SPEC 10).

use crate::AnyStore;
use crate::account_list::{Wanted, list};
use crate::audit::append_audit;
use crate::directory_view;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::groups::join_groups;
use crate::own_values;
use crate::rows::{AccountRow, account, account_columns};
use sso_core::ids::AccountId;
use sso_core::org::{Org, OrgName};
use sso_core::provisioning::by_hand::ForgetNameId;
use sso_core::provisioning::{Account, AccountStatus};
use sso_core::store::{
    AccountFilter, AccountLookup, AccountOrder, AccountStore, AccountWalk, AuditEntry, Listed,
    Page, StoreError,
};

impl AccountStore for AnyStore {
    async fn account(&self, org: &OrgName, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.engine.read((org.clone(), id), |tx, key| Box::pin(read_account(tx, key))).await?)
    }

    async fn accounts(
        &self,
        org: &OrgName,
        filter: &AccountFilter,
        order: AccountOrder,
        page: &Page,
    ) -> Result<Listed<Account>, StoreError> {
        let wanted = Wanted {
            org: org.clone(),
            filter: filter.clone(),
            order,
            after: order.after(page)?,
            most: page.fetch(),
        };
        let rows = self.engine.read(wanted, |tx, wanted| Box::pin(list(tx, wanted))).await?;
        Ok(page.listed(rows, |account| order.place(account)))
    }

    async fn delete_account(
        &self,
        org: &OrgName,
        id: AccountId,
        revision: u64,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), id, revision, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, revision, audit)| {
                Box::pin(delete(tx, org, *id, *revision, audit))
            })
            .await?)
    }

    async fn find_accounts(
        &self,
        org: &OrgName,
        lookup: &AccountLookup,
        most: usize,
    ) -> Result<Vec<Account>, StoreError> {
        let input = (org.clone(), lookup.clone(), most);
        Ok(self.engine.read(input, |tx, input| Box::pin(directory_view::find(tx, input))).await?)
    }

    async fn accounts_from(
        &self,
        org: &OrgName,
        walk: AccountWalk,
        skip: usize,
        most: usize,
    ) -> Result<Vec<Account>, StoreError> {
        let input = (org.clone(), walk, skip, most);
        Ok(self.engine.read(input, |tx, input| Box::pin(directory_view::from(tx, input))).await?)
    }

    async fn count_accounts(&self, org: &OrgName) -> Result<u64, StoreError> {
        Ok(self
            .engine
            .read(org.clone(), |tx, org| Box::pin(directory_view::count(tx, org)))
            .await?)
    }

    async fn create_account(
        &self,
        account: Account,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let input = (account, audit);
        Ok(self
            .engine
            .write(input, |tx, (account, audit)| Box::pin(create(tx, account, audit)))
            .await?)
    }

    async fn update_account(
        &self,
        account: Account,
        name_id: Option<ForgetNameId>,
        audit: Vec<AuditEntry>,
    ) -> Result<Account, StoreError> {
        let input = (account, name_id, audit);
        Ok(self
            .engine
            .write(input, |tx, (account, name_id, audit)| {
                Box::pin(update(tx, account, *name_id, audit))
            })
            .await?)
    }
}

async fn read_account(
    tx: &mut dyn Transaction,
    (org, id): &(OrgName, AccountId),
) -> Result<Option<Account>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", account_columns!(), " FROM accounts a WHERE a.org = $1 AND a.id = $2");
    let rows = tx.query(READ, &[org.as_str().into(), id.to_bytes().into()]).await?;
    rows.into_iter().next().map(|mut row| account(&mut row)).transpose()
}

async fn create(
    tx: &mut dyn Transaction,
    account: &Account,
    audit: &[AuditEntry],
) -> Result<(), Failure> {
    admit(tx, account).await?;
    let row = AccountRow::new(account)?;
    hold_unique(tx, &row).await?;
    insert_account(tx, &row).await.map_err(|failure| failure.if_unique(Failure::Serialization))?;
    append_all(tx, audit).await
}

async fn update(
    tx: &mut dyn Transaction,
    account: &Account,
    name_id: Option<ForgetNameId>,
    audit: &[AuditEntry],
) -> Result<Account, Failure> {
    let stored = read_account(tx, &(account.org.clone(), account.id)).await?;
    let stored = stored.ok_or_else(|| Failure::not_found("account"))?;
    if stored.status != account.status {
        admit(tx, account).await?;
    }
    let mut account = account.clone();
    account.last_login_at = account.last_login_at.max(stored.last_login_at);
    account.name_id = stored.name_id.filter(|_| name_id.is_none());
    account.groups = stored.groups;
    let row = AccountRow::new(&account)?;
    if stored.revision == account.revision {
        hold_unique(tx, &row).await?;
    }
    let written = edit_account(tx, &row, name_id)
        .await
        .map_err(|failure| failure.if_unique(Failure::Serialization))?;
    if !written {
        return Err(Failure::conflict("account_changed"));
    }
    if account.status == AccountStatus::Inactive {
        const END: &Sql = sql!("DELETE FROM sessions WHERE org = $1 AND account = $2");
        tx.execute(END, &[account.org.as_str().into(), account.id.to_bytes().into()]).await?;
    }
    append_all(tx, audit).await?;
    account.revision += 1;
    Ok(account)
}

async fn delete(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: AccountId,
    revision: u64,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql = sql!("DELETE FROM accounts WHERE org = $1 AND id = $2 AND revision = $3");
    let values = [org.as_str().into(), id.to_bytes().into(), (revision as i64).into()];
    if tx.execute(DELETE, &values).await? == 0 {
        return Err(match read_account(tx, &(org.clone(), id)).await? {
            Some(_) => Failure::conflict("account_changed"),
            None => Failure::not_found("account"),
        });
    }
    append_audit(tx, audit).await?;
    count(tx, org, -1).await
}

async fn append_all(tx: &mut dyn Transaction, audit: &[AuditEntry]) -> Result<(), Failure> {
    for entry in audit {
        append_audit(tx, entry).await?;
    }
    Ok(())
}

/// Holds an account that becomes active to the limit of its organization (SPEC 11.5). Where there is a
/// limit, two that become so at once wait for each other and do not pass it together.
pub(crate) async fn admit(tx: &mut dyn Transaction, account: &Account) -> Result<(), Failure> {
    const READ: &Sql = sql!("SELECT document FROM orgs WHERE name = $1");
    const LOCK: &Sql =
        sql!("UPDATE orgs SET document = document WHERE name = $1 RETURNING document");
    const COUNT: &Sql = sql!("SELECT COUNT(*) FROM accounts WHERE org = $1 AND status = 'active'");
    let org = [account.org.as_str().into()];
    let limit = async |tx: &mut dyn Transaction, sql| {
        let mut rows = tx.query(sql, &org).await?;
        let row = rows.first_mut().ok_or_else(|| Failure::not_found("org"))?;
        row.document::<Org>().map(|org| org.provisioning.max_active_users)
    };
    if limit(tx, READ).await?.is_none() || account.status != AccountStatus::Active {
        return Ok(());
    }
    let Some(limit) = limit(tx, LOCK).await? else { return Ok(()) };
    let mut rows = tx.query(COUNT, &org).await?;
    let active = rows.first_mut().map_or(Ok(0), |row| row.count())?;
    if active >= u64::from(limit) { Err(Failure::conflict("user_limit_reached")) } else { Ok(()) }
}

/// Which value of an account another has: one look-up for each, by the value's own index.
pub(crate) const FIND_TAKEN: &Sql = sql!(
    "SELECT 'email' FROM accounts WHERE org = $1 AND email_key = $3 AND id <> $2 UNION ALL \
     SELECT 'uid' FROM accounts WHERE org = $1 AND uid_key = $4 AND id <> $2 UNION ALL \
     SELECT 'ssoid' FROM accounts WHERE org = $1 AND ssoid_key = $5 AND id <> $2"
);

/// Says which value of an account another one of the organization has. Of two that are written at once
/// with the same value, the unique index refuses the later, which then runs again and is told here.
async fn hold_unique(tx: &mut dyn Transaction, row: &AccountRow<'_>) -> Result<(), Failure> {
    let mut rows = tx.query(FIND_TAKEN, &row.unique_values()).await?;
    let Some(taken) = rows.first_mut() else { return Ok(()) };
    Err(Failure::conflict(match taken.text()?.as_str() {
        "email" => "email_taken",
        "uid" => "uid_taken",
        _ => "ssoid_taken",
    }))
}

/// Adds a row, and puts it into those of the groups that it names which there are. [`Failure::Unique`] if another account has one of its values.
pub(crate) async fn insert_account(
    tx: &mut dyn Transaction,
    row: &AccountRow<'_>,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO accounts (org, id, revision, status, role, source, uid_key, ssoid_key, \
         email_key, name_id_key, employee_id, first_name_key, last_name_key, profile, name_id, \
         update_time_stamp, written_by_assertion, created_at, updated_at, last_login_at, \
         im_logging, display_name_key, directory) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20, $21, $22, $23)"
    );
    let own = own_values::unique_values(tx, row.account).await?;
    tx.execute(INSERT, &row.values())
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("org")))?;
    own_values::insert(tx, row.account, &own).await?;
    join_groups(tx, row.account).await?;
    count(tx, &row.account.org, 1).await
}

/// Counts an account that comes, or goes. The row is the organization's, so that it is written last.
async fn count(tx: &mut dyn Transaction, org: &OrgName, more: i64) -> Result<(), Failure> {
    const COUNT: &Sql = sql!("UPDATE account_counts SET accounts = accounts + $2 WHERE org = $1");
    tx.execute(COUNT, &[org.as_str().into(), more.into()]).await.map(drop)
}

macro_rules! update {
    ($name_id:literal) => {
        sql!(
            "UPDATE accounts SET revision = $3 + 1, status = $4, role = $5, source = $6, \
             uid_key = $7, ssoid_key = $8, email_key = $9, employee_id = $11, \
             first_name_key = $12, last_name_key = $13, profile = $14, update_time_stamp = $16, \
             written_by_assertion = $17, created_at = $18, updated_at = $19, im_logging = $21, \
             display_name_key = $22, directory = $23, \
             last_login_at = \
             CASE WHEN $20 IS NULL OR last_login_at > $20 THEN last_login_at ELSE $20 END, ",
            $name_id,
            " WHERE org = $1 AND id = $2 AND revision = $3"
        )
    };
}

/// Writes a row that is planned on its revision, which grows by one. `false` if it has another.
/// [`Failure::Unique`] if another account has one of its values. `last_login_at` never goes back.
pub(crate) async fn update_account(
    tx: &mut dyn Transaction,
    row: &AccountRow<'_>,
) -> Result<bool, Failure> {
    const UPDATE: &Sql = update!("name_id_key = $10, name_id = $15");
    write_planned(tx, row, UPDATE).await
}

/// The same apart from a sign-in, which alone gives a NameID, even while this is decided.
async fn edit_account(
    tx: &mut dyn Transaction,
    row: &AccountRow<'_>,
    name_id: Option<ForgetNameId>,
) -> Result<bool, Failure> {
    const EDIT: &Sql = update!("name_id_key = name_id_key, name_id = name_id");
    const FORGET: &Sql = update!("name_id_key = NULL, name_id = NULL");
    let sql = if name_id.is_some() { FORGET } else { EDIT };
    write_planned(tx, row, sql).await
}

async fn write_planned(
    tx: &mut dyn Transaction,
    row: &AccountRow<'_>,
    update: &'static Sql,
) -> Result<bool, Failure> {
    let own = own_values::unique_values(tx, row.account).await?;
    if tx.execute(update, &row.values()).await? == 0 {
        return Ok(false);
    }
    own_values::replace(tx, row.account, &own).await?;
    Ok(true)
}
