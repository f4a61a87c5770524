//! Groups (RFC 7643 4.2): a group and who belongs to it, users and groups, which their identifiers tell apart.
//! Members are changed by what comes and goes, never by writing the list anew, so that a group of any size
//! takes a change in the time of the change.

use super::attribute_path::member;
use super::body::{self, clean};
use super::error::{ScimError, ScimType};
use super::filter::{Filter, Operator};
use super::operations::{self, Operation, Verb};
use super::patch_path::{PatchPath, invalid};
use super::schema::{Attribute, GROUP, ResourceKind};
use super::shape::Shape;
use super::user::version;
use crate::ids::{AccountId, GroupId};
use crate::provisioning::{Group, GroupEdit, MemberChange};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use time::format_description::well_known::Rfc3339;

static GROUPS: Shape<'static> = Shape::groups();

/// Who belongs to a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// The users.
    pub accounts: Vec<AccountId>,
    /// The groups below it.
    pub groups: Vec<GroupId>,
}

/// A group as a resource; `members` where they are to be shown. `base` is where the resources of the
/// organization are.
pub fn from_group(group: &Group, members: Option<&Members>, base: &str) -> Value {
    let at = |at: time::OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let mut resource = json!({
        "schemas": [GROUP],
        "id": group.id,
        "displayName": group.name,
        "meta": {
            "resourceType": "Group",
            "created": at(group.created_at),
            "lastModified": at(group.updated_at),
            "location": format!("{base}/Groups/{}", group.id),
            "version": version(group.revision),
        },
    });
    if let Some(resource) = resource.as_object_mut() {
        if let Some(id) = &group.sso_id {
            resource.insert("externalId".to_owned(), json!(id));
        }
        if let Some(Members { accounts, groups }) = members
            && !(accounts.is_empty() && groups.is_empty())
        {
            let shown = |kind: ResourceKind, id: String| {
                let at = format!("{base}/{}/{id}", kind.endpoint());
                json!({"value": id, "$ref": at, "type": kind.as_str()})
            };
            let users = accounts.iter().map(|id| shown(ResourceKind::User, id.to_string()));
            let groups = groups.iter().map(|id| shown(ResourceKind::Group, id.to_string()));
            resource.insert("members".to_owned(), users.chain(groups).collect());
        }
    }
    resource
}

/// Reads a group that is to be made, or that replaces one: what it does not say is empty.
///
/// # Errors
/// `invalidSyntax`, `invalidValue`.
pub fn read(resource: &Value) -> Result<GroupEdit, ScimError> {
    let resource = body::read(&GROUPS, resource)?;
    let text = |name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(name) = text("displayName") else {
        return Err(ScimError::bad(ScimType::InvalidValue, "A group has a displayName."));
    };
    let members = resource.get("members").map_or(Ok(Vec::new()), members)?;
    let (accounts, groups) = apart(members);
    Ok(GroupEdit {
        name: Some(name),
        sso_id: Some(text("externalId")),
        members: MemberChange::Replace(accounts),
        below: MemberChange::Replace(groups),
        ..GroupEdit::default()
    })
}

/// Reads a PATCH of a group.
///
/// # Errors
/// `invalidSyntax`, `invalidPath`, `invalidFilter`, `invalidValue`, `mutability`.
pub fn read_patch(body: &Value) -> Result<GroupEdit, ScimError> {
    let mut patch = Patch::default();
    for Operation { verb, path, value } in operations::read(body)? {
        match (path, value) {
            (Some(path), value) => {
                let path = PatchPath::read(path)?;
                let attribute = path.attribute(&GROUPS)?;
                if !body::is_written(attribute) {
                    let detail = "The attribute is read-only.";
                    return Err(ScimError::bad(ScimType::Mutability, detail));
                }
                patch.at(verb, attribute, &path, value)?;
            }
            (None, Some(Value::Object(values))) => patch.whole(verb, values)?,
            (None, _) => {
                let detail = "Without a path the value is an object.";
                return Err(ScimError::bad(ScimType::InvalidValue, detail));
            }
        }
    }
    Ok(patch.edit())
}

/// What the operations come to, taken together.
#[derive(Default)]
struct Patch {
    edit: GroupEdit,
    /// Whether the members that there were are all gone.
    anew: bool,
    come: BTreeSet<Member>,
    gone: BTreeSet<Member>,
}

/// One who belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Account(AccountId),
    Group(GroupId),
}

impl Member {
    fn read(id: &str) -> Option<Self> {
        let account = id.parse().ok().map(Self::Account);
        account.or_else(|| id.parse().ok().map(Self::Group))
    }

    fn kind(self) -> ResourceKind {
        match self {
            Self::Account(_) => ResourceKind::User,
            Self::Group(_) => ResourceKind::Group,
        }
    }
}

