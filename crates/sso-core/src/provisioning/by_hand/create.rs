//! An account that an administrator makes (SPEC 10): all of it is in order, or nothing is written.

use super::change::{Act, foreign, require_mandatory, require_own_email};
use super::{AccountEdit, Revised};
use crate::connection::AccountKey;
use crate::ids::AccountId;
use crate::org::Org;
use crate::provisioning::create::fill_defaults;
use crate::provisioning::email::check_uid_domain;
use crate::provisioning::{
    Account, AccountSource, AccountStatus, Event, EventKind, Profile, ProfileField, Role,
};
use crate::setting::InvalidSetting;
use time::OffsetDateTime;

/// Makes an account. Its `uid` is the e-mail address where none is given, and no assertion has written
/// it yet, so that the first login does.
///
/// `key` is what identifies accounts of the organization's connection, the default where it has none:
/// a `uid` that is the key has one of the organization's domains (SPEC 9). `now` is UTC.
///
/// # Errors
/// In this order: a field's own rule (`invalid_field`, `read_only_field`),
/// `required_attribute_missing` with every field that is, `email_domain_foreign`.
pub fn create(
    edit: &AccountEdit,
    key: AccountKey,
    org: &Org,
    id: AccountId,
    now: OffsetDateTime,
) -> Result<Revised, InvalidSetting> {
    let mut profile = Profile::default();
    edit.apply_to(&mut profile, Act::Make, &org.attribute_schema)?;
    fill_defaults(&mut profile, org);
    require_mandatory(&profile, org)?;
    require_own_email(&profile, org)?;
    if key == AccountKey::Uid {
        check_uid_domain(profile.text(ProfileField::Uid).unwrap_or_default(), org)
            .map_err(|refused| foreign(ProfileField::Uid, refused))?;
    }
    let account = Account {
        id,
        org: org.name.clone(),
        profile,
        name_id: None,
        status: AccountStatus::Active,
        role: edit.role.unwrap_or(Role::User),
        groups: Vec::new(),
        source: AccountSource::Admin,
        directory: None,
        update_time_stamp: None,
        written_by_assertion: false,
        revision: 1,
        created_at: now,
        updated_at: now,
        last_login_at: None,
    };
    let why = format!("by hand, role {}", account.role.as_str());
    let events = vec![Event::of(EventKind::AccountCreated, &account, &why)];
    Ok(Revised { account, name_id: None, events })
}
