//! What the decision reads of a verified login.

use super::NameIdKey;
use crate::login::VerifiedLogin;
use crate::profile::NAME_ID;

const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/// What a verified login says of a person. Outside of this module it is made of a
/// [`VerifiedLogin`] alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity<'a> {
    /// Who was signed in.
    pub(super) name_id: &'a NameIdKey,
    /// The attributes in the assertion's order.
    pub(super) attributes: &'a [(String, Vec<String>)],
    /// Whether it answered a request of ours.
    pub(super) solicited: bool,
}

impl<'a> From<&'a VerifiedLogin> for Identity<'a> {
    fn from(login: &'a VerifiedLogin) -> Self {
        Self {
            name_id: login.name_id(),
            attributes: login.attributes(),
            solicited: login.solicited(),
        }
    }
}

impl<'a> Identity<'a> {
    /// The NameID, as the attribute map sees it. One that is transient names nobody the next time
    /// (SAML Core 8.3.8), so it fills no field.
    pub(super) fn name_id_value(&self) -> Option<&'a str> {
        (!self.name_id.is_transient()).then_some(self.name_id.value.as_str())
    }

    /// The attributes. One that calls itself `NameID` is left out: that name means the NameID.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a [String])> {
        let named = self.attributes.iter().filter(|(name, _)| name != NAME_ID);
        named.map(|(name, values)| (name.as_str(), values.as_slice()))
    }
}

impl NameIdKey {
    /// Whether the identity provider gives another one at each login (SAML Core 8.3.8).
    pub fn is_transient(&self) -> bool {
        self.format.as_deref() == Some(TRANSIENT)
    }
}
