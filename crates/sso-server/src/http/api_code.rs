//! The closed list of codes of the Admin API (SPEC 6), as `docs/error-codes.md` has it.

use sso_core::certs::{CertificateError, ImportError};
use sso_core::error::Code;
use sso_core::metadata::MetadataError;
use sso_core::setting::SettingCode;

macro_rules! api_codes {
    ($($variant:ident $code:literal $status:literal $title:literal;)+) => {
        /// The closed list of codes of the Admin API. Each is documented in `docs/error-codes.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ApiCode {
            $(#[doc = concat!("`", $code, "` (", $status, "). ", $title)] $variant,)+
            /// A setting breaks a rule (422).
            Setting(SettingCode),
            /// A document is refused by the strict reader (422).
            Document(Code),
        }

        impl ApiCode {
            /// Every code, by status. A document can also be refused by a [`Code`] of the reader.
            pub fn all() -> Vec<ApiCode> {
                let mut all = vec![$(ApiCode::$variant),+];
                all.extend(SettingCode::ALL.iter().copied().map(ApiCode::Setting));
                all.sort_by_key(|code| code.status());
                all
            }

            /// The stable name in snake_case.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(ApiCode::$variant => $code,)+
                    ApiCode::Setting(code) => code.as_str(),
                    ApiCode::Document(code) => code.as_str(),
                }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self {
                    $(ApiCode::$variant => $status,)+
                    ApiCode::Setting(_) | ApiCode::Document(_) => 422,
                }
            }

            /// What the code means, in one sentence.
            pub fn title(self) -> &'static str {
                match self {
                    $(ApiCode::$variant => $title,)+
                    ApiCode::Setting(code) => code.title(),
                    ApiCode::Document(code) => code.hint(),
                }
            }
        }
    };
}

