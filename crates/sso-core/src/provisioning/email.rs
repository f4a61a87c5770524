//! E-mail addresses that an assertion may speak for: those in a domain that the organization owns
//! (ATTACKS TEN-02). An identity provider that asserts another's address reaches no account by it.

use crate::error::{Code, Rejection};
use crate::org::Org;

/// An address in one of the organization's own domains. Nothing else makes an account or links one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEmail(String);

impl VerifiedEmail {
    /// Holds an asserted address to the organization's domains. A domain matches whole and without
    /// regard to ASCII case, never by a suffix; the address is kept as it came.
    ///
    /// # Errors
    /// [`Code::EmailDomainForeign`] where the domain is another's or the text is no address.
    pub fn new(asserted: &str, org: &Org) -> Result<Self, Rejection> {
        if is_in_domain_of(asserted, org) {
            return Ok(Self(asserted.to_owned()));
        }
        Err(foreign("e-mail", asserted, org))
    }

    /// The address, as asserted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Holds a `uid` to the same rule (SPEC 9: "with the e-mail domain").
pub(super) fn check_uid_domain(uid: &str, org: &Org) -> Result<(), Rejection> {
    if is_in_domain_of(uid, org) { Ok(()) } else { Err(foreign("uid", uid, org)) }
}

/// The local part is neither empty nor has white space, control characters or another `@` in it:
/// `ann@other.example@corp.example` is read differently by different mail programs.
fn is_in_domain_of(address: &str, org: &Org) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    !local.is_empty()
        && !local.chars().any(|c| c.is_whitespace() || c.is_control())
        && org.domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
}

fn foreign(what: &str, found: &str, org: &Org) -> Rejection {
    let expected = if org.domains.is_empty() {
        format!("{what} in a domain of the organization, which has none yet")
    } else {
        format!("{what} in one of the domains {}", org.domains.join(", "))
    };
    Rejection::new(Code::EmailDomainForeign, expected, found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provisioning::test_support::org;

    #[test]
    fn only_the_organizations_own_domains() {
        let org = org();
        for address in
            ["ann@corp.example", "Ann.Lee+x@CORP.Example", "ann@eu.corp.example", "ü@corp.example"]
        {
            assert_eq!(VerifiedEmail::new(address, &org).map(|e| e.0), Ok(address.to_owned()));
        }
        for address in [
            "",
            "ann",
            "@corp.example",
            "corp.example",
            "ann@",
            "ann@other.example",
            "ann@xcorp.example",
            "ann@us.corp.example",
            "ann@corp.example.other.example",
            "ann@corp.example.",
            "ann@corp.example ",
            " ann@corp.example",
            "an n@corp.example",
            "ann\u{85}@corp.example",
            "ann@other.example@corp.example",
            "ann@corp.example@other.example",
            "ann@ｃorp.example",
        ] {
            let refused = VerifiedEmail::new(address, &org).map_err(|r| r.code);
            assert_eq!(refused, Err(Code::EmailDomainForeign), "{address:?}");
        }
    }
}
