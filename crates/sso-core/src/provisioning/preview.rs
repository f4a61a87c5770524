//! What a mapping would make of what an identity provider says (SPEC 6, 9): the decision of a login, of words
//! that nobody verified. Nothing here can be carried out: it ends in a picture of the account, never in a
//! plan.

use super::decide::{Case, decide};
use super::identity::Identity;
use super::keys::keys_of;
use super::mapped::{MappedProfile, Said};
use super::{Account, AccountChange, AccountKeys, Candidates, NameIdKey, Note, ProfileField};
use crate::connection::AccountRules;
use crate::error::Rejection;
use crate::ids::AccountId;
use crate::org::Org;
use time::OffsetDateTime;

/// What an identity provider would say of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The NameID.
    pub name_id: NameIdKey,
    /// The attributes, in their order.
    pub attributes: Vec<(String, Vec<String>)>,
    /// Whether it would answer a request of ours.
    pub solicited: bool,
}

/// What a field of the profile would be filled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The field.
    pub field: ProfileField,
    /// The values that count; none where every attribute for it came empty.
    pub values: Vec<String>,
}

/// What would become of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The change, with the account as it would be. One that would be made has an identifier that is
    /// nobody's.
    pub change: AccountChange,
    /// The fields that would have another value.
    pub changed: Vec<ProfileField>,
    /// What the login's trace would say of it.
    pub notes: Vec<Note>,
}

impl Statement {
    fn identity(&self) -> Identity<'_> {
        let Self { name_id, attributes, solicited } = self;
        Identity { name_id, attributes, solicited: *solicited }
    }

    /// What each field would be filled from, in the order of the fields.
    pub fn mapped(&self, org: &Org, settings: AccountRules<'_>) -> Vec<Mapped> {
        let mapped = MappedProfile::read(&self.identity(), settings, &org.attribute_schema);
        let of = |field| {
            let values = match mapped.said(field) {
                Said::Absent => return None,
                Said::Empty => Vec::new(),
                Said::Values(values) => values.iter().map(|value| (*value).to_owned()).collect(),
            };
            Some(Mapped { field, values })
        };
        org.profile_fields().filter_map(of).collect()
    }

    /// By what the accounts that it could mean would be looked up.
    ///
    /// # Errors
    /// As [`account_keys`](super::account_keys).
    pub fn keys(&self, org: &Org, settings: AccountRules<'_>) -> Result<AccountKeys, Rejection> {
        keys_of(&self.identity(), org, settings)
    }

    /// What would become of the account. `now` is UTC.
    ///
    /// # Errors
    /// As [`plan`](super::plan).
    pub fn preview(
        &self,
        candidates: &Candidates,
        org: &Org,
        settings: AccountRules<'_>,
        now: OffsetDateTime,
        new_account: AccountId,
    ) -> Result<Preview, Rejection> {
        let case = Case::new(self.identity(), candidates, org, settings, now);
        let decision = decide(&case, new_account)?;
        let account = decision.change.account();
        let before = candidates.known(account.id).map(|account| account.profile.clone());
        Ok(Preview {
            changed: account.profile.changed_since(&before.unwrap_or_default()),
            notes: decision.notes,
            change: decision.change,
        })
    }
}

impl Candidates {
    fn known(&self, id: AccountId) -> Option<&Account> {
        [&self.by_key, &self.by_email].into_iter().flatten().find(|account| account.id == id)
    }
}
