//! Groups (RFC 7643 4.2): a group and who belongs to it. Members are changed by what comes and goes, never
//! by writing the list anew, so that a group of any size takes a change in the time of the change.

use super::attribute_path::member;
use super::body::{self, clean};
use super::error::{ScimError, ScimType};
use super::filter::{Filter, Operator};
use super::operations::{self, Operation, Verb};
use super::patch_path::{PatchPath, invalid};
use super::schema::{Attribute, GROUP};
use super::shape::Shape;
use super::user::version;
use crate::ids::AccountId;
use crate::provisioning::{Group, GroupEdit, MemberChange};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use time::format_description::well_known::Rfc3339;

static GROUPS: Shape<'static> = Shape::groups();

/// A group as a resource; `members` where they are to be shown. `base` is where the resources of the
/// organization are.
pub fn from_group(group: &Group, members: Option<&[AccountId]>, base: &str) -> Value {
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
        if let Some(members) = members.filter(|members| !members.is_empty()) {
            let shown =
                members.iter().map(|id| json!({"value": id, "$ref": format!("{base}/Users/{id}")}));
            resource.insert("members".to_owned(), shown.collect());
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
    let members = resource.get("members").map_or(Ok(Vec::new()), ids)?;
    Ok(GroupEdit {
        name: Some(name),
        sso_id: Some(text("externalId")),
        members: MemberChange::Replace(members),
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
    come: BTreeSet<AccountId>,
    gone: BTreeSet<AccountId>,
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
        let given = value.filter(|value| !body::is_empty(value)).map(ids).transpose()?;
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

    fn remove(&mut self, gone: Vec<AccountId>) {
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
        let (come, gone) = (Vec::from_iter(come), Vec::from_iter(gone));
        let members = match anew {
            true => MemberChange::Replace(come),
            false if come.is_empty() && gone.is_empty() => MemberChange::Keep,
            false => MemberChange::Change { add: come, remove: gone },
        };
        GroupEdit { members, ..edit }
    }
}

/// The members that a list names, each by its `value`, or by itself.
fn ids(members: &Value) -> Result<Vec<AccountId>, ScimError> {
    let members = match members {
        Value::Array(members) => members.as_slice(),
        one => std::slice::from_ref(one),
    };
    let id = |value: &Value| {
        let named = match value {
            Value::String(id) => Some(id.as_str()),
            object => member(object, "value").and_then(Value::as_str),
        };
        named.and_then(|id| id.parse().ok()).ok_or_else(unknown_member)
    };
    members.iter().map(id).collect()
}

/// The members that `value eq "…"` selects, or several of these with `or`.
fn selected(filter: &Filter) -> Result<Vec<AccountId>, ScimError> {
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
            Ok(id.parse().into_iter().collect())
        }
        _ => Err(invalid("Members are selected by value eq \"…\".")),
    }
}

/// Someone who is to belong to a group and is no user here.
pub fn unknown_member() -> ScimError {
    ScimError::bad(ScimType::InvalidValue, "A member is the id of a user.")
}
