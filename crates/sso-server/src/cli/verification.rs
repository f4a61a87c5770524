//! What a response is verified against, from the options that `verify` and `selftest` share (SPEC 14).

use super::input;
use crate::selftest::{Asked, Case};
use clap::{Args, ValueEnum};
use sso_core::ambient::SystemClock;
use sso_core::bindings::post;
use sso_core::connection::{self, LegacyCrypto};
use sso_core::dsig::{DecryptionKey, TrustedKey, TrustedKeys};
use sso_core::error::Rejection;
use sso_core::login::RelyingParty;
use sso_core::metadata;
use sso_core::time::Clock;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

#[derive(Debug, Args)]
pub(super) struct Verification {
    /// Metadata of the identity provider
    #[arg(long, value_name = "FILE", conflicts_with = "idp_cert")]
    idp_metadata: Option<PathBuf>,
    /// Certificate that the identity provider signs with, PEM or DER; repeats
    #[arg(long, value_name = "FILE")]
    idp_cert: Vec<PathBuf>,
    /// Entity ID of the identity provider; with --idp-metadata, which entity of an aggregate
    #[arg(long, value_name = "URI")]
    idp_entity_id: Option<String>,
    /// Our entity ID; with --protocol wsfed, the realm
    #[arg(long, value_name = "URI")]
    sp_entity_id: String,
    /// Our assertion consumer URL, compared exactly; with --protocol wsfed, where wresult is posted
    #[arg(long, value_name = "URL")]
    acs_url: String,
    /// ID of the request that the response must answer; without effect with --protocol wsfed
    #[arg(long, value_name = "ID", conflicts_with = "unsolicited")]
    request_id: Option<String>,
    /// The response must answer no request; without effect with --protocol wsfed
    #[arg(long)]
    unsolicited: bool,
    /// The time of the verification, instead of now
    #[arg(long, value_name = "RFC3339")]
    at: Option<String>,
    /// How far the clocks may differ
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    clock_skew: u32,
    /// Private key to decrypt with, PEM or DER; repeats
    #[arg(long, value_name = "FILE")]
    sp_key: Vec<PathBuf>,
    /// Grant every old algorithm of legacy_crypto
    #[arg(long)]
    allow_legacy: bool,
    /// Have samael with libxmlsec1 verify it too (verification dual)
    #[arg(long)]
    dual: bool,
    /// What the message is
    #[arg(long, value_enum, default_value_t = Protocol::Saml2)]
    protocol: Protocol,
    /// The message is in base64, as a form has it
    #[arg(long)]
    base64: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Protocol {
    Saml2,
    Wsfed,
}

/// The most bytes of a message that are read. Any that has more is too large for the verifier too.
const MOST_READ: u64 = 1024 * 1024;

/// Why the arguments cannot be used, in one sentence.
pub(super) type Unusable = String;

impl Verification {
    /// What the options describe.
    pub(super) fn case(&self) -> Result<Case, Unusable> {
        if self.dual && self.protocol == Protocol::Wsfed {
            return Err("--dual is for responses of SAML 2.0 alone".to_owned());
        }
        if self.dual && !connection::Verification::HAS_SECOND_ENGINE {
            return Err("--dual needs a build with the feature second-opinion".to_owned());
        }
        let now = match &self.at {
            Some(at) => OffsetDateTime::parse(at, &Rfc3339)
                .ok()
                .and_then(|at| at.checked_to_offset(UtcOffset::UTC))
                .ok_or_else(|| format!("--at {at} is not a time of RFC 3339"))?,
            None => SystemClock.now(),
        };
        let asked = match (self.protocol, &self.request_id) {
            (Protocol::Wsfed, _) => Asked::Token,
            (Protocol::Saml2, Some(id)) => Asked::Response(id.clone()),
            (Protocol::Saml2, None) if self.unsolicited => Asked::UnsolicitedResponse,
            (Protocol::Saml2, None) => {
                return Err("one of --request-id and --unsolicited is required".to_owned());
            }
        };
        Ok(Case { party: relying_party(self, now)?, asked, now })
    }

