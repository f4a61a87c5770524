//! Groups that administrators and directories write (SPEC 6, 10): read, decide, commit, and the entry of
//! the audit trail with it.

use super::Bridge;
use super::directory::{DirectoryClient, ManagedExternally, NotByHand, NotCounted, Written};
use crate::ids::{AuditId, GroupId};
use crate::org::Org;
use crate::provisioning::{Group, GroupEdit, MemberChange, RemovalsHeld, edit_group, new_group};
use crate::setting::InvalidSetting;
use crate::store::{AuditEntry, Category, GroupRemoval, Store, StoreError};
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
    /// The directory removes more than the organization's brake lets pass.
    #[error(transparent)]
    RemovalsHeld(#[from] RemovalsHeld),
    /// A rule for groups is broken.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
    /// NotFound `group`, `account` (a member), `group_below`, `parent`; conflicts of
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

impl From<NotCounted> for GroupError {
    fn from(refused: NotCounted) -> Self {
        match refused {
            NotCounted::Held(held) => Self::RemovalsHeld(held),
            NotCounted::Store(error) => Self::Store(error),
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
    ) -> Result<Written<Group>, GroupError> {
        self.require_writer(org, by).await?;
        let now = self.clock.now();
        let top =
            self.store.top_level_group(&org.name).await?.ok_or(StoreError::NotFound("org"))?;
        let group = new_group(edit, org, GroupId::new(now, self.random()), top.id, now)?;
        let (members, below) = (edit.members.at_creation(), edit.below.at_creation());
        let told =
            [told("members", &edit.members), told("groups", &edit.below)].concat().join(", ");
        let audit = self.group_entry(&group, "group_created", &told, by.name(), now);
        self.store.create_group(group.clone(), members, below, audit.clone()).await?;
        Ok(Written { now: group, audit: vec![audit] })
    }

    /// Edits a group, planned on what was read of it, and answers it as it is stored then. One that somebody
    /// else wrote meanwhile is a conflict `group_changed`.
    ///
    /// # Errors
    ///
    /// [`GroupError`].
    pub async fn edit_group(
        &self,
        org: &Org,
        stored: &Group,
        edit: &GroupEdit,
        by: GroupWriter<'_>,
    ) -> Result<Written<Group>, GroupError> {
        self.require_writer(org, by).await?;
        let now = self.clock.now();
        let Some(group) = edit_group(stored, edit, now)? else {
            return Ok(Written { now: stored.clone(), audit: Vec::new() });
        };
        let what = changed(stored, &group, edit);
        let audit = self.group_entry(&group, "group_changed", &what, by.name(), now);
        let (members, below) = (edit.members.clone(), edit.below.clone());
        let now = self.store.update_group(group, members, below, audit.clone()).await?;
        Ok(Written { now, audit: vec![audit] })
    }

    /// Removes a group, planned on what was read of it: by hand one that is empty, by the directory with
    /// everybody's membership. One that somebody else wrote meanwhile is a conflict `group_changed`.
    ///
    /// # Errors
    ///
    /// [`GroupError::ManagedExternally`], [`GroupError::RemovalsHeld`], [`GroupError::Store`].
    pub async fn delete_group(
        &self,
        org: &Org,
        stored: &Group,
        by: GroupWriter<'_>,
    ) -> Result<Written<()>, GroupError> {
        self.require_writer(org, by).await?;
        let removal = match by {
            GroupWriter::Administrator(_) => GroupRemoval::IfEmpty,
            GroupWriter::Directory(_) => {
                self.count_removal(org).await?;
                GroupRemoval::WithMembers
            }
        };
        let now = self.clock.now();
        let audit = self.group_entry(stored, "group_removed", "", by.name(), now);
        self.store.delete_group(stored.clone(), removal, audit.clone()).await?;
        Ok(Written { now: (), audit: vec![audit] })
    }

    async fn require_writer(&self, org: &Org, by: GroupWriter<'_>) -> Result<(), GroupError> {
        match by {
            GroupWriter::Administrator(_) => Ok(self.require_by_hand(org).await?),
            GroupWriter::Directory(_) => Ok(()),
        }
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

/// What of a group changed.
fn changed(before: &Group, after: &Group, edit: &GroupEdit) -> String {
    let fields = [
        ("name", before.name != after.name),
        ("sso_id", before.sso_id != after.sso_id),
        ("type", before.kind != after.kind),
        ("parents", before.parents != after.parents),
    ];
    let changed = fields.into_iter().filter(|(_, changed)| *changed);
    let mut all: Vec<String> = changed.map(|(field, _)| field.to_owned()).collect();
    all.extend(told("members", &edit.members));
    all.extend(told("groups", &edit.below));
    all.join(", ")
}

/// What becomes of the members: each by name where they are few. Nothing where they stay.
fn told<M: ToString>(what: &str, change: &MemberChange<M>) -> Vec<String> {
    const FEW: usize = 10;
    let listed = |ids: &[M]| match ids.len() {
        0 => "none".to_owned(),
        1..=FEW => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        many => format!("{many} {what}"),
    };
    match change {
        MemberChange::Keep => Vec::new(),
        MemberChange::Replace(all) => vec![format!("{what}: {}", listed(all))],
        MemberChange::Change { add, remove } => {
            vec![format!("{what} added: {}, removed: {}", listed(add), listed(remove))]
        }
    }
}
