//! The URIs of SAML 2.0 by which things are named (SAML Core 3.2.2.2, 8.3; Bindings 3; Profiles 3.3).

/// The request succeeded (Core 3.2.2.2).
pub const STATUS_SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// A logout did not reach every participant; below another code (Core 3.2.2.2, 3.7.3.2).
pub const STATUS_PARTIAL_LOGOUT: &str = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";

/// Whoever bears the assertion is its subject (Profiles 3.3).
pub const METHOD_BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// The same in SAML 1.1 (SAML 1.1 Bindings 5.3).
pub const METHOD_BEARER_1: &str = "urn:oasis:names:tc:SAML:1.0:cm:bearer";

/// A NameID whose meaning is left open; also what an absent `Format` means (Core 8.3.1).
pub const FORMAT_UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// An entity: the only format that an `Issuer` may have (Core 8.3.6).
pub const FORMAT_ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
/// An opaque identifier for one service provider (Core 8.3.7).
pub const FORMAT_PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
/// An identifier for one session (Core 8.3.8).
pub const FORMAT_TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/// A reference to a message, which is asked for from server to server (Bindings 3.6).
pub const BINDING_ARTIFACT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact";
/// A message that an enhanced client brings (Bindings 3.3).
pub const BINDING_PAOS: &str = "urn:oasis:names:tc:SAML:2.0:bindings:PAOS";
/// A message in a form that the browser posts (Bindings 3.5).
pub const BINDING_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
