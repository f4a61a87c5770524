//! Which element a signature is over (ATTACKS 2): IDs that two elements have, or none, and references
//! that are written so that verifier and reader resolve them differently.

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::edit::{Edit, copy};
use super::genuine::Base;
use sso_core::error::Code::{
    AssertionCount, DigestMismatch, DoctypeForbidden, DuplicateId, ReferenceCount,
    ReferenceNotParent, ReferenceUnresolved, ReferenceUri,
};
use sso_core::xml::ns;

type Forgery = Result<Forged, Inapplicable>;

const DUPLICATE: &[End] = &[End::Refused(DuplicateId)];
const URI: &[End] = &[End::Refused(ReferenceUri)];
const DOCTYPE: &[End] = &[End::Refused(DoctypeForbidden)];

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "ID-01",
        title: "a forged assertion of the same ID before the genuine one",
        expected: DUPLICATE,
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let assertion = genuine.assertion()?;
            let forged = base.attacker.assertion(assertion.id().unwrap_or_default());
            Ok(Edit::of(genuine.response()).before(assertion, forged).done().into())
        },
    },
    Recipe {
        class: "ID-01",
        title: "a forged assertion of the same ID that holds a copy of the signature",
        expected: DUPLICATE,
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let assertion = genuine.assertion()?;
            let forged = Edit::of(assertion).content(genuine.name_id()?, "forged");
            Ok(Edit::of(genuine.response()).after(assertion, forged.done()).done().into())
        },
    },
    Recipe {
        class: "ID-01",
        title: "a forged response of the same ID around the signed one",
        expected: DUPLICATE,
        forge: |base| {
            let genuine = base.response_signed()?;
            let inner = Edit::of(genuine.response()).element();
            let body = base.attacker.assertion("_forged") + &inner;
            let id = genuine.response().id().unwrap_or_default();
            Ok(base.attacker.response(id, &body).into())
        },
    },
    Recipe {
        class: "ID-02",
        title: "a decoy with the signed ID as Id",
        expected: DUPLICATE,
        forge: |base| decoy(base, "Id"),
    },
    Recipe {
        class: "ID-02",
        title: "a decoy with the signed ID as id",
        expected: DUPLICATE,
        forge: |base| decoy(base, "id"),
    },
    Recipe {
        class: "ID-02",
        title: "a decoy with the signed ID as xml:id",
        expected: DUPLICATE,
        forge: |base| decoy(base, "xml:id"),
    },
    Recipe {
        class: "ID-02",
        title: "a decoy with the signed ID as AssertionID",
        expected: DUPLICATE,
        forge: |base| decoy(base, "AssertionID"),
    },
    Recipe {
        class: "ID-02",
        title: "a decoy with the signed ID as wsu:Id",
        expected: DUPLICATE,
        forge: |base| decoy(base, "u:Id"),
    },
    Recipe {
        class: "ID-02",
        title: "a decoy with the signed ID as an ID of another namespace",
        expected: &[End::Unchanged, End::Refused(DigestMismatch)],
        forge: |base| decoy(base, "x:ID"),
    },
    Recipe {
        class: "ID-03",
        title: "a forged assertion with the signed ID as an ID of another namespace",
        expected: &[End::Refused(DuplicateId), End::Refused(AssertionCount)],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let assertion = genuine.assertion()?;
            let id = assertion.id().unwrap_or_default();
            let name = base.kind().id();
            let polluted = format!("<saml:Assertion xmlns:x=\"urn:x\" x:{name}=\"{id}\"");
            let forged = base.attacker.assertion("_forged").replace("<saml:Assertion", &polluted);
            Ok(Edit::of(genuine.response()).before(assertion, forged).done().into())
        },
    },
    Recipe {
        class: "ID-03",
        title: "an ID of another namespace on the signed element",
        expected: &[End::Refused(DigestMismatch)],
        forge: |base| {
            let genuine = base.loosest();
            let signed = genuine.signature()?.parent().unwrap_or(genuine.response());
            let polluted = format!(" xmlns:x=\"urn:x\" x:{}=\"_forged\"", base.kind().id());
            Ok(Edit::of(genuine.response()).in_tag(signed, polluted).done().into())
        },
    },
    Recipe {
        class: "ID-04",
        title: "a forged assertion whose ID is an entity",
        expected: DOCTYPE,
        forge: |base| {
            let genuine = base.loosest();
            let id = genuine.signature()?.parent().and_then(|it| it.id()).unwrap_or_default();
            let forged = base.attacker.assertion("&amp;e;").replace("&amp;e;", "&e;");
            let edit = Edit::of(genuine.response()).before(genuine.body()?, forged);
            Ok(format!("<!DOCTYPE x [<!ENTITY e \"{id}\">]>{}", edit.element()).into())
        },
    },
    Recipe {
        class: "ID-05",
        title: "a document type that makes another attribute an ID",
        expected: DOCTYPE,
        forge: |base| {
            let genuine = base.loosest();
            let id = genuine.signature()?.parent().and_then(|it| it.id()).unwrap_or_default();
            let decoy = format!("<x xmlns=\"\" y=\"{id}\"/>");
            let edit = genuine.extend(Edit::of(genuine.response()), &decoy)?;
            Ok(format!("<!DOCTYPE x [<!ATTLIST x y ID #IMPLIED>]>{}", edit.element()).into())
        },
    },
    Recipe {
        class: "REF-01",
        title: "a response that stands on its assertion's signature",
        expected: &[End::Refused(ReferenceNotParent)],
        forge: hoisted,
    },
    Recipe { class: "REF-02", title: "an empty URI", expected: URI, forge: |base| uri(base, "") },
    Recipe {
        class: "REF-02",
        title: "no URI",
        expected: URI,
        forge: |base| {
            let genuine = base.loosest();
            let reference = genuine.in_signature("Reference")?;
            let edit = Edit::of(genuine.response()).without_attribute(reference, "URI");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "REF-03",
        title: "an XPointer to the document",
        expected: URI,
        forge: |base| uri(base, "#xpointer(/)"),
    },
    Recipe {
        class: "REF-03",
        title: "an XPointer to the ID",
        expected: URI,
        forge: |base| uri(base, "#xpointer(id('{id}'))"),
    },
    Recipe {
        class: "REF-04",
        title: "a reference to a web address",
        expected: URI,
        forge: |base| uri(base, "http://127.0.0.1:9/{id}"),
    },
    Recipe {
        class: "REF-04",
        title: "a reference to a file",
        expected: URI,
        forge: |base| uri(base, "file:///etc/hostname#{id}"),
    },
    Recipe {
        class: "REF-05",
        title: "a reference to nothing, with the digest of nothing",
        expected: &[End::Refused(ReferenceUnresolved)],
        forge: |base| {
            let genuine = base.loosest();
            let edit = Edit::of(genuine.response())
                .attribute(genuine.in_signature("Reference")?, "URI", "#_absent")
                .content(genuine.in_signature("DigestValue")?, DIGEST_OF_NOTHING);
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "REF-06",
        title: "an XPath expression in the reference",
        expected: URI,
        forge: |base| uri(base, "#x' or '1'='1"),
    },
    Recipe {
        class: "REF-07",
        title: "a second reference, to a forged element, after the genuine one",
        expected: &[End::Refused(ReferenceCount)],
        forge: |base| {
            let genuine = base.loosest();
            let reference = genuine.in_signature("Reference")?;
            let second = Edit::of(reference).attribute(reference, "URI", "#_forged").done();
            Ok(Edit::of(genuine.response()).after(reference, second).done().into())
        },
    },
    Recipe {
        class: "REF-07",
        title: "a second reference, to a forged element, before the genuine one",
        expected: &[End::Refused(ReferenceCount)],
        forge: |base| {
            let genuine = base.loosest();
            let reference = genuine.in_signature("Reference")?;
            let second = Edit::of(reference).attribute(reference, "URI", "#_forged").done();
            Ok(Edit::of(genuine.response()).before(reference, second).done().into())
        },
    },
    Recipe {
        class: "REF-07",
        title: "no reference",
        expected: &[End::Refused(ReferenceCount)],
        forge: |base| {
            let genuine = base.loosest();
            let reference = genuine.in_signature("Reference")?;
            Ok(Edit::of(genuine.response()).remove(reference).done().into())
        },
    },
    Recipe {
        class: "REF-08",
        title: "an ancestor of the signed assertion that says more than it",
        expected: &[End::Refused(ReferenceNotParent)],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let signature = genuine.assertion_signature()?;
            let edit = Edit::of(genuine.response()).remove(signature);
            let edit = edit.replace(genuine.assertion()?, base.attacker.assertion("_forged"));
            let kept = Edit::of(genuine.assertion()?).remove(signature).done();
            let kept = kept.replace("Assertion", "Any");
            let detail =
                format!("<d:StatusDetail xmlns:d=\"{}\">{kept}</d:StatusDetail>", ns::SAMLP);
            let edit = edit.last_in(genuine.status()?, detail);
            Ok(edit.after(genuine.response_issuer()?, copy(signature)).done().into())
        },
    },
];

