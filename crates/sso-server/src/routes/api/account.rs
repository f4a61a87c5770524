//! An account as JSON: what is shown of it, and what a body says that it should be (SPEC 6).

use crate::http::api_code::ApiCode;
use crate::http::json::JsonObject;
use crate::http::problem::Problem;
use serde::Serialize;
use serde_json::{Value, json};
use sso_core::ids::AccountId;
use sso_core::org::{Org, OrgName};
use sso_core::profile::Profile;
use sso_core::provisioning::by_hand::{AccountEdit, ForgetNameId};
use sso_core::provisioning::{Account, AccountSource, AccountStatus, NameIdKey, Role};
use sso_core::setting::{InvalidSetting, SettingCode};
use time::OffsetDateTime;

/// An account as the Admin API and `GET /session` show it (SPEC 6).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Account)]
pub(in crate::routes) struct AccountShape {
    /// Its identifier.
    id: AccountId,
    /// Whose it is.
    org: OrgName,
    #[serde(flatten)]
    profile: Profile,
    /// When it was last changed at its source, as assertions say.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    update_time_stamp: Option<OffsetDateTime>,
    /// What the identity provider calls the person.
    #[schema(required)]
    name_id: Option<NameIdKey>,
    /// Whether it can sign in.
    status: AccountStatus,
    /// What it may administer.
    role: Role,
    /// The groups that it is a member of.
    groups: Vec<String>,
    /// Where it comes from.
    source: AccountSource,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// When the person last signed in.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
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

/// What a body can say of an account.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it declares what `edit` reads")]
pub(super) struct AccountFields {
    #[serde(flatten)]
    profile: Profile,
    /// The e-mail address, in one of the organization's domains.
    #[schema(min_length = 1, max_length = 256, format = "email")]
    email: String,
    /// The first name.
    #[schema(min_length = 1, max_length = 1024)]
    first_name: String,
    /// The last name.
    #[schema(min_length = 1, max_length = 1024)]
    last_name: String,
    /// What it may administer; a User Administrator grants only `user`.
    #[schema(required = false, default = "user")]
    role: Role,
}

/// What a body can be refused for besides a value that a field cannot take.
pub(super) const REFUSALS: [ApiCode; 13] = [
    ApiCode::OrgAdminOnly,
    ApiCode::AttributeTaken,
    ApiCode::ChangedMeanwhile,
    ApiCode::EmailTaken,
    ApiCode::ManagedExternally,
    ApiCode::SsoidTaken,
    ApiCode::UidTaken,
    ApiCode::UserLimitReached,
    ApiCode::Setting(SettingCode::EmailDomainForeign),
    ApiCode::Setting(SettingCode::NotSupported),
    ApiCode::Setting(SettingCode::ReadOnly),
    ApiCode::Setting(SettingCode::RequiredAttributeMissing),
    ApiCode::Setting(SettingCode::UidImmutable),
];

/// What a body says of a new account. Of the fields that are not for writing, what every new account
/// has may be sent.
pub(super) fn of_new(body: JsonObject, org: &Org) -> Result<AccountEdit, Problem> {
    edit(body, &json!({"org": org.name, "status": "active", "groups": []}), org)
}

/// What a body says of an account, beyond what is shown of it: so what was read can be sent back with
/// a change.
pub(super) fn of_stored(
    body: JsonObject,
    account: Account,
    org: &Org,
) -> Result<AccountEdit, Problem> {
    let shown = serde_json::to_value(AccountShape::from(account));
    edit(body, &shown.map_err(|error| Problem::internal(&error))?, org)
}

fn edit(body: JsonObject, shown: &Value, org: &Org) -> Result<AccountEdit, Problem> {
    let mut edit = AccountEdit::default();
    for (name, value) in body.0 {
        // What is not shown is null.
        if shown[name.as_str()] == value {
            continue;
        }
        if let Some(field) = org.profile_fields().find(|field| field.as_str() == name) {
            let value = serde_json::from_value(value);
            edit.profile.insert(field, value.map_err(|_| invalid(name, "It has another type."))?);
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
