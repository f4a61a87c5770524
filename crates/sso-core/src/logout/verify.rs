//! From a logout message to the proof that the identity provider sent it (SPEC 4, 5.3; SAML Profiles 4.4).
//!
//! The order of the steps decides the code when a message has several defects, as with responses: parse,
//! structure, outside, signature, decryption, rules.

use super::{LogoutParty, ReceivedLogout, VerifiedLogoutRequest, VerifiedLogoutResponse};
use crate::connection::{LegacyCrypto, MAX_CLOCK_SKEW_SECONDS};
use crate::dsig::{Policy, Recipient, SignedXml};
use crate::encoding::encode_hex;
use crate::error::{Code, Rejection};
use crate::login::{NameIdKey, ReplayRecord, Trace};
use crate::saml::logout::{
    Expected, Kind, LogoutRequest, LogoutResponse, MAX_AGE, Outside, outside, request, response,
};
use crate::saml::{Ciphertexts, Report};
use std::collections::BTreeSet;
use time::Duration;

/// Verifies a request of the identity provider to end a person's sessions. The trace gets a step for each
/// rule.
///
/// # Errors
/// The refusal by the first rule that is broken, which is also the trace's last step.
pub fn verify_request(
    received: ReceivedLogout<'_>,
    party: &LogoutParty<'_>,
    trace: &mut Trace,
) -> Result<VerifiedLogoutRequest, Rejection> {
    let verified = trace.rules(|report| {
        let (signed, expected) = signed(received, Kind::Request, party, None, report)?;
        let recipient = Recipient {
            entity_id: &party.party.sp_entity_id,
            keys: &party.party.decryption_keys,
            grants: &party.party.grants,
        };
        let ciphertexts = Ciphertexts::decrypt(&signed, &recipient)?;
        let parts = ciphertexts.parse()?;
        let read = LogoutRequest::read(&signed, &parts)?;
        request(&read, &expected, report)?;
        let mut legacy_used = signed.legacy_used().clone();
        legacy_used.extend(ciphertexts.legacy_used());
        verified_request(read, party, legacy_used)
    })?;
    note_legacy(&verified.legacy_used, trace);
    Ok(verified)
}

/// Verifies the answer to a logout request of ours, whose ID is `request_id`.
///
/// # Errors
/// As [`verify_request`].
pub fn verify_response(
    received: ReceivedLogout<'_>,
    party: &LogoutParty<'_>,
    request_id: &str,
    trace: &mut Trace,
) -> Result<VerifiedLogoutResponse, Rejection> {
    let (verified, legacy_used) = trace.rules(|report| {
        let (signed, expected) = signed(received, Kind::Response, party, Some(request_id), report)?;
        let read = LogoutResponse::read(&signed)?;
        response(&read, &expected, report)?;
        Ok((VerifiedLogoutResponse { partial: read.partial }, signed.legacy_used().clone()))
    })?;
    note_legacy(&legacy_used, trace);
    Ok(verified)
}

/// The message as a signature of the connection's keys covers it.
fn signed<'m, 'e>(
    received: ReceivedLogout<'m>,
    kind: Kind,
    party: &'e LogoutParty<'_>,
    request_id: Option<&'e str>,
    report: &mut Report<'_>,
) -> Result<(SignedXml<'m>, Expected<'e>), Rejection> {
    let seen = Outside::read(received.root()?, kind)?;
    let inside = seen.signature.as_ref();
    let expected = party.expected(received.is_signed(inside), request_id);
    outside(&seen, &expected, report)?;
    let policy = Policy {
        grants: &party.party.grants,
        now: party.now,
        enforce_certificate_validity: party.party.enforce_certificate_validity,
    };
    let signed = received.verify(inside, &party.party.trusted, &policy)?;
    report.rule(Code::SignatureInvalid, true, || {
        let key = encode_hex(signed.fingerprint());
        ("the signature of a trusted key", format!("{} signed by the key of {key}", kind.name()))
    })?;
    Ok((signed, expected))
}

/// The one place that makes a [`VerifiedLogoutRequest`].
fn verified_request(
    read: LogoutRequest<'_>,
    party: &LogoutParty<'_>,
    legacy_used: BTreeSet<LegacyCrypto>,
) -> Result<VerifiedLogoutRequest, Rejection> {
    let missing = || Rejection::new(Code::NameIdMissing, "a NameID", "no NameID");
    let name_id = read.name_id.ok_or_else(missing)?;
    // Under whichever of its names the identity provider speaks, its people are known by this one.
    let issuer = party.party.idp_entity_id.clone();
    let too_old = read.issue_instant.saturating_add(MAX_AGE);
    let end = read.not_on_or_after.map_or(too_old, |end| end.min(too_old));
    Ok(VerifiedLogoutRequest {
        id: read.id.to_owned(),
        name_id: NameIdKey {
            issuer: issuer.clone(),
            format: name_id.format.map(str::to_owned),
            name_qualifier: name_id.name_qualifier.map(str::to_owned),
            sp_name_qualifier: name_id.sp_name_qualifier.map(str::to_owned),
            value: name_id.value.into_owned(),
        },
        session_indexes: read.session_indexes.into_iter().map(|it| it.into_owned()).collect(),
        replay: ReplayRecord {
            issuer,
            assertion_id: read.id.to_owned(),
            issued_at: read.issue_instant,
            // The greatest skew, not today's: one that is raised later must not bring it back.
            expires_at: end.saturating_add(Duration::seconds(MAX_CLOCK_SKEW_SECONDS.into())),
        },
        legacy_used,
    })
}

fn note_legacy(legacy_used: &BTreeSet<LegacyCrypto>, trace: &mut Trace) {
    for legacy in legacy_used {
        trace.legacy_used(*legacy);
    }
}
