//! Every rule of SPEC 9, by subject, and what the cases share.

mod creation;
mod mapping;
mod matching;
mod own_attributes;
mod refusals;
mod update;

use crate::connection::{AccountKey, OnMissing, Saml2Settings};
use crate::error::{Code, Rejection};
use crate::org::Org;
use crate::profile::{Fields, Preset};
use crate::provisioning::decide::Decision;
use crate::provisioning::test_support::{BEFORE, NOW, Person, ann, ann_account, id, org, settings};
use crate::provisioning::{
    Account, AccountChange, AccountSource, AccountStatus, EventKind, ProfileField, ProfileValue,
    Role,
};
use time::macros::datetime;

/// Everything that a decision depends on, to be changed in one place by a case.
#[derive(Clone)]
struct Login {
    person: Person,
    accounts: Vec<Account>,
    org: Org,
    settings: Saml2Settings,
}

impl Login {
    /// Ann's first login.
    fn first() -> Self {
        Self { person: ann(), accounts: Vec::new(), org: org(), settings: settings() }
    }

    /// Ann's login to the account that she has.
    fn known() -> Self {
        Self { accounts: vec![ann_account()], ..Self::first() }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn person(mut self, change: impl FnOnce(Person) -> Person) -> Self {
        self.person = change(self.person);
        self
    }

    fn decide(&self) -> Result<Decision, Rejection> {
        self.person.sign_in(&self.accounts, &self.org, &self.settings)
    }

    fn accepted(&self) -> Decision {
        self.decide().expect("the login is in order")
    }

    fn refused(&self) -> Rejection {
        self.decide().expect_err("the login is to be refused")
    }
}

fn text(account: &Account, field: ProfileField) -> Option<&str> {
    account.profile.text(field)
}

fn notes(decision: &Decision) -> Vec<&str> {
    decision.notes.iter().map(|note| note.event).collect()
}

fn events(decision: &Decision) -> Vec<EventKind> {
    decision.events.iter().map(|event| event.kind).collect()
}

fn updated(decision: &Decision) -> &Account {
    match &decision.change {
        AccountChange::Update(account) => account,
        other => panic!("not an update: {other:?}"),
    }
}

fn left_alone(decision: &Decision) -> &Account {
    match &decision.change {
        AccountChange::SignIn(account) => account,
        other => panic!("not a sign-in alone: {other:?}"),
    }
}

fn created(decision: &Decision) -> &Account {
    match &decision.change {
        AccountChange::Create(account) => account,
        other => panic!("not a creation: {other:?}"),
    }
}
