//! Groups and who belongs to them.

use super::{MemoryStore, State};
use crate::ids::{AccountId, GroupId};
use crate::org::{Org, OrgName};
use crate::provisioning::{Account, Group, MemberChange, Role};
use crate::store::{AuditEntry, GroupFilter, GroupRemoval, GroupStore, Listed, Page, StoreError};

impl State {
    /// Makes the group that every organization has. Its identifier is that of the entry of the audit
    /// trail by which the organization is made.
    pub(super) fn make_top_level_group(&mut self, org: &Org, made: &AuditEntry) {
        let id = GroupId::from_bytes(made.id.to_bytes());
        let group = Group::top_level(org, id, made.timestamp);
        self.groups.insert((org.name.clone(), id), group);
    }

    /// Which of the groups that an assertion names there are, by their `sso_id`.
    pub(super) fn known_groups(&self, org: &OrgName, named: &[String]) -> Vec<String> {
        let groups = self.groups_of(org).filter(|group| !group.is_top_level);
        groups.filter_map(|group| group.sso_id.clone()).filter(|id| named.contains(id)).collect()
    }

    /// Puts a new account into the groups that it names.
    pub(super) fn join_groups(&mut self, account: &Account) {
        let named: Vec<GroupId> = self
            .groups_of(&account.org)
            .filter(|group| !group.is_top_level)
            .filter(|group| group.sso_id.as_ref().is_some_and(|id| account.groups.contains(id)))
            .map(|group| group.id)
            .collect();
        for group in named {
            self.members.insert((account.org.clone(), group, account.id));
        }
    }

    /// The groups of an account, as it shows them.
    pub(super) fn shown_groups(&self, org: &OrgName, account: AccountId) -> Vec<String> {
        let of = |group: &&Group| self.members.contains(&(org.clone(), group.id, account));
        let mut shown: Vec<String> = self.groups_of(org).filter(of).map(Group::shown).collect();
        shown.sort_unstable();
        shown
    }

    fn groups_of(&self, org: &OrgName) -> impl Iterator<Item = &Group> {
        self.groups.values().filter(move |group| group.org == *org)
    }

    fn refresh_accounts(&mut self, org: &OrgName) {
        let ids: Vec<AccountId> = self.accounts_of(org).map(|account| account.id).collect();
        for id in ids {
            let shown = self.shown_groups(org, id);
            if let Some(account) = self.accounts.get_mut(&(org.clone(), id)) {
                account.groups = shown;
            }
        }
    }

    /// What a group that is to be written refers to.
    fn require_references(
        &self,
        group: &Group,
        members: &[AccountId],
        below: &[GroupId],
    ) -> Result<(), StoreError> {
        let place = |id: &GroupId| (group.org.clone(), *id);
        let stands = |id: &GroupId| self.groups.get(&place(id)).is_some_and(|it| !it.is_top_level);
        if !below.iter().all(stands) {
            return Err(StoreError::NotFound("group_below"));
        }
        if !group.parents.iter().all(|parent| self.groups.contains_key(&place(parent))) {
            return Err(StoreError::NotFound("parent"));
        }
        let known = |id: &AccountId| self.accounts.contains_key(&(group.org.clone(), *id));
        if members.iter().all(known) { Ok(()) } else { Err(StoreError::NotFound("account")) }
    }

    fn require_free_sso_id(&self, group: &Group) -> Result<(), StoreError> {
        let same = |other: &Group| other.id != group.id && other.sso_id == group.sso_id;
        match group.sso_id.is_some() && self.groups_of(&group.org).any(same) {
            true => Err(StoreError::Conflict("group_sso_id_taken")),
            false => Ok(()),
        }
    }

    /// A group that is reached from its own parents, or reaches what comes below it, would be a part of
    /// itself.
    fn require_no_circle(
        &self,
        group: &Group,
        come: &[GroupId],
        go: &[GroupId],
    ) -> Result<(), StoreError> {
        let mut waiting = group.parents.clone();
        let mut seen = std::collections::HashSet::new();
        let own = |id: &GroupId| *id == group.id || (come.contains(id) && !go.contains(id));
        if come.contains(&group.id) {
            return Err(StoreError::Conflict("group_circle"));
        }
        while let Some(id) = waiting.pop() {
            if own(&id) {
                return Err(StoreError::Conflict("group_circle"));
            }
            if seen.insert(id)
                && let Some(above) = self.groups.get(&(group.org.clone(), id))
            {
                waiting.extend(&above.parents);
            }
        }
        Ok(())
    }

    fn members_of(&self, org: &OrgName, id: GroupId) -> Vec<AccountId> {
        let is_top = self.groups.get(&(org.clone(), id)).is_some_and(|group| group.is_top_level);
        if is_top {
            let admins = self.accounts_of(org).filter(|account| account.role == Role::OrgAdmin);
            return admins.map(|account| account.id).collect();
        }
        let members = self.members.iter().filter(|(of, group, _)| of == org && *group == id);
        members.map(|(_, _, account)| *account).collect()
    }

    fn groups_below(&self, org: &OrgName, id: GroupId) -> Vec<GroupId> {
        let below = self.groups_of(org).filter(|group| group.parents.contains(&id));
        below.map(|group| group.id).collect()
    }

