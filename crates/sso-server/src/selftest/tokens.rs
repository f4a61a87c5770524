//! Attacks that an answer of WS-Federation alone has room for (ATTACKS 13), and those of other families that
//! are made of its parts.

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::attacker::answer;
use super::case::{Asked, Circumstance};
use super::edit::{Edit, copy};
use super::encryption::Ciphertext;
use super::genuine::{Base, Genuine, Kind};
use sso_core::error::Code::{
    AppliesTo, AssertionCount, AssertionNested, Audience, DigestMismatch, Expired,
    NoBearerConfirmation, NotWellFormed, NotYetValid, Recipient, SchemaViolation,
    SignaturePosition, UnexpectedMessage, Unsigned,
};
use sso_core::xml::{Element, ns};
use time::Duration;

type Forgery = Result<Forged, Inapplicable>;

const COUNT: &[End] = &[End::Refused(AssertionCount)];
const NESTED: &[End] = &[End::Refused(AssertionNested)];
const POSITION: &[End] = &[End::Refused(SignaturePosition)];
const CHANGED: &[End] = &[End::Refused(DigestMismatch)];
const MESSAGE: &[End] = &[End::Refused(UnexpectedMessage)];

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "XSW-09",
        title: "the whole genuine answer inside a forged one",
        expected: NESTED,
        forge: |base| {
            let inner = Edit::of(base.whole.response()).element();
            Ok(at_the_end(&forged_answer(base), &inner).into())
        },
    },
    Recipe {
        class: "XSW-17",
        title: "a subject and statements beside the signed token",
        expected: COUNT,
        forge: |base| {
            let beside = format!(
                "<s:AttributeStatement xmlns:s=\"{}\"><s:Subject><s:NameIdentifier>forged\
                 </s:NameIdentifier></s:Subject></s:AttributeStatement>",
                base.kind().namespace()
            );
            let genuine = base.whole;
            Ok(Edit::of(genuine.response()).after(genuine.body()?, beside).done().into())
        },
    },
    Recipe {
        class: "REF-01",
        title: "an answer that stands on its token's signature",
        expected: POSITION,
        forge: |base| {
            let genuine = base.whole;
            let signature = genuine.assertion_signature()?;
            let edit = Edit::of(genuine.response()).remove(signature);
            Ok(genuine.extend(edit, &copy(signature))?.done().into())
        },
    },
    Recipe {
        class: "REF-08",
        title: "an ancestor of the signed token that holds a forged one",
        expected: POSITION,
        forge: |base| {
            let genuine = base.whole;
            let (token, signature) = (genuine.assertion()?, genuine.assertion_signature()?);
            let kept = Edit::of(token).remove(signature).done().replace("Assertion", "Any");
            let edit = genuine.extend(Edit::of(genuine.response()), &copy(signature))?;
            let edit = genuine.extend(edit, &kept)?;
            Ok(edit.replace(token, base.attacker.assertion("_forged")).done().into())
        },
    },
    Recipe {
        class: "NS-02",
        title: "an assertion of another namespace before the genuine one",
        expected: COUNT,
        forge: |base| {
            let decoy = base.attacker.assertion("_forged");
            let decoy = decoy.replace(base.kind().namespace(), "urn:x");
            let genuine = base.whole;
            Ok(Edit::of(genuine.response()).before(genuine.body()?, decoy).done().into())
        },
    },
    Recipe {
        class: "PROT-11",
        title: "another version of the token",
        expected: CHANGED,
        forge: |base| {
            let token = base.whole.assertion()?;
            let name = if base.kind() == Kind::Token11 { "MinorVersion" } else { "Version" };
            let edit = Edit::of(base.whole.response());
            Ok(edit.attribute(token, name, "0").done().into())
        },
    },
    Recipe {
        class: "PROT-11",
        title: "an answer of an older WS-Trust",
        expected: MESSAGE,
        forge: |base| {
            let text = Edit::of(base.whole.response()).done();
            let old = "http://schemas.xmlsoap.org/ws/2004/04/trust";
            Ok(text.replace(ns::WST13, old).replace(ns::WST, old).into())
        },
    },
    Recipe {
        class: "PROT-14",
        title: "the token in a response of SAML 2.0",
        expected: MESSAGE,
        forge: |base| {
            let body = copy(base.whole.body()?);
            Ok(base.attacker.saml_response("_forged_response", &body).into())
        },
    },
    Recipe {
        class: "WSF-01",
        title: "a forged token in an answer that the attacker signed",
        expected: POSITION,
        forge: |base| {
            let answer = forged_answer(base);
            let named = answer.replacen("Response ", "Response ID=\"_forged_answer\" ", 1);
            base.attacker.sign(&named).map(Into::into)
        },
    },
    Recipe {
        class: "WSF-01",
        title: "a forged token that is not signed",
        expected: &[End::Refused(Unsigned)],
        forge: |base| Ok(forged_answer(base).into()),
    },
    Recipe {
        class: "WSF-02",
        title: "a token for another realm in an answer that is said to be for ours",
        expected: &[End::Refused(Audience)],
        forge: |base| {
            let other = "urn:federation:other.example";
            let forged = Forged::from(applies_to(base, other)?);
            Ok(forged.under(Circumstance::EntityId(other.to_owned())))
        },
    },
    Recipe {
        class: "WSF-02",
        title: "an answer that is said to be for another realm",
        expected: &[End::Refused(AppliesTo)],
        forge: |base| applies_to(base, "urn:federation:other.example").map(Into::into),
    },
    Recipe {
        class: "WSF-03",
        title: "a token of a year ago with a lifetime of now",
        expected: &[End::Refused(Expired)],
        forge: |base| {
            let year = Duration::days(365);
            let forged =
                Forged::from(living(base, "2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z")?);
            Ok(forged.under(Circumstance::Now(base.case.now + year)))
        },
    },
    Recipe {
        class: "WSF-03",
        title: "a lifetime that has ended",
        expected: &[End::Refused(Expired)],
        forge: |base| living(base, "2000-01-01T00:00:00Z", "2000-01-01T01:00:00Z").map(Into::into),
    },
    Recipe {
        class: "WSF-03",
        title: "a lifetime that has not begun",
        expected: &[End::Refused(NotYetValid)],
        forge: |base| living(base, "2999-01-01T00:00:00Z", "2999-01-01T01:00:00Z").map(Into::into),
    },
    Recipe {
        class: "WSF-04",
        title: "a forged token in a RequestedSecurityToken before the genuine one",
        expected: COUNT,
        forge: |base| {
            let genuine = base.whole;
            let second = requested(genuine, &base.attacker.assertion("_forged"))?;
            let edit = Edit::of(genuine.response());
            Ok(edit.before(genuine.requested()?, second).done().into())
        },
    },
    Recipe {
        class: "WSF-04",
        title: "a forged token in a RequestedSecurityToken after the genuine one",
        expected: COUNT,
        forge: |base| {
            let genuine = base.whole;
            let second = requested(genuine, &base.attacker.assertion("_forged"))?;
            let edit = Edit::of(genuine.response());
            Ok(edit.after(genuine.requested()?, second).done().into())
        },
    },
    Recipe {
        class: "WSF-04",
        title: "a forged token in RequestedProofToken",
        expected: NESTED,
        forge: |base| {
            let forged = base.attacker.assertion("_forged");
            let proof = format!("<p:RequestedProofToken xmlns:p=\"{}\">{forged}", ns::WST);
            beside(base, &(proof + "</p:RequestedProofToken>"))
        },
    },
    Recipe {
        class: "WSF-04",
        title: "a forged answer and the genuine one in a collection",
        expected: COUNT,
        forge: |base| {
            let genuine = response(base.whole)?;
            let trust = genuine.namespace();
            let forged = forged_answer(base).replace(ns::WST, trust);
            let both = forged + &copy(genuine);
            let name = "c:RequestSecurityTokenResponseCollection";
            Ok(format!("<{name} xmlns:c=\"{trust}\">{both}</{name}>").into())
        },
    },
    Recipe {
        class: "WSF-04",
        title: "no token",
        expected: COUNT,
        forge: |base| {
            let genuine = base.whole;
            Ok(Edit::of(genuine.response()).remove(genuine.body()?).done().into())
        },
    },
    Recipe {
        class: "WSF-04",
        title: "a text beside the token",
        expected: &[End::Refused(SchemaViolation)],
        forge: |base| {
            let genuine = base.whole;
            Ok(Edit::of(genuine.response()).after(genuine.body()?, "forged").done().into())
        },
    },
    Recipe {
        class: "WSF-05",
        title: "another person in the last statement alone",
        expected: CHANGED,
        forge: |base| {
            let names = base.whole.assertion()?.descendants();
            let names = names.filter(|element| element.is(ns::SAML1, "NameIdentifier"));
            let last = names.last().ok_or(Inapplicable("one Subject is for all statements"))?;
            Ok(Edit::of(base.whole.response()).content(last, "forged").done().into())
        },
    },
    Recipe {
        class: "WSF-06",
        title: "a fault instead of an answer",
        expected: MESSAGE,
        forge: |_| {
            let fault = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>\
                         <s:Fault/></s:Body></s:Envelope>";
            Ok(fault.to_owned().into())
        },
    },
    Recipe {
        class: "WSF-06",
        title: "the address of an answer instead of one",
        expected: &[End::Refused(NotWellFormed)],
        forge: |_| Ok("http://127.0.0.1:9/wresult".to_owned().into()),
    },
    Recipe {
        class: "WSF-10",
        title: "the token in a response, at the assertion consumer of SAML 2.0",
        expected: &[
            End::Refused(SchemaViolation),
            End::Refused(NoBearerConfirmation),
            End::Refused(Recipient),
        ],
        forge: |base| {
            let token = copy(base.whole.assertion()?);
            let acs = "https://other.example/acs".to_owned();
            let around = base.attacker.saml_response("_forged_response", "");
            let around = around.replace(&base.case.party.acs_url, &acs);
            let forged = Forged::from(at_the_end(&around, &token));
            let forged = forged.under(Circumstance::AcsUrl(acs));
            Ok(forged.under(Circumstance::Asked(Asked::UnsolicitedResponse)))
        },
    },
    Recipe {
        class: "WSF-10",
        title: "the answer at the assertion consumer of SAML 2.0",
        expected: MESSAGE,
        forge: |base| {
            let genuine = Forged::from(Edit::of(base.whole.response()).done());
            Ok(genuine.under(Circumstance::Asked(Asked::UnsolicitedResponse)))
        },
    },
    Recipe {
        class: "WSF-11",
        title: "a forged token encrypted to us, in no element of SAML",
        expected: &[End::Refused(Unsigned)],
        forge: |base| {
            let data = Ciphertext::of(base, &base.attacker.assertion("_forged"))?.data();
            Ok(answer(&data).into())
        },
    },
    Recipe {
        class: "WSF-11",
        title: "a forged token encrypted to us beside the genuine one",
        expected: NESTED,
        forge: |base| {
            beside(base, &Ciphertext::of(base, &base.attacker.assertion("_forged"))?.data())
        },
    },
    Recipe {
        class: "WSF-11",
        title: "a symmetric key in RequestedProofToken",
        expected: &[End::Unchanged],
        forge: |base| {
            let secret = "<p:BinarySecret>AAAAAAAAAAAAAAAAAAAAAA==</p:BinarySecret>";
            let proof = format!("<p:RequestedProofToken xmlns:p=\"{}\">{secret}", ns::WST);
            beside(base, &(proof + "</p:RequestedProofToken>"))
        },
    },
];

