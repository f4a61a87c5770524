//! The structure of a signature (ATTACKS 1, 2, 4 and 6): refused by code before any cryptography. The
//! same document without the change is accepted.

use super::{ASSERTION, KEY, SIGNED, code, part, replaced, verify};
use sso_core::connection::LegacyCrypto;
use sso_core::error::Code::{
    self, Canonicalization, DigestMismatch, ReferenceCount, ReferenceNotParent,
    ReferenceUnresolved, ReferenceUri, SignatureCount, SignaturePosition, SignatureStructure,
    TransformNotAllowed, Unsigned,
};

fn check(cases: &[(&str, String, Code)]) {
    assert_eq!(code(&SIGNED), None, "as it was signed");
    for (what, xml, expected) in cases {
        assert_eq!(code(xml), Some(*expected), "{what}: {xml}");
    }
}

/// The assertion, its signature after another element than its Issuer.
fn moved(before: &str) -> String {
    let unsigned = SIGNED.replacen(part("ds:Signature"), "", 1);
    unsigned.replacen(before, &format!("{}{before}", part("ds:Signature")), 1)
}

#[test]
fn a_signature_stands_directly_in_what_it_covers_after_the_issuer() {
    let twice = part("ds:Signature").repeat(2);
    let apart = SIGNED.replacen(
        "</saml:Assertion>",
        &format!("{}</saml:Assertion>", part("ds:Signature")),
        1,
    );
    check(&[
        ("none", ASSERTION.to_owned(), Unsigned),
        ("two", replaced(part("ds:Signature"), &twice), SignatureCount),
        ("two apart", apart, SignatureCount),
        ("before Issuer", moved("<saml:Issuer>"), SignaturePosition),
        ("last", moved("</saml:Assertion>"), SignaturePosition),
        ("in another element", moved("<saml:NameID>"), Unsigned),
        (
            "of another namespace",
            SIGNED.replace("http://www.w3.org/2000/09/xmldsig#\"><ds:S", "urn:evil\"><ds:S"),
            Unsigned,
        ),
    ]);
    // Without an Issuer it comes first.
    let document = SIGNED.replace("<saml:Issuer>https://idp.test.example</saml:Issuer>", "");
    assert_eq!(code(&KEY.sign_again(&document)), None);
}

#[test]
fn every_part_stands_once_and_in_order() {
    let doubled = |name: &str| replaced(part(name), &part(name).repeat(2));
    let without = |name: &str| replaced(part(name), "");
    let after = |name: &str, text: &str| replaced(part(name), &format!("{}{text}", part(name)));
    let swapped = replaced(
        &format!("{}{}", part("ds:DigestMethod"), part("ds:DigestValue")),
        &format!("{}{}", part("ds:DigestValue"), part("ds:DigestMethod")),
    );
    check(&[
        ("two SignedInfo", doubled("ds:SignedInfo"), SignatureStructure),
        ("two SignatureValue", doubled("ds:SignatureValue"), SignatureStructure),
        ("two KeyInfo", doubled("ds:KeyInfo"), SignatureStructure),
        ("two methods", doubled("ds:SignatureMethod"), SignatureStructure),
        ("two c14n methods", doubled("ds:CanonicalizationMethod"), SignatureStructure),
        ("two digest methods", doubled("ds:DigestMethod"), SignatureStructure),
        ("two digests", doubled("ds:DigestValue"), SignatureStructure),
        ("two Transforms", doubled("ds:Transforms"), SignatureStructure),
        ("no SignedInfo", without("ds:SignedInfo"), SignatureStructure),
        ("no method", without("ds:SignatureMethod"), SignatureStructure),
        ("no c14n method", without("ds:CanonicalizationMethod"), SignatureStructure),
        ("no digest method", without("ds:DigestMethod"), SignatureStructure),
        ("no digest", without("ds:DigestValue"), SignatureStructure),
        ("out of order", swapped, SignatureStructure),
        ("an Object", after("ds:KeyInfo", "<ds:Object/>"), SignatureStructure),
        ("a foreign child", after("ds:KeyInfo", "<saml:Advice/>"), SignatureStructure),
        (
            "a foreign child first",
            replaced("<ds:SignedInfo>", "<saml:Advice/><ds:SignedInfo>"),
            SignatureStructure,
        ),
        ("a Manifest", after("ds:Reference", "<ds:Manifest/>"), SignatureStructure),
        ("a text", after("ds:KeyInfo", "text"), SignatureStructure),
        ("a text in SignedInfo", after("ds:Reference", "text"), SignatureStructure),
        ("an attribute", replaced("<ds:SignedInfo>", "<ds:SignedInfo x=''>"), SignatureStructure),
        (
            "a method's attribute",
            replaced("<ds:DigestMethod ", "<ds:DigestMethod x='' "),
            SignatureStructure,
        ),
        (
            "an element in the digest",
            replaced("</ds:DigestValue>", "<ds:x/></ds:DigestValue>"),
            SignatureStructure,
        ),
        (
            "an element in the value",
            replaced("</ds:SignatureValue>", "<ds:x/></ds:SignatureValue>"),
            SignatureStructure,
        ),
        (
            "a parameter of the digest",
            replaced("</ds:DigestMethod>", "<ds:x/></ds:DigestMethod>"),
            SignatureStructure,
        ),
        // The canonical form has no comments, so the cryptography holds (SAMLStorm).
        (
            "a comment in the digest",
            replaced("<ds:DigestValue>", "<ds:DigestValue><!--AAAA-->"),
            SignatureStructure,
        ),
        (
            "a comment in the value",
            replaced("</ds:SignatureValue>", "<!-- --></ds:SignatureValue>"),
            SignatureStructure,
        ),
    ]);
    // White space between the parts is nothing, once it is signed.
    let spaced = SIGNED.replace("><ds:", ">\n  <ds:");
    assert_eq!(code(&spaced), Some(DigestMismatch));
    assert_eq!(code(&KEY.sign_again(&spaced)), None);
}

