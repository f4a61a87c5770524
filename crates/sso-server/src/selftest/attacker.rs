//! What somebody makes who knows everything that is public: the addresses, the certificates, and how a
//! good response looks. The one thing that they do not have is the identity provider's key.

use super::attack::Inapplicable;
use super::case::Case;
use super::genuine::Kind;
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::X509;
use sso_core::dsig::{KeyKind, SigningKey, sign};
use sso_core::xml::{Document, Limits, Writer, ns};
use std::cell::OnceCell;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// Whom a forged assertion names.
const NAME: &str = "forged-by-the-selftest";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
const BEARER_11: &str = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
const PASSWORD_11: &str = "urn:oasis:names:tc:SAML:1.0:am:password";

/// An attacker of a connection, who knows what its messages look like.
pub(super) struct Attacker<'c> {
    case: &'c Case,
    pub(super) kind: Kind,
    key: OnceCell<Option<AttackerKey>>,
}

/// A key of the attacker's own, of the type that the identity provider has.
pub(super) struct AttackerKey {
    pub(super) private: PKey<Private>,
    /// A certificate of it that has the subject, issuer and serial number of the identity provider's
    /// own, DER.
    pub(super) certificate: Vec<u8>,
}

impl<'c> Attacker<'c> {
    pub(super) fn new(case: &'c Case, kind: Kind) -> Self {
        Self { case, kind, key: OnceCell::new() }
    }

    /// An assertion that keeps every rule of the connection and lacks nothing but a signature.
    pub(super) fn assertion(&self, id: &str) -> String {
        match self.kind {
            Kind::Token11 => self.assertion_11(id),
            Kind::Response | Kind::Token20 => self.assertion_20(id),
        }
    }

    fn assertion_20(&self, id: &str) -> String {
        let Case { party, now, .. } = self.case;
        let (at, end) = (instant(*now), instant(*now + Duration::minutes(5)));
        let context = party.authn_context_class_ref.first().map_or(PASSWORD, String::as_str);
        let format = party.name_id_format.uri().map(|format| ("Format", format));
        let mut data = vec![("NotOnOrAfter", end.as_str()), ("Recipient", &party.acs_url)];
        data.extend(self.case.request_id().map(|id| ("InResponseTo", id)));

        let mut out = Writer::new();
        let id = [("xmlns:saml", ns::SAML), ("ID", id), ("Version", "2.0"), ("IssueInstant", &at)];
        out.start("saml:Assertion", &id).leaf("saml:Issuer", &[], &party.idp_entity_id);
        out.start("saml:Subject", &[]).leaf("saml:NameID", format.as_slice(), NAME);
        out.start("saml:SubjectConfirmation", &[("Method", BEARER)]);
        out.empty("saml:SubjectConfirmationData", &data).end().end();
        out.start("saml:Conditions", &[("NotOnOrAfter", &end)]);
        out.start("saml:AudienceRestriction", &[]);
        out.leaf("saml:Audience", &[], &party.sp_entity_id).end().end();
        out.start("saml:AuthnStatement", &[("AuthnInstant", &at)]);
        out.start("saml:AuthnContext", &[]);
        out.leaf("saml:AuthnContextClassRef", &[], context);
        out.finish()
    }

    fn assertion_11(&self, id: &str) -> String {
        let Case { party, now, .. } = self.case;
        let (at, end) = (instant(*now), instant(*now + Duration::minutes(5)));
        let mut out = Writer::new();
        let attributes = [
            ("xmlns:saml", ns::SAML1),
            ("MajorVersion", "1"),
            ("MinorVersion", "1"),
            ("AssertionID", id),
            ("Issuer", &party.idp_entity_id),
            ("IssueInstant", &at),
        ];
        out.start("saml:Assertion", &attributes);
        out.start("saml:Conditions", &[("NotOnOrAfter", &end)]);
        out.start("saml:AudienceRestrictionCondition", &[]);
        out.leaf("saml:Audience", &[], &party.sp_entity_id).end().end();
        let authenticated = [("AuthenticationMethod", PASSWORD_11), ("AuthenticationInstant", &at)];
        out.start("saml:AuthenticationStatement", &authenticated);
        out.start("saml:Subject", &[]).leaf("saml:NameIdentifier", &[], NAME);
        out.start("saml:SubjectConfirmation", &[]);
        out.leaf("saml:ConfirmationMethod", &[], BEARER_11);
        out.finish()
    }

