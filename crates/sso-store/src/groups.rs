//! Groups and who belongs to them (SPEC 6).

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Fields, Sql, Transaction, Value, sql};
use crate::rows::choice;
use sso_core::ids::{AccountId, GroupId};
use sso_core::org::{Org, OrgName};
use sso_core::provisioning::{Account, Group, MemberChange};
use sso_core::store::{AuditEntry, GroupFilter, GroupStore, Listed, Page, StoreError, fold_name};
use std::collections::BTreeSet;

impl GroupStore for AnyStore {
    async fn create_group(
        &self,
        group: Group,
        members: Vec<AccountId>,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (group, members, audit);
        Ok(self
            .engine
            .write(input, |tx, (group, members, audit)| Box::pin(create(tx, group, members, audit)))
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

    async fn update_group(
        &self,
        group: Group,
        members: MemberChange,
        audit: AuditEntry,
    ) -> Result<Group, StoreError> {
        let input = (group, members, audit);
        Ok(self
            .engine
            .write(input, |tx, (group, members, audit)| Box::pin(update(tx, group, members, audit)))
            .await?)
    }

    async fn delete_group(
        &self,
        org: &OrgName,
        id: GroupId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), id, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, audit)| Box::pin(delete(tx, org, *id, audit)))
            .await?)
    }
}

/// Makes the group that every organization has. Its identifier is that of the entry of the audit trail
/// by which the organization is made.
pub(crate) async fn make_top_level_group(
    tx: &mut dyn Transaction,
    org: &Org,
    made: &AuditEntry,
) -> Result<(), Failure> {
    let id = GroupId::from_bytes(made.id.to_bytes());
    insert(tx, &Group::top_level(org, id, made.timestamp)).await
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

async fn create(
    tx: &mut dyn Transaction,
    group: &Group,
    members: &[AccountId],
    audit: &AuditEntry,
) -> Result<(), Failure> {
    insert(tx, group).await?;
    insert_parents(tx, group).await?;
    insert_members(tx, group, members).await?;
    append_audit(tx, audit).await
}

async fn insert(tx: &mut dyn Transaction, group: &Group) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO account_groups (org, id, revision, sso_id, name, name_key, kind, shown, \
         updated_at, created_at, is_top_level) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    );
    let written = Written::new(group)?;
    let [a, b, c, d, e, f, g, h, i] = written.values(group);
    let values = [a, b, c, d, e, f, g, h, i, group.created_at.into(), group.is_top_level.into()];
    tx.execute(INSERT, &values).await.map(drop).map_err(|failure| {
        failure
            .if_unique(Failure::conflict("group_sso_id_taken"))
            .if_foreign_key(Failure::not_found("org"))
    })
}

/// What of a group is written in another form.
struct Written {
    name_key: String,
    kind: String,
    shown: String,
}

impl Written {
    fn new(group: &Group) -> Result<Self, Failure> {
        let (name_key, shown) = (fold_name(&group.name), group.shown());
        Ok(Self { name_key, kind: choice(&group.kind)?, shown })
    }

    /// `$1` to `$9`.
    fn values<'a>(&'a self, group: &'a Group) -> [Value<'a>; 9] {
        [
            group.org.as_str().into(),
            group.id.to_bytes().into(),
            (group.revision as i64).into(),
            (&group.sso_id).into(),
            (&group.name).into(),
            (&self.name_key).into(),
            (&self.kind).into(),
            (&self.shown).into(),
            group.updated_at.into(),
        ]
    }
}

async fn insert_parents(tx: &mut dyn Transaction, group: &Group) -> Result<(), Failure> {
    const INSERT: &Sql = sql!("INSERT INTO group_parents (org, child, parent) VALUES ($1, $2, $3)");
    let [org, id] = place(group);
    for parent in &group.parents {
        tx.execute(INSERT, &[org, id, parent.to_bytes().into()])
            .await
            .map_err(|failure| failure.if_foreign_key(Failure::not_found("parent")))?;
    }
    Ok(())
}

