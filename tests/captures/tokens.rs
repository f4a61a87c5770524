//! The messages that npm wsfed posted (`../shared/captures/wsfed`): tokens of SAML 1.1 and 2.0, bare and in a
//! collection, plain and encrypted.

use sso_core::connection::LegacyCrypto;
use sso_core::error::Code;
use sso_tests::Capture;

const PASSWORD_1: &str = "urn:oasis:names:tc:SAML:1.0:am:password";
const PASSWORD_2: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
const CLAIMS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";

#[test]
fn every_posted_token_signs_in() {
    let found: Vec<_> = Capture::tokens().into_iter().map(|capture| capture.name).collect();
    let flows = ["saml11-encrypted", "saml11", "saml20-encrypted", "saml20-trust13", "saml20"];
    let listed = flows.map(|flow| format!("wsfed/{flow}/01-wresult.xml"));
    assert!(found == listed || found.is_empty(), "{found:?}");

    for capture in Capture::tokens() {
        let (name, mut case) = (&capture.name, capture.case());
        if name.contains("encrypted") {
            // The signature is inside the ciphertext, and so vouches for nothing of it.
            let refused = case.verify(&capture.message()).unwrap_err();
            assert_eq!(refused.code, Code::EncryptionAlgorithm, "{name}: {refused}");
            case.party.grants.insert(LegacyCrypto::AesCbc);
        }
        let login = case.verify(&capture.message());
        let login = login.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        assert_eq!(*login.legacy_used(), case.party.grants, "{name}");
        assert_eq!(login.issuer(), "urn:wsfed-test-idp", "{name}");
        assert_eq!(login.name_id().value, "u-1001", "{name}");
        let context = if name.contains("saml11") { PASSWORD_1 } else { PASSWORD_2 };
        assert_eq!(login.authn_context(), Some(context), "{name}");
        assert_eq!(login.session_index(), None, "{name}");
        let names: Vec<_> = login.attributes().iter().map(|(name, _)| name.as_str()).collect();
        let claims = ["emailaddress", "upn", "givenname", "surname", "name"]
            .map(|it| CLAIMS.to_owned() + it);
        assert_eq!(names[..5], claims, "{name}");
        let (group, groups) = &login.attributes()[5];
        assert_eq!(group, "http://schemas.xmlsoap.org/claims/Group", "{name}");
        assert_eq!(groups, &["staff", "admins"], "{name}");
    }
}

#[test]
fn a_token_is_for_its_realm_and_its_time_alone() {
    for capture in Capture::tokens() {
        let name = &capture.name;
        let mut case = capture.case();
        case.party.grants.insert(LegacyCrypto::AesCbc);
        case.party.sp_entity_id += "/";
        let refused = case.verify(&capture.message()).unwrap_err();
        // Where the answer itself says so, it is asked first.
        let expected = if name.contains("saml11") { Code::Audience } else { Code::AppliesTo };
        let encrypted = name.contains("saml20-encrypted");
        assert!(refused.code == expected || encrypted, "{name}: {refused}");

        let mut case = capture.case();
        case.party.grants.insert(LegacyCrypto::AesCbc);
        case.now += time::Duration::minutes(6);
        let refused = case.verify(&capture.message()).unwrap_err();
        assert_eq!(refused.code, Code::Expired, "{name}: {refused}");
    }
}
