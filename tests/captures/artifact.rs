//! What pysaml2 answered when it was asked for the message of an artifact (`../shared/captures`), at its
//! instant.

use sso_core::bindings::{Artifact, Message};
use sso_core::error::{Code, Rejection};
use sso_core::login::{Trace, VerifiedLogin, verify_solicited};
use sso_server::selftest::{Asked, Case};
use sso_tests::Capture;

const ALICE: &str = "f00833831672b00bd76f0d534b874190ba634956bcd10cc442e8751a39657602";

fn verified(envelope: &[u8], resolve_id: &str, case: &Case) -> Result<VerifiedLogin, Rejection> {
    let message = Message::resolved(envelope, resolve_id)?;
    let request = case.request_id().expect("an InResponseTo");
    verify_solicited(&message, &case.party, request, case.now, &mut Trace::off())
}

#[test]
fn a_resolved_artifact_signs_in() {
    let captures = Capture::artifacts();
    let found: Vec<_> = captures.iter().map(|capture| capture.name.as_str()).collect();
    let listed = ["pysaml2/post-artifact/06-artifactresponse.xml"];
    assert!(found == listed || found.is_empty(), "{found:?}");
    for capture in captures {
        let (case, (resolve_id, artifact)) = (capture.case(), capture.resolve());
        assert!(capture.was_asked_for());
        let artifact = Artifact::parse(&artifact).expect("an artifact");
        assert!(artifact.is_of(&case.party.idp_entity_id));
        // Its index is 1, in text.
        assert_eq!(artifact.endpoint_index(), u16::from_be_bytes(*b"01"));
        let envelope = capture.message();
        let login = verified(&envelope, &resolve_id, &case);
        let login = login.unwrap_or_else(|rejection| panic!("{rejection}"));
        assert_eq!(login.name_id().value, ALICE);
        assert_eq!(login.session_index(), Some("id-qLpbTPHULXwepDjJA"));
        assert!(login.solicited());
    }
}

#[test]
fn it_answers_one_request_for_it_and_only_from_server_to_server() {
    for capture in Capture::artifacts() {
        let (mut case, (resolve_id, _)) = (capture.case(), capture.resolve());
        let envelope = capture.message();
        let refused = verified(&envelope, "_another", &case).expect_err("another request");
        assert_eq!((refused.code, &*refused.found), (Code::InResponseTo, resolve_id.as_str()));
        let posted = case.verify(&envelope).expect_err("posted");
        assert_eq!(posted.code, Code::UnexpectedMessage, "{posted}");
        // The rules of the response in it are those of every response.
        case.asked = Asked::Response("_another".to_owned());
        let refused = verified(&envelope, &resolve_id, &case).expect_err("another login");
        assert_eq!(refused.code, Code::InResponseTo, "{refused}");
    }
}
