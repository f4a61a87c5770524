//! The parts of a signature, and its absence (ATTACKS 6).

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::edit::{Edit, copy, encoded};
use super::genuine::Base;
use sso_core::encoding::decode_base64;
use sso_core::error::Code::{
    AlgorithmKeyMismatch, AlgorithmNotAllowed, DigestMismatch, KeyTooSmall, ResponseNotSigned,
    SignatureInvalid, SignatureStructure, Unsigned, UntrustedKey,
};
use sso_core::xml::Element;

type Forgery = Result<Forged, Inapplicable>;

const STRUCTURE: &[End] = &[End::Refused(SignatureStructure)];
const VALUE: &[End] = &[End::Refused(SignatureInvalid), End::Refused(UntrustedKey)];
const CHANGED: &[End] = &[End::Refused(DigestMismatch)];
const UNSIGNED: &[End] = &[End::Refused(Unsigned), End::Refused(ResponseNotSigned)];

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "SI-01",
        title: "a comment with another digest in the DigestValue",
        expected: STRUCTURE,
        forge: |base| commented(base, "DigestValue"),
    },
    Recipe {
        class: "SI-01",
        title: "a comment in the SignatureValue",
        expected: STRUCTURE,
        forge: |base| commented(base, "SignatureValue"),
    },
    Recipe {
        class: "SI-02",
        title: "a second SignedInfo before the genuine one",
        expected: STRUCTURE,
        forge: |base| twin(base, "SignedInfo", true),
    },
    Recipe {
        class: "SI-02",
        title: "a second SignedInfo after the genuine one",
        expected: STRUCTURE,
        forge: |base| twin(base, "SignedInfo", false),
    },
    Recipe {
        class: "SI-02",
        title: "a forged SignedInfo, the genuine one in an Object",
        expected: STRUCTURE,
        forge: |base| {
            let genuine = base.loosest();
            let (signature, info) = (genuine.signature()?, genuine.in_signature("SignedInfo")?);
            let kept = format!("<Object xmlns=\"{}\">{}</Object>", info.namespace(), copy(info));
            let digest = genuine.in_signature("DigestValue")?;
            let edit = Edit::of(genuine.response()).content(digest, ANOTHER_DIGEST);
            Ok(edit.last_in(signature, kept).done().into())
        },
    },
    Recipe {
        class: "SI-03",
        title: "a second DigestValue before the genuine one",
        expected: STRUCTURE,
        forge: |base| twin(base, "DigestValue", true),
    },
    Recipe {
        class: "SI-03",
        title: "a second DigestValue after the genuine one",
        expected: STRUCTURE,
        forge: |base| twin(base, "DigestValue", false),
    },
    Recipe {
        class: "SI-03",
        title: "a second SignatureValue",
        expected: STRUCTURE,
        forge: |base| twin(base, "SignatureValue", false),
    },
    Recipe {
        class: "SI-03",
        title: "a second CanonicalizationMethod",
        expected: STRUCTURE,
        forge: |base| twin(base, "CanonicalizationMethod", true),
    },
    Recipe {
        class: "SI-03",
        title: "a second SignatureMethod",
        expected: STRUCTURE,
        forge: |base| twin(base, "SignatureMethod", false),
    },
    Recipe {
        class: "SI-03",
        title: "a second DigestMethod",
        expected: STRUCTURE,
        forge: |base| twin(base, "DigestMethod", true),
    },
    Recipe {
        class: "SI-03",
        title: "second Transforms",
        expected: STRUCTURE,
        forge: |base| twin(base, "Transforms", true),
    },
    Recipe {
        class: "SI-03",
        title: "the SignatureValue before the SignedInfo",
        expected: STRUCTURE,
        forge: |base| {
            let genuine = base.loosest();
            let value = genuine.in_signature("SignatureValue")?;
            let info = genuine.in_signature("SignedInfo")?;
            let edit = Edit::of(genuine.response()).remove(value).before(info, copy(value));
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "SI-04",
        title: "an empty SignatureValue",
        expected: VALUE,
        forge: |base| value(base, |_| String::new()),
    },
    Recipe {
        class: "SI-04",
        title: "no SignatureValue",
        expected: VALUE,
        forge: |base| {
            let genuine = base.loosest();
            let value = genuine.in_signature("SignatureValue")?;
            Ok(Edit::of(genuine.response()).remove(value).done().into())
        },
    },
    Recipe {
        class: "SI-04",
        title: "a SignatureValue that is no base64",
        expected: VALUE,
        forge: |base| value(base, |_| "@@@@".to_owned()),
    },
    Recipe {
        class: "SI-04",
        title: "a SignatureValue cut short",
        expected: VALUE,
        forge: |base| value(base, |genuine| encoded(&genuine[..genuine.len() / 2])),
    },
    Recipe {
        class: "SI-04",
        title: "a SignatureValue of one byte",
        expected: VALUE,
        forge: |base| value(base, |genuine| encoded(&genuine[..1])),
    },
    Recipe {
        class: "SI-04",
        title: "a SignatureValue with a byte more",
        expected: VALUE,
        forge: |base| value(base, |genuine| encoded(&[genuine, &[0]].concat())),
    },
    Recipe {
        class: "SI-04",
        title: "a SignatureValue with a zero before it",
        expected: VALUE,
        forge: |base| value(base, |genuine| encoded(&[&[0], genuine].concat())),
    },
    Recipe {
        class: "SI-04",
        title: "a SignatureValue of zeros",
        expected: VALUE,
        forge: |base| value(base, |genuine| encoded(&vec![0; genuine.len()])),
    },
    Recipe {
        class: "SI-04",
        title: "a SignatureValue with one bit turned",
        expected: VALUE,
        forge: |base| {
            value(base, |genuine| {
                let mut turned = genuine.to_vec();
                turned.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
                encoded(&turned)
            })
        },
    },
    Recipe {
        class: "SIG-01",
        title: "no signature at all",
        expected: UNSIGNED,
        forge: |base| {
            let genuine = base.loosest();
            // Inside a ciphertext there may be another, which would have to count.
            genuine.assertion()?;
            Ok(Edit::of(genuine.response()).remove(genuine.signature()?).done().into())
        },
    },
    Recipe {
        class: "SIG-01",
        title: "a forged response without a signature",
        expected: UNSIGNED,
        forge: |base| {
            let forged = base.attacker.assertion("_forged");
            Ok(base.attacker.response("_forged_response", &forged).into())
        },
    },
    Recipe {
        class: "SIG-01",
        title: "a signature that holds nothing",
        expected: STRUCTURE,
        forge: |base| {
            let genuine = base.loosest();
            let signature = genuine.signature()?;
            Ok(Edit::of(genuine.response()).content(signature, "").done().into())
        },
    },
    Recipe {
        class: "SIG-02",
        title: "another NameID",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.loosest();
            let name = genuine.name_id()?;
            Ok(Edit::of(genuine.response()).content(name, "admin").done().into())
        },
    },
    Recipe {
        class: "SIG-02",
        title: "another Audience",
        expected: CHANGED,
        forge: |base| {
            tampered(base, |edit, it| edit.content(it, "https://other.example/"), "Audience")
        },
    },
    Recipe {
        class: "SIG-02",
        title: "a later NotOnOrAfter",
        expected: CHANGED,
        forge: |base| {
            tampered(
                base,
                |edit, it| edit.attribute(it, "NotOnOrAfter", "2099-01-01T00:00:00Z"),
                "Conditions",
            )
        },
    },
    Recipe {
        class: "SIG-02",
        title: "another value of an attribute",
        expected: CHANGED,
        forge: |base| tampered(base, |edit, it| edit.content(it, "forged"), "AttributeValue"),
    },
    Recipe {
        class: "SIG-02",
        title: "another ciphertext under the response's signature",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.response_signed()?;
            let encrypted = genuine.encrypted()?;
            let forged = base.attacker.assertion("_forged");
            Ok(Edit::of(genuine.response()).replace(encrypted, forged).done().into())
        },
    },
    Recipe {
        class: "SIG-03",
        title: "a good signature of the assertion, a broken one of the response",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.response_signed()?;
            genuine.assertion_signature()?;
            let response = genuine.response();
            let edit = Edit::of(response).attribute(response, "Consent", "urn:x:forged");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "SIG-03",
        title: "a good signature of the assertion, the attacker's on the response",
        expected: &[
            End::Refused(UntrustedKey),
            End::Refused(AlgorithmKeyMismatch),
            End::Refused(AlgorithmNotAllowed),
            End::Refused(KeyTooSmall),
        ],
        forge: |base| {
            base.is_response()?;
            let genuine = base.assertion_signed()?;
            let acs = &base.case.party.acs_url;
            let response = genuine.response();
            let addressed = Edit::of(response).attribute(response, "Destination", acs).done();
            base.attacker.sign(&addressed).map(Into::into)
        },
    },
];