api_codes! {
    MalformedBody "malformed_body" 400 "The body is not what its content type says, or stopped short.";
    MalformedQuery "malformed_query" 400 "The query has a parameter that is unknown or cannot be read.";
    ForwardedUnclear "forwarded_unclear" 400 "The headers of the proxy do not say plainly which address was asked for.";
    Unauthorized "unauthorized" 401 "The request carries no token that is known here.";
    NotSignedIn "not_signed_in" 401 "The request carries no live session.";
    ForeignOrg "foreign_org" 403 "The token belongs to another organization.";
    OperatorOnly "operator_only" 403 "Only the operator may do this.";
    OrgAdminOnly "org_admin_only" 403 "Only an Organization Administrator may do this.";
    FormNotOurs "form_not_ours" 403 "The form is not of a page that this session was shown.";
    ProxyNotTrusted "proxy_not_trusted" 403 "Only proxies of SSO_TRUSTED_PROXIES are told who is signed in.";
    NotFound "not_found" 404 "There is no such thing.";
    MethodNotAllowed "method_not_allowed" 405 "The path does not take this method.";
    OrgExists "org_exists" 409 "An organization has this name already.";
    DomainTaken "domain_taken" 409 "A domain belongs to another organization.";
    AttributeTaken "attribute_taken" 409 "Another account of the organization has the value of an attribute that is unique.";
    ServiceUriTaken "service_uri_taken" 409 "The service_uri is another organization's realm.";
    CertificateActive "certificate_active" 409 "The certificate signs. Activate another one first.";
    CertificateExists "certificate_exists" 409 "The organization has this certificate already.";
    CertificateLimit "certificate_limit" 409 "The organization has as many certificates of its identity provider as it may have.";
    CertificateRetired "certificate_retired" 409 "A service certificate was retired.";
    EmailTaken "email_taken" 409 "Another account of the organization has the e-mail address.";
    GroupNotEmpty "group_not_empty" 409 "The group has members, or groups below it.";
    GroupSsoIdTaken "group_sso_id_taken" 409 "Another group of the organization has the sso_id.";
    GroupTopLevel "group_top_level" 409 "The top-level group stays as long as the organization.";
    ManagedExternally "managed_externally" 409 "The organization's directory writes its accounts and groups, since a SCIM token is live.";
    PrimaryAdmin "primary_admin" 409 "The account of the organization's primary administrator cannot be deactivated.";
    SsoidTaken "ssoid_taken" 409 "Another account of the organization has the ssoid.";
    UidTaken "uid_taken" 409 "Another account of the organization has the uid.";
    UserLimitReached "user_limit_reached" 409 "The organization has as many active accounts as it may have.";
    MetadataNotByUrl "metadata_not_by_url" 409 "The metadata was handed in, so that there is nowhere to fetch it from.";
    MessageNotKept "message_not_kept" 409 "The message of the login was not kept, or is past its time.";
    NothingToApprove "nothing_to_approve" 409 "No change of the metadata waits for an administrator.";
    ChangedMeanwhile "changed_meanwhile" 409 "Somebody else changed it meanwhile. Read it again.";
    BodyTooLarge "body_too_large" 413 "The body is larger than this path takes.";
    UnsupportedMediaType "unsupported_media_type" 415 "The path does not take this content type.";
    AddressNotAllowed "address_not_allowed" 422 "The address is not one that the service asks: it is not https, or not on the public Internet.";
    AnswerNotOk "answer_not_ok" 422 "The host answered with something else than the document, for example a redirect.";
    AnswerTooLarge "answer_too_large" 422 "The host answered with more than the service takes.";
    HostTimedOut "host_timed_out" 422 "The host did not answer in time.";
    HostUnreachable "host_unreachable" 422 "The host does not answer, or has no certificate that is trusted.";
    DuplicateEntity "duplicate_entity" 422 "The metadata has the named entity more than once.";
    DuplicateRole "duplicate_role" 422 "The metadata has two identity provider roles for SAML 2.0.";
    EndpointNotAllowed "endpoint_not_allowed" 422 "The metadata has an endpoint that is not an https address.";
    EntityIdInvalid "entity_id_invalid" 422 "The metadata has no usable entityID.";
    EntityIdNeeded "entity_id_needed" 422 "The metadata has several identity providers. Name one with entity_id.";
    EntityNotFound "entity_not_found" 422 "The metadata has no entity of that name.";
    KeyNotSupported "key_not_supported" 422 "A certificate has a key that no signature here is made with.";
    KeyTooSmall "key_too_small" 422 "A certificate has a key that is too short.";
    MetadataExpired "metadata_expired" 422 "The metadata was valid until an instant that has passed.";
    NoSigningKey "no_signing_key" 422 "The metadata has no signing key that can be used.";
    NoSsoEndpoint "no_sso_endpoint" 422 "The metadata has no single sign-on endpoint that can be used.";
    NotACertificate "not_a_certificate" 422 "The bytes hold no readable X.509 certificate.";
    NotAnIdp "not_an_idp" 422 "The metadata is not of an identity provider, or not by the protocol asked for.";
    NotMetadata "not_metadata" 422 "The document is not SAML 2.0 metadata.";
    Pkcs12NotSupported "pkcs12_not_supported" 422 "The PKCS#12 file is not encrypted as one is today.";
    PrivateKeyGiven "private_key_given" 422 "A private key stands where a certificate alone is taken.";
    PrivateKeyMismatch "private_key_mismatch" 422 "The private key belongs to none of the certificates.";
    PrivateKeyMissing "private_key_missing" 422 "The bytes hold no private key where a certificate and its key are taken.";
    PrivateKeyUnreadable "private_key_unreadable" 422 "The private key cannot be read, or there is more than one.";
    SeveralCertificates "several_certificates" 422 "The bytes hold several certificates where one is taken.";
    TenantPlaceholder "tenant_placeholder" 422 "The metadata is for every tenant of its vendor, not for one.";
    WrongPassphrase "wrong_passphrase" 422 "The passphrase does not open the file or the key.";
    Internal "internal" 500 "The service failed. Its log says why.";
    Unavailable "unavailable" 503 "The database does not answer.";
}

