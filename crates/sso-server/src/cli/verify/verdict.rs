//! The verdict as one JSON object on one line (SPEC 14).

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sso_core::error::Rejection;
use sso_core::login::VerifiedLogin;

/// The line, without its end.
pub(super) fn line(verdict: &Result<VerifiedLogin, Rejection>) -> String {
    let line = match verdict {
        Ok(login) => serde_json::to_string(&Accepted::from(login)),
        Err(rejection) => serde_json::to_string(&Rejected::from(rejection)),
    };
    line.unwrap_or_default()
}

#[derive(Serialize)]
struct Accepted<'a> {
    verdict: &'static str,
    issuer: &'a str,
    name_id: NameId<'a>,
    session_index: Option<&'a str>,
    authn_context: Option<&'a str>,
    #[serde(serialize_with = "as_map")]
    attributes: &'a [(String, Vec<String>)],
}

#[derive(Serialize)]
struct NameId<'a> {
    format: Option<&'a str>,
    value: &'a str,
}

impl<'a> From<&'a VerifiedLogin> for Accepted<'a> {
    fn from(login: &'a VerifiedLogin) -> Self {
        let name_id = login.name_id();
        Self {
            verdict: "accepted",
            issuer: login.issuer(),
            name_id: NameId { format: name_id.format.as_deref(), value: &name_id.value },
            session_index: login.session_index(),
            authn_context: login.authn_context(),
            attributes: login.attributes(),
        }
    }
}

/// An object in the order of the assertion.
fn as_map<S: Serializer>(
    attributes: &[(String, Vec<String>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(attributes.len()))?;
    for (name, values) in attributes {
        map.serialize_entry(name, values)?;
    }
    map.end()
}

#[derive(Serialize)]
struct Rejected<'a> {
    verdict: &'static str,
    code: &'static str,
    rule: &'static str,
    expected: &'a str,
    found: &'a str,
    hint: &'static str,
}

impl<'a> From<&'a Rejection> for Rejected<'a> {
    fn from(rejection: &'a Rejection) -> Self {
        Self {
            verdict: "rejected",
            code: rejection.code.as_str(),
            rule: rejection.code.clause(),
            expected: &rejection.expected,
            found: &rejection.found,
            hint: rejection.code.hint(),
        }
    }
}
