//! Messages presented elsewhere, later, or as something that they are not (ATTACKS 8).

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::attacker::answer;
use super::case::{Asked, Circumstance};
use super::edit::{Edit, copy};
use super::genuine::Base;
use sso_core::error::Code::{
    AppliesTo, Audience, Destination, DigestMismatch, Expired, InResponseTo, Issuer,
    NameIdQualifier, NotYetValid, Recipient, StatusNotSuccess, TooOld, UnexpectedMessage, Version,
};
use sso_core::xml::ns;
use time::Duration;

type Forgery = Result<Forged, Inapplicable>;

const KERBEROS: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos";

/// A NameID may say whose it is, and an answer of WS-Federation for whom it is: both are looked at before the
/// audience.
const AUDIENCE: &[End] =
    &[End::Refused(Audience), End::Refused(NameIdQualifier), End::Refused(AppliesTo)];
const DESTINATION: &[End] = &[End::Refused(Destination)];
const RECIPIENT: &[End] = &[End::Refused(Recipient)];
const ISSUER: &[End] = &[End::Refused(Issuer)];
const REQUEST: &[End] = &[End::Refused(InResponseTo)];
const STATUS: &[End] = &[End::Refused(StatusNotSuccess)];
const MESSAGE: &[End] = &[End::Refused(UnexpectedMessage)];
const CHANGED: &[End] = &[End::Refused(DigestMismatch)];

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "PROT-01",
        title: "presented to another service",
        expected: AUDIENCE,
        forge: |base| to_entity(base, |_| "https://other.example/metadata".to_owned()),
    },
    Recipe {
        class: "PROT-01",
        title: "presented to a service whose name begins with ours",
        expected: AUDIENCE,
        forge: |base| to_entity(base, |id| format!("{id}/other")),
    },
    Recipe {
        class: "PROT-01",
        title: "presented to a service whose name ours begins with",
        expected: AUDIENCE,
        forge: |base| {
            to_entity(base, |id| id.chars().take(id.chars().count().saturating_sub(1)).collect())
        },
    },
    Recipe {
        class: "PROT-01",
        title: "presented to a service whose name is ours in capitals",
        expected: AUDIENCE,
        forge: |base| to_entity(base, str::to_uppercase),
    },
    Recipe {
        class: "PROT-02",
        title: "presented at another address, to which the response is said to be sent",
        expected: RECIPIENT,
        forge: |base| delivered_to(base, |_| "https://other.example/acs".to_owned()),
    },
    Recipe {
        class: "PROT-02",
        title: "presented at an address below ours",
        expected: RECIPIENT,
        forge: |base| delivered_to(base, |acs| format!("{acs}/../acs")),
    },
    Recipe {
        class: "PROT-03",
        title: "presented at another address",
        expected: &[End::Refused(Destination), End::Refused(Recipient)],
        forge: |base| {
            base.is_response()?;
            let acs = "https://other.example/acs".to_owned();
            Ok(genuine(base).under(Circumstance::AcsUrl(acs)))
        },
    },
    Recipe {
        class: "PROT-03",
        title: "another Destination",
        expected: DESTINATION,
        forge: |base| root(base, "Destination", "https://other.example/acs"),
    },
    Recipe {
        class: "PROT-03",
        title: "an empty Destination",
        expected: DESTINATION,
        forge: |base| root(base, "Destination", ""),
    },
    Recipe {
        class: "PROT-03",
        title: "no Destination on a signed response",
        expected: DESTINATION,
        forge: |base| {
            let response = base.response_signed()?.response();
            Ok(Edit::of(response).without_attribute(response, "Destination").done().into())
        },
    },
    Recipe {
        class: "PROT-04",
        title: "presented a year later",
        expected: &[End::Refused(Expired)],
        forge: |base| at(base, Duration::days(365)),
    },
    Recipe {
        class: "PROT-04",
        title: "presented at the instant at which it ends",
        expected: &[End::Refused(Expired)],
        forge: |base| {
            let message = base.loosest();
            let data = message.in_assertion("SubjectConfirmationData");
            // A token need not say it there.
            let data = data.or_else(|_| message.in_assertion("Conditions"))?;
            let end = data.attribute("NotOnOrAfter").unwrap_or_default();
            let end =
                time::OffsetDateTime::parse(end, &time::format_description::well_known::Rfc3339);
            let end = end.map_err(|_| Inapplicable("the assertion has no end"))?;
            let now = end + base.case.party.clock_skew;
            Ok(genuine(base).under(Circumstance::Now(now)))
        },
    },
    Recipe {
        class: "PROT-04",
        title: "presented a year before",
        expected: &[End::Refused(NotYetValid)],
        forge: |base| {
            let conditions = base.loosest().in_assertion("Conditions")?;
            if conditions.attribute("NotBefore").is_none() {
                return Err(Inapplicable("the assertion has no NotBefore"));
            }
            at(base, Duration::days(-365))
        },
    },
    Recipe {
        class: "PROT-05",
        title: "presented as the answer to another request",
        expected: REQUEST,
        forge: |base| {
            base.is_response()?;
            Ok(genuine(base).under(another_request()))
        },
    },
    Recipe {
        class: "PROT-05",
        title: "presented as the answer to another request, which the response alone says it is",
        expected: REQUEST,
        forge: |base| {
            base.is_response()?;
            let response = base.assertion_signed()?.response();
            let forged = Edit::of(response).attribute(response, "InResponseTo", "_another");
            Ok(Forged::from(forged.done()).under(another_request()))
        },
    },
    Recipe {
        class: "PROT-05",
        title: "presented as the answer to another request, the response silent",
        expected: REQUEST,
        forge: |base| {
            base.is_response()?;
            let response = base.assertion_signed()?.response();
            let forged = Edit::of(response).without_attribute(response, "InResponseTo");
            Ok(Forged::from(forged.done()).under(another_request()))
        },
    },
    Recipe {
        class: "PROT-06",
        title: "the conditions taken out",
        expected: CHANGED,
        forge: |base| without(base, "Conditions"),
    },
    Recipe {
        class: "PROT-07",
        title: "another way of authentication",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.loosest();
            let edit = Edit::of(genuine.response());
            let edit = match genuine.in_assertion("AuthenticationStatement") {
                Ok(statement) => edit.attribute(statement, "AuthenticationMethod", KERBEROS),
                Err(_) => edit.content(genuine.in_assertion("AuthnContextClassRef")?, KERBEROS),
            };
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "PROT-08",
        title: "a confirmation that was not of the bearer made one",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.loosest();
            let edit = Edit::of(genuine.response());
            let edit = match genuine.in_assertion("ConfirmationMethod") {
                Ok(method) => edit.content(method, "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key"),
                Err(_) => {
                    let confirmation = genuine.in_assertion("SubjectConfirmation")?;
                    let method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key";
                    edit.attribute(confirmation, "Method", method)
                }
            };
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "PROT-09",
        title: "presented where another identity provider was asked",
        expected: ISSUER,
        forge: |base| from_idp(base, |_| "https://other.example/idp".to_owned()),
    },
    Recipe {
        class: "PROT-09",
        title: "presented where the identity provider has a slash more",
        expected: ISSUER,
        forge: |base| from_idp(base, |id| format!("{id}/")),
    },
    Recipe {
        class: "PROT-09",
        title: "presented where the identity provider is written in capitals",
        expected: ISSUER,
        forge: |base| from_idp(base, str::to_uppercase),
    },
    Recipe {
        class: "PROT-09",
        title: "another issuer of the response",
        expected: ISSUER,
        forge: |base| {
            let genuine = base.loosest();
            let issuer = genuine.response_issuer()?;
            let edit = Edit::of(genuine.response()).content(issuer, "https://other.example/idp");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "PROT-10",
        title: "presented where another identity provider was asked, the response in its name",
        expected: ISSUER,
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let other = "https://other.example/idp";
            let edit = Edit::of(genuine.response());
            let edit = match genuine.response_issuer() {
                Ok(issuer) => edit.content(issuer, other),
                Err(_) => edit,
            };
            Ok(Forged::from(edit.done()).under(Circumstance::Issuer(other.to_owned())))
        },
    },
    Recipe {
        class: "PROT-11",
        title: "version 1.1",
        expected: &[End::Refused(Version)],
        forge: |base| root(base, "Version", "1.1"),
    },
    Recipe {
        class: "PROT-11",
        title: "a response of SAML 1.1",
        expected: MESSAGE,
        forge: |base| {
            base.is_response()?;
            let text = Edit::of(base.whole.response()).done();
            Ok(text.replace(ns::SAMLP, ns::SAMLP1).into())
        },
    },
    Recipe {
        class: "PROT-12",
        title: "the answer to a request presented as unasked",
        expected: REQUEST,
        forge: |base| {
            if base.case.request_id().is_none() {
                return Err(Inapplicable("the message answers no request"));
            }
            Ok(genuine(base).under(Circumstance::Asked(Asked::UnsolicitedResponse)))
        },
    },
    Recipe {
        class: "PROT-12",
        title: "the answer to a request presented as unasked, the response silent",
        expected: REQUEST,
        forge: |base| {
            let response = base.assertion_signed()?.response();
            if base.case.request_id().is_none() {
                return Err(Inapplicable("the message answers no request"));
            }
            let forged = Edit::of(response).without_attribute(response, "InResponseTo");
            let unasked = Circumstance::Asked(Asked::UnsolicitedResponse);
            Ok(Forged::from(forged.done()).under(unasked))
        },
    },
    Recipe {
        class: "PROT-12",
        title: "an unasked message presented later than five minutes",
        expected: &[End::Refused(TooOld), End::Refused(Expired)],
        forge: |base| {
            let unasked = match base.case.asked {
                Asked::Response(_) => return Err(Inapplicable("the message answers a request")),
                Asked::UnsolicitedResponse => Asked::UnsolicitedResponse,
                Asked::Token | Asked::UnsolicitedToken => Asked::UnsolicitedToken,
            };
            let later = Duration::seconds(601) + base.case.party.clock_skew * 2;
            Ok(at(base, later)?.under(Circumstance::Asked(unasked)))
        },
    },
    Recipe {
        class: "PROT-13",
        title: "a failure around the genuine assertion",
        expected: STATUS,
        forge: |base| status(base, "<StatusCode Value=\"{prefix}Responder\"/>"),
    },
    Recipe {
        class: "PROT-13",
        title: "a success inside a failure",
        expected: STATUS,
        forge: |base| {
            let nested = "<StatusCode Value=\"{prefix}Responder\"><StatusCode \
                          Value=\"{prefix}Success\"/></StatusCode>";
            status(base, nested)
        },
    },
    Recipe {
        class: "PROT-13",
        title: "no status",
        expected: STATUS,
        forge: |base| {
            let genuine = base.loosest();
            Ok(Edit::of(genuine.response()).remove(genuine.status()?).done().into())
        },
    },
    Recipe {
        class: "PROT-14",
        title: "the assertion alone",
        expected: MESSAGE,
        forge: |base| Ok(copy(base.assertion_signed()?.assertion()?).into()),
    },
    Recipe {
        class: "PROT-14",
        title: "the response in a SOAP envelope",
        expected: MESSAGE,
        forge: |base| {
            let soap = "http://schemas.xmlsoap.org/soap/envelope/";
            let inner = Edit::of(base.whole.response()).element();
            let body = format!("<s:Body>{inner}</s:Body>");
            Ok(format!("<s:Envelope xmlns:s=\"{soap}\">{body}</s:Envelope>").into())
        },
    },
    Recipe {
        class: "PROT-14",
        title: "the response as a LogoutResponse",
        expected: MESSAGE,
        forge: |base| renamed(base, "LogoutResponse"),
    },
    Recipe {
        class: "PROT-14",
        title: "the response as an ArtifactResponse",
        expected: MESSAGE,
        forge: |base| renamed(base, "ArtifactResponse"),
    },
    Recipe {
        class: "PROT-14",
        title: "an AuthnRequest",
        expected: MESSAGE,
        forge: |base| renamed(base, "AuthnRequest"),
    },
    Recipe {
        class: "PROT-15",
        title: "the NameID of another service",
        expected: CHANGED,
        forge: |base| name_id(base, "SPNameQualifier", "https://other.example/metadata"),
    },
    Recipe {
        class: "PROT-15",
        title: "another format of the NameID",
        expected: CHANGED,
        forge: |base| name_id(base, "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos"),
    },
    Recipe {
        class: "REPLAY-01",
        title: "the genuine assertion in another response",
        expected: &[End::Unchanged],
        forge: |base| {
            let body = copy(base.assertion_signed()?.assertion()?);
            Ok(base.attacker.response("_another_response", &body).into())
        },
    },
    Recipe {
        class: "REPLAY-01",
        title: "the genuine assertion in white space",
        expected: &[End::Unchanged],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let edit = Edit::of(genuine.response()).before(genuine.assertion()?, "\n\t ");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "WSF-10",
        title: "the genuine assertion in an answer of WS-Federation",
        expected: RECIPIENT,
        forge: |base| {
            base.is_response()?;
            let token = copy(base.assertion_signed()?.assertion()?);
            let endpoint = "https://other.example/wsfed".to_owned();
            let forged = Forged::from(answer(&token)).under(Circumstance::AcsUrl(endpoint));
            Ok(forged.under(Circumstance::Asked(Asked::Token)))
        },
    },
];

