//! The logout messages that real identity providers sent (`../shared/captures`), each by its binding and at
//! its instant.

use sso_core::bindings::Message;
use sso_core::bindings::redirect::RedirectQuery;
use sso_core::error::{Code, Rejection};
use sso_core::login::Trace;
use sso_core::logout::{LogoutParty, ReceivedLogout, verify_request, verify_response};
use sso_server::selftest::Case;
use sso_tests::Capture;
use time::Duration;

const SLO: &str = "http://127.0.0.1:9100/slo";

/// What a message says: of a request the NameID and the index of the session.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    SignOut(String, Vec<String>),
    SignedOut,
}

fn said(capture: &Capture, case: &Case) -> Result<Said, Rejection> {
    let address = Some(SLO);
    let party = LogoutParty { party: &case.party, issuer_alias: &[], address, now: case.now };
    let verified = |received: ReceivedLogout<'_>| {
        if capture.name.contains("logoutrequest") {
            let request = verify_request(received, &party, &mut Trace::off())?;
            let indexes = request.session_indexes().to_vec();
            return Ok(Said::SignOut(request.name_id().value.clone(), indexes));
        }
        let request = case.request_id().expect("an InResponseTo");
        let response = verify_response(received, &party, request, &mut Trace::off())?;
        assert!(capture.was_asked_for() && !response.is_partial(), "{}", capture.name);
        Ok(Said::SignedOut)
    };
    match capture.query() {
        Some(query) => {
            let query = RedirectQuery::receive(&query)?;
            verified(ReceivedLogout::Query(&query.message()?))
        }
        None => verified(ReceivedLogout::Form(&Message::parse(&capture.message())?)),
    }
}

#[test]
fn every_logout_message_is_what_it_says() {
    const PYSAML2: &str = "5f22c554b8b674ec1e35c5e86f9813602ba0ea65746dcf7529f41dca665de593";
    const ARTIFACT: &str = "f00833831672b00bd76f0d534b874190ba634956bcd10cc442e8751a39657602";
    let listed = [
        ("pysaml2/post-artifact/08-logoutresponse-idp-post.xml", None),
        (
            "pysaml2/post-artifact/11-logoutrequest-idp-redirect.xml",
            Some((ARTIFACT, "id-RQPAzYJ2eSTwdF3Ov")),
        ),
        ("pysaml2/redirect-slo/06-logoutresponse-idp-redirect.xml", None),
        (
            "pysaml2/redirect-slo/09-logoutrequest-idp-redirect.xml",
            Some((PYSAML2, "id-mtkOUI7LUkGkCTKsN")),
        ),
        ("saml-idp/redirect-slo/06-logoutresponse-idp-post.xml", None),
        ("samlp/post-both-signed/07-logoutresponse-idp-post.xml", None),
        (
            "samlp/post-both-signed/10-logoutrequest-idp-post.xml",
            Some(("u-1001", "_s1795297270817")),
        ),
        ("samlp/redirect-slo/06-logoutresponse-idp-redirect.xml", None),
        (
            "samlp/redirect-slo/09-logoutrequest-idp-redirect.xml",
            Some(("u-1001", "_s1795297262358")),
        ),
    ];
    let captures = Capture::logouts();
    let found: Vec<_> = captures.iter().map(|capture| capture.name.as_str()).collect();
    let names: Vec<_> = listed.iter().map(|(name, _)| *name).collect();
    assert!(found == names || found.is_empty(), "{found:?}");
    for (capture, (name, request)) in captures.iter().zip(listed) {
        let expected = request.map_or(Said::SignedOut, |(name_id, index)| {
            Said::SignOut(name_id.to_owned(), vec![index.to_owned()])
        });
        assert_eq!(said(capture, &capture.case()), Ok(expected), "{name}");
    }
}

#[test]
fn none_counts_at_another_time_or_by_another_key() {
    let captures = Capture::logouts();
    for capture in &captures {
        let (name, mut case) = (&capture.name, capture.case());
        case.now += Duration::minutes(6);
        let refused = said(capture, &case).expect_err(name);
        assert_eq!(refused.code, Code::TooOld, "{name}: {refused}");
        // The key of another product, under the issuer of this one.
        let other = captures.iter().find(|other| other.name[..6] != name[..6]).expect("another");
        let mut case = capture.case();
        case.party.trusted = other.case().party.trusted;
        let refused = said(capture, &case).expect_err(name);
        let is_meant = matches!(refused.code, Code::UntrustedKey | Code::SignatureInvalid);
        assert!(is_meant, "{name}: {refused}");
    }
}
