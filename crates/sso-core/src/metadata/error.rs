//! Why a metadata document is not imported: a closed list of codes.

use crate::certs::CertificateError;
use crate::error::Rejection;
use crate::xml::PartError;

/// Why a metadata document is not imported. Nothing of it is used then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// The bytes are no document that the strict reader takes, or break the metadata schema.
    #[error("The document cannot be read: expected {}, found {}.", .0.expected, .0.found)]
    Unreadable(#[from] Rejection),
    /// Its bytes did not all come.
    #[error("The document stopped short: {0}.")]
    StoppedShort(String),
    /// It is XML, but not SAML 2.0 metadata.
    #[error("The document is not SAML 2.0 metadata: its document element is {0}.")]
    NotMetadata(String),
    /// It has several identity providers, and none was named.
    #[error("The document has {0} identity providers. Name one by its entity ID.")]
    EntityIdNeeded(usize),
    /// It has no entity of that name.
    #[error("The document has no entity {0}.")]
    EntityNotFound(String),
    /// Two entities have that name (ATTACKS MD-03).
    #[error("The document has the entity {0} more than once.")]
    DuplicateEntity(String),
    /// The entity has no usable name.
    #[error("The entity has no entityID, or one that is longer than 1024 characters.")]
    EntityIdInvalid,
    /// A placeholder stands where the tenant's name should (Entra's `common` document).
    #[error(
        "The document is for every tenant: it has {{tenant}} in {0}. Import the one of your own tenant."
    )]
    TenantPlaceholder(&'static str),
    /// `validUntil` has passed (ATTACKS MD-01).
    #[error("The document was valid until {0}. Get a current one from the identity provider.")]
    Expired(String),
    /// The entity is no identity provider, or none by the protocol asked for.
    #[error(
        "The entity {0} has neither an IDPSSODescriptor for SAML 2.0 nor a SecurityTokenServiceType for \
         WS-Federation, or not the one that was asked for."
    )]
    NotAnIdp(String),
    /// The entity has that role twice.
    #[error("The entity {0} has two roles of an identity provider for one protocol.")]
    DuplicateRole(String),
    /// No single sign-on endpoint can be used.
    #[error("The identity provider has no single sign-on endpoint for HTTP-Redirect or HTTP-POST.")]
    NoSsoEndpoint,
    /// An endpoint is an address that a browser must not be sent to (ATTACKS MD-04).
    #[error("The endpoint {0} is not an https address (http is for loopback hosts alone).")]
    EndpointNotAllowed(String),
    /// No signing key can be used, so no signature could ever hold (ATTACKS SIG-04).
    #[error("The identity provider has no signing key that can be used.")]
    NoSigningKey,
    /// The only signing keys there are cannot be used.
    #[error("No signing key of the identity provider can be used. {0}")]
    SigningKey(CertificateError),
}

impl MetadataError {
    /// The stable name in snake_case.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unreadable(rejection) => rejection.code.as_str(),
            Self::StoppedShort(_) => "malformed_body",
            Self::NotMetadata(_) => "not_metadata",
            Self::EntityIdNeeded(_) => "entity_id_needed",
            Self::EntityNotFound(_) => "entity_not_found",
            Self::DuplicateEntity(_) => "duplicate_entity",
            Self::EntityIdInvalid => "entity_id_invalid",
            Self::TenantPlaceholder(_) => "tenant_placeholder",
            Self::Expired(_) => "metadata_expired",
            Self::NotAnIdp(_) => "not_an_idp",
            Self::DuplicateRole(_) => "duplicate_role",
            Self::NoSsoEndpoint => "no_sso_endpoint",
            Self::EndpointNotAllowed(_) => "endpoint_not_allowed",
            Self::NoSigningKey => "no_signing_key",
            Self::SigningKey(error) => error.as_str(),
        }
    }
}

impl From<PartError> for MetadataError {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Input(error) => Self::StoppedShort(error.to_string()),
            PartError::Refused(rejection) => Self::Unreadable(rejection),
        }
    }
}
