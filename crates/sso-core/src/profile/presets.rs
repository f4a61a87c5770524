//! Ready attribute maps: the names under which the common identity providers send what a profile
//! holds (SPEC 2, 9). Each table has the product's own names; what no product has a name for
//! (`updateTimeStamp`, `upgradesite`, …) is in all of them by the name of SPEC 9.

use super::ProfileField::{self, *};
use super::attribute_map::NAME_ID;
use serde::{Deserialize, Serialize};

/// A ready attribute map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// The names of SPEC 9's table.
    #[default]
    Standard,
    /// Active Directory Federation Services.
    Adfs,
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// Google Workspace.
    Google,
    /// Shibboleth and other eduPerson providers.
    Shibboleth,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 6] =
        [Self::Standard, Self::Adfs, Self::Entra, Self::Okta, Self::Google, Self::Shibboleth];

    /// The attributes of the preset and the fields that they fill. `NameID`, the NameID, stands in
    /// where the assertion has no attribute for a field.
    pub fn entries(self) -> &'static [(&'static str, ProfileField)] {
        match self {
            Self::Standard => STANDARD,
            Self::Adfs => ADFS,
            Self::Entra => ENTRA,
            Self::Okta => OKTA,
            Self::Google => GOOGLE,
            Self::Shibboleth => SHIBBOLETH,
        }
    }
}

/// A table of a product, and after it the names that are in every table.
macro_rules! with_our_names {
    ($($entry:expr,)*) => {
        &[
            $($entry,)*
            ("ssoid", Ssoid),
            ("groupid", GroupIds),
            ("updateTimeStamp", UpdateTimeStamp),
            ("imloggingenabled", ImLoggingEnabled),
            ("imloggingendpointname", ImLoggingEndpoint),
            ("upgradesite", UpgradeSite),
        ]
    };
}

/// The table of SPEC 9.
const STANDARD: &[(&str, ProfileField)] = with_our_names![
    ("uid", Uid),
    ("firstname", FirstName),
    ("lastname", LastName),
    ("email", Email),
    ("displayName", DisplayName),
    ("companyName", CompanyName),
    ("businessFax", BusinessFax),
    ("streetLine1", StreetLine1),
    ("streetLine2", StreetLine2),
    ("city", City),
    ("state", State),
    ("zipcode", ZipCode),
    ("jobTitle", JobTitle),
    ("mobilePhone", MobilePhone),
    ("businessPhone", BusinessPhone),
    ("employeeid", EmployeeId),
    ("ISOCountry", Country),
];

/// The claim descriptions that ADFS is installed with, and the identity claims 1.0 that its
/// administrators add for the rest of an address.
const ADFS: &[(&str, ProfileField)] = with_our_names![
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", Uid),
    ("http://schemas.xmlsoap.org/claims/UPN", Uid),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarysid", Ssoid),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", Email),
    ("http://schemas.xmlsoap.org/claims/EmailAddress", Email),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", FirstName),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", LastName),
    ("http://schemas.xmlsoap.org/claims/CommonName", DisplayName),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", DisplayName),
    ("http://schemas.xmlsoap.org/claims/Group", GroupIds),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/streetaddress", StreetLine1),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/locality", City),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/stateorprovince", State),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/postalcode", ZipCode),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/country", Country),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/mobilephone", MobilePhone),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/otherphone", BusinessPhone),
];

/// What Entra sends of itself (`name` is the user principal name there), and the names under which
/// its claims editor puts the rest.
const ENTRA: &[(&str, ProfileField)] = with_our_names![
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", Uid),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", Uid),
    (NAME_ID, Uid),
    ("http://schemas.microsoft.com/identity/claims/objectidentifier", Ssoid),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", Email),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", FirstName),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", LastName),
    ("http://schemas.microsoft.com/identity/claims/displayname", DisplayName),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", GroupIds),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/employeeid", EmployeeId),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/companyname", CompanyName),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/department", BusinessUnit),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/jobtitle", JobTitle),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/streetaddress", StreetLine1),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/locality", City),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/stateorprovince", State),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/postalcode", ZipCode),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/country", Country),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/mobilephone", MobilePhone),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/otherphone", BusinessPhone),
];

