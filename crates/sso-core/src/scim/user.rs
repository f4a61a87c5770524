//! Users are accounts (SPEC 11.1): which attribute is which field of the profile, and back. What a profile
//! has no field for is kept beside it, as the directory sent it, and shown to the directory alone.

use super::error::ScimError;
use super::patch;
use super::schema::{ENTERPRISE, USER};
use super::shape::{Extension, Shape};
use crate::profile::ProfileField::{self, *};
use crate::profile::{Mutability, Profile, ProfileValue};
use crate::provisioning::{Account, AccountStatus, DirectoryAccount, DirectoryDocument, UidSaid};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use time::format_description::well_known::Rfc3339;

/// Which simple attribute is which field: of the resource, of its name, of the extension.
const SIMPLE: [(&str, ProfileField); 4] =
    [("userName", Uid), ("externalId", Ssoid), ("displayName", DisplayName), ("title", JobTitle)];
const NAME: [(&str, ProfileField); 2] = [("givenName", FirstName), ("familyName", LastName)];
const EXTENSION: [(&str, ProfileField); 3] =
    [("employeeNumber", EmployeeId), ("organization", CompanyName), ("department", BusinessUnit)];
/// Which type of telephone number is which field.
const PHONES: [(&str, ProfileField); 3] =
    [("work", BusinessPhone), ("mobile", MobilePhone), ("fax", BusinessFax)];
/// Which part of the address of work is which field. The street is apart, since it has two lines.
const ADDRESS: [(&str, ProfileField); 4] =
    [("locality", City), ("region", State), ("postalCode", ZipCode), ("country", Country)];

/// Reads what a directory says of a user, from the resource as [`body::read`](super::body::read) or
/// [`patched`] left it. A body without the organization's own extension does not speak of it: identity
/// providers that do not know it send whole users.
pub fn to_account(
    resource: &Map<String, Value>,
    uid: UidSaid,
    shape: &Shape<'_>,
) -> DirectoryAccount {
    let mut fields = BTreeMap::new();
    let mut document = resource.clone();
    take_simple(&mut document, &SIMPLE, &mut fields);
    within(&mut document, "name", |name| take_simple(name, &NAME, &mut fields));
    within(&mut document, ENTERPRISE, |inner| take_simple(inner, &EXTENSION, &mut fields));
    if let Some(own) = shape.own()
        && let Some(said) = document.remove(&own.urn)
    {
        fields
            .extend(own_fields(own).map(|field| (field, said.get(field.as_str()).and_then(value))));
    }

    let email = values(resource, "emails").get(main_email(resource).unwrap_or(usize::MAX));
    fields.insert(Email, email.and_then(|email| field(email, "value")));
    for (kind, of) in PHONES {
        let phone = values(resource, "phoneNumbers").iter().find(|phone| is_of_type(phone, kind));
        fields.insert(of, phone.and_then(|phone| field(phone, "value")));
    }
    let work = values(resource, "addresses").iter().find(|address| is_of_type(address, "work"));
    for (name, of) in ADDRESS {
        fields.insert(of, work.and_then(|address| field(address, name)));
    }
    let street = work.and_then(|address| text(address, "streetAddress")).unwrap_or_default();
    let (first, second) = street.split_once('\n').unwrap_or((street, ""));
    fields.insert(StreetLine1, Some(first.trim_end_matches('\r').to_owned().into()));
    fields.insert(StreetLine2, Some(second.to_owned().into()));

    let active = document.remove("active").and_then(|active| active.as_bool());
    DirectoryAccount { fields, active, document: DirectoryDocument::new(document), uid }
}

/// An account as a user. `base` is where the resources of the organization are; `groups` are those of the
/// account by identifier and name.
pub fn from_account(account: &Account, base: &str, shape: &Shape<'_>) -> Value {
    let mut user = attributes(account, shape);
    let at = |at: time::OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let mut schemas = vec![USER];
    schemas.extend(user.contains_key(ENTERPRISE).then_some(ENTERPRISE));
    if let Some(own) = shape.own() {
        // What clients do not write they are shown.
        let all = own.schema.fields();
        within(&mut user, &own.urn, |inner| put_own(inner, all, &account.profile));
        schemas.extend(user.contains_key(&own.urn).then_some(own.urn.as_str()));
    }
    user.insert("schemas".to_owned(), json!(schemas));
    user.insert("id".to_owned(), json!(account.id));
    if !account.groups.is_empty() {
        let groups = account.groups.iter().map(|group| json!({"value": group, "display": group}));
        user.insert("groups".to_owned(), groups.collect());
    }
    let meta = json!({
        "resourceType": "User",
        "created": at(account.created_at),
        "lastModified": at(account.updated_at),
        "location": format!("{base}/Users/{}", account.id),
        "version": version(account.revision),
    });
    user.insert("meta".to_owned(), meta);
    Value::Object(user)
}