#[test]
fn one_reference_to_the_id_of_the_parent() {
    let uri = |uri: &str| KEY.sign_again(&replaced(" URI=\"#_a\"", uri));
    let other = |id: &str| {
        let named = replaced("<saml:Subject>", &format!("<saml:Subject {id}>"));
        KEY.sign_again(&named.replacen("URI=\"#_a\"", "URI=\"#_b\"", 1))
    };
    check(&[
        ("none", replaced(part("ds:Reference"), ""), ReferenceCount),
        ("two", replaced(part("ds:Reference"), &part("ds:Reference").repeat(2)), ReferenceCount),
        ("absent", uri(""), ReferenceUri),
        ("empty", uri(" URI=\"\""), ReferenceUri),
        ("the whole document", uri(" URI=\"#\""), ReferenceUri),
        ("without a hash", uri(" URI=\"_a\""), ReferenceUri),
        ("an XPointer to the root", uri(" URI=\"#xpointer(/)\""), ReferenceUri),
        ("an XPointer to an ID", uri(" URI=\"#xpointer(id('_a'))\""), ReferenceUri),
        ("XPath", uri(" URI=\"#_a' or '1'='1\""), ReferenceUri),
        ("another host", uri(" URI=\"http://127.0.0.1:9/#_a\""), ReferenceUri),
        ("a file", uri(" URI=\"file:///etc/passwd\""), ReferenceUri),
        ("a space", uri(" URI=\"#_a \""), ReferenceUri),
        ("nobody", uri(" URI=\"#_absent\""), ReferenceUnresolved),
        ("a descendant", other("ID='_b'"), ReferenceNotParent),
        // Attributes that other readers take for IDs (ATTACKS ID-02, ID-03).
        ("Id", other("Id='_b'"), ReferenceUnresolved),
        ("xml:id", other("xml:id='_b'"), ReferenceUnresolved),
        ("a foreign ID", other("xmlns:evil='urn:evil' evil:ID='_b'"), ReferenceUnresolved),
        ("an ID that only looks alike", replaced(" ID=\"_a\"", " ID=\"_A\""), ReferenceUnresolved),
    ]);
    let polluted = replaced(" ID=\"_a\"", " xmlns:evil=\"urn:evil\" evil:ID=\"_a\" ID=\"_evil\"");
    assert_eq!(code(&polluted), Some(ReferenceUnresolved));
    let polluted = replaced(" ID=\"_a\"", " xmlns:evil=\"urn:evil\" evil:ID=\"_a\" ID=\"_a\"");
    assert_eq!(code(&polluted), Some(DigestMismatch));
}

