//! Reading one identity provider out of a metadata document (SAML Metadata 2.4.3; WS-Federation 1.2, 3.1).

use super::endpoint::{self, SloEndpoint, SsoEndpoint, has_placeholder};
use super::error::MetadataError;
use super::{keys, select};
use crate::connection::{
    ArtifactResolutionService, Connection, LegacyCrypto, Protocol, SloBinding,
};
use crate::dsig::{self, Policy, TrustedKeys};
use crate::error::{Code, Rejection};
use crate::xml::{Document, Element, Limits, ns};
use std::collections::{BTreeMap, BTreeSet};
use time::{Duration, OffsetDateTime};

/// An identity provider as its metadata describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedIdp {
    /// The protocol that the rest is about.
    pub protocol: Protocol,
    /// Its name: the issuer of its messages.
    pub entity_id: String,
    /// Where logins go, by the preferred binding.
    pub sso: SsoEndpoint,
    /// Where logout messages go; the preferred binding first.
    pub slo: BTreeMap<SloBinding, SloEndpoint>,
    /// Where it resolves artifacts.
    pub artifact_resolution: Vec<ArtifactResolutionService>,
    /// What it signs with, at least one: certificates as DER, or a bare SubjectPublicKeyInfo where
    /// the document has a key value alone. RSA below 2048 bits needs the grant `rsa1024`.
    pub signing_keys: Vec<Vec<u8>>,
    /// What may be encrypted to it, in the same form.
    pub encryption_keys: Vec<Vec<u8>>,
    /// The NameID formats that it knows, in its order.
    pub name_id_formats: Vec<String>,
    /// Whether it wants AuthnRequests signed.
    pub want_authn_requests_signed: bool,
    /// When the document stops being in force, in UTC.
    pub valid_until: Option<OffsetDateTime>,
    /// How long the document may be kept before it is asked for again.
    pub cache_duration: Option<Duration>,
    /// The old algorithms that this product is known to need; for an administrator to grant.
    pub proposed_legacy_crypto: BTreeSet<LegacyCrypto>,
    /// What the document has and is not used here.
    pub ignored: Vec<String>,
    /// What the document has and must not be used, with the reason.
    pub refused: Vec<String>,
    /// The same identity provider by WS-Federation, where the document speaks both protocols.
    pub alternative: Option<Box<Self>>,
}

impl ImportedIdp {
    /// The identity provider by a protocol.
    ///
    /// # Errors
    /// [`MetadataError::NotAnIdp`] where its document does not speak it.
    pub fn speaking(self, protocol: Protocol) -> Result<Self, MetadataError> {
        if self.protocol == protocol {
            return Ok(Self { alternative: None, ..self });
        }
        let other = self.alternative.filter(|other| other.protocol == protocol);
        other.map(|other| *other).ok_or(MetadataError::NotAnIdp(self.entity_id))
    }

    /// The identity provider by the protocol of a connection, where its document speaks that.
    pub(super) fn as_known(&self, current: Option<&Connection>) -> &Self {
        let protocol = current.map(|connection| connection.settings.protocol());
        self.alternative.as_deref().filter(|other| Some(other.protocol) == protocol).unwrap_or(self)
    }
}

/// Reads the identity provider `entity_id` of a document, or the only one there is.
///
/// Keys and endpoints that cannot be used are listed in `refused`; where none is left, and where an
/// address is one that no browser may be sent to, the document is refused.
///
/// # Errors
/// [`MetadataError`], each with its stable code.
pub fn import(
    document: &[u8],
    entity_id: Option<&str>,
    now: OffsetDateTime,
) -> Result<ImportedIdp, MetadataError> {
    let document = Document::parse(document, &Limits::METADATA)?;
    read(select::entity(&document, entity_id, now)?, now)
}

