//! The Response with a signed assertion (SAML Core 3.3.3, SAML Profiles 4.1.4.2).

use super::Idp;
use super::authn_request::AuthnRequest;
use super::people::Person;
use super::service_provider::ServiceProvider;
use sso_core::dsig::{self, SigningError};
use sso_core::ids::saml_id;
use sso_core::xml::{Document, Limits, Writer, ns};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The format of the NameIDs.
pub(super) const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

const LIFETIME: Duration = Duration::minutes(5);

/// Writes the answer to a request: this person signed in, just now.
pub(super) fn write(
    idp: &Idp,
    service: &ServiceProvider,
    request: &AuthnRequest,
    person: &Person,
) -> Result<String, SigningError> {
    let now = idp.clock.now();
    let assertion = assertion(idp, service, request, person, now);
    let document = Document::parse(assertion.as_bytes(), &Limits::MESSAGE);
    let document = document.map_err(|_| SigningError::Canonicalization)?;
    let assertion = dsig::sign(document.root(), &idp.key)?;

    let mut writer = Writer::new();
    writer.start(
        "samlp:Response",
        &[
            ("xmlns:samlp", ns::SAMLP),
            ("ID", &saml_id(&*idp.random)),
            ("Version", "2.0"),
            ("IssueInstant", &instant(now)),
            ("Destination", &service.acs_url),
            ("InResponseTo", &request.id),
        ],
    );
    writer.leaf("saml:Issuer", &[("xmlns:saml", ns::SAML)], &idp.entity_id());
    writer.start("samlp:Status", &[]);
    writer.empty("samlp:StatusCode", &[("Value", "urn:oasis:names:tc:SAML:2.0:status:Success")]);
    writer.end().element(&assertion);
    Ok(writer.finish())
}

fn assertion(
    idp: &Idp,
    service: &ServiceProvider,
    request: &AuthnRequest,
    person: &Person,
    now: OffsetDateTime,
) -> String {
    let (issued, ends) = (instant(now), instant(now + LIFETIME));
    let mut writer = Writer::new();
    writer
        .start(
            "saml:Assertion",
            &[
                ("xmlns:saml", ns::SAML),
                ("ID", &saml_id(&*idp.random)),
                ("Version", "2.0"),
                ("IssueInstant", &issued),
            ],
        )
        .leaf("saml:Issuer", &[], &idp.entity_id());
    writer
        .start("saml:Subject", &[])
        .leaf("saml:NameID", &[("Format", EMAIL_ADDRESS)], person.email)
        .start("saml:SubjectConfirmation", &[("Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")])
        .empty(
            "saml:SubjectConfirmationData",
            &[
                ("NotOnOrAfter", &ends),
                ("Recipient", &service.acs_url),
                ("InResponseTo", &request.id),
            ],
        )
        .end()
        .end();
    writer
        .start("saml:Conditions", &[("NotBefore", &issued), ("NotOnOrAfter", &ends)])
        .start("saml:AudienceRestriction", &[])
        .leaf("saml:Audience", &[], &service.entity_id)
        .end()
        .end();
    writer
        .start(
            "saml:AuthnStatement",
            &[("AuthnInstant", &issued), ("SessionIndex", &saml_id(&*idp.random))],
        )
        .start("saml:AuthnContext", &[])
        .leaf(
            "saml:AuthnContextClassRef",
            &[],
            "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
        )
        .end()
        .end();
    writer.start("saml:AttributeStatement", &[]);
    for (name, value) in person.attributes() {
        writer
            .start("saml:Attribute", &[("Name", name)])
            .leaf("saml:AttributeValue", &[], &value)
            .end();
    }
    writer.finish()
}

/// SAML Core 1.3.3: UTC with `Z`, here in whole seconds.
fn instant(instant: OffsetDateTime) -> String {
    instant.truncate_to_second().format(&Rfc3339).unwrap_or_default()
}
