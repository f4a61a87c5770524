//! Which profile fields an account must have, and the refusal that names every one that is missing
//! (SPEC 9, 11.5).

use super::ProfileField::{self, Email, FirstName, LastName, Own, Ssoid, Uid};
use super::mapped::MappedProfile;
use crate::connection::{AccountKey, AccountRules};
use crate::error::{Code, Rejection};
use crate::org::Org;

/// Whether an account must have the field: always, or because the organization says so.
pub(super) fn is_mandatory(field: ProfileField, org: &Org) -> bool {
    match field {
        Uid | FirstName | LastName | Email => true,
        Own(own) => org.attribute_schema.get(own).is_some_and(|attribute| attribute.required),
        _ => org.provisioning.mandatory_fields.contains(&field),
    }
}

/// Whether an account must have the field for logins: it is mandatory, or the account key.
pub(super) fn is_required(field: ProfileField, org: &Org, settings: AccountRules<'_>) -> bool {
    is_mandatory(field, org) || (field == Ssoid && settings.account_key == AccountKey::Ssoid)
}

/// The fields that a new account must have and the assertion does not fill, in their fixed order.
pub(super) fn missing(
    mapped: &MappedProfile<'_>,
    org: &Org,
    settings: AccountRules<'_>,
) -> Vec<ProfileField> {
    let is_missing = |field: &ProfileField| {
        let value = match field {
            Uid if settings.account_key != AccountKey::Uid => mapped.uid_or_email(),
            field => mapped.value(*field),
        };
        value.is_none() && is_required(*field, org, settings)
    };
    org.profile_fields().filter(is_missing).collect()
}

/// The refusal that names the fields, and the attributes that this connection fills them from.
pub(super) fn rejection(missing: &[ProfileField], settings: AccountRules<'_>) -> Rejection {
    let wanted = missing.iter().map(|field| {
        let attributes = settings.attribute_map.attributes_for(field).join(" or ");
        match attributes.as_str() {
            "" => format!("an attribute mapped to {} (attribute_map has none)", field.as_str()),
            attributes => format!("{attributes} for {}", field.as_str()),
        }
    });
    let names: Vec<_> = missing.iter().map(|field| field.as_str()).collect();
    Rejection::new(
        Code::RequiredAttributeMissing,
        wanted.collect::<Vec<_>>().join("; "),
        format!("no value for {}", names.join(", ")),
    )
}
