//! Why a login is refused: one closed list of codes, each with its clause and a hint (SPEC 4.8).
//!
//! A [`Rejection`] has two faces. The administrator's is all of it: the code, the clause, what was
//! expected and what came. The browser's is [`Code::public`], which gives every failure of
//! structure, signature or decryption the one code `response_rejected`, so that nobody learns from
//! the answer which check a forgery got past.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The stage of the pipeline that a code belongs to, in the order in which the stages run.
///
/// When a message has several defects, the earliest stage gives the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// How the message was carried: form, base64, deflate, size.
    Binding,
    /// The XML text itself.
    Parse,
    /// Which elements stand where.
    Structure,
    /// The unsigned outside: version, destination, issuer, status, request.
    Envelope,
    /// XML signature: algorithms, keys, digest, value.
    Signature,
    /// XML encryption.
    Decryption,
    /// The rules of the assertion, in profile order.
    Assertion,
    /// What a second engine says of the message, where a connection wants one.
    SecondOpinion,
    /// Used before.
    Replay,
    /// What becomes of the account.
    Account,
    /// The state of the connection and of the request, before any message is read.
    Request,
}

macro_rules! codes {
    ($($variant:ident $code:literal $stage:ident $clause:literal $hint:literal;)+) => {
        /// The closed list of refusal codes. Each is documented in `docs/error-codes.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $code, "` (", $clause, "). ", $hint)] $variant,)+
        }

        impl Code {
            /// Every code, in pipeline order.
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];

            /// The stable name in snake_case.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)+ }
            }

            /// The clause of the specification that the rule comes from.
            pub fn clause(self) -> &'static str {
                match self { $(Code::$variant => $clause,)+ }
            }

            /// What is most likely wrong and where to mend it, in plain words.
            pub fn hint(self) -> &'static str {
                match self { $(Code::$variant => $hint,)+ }
            }

            /// The stage that the rule belongs to.
            pub fn stage(self) -> Stage {
                match self { $(Code::$variant => Stage::$stage,)+ }
            }
        }
    };
}

