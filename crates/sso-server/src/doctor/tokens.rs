//! Tokens of organizations that end soon, and with them the scripts that use them (SPEC 6).

use super::{Finding, Severity};
use sso_core::store::ApiToken;
use time::{Duration, OffsetDateTime};

/// How long before its end a token is spoken of.
const SOON: Duration = Duration::days(30);

/// A token of an organization.
pub(crate) fn check(token: &ApiToken, now: OffsetDateTime) -> Option<Finding> {
    let ApiToken { id, description, expires_at, .. } = token;
    let (severity, code, ends) = match *expires_at - now {
        left if left <= Duration::ZERO => (Severity::Notice, "api_token_expired", "has expired"),
        left if left <= SOON => (Severity::Warning, "api_token_expiring", "expires soon"),
        _ => return None,
    };
    let what = format!("The token {description:?} ({id}) {ends}.");
    let mend = "`sso-server token create` for who uses it still, then `token revoke`.";
    Some(Finding::new(severity, code, what, mend).at(*expires_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sso_core::ids::ApiTokenId;
    use sso_core::store::TokenRight;
    use time::macros::datetime;

    #[test]
    fn the_end_of_a_token_is_told_in_time() {
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let found = |days| {
            let token = ApiToken {
                id: ApiTokenId::from_bytes([0; 16]),
                org: "acme".parse().expect("a name"),
                description: "nightly".to_owned(),
                right: TokenRight::UserAdmin,
                created_by: "operator".to_owned(),
                created_at: now,
                expires_at: now + Duration::days(days),
            };
            check(&token, now).map(|finding| (finding.severity, finding.code))
        };
        assert_eq!(found(31), None);
        assert_eq!(found(30), Some((Severity::Warning, "api_token_expiring")));
        assert_eq!(found(0), Some((Severity::Notice, "api_token_expired")));
    }
}