#[test]
fn enveloped_signature_then_exclusive_canonicalization_and_nothing_else() {
    const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let transform = |uri: &str, inside: &str| {
        format!("<ds:Transform Algorithm=\"{uri}\">{inside}</ds:Transform>")
    };
    let (enveloped, exclusive) = (transform(ENVELOPED, ""), transform(EXCLUSIVE, ""));
    let with = |transforms: &[&str]| {
        let transforms = format!("<ds:Transforms>{}</ds:Transforms>", transforms.concat());
        KEY.sign_again(&replaced(part("ds:Transforms"), &transforms))
    };
    let one = |uri: &str| with(&[&enveloped, &transform(uri, "")]);
    let canonicalization = |uri: &str| {
        let method = format!("<ds:CanonicalizationMethod Algorithm=\"{uri}\"/>");
        KEY.sign_again(&replaced(part("ds:CanonicalizationMethod"), &method))
    };
    let list = |attributes: &str| {
        let list = format!("<e:InclusiveNamespaces xmlns:e=\"{EXCLUSIVE}\" {attributes}/>");
        transform(EXCLUSIVE, &list)
    };
    let xpath = transform(
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>",
    );
    check(&[
        ("none", KEY.sign_again(&replaced(part("ds:Transforms"), "")), TransformNotAllowed),
        ("an empty list", with(&[]), TransformNotAllowed),
        ("enveloped alone", with(&[&enveloped]), TransformNotAllowed),
        ("c14n alone", with(&[&exclusive]), TransformNotAllowed),
        ("in the other order", with(&[&exclusive, &enveloped]), TransformNotAllowed),
        ("enveloped twice", with(&[&enveloped, &enveloped]), TransformNotAllowed),
        ("three", with(&[&enveloped, &exclusive, &exclusive]), TransformNotAllowed),
        ("forty", with(&[exclusive.as_str(); 40]), TransformNotAllowed),
        ("XPath", with(&[&enveloped, &xpath]), TransformNotAllowed),
        ("XPath between", with(&[&enveloped, &xpath, &exclusive]), TransformNotAllowed),
        ("XPath Filter 2", one("http://www.w3.org/2002/06/xmldsig-filter2"), TransformNotAllowed),
        ("XSLT", one("http://www.w3.org/TR/1999/REC-xslt-19991116"), TransformNotAllowed),
        ("base64", one("http://www.w3.org/2000/09/xmldsig#base64"), TransformNotAllowed),
        ("decryption", one("http://www.w3.org/2002/07/decrypt#XML"), TransformNotAllowed),
        ("inclusive", one("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"), TransformNotAllowed),
        (
            "with comments",
            one("http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
            TransformNotAllowed,
        ),
        ("of no name", one(""), TransformNotAllowed),
        ("of no attribute", with(&[&enveloped, "<ds:Transform/>"]), TransformNotAllowed),
        (
            "a foreign transform",
            with(&[&enveloped, &exclusive.replace("ds:Transform", "saml:Transform")]),
            TransformNotAllowed,
        ),
        (
            "a parameter of enveloped",
            with(&[&transform(ENVELOPED, "<ds:XPath/>"), &exclusive]),
            TransformNotAllowed,
        ),
        (
            "a parameter of c14n",
            with(&[&enveloped, &transform(EXCLUSIVE, "<ds:XPath/>")]),
            TransformNotAllowed,
        ),
        (
            "a list's child",
            with(&[
                &enveloped,
                &list("><x/").replace("/>", "></e:InclusiveNamespaces>").replace("<x>", "<x/>"),
            ]),
            SignatureStructure,
        ),
        ("a list's attribute", with(&[&enveloped, &list("x=\"\"")]), SignatureStructure),
        (
            "SignedInfo with comments",
            canonicalization("http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
            TransformNotAllowed,
        ),
        (
            "SignedInfo inclusive",
            canonicalization("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
            TransformNotAllowed,
        ),
        ("SignedInfo by nothing", canonicalization(""), TransformNotAllowed),
    ]);
    for accepted in [
        with(&[&enveloped, &exclusive]),
        with(&[&enveloped, &list("PrefixList=\"xs saml #default\"")]),
        with(&[&enveloped, &list("PrefixList=\"\"")]),
        KEY.sign_again(&replaced(
            part("ds:CanonicalizationMethod"),
            &list("PrefixList=\"saml xs\"").replace("ds:Transform", "ds:CanonicalizationMethod"),
        )),
    ] {
        verify(&accepted, KEY.trusted(), &[]).unwrap_or_else(|it| panic!("{it}: {accepted}"));
    }
}

#[test]
fn what_has_no_canonical_form_has_no_digest() {
    // The digest of nothing, correctly signed (ATTACKS C14N-02).
    let nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let declared = replaced(" ID=\"_a\"", " xmlns:x=\"1\" ID=\"_a\"");
    let digest = part("ds:DigestValue");
    let void = declared.replacen(digest, &format!("<ds:DigestValue>{nothing}</ds:DigestValue>"), 1);
    // Our own canonicalization refuses to sign this, so the repaired document lends its SignedInfo.
    let lent = KEY.sign_info_again(&void.replace("xmlns:x=\"1\"", "xmlns:x=\"urn:1\""));
    assert_eq!(code(&lent), Some(DigestMismatch));
    let void = lent.replace("xmlns:x=\"urn:1\"", "xmlns:x=\"1\"");
    assert_eq!(code(&void), Some(Canonicalization));
    let repaired = declared.replace("xmlns:x=\"1\"", "xmlns:x=\"urn:1\"");
    assert_eq!(code(&KEY.sign_again(&repaired)), None);
}

#[test]
fn structure_is_refused_before_algorithms_and_keys() {
    let weak = SIGNED.replace("rsa-sha256", "hmac-sha1").replace("#_a\"", "#_absent\"");
    assert_eq!(code(&weak), Some(ReferenceUnresolved));
    let grants = [LegacyCrypto::Sha1, LegacyCrypto::Rsa1024];
    let refused = verify(&weak, KEY.trusted(), &grants).map_err(|it| it.code);
    assert_eq!(refused, Err(ReferenceUnresolved));
}