codes! {
    // The state of things before a message is read.
    ConnectionDisabled "connection_disabled" Request "SPEC 6" "The organization has no active single sign-on connection. An administrator sets it up or enables it.";
    ConnectionIncomplete "connection_incomplete" Request "SPEC 2" "The connection lacks something that a login needs: a certificate of the identity provider, or an active service certificate to sign requests with. An administrator adds it.";
    UnsolicitedNotAllowed "unsolicited_not_allowed" Request "SAML Profiles 4.1.5" "The response answers no request, and IdP-initiated login is off for this connection. Begin the login at the application, or have an administrator set idp_initiated.";
    RestartUnanswered "restart_unanswered" Request "SPEC 5.2" "The login was begun anew at the identity provider, as idp_initiated restart has it, and what came back names no request again: no InResponseTo, nor the RelayState (of WS-Federation, wctx) that was sent. Have the identity provider answer our requests for this application, or set idp_initiated to accept, and sso_profile to idp where it takes no requests.";
    BrowserMismatch "browser_mismatch" Request "SPEC 5.1" "The login was begun in another browser, or its cookie was lost. Begin again, with cookies allowed.";
    RequestExpired "request_expired" Request "SPEC 5.1" "More than ten minutes passed since the login or the logout began. Begin again.";
    RequestAlreadyUsed "request_already_used" Request "SPEC 5.1" "This login or logout was already completed once. Begin again.";
    RelayStateMismatch "relay_state_mismatch" Request "SAML Bindings 3.5.3" "The RelayState that came back is not the one that was sent. The IdP must return it unchanged.";
    NoAnswer "no_answer" Request "SAML Bindings 3.2" "The identity provider did not answer when it was asked from server to server. Check logout_url, or artifact_resolution_services, and that the service may ask that address.";

    // Binding.
    BindingNotAllowed "binding_not_allowed" Binding "SAML Profiles 4.1.4.5" "A response comes by HTTP POST as a form field, by artifact where response_binding says so, or of an enhanced client where ecp is on. Set the IdP's assertion consumer binding to HTTP-POST.";
    MissingMessage "missing_message" Binding "SAML Bindings 3.5.4" "There is no message: no SAMLResponse, and of a logout no SAMLRequest either.";
    ArtifactInvalid "artifact_invalid" Binding "SAML Bindings 3.6.4" "An artifact must be of type 0x0004: 44 bytes in base64.";
    DuplicateParameter "duplicate_parameter" Binding "SAML Bindings 3.4.4.1" "A SAML parameter came more than once.";
    NotBase64 "not_base64" Binding "SAML Bindings 3.5.4" "A message in a form must be base64 of the XML document.";
    NotDeflated "not_deflated" Binding "SAML Bindings 3.4.4.1" "A message in a query must be raw DEFLATE, then base64.";
    MessageTooLarge "message_too_large" Binding "SPEC 4.1" "The message is larger than 256 KiB. Send fewer groups or attributes.";

    // Parse.
    NotUtf8 "not_utf8" Parse "XML 1.0 2.2" "Messages are UTF-8 only.";
    DoctypeForbidden "doctype_forbidden" Parse "SAML Core 1.3.1; SPEC 4.1" "A document type declaration is never accepted.";
    ProcessingInstruction "processing_instruction" Parse "SPEC 4.1" "A processing instruction is not accepted in a message.";
    NotWellFormed "not_well_formed" Parse "XML 1.0 2.1" "The document is not well-formed XML.";
    NotNamespaceWellFormed "not_namespace_well_formed" Parse "Namespaces in XML 1.0, 7" "A prefix is undeclared or reserved, or a name has more than one colon.";
    DepthLimit "depth_limit" Parse "SPEC 4.1" "Elements are nested too deeply.";
    NodeLimit "node_limit" Parse "SPEC 4.1" "The document has too many nodes.";
    AttributeLimit "attribute_limit" Parse "SPEC 4.1" "An element has too many attributes or namespace declarations.";
    DuplicateId "duplicate_id" Parse "SPEC 4.1" "Two elements carry the same ID.";

    // Structure.
    UnexpectedMessage "unexpected_message" Structure "SAML Profiles 4.1.4.2; WS-Federation 1.2, 13.2.2" "The message is not of the kind that belongs here: a SAML 2.0 Response, for WS-Federation a RequestSecurityTokenResponse with a SAML token, for logout a LogoutRequest or a LogoutResponse.";
    SchemaViolation "schema_violation" Structure "SAML Core schema" "An element or attribute is missing, repeated, out of place or has content it may not have.";
    AssertionCount "assertion_count" Structure "SAML Profiles 4.1.4.2; SPEC 4.4" "A message must carry exactly one assertion.";
    AssertionNested "assertion_nested" Structure "SPEC 4.4" "An assertion stands somewhere else than where the message carries it.";
    SignatureStructure "signature_structure" Structure "XML Signature 4; SAML Core 5.4" "The signature has an element, an attribute or a text that it may not have.";
    SignatureCount "signature_count" Structure "SAML Core 5.4.1" "An element has more than one signature.";
    SignaturePosition "signature_position" Structure "SAML Core 5.4; SPEC 4.2" "A signature must stand directly in the element it covers: after its Issuer, in SAML 1.1 last.";
    ReferenceCount "reference_count" Structure "SAML Core 5.4.2" "A signature must have exactly one Reference.";
    ReferenceUri "reference_uri" Structure "SAML Core 5.4.2" "The Reference must be '#' and the ID of the element that holds the signature.";
    ReferenceUnresolved "reference_unresolved" Structure "SAML Core 5.4.2" "The Reference names an ID that no element has.";
    ReferenceNotParent "reference_not_parent" Structure "SAML Core 5.4.2" "The signature covers another element than the one it stands in.";
    ReferenceNotRoot "reference_not_root" Structure "SPEC 4.2" "The signed element is not the message itself.";
    TransformNotAllowed "transform_not_allowed" Structure "SAML Core 5.4.4" "Only enveloped-signature and exclusive canonicalization are allowed.";
    Canonicalization "canonicalization" Structure "Exclusive XML Canonicalization 1.0" "The element has no canonical form, for example because a namespace URI is relative.";

    // Envelope.
    Version "version" Envelope "SAML Core 3.2.2, 2.3.3" "Version must be 2.0, or 1.1 for a SAML 1.1 token.";
    InvalidTime "invalid_time" Envelope "SAML Core 1.3.3" "A time must be UTC, written as YYYY-MM-DDThh:mm:ssZ.";
    Destination "destination" Envelope "SAML Bindings 3.5.5.2" "Destination is not the address of this service that the message came to: the assertion consumer URL, or that of logout. Correct it at the IdP.";
    Issuer "issuer" Envelope "SAML Profiles 4.1.4.2" "The issuer is not the entity ID of the connection. Compare it with the IdP's metadata, letter for letter.";
    StatusNotSuccess "status_not_success" Envelope "SAML Core 3.2.2.2" "The identity provider refused the login or the logout. Its status says why.";
    InResponseTo "in_response_to" Envelope "SAML Profiles 4.1.4.3" "The response does not answer the request of this login or logout.";

    ArtifactUnknown "artifact_unknown" Envelope "SAML Core 3.5.3" "The identity provider has no message for the artifact: it was asked for before, or too late. Begin again.";
    AppliesTo "applies_to" Envelope "WS-Trust 1.3, 4.4; SPEC 3" "AppliesTo names another service. Set the IdP's identifier of the relying party to our service_uri.";

    // Signature.
    Unsigned "unsigned" Signature "SAML Profiles 4.1.4.5" "Neither the response nor the assertion is signed, or a logout message is not. Turn signing on at the IdP.";
    UnsignedAssertion "unsigned_assertion" Signature "SPEC 4.2" "The assertion is covered by no signature.";
    ResponseNotSigned "response_not_signed" Signature "SPEC 2" "This connection wants the response itself signed (want_response_signed).";
    AlgorithmNotAllowed "algorithm_not_allowed" Signature "SPEC 4.2" "The algorithm is not allowed. Use RSA or ECDSA with SHA-256, or grant the old one in legacy_crypto.";
    AlgorithmKeyMismatch "algorithm_key_mismatch" Signature "XML Signature 6" "The signature algorithm does not fit the type of any trusted key.";
    KeyTooSmall "key_too_small" Signature "SPEC 4.2" "The trusted RSA key is smaller than 2048 bits.";
    CertificateExpired "certificate_expired" Signature "SPEC 2" "The IdP certificate that signed has expired, and enforce_certificate_validity is on.";
    DigestMismatch "digest_mismatch" Signature "XML Signature 3.2.1" "The signed element was changed after it was signed.";
    SignatureInvalid "signature_invalid" Signature "XML Signature 3.2.2" "The signature value is not one of a trusted key over this message.";
    UntrustedKey "untrusted_key" Signature "SPEC 4.2" "The message names a signing certificate that is not one of this connection. If the IdP changed its key, import its metadata again.";

    // Decryption.
    Decryption "decryption" Decryption "XML Encryption 4.4" "The assertion could not be decrypted with any service key. Give the IdP the current certificate from our metadata.";
    DecryptedContent "decrypted_content" Decryption "SAML Core 2.3.4" "What was decrypted is not exactly one element of the expected kind.";
    EncryptionAlgorithm "encryption_algorithm" Decryption "SPEC 4.5" "The encryption algorithm is not allowed. Use AES-GCM with RSA-OAEP, or grant the old one in legacy_crypto.";
    NotEncrypted "not_encrypted" Decryption "SPEC 2" "This connection wants assertions encrypted (want_assertions_encrypted).";

    // Assertion rules, in profile order.
    IssuerFormat "issuer_format" Assertion "SAML Core 8.3.6; Profiles 4.1.4.2" "The Issuer's Format must be absent or entity.";
    SubjectMismatch "subject_mismatch" Assertion "SAML 1.1 Core 2.4.2" "The statements of the assertion are about different subjects.";
    NameIdMissing "name_id_missing" Assertion "SAML Core 2.4.1" "The assertion has no NameID, or an empty one.";
    NameIdFormat "name_id_format" Assertion "SPEC 2" "The NameID's format is not the one that this connection asks for.";
    NameIdQualifier "name_id_qualifier" Assertion "SAML Core 8.3.7" "The NameID was issued for another service provider or by another identity provider.";
    NoBearerConfirmation "no_bearer_confirmation" Assertion "SAML Profiles 4.1.4.2" "No SubjectConfirmation is bearer with complete data, or a subject of a SAML 1.1 token has none.";
    Recipient "recipient" Assertion "SAML Profiles 4.1.4.2" "Recipient is not this service's assertion consumer URL. Correct the ACS URL at the IdP.";
    Expired "expired" Assertion "SAML Core 2.5.1.2; Profiles 4.1.4.3" "The message is no longer valid. Compare the clocks of both sides.";
    NotYetValid "not_yet_valid" Assertion "SAML Core 2.5.1.2; Profiles 4.1.4.2" "The message is not valid yet. Compare the clocks of both sides.";
    Conditions "conditions" Assertion "SAML Core 2.5.1" "Conditions are missing, repeated, or hold a condition that is not understood.";
    Audience "audience" Assertion "SAML Core 2.5.1.4" "The assertion is meant for another service. Set the IdP's audience to our entity ID.";
    AuthnStatement "authn_statement" Assertion "SAML Profiles 4.1.4.2" "The assertion has no AuthnStatement.";
    AuthnContext "authn_context" Assertion "SAML Core 3.3.2.2.1" "The person was not authenticated in one of the ways that this connection asks for.";
    AttributeContradiction "attribute_contradiction" Assertion "SAML Profiles 8.1.3; SPEC 6" "An attribute that says who the person is comes twice with different values. Send it once.";
    TooOld "too_old" Assertion "SPEC 5.2" "An IdP-initiated response, or a logout message, must be at most five minutes old.";

    // Second opinion.
    SecondOpinionUnavailable "second_opinion_unavailable" SecondOpinion "SPEC 4.7" "This connection wants a second engine to agree (verification dual), which this message cannot be given to: it knows RSA PKCS#1 v1.5 and ECDSA by a key with a certificate, wants IDs that are NCNames, and only a build with the feature second-opinion has it. Change the algorithm at the IdP, or set verification to strict.";
    SecondOpinionDiffers "second_opinion_differs" SecondOpinion "SPEC 4.7" "Two engines do not agree on this message, so that nobody is signed in. One of them may be wrong: keep the message and report it. A security event is in the audit trail.";

    // Replay.
    Replayed "replayed" Replay "SAML Profiles 4.1.4.5" "This assertion, or this logout request, was used before. Begin again.";

    // Account.
    RequiredAttributeMissing "required_attribute_missing" Account "SPEC 9" "The IdP does not send every attribute that an account needs. Add them to the IdP's claims.";
    AttributeInvalid "attribute_invalid" Account "SPEC 9" "An attribute has a value that its field cannot take.";
    EmailDomainForeign "email_domain_foreign" Account "SPEC 9" "The e-mail address is not in one of the organization's domains.";
    AccountConflict "account_conflict" Account "SPEC 9" "Another account of the organization already has this e-mail address, uid or ssoid.";
    AccountInactive "account_inactive" Account "SPEC 9" "The account is deactivated. An administrator can reactivate it.";
    AccountUnknown "account_unknown" Account "SPEC 9" "There is no account for this person, and the connection does not create accounts.";
    UserLimitReached "user_limit_reached" Account "SPEC 11.5" "The organization has as many active accounts as it may have.";
}

