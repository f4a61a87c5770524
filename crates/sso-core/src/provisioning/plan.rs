//! The decision what becomes of the account (SPEC 9): a pure function, and the plan that the store
//! carries out once.

use super::decide::{Case, Decision, decide};
use super::identity::Identity;
use super::{Account, Event, Note, ProfileField};
use crate::connection::{AccountKey, AccountRules};
use crate::error::Rejection;
use crate::ids::AccountId;
use crate::login::{ReplayRecord, VerifiedLogin};
use crate::org::{Org, OrgName};
use time::OffsetDateTime;

/// The accounts that a login could mean, as the store found them by the keys of
/// [`AccountKeys`](super::AccountKeys).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The account whose key equals the login's.
    pub by_key: Option<Account>,
    /// The account with the login's e-mail address.
    pub by_email: Option<Account>,
    /// The account with the login's `uid`.
    pub by_uid: Option<Account>,
    /// The account with the login's `ssoid`.
    pub by_ssoid: Option<Account>,
    /// The accounts that have the login's value of a unique attribute of the organization, by the
    /// attribute.
    pub by_own: Vec<(ProfileField, Account)>,
    /// Those of the login's groups that the organization has, by their `sso_id`.
    pub known_groups: Vec<String>,
    /// How many active accounts the organization has. Counted only where no account was found,
    /// since creation alone asks; else 0.
    pub active_accounts: u64,
}

impl Candidates {
    /// Who holds the login's values of the fields that are unique within an organization.
    pub(super) fn holders(&self) -> impl Iterator<Item = (ProfileField, &Account)> {
        let own = self.by_own.iter().map(|(field, holder)| (*field, holder));
        [
            (ProfileField::Email, &self.by_email),
            (ProfileField::Uid, &self.by_uid),
            (ProfileField::Ssoid, &self.by_ssoid),
        ]
        .into_iter()
        .filter_map(|(field, holder)| Some((field, holder.as_ref()?)))
        .chain(own)
    }
}

/// What becomes of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// It is made, with `revision` 1.
    Create(Box<Account>),
    /// It is written: the row as it will be, `revision` still that of the row it was planned on
    /// (the store makes it one more).
    Update(Box<Account>),
    /// Only `name_id` and `last_login_at` are written; `revision` grows only where there was no
    /// `name_id`, so that logins of one account do not hinder each other.
    SignIn(Box<Account>),
}

/// A decided sign-in. It is made by [`plan`] alone, and used once: the store takes it by value.
#[derive(Debug)]
pub struct SignInPlan {
    parts: PlanParts,
    notes: Vec<Note>,
    events: Vec<Event>,
}

/// What a plan says, for the store that carries it out.
#[derive(Debug)]
pub struct PlanParts {
    /// The organization that the person is signed in to.
    pub org: OrgName,
    /// What identifies accounts of the connection.
    pub key: AccountKey,
    /// What becomes of the account.
    pub account: AccountChange,
    /// What makes a second use of the assertion impossible.
    pub replay: ReplayRecord,
}

impl AccountChange {
    /// The account as it will be.
    pub fn account(&self) -> &Account {
        match self {
            Self::Create(account) | Self::Update(account) | Self::SignIn(account) => account,
        }
    }
}

impl SignInPlan {
    /// Takes the plan apart, to be carried out. A plan cannot be put together again.
    pub fn into_parts(self) -> PlanParts {
        self.parts
    }

    /// The account as it will be.
    pub fn account(&self) -> &Account {
        self.parts.account.account()
    }

    /// What becomes of the account.
    pub fn change(&self) -> &AccountChange {
        &self.parts.account
    }

    /// What the login's trace should say of it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What the audit trail keeps of it; the sign-in itself is the last.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

/// Decides what becomes of the account of a verified login.
///
/// `candidates` are what the store found by [`account_keys`](super::account_keys) of the same login;
/// `now` is UTC; `new_account` is the identifier of the account that may be made.
///
/// # Errors
/// The refusals of SPEC 9, each by its own code: `account_conflict`, `account_inactive`,
/// `account_unknown`, `required_attribute_missing`, `email_domain_foreign`, `attribute_invalid`,
/// `user_limit_reached`. Nothing is to be written then.
pub fn plan(
    login: &VerifiedLogin,
    candidates: &Candidates,
    org: &Org,
    settings: AccountRules<'_>,
    now: OffsetDateTime,
    new_account: AccountId,
) -> Result<SignInPlan, Rejection> {
    let case = Case::new(Identity::from(login), candidates, org, settings, now);
    let Decision { change, notes, events } = decide(&case, new_account)?;
    Ok(SignInPlan {
        parts: PlanParts {
            org: org.name.clone(),
            key: settings.account_key,
            account: change,
            replay: login.replay().clone(),
        },
        notes,
        events,
    })
}
