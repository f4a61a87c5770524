//! Groups of accounts (SPEC 6): what one is, and what holds for it by whichever way it is written.
//! That parents form no circle and that only an empty group goes is the store's to hold, in the
//! transaction that writes.

use crate::ids::{AccountId, GroupId};
use crate::org::{Org, OrgName};
use crate::setting::{InvalidSetting, SettingCode, check_text};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A group of an organization, without its members, of which there can be many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its identifier.
    pub id: GroupId,
    /// Whose it is.
    pub org: OrgName,
    /// What the identity provider and the directory call it; unique within the organization and
    /// compared exactly.
    pub sso_id: Option<String>,
    /// What people call it. Several may have one name.
    pub name: String,
    /// What it is for.
    pub kind: GroupKind,
    /// Whether it is the one that was made with the organization. It stays, and its members are the
    /// Organization Administrators (SPEC 10): no way but granting that role leads into it.
    pub is_top_level: bool,
    /// The groups that it is a part of.
    pub parents: Vec<GroupId>,
    /// Grows by one with each change; a change planned on an older one is a conflict.
    pub revision: u64,
    /// When it was made, in UTC.
    pub created_at: OffsetDateTime,
    /// When it or its members last changed, in UTC.
    pub updated_at: OffsetDateTime,
}

/// What a group is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// Anything.
    #[default]
    Normal,
    /// Presence.
    Presence,
}

impl Group {
    /// The group that is made with an organization.
    pub fn top_level(org: &Org, id: GroupId, now: OffsetDateTime) -> Self {
        Self {
            id,
            org: org.name.clone(),
            sso_id: None,
            name: org.shown_name().to_owned(),
            kind: GroupKind::Normal,
            is_top_level: true,
            parents: Vec::new(),
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// What an account shows that it belongs to it: its `sso_id`, or else its identifier. No `sso_id` looks
    /// like an identifier, so that none is taken for another's.
    pub fn shown(&self) -> String {
        self.sso_id.clone().unwrap_or_else(|| self.id.to_string())
    }
}

/// What somebody says of a group. What is not named stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupEdit {
    /// Its name.
    pub name: Option<String>,
    /// Its `sso_id`; the inner `None` takes it away.
    pub sso_id: Option<Option<String>>,
    /// What it is for.
    pub kind: Option<GroupKind>,
    /// The groups that it is a part of.
    pub parents: Option<Vec<GroupId>>,
    /// Which accounts belong to it.
    pub members: MemberChange<AccountId>,
    /// Which groups stand below it: the same as what they say of their parents, seen from above. SCIM calls
    /// them members, too.
    pub below: MemberChange<GroupId>,
}

/// What becomes of the members of a group, which are of its organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MemberChange<M> {
    /// They stay.
    #[default]
    Keep,
    /// They are these and no others.
    Replace(Vec<M>),
    /// The first come and the second go; one that is in both goes.
    Change {
        /// Those that come, if they are not there yet.
        add: Vec<M>,
        /// Those that go, if they are there.
        remove: Vec<M>,
    },
}

impl<M: Copy + PartialEq> MemberChange<M> {
    /// Those that come and those that go, given those that there are.
    pub fn against(self, stored: &[M]) -> (Vec<M>, Vec<M>) {
        match self {
            Self::Keep => (Vec::new(), Vec::new()),
            Self::Replace(all) => {
                let gone = stored.iter().filter(|member| !all.contains(member)).copied().collect();
                (all, gone)
            }
            Self::Change { add, remove } => (add, remove),
        }
    }

    /// Those that belong to a group that is made with it.
    pub fn at_creation(&self) -> Vec<M> {
        match self {
            Self::Keep => Vec::new(),
            Self::Replace(members) | Self::Change { add: members, .. } => members.clone(),
        }
    }

    fn is_keep(&self) -> bool {
        *self == Self::Keep
    }
}

/// Makes a group. Where no parents are named it stands below the `top_level` group. `now` is UTC.
///
/// # Errors
/// `invalid_field` with the field that breaks its rule.
pub fn new_group(
    edit: &GroupEdit,
    org: &Org,
    id: GroupId,
    top_level: GroupId,
    now: OffsetDateTime,
) -> Result<Group, InvalidSetting> {
    let mut group = Group { is_top_level: false, ..Group::top_level(org, id, now) };
    group.name.clear();
    group.parents.push(top_level);
    apply(edit, &mut group)?;
    Ok(group)
}

/// Edits a group; `None` where nothing of it changes, nor its members. `now` is UTC.
///
/// # Errors
/// `read_only_field` where it is the top-level group and more than its name would change,
/// `invalid_field` with the field that breaks its rule.
pub fn edit_group(
    stored: &Group,
    edit: &GroupEdit,
    now: OffsetDateTime,
) -> Result<Option<Group>, InvalidSetting> {
    let mut group = stored.clone();
    apply(edit, &mut group)?;
    if stored.is_top_level
        && let Some(field) = beyond_name(stored, &group, edit)
    {
        return Err(InvalidSetting::new(
            SettingCode::ReadOnly,
            field,
            "The top-level group stays as it is: its members are the Organization Administrators.",
        ));
    }
    if group == *stored && edit.members.is_keep() && edit.below.is_keep() {
        return Ok(None);
    }
    group.updated_at = now;
    Ok(Some(group))
}

fn beyond_name(stored: &Group, group: &Group, edit: &GroupEdit) -> Option<&'static str> {
    [
        ("sso_id", group.sso_id != stored.sso_id),
        ("type", group.kind != stored.kind),
        ("parents", group.parents != stored.parents),
        ("members", !edit.members.is_keep() || !edit.below.is_keep()),
    ]
    .into_iter()
    .find_map(|(field, changes)| changes.then_some(field))
}

fn apply(edit: &GroupEdit, group: &mut Group) -> Result<(), InvalidSetting> {
    if let Some(name) = &edit.name {
        group.name = name.trim().to_owned();
    }
    check_text("name", &group.name, 1..=256)?;
    if let Some(sso_id) = &edit.sso_id {
        group.sso_id.clone_from(sso_id);
    }
    if let Some(sso_id) = &group.sso_id {
        check_text("sso_id", sso_id, 1..=256)?;
        if sso_id.parse::<GroupId>().is_ok() {
            return Err(InvalidSetting::value("sso_id", "It must not look like an identifier."));
        }
    }
    if let Some(kind) = edit.kind {
        group.kind = kind;
    }
    if let Some(parents) = &edit.parents {
        group.parents.clone_from(parents);
        group.parents.sort_unstable();
        group.parents.dedup();
        if group.parents.contains(&group.id) {
            return Err(InvalidSetting::value("parents", "A group is no part of itself."));
        }
        if group.parents.len() > MOST_PARENTS {
            let most = format!("A group has at most {MOST_PARENTS} parents.");
            return Err(InvalidSetting::value("parents", most));
        }
    }
    Ok(())
}

/// The most parents of one group.
const MOST_PARENTS: usize = 100;