impl serde::Serialize for ApiCode {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl From<&MetadataError> for ApiCode {
    fn from(error: &MetadataError) -> Self {
        match error {
            MetadataError::Unreadable(rejection) => Self::Document(rejection.code),
            MetadataError::StoppedShort(_) => Self::MalformedBody,
            MetadataError::NotMetadata(_) => Self::NotMetadata,
            MetadataError::EntityIdNeeded(_) => Self::EntityIdNeeded,
            MetadataError::EntityNotFound(_) => Self::EntityNotFound,
            MetadataError::DuplicateEntity(_) => Self::DuplicateEntity,
            MetadataError::EntityIdInvalid => Self::EntityIdInvalid,
            MetadataError::TenantPlaceholder(_) => Self::TenantPlaceholder,
            MetadataError::Expired(_) => Self::MetadataExpired,
            MetadataError::NotAnIdp(_) => Self::NotAnIdp,
            MetadataError::DuplicateRole(_) => Self::DuplicateRole,
            MetadataError::NoSsoEndpoint => Self::NoSsoEndpoint,
            MetadataError::EndpointNotAllowed(_) => Self::EndpointNotAllowed,
            MetadataError::NoSigningKey => Self::NoSigningKey,
            MetadataError::SigningKey(error) => (*error).into(),
        }
    }
}

impl From<CertificateError> for ApiCode {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::NotACertificate => Self::NotACertificate,
            CertificateError::PrivateKeyGiven => Self::PrivateKeyGiven,
            CertificateError::KeyTooSmall => Self::KeyTooSmall,
            CertificateError::KeyNotSupported => Self::KeyNotSupported,
            CertificateError::SeveralCertificates => Self::SeveralCertificates,
        }
    }
}

impl From<ImportError> for ApiCode {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Certificate(error) => error.into(),
            ImportError::KeyCannotSign => Self::KeyNotSupported,
            ImportError::PrivateKeyMissing => Self::PrivateKeyMissing,
            ImportError::PrivateKeyUnreadable => Self::PrivateKeyUnreadable,
            ImportError::PrivateKeyMismatch => Self::PrivateKeyMismatch,
            ImportError::WrongPassphrase => Self::WrongPassphrase,
            ImportError::Pkcs12NotSupported => Self::Pkcs12NotSupported,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The core names its refusals; the Admin API shows those names.
    #[test]
    fn refusals_of_metadata_keep_their_names() {
        let text = String::new;
        for error in [
            MetadataError::NotMetadata(text()),
            MetadataError::EntityIdNeeded(2),
            MetadataError::EntityNotFound(text()),
            MetadataError::DuplicateEntity(text()),
            MetadataError::EntityIdInvalid,
            MetadataError::TenantPlaceholder(""),
            MetadataError::Expired(text()),
            MetadataError::NotAnIdp(text()),
            MetadataError::DuplicateRole(text()),
            MetadataError::NoSsoEndpoint,
            MetadataError::EndpointNotAllowed(text()),
            MetadataError::NoSigningKey,
            MetadataError::SigningKey(CertificateError::NotACertificate),
            MetadataError::SigningKey(CertificateError::PrivateKeyGiven),
            MetadataError::SigningKey(CertificateError::KeyTooSmall),
            MetadataError::SigningKey(CertificateError::KeyNotSupported),
        ] {
            let code = ApiCode::from(&error);
            assert_eq!(code.as_str(), error.as_str());
            assert_eq!(code.status(), 422);
        }
    }

    #[test]
    fn refusals_of_certificates_keep_their_names() {
        for error in [
            ImportError::Certificate(CertificateError::NotACertificate),
            ImportError::Certificate(CertificateError::PrivateKeyGiven),
            ImportError::Certificate(CertificateError::KeyTooSmall),
            ImportError::Certificate(CertificateError::KeyNotSupported),
            ImportError::Certificate(CertificateError::SeveralCertificates),
            ImportError::KeyCannotSign,
            ImportError::PrivateKeyMissing,
            ImportError::PrivateKeyUnreadable,
            ImportError::PrivateKeyMismatch,
            ImportError::WrongPassphrase,
            ImportError::Pkcs12NotSupported,
        ] {
            let code = ApiCode::from(error);
            assert_eq!((code.as_str(), code.status()), (error.as_str(), 422));
        }
    }
}
