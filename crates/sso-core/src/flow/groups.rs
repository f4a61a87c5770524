//! Groups that administrators and directories write (SPEC 6, 10): read, decide, commit, and the entry of
//! the audit trail with it.

use super::Bridge;
use super::directory::{DirectoryClient, ManagedExternally, NotByHand};
use crate::ids::{AuditId, GroupId};
use crate::org::Org;
use crate::provisioning::{Group, GroupEdit, MemberChange, edit_group, new_group};
use crate::setting::InvalidSetting;
use crate::store::{AuditEntry, Category, Store, StoreError};
use time::OffsetDateTime;

/// Who writes a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupWriter<'a> {
    /// An administrator, by what the audit trail calls them.
    Administrator(&'a str),
    /// The organization's directory.
    Directory(DirectoryClient<'a>),
}

impl GroupWriter<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Administrator(name) => name,
            Self::Directory(client) => client.name,
        }
    }
}

/// Why a group was not written. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// The organization's directory writes its groups.
    #[error(transparent)]
    ManagedExternally(#[from] ManagedExternally),
    /// A rule for groups is broken.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
    /// NotFound `group`, `account` (a member), `parent`; conflicts of
    /// [`GroupStore`](crate::store::GroupStore).
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotByHand> for GroupError {
    fn from(refused: NotByHand) -> Self {
        match refused {
            NotByHand::Managed(managed) => Self::ManagedExternally(managed),
            NotByHand::Store(error) => Self::Store(error),
        }
    }
}

impl<S: Store> Bridge<S> {
    /// Makes a group, below the top-level one where no parents are named.
    ///
    /// # Errors
    ///
    /// [`GroupError`].
    pub async fn create_group(
        &self,
        org: &Org,
        edit: &GroupEdit,
        by: GroupWriter<'_>,
    ) -> Result<Group, GroupError> {
        self.require_writer(org, by).await?;
        let now = self.clock.now();
        let top =
            self.store.top_level_group(&org.name).await?.ok_or(StoreError::NotFound("org"))?;
        let group = new_group(edit, org, GroupId::new(now, self.random()), top.id, now)?;
        let members = match &edit.members {
            MemberChange::Keep => Vec::new(),
            MemberChange::Replace(members) | MemberChange::Change { add: members, .. } => {
                members.clone()
            }
        };
        let audit = self.group_entry(&group, "group_created", &told(&edit.members), by.name(), now);
        self.store.create_group(group.clone(), members, audit).await?;
        Ok(group)
    }

    /// Edits a group, and answers it as it is stored then. One that somebody else wrote meanwhile is a
    /// conflict `group_changed`.
    ///
    /// # Errors
    ///
    /// [`GroupError`].
    pub async fn edit_group(
        &self,
        org: &Org,
        id: GroupId,
        edit: &GroupEdit,
        by: GroupWriter<'_>,
    ) -> Result<Group, GroupError> {
        self.require_writer(org, by).await?;
        let now = self.clock.now();
        let stored = self.stored_group(org, id).await?;
        let Some(group) = edit_group(&stored, edit, now)? else { return Ok(stored) };
        let what = changed(&stored, &group, &edit.members);
        let audit = self.group_entry(&group, "group_changed", &what, by.name(), now);
        Ok(self.store.update_group(group, edit.members.clone(), audit).await?)
    }

    /// Removes a group that is empty.
    ///
    /// # Errors
    ///
    /// [`GroupError::ManagedExternally`], [`GroupError::Store`].
    pub async fn delete_group(
        &self,
        org: &Org,
        id: GroupId,
        by: GroupWriter<'_>,
    ) -> Result<(), GroupError> {
        self.require_writer(org, by).await?;
        let now = self.clock.now();
        let stored = self.stored_group(org, id).await?;
        let audit = self.group_entry(&stored, "group_removed", "", by.name(), now);
        Ok(self.store.delete_group(&org.name, id, audit).await?)
    }

    async fn require_writer(&self, org: &Org, by: GroupWriter<'_>) -> Result<(), GroupError> {
        match by {
            GroupWriter::Administrator(_) => Ok(self.require_by_hand(org).await?),
            GroupWriter::Directory(_) => Ok(()),
        }
    }

    async fn stored_group(&self, org: &Org, id: GroupId) -> Result<Group, StoreError> {
        self.store.group(&org.name, id).await?.ok_or(StoreError::NotFound("group"))
    }

    fn group_entry(
        &self,
        group: &Group,
        act: &str,
        what: &str,
        by: &str,
        now: OffsetDateTime,
    ) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(now, self.random()),
            org: group.org.clone(),
            administrator: by.to_owned(),
            timestamp: now,
            category: Category::Groups,
            sub_category: act.to_owned(),
            details: format!("{} ({}) {what}", group.name, group.id).trim_end().to_owned(),
        }
    }
}

/// Which fields of a group changed.
fn changed(before: &Group, after: &Group, members: &MemberChange) -> String {
    let fields = [
        ("name", before.name != after.name),
        ("sso_id", before.sso_id != after.sso_id),
        ("type", before.kind != after.kind),
        ("parents", before.parents != after.parents),
    ];
    let changed = fields.into_iter().filter(|(_, changed)| *changed);
    let mut told_fields: Vec<String> = changed.map(|(field, _)| field.to_owned()).collect();
    told_fields.extend(Some(told(members)).filter(|told| !told.is_empty()));
    told_fields.join(", ")
}

/// What becomes of the members: each by name where they are few.
fn told(members: &MemberChange) -> String {
    const FEW: usize = 10;
    let listed = |ids: &[crate::ids::AccountId]| match ids.len() {
        0 => "none".to_owned(),
        1..=FEW => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        many => format!("{many} accounts"),
    };
    match members {
        MemberChange::Keep => String::new(),
        MemberChange::Replace(all) => format!("members: {}", listed(all)),
        MemberChange::Change { add, remove } => {
            format!("members added: {}, removed: {}", listed(add), listed(remove))
        }
    }
}
