//! Several organizations of one federation service, which signs with one key for all of them: no token of one
//! counts at another (ATTACKS TEN-01 to TEN-03).

use super::scene::{REALM, Saml, Scene, Token};
use reqwest::StatusCode;
use serde_json::json;

const OTHER: &str = "urn:federation:sso.example:other";

#[tokio::test]
async fn a_token_of_one_organization_counts_at_no_other() {
    let scene = Scene::new(json!({})).await;
    scene.make_org("other", "other.example", json!({})).await;
    for saml in [Saml::V11, Saml::V20] {
        let of_corp = Token::new(saml, &format!("_corp{saml:?}"), "ann", scene.now());
        let begun = scene.begin("other", "").await;
        let answer = scene.answer_at("other", &begun, &of_corp.wresult()).await;
        scene.refused_at("other", answer, "audience").await;
        // For the other one's realm the same service may name a person of corp, who is no account there.
        let for_other = Token { realm: OTHER.to_owned(), ..of_corp.clone() };
        let answer = scene.answer_at("other", &begun, &for_other.wresult()).await;
        scene.refused_at("other", answer, "email_domain_foreign").await;
        // What was begun at one is finished at no other.
        let elsewhere = scene.begin("corp", "").await;
        let answer = scene.answer_at("other", &elsewhere, &for_other.wresult()).await;
        scene.refused_at("other", answer, "in_response_to").await;
        // At its own it counts.
        let answer = scene.answer(&scene.begin("corp", "").await, &of_corp.wresult()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_realm_is_one_organizations() {
    let scene = Scene::new(json!({})).await;
    scene.make_org("other", "other.example", json!({})).await;
    let taken = |(status, problem): (u16, serde_json::Value)| {
        assert_eq!((status, &problem["code"]), (409, &json!("service_uri_taken")), "{problem}");
    };
    // Neither the one that another has by default, and were it the first to have it ...
    taken(scene.connect("other", json!({"service_uri": REALM})).await);
    taken(scene.connect("other", json!({"service_uri": "urn:federation:sso.example:acme"})).await);
    scene.make_org("acme", "acme.example", json!({"service_uri": "urn:acme"})).await;
    // ... nor one of its own choice, by way of a draft neither.
    taken(scene.connect("other", json!({"service_uri": "urn:acme"})).await);
    let draft = scene.admin.patch("orgs/other/sso/draft", json!({"service_uri": "urn:acme"})).await;
    assert_eq!(draft["service_uri"], "urn:acme");
    let promote = scene.server.api(reqwest::Method::POST, "orgs/other/sso/draft/promote");
    let promoted = promote.send().await.expect("an answer");
    taken((promoted.status().as_u16(), promoted.json().await.expect("JSON")));
    assert_eq!(scene.admin.get("orgs/other/sso").await["service_uri"], OTHER);

    // One that is free again may be taken, and one's own may be said again.
    let (status, corp) = scene.connect("corp", json!({"service_uri": "urn:corp"})).await;
    assert_eq!((status, &corp["service_uri"]), (200, &json!("urn:corp")));
    let (status, corp) = scene.connect("corp", json!({"service_uri": "urn:corp"})).await;
    assert_eq!(status, 200, "{corp}");
    let removed = scene.server.api(reqwest::Method::DELETE, "orgs/corp/sso").send().await;
    assert_eq!(removed.expect("an answer").status(), StatusCode::NO_CONTENT);
    let (status, other) = scene.connect("other", json!({"service_uri": "urn:corp"})).await;
    assert_eq!((status, &other["service_uri"]), (200, &json!("urn:corp")));
}

#[tokio::test]
async fn a_connection_without_keys_takes_no_token() {
    let scene = Scene::without_orgs(|_| ()).await;
    scene.admin.create("orgs", json!({"name": "corp", "domains": ["corp.example"]})).await;
    assert_eq!(scene.connect("corp", json!({})).await.0, 200);
    for saml in [Saml::V11, Saml::V20] {
        let token = Token::new(saml, "_1", "ann", scene.now());
        let begun = scene.begin("corp", "").await;
        scene.refused(scene.answer(&begun, &token.wresult()).await, "connection_incomplete").await;
    }
    scene.trust("corp").await;
    scene.sign_in(&Token::new(Saml::V11, "_1", "ann", scene.now())).await;
}