fn genuine(base: &Base<'_>) -> Forged {
    Edit::of(base.whole.response()).done().into()
}

fn at(base: &Base<'_>, later: Duration) -> Forgery {
    Ok(genuine(base).under(Circumstance::Now(base.case.now + later)))
}

fn another_request() -> Circumstance {
    Circumstance::Asked(Asked::Response("_another".to_owned()))
}

fn to_entity(base: &Base<'_>, another: fn(&str) -> String) -> Forgery {
    let ours = &base.case.party.sp_entity_id;
    let another = another(ours);
    if another == *ours {
        return Err(Inapplicable("our entity ID has no such other spelling"));
    }
    Ok(genuine(base).under(Circumstance::EntityId(another)))
}

fn from_idp(base: &Base<'_>, another: fn(&str) -> String) -> Forgery {
    let theirs = &base.case.party.idp_entity_id;
    let another = another(theirs);
    if another == *theirs {
        return Err(Inapplicable("the entity ID has no such other spelling"));
    }
    Ok(genuine(base).under(Circumstance::Issuer(another)))
}

/// The assertion at another address, with a response that is addressed to it.
fn delivered_to(base: &Base<'_>, another: fn(&str) -> String) -> Forgery {
    let genuine = base.assertion_signed()?;
    let data = genuine.in_assertion("SubjectConfirmationData");
    if !data.is_ok_and(|data| data.attribute("Recipient").is_some()) {
        return Err(Inapplicable("the confirmation names no Recipient"));
    }
    let response = genuine.response();
    let another = another(&base.case.party.acs_url);
    let edit = Edit::of(response).attribute(response, "Destination", &another);
    Ok(Forged::from(edit.done()).under(Circumstance::AcsUrl(another)))
}

