//! Logins, sign-out and clean-up by WS-Federation (SPEC 3) through npm `wsfed`, set up from nothing but the
//! Admin API and two documents of federation metadata. The peer holds our requests to our metadata.

use crate::acme::refused;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sso_tests::{Browser, Form, Page, Peer, ServerProcess};

const CLAIMS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

async fn set_up(service: &ServerProcess, idp: &Peer) {
    let admin = service.admin();
    admin.create("orgs", json!({"name": "acme", "domains": ["acme.example"]})).await;
    let certificate = json!({"alias": "first", "valid_days": 365});
    let certificate = admin.create("orgs/acme/service-certificates", certificate).await;
    let id = certificate["id"].as_str().expect("an id");
    admin.act(&format!("orgs/acme/service-certificates/{id}/activate")).await;

    let imported = admin.post_xml("orgs/acme/sso/metadata", idp.metadata().await).await;
    let filled = &imported["filled"];
    assert_eq!(filled["federation_service_uri"], idp.url("/adfs/services/trust"));
    assert_eq!(filled["sso_url"], idp.url("/sso"));
    let changed = admin.patch(
        "orgs/acme/sso",
        json!({
            "auto_create": true,
            "single_logout": "saml",
            "attribute_map": {"preset": "adfs", "map": {}},
        }),
    );
    let changed = changed.await;
    assert_eq!(
        (&changed["protocol"], &changed["logout_url"]),
        (&json!("wsfed"), &filled["sso_url"])
    );

    let ours = Browser::default().open(&service.url("/wsfed/acme/metadata")).await;
    let read = idp.register(ours.body).await;
    assert_eq!(read["realm"], "urn:federation:localhost:acme");
    assert_eq!(read["address"], service.url("/wsfed/acme"));
    assert_eq!(read["certificate"], certificate["pem"]);
}

async fn say_of(idp: &Peer, person: &str) {
    let email = format!("{person}@acme.example");
    let claim = |name: &str| format!("{CLAIMS}/{name}");
    let attributes = json!({
        claim("emailaddress"): email,
        claim("upn"): email,
        claim("givenname"): person,
        claim("surname"): "Miller",
    });
    let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    let said = json!({"name_id": email, "name_id_format": format, "attributes": attributes});
    idp.set_person(person, said).await;
}

/// The form with which the federation service answers a login, for the person that the browser is there.
async fn answer(service: &ServerProcess, browser: &Browser) -> Form {
    let left = browser.open(&service.url("/sso/acme/login")).await;
    let page = browser.open(left.location.expect("the identity provider").as_str()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page.form()
}

async fn sign_in(service: &ServerProcess, browser: &Browser) -> Page {
    let form = answer(service, browser).await;
    browser.submit(&form).await
}

async fn is_signed_in(service: &ServerProcess, browser: &Browser) -> bool {
    browser.open(&service.url("/session")).await.status == StatusCode::OK
}

/// The address in a page after a text that leads to it.
fn address(page: &Page, before: &str) -> String {
    let (_, rest) = page.body.split_once(before).unwrap_or_else(|| panic!("{}", page.body));
    let address = rest.split('"').next().expect("an attribute");
    address.replace("&#38;", "&").replace("&amp;", "&")
}

#[tokio::test]
async fn a_person_signs_in_and_out_by_tokens_of_either_type_plain_and_encrypted() {
    let service = ServerProcess::start(None).await;
    let idp = Peer::wsfed();
    set_up(&service, &idp).await;
    let admin = service.admin();
    for token in ["saml11", "saml20"] {
        for encrypt in [false, true] {
            let person = format!("{token}{encrypt}");
            say_of(&idp, &person).await;
            idp.answer_with(json!({"token": token, "encrypt": encrypt})).await;
            let browser = Browser::default();
            browser.open(&idp.sign_in_url(&person)).await;
            // It encrypts tokens of SAML 1.1 with AES-CBC, and signs inside alone, as ADFS does (SPEC
            // 4.5); those of SAML 2.0 with AES-GCM.
            let by_grant = encrypt && token == "saml11";
            if by_grant {
                let page = sign_in(&service, &browser).await;
                refused(&service, &page, "encryption_algorithm").await;
                admin.patch("orgs/acme/sso", json!({"legacy_crypto": ["aes_cbc"]})).await;
            }
            let form = answer(&service, &browser).await;
            let wresult = form.field("wresult").expect("a token");
            assert_eq!(wresult.contains("EncryptedData"), encrypt, "{wresult}");
            let page = browser.submit(&form).await;
            assert_eq!(page.status, StatusCode::OK, "{person}: {}", page.body);
            assert!(page.body.contains(&person), "{}", page.body);
            admin.patch("orgs/acme/sso", json!({"legacy_crypto": []})).await;
            let newest = &admin.get("orgs/acme/logins?limit=1").await["items"][0];
            let told = newest.to_string().contains("aes_cbc was used by grant");
            assert_eq!((&newest["protocol"], told), (&json!("wsfed"), by_grant), "{newest}");
        }
    }
    let users = admin.get("orgs/acme/users").await;
    assert_eq!(users["items"].as_array().map(Vec::len), Some(4));
}

#[tokio::test]
async fn signing_out_here_or_there_leaves_nobody_signed_in() {
    let service = ServerProcess::start(None).await;
    let idp = Peer::wsfed();
    set_up(&service, &idp).await;
    say_of(&idp, "ann").await;
    let browser = Browser::default();

    // Here first: by the federation service, and back to where the person wanted to go.
    browser.open(&idp.sign_in_url("ann")).await;
    assert_eq!(sign_in(&service, &browser).await.status, StatusCode::OK);
    let left = browser.open(&service.url("/sso/acme/logout?return_to=/welcome")).await;
    assert!(!is_signed_in(&service, &browser).await);
    let there = browser.open(left.location.expect("the identity provider").as_str()).await;
    assert!(there.body.contains("Signed out"), "{}", there.body);
    let cleaned = browser.open(&address(&there, "<iframe src=\"")).await;
    assert_eq!(cleaned.status, StatusCode::OK);
    let back = browser.open(&address(&there, "<a href=\"")).await;
    assert_eq!(back.location.expect("where to go on").as_str(), service.url("/welcome"));
    // The federation service has forgotten the person as well.
    let again = browser.open(&service.url("/sso/acme/login")).await;
    let page = browser.open(again.location.expect("the identity provider").as_str()).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);

    // There first: it has us clean up in a frame.
    browser.open(&idp.sign_in_url("ann")).await;
    assert_eq!(sign_in(&service, &browser).await.status, StatusCode::OK);
    assert!(is_signed_in(&service, &browser).await);
    let realm = "urn:federation:localhost:acme";
    let there = browser.open(&idp.url(&format!("/sso?wa=wsignout1.0&wtrealm={realm}"))).await;
    browser.open(&address(&there, "<iframe src=\"")).await;
    assert!(!is_signed_in(&service, &browser).await);

    let requests: Vec<Value> = idp.requests().await;
    let actions: Vec<_> = requests.iter().filter_map(|request| request["wa"].as_str()).collect();
    let [sign_in, sign_out] = ["wsignin1.0", "wsignout1.0"];
    assert_eq!(actions, [sign_in, sign_out, sign_in, sign_in, sign_out]);
}
