//! Attacks on logout messages, by each binding: each is refused for its reason, and without it the same
//! message is accepted (ATTACKS 12).

use crate::bases::our_case;
use sso_core::bindings::redirect::RedirectQuery;
use sso_core::bindings::{Message, Parameter, soap};
use sso_core::connection::LegacyCrypto;
use sso_core::dsig;
use sso_core::error::{Code, Rejection};
use sso_core::login::Trace;
use sso_core::logout::{
    LogoutParty, ReceivedLogout, VerifiedLogoutRequest, VerifiedLogoutResponse, verify_request,
    verify_response,
};
use sso_server::selftest::Case;
use sso_tests::{Encryption, LogoutMessage, TestKey, logout_query};
use std::sync::LazyLock;
use time::macros::datetime;

const IDP: &str = "https://idp.test/metadata";
const ALIAS: &str = "https://login.idp.test/";
const SLO: &str = "https://sp.test/saml/acme/slo";
const SUBJECT: &str = "<saml:NameID NameQualifier=\"q\" \
     Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">ada-id</saml:NameID>\
     <samlp:SessionIndex>_s1</samlp:SessionIndex><samlp:SessionIndex>_s2</samlp:SessionIndex>";
const ASKED: &str = "_asked";

static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));
static OTHER: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));
static SERVICE: LazyLock<TestKey> = LazyLock::new(|| TestKey::rsa(2048));

/// How a message comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Query,
    Form,
    Soap,
}

const BINDINGS: [By; 3] = [By::Query, By::Form, By::Soap];

fn case() -> Case {
    let mut case = our_case(&KEY, &SERVICE);
    case.party.idp_entity_id = IDP.to_owned();
    case.now = datetime!(2030-01-15 12:00 UTC);
    case
}

fn from_idp() -> LogoutMessage<'static> {
    LogoutMessage { issuer: IDP, destination: SLO, id: "_logout", now: case().now }
}

fn request() -> String {
    from_idp().request(SUBJECT)
}

fn response() -> String {
    from_idp().response(ASKED, "Success")
}

/// A text with something else in the place of a part, which must be there.
fn with(text: &str, part: &str, other: &str) -> String {
    assert!(text.contains(part), "{part} in {text}");
    text.replacen(part, other, 1)
}

fn signed(message: &str, key: &TestKey) -> String {
    dsig::sign_message(message, &key.signing()).expect("signed")
}

/// A message as its binding brings it, signed by a key as the binding demands, or not at all.
fn carried(by: By, parameter: Parameter, message: &str, key: Option<&TestKey>) -> String {
    let inside = || key.map_or_else(|| message.to_owned(), |key| signed(message, key));
    match by {
        By::Query => {
            let key = key.map(TestKey::signing);
            logout_query(parameter, message, Some("state"), key.as_ref())
        }
        By::Form => inside(),
        By::Soap => soap::envelope(&inside()),
    }
}

/// Has what a binding brought verified.
fn received<T>(
    by: By,
    carried: &str,
    verify: impl FnOnce(ReceivedLogout<'_>) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    match by {
        By::Query => {
            let query = RedirectQuery::receive(carried)?;
            let message = query.message()?;
            verify(ReceivedLogout::Query(&message))
        }
        By::Form => verify(ReceivedLogout::Form(&Message::parse(carried.as_bytes())?)),
        By::Soap => verify(ReceivedLogout::Soap(&soap::Envelope::parse(carried.as_bytes())?)),
    }
}

fn asked_by(case: &Case, by: By, carried: &str) -> Result<VerifiedLogoutRequest, Rejection> {
    let alias = [ALIAS.to_owned()];
    let (party, now) = (&case.party, case.now);
    let party = LogoutParty { party, issuer_alias: &alias, address: Some(SLO), now };
    received(by, carried, |message| verify_request(message, &party, &mut Trace::off()))
}

fn asked(by: By, carried: &str) -> Result<VerifiedLogoutRequest, Rejection> {
    asked_by(&case(), by, carried)
}

fn answered(by: By, carried: &str) -> Result<VerifiedLogoutResponse, Rejection> {
    let (case, alias) = (case(), [ALIAS.to_owned()]);
    let (party, now) = (&case.party, case.now);
    let party = LogoutParty { party, issuer_alias: &alias, address: Some(SLO), now };
    received(by, carried, |message| verify_response(message, &party, ASKED, &mut Trace::off()))
}

