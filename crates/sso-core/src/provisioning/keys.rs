//! By what the store looks up the accounts that a login could mean (SPEC 9).

use super::identity::Identity;
use super::mapped::{MappedProfile, Said};
use super::required;
use super::value;
use super::{Account, Candidates, NameIdKey, OwnValue, ProfileField, UniqueValues};
use crate::connection::{AccountKey, AccountRules};
use crate::error::{Code, Rejection};
use crate::login::VerifiedLogin;
use crate::org::Org;
use crate::profile::AttributeSchema;

/// By what accounts are looked up for a login.
///
/// `uid`, `ssoid` and `email` have at most 256 characters each, the parts of the NameID at most
/// [`AccountKeys::MAX_NAME_ID`] bytes together, so that each can be the key of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountKeys {
    /// What identifies an account of this connection.
    pub key: AccountKey,
    /// The login's NameID.
    pub name_id: NameIdKey,
    /// The login's `uid`, if it has one. Compared without regard to ASCII case.
    pub uid: Option<String>,
    /// The login's `ssoid`, if it has one. Compared exactly.
    pub ssoid: Option<String>,
    /// The login's e-mail address, if it has one. Compared without regard to ASCII case.
    pub email: Option<String>,
    /// The login's values of the organization's unique attributes. Compared exactly.
    pub own: Vec<OwnValue>,
    /// The groups that the login names. Compared exactly with the `sso_id` of the organization's.
    pub group_ids: Vec<String>,
}

impl AccountKeys {
    /// The most bytes of a NameID, all of its parts together.
    pub const MAX_NAME_ID: usize = 2048;

    /// The login's values in the form in which they are compared.
    pub fn values(&self) -> UniqueValues {
        UniqueValues::new(self.uid.as_deref(), self.ssoid.as_deref(), self.email.as_deref())
    }

    /// Says which of the accounts that a store found by any of the keys is which candidate; those that it
    /// found by [`AccountKeys::own`] stand apart, as `holders`.
    pub fn candidates(&self, found: Vec<Account>, holders: Vec<Account>) -> Candidates {
        fn same(a: &Option<String>, b: &Option<String>) -> bool {
            a.is_some() && a == b
        }
        let wanted = self.values();
        let held = self.own.iter().filter_map(|own| {
            let holder = holders.iter().find(|account| own.is_in(&account.profile))?;
            Some((ProfileField::Own(own.field), holder.clone()))
        });
        let mut candidates = Candidates { by_own: held.collect(), ..Candidates::default() };
        for account in found {
            let values = UniqueValues::of(&account.profile);
            let by_uid = same(&values.uid, &wanted.uid);
            let by_ssoid = same(&values.ssoid, &wanted.ssoid);
            let by_key = match self.key {
                AccountKey::Uid => by_uid,
                AccountKey::Ssoid => by_ssoid,
                AccountKey::NameId => account.name_id.as_ref() == Some(&self.name_id),
            };
            let places = [
                (by_key, &mut candidates.by_key),
                (same(&values.email, &wanted.email), &mut candidates.by_email),
                (by_uid, &mut candidates.by_uid),
                (by_ssoid, &mut candidates.by_ssoid),
            ];
            for (matches, place) in places {
                if matches {
                    *place = Some(account.clone());
                }
            }
        }
        candidates
    }
}

/// By what the accounts of a login are to be looked up. Its key is there.
///
/// # Errors
/// [`Code::RequiredAttributeMissing`] where the account key is missing (with everything else that
/// is, where the connection creates accounts), [`Code::NameIdFormat`] where the NameID is the key
/// and is transient, [`Code::AttributeInvalid`] where an identifier is too long or has control
/// characters.
pub fn account_keys(
    login: &VerifiedLogin,
    org: &Org,
    settings: AccountRules<'_>,
) -> Result<AccountKeys, Rejection> {
    keys_of(&Identity::from(login), org, settings)
}

pub(super) fn keys_of(
    identity: &Identity<'_>,
    org: &Org,
    settings: AccountRules<'_>,
) -> Result<AccountKeys, Rejection> {
    let schema = &org.attribute_schema;
    let mapped = MappedProfile::read(identity, settings, schema);
    let own = schema.unique().filter_map(|field| {
        let value = mapped.value(ProfileField::Own(field))?;
        // One that breaks its rule is refused where it would be written.
        let value = value::read(ProfileField::Own(field), &[value], schema).ok()?;
        OwnValue::new(field, &value)
    });
    let own = own.collect();
    let key_field = match settings.account_key {
        AccountKey::Uid => Some(ProfileField::Uid),
        AccountKey::Ssoid => Some(ProfileField::Ssoid),
        AccountKey::NameId => None,
    };
    match key_field {
        Some(field) if mapped.value(field).is_none() => {
            let missing = if settings.auto_create {
                required::missing(&mapped, org, settings)
            } else {
                vec![field]
            };
            return Err(required::rejection(&missing, settings));
        }
        None if identity.name_id.is_transient() => return Err(transient()),
        _ => {}
    }

    let uid = match settings.account_key {
        AccountKey::Uid => mapped.value(ProfileField::Uid),
        AccountKey::Ssoid | AccountKey::NameId => mapped.uid_or_email(),
    };
    Ok(AccountKeys {
        key: settings.account_key,
        name_id: bounded(identity.name_id)?,
        uid: identifier(ProfileField::Uid, uid)?,
        ssoid: identifier(ProfileField::Ssoid, mapped.value(ProfileField::Ssoid))?,
        email: identifier(ProfileField::Email, mapped.value(ProfileField::Email))?,
        own,
        group_ids: match mapped.said(ProfileField::GroupIds) {
            Said::Values(groups) => groups.iter().map(|group| (*group).to_owned()).collect(),
            Said::Absent | Said::Empty => Vec::new(),
        },
    })
}

fn identifier(field: ProfileField, value: Option<&str>) -> Result<Option<String>, Rejection> {
    let schema = AttributeSchema::default();
    value.map(|value| value::read(field, &[value], &schema).map(|_| value.to_owned())).transpose()
}

fn bounded(name_id: &NameIdKey) -> Result<NameIdKey, Rejection> {
    let parts = [&name_id.format, &name_id.name_qualifier, &name_id.sp_name_qualifier];
    let optional: usize = parts.into_iter().flatten().map(String::len).sum();
    let bytes = name_id.issuer.len() + name_id.value.len() + optional;
    if bytes > AccountKeys::MAX_NAME_ID {
        return Err(Rejection::new(
            Code::AttributeInvalid,
            format!(
                "NameID: at most {} bytes with its issuer, format and qualifiers",
                AccountKeys::MAX_NAME_ID
            ),
            format!("{bytes} bytes"),
        ));
    }
    Ok(name_id.clone())
}

fn transient() -> Rejection {
    Rejection::new(
        Code::NameIdFormat,
        "a NameID that is the same at every login, since account_key is name_id",
        "a transient NameID",
    )
}
