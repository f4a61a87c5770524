//! Certificates that have expired or will, of the service and of identity providers (SPEC 7, 8).

use super::{Finding, Severity};
use sso_core::certs::{CertificateDetails, CertificateState};
use time::{Duration, OffsetDateTime};

/// From how long before its end on a certificate is spoken of: the first of the notices of SPEC 7.
const SOON: Duration = Duration::days(60);
/// From when on its end is urgent.
const URGENT: Duration = Duration::days(7);

/// A certificate of the service.
pub(crate) struct Own {
    pub(crate) alias: String,
    pub(crate) state: CertificateState,
    pub(crate) details: CertificateDetails,
}

impl Own {
    /// Whether it decrypts what an identity provider encrypts to it: its key is RSA and not retired.
    fn decrypts(&self) -> bool {
        self.state.decrypts() && self.details.public_key.algorithm == "RSA"
    }
}

/// What a connection needs of the certificates of the service.
#[derive(Clone, Copy, Default)]
pub(crate) struct Need {
    /// It signs AuthnRequests or logout messages.
    pub(crate) signs: bool,
    /// It takes encrypted assertions alone.
    pub(crate) decrypts: bool,
}

/// The certificates of the service, of one organization.
pub(crate) fn check_own(certificates: &[Own], need: Need, now: OffsetDateTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    if need.signs && !certificates.iter().any(|certificate| certificate.state.signs()) {
        findings.push(Finding::new(
            Severity::Error,
            "service_certificate_missing",
            "AuthnRequests or logout messages are to be signed, and no service certificate is active.",
            "`sso-server cert generate`, then `cert activate`.",
        ));
    }
    if need.decrypts && !certificates.iter().any(Own::decrypts) {
        findings.push(Finding::new(
            Severity::Error,
            "decryption_key_missing",
            "Assertions must be encrypted, and no service certificate with an RSA key is there to \
             encrypt to.",
            "`sso-server cert generate`, then give the identity provider our metadata again.",
        ));
    }
    findings.extend(certificates.iter().filter_map(|certificate| own(certificate, need, now)));
    findings
}

fn own(certificate: &Own, need: Need, now: OffsetDateTime) -> Option<Finding> {
    let Own { alias, state, details } = certificate;
    let (used, mend) = match state {
        CertificateState::Retired => return None,
        CertificateState::Active => (
            "signs what is sent",
            "`sso-server cert generate`, give the identity provider our metadata, then `cert activate`.",
        ),
        CertificateState::Next => ("is to sign next", "Generate another one instead."),
        CertificateState::Previous => {
            let past = details.not_after <= now;
            let what = format!("The service certificate {alias:?}, a previous one, has expired.");
            let mend = "`sso-server cert retire`, once nothing is encrypted to it any more.";
            return past.then(|| {
                Finding::new(Severity::Notice, "service_certificate_previous_expired", what, mend)
                    .at(details.not_after)
            });
        }
    };
    let worst = if need.signs && state.signs() { Severity::Error } else { Severity::Warning };
    let what = format!("The service certificate {alias:?}, which {used},");
    if details.not_before > now {
        let what = format!("{what} is not yet valid.");
        let mend = "Check the clock, or activate another one.";
        let code = "service_certificate_not_yet_valid";
        return Some(Finding::new(worst, code, what, mend).at(details.not_before));
    }
    let (severity, ends) = ending(details.not_after, now, worst)?;
    let code = match ends {
        Ends::Past => "service_certificate_expired",
        Ends::Soon(_) => "service_certificate_expiring",
    };
    Some(Finding::new(severity, code, format!("{what} {ends}."), mend).at(details.not_after))
}

/// A key that the identity provider's signatures are held to.
pub(crate) struct Trusted {
    /// What a person knows it by.
    pub(crate) name: String,
    /// The certificate; `None` for a bare key, which does not expire.
    pub(crate) details: Option<CertificateDetails>,
}

