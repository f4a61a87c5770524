//! The name of a person at their identity provider, as a key.

use crate::saml::names::FORMAT_UNSPECIFIED;
use serde::{Deserialize, Serialize};

/// A NameID with everything that makes it one: two are the same only if all parts are
/// (SPEC 9, ATTACKS PROT-15).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NameIdKey {
    /// The identity provider that issued it.
    pub issuer: String,
    /// Its format; `None` where the assertion names none.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub format: Option<String>,
    /// The qualifier of the identity provider.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub name_qualifier: Option<String>,
    /// The qualifier of the service provider.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub sp_name_qualifier: Option<String>,
    /// The value, exactly as received.
    pub value: String,
}

impl NameIdKey {
    /// The same with its format spelled out: an absent one is `unspecified` (SAML Core 2.2.2), and some
    /// identity providers leave it out of one message and write it in the next. Logout compares this.
    #[must_use]
    pub fn formatted(&self) -> Self {
        let format = self.format.as_deref().unwrap_or(FORMAT_UNSPECIFIED);
        Self { format: Some(format.to_owned()), ..self.clone() }
    }
}