fn code<T>(verdict: Result<T, Rejection>) -> Option<Code> {
    verdict.err().map(|rejection| rejection.code)
}

/// Checks that a request is refused once it is changed before it is signed, by each binding.
fn request_refused_with(part: &str, other: &str, refused: Code) {
    let forged = with(&request(), part, other);
    for by in BINDINGS {
        let found = code(asked(by, &carried(by, Parameter::Request, &forged, Some(&KEY))));
        assert_eq!(found, Some(refused), "{by:?}: {other}");
    }
}

fn response_refused_with(part: &str, other: &str, refused: Code) {
    let forged = with(&response(), part, other);
    for by in BINDINGS {
        let found = code(answered(by, &carried(by, Parameter::Response, &forged, Some(&KEY))));
        assert_eq!(found, Some(refused), "{by:?}: {other}");
    }
}

#[test]
fn what_the_identity_provider_signed_is_read_as_it_stands() {
    for by in BINDINGS {
        let carried_request = carried(by, Parameter::Request, &request(), Some(&KEY));
        let request = asked(by, &carried_request).expect("a good request");
        assert_eq!(request.id(), "_logout");
        let name_id = request.name_id();
        assert_eq!((&*name_id.issuer, &*name_id.value), (IDP, "ada-id"));
        assert_eq!(name_id.name_qualifier.as_deref(), Some("q"));
        assert_eq!(name_id.sp_name_qualifier, None);
        assert_eq!(request.session_indexes(), ["_s1", "_s2"]);
        assert_eq!(request.replay().assertion_id, "_logout");

        let carried_response = carried(by, Parameter::Response, &response(), Some(&KEY));
        assert!(!answered(by, &carried_response).expect("a good response").is_partial());
        let partial = with(
            &response(),
            ":Success\"/>",
            ":Success\"><samlp:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:PartialLogout\"/></samlp:StatusCode>",
        );
        let carried_partial = carried(by, Parameter::Response, &partial, Some(&KEY));
        assert!(answered(by, &carried_partial).expect("a good response").is_partial());
    }
}

#[test]
fn a_logout_needs_a_signature_of_a_trusted_key() {
    for by in BINDINGS {
        let unsigned = carried(by, Parameter::Request, &request(), None);
        assert_eq!(code(asked(by, &unsigned)), Some(Code::Unsigned), "{by:?}");
        let unsigned = carried(by, Parameter::Response, &response(), None);
        assert_eq!(code(answered(by, &unsigned)), Some(Code::Unsigned), "{by:?}");

        let foreign = if by == By::Query { Code::SignatureInvalid } else { Code::UntrustedKey };
        let by_another = carried(by, Parameter::Request, &request(), Some(&OTHER));
        assert_eq!(code(asked(by, &by_another)), Some(foreign), "{by:?}");
        let by_another = carried(by, Parameter::Response, &response(), Some(&OTHER));
        assert_eq!(code(answered(by, &by_another)), Some(foreign), "{by:?}");
    }
    // Changed after it was signed.
    let good = signed(&request(), &KEY);
    assert_eq!(code(asked(By::Form, &good)), None);
    for (part, other) in [("ada-id", "eve-id"), ("_s2", "_s3"), ("_s1", "_s0")] {
        let changed = good.rsplit_once(part).expect("the part");
        let changed = format!("{}{other}{}", changed.0, changed.1);
        let refused = code(asked(By::Form, &changed));
        assert!(matches!(refused, Some(Code::DigestMismatch)), "{other}: {refused:?}");
    }
}

