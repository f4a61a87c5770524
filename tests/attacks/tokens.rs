//! Attacks on the answers of WS-Federation, on tokens of SAML 1.1 and of SAML 2.0: each is refused for its
//! reason, and without it the same answer is accepted (ATTACKS 13).

use crate::wresult::{
    KEY, REALM, TOKEN_11, TOKEN_20, TOKENS, answer, bare, case, collection, encrypted, signed,
    trust_13, with,
};
use sso_core::connection::{LegacyCrypto, Verification};
use sso_core::error::Code;
use sso_server::selftest::Asked;
use sso_tests::{TestKey, signed_token, token_response};
use time::macros::datetime;

/// The code by which an answer is refused; none where it is accepted.
fn refusal(answer: &str) -> Option<Code> {
    case().verify(answer.as_bytes()).err().map(|rejection| rejection.code)
}

/// Checks that the answer of each token is refused once its token is changed before it is signed.
fn refused_with(part: &str, other: &str, code: Code) {
    for token in TOKENS.iter().filter(|token| token.contains(part)) {
        assert_eq!(refusal(&answer(&signed(token))), None);
        let forged = with(token, part, other);
        assert_eq!(refusal(&answer(&signed(&forged))), Some(code), "{other}");
    }
    assert!(TOKENS.iter().any(|token| token.contains(part)), "{part}");
}

