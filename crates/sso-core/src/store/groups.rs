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
    /// Makes a group with these members. NotFound `org`, `account` (a member), `parent`; conflict
    /// `group_sso_id_taken`.
    fn create_group(
        &self,
        group: Group,
        members: Vec<AccountId>,
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

    /// Writes a group, planned on its `revision`, and answers it as it is stored now. NotFound `group`,
    /// `account`, `parent`; conflict `group_changed`, `group_sso_id_taken`, `group_circle` (it would be a
    /// part of itself).
    fn update_group(
        &self,
        group: Group,
        members: MemberChange,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<Group, StoreError>> + Send;

    /// Removes a group that has neither members nor groups below it. NotFound `group`; conflict
    /// `group_not_empty`, `group_top_level`.
    fn delete_group(
        &self,
        org: &OrgName,
        id: GroupId,
        audit: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
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