#[test]
fn a_signature_is_good_for_its_own_binding_and_parameter() {
    // Signed inside, where the query has to be: it is unsigned.
    let inside = signed(&request(), &KEY);
    let query = logout_query(Parameter::Request, &inside, None, None);
    assert_eq!(code(asked(By::Query, &query)), Some(Code::Unsigned));
    // Both, and the one inside does not hold.
    let bad_inside = with(&inside, "_s2", "_s3");
    let both =
        |message: &str| logout_query(Parameter::Request, message, None, Some(&KEY.signing()));
    assert_eq!(code(asked(By::Query, &both(&bad_inside))), Some(Code::DigestMismatch));
    assert_eq!(code(asked(By::Query, &both(&inside))), None);
    // Signed as a request, given as a response.
    let signed_as_request =
        logout_query(Parameter::Request, &response(), None, Some(&KEY.signing()));
    let given_as_response = with(&signed_as_request, "SAMLRequest=", "SAMLResponse=");
    assert_eq!(code(answered(By::Query, &given_as_response)), Some(Code::SignatureInvalid));
    assert_eq!(code(answered(By::Query, &signed_as_request)), None);
    // The RelayState is under the signature.
    let query = logout_query(Parameter::Request, &request(), Some("state"), Some(&KEY.signing()));
    let elsewhere = with(&query, "RelayState=state", "RelayState=other");
    assert_eq!(code(asked(By::Query, &elsewhere)), Some(Code::SignatureInvalid));
    assert_eq!(code(asked(By::Query, &query)), None);
}

#[test]
fn one_message_is_not_the_other() {
    for by in BINDINGS {
        let request = carried(by, Parameter::Request, &request(), Some(&KEY));
        assert_eq!(code(answered(by, &request)), Some(Code::UnexpectedMessage));
        let response = carried(by, Parameter::Response, &response(), Some(&KEY));
        assert_eq!(code(asked(by, &response)), Some(Code::UnexpectedMessage));
    }
    request_refused_with(
        "urn:oasis:names:tc:SAML:2.0:protocol",
        "urn:oasis:names:tc:SAML:2.0:other",
        Code::UnexpectedMessage,
    );
}

/// An element of the identity provider's that is signed, moved into or beside a forged message.
#[test]
fn a_wrapped_signature_vouches_for_nothing() {
    let genuine = signed(&request(), &KEY);
    let (head, rest) = genuine.split_once("<ds:Signature").expect("a signature");
    let (signature, rest) = rest.split_once("</ds:Signature>").expect("its end");
    let signature = format!("<ds:Signature{signature}</ds:Signature>");
    let without = format!("{head}{rest}");
    assert_eq!(code(asked(By::Form, &genuine)), None, "the control");

    let forged = with(&with(&request(), "ada-id", "eve-id"), "_logout", "_forged");
    let (before, after) = forged.split_once("</saml:Issuer>").expect("an issuer");
    let in_forged = |inserted: &str| format!("{before}</saml:Issuer>{inserted}{after}");
    let extension = |it: &str| format!("<samlp:Extensions>{it}</samlp:Extensions>");
    let object = with(
        &signature,
        "</ds:Signature>",
        &format!("<ds:Object>{without}</ds:Object></ds:Signature>"),
    );
    for (wrapped, refused) in [
        // The signature on the forged message, the signed one elsewhere.
        (in_forged(&format!("{signature}{}", extension(&without))), Code::ReferenceNotParent),
        (in_forged(&object), Code::SignatureStructure),
        // The signed message whole inside the forged one.
        (in_forged(&extension(&genuine)), Code::ReferenceNotRoot),
        (in_forged(&genuine), Code::ReferenceNotRoot),
        // The signature behind another child.
        (
            with(
                &in_forged(""),
                "</samlp:LogoutRequest>",
                &format!("{signature}</samlp:LogoutRequest>"),
            ),
            Code::SignaturePosition,
        ),
        // Two.
        (in_forged(&format!("{signature}{signature}")), Code::SignatureCount),
    ] {
        assert_eq!(code(asked(By::Form, &wrapped)), Some(refused), "{wrapped}");
        let wrapped = soap::envelope(&wrapped);
        assert_eq!(code(asked(By::Soap, &wrapped)), Some(refused), "{wrapped}");
    }
    // Two messages in a body, and a signed one in the header.
    let two = with(
        &soap::envelope(&genuine),
        "<samlp:LogoutRequest",
        &format!("{forged}<samlp:LogoutRequest"),
    );
    let duplicate = code(asked(By::Soap, &with(&two, "_forged", "_other")));
    assert_eq!(duplicate, Some(Code::UnexpectedMessage));
    let header = format!("<soap:Header>{genuine}</soap:Header><soap:Body>");
    let in_header = with(&soap::envelope(&forged), "<soap:Body>", &header);
    assert_eq!(code(asked(By::Soap, &in_header)), Some(Code::Unsigned));
}

