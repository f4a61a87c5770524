//! The rules of an answer's unsigned outside: each can refuse, none supplies a value (SPEC 3; ATTACKS
//! WSF-02, WSF-03). The token must say the same by itself.

use super::TokenResponse;
use crate::error::{Code, Rejection};
use crate::saml::rules::Expected;
use crate::saml::{Report, time};
use crate::xml::{Element, ns};
use ::time::OffsetDateTime;
use url::Url;

type Outcome = Result<(), Rejection>;

/// Holds the outside of an answer to its rules.
///
/// # Errors
/// The refusal of the first rule that is broken: `applies_to`, `not_yet_valid`, `expired`; `invalid_time` and
/// `schema_violation` for a `Lifetime` that is none.
pub fn outside(
    response: &TokenResponse<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    applies_to(response, expected, report)?;
    lifetime(response, expected, report)
}

/// Whatever `AppliesTo` names is us. It is found by its name alone, in each version of WS-Policy and
/// WS-Addressing: what can only refuse may be looked for widely. A URL may be written another way: Entra
/// answers `http://app/` to the realm `http://App`, whose token has the audience letter for letter.
fn applies_to(
    response: &TokenResponse<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let scopes = response.response.children().filter(|child| child.local_name() == "AppliesTo");
    let addresses = scopes.flat_map(Element::descendants);
    for address in addresses.filter(|element| element.local_name() == "Address") {
        let address = address.text()?;
        report.rule(Code::AppliesTo, is_same(&address, expected.sp_entity_id), || {
            (expected.sp_entity_id.to_owned(), address.into_owned())
        })?;
    }
    Ok(())
}

fn is_same(one: &str, other: &str) -> bool {
    one == other || Url::parse(one).is_ok_and(|one| Url::parse(other) == Ok(one))
}

/// `Lifetime` has begun and has not ended.
fn lifetime(
    response: &TokenResponse<'_>,
    expected: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let Some(lifetime) = response.response.child(response.response.namespace(), "Lifetime")? else {
        return Ok(());
    };
    let instant = |name| -> Result<Option<OffsetDateTime>, Rejection> {
        let element = lifetime.child(ns::WSU, name)?;
        element.map(|element| time::read(&element.text()?)).transpose()
    };
    if let Some(created) = instant("Created")? {
        report.rule(Code::NotYetValid, expected.present().has_come(created), || {
            (format!("after Created of Lifetime: now {}", expected.present()), time::write(created))
        })?;
    }
    if let Some(expires) = instant("Expires")? {
        report.rule(Code::Expired, expected.present().is_ahead(expires), || {
            (
                format!("before Expires of Lifetime: now {}", expected.present()),
                time::write(expires),
            )
        })?;
    }
    Ok(())
}
