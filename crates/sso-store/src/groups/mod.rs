//! Groups and who belongs to them (SPEC 6).

mod asserted;
mod write;

pub(crate) use asserted::{join_groups, known_groups};
pub(crate) use write::make_top_level_group;

use crate::AnyStore;
use crate::engine::{Failure, Fields, Sql, Transaction, Value, sql};
use sso_core::ids::{AccountId, GroupId};
use sso_core::org::OrgName;
use sso_core::provisioning::{Group, MemberChange};
use sso_core::store::{
    AuditEntry, GroupFilter, GroupRemoval, GroupStore, Listed, Page, StoreError, fold_name,
};
use write::{create, delete, update};

impl GroupStore for AnyStore {
    async fn create_group(
        &self,
        group: Group,
        members: Vec<AccountId>,
        below: Vec<GroupId>,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (group, members, below, audit);
        Ok(self
            .engine
            .write(input, |tx, (group, members, below, audit)| {
                Box::pin(create(tx, group, members, below, audit))
            })
            .await?)
    }

    async fn group(&self, org: &OrgName, id: GroupId) -> Result<Option<Group>, StoreError> {
        let input = (org.clone(), id);
        Ok(self.engine.read(input, |tx, (org, id)| Box::pin(read(tx, org, *id))).await?)
    }

    async fn top_level_group(&self, org: &OrgName) -> Result<Option<Group>, StoreError> {
        Ok(self.engine.read(org.clone(), |tx, org| Box::pin(read_top_level(tx, org))).await?)
    }

    async fn groups(
        &self,
        org: &OrgName,
        filter: &GroupFilter,
        page: &Page,
    ) -> Result<Listed<Group>, StoreError> {
        // No identifier is all zeros, so that one comes before all.
        let after = page.after()?.map_or([0; 16], GroupId::to_bytes);
        let input = (org.clone(), filter.clone(), after, page.fetch());
        let rows = self.engine.read(input, |tx, input| Box::pin(list(tx, input))).await?;
        Ok(page.listed(rows, |group| group.id))
    }

    async fn members(&self, org: &OrgName, id: GroupId) -> Result<Vec<AccountId>, StoreError> {
        let input = (org.clone(), id);
        Ok(self.engine.read(input, |tx, (org, id)| Box::pin(members(tx, org, *id))).await?)
    }

    async fn groups_below(&self, org: &OrgName, id: GroupId) -> Result<Vec<GroupId>, StoreError> {
        let input = (org.clone(), id);
        Ok(self.engine.read(input, |tx, (org, id)| Box::pin(below(tx, org, *id))).await?)
    }

    async fn update_group(
        &self,
        group: Group,
        members: MemberChange<AccountId>,
        below: MemberChange<GroupId>,
        audit: AuditEntry,
    ) -> Result<Group, StoreError> {
        let input = (group, members, below, audit);
        Ok(self
            .engine
            .write(input, |tx, (group, members, below, audit)| {
                Box::pin(update(tx, group, members, below, audit))
            })
            .await?)
    }

    async fn delete_group(
        &self,
        group: Group,
        removal: GroupRemoval,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (group, removal, audit);
        Ok(self
            .engine
            .write(input, |tx, (group, removal, audit)| {
                Box::pin(delete(tx, group, *removal, audit))
            })
            .await?)
    }
}

macro_rules! columns {
    () => {
        "g.org, g.id, g.revision, g.sso_id, g.name, g.kind, g.is_top_level, g.created_at, \
         g.updated_at"
    };
}

fn group(row: &mut Fields) -> Result<Group, Failure> {
    Ok(Group {
        org: row.parsed()?,
        id: GroupId::from_bytes(row.array()?),
        revision: row.count()?,
        sso_id: row.optional_text()?,
        name: row.text()?,
        kind: row.choice()?,
        is_top_level: row.flag()?,
        created_at: row.instant()?,
        updated_at: row.instant()?,
        parents: Vec::new(),
    })
}

