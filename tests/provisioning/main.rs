//! SPEC 9 from the message on: a signed response is verified, its accounts are looked up, and what
//! becomes of them is decided. There is no other way in: a [`VerifiedLogin`] is made by verification
//! alone. (The rules one by one are tested beside them, in `sso_core::provisioning`.)

mod life;
mod refusals;

use sso_core::connection::Saml2Settings;
use sso_core::error::{Code, Rejection};
use sso_core::ids::{AccountId, saml_id};
use sso_core::login::{Trace, VerifiedLogin};
use sso_core::org::Org;
use sso_core::profile::ProfileField;
use sso_core::provisioning::{Account, SignInPlan, account_keys, plan};
use sso_tests::{IdentityProvider, Person, SeededRandom};
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

static RANDOM: LazyLock<SeededRandom> = LazyLock::new(|| SeededRandom::new(9));
static IDP: LazyLock<IdentityProvider> = LazyLock::new(|| IdentityProvider::new(NOW, &*RANDOM));

/// A login with everything that decides what becomes of it.
#[derive(Clone)]
struct Login {
    person: Person,
    is_solicited: bool,
    accounts: Vec<Account>,
    org: Org,
    settings: Saml2Settings,
}

impl Login {
    /// Ann's first login at an organization that makes and updates accounts.
    fn first() -> Self {
        let org = serde_json::json!({"name": "corp", "domains": ["corp.example"]});
        Self {
            person: Person::new("ann"),
            is_solicited: true,
            accounts: Vec::new(),
            org: serde_json::from_value(org).expect("an organization"),
            settings: IdentityProvider::settings(),
        }
    }

    /// Ann's second login: the account is what the first one made.
    fn second() -> Self {
        let first = Self::first();
        let account = first.accepted().account().clone();
        Self { accounts: vec![account], ..first }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn person(mut self, change: impl FnOnce(Person) -> Person) -> Self {
        self.person = change(self.person);
        self
    }

    /// From the XML of the response to the plan.
    fn decide(&self) -> Result<SignInPlan, Rejection> {
        let login = self.verified();
        let rules = self.settings.common().accounts;
        let keys = account_keys(&login, &self.org, rules)?;
        let mut candidates = keys.candidates(self.accounts.clone(), self.accounts.clone());
        candidates.active_accounts = self.accounts.len() as u64;
        let id = AccountId::new(NOW, &*RANDOM);
        plan(&login, &candidates, &self.org, rules, NOW, id)
    }

    fn verified(&self) -> VerifiedLogin {
        let request = self.is_solicited.then_some("_request");
        IDP.sign_in(&self.person, request, &saml_id(&*RANDOM), NOW, &mut Trace::off())
    }

    fn accepted(&self) -> SignInPlan {
        self.decide().unwrap_or_else(|rejection| panic!("{rejection}"))
    }

    fn refused(&self) -> Code {
        match self.decide() {
            Err(rejection) => rejection.code,
            Ok(plan) => panic!("accepted: {:?}", plan.change()),
        }
    }
}

fn text(plan: &SignInPlan, field: ProfileField) -> Option<&str> {
    plan.account().profile.text(field)
}
