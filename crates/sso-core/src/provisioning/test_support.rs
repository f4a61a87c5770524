//! What the tests of this module share: an organization, a connection, a person, an account.

use super::decide::{Case, Decision, decide};
use super::identity::Identity;
use super::keys::keys_of;
use super::{
    Account, AccountKeys, AccountSource, AccountStatus, NameIdKey, Profile, ProfileField,
    ProfileValue, Role,
};
use crate::connection::Saml2Settings;
use crate::error::Rejection;
use crate::ids::AccountId;
use crate::org::Org;
use crate::random::Random;
use time::OffsetDateTime;
use time::macros::datetime;

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
pub(super) const BEFORE: OffsetDateTime = datetime!(2026-01-01 0:00 UTC);

pub(super) fn org() -> Org {
    serde_json::from_value(serde_json::json!({
        "name": "corp",
        "domains": ["corp.example", "eu.corp.example"],
    }))
    .expect("an organization")
}

/// A connection that creates and updates, keyed by `uid`.
pub(super) fn settings() -> Saml2Settings {
    serde_json::from_value(serde_json::json!({
        "idp_entity_id": "https://idp.example/",
        "sso_url": "https://idp.example/sso",
        "auto_create": true,
        "auto_update": true,
    }))
    .expect("settings")
}

/// A login, as the identity provider tells of it.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) name_id: NameIdKey,
    pub(super) attributes: Vec<(String, Vec<String>)>,
    pub(super) solicited: bool,
}

/// Ann, with the attributes that SPEC 9 requires.
pub(super) fn ann() -> Person {
    let person = Person {
        name_id: NameIdKey {
            issuer: "https://idp.example/".to_owned(),
            format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
            name_qualifier: None,
            sp_name_qualifier: None,
            value: "ann-1".to_owned(),
        },
        attributes: Vec::new(),
        solicited: true,
    };
    person
        .with("uid", "ann@corp.example")
        .with("firstname", "Ann")
        .with("lastname", "Lee")
        .with("email", "ann@corp.example")
}

impl Person {
    /// The same, with one value of an attribute: instead of the one of that name, or as the last.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        let values = vec![value.to_owned()];
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = values,
            None => self.attributes.push((name.to_owned(), values)),
        }
        self
    }

    /// The same, without an attribute.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.attributes.retain(|(known, _)| known != name);
        self
    }

    /// The same, with another format of the NameID.
    pub(super) fn transient(mut self) -> Self {
        let transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
        self.name_id.format = Some(transient.to_owned());
        self
    }

    pub(super) fn unsolicited(mut self) -> Self {
        self.solicited = false;
        self
    }

    pub(super) fn identity(&self) -> Identity<'_> {
        Identity { name_id: &self.name_id, attributes: &self.attributes, solicited: self.solicited }
    }

    pub(super) fn keys(
        &self,
        org: &Org,
        settings: &Saml2Settings,
    ) -> Result<AccountKeys, Rejection> {
        keys_of(&self.identity(), org, settings.common().accounts)
    }

    /// Decides the login as a service does: look up by its keys among the accounts, then decide.
    pub(super) fn sign_in(
        &self,
        accounts: &[Account],
        org: &Org,
        settings: &Saml2Settings,
    ) -> Result<Decision, Rejection> {
        let keys = self.keys(org, settings)?;
        let mut candidates = keys.candidates(accounts.to_vec(), accounts.to_vec());
        candidates.known_groups.push("staff".to_owned());
        candidates.active_accounts = accounts.len() as u64;
        decide(
            &Case::new(self.identity(), &candidates, org, settings.common().accounts, NOW),
            id(9),
        )
    }
}

/// Ann's account, as an assertion made it before.
pub(super) fn ann_account() -> Account {
    let mut profile = Profile::default();
    for (field, value) in [
        (ProfileField::Uid, "ann@corp.example"),
        (ProfileField::Email, "ann@corp.example"),
        (ProfileField::FirstName, "Ann"),
        (ProfileField::LastName, "Lee"),
    ] {
        profile.set(field, ProfileValue::Text(value.to_owned()));
    }
    Account {
        id: id(1),
        org: org().name,
        profile,
        name_id: None,
        status: AccountStatus::Active,
        role: Role::OrgAdmin,
        groups: vec!["staff".to_owned()],
        source: AccountSource::Sso,
        directory: None,
        update_time_stamp: None,
        written_by_assertion: true,
        revision: 4,
        created_at: BEFORE,
        updated_at: BEFORE,
        last_login_at: None,
    }
}

impl Account {
    /// The same, with a field of other text.
    pub(super) fn with(mut self, field: ProfileField, value: &str) -> Self {
        self.profile.set(field, ProfileValue::Text(value.to_owned()));
        self
    }

    /// The same, with an empty field.
    pub(super) fn without(mut self, field: ProfileField) -> Self {
        self.profile.clear(field);
        self
    }
}

pub(super) fn id(n: u8) -> AccountId {
    struct Fixed(u8);
    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }
    AccountId::new(BEFORE, &Fixed(n))
}