impl Patch {
    fn whole(&mut self, verb: Verb, values: &Map<String, Value>) -> Result<(), ScimError> {
        for (name, value) in values {
            let Ok(path) = PatchPath::read(name) else { continue };
            match path.attribute(&GROUPS) {
                Ok(attribute) if body::is_written(attribute) => {
                    self.at(verb, attribute, &path, Some(value))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn at(
        &mut self,
        verb: Verb,
        attribute: &Attribute<'_>,
        path: &PatchPath,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        let cleaned = |value: &Value| clean(attribute, value);
        let given = value.map(cleaned).transpose()?.flatten().filter(|_| verb != Verb::Remove);
        match attribute.name {
            "displayName" => match given {
                Some(Value::String(name)) => self.edit.name = Some(name),
                _ => {
                    let detail = "displayName is required.";
                    return Err(ScimError::bad(ScimType::Mutability, detail));
                }
            },
            "externalId" => {
                self.edit.sso_id = Some(given.and_then(|id| id.as_str().map(str::to_owned)));
            }
            _ => self.members(verb, path, value)?,
        }
        Ok(())
    }

    fn members(
        &mut self,
        verb: Verb,
        path: &PatchPath,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        let selected = path.filter.as_ref().map(selected).transpose()?;
        let given = value.filter(|value| !body::is_empty(value)).map(members).transpose()?;
        match (verb, selected, given) {
            (Verb::Remove, Some(gone), _) => self.remove(gone),
            // Entra ID names whom it removes in the value: only they go.
            (Verb::Remove, None, Some(gone)) => self.remove(gone),
            (Verb::Remove | Verb::Replace, None, None) => self.clear(),
            (Verb::Replace, None, Some(all)) => {
                self.clear();
                self.come.extend(all);
            }
            (Verb::Add, None, Some(come)) => {
                for id in come {
                    self.gone.remove(&id);
                    self.come.insert(id);
                }
            }
            (Verb::Add, None, None) => {}
            (Verb::Add | Verb::Replace, Some(_), _) => {
                return Err(invalid("A member is added or removed, not changed."));
            }
        }
        Ok(())
    }

    fn remove(&mut self, gone: Vec<Member>) {
        for id in gone {
            self.come.remove(&id);
            self.gone.insert(id);
        }
    }

    fn clear(&mut self) {
        self.anew = true;
        self.come.clear();
        self.gone.clear();
    }

    fn edit(self) -> GroupEdit {
        let Self { edit, anew, come, gone } = self;
        let ((accounts, groups), (no_accounts, no_groups)) = (apart(come), apart(gone));
        GroupEdit {
            members: change(anew, accounts, no_accounts),
            below: change(anew, groups, no_groups),
            ..edit
        }
    }
}

fn change<M>(anew: bool, come: Vec<M>, gone: Vec<M>) -> MemberChange<M> {
    match anew {
        true => MemberChange::Replace(come),
        false if come.is_empty() && gone.is_empty() => MemberChange::Keep,
        false => MemberChange::Change { add: come, remove: gone },
    }
}

/// The users and the groups among members.
fn apart(members: impl IntoIterator<Item = Member>) -> (Vec<AccountId>, Vec<GroupId>) {
    let (mut accounts, mut groups) = (Vec::new(), Vec::new());
    for member in members {
        match member {
            Member::Account(id) => accounts.push(id),
            Member::Group(id) => groups.push(id),
        }
    }
    (accounts, groups)
}

/// The members that a list names, each by its `value`, or by itself. A `type` that is said goes with it.
fn members(members: &Value) -> Result<Vec<Member>, ScimError> {
    let members = match members {
        Value::Array(members) => members.as_slice(),
        one => std::slice::from_ref(one),
    };
    let read = |value: &Value| {
        let (id, kind) = match value {
            Value::String(id) => (Some(id.as_str()), None),
            object => (
                member(object, "value").and_then(Value::as_str),
                member(object, "type").and_then(Value::as_str),
            ),
        };
        let known = id.and_then(Member::read).ok_or_else(unknown_member)?;
        match kind {
            Some(kind) if !kind.eq_ignore_ascii_case(known.kind().as_str()) => {
                Err(unknown_member())
            }
            _ => Ok(known),
        }
    };
    members.iter().map(read).collect()
}

/// The members that `value eq "…"` selects, or several of these with `or`.
fn selected(filter: &Filter) -> Result<Vec<Member>, ScimError> {
    match filter {
        Filter::Or(any) => {
            let all: Result<Vec<_>, _> = any.iter().map(selected).collect();
            all.map(|all| all.concat())
        }
        Filter::Compare(path, Operator::Eq, Value::String(id))
            if path.attribute.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("value"))
                && path.part.is_none() =>
        {
            // Whoever is no member any more, or never was, is gone.
            Ok(Member::read(id).into_iter().collect())
        }
        _ => Err(invalid("Members are selected by value eq \"…\".")),
    }
}

/// Someone who is to belong to a group and is neither a user nor a group here.
pub fn unknown_member() -> ScimError {
    ScimError::bad(ScimType::InvalidValue, "A member is the id of a user or of a group.")
}