    /// The message in a file, decoded where it is in base64, or why that is none.
    pub(super) fn message(&self, file: &Path) -> Result<Result<Vec<u8>, Rejection>, Unusable> {
        let bytes = contents(file)?;
        if !self.base64 {
            return Ok(Ok(bytes));
        }
        let decoded = post::decode(&String::from_utf8_lossy(&bytes), None);
        Ok(decoded.map(|inbound| inbound.xml().to_owned()))
    }
}

fn relying_party(arguments: &Verification, now: OffsetDateTime) -> Result<RelyingParty, Unusable> {
    for (name, value) in
        [("--sp-entity-id", &arguments.sp_entity_id), ("--acs-url", &arguments.acs_url)]
    {
        if value.is_empty() {
            return Err(format!("{name} is empty"));
        }
    }
    let (idp_entity_id, keys) = match &arguments.idp_metadata {
        Some(file) => {
            from_metadata(file, arguments.idp_entity_id.as_deref(), arguments.protocol, now)?
        }
        None => from_certificates(arguments)?,
    };
    let trusted =
        TrustedKeys::new(keys).ok_or("one of --idp-metadata and --idp-cert is required")?;
    let decryption_keys = arguments.sp_key.iter().map(|file| private_key(file));
    let decryption_keys = decryption_keys.collect::<Result<_, _>>()?;
    let (sp_entity_id, acs_url) = (arguments.sp_entity_id.clone(), arguments.acs_url.clone());

    let mut party = RelyingParty::new(idp_entity_id, sp_entity_id, acs_url, trusted);
    party.clock_skew = Duration::seconds(arguments.clock_skew.into());
    party.decryption_keys = decryption_keys;
    if arguments.dual {
        party.verification = connection::Verification::Dual;
    }
    if arguments.allow_legacy {
        party.grants = LegacyCrypto::ALL.into();
    }
    Ok(party)
}

/// The entity ID and the signing keys that metadata names. A federation service that is described for SAML
/// 2.0 alone signs tokens with the same keys.
fn from_metadata(
    file: &Path,
    entity_id: Option<&str>,
    protocol: Protocol,
    now: OffsetDateTime,
) -> Result<(String, Vec<TrustedKey>), Unusable> {
    let unusable = |error: &dyn Display| format!("{}: {error}", file.display());
    let mut idp = metadata::import(&read(file)?, entity_id, now).map_err(|e| unusable(&e))?;
    match protocol {
        Protocol::Saml2 => {
            let saml2 = sso_core::connection::Protocol::Saml2;
            idp = idp.speaking(saml2).map_err(|e| unusable(&e))?;
        }
        Protocol::Wsfed => idp = idp.alternative.take().map_or(idp, |federation| *federation),
    }
    let keys = idp.signing_keys.iter().map(|der| TrustedKey::from_der(der));
    let keys = keys.collect::<Result<_, _>>().map_err(|e| unusable(&e))?;
    Ok((idp.entity_id, keys))
}

fn from_certificates(arguments: &Verification) -> Result<(String, Vec<TrustedKey>), Unusable> {
    let keys: Vec<_> =
        arguments.idp_cert.iter().map(|file| certificate(file)).collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Err("one of --idp-metadata and --idp-cert is required".to_owned());
    }
    let entity_id = arguments.idp_entity_id.clone().filter(|id| !id.is_empty());
    Ok((entity_id.ok_or("--idp-cert needs --idp-entity-id")?, keys))
}

/// An RSA key that decrypts, in PEM or DER and without a password.
fn private_key(file: &Path) -> Result<DecryptionKey, Unusable> {
    let bytes = read(file)?;
    let key = DecryptionKey::from_pem(&bytes).or_else(|_| DecryptionKey::from_der(&bytes));
    key.map_err(|_| {
        format!("{}: not a private RSA key in PEM or DER, without password", file.display())
    })
}

fn certificate(file: &Path) -> Result<TrustedKey, Unusable> {
    let bytes = read(file)?;
    let pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
    let key = if pem {
        TrustedKey::from_certificate_pem(&bytes)
    } else {
        TrustedKey::from_certificate_der(&bytes)
    };
    key.map_err(|error| format!("{}: {error}", file.display()))
}

fn read(file: &Path) -> Result<Vec<u8>, Unusable> {
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// What a file or standard input holds, or enough of it to know that it is too large.
fn contents(file: &Path) -> Result<Vec<u8>, Unusable> {
    input::read_at_most(file, MOST_READ).map_err(|error| format!("{}: {error}", file.display()))
}