#[test]
fn a_message_is_sent_here_by_this_identity_provider_in_its_form() {
    request_refused_with(SLO, "https://sp.test/saml/other/slo", Code::Destination);
    request_refused_with(&format!(" Destination=\"{SLO}\""), "", Code::Destination);
    response_refused_with(SLO, "https://sp.test/saml/acme/slo/", Code::Destination);
    let issuer = format!("<saml:Issuer>{IDP}</saml:Issuer>");
    request_refused_with(IDP, "https://idp2.test/metadata", Code::Issuer);
    request_refused_with(&issuer, "", Code::Issuer);
    response_refused_with(IDP, "https://idp2.test/metadata", Code::Issuer);
    request_refused_with("<saml:Issuer>", "<saml:Issuer Format=\"urn:f\">", Code::IssuerFormat);
    request_refused_with("Version=\"2.0\"", "Version=\"1.1\"", Code::Version);
    request_refused_with(" IssueInstant=\"2030-01-15T12:00:00Z\"", "", Code::SchemaViolation);
    request_refused_with("2030-01-15T12:00:00Z", "2030-01-15T12:00:00", Code::InvalidTime);
    // Without an ID it can be signed in a query alone.
    let nameless = with(&request(), " ID=\"_logout\"", "");
    let nameless = carried(By::Query, Parameter::Request, &nameless, Some(&KEY));
    assert_eq!(code(asked(By::Query, &nameless)), Some(Code::SchemaViolation));
    request_refused_with("Destination=", "InResponseTo=\"_x\" Destination=", Code::InResponseTo);
    request_refused_with(
        "<samlp:SessionIndex>_s1",
        "<samlp:Other/><samlp:SessionIndex>_s1",
        Code::SchemaViolation,
    );
    for by in BINDINGS {
        let alias = with(&request(), IDP, ALIAS);
        let request = asked(by, &carried(by, Parameter::Request, &alias, Some(&KEY)));
        assert_eq!(request.expect("by its other name").name_id().issuer, IDP);
        let alias = with(&response(), IDP, ALIAS);
        assert_eq!(code(answered(by, &carried(by, Parameter::Response, &alias, Some(&KEY)))), None);
    }
}

#[test]
fn a_message_has_its_time() {
    let end = |at: &str| format!("Destination=\"{SLO}\" NotOnOrAfter=\"{at}\"");
    let destination = format!("Destination=\"{SLO}\"");
    // 120 seconds of skew, and an end that is exclusive.
    request_refused_with(&destination, &end("2030-01-15T11:58:00Z"), Code::Expired);
    let issued = "IssueInstant=\"2030-01-15T12:00:00Z\"";
    let at = |at: &str| format!("IssueInstant=\"{at}\"");
    for refused_with in [request_refused_with, response_refused_with] {
        refused_with(issued, &at("2030-01-15T11:52:59Z"), Code::TooOld);
        refused_with(issued, &at("2030-01-15T12:02:01Z"), Code::NotYetValid);
    }
    for (part, other) in [
        (&*destination, end("2030-01-15T11:58:01Z")),
        (issued, at("2030-01-15T11:53:00Z")),
        (issued, at("2030-01-15T12:02:00Z")),
    ] {
        let message = with(&request(), part, &other);
        let carried = carried(By::Query, Parameter::Request, &message, Some(&KEY));
        assert_eq!(code(asked(By::Query, &carried)), None, "{other}");
    }
}

#[test]
fn a_replay_record_outlasts_the_message() {
    let carried = carried(By::Query, Parameter::Request, &request(), Some(&KEY));
    let request = asked(By::Query, &carried).expect("a good request");
    // 300 seconds of age, and 300 of the greatest skew.
    assert_eq!(request.replay().expires_at, datetime!(2030-01-15 12:10 UTC));
}

