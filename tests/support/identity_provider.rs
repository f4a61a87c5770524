//! An identity provider inside the test: it says who signed in, and signs it. What comes of it is
//! verified and decided like any response, so that a test has no other way to an account.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use sso_core::bindings::Message;
use sso_core::certs::{NewKey, generate};
use sso_core::connection::Saml2Settings;
use sso_core::dsig::{SigningKey, TrustedKey, TrustedKeys, sign};
use sso_core::login::{RelyingParty, Trace, VerifiedLogin, verify_solicited, verify_unsolicited};
use sso_core::random::Random;
use sso_core::xml::{Document, Limits, Writer, ns};
use std::io::Read as _;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const ENTITY_ID: &str = "https://idp.example/";
const OUR_ENTITY_ID: &str = "https://sso.example/saml/corp/metadata";
const ACS: &str = "https://sso.example/saml/corp/acs";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// An identity provider with a key of its own, and our side of the connection to it.
pub struct IdentityProvider {
    certificate: Vec<u8>,
    key: SigningKey,
    party: RelyingParty,
}

/// A person, as the identity provider tells of one.
#[derive(Debug, Clone)]
pub struct Person {
    /// The value of the NameID.
    pub name_id: String,
    /// The format of the NameID: persistent.
    pub name_id_format: &'static str,
    /// The attributes, by the names of SPEC 9's table.
    pub attributes: Vec<(String, String)>,
    /// The indexes of sessions besides the one of every login, each in a statement of its own.
    pub more_sessions: Vec<String>,
    /// When the identity provider wants the session to end.
    pub session_end: Option<OffsetDateTime>,
    /// How long the assertion may be delivered.
    pub valid_for: Duration,
}

impl Person {
    /// A person of the domain `corp.example` with the attributes that SPEC 9 requires.
    pub fn new(name: &str) -> Self {
        let email = format!("{name}@corp.example");
        let person = Self {
            name_id: format!("{name}-id"),
            name_id_format: PERSISTENT,
            attributes: Vec::new(),
            more_sessions: Vec::new(),
            session_end: None,
            valid_for: Duration::minutes(5),
        };
        person
            .with("uid", &email)
            .with("email", &email)
            .with("firstname", name)
            .with("lastname", "Lee")
    }

    /// Their e-mail address.
    ///
    /// # Panics
    /// They have none.
    pub fn email(&self) -> String {
        let email = self.attributes.iter().find(|(name, _)| name == "email");
        email.expect("an e-mail address").1.clone()
    }

    /// The same, with an attribute instead of the one of that name, or as the last.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.retain(|(known, _)| known != name);
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, with one more value of the attribute that was named last.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, without an attribute.
    pub fn without(mut self, name: &str) -> Self {
        self.attributes.retain(|(known, _)| known != name);
        self
    }

    /// The same, with a NameID that is another at each login.
    pub fn transient(mut self) -> Self {
        self.name_id_format = TRANSIENT;
        self
    }

    /// The same, authenticated in one more way, with a session of its own.
    pub fn in_session(mut self, index: &str) -> Self {
        self.more_sessions.push(index.to_owned());
        self
    }

    /// The same, with another NameID.
    pub fn named(mut self, name_id: &str) -> Self {
        self.name_id = name_id.to_owned();
        self
    }
}

impl IdentityProvider {
    /// An identity provider with a new P-256 key.
    pub fn new(now: OffsetDateTime, random: &dyn Random) -> Self {
        let made = generate("test identity provider", 365, NewKey::P256, now, random)
            .expect("a certificate");
        let key = SigningKey::from_pkcs8_der(&made.private_key, &made.der).expect("its key");
        let trusted = TrustedKey::from_certificate_der(&made.der).expect("its certificate");
        let party = RelyingParty::new(
            ENTITY_ID.to_owned(),
            OUR_ENTITY_ID.to_owned(),
            ACS.to_owned(),
            TrustedKeys::new(vec![trusted]).expect("one key"),
        );
        Self { certificate: made.der, key, party }
    }

    /// The certificate that it signs with, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// What it signs with.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The settings of a connection to it that creates and updates accounts.
    pub fn settings() -> Saml2Settings {
        serde_json::from_value(serde_json::json!({
            "sp_entity_id": OUR_ENTITY_ID,
            "idp_entity_id": ENTITY_ID,
            "sso_url": "https://idp.example/sso",
            "auto_create": true,
            "auto_update": true,
        }))
        .expect("settings")
    }

    /// Signs a person in with a signed assertion, and verifies it as our side does, which the trace
    /// tells of. `request_id`: what it answers; `None` where the identity provider began.
    pub fn sign_in(
        &self,
        person: &Person,
        request_id: Option<&str>,
        assertion_id: &str,
        now: OffsetDateTime,
        trace: &mut Trace,
    ) -> VerifiedLogin {
        let xml = self.response(person, request_id, assertion_id, now);
        let message = Message::parse(xml.as_bytes()).expect("well-formed");
        match request_id {
            Some(id) => verify_solicited(&message, &self.party, id, now, trace),
            None => {
                let age = Duration::seconds(300);
                verify_unsolicited(&message, &self.party, age, now, trace)
            }
        }
        .unwrap_or_else(|rejection| panic!("{rejection}: {xml}"))
    }