fn root(base: &Base<'_>, name: &str, value: &str) -> Forgery {
    base.is_response()?;
    let response = base.loosest().response();
    Ok(Edit::of(response).attribute(response, name, value).done().into())
}

fn without(base: &Base<'_>, local: &str) -> Forgery {
    let genuine = base.loosest();
    Ok(Edit::of(genuine.response()).remove(genuine.in_assertion(local)?).done().into())
}

fn status(base: &Base<'_>, code: &str) -> Forgery {
    let genuine = base.loosest();
    let code = code.replace("{prefix}", "urn:oasis:names:tc:SAML:2.0:status:");
    let code = code.replacen("<StatusCode", &format!("<StatusCode xmlns=\"{}\"", ns::SAMLP), 1);
    Ok(Edit::of(genuine.response()).content(genuine.status()?, code).done().into())
}

/// The genuine message under the name of another.
fn renamed(base: &Base<'_>, name: &str) -> Forgery {
    let response = base.whole.response();
    let text = Edit::of(response).element();
    let old = response.local_name();
    let renamed = text.replacen(old, name, 1);
    let (head, tail) = renamed.rsplit_once(old).unwrap_or((&renamed, ""));
    Ok([head, name, tail].concat().into())
}

fn name_id(base: &Base<'_>, attribute: &str, value: &str) -> Forgery {
    let genuine = base.loosest();
    let element = genuine.name_id()?;
    Ok(Edit::of(genuine.response()).attribute(element, attribute, value).done().into())
}
