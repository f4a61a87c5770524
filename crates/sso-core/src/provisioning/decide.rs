//! The rules of SPEC 9 in their order: whose login it is, then create, or link and update. It decides
//! on what a login says, however that came to be known; [`plan`](super::plan) alone calls it, with a
//! verified one.

use super::create::create;
use super::email::{VerifiedEmail, check_uid_domain};
use super::identity::Identity;
use super::mapped::MappedProfile;
use super::matching::{Match, match_account};
use super::update::{Stamp, update};
use super::{
    Account, AccountChange, Candidates, Event, EventKind, Note, ProfileField, ProfileValue,
};
use crate::connection::{AccountKey, AccountRules};
use crate::error::Rejection;
use crate::ids::AccountId;
use crate::org::Org;
use time::OffsetDateTime;

/// Everything that a decision depends on.
pub(super) struct Case<'a> {
    pub(super) identity: Identity<'a>,
    pub(super) mapped: MappedProfile<'a>,
    pub(super) candidates: &'a Candidates,
    pub(super) org: &'a Org,
    pub(super) settings: AccountRules<'a>,
    pub(super) now: OffsetDateTime,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        identity: Identity<'a>,
        candidates: &'a Candidates,
        org: &'a Org,
        settings: AccountRules<'a>,
        now: OffsetDateTime,
    ) -> Self {
        let mapped = MappedProfile::read(&identity, settings, &org.attribute_schema);
        Self { identity, mapped, candidates, org, settings, now }
    }

    /// When the assertion says that the person was last changed.
    pub(super) fn stamp(&self) -> Stamp<'a> {
        Stamp::read(self.mapped.value(ProfileField::UpdateTimeStamp))
    }
}

/// What was decided, before it is bound to the login's replay record.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) change: AccountChange,
    pub(super) notes: Vec<Note>,
    pub(super) events: Vec<Event>,
}

pub(super) fn decide(case: &Case<'_>, new_account: AccountId) -> Result<Decision, Rejection> {
    let (mut notes, mut events) = (Vec::new(), Vec::new());
    let change = match match_account(case)? {
        Match::Unknown => make(case, new_account, &mut notes, &mut events)?,
        Match::Known(account) => sign_in(case, account, None, &mut notes, &mut events)?,
        Match::Link(account, email) => {
            sign_in(case, account, Some(&email), &mut notes, &mut events)?
        }
    };
    events.push(Event::of(EventKind::SignIn, change.account(), "by single sign-on"));
    Ok(Decision { change, notes, events })
}

fn make(
    case: &Case<'_>,
    id: AccountId,
    notes: &mut Vec<Note>,
    events: &mut Vec<Event>,
) -> Result<AccountChange, Rejection> {
    let account = create(case, id, notes)?;
    notes.push(Note::new("account_created", account.id.to_string()));
    events.push(Event::of(EventKind::AccountCreated, &account, "from an assertion"));
    Ok(AccountChange::Create(Box::new(account)))
}

/// Signs a stored account in, after it is linked where it was found by an e-mail address.
fn sign_in(
    case: &Case<'_>,
    stored: &Account,
    link: Option<&VerifiedEmail>,
    notes: &mut Vec<Note>,
    events: &mut Vec<Event>,
) -> Result<AccountChange, Rejection> {
    let mut account = stored.clone();
    if let Some(email) = link {
        give_key(case, &mut account)?;
        let why = format!("by the e-mail address {}", email.as_str());
        notes.push(Note::new("account_linked", format!("{} {why}", account.id)));
        events.push(Event::of(EventKind::AccountLinked, &account, &why));
    }
    let changed = update(case, &mut account, notes)?;
    if let Some(changed) = &changed {
        let names: Vec<_> = changed.iter().map(|field| field.as_str()).collect();
        let names = names.join(", ");
        notes.push(Note::new("account_updated", format!("changed: {names}")));
        if !changed.is_empty() {
            let why = format!("from an assertion: {names}");
            events.push(Event::of(EventKind::AccountUpdated, &account, &why));
        }
    }
    if account.profile != stored.profile {
        account.updated_at = case.now;
    }
    account.name_id = Some(case.identity.name_id.clone());
    account.last_login_at = Some(case.now);

    let account = Box::new(account);
    Ok(match (link, changed) {
        // What a sign-in alone writes is not worth a conflict; what is decided here is.
        (None, None) => AccountChange::SignIn(account),
        _ => AccountChange::Update(account),
    })
}

/// Gives the account the key of the login. A NameID it gets at every login.
fn give_key(case: &Case<'_>, account: &mut Account) -> Result<(), Rejection> {
    let field = match case.settings.account_key {
        AccountKey::Uid => ProfileField::Uid,
        AccountKey::Ssoid => ProfileField::Ssoid,
        AccountKey::NameId => return Ok(()),
    };
    let key = case.mapped.value(field).unwrap_or_default();
    if field == ProfileField::Uid {
        check_uid_domain(key, case.org)?;
    }
    account.profile.set(field, ProfileValue::Text(key.to_owned()));
    Ok(())
}

#[cfg(test)]
mod tests;