/// SHA-256 of no bytes.
pub(super) const DIGEST_OF_NOTHING: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// An element before the signed one that has its ID by another name.
fn decoy(base: &Base<'_>, name: &str) -> Forgery {
    let genuine = base.loosest();
    let id = genuine.signature()?.parent().and_then(|it| it.id()).unwrap_or_default();
    let declared = format!("xmlns:x=\"urn:x\" xmlns:u=\"{}\"", ns::WSU);
    let decoy = format!("<x:any {declared} {name}=\"{id}\">forged</x:any>");
    Ok(genuine.extend(Edit::of(genuine.response()), &decoy)?.done().into())
}

/// The genuine signature with another reference; `{id}` is the ID of the signed element.
fn uri(base: &Base<'_>, uri: &str) -> Forgery {
    let genuine = base.loosest();
    let reference = genuine.in_signature("Reference")?;
    let id = genuine.signature()?.parent().and_then(|it| it.id()).unwrap_or_default();
    let uri = uri.replace("{id}", id);
    Ok(Edit::of(genuine.response()).attribute(reference, "URI", &uri).done().into())
}

/// The assertion's signature in the response's place for one.
fn hoisted(base: &Base<'_>) -> Forgery {
    let genuine = base.assertion_signed()?;
    let signature = genuine.assertion_signature()?;
    let edit = Edit::of(genuine.response()).remove(signature);
    Ok(edit.after(genuine.response_issuer()?, copy(signature)).done().into())
}
