//! XML signature wrapping (ATTACKS 1), in responses and in tokens: the signed element is kept somewhere where a verifier may find
//! it, and another one is put where a reader looks.

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::edit::{Edit, copy};
use super::genuine::{Base, Genuine};
use sso_core::error::Code::{
    AssertionCount, AssertionNested, DigestMismatch, DuplicateId, ReferenceNotParent,
    ReferenceNotRoot, SchemaViolation, SignatureCount, SignaturePosition, SignatureStructure,
    UnexpectedMessage,
};
use sso_core::xml::{Element, ns};
use std::fmt::Write as _;

type Forgery = Result<Forged, Inapplicable>;

const STRUCTURE: &[End] = &[End::Refused(SignatureStructure)];
const NESTED: &[End] = &[End::Refused(AssertionNested)];
const COUNT: &[End] = &[End::Refused(AssertionCount)];
const POSITION: &[End] = &[End::Refused(SignaturePosition)];

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "XSW-01",
        title: "a forged response, the signed one inside its signature",
        expected: STRUCTURE,
        forge: |base| {
            let genuine = base.response_signed()?;
            let signature = genuine.response_signature()?;
            let original = Edit::of(genuine.response()).remove(signature).element();
            let kept = Edit::of(signature).last_in(signature, original).done();
            Ok(forged_response(base, genuine)?.replace(signature, kept).done().into())
        },
    },
    Recipe {
        class: "XSW-02",
        title: "a forged response, the signed one before its signature",
        expected: POSITION,
        forge: |base| {
            let genuine = base.response_signed()?;
            let signature = genuine.response_signature()?;
            let original = Edit::of(genuine.response()).remove(signature).element();
            Ok(forged_response(base, genuine)?.before(signature, original).done().into())
        },
    },
    Recipe {
        class: "XSW-02",
        title: "a forged response, the signed one after its signature",
        expected: &[End::Refused(ReferenceNotParent)],
        forge: |base| {
            let genuine = base.response_signed()?;
            let signature = genuine.response_signature()?;
            let original = Edit::of(genuine.response()).remove(signature).element();
            Ok(forged_response(base, genuine)?.after(signature, original).done().into())
        },
    },
    Recipe {
        class: "XSW-03",
        title: "a forged assertion before the genuine one",
        expected: COUNT,
        forge: |base| {
            let genuine = base.loosest();
            let forged = base.attacker.assertion("_forged");
            Ok(Edit::of(genuine.response()).before(genuine.body()?, forged).done().into())
        },
    },
    Recipe {
        class: "XSW-03",
        title: "a forged assertion after the genuine one",
        expected: COUNT,
        forge: |base| {
            let genuine = base.loosest();
            let forged = base.attacker.assertion("_forged");
            Ok(Edit::of(genuine.response()).after(genuine.body()?, forged).done().into())
        },
    },
    Recipe {
        class: "XSW-04",
        title: "the genuine assertion as a child of the forged one",
        expected: NESTED,
        forge: |base| instead(base, |signed| (signed, "</saml:Assertion>")),
    },
    Recipe {
        class: "XSW-05",
        title: "the signed assertion edited, the original at the end",
        expected: COUNT,
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let (assertion, signature) = (genuine.assertion()?, genuine.assertion_signature()?);
            let original = Edit::of(assertion).remove(signature).done();
            let edited = edited(base, genuine)?.done();
            let edit = Edit::of(genuine.response()).replace(assertion, edited);
            Ok(edit.last_in(genuine.holder(), original).done().into())
        },
    },
    Recipe {
        class: "XSW-06",
        title: "the signed assertion edited, the original inside its signature",
        expected: STRUCTURE,
        forge: |base| in_signature(base, |original| original),
    },
    Recipe {
        class: "XSW-07",
        title: "the genuine assertion beside a forged one in its place, or in Extensions",
        expected: NESTED,
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let assertion = genuine.assertion()?;
            let edit = genuine.extend(Edit::of(genuine.response()), &copy(assertion))?;
            Ok(edit.replace(assertion, base.attacker.assertion("_forged")).done().into())
        },
    },
    Recipe {
        class: "XSW-07",
        title: "the genuine assertion in StatusDetail, a forged one in its place",
        expected: NESTED,
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let assertion = genuine.assertion()?;
            let detail = format!(
                "<d:StatusDetail xmlns:d=\"{}\">{}</d:StatusDetail>",
                ns::SAMLP,
                copy(assertion)
            );
            let edit = Edit::of(genuine.response()).last_in(genuine.status()?, detail);
            Ok(edit.replace(assertion, base.attacker.assertion("_forged")).done().into())
        },
    },
    Recipe {
        class: "XSW-08",
        title: "the signed assertion edited, the original in an Object of its signature",
        expected: STRUCTURE,
        forge: |base| in_signature(base, |original| object(&original)),
    },
    Recipe {
        class: "XSW-09",
        title: "the whole genuine response inside a forged one",
        expected: &[End::Refused(ReferenceNotRoot), End::Refused(AssertionNested)],
        forge: |base| {
            base.is_response()?;
            let genuine = base.whole;
            genuine.signature()?;
            let inner = Edit::of(genuine.response()).element();
            let body = base.attacker.assertion("_forged") + &inner;
            Ok(base.attacker.response("_forged_response", &body).into())
        },
    },
    Recipe {
        class: "XSW-09",
        title: "the whole genuine response in the confirmation of a forged assertion",
        expected: &[End::Refused(ReferenceNotRoot), End::Refused(AssertionNested)],
        forge: |base| {
            base.is_response()?;
            let genuine = base.whole;
            genuine.signature()?;
            let inner = Edit::of(genuine.response()).element();
            let data = format!("><saml:Any>{inner}</saml:Any></saml:SubjectConfirmationData>");
            let forged = base.attacker.assertion("_forged");
            let (before, after) =
                forged.split_once("/></saml:SubjectConfirmation>").unwrap_or_default();
            let body = [before, &data, "</saml:SubjectConfirmation>", after].concat();
            Ok(base.attacker.response("_forged_response", &body).into())
        },
    },
    Recipe {
        class: "XSW-10",
        title: "the genuine assertion in an AttributeValue of the forged one",
        expected: NESTED,
        forge: |base| {
            instead(base, |signed| {
                let value = format!(
                    "<saml:AttributeStatement><saml:Attribute Name=\"x\"><saml:AttributeValue>\
                     {signed}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
                );
                (value, "</saml:Assertion>")
            })
        },
    },
    Recipe {
        class: "XSW-11",
        title: "the genuine assertion twice",
        expected: &[End::Refused(DuplicateId)],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let assertion = genuine.assertion()?;
            Ok(Edit::of(genuine.response()).after(assertion, copy(assertion)).done().into())
        },
    },
    Recipe {
        class: "XSW-12",
        title: "the genuine assertion in the Advice of the forged one",
        expected: NESTED,
        forge: |base| {
            instead(base, |signed| (format!("<saml:Advice>{signed}</saml:Advice>"), "<saml:Auth"))
        },
    },
    Recipe {
        class: "XSW-13",
        title: "a forged assertion in an Object of the signature",
        expected: STRUCTURE,
        forge: |base| {
            let genuine = base.whole;
            let signature = genuine.signature()?;
            let forged = object(&base.attacker.assertion("_forged"));
            Ok(Edit::of(genuine.response()).last_in(signature, forged).done().into())
        },
    },
    Recipe {
        class: "XSW-13",
        title: "a second signature of the same value that holds a forged assertion",
        expected: &[End::Refused(SignatureCount)],
        forge: |base| {
            let genuine = base.whole;
            let signature = genuine.signature()?;
            let forged = object(&base.attacker.assertion("_forged"));
            let second = Edit::of(signature).without_attribute(signature, "Id");
            let second = second.last_in(signature, forged).done();
            Ok(Edit::of(genuine.response()).after(signature, second).done().into())
        },
    },
    Recipe {
        class: "XSW-14",
        title: "the signature at the other end of the element that it covers",
        expected: POSITION,
        forge: |base| {
            moved(base, |edit, signature, covered| match covered.namespace() {
                // There it belongs at the end.
                ns::SAML1 => edit.first_in(covered, copy(signature)),
                _ => edit.last_in(covered, copy(signature)),
            })
        },
    },
    Recipe {
        class: "XSW-14",
        title: "the signature inside a foreign element",
        expected: POSITION,
        forge: |base| {
            moved(base, |edit, signature, _| {
                let wrapped = format!("<x:any xmlns:x=\"urn:x\">{}</x:any>", copy(signature));
                edit.before(signature, wrapped)
            })
        },
    },
    Recipe {
        class: "XSW-14",
        title: "the assertion's signature beside the assertion",
        expected: &[End::Refused(SignaturePosition), End::Refused(ReferenceNotParent)],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let signature = genuine.assertion_signature()?;
            let edit = Edit::of(genuine.response()).remove(signature);
            let beside = genuine.requested().or_else(|_| genuine.assertion())?;
            Ok(edit.before(beside, copy(signature)).done().into())
        },
    },
    Recipe {
        class: "XSW-15",
        title: "the digest of the edited assertion outside it, before the signature's own",
        expected: &[End::Refused(DigestMismatch)],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let digest = copy(genuine.in_signature("DigestValue")?);
            let edit = genuine.extend(Edit::of(genuine.response()), &digest)?;
            Ok(edit.content(genuine.name_id()?, "forged").done().into())
        },
    },
    Recipe {
        class: "XSW-15",
        title: "the digest of the edited assertion before the signature's own, inside it",
        expected: STRUCTURE,
        forge: |base| {
            let genuine = base.loosest();
            let digest = copy(genuine.in_signature("DigestValue")?);
            let info = genuine.in_signature("SignedInfo")?;
            Ok(Edit::of(genuine.response()).before(info, digest).done().into())
        },
    },
    Recipe {
        class: "XSW-16",
        title: "a message of another kind that holds the genuine assertion",
        expected: &[End::Refused(UnexpectedMessage)],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let body = copy(genuine.assertion()?);
            let response = base.attacker.response("_forged_response", &body);
            let response = response.replace("samlp:Response", "samlp:LogoutRequest");
            Ok(response.replace("SecurityTokenResponse", "SecurityToken").into())
        },
    },
    Recipe {
        class: "XSW-17",
        title: "statements beside the signed assertion",
        expected: &[End::Refused(SchemaViolation)],
        forge: |base| {
            base.is_response()?;
            let genuine = base.assertion_signed()?;
            let statement = format!(
                "<s:AttributeStatement xmlns:s=\"{}\"><s:Attribute Name=\"uid\"><s:AttributeValue>\
                 forged</s:AttributeValue></s:Attribute></s:AttributeStatement>",
                ns::SAML
            );
            let edit = Edit::of(genuine.response()).after(genuine.assertion()?, statement);
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "XSW-17",
        title: "another subject beside the signed assertion",
        expected: &[End::Refused(SchemaViolation)],
        forge: |base| {
            base.is_response()?;
            let genuine = base.assertion_signed()?;
            let subject = format!(
                "<s:Subject xmlns:s=\"{}\"><s:NameID>forged</s:NameID></s:Subject>",
                ns::SAML
            );
            let edit = Edit::of(genuine.response()).before(genuine.assertion()?, subject);
            Ok(edit.done().into())
        },
    },
];