    /// The response of a person's sign-in with a signed assertion, as XML.
    pub fn response(
        &self,
        person: &Person,
        request_id: Option<&str>,
        assertion_id: &str,
        now: OffsetDateTime,
    ) -> String {
        let (at, end) = (time(now), time(now + person.valid_for));
        let answers = request_id.map(|id| ("InResponseTo", id));
        let id = format!("{assertion_id}-response");
        let mut attributes = vec![
            ("xmlns:samlp", ns::SAMLP),
            ("xmlns:saml", ns::SAML),
            ("ID", &id),
            ("Version", "2.0"),
            ("IssueInstant", &at),
        ];
        attributes.extend(answers);
        let mut data = vec![("Recipient", ACS), ("NotOnOrAfter", &end)];
        data.extend(answers);

        let mut response = Writer::new();
        response.start("samlp:Response", &attributes).leaf("saml:Issuer", &[], ENTITY_ID);
        response.start("samlp:Status", &[]).empty("samlp:StatusCode", &[("Value", SUCCESS)]).end();
        let id = [("ID", assertion_id), ("Version", "2.0"), ("IssueInstant", &at)];
        response.start("saml:Assertion", &id).leaf("saml:Issuer", &[], ENTITY_ID);
        response.start("saml:Subject", &[]);
        response.leaf("saml:NameID", &[("Format", person.name_id_format)], &person.name_id);
        response.start("saml:SubjectConfirmation", &[("Method", BEARER)]);
        response.empty("saml:SubjectConfirmationData", &data).end().end();
        response.start("saml:Conditions", &[("NotOnOrAfter", &end)]);
        response.start("saml:AudienceRestriction", &[]);
        response.leaf("saml:Audience", &[], OUR_ENTITY_ID).end().end();
        let session = format!("{assertion_id}-session");
        let session_end = person.session_end.map(time);
        for index in std::iter::once(&session).chain(&person.more_sessions) {
            let mut authn = vec![("AuthnInstant", at.as_str()), ("SessionIndex", index)];
            authn.extend(session_end.as_deref().map(|end| ("SessionNotOnOrAfter", end)));
            response.start("saml:AuthnStatement", &authn);
            response.start("saml:AuthnContext", &[]);
            response.leaf("saml:AuthnContextClassRef", &[], PASSWORD).end().end();
        }
        response.start("saml:AttributeStatement", &[]);
        for values in person.attributes.chunk_by(|(one, _), (other, _)| one == other) {
            let [(name, _), ..] = values else { continue };
            response.start("saml:Attribute", &[("Name", name)]);
            for (_, value) in values {
                response.leaf("saml:AttributeValue", &[], value);
            }
            response.end();
        }
        let text = response.finish();

        let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).expect("well-formed");
        let assertion = document.root().child(ns::SAML, "Assertion").expect("one").expect("one");
        sign(assertion, &self.key).expect("signed")
    }
}

/// The metadata of identity providers that are one and the same, each with a key of its own.
#[derive(Debug, Clone)]
pub struct IdpMetadata {
    /// The name of the entity.
    pub entity_id: String,
    /// Where AuthnRequests go.
    pub sso_url: String,
    /// The certificates that it signs with, DER.
    pub certificates: Vec<Vec<u8>>,
    /// Further attributes of the entity, as `validUntil`.
    pub attributes: String,
}

impl IdpMetadata {
    /// Metadata with the keys of these.
    pub fn of(idps: &[&IdentityProvider]) -> Self {
        Self {
            entity_id: ENTITY_ID.to_owned(),
            sso_url: "https://idp.example/sso".to_owned(),
            certificates: idps.iter().map(|idp| idp.certificate.clone()).collect(),
            attributes: String::new(),
        }
    }

    /// The same with other attributes of the entity.
    pub fn with(mut self, attributes: &str) -> Self {
        self.attributes = attributes.to_owned();
        self
    }

    /// The document.
    pub fn document(&self) -> String {
        let Self { entity_id, sso_url, certificates, attributes } = self;
        let key = |der: &Vec<u8>| {
            format!(
                r#"<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"#,
                STANDARD.encode(der)
            )
        };
        let keys: String = certificates.iter().map(key).collect();
        format!(
            r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ID="_metadata" entityID="{entity_id}" {attributes}><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso_url}"/></IDPSSODescriptor></EntityDescriptor>"#
        )
    }

    /// The document, signed by the key of an identity provider.
    pub fn signed_by(&self, idp: &IdentityProvider) -> String {
        let text = self.document();
        let document = Document::parse(text.as_bytes(), &Limits::METADATA).expect("well-formed");
        sign(document.root(), &idp.key).expect("signed")
    }
}

fn time(instant: OffsetDateTime) -> String {
    instant.replace_nanosecond(0).expect("zero").format(&Rfc3339).expect("a year of four digits")
}

/// The ID of an AuthnRequest, from the query parameter that brought it.
pub fn request_id(saml_request: &str) -> String {
    let deflated = STANDARD.decode(saml_request).expect("base64");
    let mut xml = String::new();
    DeflateDecoder::new(&*deflated).read_to_string(&mut xml).expect("DEFLATE");
    let (_, rest) = xml.split_once(" ID=\"").expect("an ID");
    rest.split_once('"').expect("its end").0.to_owned()
}
