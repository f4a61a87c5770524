//! The account: one record for SSO, SCIM, files and administrators (SPEC 9, 10).

use super::{DirectoryDocument, Profile, ProfileField, ProfileValue};
use crate::ids::AccountId;
use crate::login::NameIdKey;
use crate::org::OrgName;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A user of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// Whose it is.
    pub org: OrgName,
    /// The profile; `uid`, `ssoid` and `email` in it are unique within the organization.
    /// `uid` and `email` compare without regard to ASCII case, `ssoid` exactly.
    pub profile: Profile,
    /// The NameID that signed it in last, with all that makes it one.
    pub name_id: Option<NameIdKey>,
    /// Whether it can sign in.
    pub status: AccountStatus,
    /// What it may administer.
    pub role: Role,
    /// The groups it belongs to, by their `sso_id`.
    pub groups: Vec<String>,
    /// Who made it.
    pub source: AccountSource,
    /// What its directory said of it that no field of the profile holds.
    pub directory: Option<DirectoryDocument>,
    /// The newest `updateTimeStamp` that an assertion wrote.
    pub update_time_stamp: Option<OffsetDateTime>,
    /// Whether an assertion has written the profile yet.
    pub written_by_assertion: bool,
    /// Grows by one with each change of the row; a commit planned on an older one is a conflict.
    pub revision: u64,
    /// When it was made, in UTC.
    pub created_at: OffsetDateTime,
    /// When it last changed but by signing in, in UTC.
    pub updated_at: OffsetDateTime,
    /// When it last signed in, in UTC.
    pub last_login_at: Option<OffsetDateTime>,
}

impl Account {
    /// The e-mail address; every account that was made has one.
    pub fn email(&self) -> Option<&str> {
        self.profile.text(ProfileField::Email)
    }

    /// Whether its instant messages are logged.
    pub fn logs_instant_messages(&self) -> bool {
        self.profile.get(ProfileField::ImLoggingEnabled) == Some(&ProfileValue::Flag(true))
    }

    /// What a page greets the person with: display name, else first and last name, else e-mail.
    pub fn shown_name(&self) -> String {
        let text = |field| self.profile.text(field).filter(|t| !t.is_empty());
        if let Some(name) = text(ProfileField::DisplayName) {
            return name.to_owned();
        }
        match (text(ProfileField::FirstName), text(ProfileField::LastName)) {
            (Some(first), Some(last)) => format!("{first} {last}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => self.email().unwrap_or_default().to_owned(),
        }
    }
}

/// Whether an account can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// It can.
    Active,
    /// Deactivated: kept, but refused everywhere.
    Inactive,
}

/// What an account may administer. Never comes from an assertion (SPEC 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing.
    User,
    /// Accounts alone.
    UserAdmin,
    /// Everything of the organization.
    OrgAdmin,
}

impl Role {
    /// Its name in the Admin API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::UserAdmin => "user_admin",
            Self::OrgAdmin => "org_admin",
        }
    }
}

/// What an administrator of an organization may do: more, the greater (SPEC 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdminRole {
    /// Accounts alone.
    UserAdmin,
    /// Everything of the organization but what is the operator's.
    OrgAdmin,
}

impl AdminRole {
    /// Its name in the Admin API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserAdmin => "user_admin",
            Self::OrgAdmin => "org_admin",
        }
    }
}

/// Who made an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountSource {
    /// A verified assertion.
    Sso,
    /// SCIM.
    Scim,
    /// A CSV import.
    Csv,
    /// A directory file.
    Directory,
    /// An administrator.
    Admin,
    /// The person, by registering.
    SelfRegistration,
}
