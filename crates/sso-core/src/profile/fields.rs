//! Profile fields: the closed list of SPEC 6 and the organization's own (SPEC 11.4), and the values they
//! hold.

use super::{AttributeSchema, OwnField};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

macro_rules! fields {
    ($($variant:ident $name:literal,)+) => {
        /// A field of a profile.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ProfileField {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
            /// One that the organization defines.
            Own(OwnField),
        }

        impl ProfileField {
            /// Every field that all profiles can have.
            pub const STANDARD: &'static [ProfileField] = &[$(Self::$variant),+];

            /// The name of the field in the Admin API.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Own(field) => field.as_str(),
                }
            }
        }
    };
}

fields! {
    Uid "uid",
    Ssoid "ssoid",
    Email "email",
    FirstName "first_name",
    LastName "last_name",
    DisplayName "display_name",
    CompanyName "company_name",
    BusinessUnit "business_unit",
    BusinessFax "business_fax",
    StreetLine1 "street_line_1",
    StreetLine2 "street_line_2",
    City "city",
    State "state",
    ZipCode "zip_code",
    Country "country",
    JobTitle "job_title",
    MobilePhone "mobile_phone",
    MobilePhoneCountry "mobile_phone_country",
    BusinessPhone "business_phone",
    BusinessPhoneCountry "business_phone_country",
    EmployeeId "employee_id",
    GroupIds "group_ids",
    PolicyGroup "policy_group",
    ProfilePhotoUrl "profile_photo_url",
    ImLoggingEnabled "im_logging_enabled",
    ImLoggingEndpoint "im_logging_endpoint",
    UpgradeSite "upgrade_site",
    MeetingAccount "meeting_account",
    StorageMb "storage_mb",
    CucmCluster "cucm_cluster",
    TrackingCode "tracking_code",
    UpdateTimeStamp "update_time_stamp",
}

impl FromStr for ProfileField {
    type Err = super::InvalidOwnField;

    /// Reads a name. One that all profiles have is that field; any other that can be is the
    /// organization's own, whether or not its schema has it.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match Self::STANDARD.iter().find(|field| field.as_str() == name) {
            Some(field) => Ok(*field),
            None => name.parse().map(Self::Own),
        }
    }
}

impl Serialize for ProfileField {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ProfileField {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        let unknown = |_| serde::de::Error::custom(format_args!("there is no field `{name}`"));
        name.parse().map_err(unknown)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ProfileField {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let names: Vec<_> = Self::STANDARD.iter().map(ProfileField::as_str).collect();
        let about = format!(
            "A field of a profile: one that the organization's attribute schema has, or {}.",
            names.join(", ")
        );
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some(about))
            .pattern(Some("^[A-Za-z][A-Za-z0-9_]{0,47}$"))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ProfileField {}

/// A value of a profile field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ProfileValue {
    /// `im_logging_enabled`, `meeting_account`.
    Flag(bool),
    /// `storage_mb`.
    Number(i64),
    /// Most fields.
    Text(String),
    /// `group_ids`.
    List(Vec<String>),
}

impl From<String> for ProfileValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// The filled fields of a profile. A field that is absent is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(BTreeMap<ProfileField, ProfileValue>);

impl Profile {
    /// The value of a field, if it is filled.
    pub fn get(&self, field: ProfileField) -> Option<&ProfileValue> {
        self.0.get(&field)
    }

    /// The value of a field that holds text.
    pub fn text(&self, field: ProfileField) -> Option<&str> {
        match self.get(field)? {
            ProfileValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Fills a field.
    pub fn set(&mut self, field: ProfileField, value: ProfileValue) {
        self.0.insert(field, value);
    }

    /// Fills a field that is empty.
    pub fn set_if_empty(&mut self, field: ProfileField, value: impl FnOnce() -> ProfileValue) {
        self.0.entry(field).or_insert_with(value);
    }

    /// Empties a field.
    pub fn clear(&mut self, field: ProfileField) {
        self.0.remove(&field);
    }

    /// The filled fields in their fixed order, those of the organization last.
    pub fn iter(&self) -> impl Iterator<Item = (&ProfileField, &ProfileValue)> {
        self.0.iter()
    }

    /// The filled fields that the organization defines.
    pub fn own(&self) -> impl Iterator<Item = (OwnField, &ProfileValue)> {
        self.iter().filter_map(|(field, value)| match field {
            ProfileField::Own(own) => Some((*own, value)),
            _ => None,
        })
    }

    /// The fields that have another value than before, in their fixed order.
    pub fn changed_since(&self, before: &Self) -> Vec<ProfileField> {
        let mut fields: Vec<_> = self.0.keys().chain(before.0.keys()).copied().collect();
        fields.sort_unstable();
        fields.dedup();
        fields.retain(|field| self.get(*field) != before.get(*field));
        fields
    }

    /// Empties what the schema does not have any more: a change that was begun before the schema's ended
    /// can have written it once again.
    pub fn hold_to(&mut self, schema: &AttributeSchema) {
        self.0.retain(|field, _| match field {
            ProfileField::Own(own) => schema.get(*own).is_some(),
            _ => true,
        });
    }
}