/// An answer that lacks nothing but a signature.
fn forged_answer(base: &Base<'_>) -> String {
    answer(&base.attacker.assertion("_forged"))
}

/// Something after all that a message of the attacker's holds.
fn at_the_end(message: &str, more: &str) -> String {
    let (head, tail) = message.split_at(message.rfind("</").unwrap_or(message.len()));
    [head, more, tail].concat()
}

/// Something beside the `RequestedSecurityToken`.
fn beside(base: &Base<'_>, more: &str) -> Forgery {
    let genuine = base.whole;
    Ok(genuine.extend(Edit::of(genuine.response()), more)?.done().into())
}

/// The `RequestSecurityTokenResponse`, which may stand in a collection.
fn response(genuine: Genuine<'_>) -> Result<Element<'_>, Inapplicable> {
    let response = genuine.requested()?.parent();
    response.ok_or(Inapplicable("it is no answer of WS-Federation"))
}

/// A `RequestedSecurityToken` of the WS-Trust that the answer speaks.
fn requested(genuine: Genuine<'_>, token: &str) -> Result<String, Inapplicable> {
    let (name, trust) = ("r:RequestedSecurityToken", genuine.requested()?.namespace());
    Ok(format!("<{name} xmlns:r=\"{trust}\">{token}</{name}>"))
}

/// The answer with another element in the place of what it says of itself by that name.
fn outside(base: &Base<'_>, local: &str, element: &str) -> Result<String, Inapplicable> {
    let genuine = base.whole;
    let said = response(genuine)?.children().filter(|child| child.local_name() == local);
    let edit = said.fold(Edit::of(genuine.response()), Edit::remove);
    Ok(genuine.extend(edit, element)?.done())
}

/// The answer with another `AppliesTo`.
fn applies_to(base: &Base<'_>, realm: &str) -> Result<String, Inapplicable> {
    let address = format!(
        "<p:AppliesTo xmlns:p=\"http://schemas.xmlsoap.org/ws/2004/09/policy\"><a:EndpointReference \
         xmlns:a=\"{}\"><a:Address>{realm}</a:Address></a:EndpointReference></p:AppliesTo>",
        ns::WSA
    );
    outside(base, "AppliesTo", &address)
}

/// The answer with another `Lifetime`.
fn living(base: &Base<'_>, created: &str, expires: &str) -> Result<String, Inapplicable> {
    let lifetime = format!(
        "<l:Lifetime xmlns:l=\"{}\" xmlns:u=\"{}\"><u:Created>{created}</u:Created>\
         <u:Expires>{expires}</u:Expires></l:Lifetime>",
        response(base.whole)?.namespace(),
        ns::WSU
    );
    outside(base, "Lifetime", &lifetime)
}