/// The keys that a connection trusts. `enforce`: an expired certificate is refused.
pub(crate) fn check_idp(keys: &[Trusted], enforce: bool, now: OffsetDateTime) -> Vec<Finding> {
    if keys.is_empty() {
        return vec![Finding::new(
            Severity::Error,
            "idp_key_missing",
            "No key of the identity provider is known, so that no response can be verified.",
            "`sso-server org connection import`, or `sso-server cert idp import`.",
        )];
    }
    // Where one goes on, the identity provider is most likely in the middle of a rotation.
    let goes_on = keys
        .iter()
        .any(|key| key.details.as_ref().is_none_or(|details| details.not_after > now + SOON));
    let findings = keys.iter().filter_map(|key| {
        let details = key.details.as_ref()?;
        let worst = match (goes_on, enforce) {
            (true, _) => Severity::Notice,
            (false, true) => Severity::Error,
            (false, false) => Severity::Warning,
        };
        let (severity, ends) = ending(details.not_after, now, worst)?;
        let (code, refused) = match ends {
            Ends::Past if enforce => ("idp_certificate_expired", " Its signatures are refused."),
            Ends::Past => ("idp_certificate_expired", " Its signatures still count."),
            Ends::Soon(_) => ("idp_certificate_expiring", ""),
        };
        let what = format!("The identity provider's certificate {:?} {ends}.{refused}", key.name);
        let mend = match goes_on {
            true => "Remove it when the identity provider signs with another one.",
            false => "Get the next one from the identity provider: `sso-server cert idp import`.",
        };
        Some(Finding::new(severity, code, what, mend).at(details.not_after))
    });
    findings.collect()
}

/// How a certificate ends.
enum Ends {
    Past,
    /// In so many days.
    Soon(i64),
}

impl std::fmt::Display for Ends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Past => f.write_str("has expired"),
            Self::Soon(0) => f.write_str("expires within a day"),
            Self::Soon(1) => f.write_str("expires in a day"),
            Self::Soon(days) => write!(f, "expires in {days} days"),
        }
    }
}