#[test]
fn a_request_names_one_person() {
    let (name_id, _) = SUBJECT.split_once("<samlp:").expect("a NameID");
    request_refused_with(name_id, "", Code::NameIdMissing);
    request_refused_with(name_id, "<saml:BaseID/>", Code::NameIdMissing);
    request_refused_with("ada-id", " ", Code::NameIdMissing);
    request_refused_with(name_id, &format!("{name_id}{name_id}"), Code::SchemaViolation);
    request_refused_with("ada-id", "ada<x/>-id", Code::SchemaViolation);
    let commented = with(&request(), "ada-id", "ada<!-- -->-id");
    let carried = carried(By::Form, Parameter::Request, &commented, Some(&KEY));
    let request = asked(By::Form, &carried).expect("a comment cuts nothing");
    assert_eq!(request.name_id().value, "ada-id");
}

#[test]
fn an_index_that_is_empty_is_not_all_of_them() {
    let empty = with(&request(), "_s1", "");
    let carried = carried(By::Form, Parameter::Request, &empty, Some(&KEY));
    assert_eq!(asked(By::Form, &carried).expect("good").session_indexes(), ["", "_s2"]);
}

#[test]
fn an_encrypted_name_is_what_the_signature_over_it_vouches_for() {
    let (name_id, _) = SUBJECT.split_once("<samlp:").expect("a NameID");
    let encrypted = |name_id: &str| {
        let plain = with(
            name_id,
            "<saml:NameID",
            "<saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"",
        );
        let encryption = Encryption::gcm(SERVICE.private());
        let (ciphertext, key) =
            (encryption.ciphertext(plain.as_bytes()), encryption.encrypted_key());
        encryption.encrypted_as("EncryptedID", &ciphertext, &key, "")
    };
    let good = with(&request(), name_id, &encrypted(name_id));
    for by in BINDINGS {
        let carried = carried(by, Parameter::Request, &good, Some(&KEY));
        assert_eq!(asked(by, &carried).expect("decrypted").name_id().value, "ada-id", "{by:?}");
    }
    // Another one in its place: anybody can encrypt to us.
    let signed = signed(&good, &KEY);
    let (before, rest) = signed.split_once("<saml:EncryptedID").expect("one");
    let (_, after) = rest.split_once("</saml:EncryptedID>").expect("its end");
    let other = encrypted(&with(name_id, "ada-id", "eve-id"));
    let swapped = format!("{before}{other}{after}");
    assert_eq!(code(asked(By::Form, &swapped)), Some(Code::DigestMismatch));
    // To a key that we do not have.
    let mut without_key = case();
    without_key.party.decryption_keys.clear();
    assert_eq!(code(asked_by(&without_key, By::Form, &signed)), Some(Code::Decryption));
}

#[test]
fn an_answer_is_to_what_was_asked_and_says_how_it_went() {
    response_refused_with(ASKED, "_injected", Code::InResponseTo);
    response_refused_with(&format!(" InResponseTo=\"{ASKED}\""), "", Code::InResponseTo);
    response_refused_with(":Success", ":Responder", Code::StatusNotSuccess);
    let (_, status) = response()
        .split_once("</saml:Issuer>")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a status");
    let status = status.strip_suffix("</samlp:LogoutResponse>").expect("the end").to_owned();
    response_refused_with(&status, "", Code::StatusNotSuccess);
    response_refused_with(&status, &format!("{status}{status}"), Code::SchemaViolation);
    // An unsigned refusal is told with what it says.
    let refusal = from_idp().response(ASKED, "RequestDenied");
    let refused = answered(By::Form, &refusal).expect_err("a refusal");
    assert_eq!(refused.code, Code::StatusNotSuccess);
    assert!(refused.found.contains("RequestDenied"), "{refused}");
}

#[test]
fn an_old_signature_needs_its_grant() {
    let small = TestKey::rsa(1024);
    let mut case = case();
    case.party.trusted = dsig::TrustedKeys::new(vec![small.trusted()]).expect("a key");
    let carried = carried(By::Query, Parameter::Request, &request(), Some(&small));
    assert_eq!(code(asked_by(&case, By::Query, &carried)), Some(Code::KeyTooSmall));
    case.party.grants = [LegacyCrypto::Rsa1024].into();
    let request = asked_by(&case, By::Query, &carried).expect("granted");
    assert_eq!(*request.legacy_used(), [LegacyCrypto::Rsa1024].into());
}
