//! What is done to resources, the same for a request of its own and for one of a bulk: users through the
//! rules for accounts, groups through those for groups.

use super::access::Directory;
use super::answer::{Answer, Refused};
use super::request::Versions;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use sso_core::flow::{GroupError, GroupWriter, Written};
use sso_core::ids::{AccountId, GroupId};
use sso_core::profile::ProfileField;
use sso_core::provisioning::{Account, DirectoryAccount, Group, GroupEdit, UidSaid};
use sso_core::scim::user::version;
use sso_core::scim::{ResourceKind, ScimError, Selection, Shape, body, group, user};
use sso_core::store::{AccountStore as _, GroupStore as _, StoreError};

/// How often a change of a group is made again after somebody else's came between.
const ATTEMPTS: usize = 8;

impl Directory {
    /// Reads a resource.
    pub(super) async fn read(
        &self,
        kind: ResourceKind,
        id: &str,
        versions: &Versions,
        selection: &Selection,
    ) -> Result<Answer, Refused> {
        let (found, revision) = match kind {
            ResourceKind::User => {
                let account = self.account(id).await?;
                (self.user(&account), account.revision)
            }
            ResourceKind::Group => {
                let group = self.group(id).await?;
                let revision = group.revision;
                (self.group_resource(&group, selection).await?, revision)
            }
        };
        if versions.knows(&version(revision)) {
            let version = Some(version(revision));
            return Ok(Answer { version, ..Answer::nothing(StatusCode::NOT_MODIFIED) });
        }
        Ok(answer(StatusCode::OK, found, selection))
    }

    /// Makes a resource.
    pub(super) async fn create(
        &self,
        kind: ResourceKind,
        body: &Value,
        selection: &Selection,
    ) -> Result<Answer, Refused> {
        let (made, audit) = match kind {
            ResourceKind::User => {
                let said = self.said(&body::read(&self.shape(kind), body)?, UidSaid::Stated)?;
                let made = self.bridge().create_directory_account(&self.org, &said, self.client());
                let Written { now: made, audit } = made.await?;
                (self.user(&made), audit)
            }
            ResourceKind::Group => {
                let edit = group::read(body)?;
                let made = self.bridge().create_group(&self.org, &edit, self.writer()).await?;
                (self.group_resource(&made.now, selection).await?, made.audit)
            }
        };
        Ok(answer(StatusCode::CREATED, made, selection).with_changes(&audit))
    }

    /// Replaces a resource: what the body does not say is empty, but for `active`.
    pub(super) async fn replace(
        &self,
        kind: ResourceKind,
        id: &str,
        body: &Value,
        versions: &Versions,
        selection: &Selection,
    ) -> Result<Answer, Refused> {
        match kind {
            ResourceKind::User => {
                let resource = body::read(&self.shape(kind), body)?;
                let said = self.said(&resource, UidSaid::Stated)?;
                self.change_user(id, versions, selection, |_| Ok(said.clone())).await
            }
            ResourceKind::Group => {
                let edit = group::read(body)?;
                let group = self.write_group(id, versions, GroupAct::Edit(&edit)).await?;
                let resource = self.group_resource(&group.now, selection).await?;
                Ok(answer(StatusCode::OK, resource, selection).with_changes(&group.audit))
            }
        }
    }

    /// Changes a resource as the operations say. A group is answered where attributes are asked for: its
    /// members may be many.
    pub(super) async fn patch(
        &self,
        kind: ResourceKind,
        id: &str,
        body: &Value,
        versions: &Versions,
        selection: &Selection,
    ) -> Result<Answer, Refused> {
        match kind {
            ResourceKind::User => {
                let say = |stored: &Account| {
                    let resource = user::patched(stored, body, &self.shape(kind))?;
                    let before = stored.profile.text(ProfileField::Uid);
                    let uid = match resource.get("userName").and_then(Value::as_str) == before {
                        true => UidSaid::Unspoken,
                        false => UidSaid::Stated,
                    };
                    let mut said = self.said(&resource, uid)?;
                    if said.active.is_none() {
                        user::note_active_removed(&mut said.document);
                    }
                    Ok(said)
                };
                self.change_user(id, versions, selection, say).await
            }
            ResourceKind::Group => {
                let edit = group::read_patch(body)?;
                let group = self.write_group(id, versions, GroupAct::Edit(&edit)).await?;
                let answered = match *selection {
                    Selection::All => {
                        let version = Some(version(group.now.revision));
                        Answer { version, ..Answer::nothing(StatusCode::NO_CONTENT) }
                    }
                    _ => {
                        let resource = self.group_resource(&group.now, selection).await?;
                        answer(StatusCode::OK, resource, selection)
                    }
                };
                Ok(answered.with_changes(&group.audit))
            }
        }
    }