/// The names of Okta's base user profile, which its attribute statements are filled from. Its NameID
/// is the application username, by default the login.
const OKTA: &[(&str, ProfileField)] = with_our_names![
    ("login", Uid),
    (NAME_ID, Uid),
    ("email", Email),
    ("firstName", FirstName),
    ("lastName", LastName),
    ("displayName", DisplayName),
    ("title", JobTitle),
    ("organization", CompanyName),
    ("division", BusinessUnit),
    ("department", BusinessUnit),
    ("employeeNumber", EmployeeId),
    ("primaryPhone", BusinessPhone),
    ("mobilePhone", MobilePhone),
    ("streetAddress", StreetLine1),
    ("city", City),
    ("state", State),
    ("zipCode", ZipCode),
    ("countryCode", Country),
    ("profileUrl", ProfilePhotoUrl),
    ("groups", GroupIds),
];

/// Google sends the directory fields that an administrator picks, under names of the
/// administrator's choice: here in the spelling of its directory and of its guides. Its NameID is
/// by default the primary e-mail address.
const GOOGLE: &[(&str, ProfileField)] = with_our_names![
    (NAME_ID, Uid),
    ("email", Email),
    ("primaryEmail", Email),
    (NAME_ID, Email),
    ("firstName", FirstName),
    ("first_name", FirstName),
    ("givenName", FirstName),
    ("given_name", FirstName),
    ("lastName", LastName),
    ("last_name", LastName),
    ("familyName", LastName),
    ("family_name", LastName),
    ("displayName", DisplayName),
    ("fullName", DisplayName),
    ("title", JobTitle),
    ("department", BusinessUnit),
    ("employeeId", EmployeeId),
    ("phone", BusinessPhone),
    ("groups", GroupIds),
];

/// The object identifiers of eduPerson, inetOrgPerson and the subject identifier profile, and the
/// LDAP names that providers without the URI name format send.
const SHIBBOLETH: &[(&str, ProfileField)] = with_our_names![
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", Uid),
    ("eduPersonPrincipalName", Uid),
    ("urn:oasis:names:tc:SAML:attribute:subject-id", Ssoid),
    ("urn:oasis:names:tc:SAML:attribute:pairwise-id", Ssoid),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.13", Ssoid),
    ("urn:oid:0.9.2342.19200300.100.1.3", Email),
    ("mail", Email),
    ("urn:oid:2.5.4.42", FirstName),
    ("givenName", FirstName),
    ("urn:oid:2.5.4.4", LastName),
    ("sn", LastName),
    ("urn:oid:2.16.840.1.113730.3.1.241", DisplayName),
    ("displayName", DisplayName),
    ("urn:oid:2.5.4.10", CompanyName),
    ("o", CompanyName),
    ("urn:oid:2.5.4.11", BusinessUnit),
    ("ou", BusinessUnit),
    ("urn:oid:2.5.4.12", JobTitle),
    ("title", JobTitle),
    ("urn:oid:2.16.840.1.113730.3.1.3", EmployeeId),
    ("employeeNumber", EmployeeId),
    ("urn:oid:2.5.4.20", BusinessPhone),
    ("telephoneNumber", BusinessPhone),
    ("urn:oid:0.9.2342.19200300.100.1.41", MobilePhone),
    ("mobile", MobilePhone),
    ("urn:oid:2.5.4.23", BusinessFax),
    ("facsimileTelephoneNumber", BusinessFax),
    ("urn:oid:2.5.4.9", StreetLine1),
    ("street", StreetLine1),
    ("urn:oid:2.5.4.7", City),
    ("l", City),
    ("urn:oid:2.5.4.8", State),
    ("st", State),
    ("urn:oid:2.5.4.17", ZipCode),
    ("postalCode", ZipCode),
    ("urn:oid:2.5.4.6", Country),
    ("c", Country),
    ("urn:oid:1.3.6.1.4.1.5923.1.5.1.1", GroupIds),
    ("isMemberOf", GroupIds),
    ("urn:oid:2.5.18.2", UpdateTimeStamp),
    ("modifyTimestamp", UpdateTimeStamp),
];
