//! A draft of a connection of WS-Federation, tried out by tokens of both types (SPEC 2).

use super::scene::{Saml, Scene, Token, parameter};
use reqwest::StatusCode;
use reqwest::header::SET_COOKIE;
use serde_json::json;

#[tokio::test]
async fn a_draft_is_tried_out_by_a_token_and_signs_nobody_in() {
    let scene = Scene::new(json!({})).await;
    let live = scene.admin.get("orgs/corp/sso").await;
    let fields = json!({
        "sso_url": "https://next.adfs.example/adfs/ls/",
        "attribute_map": {"preset": "adfs", "map": {"NameID": "city"}},
    });
    let draft = scene.admin.patch("orgs/corp/sso/draft", fields).await;
    assert_eq!(draft["service_uri"], live["service_uri"]);
    for saml in [Saml::V11, Saml::V20] {
        let begun = scene.begin("corp", "?test=1").await;
        assert_eq!(begun.to.host_str(), Some("next.adfs.example"));
        assert_eq!(parameter(&begun.to, "wtrealm").as_deref(), live["service_uri"].as_str());
        let token = Token::new(saml, &format!("_{saml:?}"), "ann", scene.now());

        let unsigned = sso_tests::token_response(&token.xml());
        scene.refused(scene.answer(&begun, &unsigned).await, "unsigned").await;
        let tested = scene.answer(&begun, &token.wresult()).await;
        assert_eq!(tested.status(), StatusCode::OK);
        assert!(tested.headers().get(SET_COOKIE).is_none(), "nobody is signed in");
        let page = tested.text().await.expect("a page");
        for shown in ["It works", "ann@corp.example", "city", "would have been made"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert_eq!(scene.admin.get("orgs/corp/users").await["items"], json!([]));
        let trace = scene.newest("corp").await;
        let said = ["flow", "outcome", "protocol"].map(|field| trace[field].clone());
        assert_eq!(said, ["test", "accepted", "wsfed"]);
    }
    assert_eq!(scene.admin.get("orgs/corp/sso").await, live);

    let promoted = scene.admin.act("orgs/corp/sso/draft/promote").await;
    assert_eq!(promoted["sso_url"], "https://next.adfs.example/adfs/ls/");
    let token = Token::new(Saml::V11, "_live", "ann", scene.now());
    let [session, _] = scene.sign_in(&token).await;
    assert_eq!(scene.signed_in(&[&session]).await.as_deref(), Some("ann@corp.example"));
    let users = scene.admin.get("orgs/corp/users").await;
    assert_eq!(users["items"][0]["city"], "ann@corp.example");
}