async fn with_parents(tx: &mut dyn Transaction, mut group: Group) -> Result<Group, Failure> {
    const PARENTS: &Sql =
        sql!("SELECT parent FROM group_parents WHERE org = $1 AND child = $2 ORDER BY parent");
    let mut rows = tx.query(PARENTS, &place(&group)).await?;
    let parent = |row: &mut Fields| Ok(GroupId::from_bytes(row.array()?));
    group.parents = rows.iter_mut().map(parent).collect::<Result<_, Failure>>()?;
    Ok(group)
}

/// `$1` and `$2`: whose a group is, and which.
fn place(group: &Group) -> [Value<'_>; 2] {
    [group.org.as_str().into(), group.id.to_bytes().into()]
}

async fn read(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: GroupId,
) -> Result<Option<Group>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", columns!(), " FROM account_groups g WHERE g.org = $1 AND g.id = $2");
    one(tx, READ, &[org.as_str().into(), id.to_bytes().into()]).await
}

async fn read_top_level(tx: &mut dyn Transaction, org: &OrgName) -> Result<Option<Group>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", columns!(), " FROM account_groups g WHERE g.org = $1 AND g.is_top_level");
    one(tx, READ, &[org.as_str().into()]).await
}

async fn one(
    tx: &mut dyn Transaction,
    sql: &'static Sql,
    values: &[Value<'_>],
) -> Result<Option<Group>, Failure> {
    let Some(mut row) = tx.query(sql, values).await?.into_iter().next() else { return Ok(None) };
    let found = group(&mut row)?;
    with_parents(tx, found).await.map(Some)
}

async fn list(
    tx: &mut dyn Transaction,
    (org, filter, after, most): &(OrgName, GroupFilter, [u8; 16], usize),
) -> Result<Vec<Group>, Failure> {
    macro_rules! list {
        ($found:literal) => {
            sql!(
                "SELECT ",
                columns!(),
                " FROM account_groups g WHERE g.org = $1 AND g.id > $2 AND ($4 IS NULL OR ",
                "g.sso_id = $4) AND ",
                $found,
                " ORDER BY g.id LIMIT $3"
            )
        };
    }
    const ALL: &Sql = list!("$5 IS NULL");
    const OF_NAME: &Sql = list!("g.name_key = $5");
    let name = filter.name.as_deref().map(fold_name);
    let values = [
        org.as_str().into(),
        (*after).into(),
        (*most as i64).into(),
        (&filter.sso_id).into(),
        (&name).into(),
    ];
    let sql = if name.is_some() { OF_NAME } else { ALL };
    let mut found = Vec::new();
    for mut row in tx.query(sql, &values).await? {
        let group = group(&mut row)?;
        found.push(with_parents(tx, group).await?);
    }
    Ok(found)
}

async fn members(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: GroupId,
) -> Result<Vec<AccountId>, Failure> {
    const MEMBERS: &Sql = sql!(
        "SELECT account FROM group_members WHERE org = $1 AND group_id = $2 UNION ALL \
         SELECT a.id FROM account_groups g JOIN accounts a ON a.org = g.org \
         AND a.role = 'org_admin' AND a.role <> 'user' \
         WHERE g.org = $1 AND g.id = $2 AND g.is_top_level ORDER BY 1"
    );
    let mut rows = tx.query(MEMBERS, &[org.as_str().into(), id.to_bytes().into()]).await?;
    rows.iter_mut().map(|row| Ok(AccountId::from_bytes(row.array()?))).collect()
}

async fn below(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: GroupId,
) -> Result<Vec<GroupId>, Failure> {
    const BELOW: &Sql =
        sql!("SELECT child FROM group_parents WHERE org = $1 AND parent = $2 ORDER BY child");
    let mut rows = tx.query(BELOW, &[org.as_str().into(), id.to_bytes().into()]).await?;
    rows.iter_mut().map(|row| Ok(GroupId::from_bytes(row.array()?))).collect()
}