    /// A message that keeps every rule, around whatever it carries.
    pub(super) fn response(&self, id: &str, body: &str) -> String {
        match self.kind {
            Kind::Response => self.saml_response(id, body),
            Kind::Token11 | Kind::Token20 => answer(body),
        }
    }

    /// A response of SAML 2.0, whichever message was attacked.
    pub(super) fn saml_response(&self, id: &str, body: &str) -> String {
        let Case { party, now, .. } = self.case;
        let at = instant(*now);
        let mut attributes = vec![
            ("xmlns:samlp", ns::SAMLP),
            ("ID", id),
            ("Version", "2.0"),
            ("IssueInstant", &at),
            ("Destination", &party.acs_url),
        ];
        attributes.extend(self.case.request_id().map(|id| ("InResponseTo", id)));
        let mut out = Writer::new();
        out.start("samlp:Response", &attributes);
        out.leaf("saml:Issuer", &[("xmlns:saml", ns::SAML)], &party.idp_entity_id);
        out.start("samlp:Status", &[]).empty("samlp:StatusCode", &[("Value", SUCCESS)]).end();
        out.element(body);
        out.finish()
    }

    /// A message whose assertion the attacker signed.
    pub(super) fn signed(&self) -> Result<String, Inapplicable> {
        let assertion = self.sign(&self.assertion("_forged"))?;
        Ok(self.response("_forged_response", &assertion))
    }

    /// Signs a document with the attacker's key, whose certificate `KeyInfo` shows.
    pub(super) fn sign(&self, document: &str) -> Result<String, Inapplicable> {
        let failed = Inapplicable("the attacker's signature could not be made");
        let AttackerKey { private, certificate } = self.key()?;
        let private = private.private_key_to_pkcs8().map_err(|_| failed)?;
        let key = SigningKey::from_pkcs8_der(&private, certificate).map_err(|_| failed)?;
        let document =
            Document::parse(document.as_bytes(), &Limits::MESSAGE).map_err(|_| failed)?;
        sign(document.root(), &key).map_err(|_| failed)
    }

    /// The key, made when it is first needed.
    pub(super) fn key(&self) -> Result<&AttackerKey, Inapplicable> {
        let key = self.key.get_or_init(|| AttackerKey::like(self.case).ok());
        key.as_ref().ok_or(Inapplicable("no key like the identity provider's could be made"))
    }

    /// The certificate of the identity provider, DER.
    pub(super) fn genuine_certificate(&self) -> Result<&'c [u8], Inapplicable> {
        let certificate = self.case.party.trusted.iter().find_map(|key| key.certificate());
        certificate.ok_or(Inapplicable("the identity provider's key came without a certificate"))
    }
}

impl AttackerKey {
    fn like(case: &Case) -> Result<Self, ErrorStack> {
        let model = case.party.trusted.iter().next();
        let private = match model.map(|key| key.kind()) {
            Some(KeyKind::Ec { order }) => {
                let curve = match order {
                    48 => Nid::SECP384R1,
                    66 => Nid::SECP521R1,
                    _ => Nid::X9_62_PRIME256V1,
                };
                PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(curve)?.as_ref())?)?
            }
            _ => PKey::from_rsa(Rsa::generate(2048)?)?,
        };
        let mut builder = X509::builder()?;
        builder.set_version(2)?;
        let model = model.and_then(|key| X509::from_der(key.certificate()?).ok());
        if let Some(model) = model {
            builder.set_subject_name(model.subject_name())?;
            builder.set_issuer_name(model.issuer_name())?;
            builder.set_serial_number(model.serial_number())?;
        }
        let year = Duration::days(365);
        let time = |at: OffsetDateTime| Asn1Time::from_unix(at.unix_timestamp());
        builder.set_not_before(time(case.now - year)?.as_ref())?;
        builder.set_not_after(time(case.now + year)?.as_ref())?;
        builder.set_pubkey(&private)?;
        builder.sign(&private, MessageDigest::sha256())?;
        Ok(Self { private, certificate: builder.build().to_der()? })
    }
}

/// An answer of WS-Federation around whatever it carries. Nothing else of one has to be there.
pub(super) fn answer(body: &str) -> String {
    let mut out = Writer::new();
    out.start("t:RequestSecurityTokenResponse", &[("xmlns:t", ns::WST)]);
    out.start("t:RequestedSecurityToken", &[]).element(body);
    out.finish()
}

fn instant(at: OffsetDateTime) -> String {
    let whole = at.replace_nanosecond(0).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}
