//! `--protocol wsfed`: the message is a `wresult`.

use super::{bare, line};
use sso_tests::shared;

#[test]
fn a_token_is_told_as_an_assertion_is() {
    let Some(flow) = shared("captures/wsfed/saml11") else { return };
    // Both are without effect, and neither is needed.
    for request in [&[][..], &["--request-id", "_request"], &["--unsolicited"]] {
        let command = |realm: &str| {
            let mut command = bare();
            command.args(["--protocol", "wsfed", "--at", "2026-11-21T21:39:54Z"]);
            command.arg("--idp-cert").arg(flow.join("idp-signing.crt"));
            command.args(["--idp-entity-id", "urn:wsfed-test-idp", "--sp-entity-id", realm]);
            command.args(["--acs-url", "http://127.0.0.1:9100/acs"]).args(request);
            command.arg(flow.join("01-wresult.xml")).output().unwrap()
        };
        let accepted = command("http://127.0.0.1:9100/metadata");
        let said = line(&accepted);
        assert!(said.starts_with(concat!(
            r#"{"verdict":"accepted","issuer":"urn:wsfed-test-idp","name_id":{"format":"#,
            r#""urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified","value":"u-1001"},"#,
            r#""session_index":null,"authn_context":"urn:oasis:names:tc:SAML:1.0:am:password","#,
            r#""attributes":{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress":"#,
            r#"["alice@idp.example"],"#
        )), "{said}");
        assert_eq!(accepted.status.code(), Some(0));

        let refused = command("http://127.0.0.1:9100/other");
        assert!(line(&refused).contains(r#""code":"audience""#));
        assert_eq!(refused.status.code(), Some(1));
    }
}
