//! Metadata that is not refreshed, or waits for an approval: what breaks by it, and when at the latest
//! (SPEC 2, 14).

use super::{Finding, Severity};
use crate::metadata::told;
use sso_core::certs;
use sso_core::connection::Connection;
use sso_core::metadata::{MetadataSource, Proposal, RefreshFailure};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// From how late on a refresh is overdue: a service that runs does it within minutes.
const OVERDUE: Duration = Duration::hours(1);

/// Where a connection's metadata comes from, and how its refreshes stand.
pub(crate) fn check(
    connection: &Connection,
    source: &MetadataSource,
    now: OffsetDateTime,
) -> Vec<Finding> {
    let end = keys_end(connection);
    let failing = source.failure.as_ref().map(|failure| failing(source, failure, end, now));
    let overdue = source.due_at.filter(|due| now - *due > OVERDUE).map(overdue);
    let waiting = source.proposal.as_ref().map(|proposal| waiting(connection, proposal, end));
    [failing, overdue, waiting, rejected(source)].into_iter().flatten().collect()
}

/// When the last of the keys ends that are known by metadata: by then the identity provider has another one.
fn keys_end(connection: &Connection) -> Option<OffsetDateTime> {
    let certificates = connection.metadata_certificates.iter();
    certificates.filter_map(|der| Some(certs::inspect(der).ok()?.not_after)).max()
}

fn failing(
    source: &MetadataSource,
    failure: &RefreshFailure,
    end: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Finding {
    let RefreshFailure { code, detail, .. } = failure;
    let is_soon = end.is_some_and(|end| end - now <= Duration::WEEK);
    let severity = if is_soon { Severity::Error } else { Severity::Warning };
    let since = source.checked_at.format(&Rfc3339).unwrap_or_default();
    let what = format!(
        "The metadata was not refreshed since {since} ({code}): {detail} Everybody is refused once the \
         identity provider signs with a key that is not known yet{}.",
        by(end)
    );
    let mend = "`sso-server org connection refresh` tries it now; import it from another address, or the \
                new certificate by hand.";
    ending(Finding::new(severity, "metadata_refresh_failing", what, mend), end)
}

fn overdue(due: OffsetDateTime) -> Finding {
    let what = "The metadata was to be refreshed, and was not.";
    let mend = "See that the service runs, and its log.";
    Finding::new(Severity::Warning, "metadata_refresh_overdue", what, mend).at(due)
}

fn waiting(connection: &Connection, proposal: &Proposal, end: Option<OffsetDateTime>) -> Finding {
    let Proposal { found_at, connection_revision, changes, .. } = proposal;
    let has = |field| changes.iter().any(|change| change.field == field);
    let (severity, until_then) = if has("idp_certificates") {
        (Severity::Error, format!("whoever comes signed by a new key is refused{}", by(end)))
    } else if has("idp_entity_id") {
        (Severity::Error, "whoever comes under the new entity ID is refused".to_owned())
    } else {
        (Severity::Warning, "people are sent to the old address".to_owned())
    };
    let since = found_at.format(&Rfc3339).unwrap_or_default();
    let what = format!(
        "Changed metadata waits for an approval since {since}; until then {until_then}. It changes {}.",
        told(changes)
    );
    let mend = match *connection_revision == connection.revision {
        true => "`sso-server org connection metadata-state` shows it; then `approve`, or `reject`.",
        false => {
            "The connection was changed meanwhile: `sso-server org connection refresh` compares it anew; \
             then `approve`, or `reject`."
        }
    };
    let finding = Finding::new(severity, "metadata_approval_waiting", what, mend);
    if has("idp_certificates") { ending(finding, end) } else { finding }
}

fn rejected(source: &MetadataSource) -> Option<Finding> {
    let what = format!(
        "The metadata has changes that were rejected, and nothing of it is used: {}.",
        told(&source.rejected)
    );
    let mend = "See that the identity provider's administrator knows; an import takes it as it is.";
    let finding = Finding::new(Severity::Notice, "metadata_change_rejected", what, mend);
    (!source.rejected.is_empty()).then_some(finding)
}

fn by(end: Option<OffsetDateTime>) -> &'static str {
    if end.is_some() { ", which it must when the last one known ends" } else { "" }
}

