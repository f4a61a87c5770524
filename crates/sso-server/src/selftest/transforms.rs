//! What is hashed (ATTACKS 4): transforms that choose it, canonicalizations that change or lose it, and
//! other ways to write the same, which must change nothing.

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::edit::Edit;
use super::genuine::{Base, Kind};
use super::reference::DIGEST_OF_NOTHING;
use sso_core::error::Code::{
    Canonicalization, DigestMismatch, SignatureInvalid, TransformNotAllowed,
};
use sso_core::xml::ns;

type Forgery = Result<Forged, Inapplicable>;

const REFUSED: &[End] = &[End::Refused(TransformNotAllowed)];
const CHANGED: &[End] = &[End::Refused(DigestMismatch)];
const SAME: &[End] = &[End::Unchanged];

const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const XPATH_FILTER: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
const XSLT: &str = "http://www.w3.org/TR/1999/REC-xslt-19991116";
const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
const DECRYPT: &str = "http://www.w3.org/2002/07/decrypt#XML";
const WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "TRF-01",
        title: "an XPath transform that leaves the name out",
        expected: REFUSED,
        forge: |base| {
            let leave_out =
                "<XPath>not(ancestor-or-self::*[starts-with(local-name(), 'NameI')])</XPath>";
            transform(base, XPATH, leave_out)
        },
    },
    Recipe {
        class: "TRF-01",
        title: "an XPath filter that leaves the name out",
        expected: REFUSED,
        forge: |base| {
            let leave_out = format!(
                "<XPath xmlns=\"{XPATH_FILTER}\" Filter=\"subtract\">//*[starts-with(local-name(), 'NameI')]</XPath>"
            );
            transform(base, XPATH_FILTER, &leave_out)
        },
    },
    Recipe {
        class: "TRF-02",
        title: "a stylesheet as transform",
        expected: REFUSED,
        forge: |base| {
            let stylesheet = "<xsl:stylesheet version=\"1.0\" \
                 xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:template match=\"/\">\
                 <xsl:value-of select=\"document('file:///etc/hostname')\"/></xsl:template>\
                 </xsl:stylesheet>";
            transform(base, XSLT, stylesheet)
        },
    },
    Recipe {
        class: "TRF-03",
        title: "a base64 transform",
        expected: REFUSED,
        forge: |base| transform(base, BASE64, ""),
    },
    Recipe {
        class: "TRF-03",
        title: "a decryption transform",
        expected: REFUSED,
        forge: |base| transform(base, DECRYPT, ""),
    },
    Recipe {
        class: "TRF-03",
        title: "an unknown transform",
        expected: REFUSED,
        forge: |base| transform(base, "urn:x:transform", ""),
    },
    Recipe {
        class: "TRF-04",
        title: "canonicalization before enveloped-signature",
        expected: REFUSED,
        forge: |base| {
            let genuine = base.loosest();
            let first = genuine.in_signature("Transform")?;
            let last = genuine.in_signature("Transforms")?;
            let moved = super::edit::copy(first);
            Ok(Edit::of(genuine.response()).remove(first).last_in(last, moved).done().into())
        },
    },
    Recipe {
        class: "TRF-04",
        title: "no transforms",
        expected: REFUSED,
        forge: |base| {
            let genuine = base.loosest();
            let transforms = genuine.in_signature("Transforms")?;
            Ok(Edit::of(genuine.response()).remove(transforms).done().into())
        },
    },
    Recipe {
        class: "DOS-05",
        title: "forty canonicalizations",
        expected: REFUSED,
        forge: |base| {
            let genuine = base.loosest();
            let transforms = genuine.in_signature("Transforms")?;
            let more = element(ns::EXC_C14N, "").repeat(40);
            Ok(Edit::of(genuine.response()).last_in(transforms, more).done().into())
        },
    },
    Recipe {
        class: "C14N-01",
        title: "canonicalization with comments of the element",
        expected: REFUSED,
        forge: |base| canonicalization(base, WITH_COMMENTS),
    },
    Recipe {
        class: "C14N-01",
        title: "canonicalization with comments of the SignedInfo",
        expected: REFUSED,
        forge: |base| {
            let genuine = base.loosest();
            let method = genuine.in_signature("CanonicalizationMethod")?;
            let edit = Edit::of(genuine.response()).attribute(method, "Algorithm", WITH_COMMENTS);
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "C14N-02",
        title: "a relative namespace in the signed element, with the digest of nothing",
        expected: &[End::Refused(Canonicalization)],
        forge: |base| {
            let genuine = base.loosest();
            let signed = genuine.signature()?.parent().unwrap_or(genuine.response());
            let edit = Edit::of(genuine.response())
                .in_tag(signed, " xmlns:relative=\"1\" relative:x=\"\"")
                .content(genuine.in_signature("DigestValue")?, DIGEST_OF_NOTHING);
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "C14N-03",
        title: "an attribute of an empty element dropped",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.loosest();
            let data = genuine.in_assertion("SubjectConfirmationData")?;
            let edit = Edit::of(genuine.response()).without_attribute(data, "NotOnOrAfter");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "C14N-03",
        title: "the default namespace undeclared in the signed element",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.loosest();
            let name = genuine.name_id()?;
            let edit = Edit::of(genuine.response()).first_in(name, "<x xmlns=\"\"/>");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "C14N-03",
        title: "the name in a CDATA section",
        expected: SAME,
        forge: |base| {
            let genuine = base.loosest();
            let name = genuine.name_id()?;
            let value = name.text().unwrap_or_default();
            let edit = Edit::of(genuine.response());
            Ok(edit.content(name, format!("<![CDATA[{value}]]>")).done().into())
        },
    },
    Recipe {
        class: "C14N-03",
        title: "the name in character references",
        expected: SAME,
        forge: |base| {
            let genuine = base.loosest();
            let name = genuine.name_id()?;
            let value = name.text().unwrap_or_default();
            let written: String =
                value.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
            Ok(Edit::of(genuine.response()).content(name, written).done().into())
        },
    },
    Recipe {
        class: "C14N-03",
        title: "an unused prefix on the signed element",
        expected: SAME,
        forge: |base| {
            let genuine = base.loosest();
            let signed = genuine.signature()?.parent().unwrap_or(genuine.response());
            let edit = Edit::of(genuine.response()).in_tag(signed, " xmlns:unused=\"urn:x\"");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "C14N-04",
        title: "inclusive canonicalization of the element",
        expected: REFUSED,
        forge: |base| match base.kind() {
            Kind::Token11 => Err(Inapplicable("SAML 1.1 may have it")),
            Kind::Response | Kind::Token20 => canonicalization(base, INCLUSIVE),
        },
    },
    Recipe {
        class: "C14N-04",
        title: "inclusive canonicalization of what was signed in exclusive form",
        expected: &[End::Refused(DigestMismatch), End::Refused(SignatureInvalid)],
        forge: |base| match base.kind() {
            Kind::Token11 => canonicalization(base, INCLUSIVE),
            Kind::Response | Kind::Token20 => Err(Inapplicable("SAML 2.0 never has it")),
        },
    },
];

/// One more transform after enveloped-signature.
fn transform(base: &Base<'_>, algorithm: &str, inside: &str) -> Forgery {
    let genuine = base.loosest();
    let first = genuine.in_signature("Transform")?;
    let edit = Edit::of(genuine.response()).after(first, element(algorithm, inside));
    let edit = match genuine.name_id() {
        Ok(name) => edit.content(name, "forged"),
        Err(_) => edit,
    };
    Ok(edit.done().into())
}

/// Another algorithm for the last transform.
fn canonicalization(base: &Base<'_>, algorithm: &str) -> Forgery {
    let genuine = base.loosest();
    let transforms = genuine.in_signature("Transforms")?;
    let last = transforms.children().last().ok_or(Inapplicable("there are no transforms"))?;
    let edit = Edit::of(genuine.response()).attribute(last, "Algorithm", algorithm);
    Ok(edit.done().into())
}

fn element(algorithm: &str, inside: &str) -> String {
    format!("<Transform xmlns=\"{}\" Algorithm=\"{algorithm}\">{inside}</Transform>", ns::DS)
}