impl Code {
    /// The code that the browser is shown (SPEC 4.8).
    pub fn public(self) -> &'static str {
        match self.stage() {
            Stage::Parse
            | Stage::Structure
            | Stage::Signature
            | Stage::Decryption
            | Stage::SecondOpinion => "response_rejected",
            _ => self.as_str(),
        }
    }
}

impl Code {
    /// The code of this name; `None` where the list has none.
    pub fn named(name: &str) -> Option<Self> {
        static NAMED: LazyLock<HashMap<&str, Code>> =
            LazyLock::new(|| Code::ALL.iter().map(|code| (code.as_str(), *code)).collect());
        NAMED.get(name).copied()
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One refusal: the rule that was broken, what it expected and what came. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: expected {expected}, found {found}")]
pub struct Rejection {
    /// The rule that was broken.
    pub code: Code,
    /// What the rule expected, in words or as the exact value.
    pub expected: Cow<'static, str>,
    /// What was found; text of the sender is cut to a bounded length by [`Rejection::new`].
    pub found: Cow<'static, str>,
}

impl Rejection {
    /// The most bytes of a sender's text that a rejection keeps.
    pub const MAX_FOUND: usize = 512;

    /// Makes a rejection; both texts are cut to [`Rejection::MAX_FOUND`] bytes.
    pub fn new(
        code: Code,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, expected: cut(expected.into()), found: cut(found.into()) }
    }
}

/// Cuts a sender's text to [`Rejection::MAX_FOUND`] bytes, so that no record grows with it.
pub(crate) fn cut(text: Cow<'static, str>) -> Cow<'static, str> {
    if text.len() <= Rejection::MAX_FOUND {
        return text;
    }
    let end = (0..=Rejection::MAX_FOUND).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    let mut owned = text.into_owned();
    owned.truncate(end);
    owned.push('…');
    Cow::Owned(owned)
}
