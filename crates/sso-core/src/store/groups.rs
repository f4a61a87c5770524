//! Storage of groups and of who belongs to them (SPEC 6).

use super::{AuditEntry, Listed, Page, StoreError};
use crate::ids::{AccountId, GroupId};
use crate::org::OrgName;
use crate::provisioning::{Group, MemberChange};
use std::future::Future;

/// Storage of groups. Each change carries its audit entry into the same transaction. The top-level group is
/// made with its organization, by
/// [`ConfigurationStore::create_org`](super::ConfigurationStore::create_org).
pub trait GroupStore: Send + Sync {
    /// Makes a group with these members, above these groups. NotFound `org`, `account` (a member), `parent`,
    /// `group_below`; conflict `group_sso_id_taken`.
    fn create_group(
        &self,
        group: Group,
        members: Vec<AccountId>,
        below: Vec<GroupId>,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a group of an organization.
    fn group(
        &self,
        org: &OrgName,
        id: GroupId,
    ) -> impl Future<Output = Result<Option<Group>, StoreError>> + Send;

    /// The top-level group of an organization.
    fn top_level_group(
        &self,
        org: &OrgName,
    ) -> impl Future<Output = Result<Option<Group>, StoreError>> + Send;

    /// Lists groups of an organization, oldest first.
    fn groups(
        &self,
        org: &OrgName,
        filter: &GroupFilter,
        page: &Page,
    ) -> impl Future<Output = Result<Listed<Group>, StoreError>> + Send;

    /// The members of a group, in the order of their identifiers. Those of the top-level group are the
    /// accounts with the role `org_admin`.
    fn members(
        &self,
        org: &OrgName,
        id: GroupId,
    ) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// The groups below a group, in the order of their identifiers.
    fn groups_below(
        &self,
        org: &OrgName,
        id: GroupId,
    ) -> impl Future<Output = Result<Vec<GroupId>, StoreError>> + Send;

    /// Writes a group, planned on its `revision`, and answers it as it is stored now. A group that comes or
    /// goes below it has another revision then. NotFound `group`, `account`, `parent`, `group_below` (there
    /// is none, or it is the top-level one); conflict `group_changed`, `group_sso_id_taken`, `group_circle`
    /// (it would be a part of itself).
    fn update_group(
        &self,
        group: Group,
        members: MemberChange<AccountId>,
        below: MemberChange<GroupId>,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<Group, StoreError>> + Send;

    /// Removes a group, planned on its `revision`. NotFound `group`; conflict `group_changed`,
    /// `group_top_level`, and `group_not_empty` where it is to go only if it is empty.
    fn delete_group(
        &self,
        group: Group,
        removal: GroupRemoval,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What becomes of those who belong to a group that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupRemoval {
    /// There are none: with members, or groups below it, the group stays.
    IfEmpty,
    /// They leave it in the same transaction. A group below it that has no other parent comes to stand
    /// below the top-level group.
    WithMembers,
}

/// Which groups are listed. The default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Those of exactly this name, without regard to case.
    pub name: Option<String>,
    /// The one of this `sso_id`.
    pub sso_id: Option<String>,
}

impl GroupFilter {
    /// Whether a group is listed.
    pub fn matches(&self, group: &Group) -> bool {
        let name = self.name.as_deref().map(super::fold_name);
        name.is_none_or(|name| super::fold_name(&group.name) == name)
            && self.sso_id.as_ref().is_none_or(|id| group.sso_id.as_ref() == Some(id))
    }
}