/// The version of a resource, as an entity tag (RFC 7644 3.14).
pub fn version(revision: u64) -> String {
    format!("W/\"{revision}\"")
}

/// What clients write of a user, as it is now: what the directory said, with what the profile holds in its
/// place.
pub fn attributes(account: &Account, shape: &Shape<'_>) -> Map<String, Value> {
    let profile = &account.profile;
    let mut user = account.directory.clone().unwrap_or_default().into_map();
    if let Some(own) = shape.own() {
        within(&mut user, &own.urn, |inner| put_own(inner, own_fields(own), profile));
    }
    put_simple(&mut user, &SIMPLE, profile);
    within(&mut user, "name", |name| put_simple(name, &NAME, profile));
    within(&mut user, ENTERPRISE, |inner| put_simple(inner, &EXTENSION, profile));
    put_email(&mut user, profile.text(Email));
    for (kind, field) in PHONES {
        let parts = profile.text(field).map(|number| vec![("value", number.to_owned())]);
        put_value(&mut user, "phoneNumbers", kind, &["value"], parts.unwrap_or_default());
    }
    put_address(&mut user, profile);
    let shown = user.remove(ACTIVE_REMOVED).is_none() || account.status == AccountStatus::Inactive;
    if shown {
        user.insert("active".to_owned(), json!(account.status == AccountStatus::Active));
    }
    user
}

/// What a PATCH makes of a user: all of it is spoken of then.
///
/// # Errors
/// Those of [`patch::apply`].
pub fn patched(
    account: &Account,
    body: &Value,
    shape: &Shape<'_>,
) -> Result<Map<String, Value>, ScimError> {
    let mut user = attributes(account, shape);
    patch::apply(&mut user, body, shape)?;
    if let Some(own) = shape.own() {
        user.entry(own.urn.clone()).or_insert_with(|| json!({}));
    }
    Ok(user)
}

/// Notes in the document that a client took `active` away, which it then does not see any more; the account
/// stays as it is (RFC 7643 2.5).
pub fn note_active_removed(document: &mut DirectoryDocument) {
    document.set(ACTIVE_REMOVED, Value::Bool(true));
}

const ACTIVE_REMOVED: &str = "activeRemoved";

/// Holds a userName to being there.
///
/// # Errors
/// `invalidValue`.
pub fn require_user_name(resource: &Map<String, Value>) -> Result<(), ScimError> {
    match resource.get("userName").and_then(Value::as_str) {
        Some(_) => Ok(()),
        None => Err(ScimError::bad(super::error::ScimType::InvalidValue, "A user has a userName.")),
    }
}

/// The fields of the organization that clients write.
fn own_fields(own: &Extension<'_>) -> impl Iterator<Item = ProfileField> {
    let written = own.schema.attributes.iter().filter(|one| one.mutability != Mutability::ReadOnly);
    written.map(|attribute| ProfileField::Own(attribute.name))
}

fn put_own(
    into: &mut Map<String, Value>,
    fields: impl Iterator<Item = ProfileField>,
    profile: &Profile,
) {
    for field in fields {
        let value = profile.get(field).and_then(|value| serde_json::to_value(value).ok());
        if let Some(value) = value {
            into.insert(field.as_str().to_owned(), value);
        }
    }
}

/// A value as a profile holds it.
fn value(value: &Value) -> Option<ProfileValue> {
    serde_json::from_value(value.clone()).ok()
}

fn take_simple(
    from: &mut Map<String, Value>,
    table: &[(&str, ProfileField)],
    fields: &mut BTreeMap<ProfileField, Option<ProfileValue>>,
) {
    for (name, field) in table {
        let value = from.remove(*name);
        fields.insert(*field, value.and_then(|value| Some(value.as_str()?.to_owned().into())));
    }
}

