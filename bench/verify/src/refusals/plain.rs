//! Messages that are not encrypted.

use super::{ACCEPTED, Bound, Case, case, part, posted, with};
use crate::input::{ACS_URL, IDP_ENTITY_ID, Input, REQUEST_ID, committed, file};
use crate::subjects::ours::{NOW, party};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::bindings::post::MAX_FIELD;
use sso_core::login::RelyingParty;
use time::Duration;

pub(super) fn cases() -> Vec<Case> {
    let folder = committed();
    let input = Input::read(&folder, "response");
    let others = ["other1", "other2", "other3"].map(|it| file(&folder, &format!("{it}.cert.pem")));
    let xml = String::from_utf8(input.xml.clone()).expect("UTF-8");
    let own = || party(&[&input.certificate], &[]);
    let accepted = case("nothing", ACCEPTED, Bound::Times(1), xml.as_bytes(), own(), NOW);
    let mut cases = vec![accepted];
    cases.extend(before_the_signature(&xml, own));
    cases.extend(signatures(&xml, &input.certificate, &others));
    cases.extend(after_the_signature(&xml, own));
    cases
}

/// What is refused before anything is hashed.
fn before_the_signature(xml: &str, own: impl Fn() -> RelyingParty) -> Vec<Case> {
    let field = |cause, code, field: String| posted(cause, code, Bound::Half, field, own(), NOW);
    let mut cases = vec![
        field("a field that is too long", "message_too_large", "A".repeat(MAX_FIELD + 1)),
        field("its last character is not base64", "not_base64", {
            let mut text = STANDARD.encode(xml);
            text.pop();
            text + "!"
        }),
    ];
    let signature = part(xml, "<ds:Signature ", "</ds:Signature>");
    let assertion = part(xml, "<saml:Assertion ", "</saml:Assertion>");
    let key_info = part(xml, "<ds:KeyInfo>", "</ds:KeyInfo>");
    let id = "_0b8f5a4c2d1e4f3a9b7c6d5e4f3a2b1c";
    let forged = with(&with(assertion, signature, ""), id, "_forged");
    let rsa = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    let of_response = format!("ID=\"{id}\"");
    let edits: &[(&str, &str, String)] = &[
        ("a control character at the end", "not_well_formed", format!("{xml}\u{1}")),
        ("a document type declaration", "doctype_forbidden", format!("<!DOCTYPE r>{xml}")),
        ("its last end tag is missing", "not_well_formed", with(xml, "</samlp:Response>", "")),
        (
            "an undeclared prefix in its last element",
            "not_namespace_well_formed",
            with(xml, "</samlp:Response>", "<x:y/></samlp:Response>"),
        ),
        (
            "elements nested too deep, at the end",
            "depth_limit",
            with(xml, "</samlp:Response>", &"<a>".repeat(70)),
        ),
        (
            "the assertion's ID twice",
            "duplicate_id",
            with(xml, "_5f1f6c4e0b5d4f0d8f0e1f3a7b1c2d3e", id),
        ),
        (
            "another message",
            "unexpected_message",
            xml.replace("samlp:Response", "samlp:LogoutResponse"),
        ),
        (
            "wrapped: a forged assertion before the signed one",
            "assertion_count",
            with(xml, assertion, &format!("{forged}{assertion}")),
        ),
        (
            "wrapped: the signed assertion inside a forged one",
            "assertion_nested",
            with(
                xml,
                assertion,
                &with(
                    &forged,
                    "</saml:Issuer>",
                    &format!("</saml:Issuer><saml:Advice>{assertion}</saml:Advice>"),
                ),
            ),
        ),
        (
            "wrapped: the forged one with the signature of the other",
            "reference_unresolved",
            with(xml, &of_response, "ID=\"_forged\""),
        ),
        (
            "two signatures",
            "signature_count",
            with(xml, signature, &format!("{signature}{signature}")),
        ),
        (
            "a signature in another place",
            "signature_position",
            with(
                &with(xml, signature, ""),
                "</saml:Conditions>",
                &format!("</saml:Conditions>{signature}"),
            ),
        ),
        (
            "a reference without URI",
            "reference_uri",
            with(xml, &format!("URI=\"#{id}\""), "URI=\"\""),
        ),
        (
            "a transform of another kind",
            "transform_not_allowed",
            with(
                xml,
                "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                "http://www.w3.org/TR/1999/REC-xpath-19991116",
            ),
        ),
        ("an object in the signature", "signature_structure", with(xml, key_info, "<ds:Object/>")),
        ("another version", "version", with(xml, "Version=\"2.0\"", "Version=\"2.1\"")),
        ("another destination", "destination", with(xml, ACS_URL, "https://other.example/acs")),
        ("another issuer", "issuer", with(xml, IDP_ENTITY_ID, "https://other.example/idp")),
        ("no success", "status_not_success", with(xml, "status:Success", "status:Responder")),
        ("the answer to another request", "in_response_to", with(xml, REQUEST_ID, "_other")),
        ("no assertion", "assertion_count", with(xml, assertion, "")),
        ("no signature", "unsigned", with(xml, signature, "")),
        (
            "an algorithm that is never allowed",
            "algorithm_not_allowed",
            with(xml, rsa, "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        ),
        (
            "an algorithm for another kind of key",
            "algorithm_key_mismatch",
            with(xml, rsa, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
        ),
    ];
    cases.extend(
        edits
            .iter()
            .map(|(cause, code, xml)| case(*cause, code, Bound::Half, xml.as_bytes(), own(), NOW)),
    );
    cases
}

/// What is refused by its signature, with one, two and three live keys of the identity provider.
fn signatures(xml: &str, certificate: &[u8], others: &[Vec<u8>; 3]) -> Vec<Case> {
    let value = part(xml, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let key_info = part(xml, "<ds:KeyInfo>", "</ds:KeyInfo>");
    // Another letter in its middle: base64 all the same.
    let (front, back) = value.split_at(value.len() / 2);
    let letter = if back.starts_with('A') { "B" } else { "A" };
    let changed = with(xml, value, &format!("{front}{letter}{}", &back[1..]));
    let unnamed = |xml: &str| with(xml, key_info, "");
    let digest = with(xml, "Lovelace", "Loveless");
    let [one, two, three] = others.each_ref().map(Vec::as_slice);

    let mut cases = vec![case(
        "a name changed in the assertion",
        "digest_mismatch",
        Bound::Times(1),
        digest.as_bytes(),
        party(&[certificate], &[]),
        NOW,
    )];
    for (keys, trusted, strangers) in [
        (1, vec![certificate], vec![one]),
        (2, vec![one, certificate], vec![one, two]),
        (3, vec![one, two, certificate], vec![one, two, three]),
    ] {
        let mut add = |cause: &str, code, xml: &str, certificates: &[&[u8]]| {
            let cause = format!("{cause}; live keys: {keys}");
            let party = party(certificates, &[]);
            cases.push(case(
                cause,
                code,
                Bound::AndVerifications(keys),
                xml.as_bytes(),
                party,
                NOW,
            ));
        };
        add("nothing, and signed by the last, which it names", ACCEPTED, xml, &trusted);
        add(
            "nothing, and signed by the last, which it does not name",
            ACCEPTED,
            &unnamed(xml),
            &trusted,
        );
        add("another value", "signature_invalid", &changed, &trusted);
        add(
            "another value, and no key is named",
            "signature_invalid",
            &unnamed(&changed),
            &trusted,
        );
        add("a key that is not trusted", "untrusted_key", xml, &strangers);
    }
    cases
}

/// What is refused by the rules of the verified assertion.
fn after_the_signature(xml: &str, own: impl Fn() -> RelyingParty) -> Vec<Case> {
    let late = NOW + Duration::days(20 * 365);
    let mut elsewhere = own();
    elsewhere.sp_entity_id = "https://other.example/sp".to_owned();
    let bound = Bound::AndVerifications(1);
    vec![
        case("it has expired", "expired", bound, xml.as_bytes(), own(), late),
        case("for another audience", "audience", bound, xml.as_bytes(), elsewhere, NOW),
    ]
}