const ANOTHER_DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A comment with another value before the genuine one.
fn commented(base: &Base<'_>, local: &str) -> Forgery {
    let genuine = base.loosest();
    let value = genuine.in_signature(local)?;
    let comment = format!("<!--{ANOTHER_DIGEST}-->");
    Ok(Edit::of(genuine.response()).first_in(value, comment).done().into())
}

/// A part of the signature twice.
fn twin(base: &Base<'_>, local: &str, before: bool) -> Forgery {
    let genuine = base.loosest();
    let part = genuine.in_signature(local)?;
    let second = copy(part);
    let edit = Edit::of(genuine.response());
    let edit = if before { edit.before(part, second) } else { edit.after(part, second) };
    Ok(edit.done().into())
}

/// Another value of the signature, made of the genuine one.
fn value(base: &Base<'_>, another: fn(&[u8]) -> String) -> Forgery {
    let genuine = base.loosest();
    let value = genuine.in_signature("SignatureValue")?;
    let bytes = value.text().ok().and_then(|text| decode_base64(&text)).unwrap_or_default();
    if bytes.is_empty() {
        return Err(Inapplicable("the signature has no value"));
    }
    Ok(Edit::of(genuine.response()).content(value, another(&bytes)).done().into())
}

/// Something else about the first such element of the assertion.
fn tampered(
    base: &Base<'_>,
    change: for<'d> fn(Edit<'d>, Element<'d>) -> Edit<'d>,
    local: &str,
) -> Forgery {
    let genuine = base.loosest();
    let element = genuine.in_assertion(local)?;
    Ok(change(Edit::of(genuine.response()), element).done().into())
}