fn put_simple(into: &mut Map<String, Value>, table: &[(&str, ProfileField)], profile: &Profile) {
    for (name, field) in table {
        into.remove(*name);
        if let Some(text) = profile.text(*field) {
            into.insert((*name).to_owned(), text.into());
        }
    }
}

/// Works on an object within, which is there afterwards where it has something in it.
fn within(map: &mut Map<String, Value>, name: &str, work: impl FnOnce(&mut Map<String, Value>)) {
    let mut inner = match map.remove(name) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    work(&mut inner);
    if !inner.is_empty() {
        map.insert(name.to_owned(), Value::Object(inner));
    }
}

fn values<'r>(resource: &'r Map<String, Value>, name: &str) -> &'r [Value] {
    match resource.get(name) {
        Some(Value::Array(values)) => values,
        _ => &[],
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

fn field(value: &Value, name: &str) -> Option<ProfileValue> {
    text(value, name).map(|text| text.to_owned().into())
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    value.get("type").and_then(Value::as_str).is_some_and(|of| of.eq_ignore_ascii_case(kind))
}

/// Which address is the account's: that of `work`, else the primary one (SPEC 11.1).
fn main_email(resource: &Map<String, Value>) -> Option<usize> {
    let emails = values(resource, "emails");
    let primary = |email: &Value| email.get("primary") == Some(&Value::Bool(true));
    let work = emails.iter().position(|email| is_of_type(email, "work"));
    work.or_else(|| emails.iter().position(primary))
}

/// The account's address in the place of the one that the directory named, as the primary one.
fn put_email(user: &mut Map<String, Value>, address: Option<&str>) {
    let place = main_email(user);
    let mut emails = values(user, "emails").to_vec();
    match (place.and_then(|place| emails.get_mut(place)), address) {
        (Some(Value::Object(email)), Some(address)) => {
            email.insert("value".to_owned(), address.into());
            email.insert("primary".to_owned(), true.into());
        }
        (None, Some(address)) => {
            emails.push(json!({"value": address, "type": "work", "primary": true}));
        }
        (Some(_), None) => {
            emails.remove(place.unwrap_or_default());
        }
        _ => {}
    }
    put_list(user, "emails", emails);
}

/// Both lines of the street, and the rest of the address of work. A country that the profile does not take
/// stays as the directory wrote it.
fn put_address(user: &mut Map<String, Value>, profile: &Profile) {
    let mut parts: Vec<(&str, String)> = ADDRESS
        .iter()
        .filter_map(|(name, field)| profile.text(*field).map(|text| (*name, text.to_owned())))
        .collect();
    let lines = [StreetLine1, StreetLine2].map(|line| profile.text(line).unwrap_or_default());
    if lines.iter().any(|line| !line.is_empty()) {
        parts.push(("streetAddress", lines.join("\n").trim_end().to_owned()));
    }
    put_value(
        user,
        "addresses",
        "work",
        &["locality", "region", "postalCode", "streetAddress"],
        parts,
    );
}

/// Writes parts into the value of a type; those of `owned` that are not given go.
fn put_value(
    user: &mut Map<String, Value>,
    name: &str,
    kind: &str,
    owned: &[&str],
    parts: Vec<(&str, String)>,
) {
    let mut all = values(user, name).to_vec();
    let place = all.iter().position(|value| is_of_type(value, kind));
    let mut value = match place.map(|place| all.remove(place)) {
        Some(Value::Object(value)) => value,
        _ => Map::from_iter([("type".to_owned(), kind.into())]),
    };
    value.retain(|name, _| !owned.contains(&name.as_str()));
    value.extend(parts.into_iter().map(|(name, text)| (name.to_owned(), text.into())));
    if value.keys().any(|name| name != "type") {
        all.insert(place.unwrap_or(all.len()).min(all.len()), Value::Object(value));
    }
    put_list(user, name, all);
}

fn put_list(user: &mut Map<String, Value>, name: &str, list: Vec<Value>) {
    user.remove(name);
    if !list.is_empty() {
        user.insert(name.to_owned(), Value::Array(list));
    }
}
