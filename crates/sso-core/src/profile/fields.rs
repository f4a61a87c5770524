//! Profile fields: the closed list of SPEC 6, and the values they hold.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! fields {
    ($($variant:ident $name:literal,)+) => {
        /// A field of a profile.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
                pub enum ProfileField {
            $(#[doc = concat!("`", $name, "`")] #[serde(rename = $name)] $variant,)+
        }

        impl ProfileField {
            /// Every field.
            pub const ALL: &'static [ProfileField] = &[$(Self::$variant),+];

            /// The name of the field in the Admin API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for ProfileField {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some("A field of a profile."))
                    .enum_values(Some([$($name),+]))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for ProfileField {}
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

    /// The filled fields in their fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (ProfileField, &ProfileValue)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }
}