#[test]
fn what_a_token_says_is_read_alike_in_both_types() {
    for token in TOKENS {
        for answer in [answer(&signed(token)), token_response(&signed(token))] {
            let (trust_13, collection) = (trust_13(&answer), collection(&trust_13(&answer)));
            for answer in [&answer, &trust_13, &collection] {
                let login = case().verify(answer.as_bytes()).unwrap();
                assert_eq!(login.issuer(), "http://idp.test/adfs/services/trust");
                assert_eq!(login.name_id().value, "ada@acme.test");
                let format = login.name_id().format.as_deref();
                assert_eq!(format, Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"));
                let context = login.authn_context();
                assert_eq!(context, Some("urn:federation:authentication:windows"));
                assert_eq!(login.authn_instant(), datetime!(2030-01-15 11:59 UTC));
                let email = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
                let attribute = (email.to_owned(), vec!["ada@acme.test".to_owned()]);
                assert_eq!(login.attributes(), [attribute]);
                // The key of every replay record: whichever endpoint it comes to, and how.
                assert_eq!(login.replay().issuer, login.issuer());
                assert_eq!(login.replay().assertion_id, "_token");
                assert_eq!(login.replay().expires_at, datetime!(2030-01-15 13:05 UTC));
                assert!(login.solicited());
            }
        }
    }
}

#[test]
fn a_token_need_not_say_how_the_person_was_authenticated() {
    for (token, name) in [(TOKEN_11, "AuthenticationStatement"), (TOKEN_20, "AuthnStatement")] {
        let (before, rest) = token.split_once(&format!("<saml:{name} ")).unwrap();
        let (_, after) = rest.split_once(&format!("</saml:{name}>")).unwrap();
        let answer = answer(&signed(&format!("{before}{after}")));
        let login = case().verify(answer.as_bytes()).unwrap();
        assert_eq!(login.authn_context(), None);
        assert_eq!(login.authn_instant(), datetime!(2030-01-15 12:00:00.123 UTC));
    }
}

#[test]
fn nothing_but_the_signature_of_the_token_vouches_for_it() {
    let stranger = TestKey::rsa(2048);
    for token in TOKENS {
        let good = signed(token);
        assert_eq!(refusal(&answer(&good)), None);
        assert_eq!(refusal(&answer(token)), Some(Code::Unsigned));
        assert_eq!(refusal(&answer(&signed_token(&stranger, token))), Some(Code::UntrustedKey));
        let changed = with(&good, "ada@acme.test", "eve@acme.test");
        assert_eq!(refusal(&answer(&changed)), Some(Code::DigestMismatch));
        // The genuine certificate beside the stranger's, in either order, and a second KeyInfo.
        let forged = signed_token(&stranger, token);
        let certificate = |text: &str| {
            let (_, rest) = text.split_once("<ds:X509Data>").unwrap();
            rest.split_once("</ds:X509Data>").unwrap().0.to_owned()
        };
        let (ours, theirs) = (certificate(&good), certificate(&forged));
        for both in [format!("{ours}{theirs}"), format!("{theirs}{ours}")] {
            let confused = with(&forged, &theirs, &both);
            let code = refusal(&answer(&confused));
            assert!(matches!(code, Some(Code::UntrustedKey | Code::SignatureInvalid)), "{code:?}");
        }
        let info = format!("<ds:KeyInfo><ds:X509Data>{ours}</ds:X509Data></ds:KeyInfo>");
        let twice = with(&forged, "</ds:KeyInfo>", &format!("</ds:KeyInfo>{info}"));
        assert_eq!(refusal(&answer(&twice)), Some(Code::SignatureStructure));
        // The answer signed in the token's stead, or the token's signature beside it.
        let (before, rest) = good.split_once("<ds:Signature ").unwrap();
        let (signature, after) = rest.split_once("</ds:Signature>").unwrap();
        let signature = format!("<ds:Signature {signature}</ds:Signature>");
        let moved = with(
            &answer(&format!("{before}{after}")),
            "</t:RequestSecurityTokenResponse>",
            &format!("{signature}</t:RequestSecurityTokenResponse>"),
        );
        assert_eq!(refusal(&moved), Some(Code::SignaturePosition));
    }
}

#[test]
fn a_token_stands_in_one_place_alone() {
    for token in TOKENS {
        let good = signed(token);
        let evil = with(&with(token, "_token", "_evil"), "ada@acme.test", "eve@acme.test");
        let whole = answer(&good);
        assert_eq!(refusal(&whole), None);
        let requested = format!("<t:RequestedSecurityToken>{good}</t:RequestedSecurityToken>");
        let other = format!("<t:RequestedSecurityToken>{evil}</t:RequestedSecurityToken>");
        let end = "</t:RequestSecurityTokenResponse>";
        for (title, forged, code) in [
            (
                "beside it, after",
                with(&whole, &good, &format!("{good}{evil}")),
                Code::AssertionCount,
            ),
            (
                "beside it, before",
                with(&whole, &good, &format!("{evil}{good}")),
                Code::AssertionCount,
            ),
            (
                "in a second RequestedSecurityToken",
                with(&whole, &requested, &format!("{other}{requested}")),
                Code::AssertionCount,
            ),
            (
                "another genuine one",
                with(&whole, &good, &format!("{good}{}", signed(&evil))),
                Code::AssertionCount,
            ),
            ("none", with(&whole, &good, ""), Code::AssertionCount),
            ("a text", with(&whole, &good, &format!("{good}x")), Code::SchemaViolation),
            (
                "the genuine one elsewhere",
                with(&with(&whole, &good, &evil), end, &format!("{good}{end}")),
                Code::AssertionNested,
            ),
            (
                "another in RequestedProofToken",
                with(
                    &whole,
                    end,
                    &format!("<t:RequestedProofToken>{evil}</t:RequestedProofToken>{end}"),
                ),
                Code::AssertionNested,
            ),
            (
                "the genuine one inside the forged one",
                with(
                    &whole,
                    &good,
                    &with(
                        &evil,
                        "<saml:Conditions",
                        &format!("<saml:Advice>{good}</saml:Advice><saml:Conditions"),
                    ),
                ),
                Code::AssertionNested,
            ),
            (
                "the same ID twice",
                with(&whole, &good, &with(&format!("{good}{evil}"), "_evil", "_token")),
                Code::DuplicateId,
            ),
            (
                "something encrypted elsewhere",
                with(
                    &whole,
                    end,
                    &format!(
                        "<t:Entropy><x:EncryptedData xmlns:x=\"http://www.w3.org/2001/04/xmlenc#\"/></t:Entropy>{end}"
                    ),
                ),
                Code::AssertionNested,
            ),
            (
                "two answers",
                format!(
                    "<t:RequestSecurityTokenResponseCollection xmlns:t=\"http://schemas.xmlsoap.org/ws/2005/02/trust\">{}{whole}</t:RequestSecurityTokenResponseCollection>",
                    answer(&evil)
                ),
                Code::AssertionCount,
            ),
            (
                "an answer of the other WS-Trust inside a collection",
                format!(
                    "<t:RequestSecurityTokenResponseCollection xmlns:t=\"http://docs.oasis-open.org/ws-sx/ws-trust/200512\">{whole}</t:RequestSecurityTokenResponseCollection>"
                ),
                Code::UnexpectedMessage,
            ),
            ("no SAML", with(&whole, &good, "<jwt>e30.e30.</jwt>"), Code::UnexpectedMessage),
        ] {
            assert_eq!(refusal(&forged), Some(code), "{title}");
        }
    }
}

#[test]
fn a_token_is_for_this_realm_alone() {
    refused_with(REALM, "urn:federation:sp.test:other", Code::Audience);
    refused_with(REALM, "urn:federation:sp.test:acme/", Code::Audience);
    refused_with(REALM, "", Code::Audience);
    for token in TOKENS {
        // What the answer says of itself helps no token, and refuses one.
        let other =
            with(&answer(&signed(token)), &format!("<a:Address>{REALM}"), "<a:Address>urn:other");
        assert_eq!(refusal(&other), Some(Code::AppliesTo));
        let (before, rest) = token.split_once("<saml:Audience").unwrap();
        let tag = rest.split_once('>').unwrap().0;
        let (_, after) = rest.split_once(&format!("</saml:Audience{tag}>")).unwrap();
        let unrestricted = signed(&format!("{before}{after}"));
        assert_eq!(refusal(&answer(&unrestricted)), Some(Code::Audience));
    }
    refused_with("http://idp.test/adfs", "https://idp.test/adfs", Code::Issuer);
}

#[test]
fn a_token_has_its_time() {
    let end = "NotOnOrAfter=\"2030-01-15T13:00:00Z\"";
    // However long the answer says that it lives.
    refused_with(end, "NotOnOrAfter=\"2030-01-15T11:57:00Z\"", Code::Expired);
    refused_with(end, "", Code::Expired);
    refused_with(
        "NotBefore=\"2030-01-15T12:00:00.123Z\"",
        "NotBefore=\"2030-01-15T12:03:00Z\"",
        Code::NotYetValid,
    );
    refused_with(end, "NotOnOrAfter=\"2030-01-15T14:00:00+01:00\"", Code::InvalidTime);
    for token in TOKENS {
        let whole = answer(&signed(token));
        let forged = with(&whole, ">2030-01-15T13:00:00Z<", ">2030-01-15T11:57:00Z<");
        assert_eq!(refusal(&forged), Some(Code::Expired));
        let forged = with(&whole, ">2030-01-15T12:00:00.123Z<", ">2030-01-15T12:03:00Z<");
        assert_eq!(refusal(&forged), Some(Code::NotYetValid));
        let forged = with(&whole, ">2030-01-15T13:00:00Z<", ">tomorrow<");
        assert_eq!(refusal(&forged), Some(Code::InvalidTime));
    }
}

#[test]
fn a_token_that_nobody_asked_for_is_fresh() {
    for token in TOKENS {
        let answer = answer(&signed(token));
        let verified_at = |now| {
            let mut case = case();
            (case.asked, case.now) = (Asked::UnsolicitedToken, now);
            case.verify(answer.as_bytes())
        };
        assert!(!verified_at(datetime!(2030-01-15 12:07 UTC)).unwrap().solicited());
        let refused = verified_at(datetime!(2030-01-15 12:08 UTC)).unwrap_err();
        assert_eq!(refused.code, Code::TooOld);
    }
}

#[test]
fn every_statement_is_about_the_one_person_whom_the_bearer_is() {
    let bearer_11 = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
    refused_with(
        bearer_11,
        "urn:oasis:names:tc:SAML:1.0:cm:sender-vouches",
        Code::NoBearerConfirmation,
    );
    let bearer_20 = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    refused_with(
        bearer_20,
        "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
        Code::NoBearerConfirmation,
    );

    let (first, last) = TOKEN_11.split_once("</saml:AttributeStatement>").unwrap();
    let halves = |first: &str, last: &str| {
        refusal(&answer(&signed(&format!("{first}</saml:AttributeStatement>{last}"))))
    };
    assert_eq!(halves(first, last), None);
    let vouched =
        |half: &str| with(half, bearer_11, "urn:oasis:names:tc:SAML:1.0:cm:sender-vouches");
    assert_eq!(halves(&vouched(first), last), Some(Code::NoBearerConfirmation));
    assert_eq!(halves(first, &vouched(last)), Some(Code::NoBearerConfirmation));
    let eve = |half: &str| {
        with(half, "ada@acme.test</saml:NameIdentifier>", "eve@acme.test</saml:NameIdentifier>")
    };
    assert_eq!(halves(&eve(first), last), Some(Code::SubjectMismatch));
    assert_eq!(halves(first, &eve(last)), Some(Code::SubjectMismatch));
    assert_eq!(halves(&eve(first), &eve(last)), None);

    refused_with("MinorVersion=\"1\"", "MinorVersion=\"0\"", Code::Version);
    refused_with("NameIdentifier", "NameID", Code::SchemaViolation);
    for name in ["NameIdentifier", "NameID"] {
        let (ada, blank) = (format!("ada@acme.test</saml:{name}>"), format!(" </saml:{name}>"));
        refused_with(&ada, &blank, Code::NameIdMissing);
    }
    let email = "<saml:AttributeValue>ada@acme.test</saml:AttributeValue></saml:Attribute>";
    for token in TOKENS {
        let (_, rest) = token.split_once("<saml:Attribute ").unwrap();
        let attribute = rest.split_once("</saml:Attribute>").unwrap().0;
        let again = with(attribute, "ada@acme.test", "eve@acme.test");
        let again = format!("{email}<saml:Attribute {again}</saml:Attribute>");
        let mut case = case();
        case.party.identifying_attributes =
            vec!["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress".to_owned()];
        let answer = answer(&signed(&with(token, email, &again)));
        let refused = case.verify(answer.as_bytes()).unwrap_err();
        assert_eq!(refused.code, Code::AttributeContradiction);
    }
}

#[test]
fn what_a_token_says_has_the_form_of_its_schema() {
    for name in ["NameIdentifier", "NameID"] {
        let end = format!("ada@acme.test</saml:{name}>");
        let inside = format!("eve@acme.test<x xmlns=\"\">.x</x></saml:{name}>");
        refused_with(&end, &inside, Code::SchemaViolation);
        let twice = format!("{end}<saml:{name}>eve@acme.test</saml:{name}>");
        refused_with(&end, &twice, Code::SchemaViolation);
    }
    let value = "<saml:AttributeValue>ada@acme.test</saml:AttributeValue></saml:Attribute>";
    refused_with(value, &format!("{value}<saml:NameID/>"), Code::SchemaViolation);
    // A name that was made for another service. SAML 1.1 does not say for which.
    let other = "<saml:NameID SPNameQualifier=\"urn:federation:sp.test:other\"";
    refused_with("<saml:NameID", other, Code::NameIdQualifier);
}

#[test]
fn the_conditions_of_a_token_are_there_once_and_known() {
    for token in TOKENS {
        let (before, rest) = token.split_once("<saml:Conditions").unwrap();
        let (conditions, after) = rest.split_once("</saml:Conditions>").unwrap();
        let conditions = format!("<saml:Conditions{conditions}</saml:Conditions>");
        let refused =
            |conditions: &str| refusal(&answer(&signed(&format!("{before}{conditions}{after}"))));
        assert_eq!(refused(&conditions), None);
        assert_eq!(refused(""), Some(Code::Conditions));
        assert_eq!(refused(&conditions.repeat(2)), Some(Code::Conditions));
        let unknown = "<saml:Condition xmlns:x=\"urn:x\" \
                       xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"x:unknown\"/>";
        let unknown =
            with(&conditions, "</saml:Conditions>", &format!("{unknown}</saml:Conditions>"));
        assert_eq!(refused(&unknown), Some(Code::Conditions));
    }
}

#[test]
fn an_encrypted_name_stands_under_the_signature_of_its_token() {
    let name = |person: &str| {
        let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
        format!("<saml:NameID Format=\"{format}\">{person}@acme.test</saml:NameID>")
    };
    let sealed = |person: &str| {
        let declared = "<saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
        encrypted(&with(&name(person), "<saml:NameID", declared))
            .replace("EncryptedAssertion", "EncryptedID")
    };
    let token = with(TOKEN_20, &name("ada"), &sealed("ada"));
    let login = case().verify(answer(&signed(&token)).as_bytes()).unwrap();
    assert_eq!(login.name_id().value, "ada@acme.test");
    let signed_token = signed(&token);
    let (_, rest) = signed_token.split_once("<saml:EncryptedID").unwrap();
    let genuine = rest.split_once("</saml:EncryptedID>").unwrap().0;
    let eve = sealed("eve");
    let forged = eve.split_once("<saml:EncryptedID").unwrap().1;
    let forged = forged.split_once("</saml:EncryptedID>").unwrap().0;
    let exchanged = with(&signed_token, genuine, forged);
    assert_eq!(refusal(&answer(&exchanged)), Some(Code::DigestMismatch));
}

#[test]
fn what_is_no_answer_is_not_read() {
    let fault = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault/>\
                 </s:Body></s:Envelope>";
    assert_eq!(refusal(fault), Some(Code::UnexpectedMessage));
    assert_eq!(refusal("http://idp.test/result"), Some(Code::NotWellFormed));
    for token in TOKENS {
        assert_eq!(refusal(&signed(token)), Some(Code::UnexpectedMessage));
        let other = "http://schemas.xmlsoap.org/ws/2004/04/trust";
        let whole = answer(&signed(token));
        let old = with(&whole, "http://schemas.xmlsoap.org/ws/2005/02/trust", other);
        assert_eq!(refusal(&old), Some(Code::UnexpectedMessage));
        let doctype = format!("<!DOCTYPE t [<!ENTITY e 'x'>]>{whole}");
        assert_eq!(refusal(&doctype), Some(Code::DoctypeForbidden));
    }
}

#[test]
fn what_one_endpoint_is_sent_is_nothing_to_another() {
    let bare = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"/>";
    let confirmed = |data: &str| {
        let confirmation = format!(
            "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData {data}/></saml:SubjectConfirmation>"
        );
        refusal(&answer(&signed(&with(TOKEN_20, bare, &confirmation))))
    };
    // A confirmation may say more than it must, and is then held to it.
    assert_eq!(confirmed("Recipient=\"https://sp.test/wsfed/acme\""), None);
    assert_eq!(confirmed("Recipient=\"https://sp.test/saml/acme/acs\""), Some(Code::Recipient));
    assert_eq!(confirmed("InResponseTo=\"_request\""), Some(Code::InResponseTo));
    assert_eq!(confirmed("NotOnOrAfter=\"2030-01-15T11:57:00Z\""), Some(Code::Expired));

    // The other way about: neither token is good for a login of SAML 2.0.
    let mut case = case();
    case.asked = Asked::UnsolicitedResponse;
    for (token, code) in [(TOKEN_11, Code::SchemaViolation), (TOKEN_20, Code::NoBearerConfirmation)]
    {
        let response = format!(
            "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" \
             IssueInstant=\"2030-01-15T12:00:00Z\"><p:Status><p:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></p:Status>{}</p:Response>",
            signed(token)
        );
        assert_eq!(case.verify(response.as_bytes()).unwrap_err().code, code);
        let whole = answer(&signed(token));
        assert_eq!(case.verify(whole.as_bytes()).unwrap_err().code, Code::UnexpectedMessage);
    }
}

#[test]
fn what_is_encrypted_to_us_is_worth_its_own_signature() {
    assert_eq!(refusal(&answer(&encrypted(&signed(TOKEN_20)))), None);
    assert_eq!(refusal(&answer(&encrypted(TOKEN_20))), Some(Code::Unsigned));
    // That element is none of SAML 1.1.
    assert_eq!(refusal(&answer(&encrypted(&signed(TOKEN_11)))), Some(Code::DecryptedContent));
    for token in TOKENS {
        let good = bare(&signed(token));
        assert_eq!(refusal(&answer(&good)), None);
        assert_eq!(refusal(&answer(&bare(token))), Some(Code::Unsigned));
        let stranger = TestKey::rsa(2048);
        let forged = bare(&signed_token(&stranger, token));
        assert_eq!(refusal(&answer(&forged)), Some(Code::UntrustedKey));
        assert_eq!(refusal(&answer(&bare("<jwt/>"))), Some(Code::DecryptedContent));
        let twice = answer(&format!("{good}{good}"));
        assert_eq!(refusal(&twice), Some(Code::AssertionCount));
        // Whatever does not decrypt is refused in the same words.
        let says = |answer: String| {
            let refused = case().verify(answer.as_bytes()).unwrap_err();
            (refused.code, refused.expected.to_string(), refused.found.to_string())
        };
        let (start, end) = good.rsplit_once("</x:CipherValue>").unwrap();
        let broken = format!("{}AAAA</x:CipherValue>{end}", &start[..start.len() - 4]);
        let short = format!("{}</x:CipherValue>{end}", &start[..start.len() - 24]);
        assert_eq!(says(answer(&broken)).0, Code::Decryption);
        assert_eq!(says(answer(&short)), says(answer(&broken)));
        let mut case = case();
        case.party.decryption_keys.clear();
        let refused = case.verify(answer(&good).as_bytes()).unwrap_err();
        assert_eq!(refused.code, Code::Decryption);
    }
}

#[test]
fn a_second_engine_that_knows_no_tokens_is_not_passed_over() {
    for token in TOKENS {
        let mut case = case();
        case.party.verification = Verification::Dual;
        let refused = case.verify(answer(&signed(token)).as_bytes()).unwrap_err();
        assert_eq!(refused.code, Code::SecondOpinionUnavailable);
    }
}

#[test]
fn an_old_signature_of_a_token_needs_its_grant() {
    for token in TOKENS {
        let sha1 = with(
            &signed(token),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        );
        let answer = answer(&KEY.sign_again(&sha1));
        assert_eq!(refusal(&answer), Some(Code::AlgorithmNotAllowed));
        let mut case = case();
        case.party.grants.insert(LegacyCrypto::Sha1);
        assert!(case.verify(answer.as_bytes()).is_ok());
    }
}