/// How a certificate ends, if soon, and how bad that is: `worst` once it is urgent.
fn ending(
    not_after: OffsetDateTime,
    now: OffsetDateTime,
    worst: Severity,
) -> Option<(Severity, Ends)> {
    let left = not_after - now;
    match left {
        left if left <= Duration::ZERO => Some((worst, Ends::Past)),
        left if left <= URGENT => Some((worst, Ends::Soon(left.whole_days()))),
        left if left <= SOON => Some((worst.max(Severity::Warning), Ends::Soon(left.whole_days()))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CertificateState::{Active, Next, Previous, Retired};
    use sso_core::certs::PublicKeyDetails;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    fn details(days: i64, algorithm: &str) -> CertificateDetails {
        CertificateDetails {
            version: 3,
            fingerprint_sha256: String::new(),
            subject: String::new(),
            issuer: String::new(),
            serial: String::new(),
            signature_algorithm: String::new(),
            public_key: PublicKeyDetails { algorithm: algorithm.to_owned(), bits: 2048 },
            not_before: NOW - Duration::days(1),
            not_after: NOW + Duration::days(days),
            pem: String::new(),
        }
    }

    fn own(state: CertificateState, days: i64) -> Own {
        Own { alias: "a".to_owned(), state, details: details(days, "RSA") }
    }

    fn found(findings: Vec<Finding>) -> Vec<(Severity, &'static str)> {
        findings.iter().map(|finding| (finding.severity, finding.code)).collect()
    }

    const SIGNS: Need = Need { signs: true, decrypts: false };

    #[test]
    fn the_end_of_a_certificate_that_signs_is_told_in_time() {
        use Severity::{Error, Warning};
        for (days, expected) in [
            (61, None),
            (60, Some((Warning, "service_certificate_expiring"))),
            (8, Some((Warning, "service_certificate_expiring"))),
            (7, Some((Error, "service_certificate_expiring"))),
            (0, Some((Error, "service_certificate_expired"))),
            (-400, Some((Error, "service_certificate_expired"))),
        ] {
            let findings = check_own(&[own(Active, days)], SIGNS, NOW);
            assert!(findings.iter().all(|f| f.at == Some(NOW + Duration::days(days))));
            assert_eq!(found(findings), Vec::from_iter(expected), "{days}");
        }
        let what = &check_own(&[own(Active, 14)], SIGNS, NOW)[0].what;
        assert_eq!(
            what,
            "The service certificate \"a\", which signs what is sent, expires in 14 days."
        );
    }

    #[test]
    fn one_that_nothing_depends_on_is_no_error() {
        let unused = Need::default();
        assert_eq!(
            found(check_own(&[own(Active, -1)], unused, NOW)),
            [(Severity::Warning, "service_certificate_expired")]
        );
        assert_eq!(
            found(check_own(&[own(Active, 99), own(Next, 5)], SIGNS, NOW)),
            [(Severity::Warning, "service_certificate_expiring")]
        );
        assert_eq!(
            found(check_own(&[own(Active, 99), own(Previous, -1)], SIGNS, NOW)),
            [(Severity::Notice, "service_certificate_previous_expired")]
        );
        assert_eq!(found(check_own(&[own(Active, 99), own(Retired, -1)], SIGNS, NOW)), []);
    }

    #[test]
    fn one_that_is_missing_or_not_yet_valid_is_found() {
        assert_eq!(
            found(check_own(&[own(Next, 99)], SIGNS, NOW)),
            [(Severity::Error, "service_certificate_missing")]
        );
        let mut early = own(Active, 99);
        early.details.not_before = NOW + Duration::seconds(1);
        assert_eq!(
            found(check_own(&[early], SIGNS, NOW)),
            [(Severity::Error, "service_certificate_not_yet_valid")]
        );
    }

    #[test]
    fn what_must_be_encrypted_needs_a_key_that_decrypts() {
        let need = Need { signs: false, decrypts: true };
        let ec = Own { details: details(99, "EC"), ..own(Active, 99) };
        for certificates in [vec![], vec![ec], vec![own(Retired, 99)]] {
            assert_eq!(
                found(check_own(&certificates, need, NOW)),
                [(Severity::Error, "decryption_key_missing")]
            );
        }
        assert_eq!(found(check_own(&[own(Next, 99)], need, NOW)), []);
    }

    fn key(days: Option<i64>) -> Trusted {
        Trusted { name: "k".to_owned(), details: days.map(|days| details(days, "RSA")) }
    }

    #[test]
    fn an_identity_provider_without_a_key_signs_nobody_in() {
        assert_eq!(found(check_idp(&[], false, NOW)), [(Severity::Error, "idp_key_missing")]);
        assert_eq!(found(check_idp(&[key(None)], true, NOW)), []);
    }

    #[test]
    fn the_last_key_of_an_identity_provider_ends_in_time() {
        use Severity::{Error, Notice, Warning};
        for (keys, enforce, expected) in [
            (vec![key(Some(61))], true, vec![]),
            (vec![key(Some(60))], true, vec![(Warning, "idp_certificate_expiring")]),
            (vec![key(Some(1))], true, vec![(Error, "idp_certificate_expiring")]),
            (vec![key(Some(1))], false, vec![(Warning, "idp_certificate_expiring")]),
            (vec![key(Some(-1))], true, vec![(Error, "idp_certificate_expired")]),
            (vec![key(Some(-1))], false, vec![(Warning, "idp_certificate_expired")]),
            // The next one is there.
            (vec![key(Some(1)), key(Some(99))], true, vec![(Notice, "idp_certificate_expiring")]),
            (vec![key(Some(-1)), key(None)], true, vec![(Notice, "idp_certificate_expired")]),
        ] {
            assert_eq!(found(check_idp(&keys, enforce, NOW)), expected);
        }
    }
}
