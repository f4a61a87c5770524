//! The master keys: a rotation that was begun and not ended (SPEC 14).

use super::{Finding, Severity};
use sso_store::MasterKeyUse;

/// Looks at the versions of the database, the newest last, and at how many keys the key file has.
pub(crate) fn check(used: &[MasterKeyUse], keys: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find =
        |severity, code, what, mend| findings.push(Finding::new(severity, code, what, mend));
    let newest = used.last().map(|newest| newest.version);
    let old: u64 =
        used.iter().filter(|used| Some(used.version) != newest).map(|used| used.secrets).sum();
    let is_first = used.last().is_some_and(|newest| newest.place == Some(0));
    if used.len() > 1 {
        find(
            Severity::Warning,
            "master_key_rotation_unfinished",
            format!("{old} secrets are sealed under an old master key still."),
            "`sso-server master-key reseal`.",
        );
    } else if keys > 1 && !is_first {
        find(
            Severity::Warning,
            "master_key_not_in_use",
            "Nothing is sealed under the first key of the key file yet.".to_owned(),
            "Copy the file to every node, then `sso-server master-key reseal`.",
        );
    } else if keys > 1 {
        find(
            Severity::Notice,
            "master_key_not_needed",
            format!("{} keys of the key file open nothing any more.", keys - 1),
            "`sso-server master-key drop`; keep them with the backups from before.",
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_of_a_rotation_is_told() {
        let version = |version, place, secrets| MasterKeyUse { version, place, secrets };
        for (used, keys, code) in [
            (vec![version(1, Some(0), 3)], 1, None),
            (vec![version(1, Some(1), 3)], 2, Some("master_key_not_in_use")),
            (
                vec![version(1, Some(1), 2), version(2, Some(0), 1)],
                2,
                Some("master_key_rotation_unfinished"),
            ),
            (vec![version(2, Some(0), 3)], 2, Some("master_key_not_needed")),
            (vec![version(2, Some(0), 3)], 1, None),
        ] {
            let found = check(&used, keys);
            assert_eq!(found.first().map(|finding| finding.code), code);
            assert!(found.len() < 2);
        }
    }
}
