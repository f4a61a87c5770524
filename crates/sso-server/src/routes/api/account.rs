//! An account as JSON: what is shown of it, and what a body says that it should be (SPEC 6).

use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use serde::Serialize;
use serde_json::{Value, json};
use sso_core::ids::AccountId;
use sso_core::org::OrgName;
use sso_core::profile::{Profile, ProfileField};
use sso_core::provisioning::by_hand::{AccountEdit, ForgetNameId};
use sso_core::provisioning::{Account, AccountSource, AccountStatus, NameIdKey, Role};
use sso_core::setting::{InvalidSetting, SettingCode};
use time::OffsetDateTime;

/// An account as the Admin API and `GET /session` show it (SPEC 6).
#[derive(Debug, Clone, Serialize)]
pub(in crate::routes) struct AccountShape {
    id: AccountId,
    org: OrgName,
    #[serde(flatten)]
    profile: Profile,
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    update_time_stamp: Option<OffsetDateTime>,
    name_id: Option<NameIdKey>,
    status: AccountStatus,
    role: Role,
    groups: Vec<String>,
    source: AccountSource,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_login_at: Option<OffsetDateTime>,
}

impl From<Account> for AccountShape {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            org: account.org,
            profile: account.profile,
            update_time_stamp: account.update_time_stamp,
            name_id: account.name_id,
            status: account.status,
            role: account.role,
            groups: account.groups,
            source: account.source,
            created_at: account.created_at,
            updated_at: account.updated_at,
            last_login_at: account.last_login_at,
        }
    }
}

/// What a body says of a new account. Of the fields that are not for writing, what every new account
/// has may be sent.
pub(super) fn of_new(body: JsonObject, org: &OrgName) -> Result<AccountEdit, Problem> {
    edit(body, &json!({"org": org, "status": "active", "groups": []}))
}

/// What a body says of an account, beyond what is shown of it: so what was read can be sent back with
/// a change.
pub(super) fn of_stored(body: JsonObject, account: Account) -> Result<AccountEdit, Problem> {
    let shown = serde_json::to_value(AccountShape::from(account));
    edit(body, &shown.map_err(|error| Problem::internal(&error))?)
}

fn edit(body: JsonObject, shown: &Value) -> Result<AccountEdit, Problem> {
    let mut edit = AccountEdit::default();
    for (name, value) in body.0 {
        // What is not shown is null.
        if shown[name.as_str()] == value {
            continue;
        }
        if let Some(field) = ProfileField::ALL.iter().find(|field| field.as_str() == name) {
            let value = serde_json::from_value(value);
            edit.profile.insert(*field, value.map_err(|_| invalid(name, "It has another type."))?);
            continue;
        }
        match name.as_str() {
            "role" => {
                let role = serde_json::from_value::<Option<Role>>(value)
                    .map_err(|_| invalid(name, "It takes: user, user_admin or org_admin."))?;
                edit.role = Some(role.unwrap_or(Role::User));
            }
            "name_id" if value.is_null() => edit.name_id = Some(ForgetNameId),
            "name_id" => return Err(read_only(name, "It can only be forgotten, with null.")),
            "status" => return Err(read_only(name, "Post to …/deactivate or …/reactivate.")),
            "id" | "org" | "groups" | "source" | "created_at" | "updated_at" | "last_login_at" => {
                return Err(read_only(name, "It is not written by hand."));
            }
            _ => return Err(invalid(name, "An account has no such field.")),
        }
    }
    Ok(edit)
}

fn invalid(field: String, problem: &'static str) -> Problem {
    Problem::field(ApiCode::Setting(SettingCode::Invalid), field, problem)
}

fn read_only(field: String, problem: &'static str) -> Problem {
    InvalidSetting::new(SettingCode::ReadOnly, field, problem).into()
}