fn ending(finding: Finding, end: Option<OffsetDateTime>) -> Finding {
    match end {
        Some(end) => finding.at(end),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sso_core::ambient::SystemRandom;
    use sso_core::certs::{NewKey, generate};
    use sso_core::connection::Slot;
    use sso_core::ids::ConnectionId;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    /// A connection with keys that end in so many days.
    fn connection(days: &[i64]) -> Connection {
        let settings = json!({
            "sp_entity_id": "https://sso.example/saml/acme/metadata",
            "idp_entity_id": "https://idp.example",
            "sso_url": "https://idp.example/sso",
        });
        let certificate = |days: &i64| {
            let made_at = NOW + Duration::days(days - 90);
            let made = generate("idp", 90, NewKey::P256, made_at, &SystemRandom);
            made.expect("a certificate").der
        };
        Connection {
            id: ConnectionId::from_bytes([0; 16]),
            org: "acme".parse().expect("a name"),
            slot: Slot::Live,
            revision: 7,
            settings: serde_json::from_value(settings).expect("settings"),
            metadata_certificates: days.iter().map(certificate).collect(),
            metadata_document: None,
        }
    }

    fn source() -> MetadataSource {
        MetadataSource {
            connection: ConnectionId::from_bytes([0; 16]),
            revision: 1,
            url: None,
            entity_id: None,
            pin: None,
            taken_at: NOW,
            valid_until: None,
            cache_duration: None,
            validators: Default::default(),
            checked_at: NOW - Duration::DAY,
            due_at: Some(NOW + Duration::HOUR),
            failure: None,
            proposal: None,
            rejected: Vec::new(),
        }
    }

    fn proposal(field: &str) -> Proposal {
        let change = json!({"field": field, "from": "old", "to": "new", "needs_approval": true});
        Proposal {
            found_at: NOW,
            connection_revision: 7,
            changes: vec![serde_json::from_value(change).expect("a change")],
            document: String::new(),
        }
    }

    fn found(days: &[i64], source: &MetadataSource) -> Vec<(Severity, &'static str, Value)> {
        let findings = check(&connection(days), source, NOW).into_iter();
        let at = |finding: &Finding| serde_json::to_value(finding).expect("JSON")["at"].clone();
        findings.map(|finding| (finding.severity, finding.code, at(&finding))).collect()
    }

    #[test]
    fn metadata_that_is_well_is_passed_over() {
        assert_eq!(found(&[90], &source()), []);
        assert_eq!(found(&[90], &MetadataSource { due_at: None, ..source() }), []);
        let late = MetadataSource { due_at: Some(NOW - OVERDUE), ..source() };
        assert_eq!(found(&[90], &late), []);
    }

    #[test]
    fn a_refresh_that_fails_is_told_with_what_it_breaks_and_when() {
        let failure = RefreshFailure {
            code: "host_timed_out".to_owned(),
            detail: "The host did not answer in time.".to_owned(),
            at: NOW,
            times: 3,
        };
        let failing = MetadataSource { failure: Some(failure), ..source() };
        let code = "metadata_refresh_failing";
        // The last of the keys counts: until it ends, the identity provider may go on with it.
        let expected = (Severity::Warning, code, json!("2026-04-12T03:04:05Z"));
        assert_eq!(found(&[3, 100], &failing), [expected]);
        let expected = (Severity::Error, code, json!("2026-01-09T03:04:05Z"));
        assert_eq!(found(&[3, 7], &failing), [expected]);
        assert_eq!(found(&[], &failing), [(Severity::Warning, code, Value::Null)]);
        let told = check(&connection(&[3]), &failing, NOW).remove(0).what;
        let begins = "The metadata was not refreshed since 2026-01-01T03:04:05Z (host_timed_out): The host \
                      did not answer in time. Everybody is refused once";
        assert!(told.starts_with(begins) && told.ends_with('.'), "{told}");
    }

    #[test]
    fn a_refresh_that_is_not_done_is_told() {
        let due = NOW - OVERDUE - Duration::SECOND;
        let overdue = MetadataSource { due_at: Some(due), ..source() };
        let at = json!("2026-01-02T02:04:04Z");
        assert_eq!(found(&[90], &overdue), [(Severity::Warning, "metadata_refresh_overdue", at)]);
    }

    #[test]
    fn what_waits_and_what_was_rejected_is_told() {
        let end = json!("2026-04-02T03:04:05Z");
        for (field, severity, at) in [
            ("idp_certificates", Severity::Error, end),
            ("idp_entity_id", Severity::Error, Value::Null),
            ("sso_url", Severity::Warning, Value::Null),
            ("logout_url", Severity::Warning, Value::Null),
        ] {
            let waiting = MetadataSource { proposal: Some(proposal(field)), ..source() };
            assert_eq!(found(&[90], &waiting), [(severity, "metadata_approval_waiting", at)]);
            let told = check(&connection(&[90]), &waiting, NOW).remove(0);
            let change = format!("{field}: \"old\" -> \"new\"");
            assert!(told.what.contains(&change) && !told.mend.contains("refresh"), "{told:?}");
        }
        let outdated = Proposal { connection_revision: 6, ..proposal("sso_url") };
        let waiting = MetadataSource { proposal: Some(outdated), ..source() };
        assert!(check(&connection(&[90]), &waiting, NOW).remove(0).mend.contains("refresh"));

        let rejected = MetadataSource { rejected: proposal("sso_url").changes, ..source() };
        let expected = (Severity::Notice, "metadata_change_rejected", Value::Null);
        assert_eq!(found(&[90], &rejected), [expected]);
    }
}