    /// Removes a resource: an account with its sessions, a group with its memberships.
    pub(super) async fn remove(
        &self,
        kind: ResourceKind,
        id: &str,
        versions: &Versions,
    ) -> Result<Answer, Refused> {
        let audit = match kind {
            ResourceKind::User => {
                let id = account_id(id)?;
                let may = |stored: &Account| {
                    versions.hold(&version(stored.revision)).map_err(Refused::from)
                };
                let (bridge, client) = (self.bridge(), self.client());
                bridge.remove_directory_account(&self.org, id, client, may).await?.audit
            }
            ResourceKind::Group => self.write_group(id, versions, GroupAct::Remove).await?.audit,
        };
        Ok(Answer::nothing(StatusCode::NO_CONTENT).with_changes(&audit))
    }

    /// An account as a user.
    pub(super) fn user(&self, account: &Account) -> Value {
        user::from_account(account, &self.base(), &self.shape(ResourceKind::User))
    }

    /// A group, with its members where they are asked for.
    pub(super) async fn group_resource(
        &self,
        group: &Group,
        selection: &Selection,
    ) -> Result<Value, Refused> {
        let (store, org) = (self.app.store(), &self.org.name);
        let members = match selection.has("members") {
            true => Some(group::Members {
                accounts: store.members(org, group.id).await?,
                groups: store.groups_below(org, group.id).await?,
            }),
            false => None,
        };
        Ok(group::from_group(group, members.as_ref(), &self.base()))
    }

    /// Which attributes resources of a type have here.
    pub(super) fn shape(&self, kind: ResourceKind) -> Shape<'_> {
        Shape::of(kind, &self.org)
    }

    fn said(
        &self,
        resource: &Map<String, Value>,
        uid: UidSaid,
    ) -> Result<DirectoryAccount, ScimError> {
        user::require_user_name(resource)?;
        Ok(user::to_account(resource, uid, &self.shape(ResourceKind::User)))
    }

    async fn change_user(
        &self,
        id: &str,
        versions: &Versions,
        selection: &Selection,
        say: impl Fn(&Account) -> Result<DirectoryAccount, Refused> + Send + Sync,
    ) -> Result<Answer, Refused> {
        let say = |stored: &Account| {
            versions.hold(&version(stored.revision))?;
            say(stored)
        };
        let (id, client) = (account_id(id)?, self.client());
        let changed = self.bridge().change_directory_account(&self.org, id, client, say).await?;
        let answered = answer(StatusCode::OK, self.user(&changed.now), selection);
        Ok(answered.with_changes(&changed.audit))
    }

    /// Writes a group, again where somebody else's edit came between: as it is stored then, or was.
    async fn write_group(
        &self,
        id: &str,
        versions: &Versions,
        act: GroupAct<'_>,
    ) -> Result<Written<Group>, Refused> {
        let (bridge, writer) = (self.bridge(), self.writer());
        for _ in 0..ATTEMPTS {
            let stored = self.group(id).await?;
            versions.hold(&version(stored.revision))?;
            let done = match act {
                GroupAct::Edit(edit) => bridge.edit_group(&self.org, &stored, edit, writer).await,
                GroupAct::Remove => {
                    let removed = bridge.delete_group(&self.org, &stored, writer).await;
                    removed.map(|Written { audit, .. }| Written { now: stored, audit })
                }
            };
            match done {
                Err(GroupError::Store(StoreError::Conflict("group_changed"))) => {}
                done => return Ok(done?),
            }
        }
        Err(StoreError::Conflict("group_changed").into())
    }

    fn writer(&self) -> GroupWriter<'_> {
        GroupWriter::Directory(self.client())
    }

    async fn account(&self, id: &str) -> Result<Account, Refused> {
        let account = self.app.store().account(&self.org.name, account_id(id)?).await?;
        Ok(account.ok_or_else(ScimError::not_found)?)
    }

    /// A group that directories see: the top-level one is the administrators', and none of theirs.
    async fn group(&self, id: &str) -> Result<Group, Refused> {
        let id: GroupId = id.parse().map_err(|_| ScimError::not_found())?;
        let group = self.app.store().group(&self.org.name, id).await?;
        Ok(group.filter(|group| !group.is_top_level).ok_or_else(ScimError::not_found)?)
    }
}

/// What is done to a group.
#[derive(Clone, Copy)]
enum GroupAct<'a> {
    Edit(&'a GroupEdit),
    Remove,
}

fn account_id(id: &str) -> Result<AccountId, ScimError> {
    id.parse().map_err(|_| ScimError::not_found())
}

fn answer(status: StatusCode, resource: Value, selection: &Selection) -> Answer {
    let meta = |name: &str| resource["meta"][name].as_str().map(str::to_owned);
    let (location, version) = (meta("location"), meta("version"));
    Answer { status, location, version, ..Answer::of(selection.of(resource)) }
}

/// The answer of a list (RFC 7644 3.4.2).
pub(super) fn listed(all: usize, skipped: usize, part: Vec<Value>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": all,
        "startIndex": skipped + 1,
        "itemsPerPage": part.len(),
        "Resources": part,
    })
}