/// Reads an identity provider as [`import`] does, where one of the pinned keys signed its entity or a group
/// that it stands in. Every signature around it must hold (SAML Metadata 3; ATTACKS MD-02, MD-03).
///
/// # Errors
/// [`MetadataError`]; unreadable with `unsigned` and with what [`dsig::verify`] refuses.
pub fn import_signed(
    document: &[u8],
    entity_id: Option<&str>,
    pinned: &TrustedKeys,
    now: OffsetDateTime,
) -> Result<ImportedIdp, MetadataError> {
    let document = Document::parse(document, &Limits::METADATA)?;
    let entity = select::entity(&document, entity_id, now)?;
    let policy = Policy { grants: &BTreeSet::new(), now, enforce_certificate_validity: false };
    let mut covered = false;
    for around in std::iter::successors(Some(entity.element), |element| element.parent()) {
        if let Some(signature) = dsig::signature_of(around)? {
            let signed = dsig::verify(&signature, pinned, &policy)?;
            covered |= signed.covered(entity.element).is_some();
        }
    }
    if !covered {
        let expected = "a signature of the entity, or of a group that it stands in";
        return Err(Rejection::new(Code::Unsigned, expected, "none").into());
    }
    read(entity, now)
}

/// Reads an entity by each protocol that it speaks. Where that is both, SAML 2.0 counts and the other is
/// its [`alternative`](ImportedIdp::alternative).
pub(super) fn read(
    entity: select::Entity<'_>,
    now: OffsetDateTime,
) -> Result<ImportedIdp, MetadataError> {
    if has_placeholder(entity.id) {
        return Err(MetadataError::TenantPlaceholder("its entityID"));
    }
    let federation = federation_role(entity.element, entity.id)?;
    match (idp_role(entity.element, entity.id)?, federation) {
        (Some(role), None) => saml2(&entity, role, now),
        (Some(role), Some(federation)) => {
            let mut idp = saml2(&entity, role, now)?;
            match wsfed(&entity, federation, now) {
                Ok(alternative) => idp.alternative = Some(Box::new(alternative)),
                Err(error) => idp.refused.push(format!("RoleDescriptor: {}", error.as_str())),
            }
            Ok(idp)
        }
        (None, Some(federation)) => wsfed(&entity, federation, now),
        (None, None) => Err(MetadataError::NotAnIdp(entity.id.to_owned())),
    }
}

fn saml2(
    entity: &select::Entity<'_>,
    role: Element<'_>,
    now: OffsetDateTime,
) -> Result<ImportedIdp, MetadataError> {
    let valid_until = select::in_force_until(role, now)?;
    let mut ignored = other_roles(entity.element, role);
    let mut refused = Vec::new();
    let sso = endpoint::sso(role, &mut ignored, &mut refused)?;
    let slo = endpoint::slo(role, &mut ignored, &mut refused)?;
    let artifact_resolution = endpoint::artifact_resolution(role, &mut ignored, &mut refused)?;
    let keys = keys::read(role, &mut refused)?;
    let proposed_legacy_crypto = proposed(&sso, keys.has_short_rsa);
    Ok(ImportedIdp {
        protocol: Protocol::Saml2,
        entity_id: entity.id.to_owned(),
        sso,
        slo,
        artifact_resolution,
        signing_keys: keys.signing,
        encryption_keys: keys.encryption,
        name_id_formats: name_id_formats(role)?,
        want_authn_requests_signed: boolean(role, "WantAuthnRequestsSigned")?,
        valid_until,
        cache_duration: select::kept_for(role),
        proposed_legacy_crypto,
        ignored,
        refused,
        alternative: None,
    })
}