async fn insert_members(
    tx: &mut dyn Transaction,
    group: &Group,
    members: &[AccountId],
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO group_members (org, group_id, account) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING"
    );
    let [org, id] = place(group);
    // In one order, so that two groups that are written at once do not wait in a circle.
    for member in members.iter().collect::<BTreeSet<_>>() {
        tx.execute(INSERT, &[org, id, member.to_bytes().into()])
            .await
            .map_err(|failure| failure.if_foreign_key(Failure::not_found("account")))?;
    }
    Ok(())
}

async fn update(
    tx: &mut dyn Transaction,
    group: &Group,
    members: &MemberChange,
    audit: &AuditEntry,
) -> Result<Group, Failure> {
    const UPDATE: &Sql = sql!(
        "UPDATE account_groups SET revision = $3 + 1, sso_id = $4, name = $5, name_key = $6, \
         kind = $7, shown = $8, updated_at = $9 WHERE org = $1 AND id = $2 AND revision = $3"
    );
    const CLEAR_PARENTS: &Sql = sql!("DELETE FROM group_parents WHERE org = $1 AND child = $2");
    const CLEAR_MEMBERS: &Sql = sql!("DELETE FROM group_members WHERE org = $1 AND group_id = $2");
    const REMOVE: &Sql =
        sql!("DELETE FROM group_members WHERE org = $1 AND group_id = $2 AND account = $3");
    let stored = read(tx, &group.org, group.id).await?;
    let stored = stored.ok_or_else(|| Failure::not_found("group"))?;
    let written = Written::new(group)?;
    let updated = tx
        .execute(UPDATE, &written.values(group))
        .await
        .map_err(|failure| failure.if_unique(Failure::conflict("group_sso_id_taken")))?;
    if updated == 0 {
        return Err(Failure::conflict("group_changed"));
    }
    let [org, id] = place(group);
    if stored.parents != group.parents {
        tx.execute(CLEAR_PARENTS, &[org, id]).await?;
        insert_parents(tx, group).await?;
        hold_no_circle(tx, group).await?;
    }
    match members {
        MemberChange::Keep => {}
        MemberChange::Replace(all) => {
            tx.execute(CLEAR_MEMBERS, &[org, id]).await?;
            insert_members(tx, group, all).await?;
        }
        MemberChange::Change { add, remove } => {
            insert_members(tx, group, add).await?;
            for member in remove {
                tx.execute(REMOVE, &[org, id, member.to_bytes().into()]).await?;
            }
        }
    }
    append_audit(tx, audit).await?;
    Ok(Group { revision: group.revision + 1, ..group.clone() })
}

/// Refuses a group that is reached from its own parents. Two that are put into each other at once wait
/// for each other here.
async fn hold_no_circle(tx: &mut dyn Transaction, group: &Group) -> Result<(), Failure> {
    const LOCK: &Sql = sql!("UPDATE orgs SET document = document WHERE name = $1");
    const ABOVE: &Sql = sql!(
        "WITH RECURSIVE above (id) AS (SELECT parent FROM group_parents WHERE org = $1 \
         AND child = $2 UNION SELECT p.parent FROM group_parents p JOIN above \
         ON p.child = above.id WHERE p.org = $1) SELECT COUNT(*) FROM above WHERE id = $2"
    );
    let [org, id] = place(group);
    tx.execute(LOCK, &[org]).await?;
    let mut rows = tx.query(ABOVE, &[org, id]).await?;
    match rows.first_mut().map_or(Ok(0), |row| row.count())? {
        0 => Ok(()),
        _ => Err(Failure::conflict("group_circle")),
    }
}

async fn delete(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: GroupId,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql =
        sql!("DELETE FROM account_groups WHERE org = $1 AND id = $2 AND NOT is_top_level");
    let deleted = tx
        .execute(DELETE, &[org.as_str().into(), id.to_bytes().into()])
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::conflict("group_not_empty")))?;
    if deleted == 0 {
        return Err(match read(tx, org, id).await? {
            Some(_) => Failure::conflict("group_top_level"),
            None => Failure::not_found("group"),
        });
    }
    append_audit(tx, audit).await
}
