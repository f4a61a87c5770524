//! The name of a person at their identity provider, as a key.

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
