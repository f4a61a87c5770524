//! Writing groups: each change holds what refers to a group, and who belongs to it, in its one transaction.

use super::{place, read};
use crate::audit::append_audit;
use crate::engine::{Failure, Sql, Transaction, Value, sql};
use crate::rows::choice;
use sso_core::ids::{AccountId, GroupId};
use sso_core::org::Org;
use sso_core::provisioning::{Group, MemberChange};
use sso_core::store::{AuditEntry, GroupRemoval, fold_name};
use std::collections::BTreeSet;

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

pub(super) async fn create(
    tx: &mut dyn Transaction,
    group: &Group,
    members: &[AccountId],
    below: &[GroupId],
    audit: &AuditEntry,
) -> Result<(), Failure> {
    insert(tx, group).await?;
    insert_parents(tx, group).await?;
    insert_members(tx, group, members).await?;
    put_below(tx, group, below).await?;
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

/// Puts groups below another that do not stand there yet.
async fn put_below(
    tx: &mut dyn Transaction,
    group: &Group,
    come: &[GroupId],
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!("INSERT INTO group_parents (org, child, parent) VALUES ($1, $3, $2)");
    let [org, id] = place(group);
    for child in come.iter().collect::<BTreeSet<_>>() {
        if !touch(tx, group, *child).await? {
            return Err(Failure::not_found("group_below"));
        }
        tx.execute(INSERT, &[org, id, child.to_bytes().into()]).await?;
    }
    Ok(())
}

/// Takes groups away from below another. One that has no other parent comes to stand below the top-level
/// group.
async fn take_away(tx: &mut dyn Transaction, group: &Group, go: &[GroupId]) -> Result<(), Failure> {
    const LEAVE: &Sql =
        sql!("DELETE FROM group_parents WHERE org = $1 AND parent = $2 AND child = $3");
    const RAISE: &Sql = sql!(
        "INSERT INTO group_parents (org, child, parent) SELECT t.org, $2, t.id \
         FROM account_groups t WHERE t.org = $1 AND t.is_top_level AND NOT EXISTS \
         (SELECT 1 FROM group_parents p WHERE p.org = $1 AND p.child = $2)"
    );
    let [org, id] = place(group);
    for child in go.iter().collect::<BTreeSet<_>>() {
        let part = child.to_bytes().into();
        touch(tx, group, *child).await?;
        tx.execute(LEAVE, &[org, id, part]).await?;
        tx.execute(RAISE, &[org, part]).await?;
    }
    Ok(())
}

/// Gives a group whose parents change with another group its next revision: an edit that was planned on
/// the parents before must not bring them back. `false` where there is none, or it is the top-level one.
async fn touch(tx: &mut dyn Transaction, group: &Group, child: GroupId) -> Result<bool, Failure> {
    const TOUCH: &Sql = sql!(
        "UPDATE account_groups SET revision = revision + 1, updated_at = $3 \
         WHERE org = $1 AND id = $2 AND NOT is_top_level"
    );
    let [org, _] = place(group);
    let values = [org, child.to_bytes().into(), group.updated_at.into()];
    Ok(tx.execute(TOUCH, &values).await? > 0)
}

pub(super) async fn update(
    tx: &mut dyn Transaction,
    group: &Group,
    members: &MemberChange<AccountId>,
    below: &MemberChange<GroupId>,
    audit: &AuditEntry,
) -> Result<Group, Failure> {
    const UPDATE: &Sql = sql!(
        "UPDATE account_groups SET revision = $3 + 1, sso_id = $4, name = $5, name_key = $6, \
         kind = $7, shown = $8, updated_at = $9 WHERE org = $1 AND id = $2 AND revision = $3"
    );
    const CLEAR_PARENTS: &Sql = sql!("DELETE FROM group_parents WHERE org = $1 AND child = $2");
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
    }
    let below_now = super::below(tx, &group.org, group.id).await?;
    let (mut come, mut go) = below.clone().against(&below_now);
    come.retain(|id| !below_now.contains(id) && !go.contains(id));
    go.retain(|id| below_now.contains(id));
    put_below(tx, group, &come).await?;
    take_away(tx, group, &go).await?;
    if stored.parents != group.parents || !come.is_empty() {
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

/// Removes a group. Who belongs to it, and the groups below it, leave it first where they go with it; a
/// group that it was the only parent of stands below the top-level group then.
pub(super) async fn delete(
    tx: &mut dyn Transaction,
    group: &Group,
    removal: GroupRemoval,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql = sql!(
        "DELETE FROM account_groups WHERE org = $1 AND id = $2 AND revision = $3 \
         AND NOT is_top_level"
    );
    let [org, id] = place(group);
    if removal == GroupRemoval::WithMembers {
        let below = super::below(tx, &group.org, group.id).await?;
        let group = Group { updated_at: audit.timestamp, ..group.clone() };
        take_away(tx, &group, &below).await?;
        tx.execute(CLEAR_MEMBERS, &[org, id]).await?;
    }
    let deleted = tx.execute(DELETE, &[org, id, (group.revision as i64).into()]).await.map_err(
        |failure| {
            failure.if_foreign_key(match removal {
                GroupRemoval::IfEmpty => Failure::conflict("group_not_empty"),
                // Somebody came meanwhile.
                GroupRemoval::WithMembers => Failure::Serialization,
            })
        },
    )?;
    if deleted == 0 {
        return Err(match read(tx, &group.org, group.id).await? {
            Some(stored) if stored.is_top_level => Failure::conflict("group_top_level"),
            Some(_) => Failure::conflict("group_changed"),
            None => Failure::not_found("group"),
        });
    }
    append_audit(tx, audit).await
}

const CLEAR_MEMBERS: &Sql = sql!("DELETE FROM group_members WHERE org = $1 AND group_id = $2");