/// Reads the role of a federation service. It signs people out where it signs them in (WS-Federation 1.2,
/// 13.2.4).
fn wsfed(
    entity: &select::Entity<'_>,
    role: Element<'_>,
    now: OffsetDateTime,
) -> Result<ImportedIdp, MetadataError> {
    let valid_until = select::in_force_until(role, now)?;
    let mut refused = Vec::new();
    let sso = endpoint::passive(role, &mut refused)?;
    let keys = keys::read(role, &mut refused)?;
    let slo = SloEndpoint { location: sso.location.clone(), response_location: None };
    Ok(ImportedIdp {
        protocol: Protocol::Wsfed,
        entity_id: entity.id.to_owned(),
        slo: BTreeMap::from([(SloBinding::Redirect, slo)]),
        artifact_resolution: Vec::new(),
        signing_keys: keys.signing,
        encryption_keys: keys.encryption,
        name_id_formats: Vec::new(),
        want_authn_requests_signed: false,
        valid_until,
        cache_duration: select::kept_for(role),
        proposed_legacy_crypto: proposed(&sso, keys.has_short_rsa),
        sso,
        ignored: other_roles(entity.element, role),
        refused,
        alternative: None,
    })
}

/// The role of a federation service, by the type that its `xsi:type` names, whatever the prefix
/// (WS-Federation 1.2, 3.1.2.1).
fn federation_role<'d>(
    entity: Element<'d>,
    id: &str,
) -> Result<Option<Element<'d>>, MetadataError> {
    let is_federation = |role: &Element<'_>| {
        let named = role.attribute_ns(ns::XSI, "type").map(str::trim);
        let named = named.and_then(|name| role.resolve_qname(name));
        role.is(ns::MD, "RoleDescriptor") && named == Some((ns::FED, "SecurityTokenServiceType"))
    };
    only_role(entity.children().filter(is_federation), id)
}

fn only_role<'d>(
    mut roles: impl Iterator<Item = Element<'d>>,
    id: &str,
) -> Result<Option<Element<'d>>, MetadataError> {
    match (roles.next(), roles.next()) {
        (role, None) => Ok(role),
        (_, Some(_)) => Err(MetadataError::DuplicateRole(id.to_owned())),
    }
}

/// The role of a SAML 2.0 identity provider. One of another protocol is another role.
fn idp_role<'d>(entity: Element<'d>, id: &str) -> Result<Option<Element<'d>>, MetadataError> {
    let speaks_saml2 = |role: &Element<'_>| {
        let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == ns::SAMLP)
    };
    let is_idp = |child: &Element<'_>| child.is(ns::MD, "IDPSSODescriptor");
    only_role(entity.children().filter(is_idp).filter(speaks_saml2), id)
}

fn other_roles(entity: Element<'_>, used: Element<'_>) -> Vec<String> {
    let is_role = |child: &Element<'_>| {
        child.namespace() == ns::MD && child.local_name().ends_with("Descriptor")
    };
    let others = entity.children().filter(is_role).filter(|child| *child != used);
    others.map(|role| role.local_name().to_owned()).collect()
}

fn name_id_formats(role: Element<'_>) -> Result<Vec<String>, Rejection> {
    let formats = role.children().filter(|child| child.is(ns::MD, "NameIDFormat"));
    formats.map(|format| Ok(format.text()?.trim().to_owned())).collect()
}

fn boolean(element: Element<'_>, attribute: &str) -> Result<bool, Rejection> {
    match element.attribute(attribute).map(str::trim) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => Err(Rejection::new(
            Code::SchemaViolation,
            format!("{attribute} true or false"),
            other.to_owned(),
        )),
    }
}

/// ADFS encrypts with AES-CBC, inside the signature rather than under it (SPEC 2).
fn proposed(sso: &SsoEndpoint, has_short_rsa: bool) -> BTreeSet<LegacyCrypto> {
    let path = sso.location.path().trim_end_matches('/');
    let mut proposed = BTreeSet::new();
    if path.eq_ignore_ascii_case("/adfs/ls") {
        proposed.insert(LegacyCrypto::AesCbc);
    }
    if has_short_rsa {
        proposed.insert(LegacyCrypto::Rsa1024);
    }
    proposed
}

#[cfg(test)]
mod tests;