    /// Puts groups below another, or takes them away from there.
    fn put_below(&mut self, group: &Group, come: &[GroupId], go: &[GroupId]) {
        for part in self.groups.values_mut().filter(|part| part.org == group.org) {
            let parents = part.parents.clone();
            if come.contains(&part.id) && !parents.contains(&group.id) {
                part.parents.push(group.id);
                part.parents.sort_unstable();
            }
            if go.contains(&part.id) {
                part.parents.retain(|parent| *parent != group.id);
            }
            if part.parents != parents {
                part.revision += 1;
                part.updated_at = group.updated_at;
            }
        }
    }

    /// Puts every group that has no parent below the top-level one.
    fn raise(&mut self, groups: &[GroupId], org: &OrgName) {
        let top = self.groups_of(org).find(|group| group.is_top_level).map(|top| top.id);
        for part in self.groups.values_mut().filter(|part| part.org == *org) {
            if groups.contains(&part.id) && part.parents.is_empty() {
                part.parents.extend(top);
            }
        }
    }
}

impl GroupStore for MemoryStore {
    async fn create_group(
        &self,
        group: Group,
        members: Vec<AccountId>,
        below: Vec<GroupId>,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_org(&group.org)?;
        state.require_free_sso_id(&group)?;
        state.require_references(&group, &members, &below)?;
        let org = group.org.clone();
        for account in members {
            state.members.insert((org.clone(), group.id, account));
        }
        state.put_below(&group, &below, &[]);
        state.groups.insert((org.clone(), group.id), group);
        state.refresh_accounts(&org);
        state.append_audit(audit);
        Ok(())
    }

    async fn group(&self, org: &OrgName, id: GroupId) -> Result<Option<Group>, StoreError> {
        Ok(self.state().groups.get(&(org.clone(), id)).cloned())
    }

    async fn top_level_group(&self, org: &OrgName) -> Result<Option<Group>, StoreError> {
        let state = self.state();
        Ok(state.groups_of(org).find(|group| group.is_top_level).cloned())
    }

    async fn groups(
        &self,
        org: &OrgName,
        filter: &GroupFilter,
        page: &Page,
    ) -> Result<Listed<Group>, StoreError> {
        let after = page.after::<GroupId>()?;
        let state = self.state();
        let listed = |group: &&Group| filter.matches(group) && after.is_none_or(|id| group.id > id);
        let rows = state.groups_of(org).filter(listed).take(page.fetch()).cloned().collect();
        Ok(page.listed(rows, |group: &Group| group.id))
    }

    async fn members(&self, org: &OrgName, id: GroupId) -> Result<Vec<AccountId>, StoreError> {
        Ok(self.state().members_of(org, id))
    }

    async fn groups_below(&self, org: &OrgName, id: GroupId) -> Result<Vec<GroupId>, StoreError> {
        Ok(self.state().groups_below(org, id))
    }

    async fn update_group(
        &self,
        mut group: Group,
        members: MemberChange<AccountId>,
        below: MemberChange<GroupId>,
        audit: AuditEntry,
    ) -> Result<Group, StoreError> {
        let mut state = self.state();
        let org = group.org.clone();
        let stored =
            state.groups.get(&(org.clone(), group.id)).ok_or(StoreError::NotFound("group"))?;
        if stored.revision != group.revision {
            return Err(StoreError::Conflict("group_changed"));
        }
        let (add, remove) = members.against(&state.members_of(&org, group.id));
        let (come, go) = below.against(&state.groups_below(&org, group.id));
        state.require_free_sso_id(&group)?;
        state.require_references(&group, &add, &come)?;
        state.require_no_circle(&group, &come, &go)?;
        for account in add {
            state.members.insert((org.clone(), group.id, account));
        }
        for account in remove {
            state.members.remove(&(org.clone(), group.id, account));
        }
        state.put_below(&group, &come, &go);
        state.raise(&go, &org);
        group.revision += 1;
        state.groups.insert((org.clone(), group.id), group.clone());
        state.refresh_accounts(&org);
        state.append_audit(audit);
        Ok(group)
    }

    async fn delete_group(
        &self,
        group: Group,
        removal: GroupRemoval,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let (org, place) = (group.org.clone(), (group.org.clone(), group.id));
        let stored = state.groups.get(&place).ok_or(StoreError::NotFound("group"))?;
        if stored.is_top_level {
            return Err(StoreError::Conflict("group_top_level"));
        }
        if stored.revision != group.revision {
            return Err(StoreError::Conflict("group_changed"));
        }
        let has_parts = state.groups_of(&org).any(|other| other.parents.contains(&group.id));
        let is_empty = !has_parts && state.members_of(&org, group.id).is_empty();
        match removal {
            GroupRemoval::IfEmpty if !is_empty => {
                return Err(StoreError::Conflict("group_not_empty"));
            }
            GroupRemoval::IfEmpty => {}
            GroupRemoval::WithMembers => {
                state.members.retain(|(of, id, _)| (of, *id) != (&org, group.id));
                let below = state.groups_below(&org, group.id);
                let group = Group { updated_at: audit.timestamp, ..group };
                state.put_below(&group, &[], &below);
                state.raise(&below, &org);
            }
        }
        state.groups.remove(&place);
        state.refresh_accounts(&org);
        state.append_audit(audit);
        Ok(())
    }
}