/// The genuine response with another ID and a forged assertion. What is not changed about it is
/// what its signature covers elsewhere.
fn forged_response<'d>(base: &Base<'_>, genuine: Genuine<'d>) -> Result<Edit<'d>, Inapplicable> {
    let response = genuine.response();
    let edit = Edit::of(response).attribute(response, "ID", "_forged_response");
    Ok(edit.replace(genuine.body()?, base.attacker.assertion("_forged")))
}

/// A forged assertion in the place of the genuine one, which it holds. `put` says what is put in of the
/// genuine one, and before which text.
fn instead(base: &Base<'_>, put: fn(String) -> (String, &'static str)) -> Forgery {
    let genuine = base.assertion_signed()?;
    let assertion = genuine.assertion()?;
    let (inside, before) = put(copy(assertion));
    let forged = base.attacker.assertion("_forged");
    let at = forged.find(before).unwrap_or(forged.len());
    let (head, tail) = forged.split_at(at);
    let forged = [head, &inside, tail].concat();
    Ok(Edit::of(genuine.response()).replace(assertion, forged).done().into())
}

/// The signed assertion with another ID and another name.
fn edited<'d>(base: &Base<'_>, genuine: Genuine<'d>) -> Result<Edit<'d>, Inapplicable> {
    let assertion = genuine.assertion()?;
    let edit = Edit::of(assertion).attribute(assertion, base.kind().id(), "_forged");
    Ok(edit.content(genuine.name_id()?, "forged"))
}

