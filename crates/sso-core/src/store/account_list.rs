//! Which accounts are listed, in which order, and where a list goes on (SPEC 10).

use super::{Page, StoreError};
use crate::encoding::{decode_hex, encode_hex};
use crate::ids::AccountId;
use crate::provisioning::{Account, AccountStatus, ProfileField, Role, UniqueValues};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// Which accounts are listed (SPEC 10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// The beginning of the first or last name, without regard to case. Empty is no filter.
    pub q: Option<String>,
    /// Exactly this employee ID.
    pub employee_id: Option<String>,
    /// Only of this status; `None` for all.
    pub status: Option<AccountStatus>,
    /// Only of this role.
    pub role: Option<Role>,
    /// Only those whose instant messages are logged, or are not.
    pub im_logging: Option<bool>,
}

impl AccountFilter {
    /// What the folded first or last name must begin with.
    pub fn name_prefix(&self) -> Option<String> {
        self.q.as_deref().map(fold_name).filter(|prefix| !prefix.is_empty())
    }

    /// Whether an account is listed.
    pub fn matches(&self, account: &Account) -> bool {
        let text = |field| account.profile.text(field);
        let begins = |prefix: &str| {
            [ProfileField::FirstName, ProfileField::LastName]
                .into_iter()
                .filter_map(text)
                .any(|name| fold_name(name).starts_with(prefix))
        };
        self.name_prefix().is_none_or(|prefix| begins(&prefix))
            && self.status.is_none_or(|status| account.status == status)
            && self.role.is_none_or(|role| account.role == role)
            && self.im_logging.is_none_or(|logs| account.logs_instant_messages() == logs)
            && self
                .employee_id
                .as_deref()
                .is_none_or(|id| text(ProfileField::EmployeeId) == Some(id))
    }
}

/// How names are compared: without regard to case, in every script.
pub fn fold_name(text: &str) -> String {
    text.to_lowercase()
}

/// By what a list of accounts is sorted. Those of the same value come as they were made; one without
/// a value comes before all that have one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountSort {
    /// When they were made.
    #[default]
    CreatedAt,
    /// The first name, without regard to case.
    FirstName,
    /// The last name, without regard to case.
    LastName,
    /// The e-mail address, without regard to case.
    Email,
}

/// Which end of a list comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The least.
    #[default]
    Asc,
    /// The greatest.
    Desc,
}

/// The order of a list of accounts. The default is the oldest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountOrder {
    /// By what it is sorted.
    pub by: AccountSort,
    /// Which end comes first.
    pub direction: Direction,
}

/// The value that an account is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// When it was made, in UTC.
    At(OffsetDateTime),
    /// A text in the form in which it is compared; empty where there is none.
    Text(String),
}

/// The place of an account in a list: the cursor of what comes after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPlace {
    /// Of which order.
    pub order: AccountOrder,
    /// The value that the account is sorted by.
    pub key: SortKey,
    /// The account.
    pub id: AccountId,
}

impl AccountSort {
    fn as_str(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
        }
    }

    fn key(self, account: &Account) -> SortKey {
        let name = |field| account.profile.text(field).map(fold_name);
        let text = match self {
            Self::CreatedAt => return SortKey::At(account.created_at),
            Self::FirstName => name(ProfileField::FirstName),
            Self::LastName => name(ProfileField::LastName),
            Self::Email => UniqueValues::of(&account.profile).email,
        };
        SortKey::Text(text.unwrap_or_default())
    }

    /// Reads what [`SortKey`] shows. NUL is in no text.
    fn read_key(self, text: &str) -> Option<SortKey> {
        if self == Self::CreatedAt {
            let nanos = i128::from(text.parse::<i64>().ok()?) * 1_000;
            return OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().map(SortKey::At);
        }
        let text = String::from_utf8(decode_hex(text)?).ok()?;
        (!text.contains('\0')).then_some(SortKey::Text(text))
    }
}

impl fmt::Display for SortKey {
    /// Microseconds since 1970, or the text in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(f, "{}", at.unix_timestamp_nanos().div_euclid(1_000)),
            Self::Text(text) => f.write_str(&encode_hex(text.as_bytes())),
        }
    }
}

impl AccountOrder {
    /// The place of an account in this order.
    pub fn place(self, account: &Account) -> AccountPlace {
        AccountPlace { order: self, key: self.by.key(account), id: account.id }
    }

    /// The place that a page begins after. [`StoreError::InvalidCursor`] where its cursor is of
    /// another order, or none.
    pub fn after(self, page: &Page) -> Result<Option<AccountPlace>, StoreError> {
        match page.after::<AccountPlace>()? {
            Some(place) if place.order != self => Err(StoreError::InvalidCursor),
            place => Ok(place),
        }
    }
}

impl AccountPlace {
    /// Which of two places of the same order comes first.
    pub fn compare(&self, other: &Self) -> Ordering {
        let least_first = (&self.key, self.id).cmp(&(&other.key, other.id));
        match self.order.direction {
            Direction::Asc => least_first,
            Direction::Desc => least_first.reverse(),
        }
    }
}

impl fmt::Display for AccountPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.order.direction {
            Direction::Asc => "asc",
            Direction::Desc => "desc",
        };
        write!(f, "{}.{direction}.{}.{}", self.order.by.as_str(), self.id, self.key)
    }
}

impl FromStr for AccountPlace {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let read = || {
            let mut parts = text.split('.');
            let (by, direction) = (parts.next()?, parts.next()?);
            let (id, key) = (parts.next()?.parse().ok()?, parts.next()?);
            let sorts = [
                AccountSort::CreatedAt,
                AccountSort::FirstName,
                AccountSort::LastName,
                AccountSort::Email,
            ];
            let by = sorts.into_iter().find(|sort| sort.as_str() == by)?;
            let direction = match direction {
                "asc" => Direction::Asc,
                "desc" => Direction::Desc,
                _ => return None,
            };
            let key = by.read_key(key)?;
            parts.next().is_none().then_some(Self {
                order: AccountOrder { by, direction },
                key,
                id,
            })
        };
        read().ok_or(StoreError::InvalidCursor)
    }
}
