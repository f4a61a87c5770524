//! What happens, and carrying it out as the service does.

use super::corp;
use super::sign_in::sign_in;
use Act::*;
use sso_core::flow::{AccountError, Administrator, Bridge, DirectoryClient};
use sso_core::ids::AccountId;
use sso_core::login::VerifiedLogin;
use sso_core::profile::{ProfileField, ProfileValue};
use sso_core::provisioning::by_hand::AccountEdit;
use sso_core::provisioning::{
    Account, AdminRole, DirectoryAccount, DirectoryDocument, Role, UidSaid,
};
use sso_core::store::{AccountLookup, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// A login whose assertion says a job title, as of an hour.
    Login(&'static str, u8),
    DirectoryMakes(&'static str),
    DirectoryWrites(&'static str, u8),
    DirectorySays(&'static str, bool),
    DirectoryRemoves(&'static str),
    AdministratorWrites(&'static str, u8),
    AdministratorPromotes(&'static str),
    AdministratorDeactivates(&'static str),
    AdministratorReactivates(&'static str),
}

/// An act, with the login that it is, if it is one.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) act: Act,
    pub(super) login: Option<Arc<VerifiedLogin>>,
}

/// Carries an act out: `ok`, or the code of what it was refused for.
pub(super) async fn carry_out<S: Store>(bridge: &Bridge<S>, step: &Step) -> String {
    let org = corp();
    let directory = DirectoryClient { name: "directory" };
    let admin = Administrator { name: "admin", role: AdminRole::OrgAdmin };
    let done: Result<(), AccountError> = match step.act {
        Login(..) => return sign_in(bridge, step.login.as_ref().expect("a login")).await,
        DirectoryMakes(name) => {
            let said = said(name, 0, None);
            bridge.create_directory_account(&org, &said, directory).await.map(drop)
        }
        DirectoryWrites(name, value) => {
            change(bridge, name, move |stored| written(stored, Some(value), None)).await
        }
        DirectorySays(name, active) => {
            change(bridge, name, move |stored| written(stored, None, Some(active))).await
        }
        DirectoryRemoves(name) => match id_of(bridge, name).await {
            None => return "absent".to_owned(),
            Some(id) => {
                let may = |_: &Account| Ok::<(), AccountError>(());
                bridge.remove_directory_account(&org, id, directory, may).await.map(drop)
            }
        },
        AdministratorWrites(name, value) => {
            let city = ProfileValue::Text(format!("city-{value}"));
            let profile = BTreeMap::from([
                (ProfileField::City, Some(city)),
                (ProfileField::FirstName, Some(ProfileValue::Text("First".to_owned()))),
                (ProfileField::LastName, Some(ProfileValue::Text("Last".to_owned()))),
            ]);
            edit(bridge, name, AccountEdit { profile, ..AccountEdit::default() }).await
        }
        AdministratorPromotes(name) => {
            let role = Some(Role::OrgAdmin);
            edit(bridge, name, AccountEdit { role, ..AccountEdit::default() }).await
        }
        AdministratorDeactivates(name) => match id_of(bridge, name).await {
            None => return "absent".to_owned(),
            Some(id) => bridge.deactivate_account(&org, id, admin).await.map(drop),
        },
        AdministratorReactivates(name) => match id_of(bridge, name).await {
            None => return "absent".to_owned(),
            Some(id) => bridge.reactivate_account(&org, id, admin).await.map(drop),
        },
    };
    match done {
        Ok(()) => "ok".to_owned(),
        Err(AccountError::Store(StoreError::NotFound(_))) => "absent".to_owned(),
        Err(AccountError::Store(StoreError::Conflict(code))) => code.to_owned(),
        Err(other) => panic!("{:?}: {other}", step.act),
    }
}

async fn change<S: Store>(
    bridge: &Bridge<S>,
    name: &str,
    say: impl Fn(&Account) -> DirectoryAccount + Send + Sync,
) -> Result<(), AccountError> {
    let absent = AccountError::Store(StoreError::NotFound("account"));
    let id = id_of(bridge, name).await.ok_or(absent)?;
    let by = DirectoryClient { name: "directory" };
    let say = |stored: &Account| Ok::<_, AccountError>(say(stored));
    bridge.change_directory_account(&corp(), id, by, say).await.map(drop)
}

async fn edit<S: Store>(
    bridge: &Bridge<S>,
    name: &str,
    edit: AccountEdit,
) -> Result<(), AccountError> {
    let absent = AccountError::Store(StoreError::NotFound("account"));
    let id = id_of(bridge, name).await.ok_or(absent)?;
    let by = Administrator { name: "admin", role: AdminRole::OrgAdmin };
    bridge.edit_account(&corp(), id, &edit, by).await.map(drop)
}

async fn id_of<S: Store>(bridge: &Bridge<S>, name: &str) -> Option<AccountId> {
    let lookup = AccountLookup::Uid(format!("{name}@corp.example"));
    let found = bridge.store().find_accounts(&corp().name, &lookup, 1).await.expect("found");
    found.first().map(|account| account.id)
}

/// What a directory says of somebody.
pub(super) fn said(name: &str, value: u8, active: Option<bool>) -> DirectoryAccount {
    let text = |text: String| Some(ProfileValue::Text(text));
    let address = text(format!("{name}@corp.example"));
    let fields = BTreeMap::from([
        (ProfileField::Uid, address.clone()),
        (ProfileField::Email, address),
        (ProfileField::DisplayName, text(format!("{name}-{value}"))),
    ]);
    DirectoryAccount {
        fields,
        active,
        document: DirectoryDocument::default(),
        uid: UidSaid::Stated,
    }
}

/// What a PATCH makes of an account as it is stored.
fn written(stored: &Account, value: Option<u8>, active: Option<bool>) -> DirectoryAccount {
    let mut fields: BTreeMap<ProfileField, Option<ProfileValue>> = [
        ProfileField::Uid,
        ProfileField::Email,
        ProfileField::FirstName,
        ProfileField::LastName,
        ProfileField::DisplayName,
        ProfileField::JobTitle,
        ProfileField::City,
    ]
    .map(|field| (field, stored.profile.get(field).cloned()))
    .into();
    if let Some(value) = value {
        fields.insert(ProfileField::DisplayName, Some(format!("written-{value}").into()));
    }
    let document = stored.directory.clone().unwrap_or_default();
    DirectoryAccount { fields, active, document, uid: UidSaid::Unspoken }
}