/// The signed assertion edited, and the original somewhere in its signature.
fn in_signature(base: &Base<'_>, dressed: fn(String) -> String) -> Forgery {
    let genuine = base.assertion_signed()?;
    let (assertion, signature) = (genuine.assertion()?, genuine.assertion_signature()?);
    let original = dressed(Edit::of(assertion).remove(signature).done());
    let edited = edited(base, genuine)?.last_in(signature, original).done();
    Ok(Edit::of(genuine.response()).replace(assertion, edited).done().into())
}

/// The signature taken away, and put somewhere else.
fn moved<'d>(base: &Base<'d>, put: fn(Edit<'d>, Element<'d>, Element<'d>) -> Edit<'d>) -> Forgery {
    let genuine = base.loosest();
    let signature = genuine.signature()?;
    let covered = signature.parent().unwrap_or(genuine.response());
    let edit = Edit::of(genuine.response()).remove(signature);
    Ok(put(edit, signature, covered).done().into())
}

pub(super) fn extensions(inside: &str) -> String {
    let mut out = String::new();
    let _ = write!(out, "<e:Extensions xmlns:e=\"{}\">{inside}</e:Extensions>", ns::SAMLP);
    out
}

fn object(inside: &str) -> String {
    format!("<o:Object xmlns:o=\"{}\">{inside}</o:Object>", ns::DS)
}
