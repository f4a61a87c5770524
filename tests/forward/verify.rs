//! `GET /auth/verify` and `/oauth2/jwks`, asked as a proxy asks them.

use crate::scene::{APP, Scene, claims};
use reqwest::header::{ACCEPT, COOKIE, LOCATION};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sso_tests::{Person, browser};
use time::Duration;

const LOOPBACK: &str = "127.0.0.1";

fn ask(scene: &Scene, path: &str, session: &str) -> RequestBuilder {
    let asked = browser().get(scene.server.url(path)).header(COOKIE, session);
    asked.header("x-original-url", format!("https://{APP}/page?a=1&b=2"))
}

async fn verify(scene: &Scene, session: &str) -> Response {
    ask(scene, "/auth/verify", session).send().await.expect("an answer")
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).unwrap_or_else(|| panic!("{name}")).to_str().expect("ASCII")
}

async fn code(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.expect("a problem")["code"].clone())
}

#[tokio::test]
async fn who_is_signed_in_is_told_in_headers_and_a_token() {
    let scene = Scene::trusting(LOOPBACK).await;
    let person = Person::new("ann").with("displayName", "Ümit\r\nX-Sso-Org: evil, 100%");
    let session = scene.session(&person).await;
    let let_in = verify(&scene, &session).await;
    assert_eq!(let_in.status(), 200);
    assert_eq!(let_in.headers()["cache-control"], "no-store");
    let users = scene.server.api(Method::GET, "orgs/corp/users").send().await.expect("an answer");
    let users: Value = users.json().await.expect("JSON");
    let account = users["items"][0]["id"].as_str().expect("an id");
    for (name, value) in [
        ("x-sso-org", "corp"),
        ("x-sso-account", account),
        ("x-sso-email", "ann@corp.example"),
        ("x-sso-name", "%C3%9Cmit%0D%0AX-Sso-Org: evil, 100%25"),
        ("x-sso-groups", ""),
    ] {
        assert_eq!(header(&let_in, name), value);
        assert_eq!(let_in.headers().get_all(name).iter().count(), 1);
    }
    let token = claims(header(&let_in, "x-sso-token"));
    assert_eq!(
        token,
        json!({
            "iss": "https://sso.example",
            "aud": APP,
            "sub": account,
            "org": "corp",
            "email": "ann@corp.example",
            "name": "Ümit\r\nX-Sso-Org: evil, 100%",
            "groups": [],
            "iat": 1767323045,
            "nbf": 1767323045,
            "exp": 1767323105,
            "jti": token["jti"],
        })
    );
    assert_eq!(token["jti"].as_str().map(str::len), Some(22));
    assert_eq!(let_in.text().await.expect("a body"), "");
}

#[tokio::test]
async fn only_a_trusted_proxy_is_told() {
    for proxies in ["", "10.0.0.0/8, ::1"] {
        let scene = Scene::trusting(proxies).await;
        let session = scene.session(&Person::new("ann")).await;
        for path in ["/auth/verify", "/auth/verify-or-login", "/auth/verify-or-login/page"] {
            // An address that the client claims is not where the connection comes from.
            let asked = ask(&scene, path, &session).header("x-forwarded-for", "10.0.0.1");
            let answer = asked.send().await.expect("an answer");
            assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("x-sso-")));
            assert_eq!(code(answer).await, (403, json!("proxy_not_trusted")), "{proxies} {path}");
        }
    }
    let scene = Scene::trusting(LOOPBACK).await;
    let session = scene.session(&Person::new("ann")).await;
    assert_eq!(verify(&scene, &session).await.status(), 200);
}

#[tokio::test]
async fn nobody_is_let_in_without_a_live_session() {
    let scene = Scene::trusting(LOOPBACK).await;
    let login =
        "https://sso.example/login?return_to=https%3A%2F%2Fapp.sso.example%2Fpage%3Fa%3D1%26b%3D2";
    let session = scene.session(&Person::new("ann")).await;
    let (name, value) = session.split_once('=').expect("a pair");
    assert_eq!(name, "__Secure-sso_session");
    let other_name = format!("__Host-sso_session={value}");
    let twice = format!("{session}; {session}");
    for none in ["", "__Secure-sso_session=x", &other_name, &twice] {
        let refused = verify(&scene, none).await;
        assert_eq!(header(&refused, "location"), login);
        assert!(refused.headers().keys().all(|name| !name.as_str().starts_with("x-sso-")));
        assert_eq!(code(refused).await, (401, json!("not_signed_in")), "{none}");
    }
    // A proxy that hands the answer on has it lead to the login, where a page was asked for.
    for (path, accept, status) in [
        ("/auth/verify", "text/html", 401),
        ("/auth/verify-or-login", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", 303),
        ("/auth/verify-or-login/", "Text/HTML", 303),
        ("/auth/verify-or-login/page?x=y", "text/html", 303),
        ("/auth/verify-or-login", "application/json", 401),
        ("/auth/verify-or-login", "*/*", 401),
    ] {
        let answer = ask(&scene, path, "").header(ACCEPT, accept).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (status, login));
    }
    let posted = browser().post(scene.server.url("/auth/verify-or-login/form"));
    let posted = posted.header(COOKIE, &session).send().await.expect("an answer");
    assert_eq!(posted.status(), 200, "Envoy keeps the method");
    // What the proxy tells of the address is all that the way back is made of.
    let bare = browser().get(scene.server.url("/auth/verify")).send().await.expect("an answer");
    assert_eq!(bare.headers()[LOCATION], "https://sso.example/login");
}

#[tokio::test]
async fn a_token_is_made_once_for_a_session_and_host() {
    let scene = Scene::trusting(LOOPBACK).await;
    let ann = scene.session(&Person::new("ann")).await;
    let bob = scene.session(&Person::new("bob")).await;
    let token = async |session: &str, host: &str| {
        let asked = browser().get(scene.server.url("/auth/verify")).header(COOKIE, session);
        let answer = asked.header("x-forwarded-host", host).send().await.expect("an answer");
        header(&answer, "x-sso-token").to_owned()
    };
    let first = token(&ann, APP).await;
    assert_eq!(token(&ann, APP).await, first);
    assert_eq!(token(&ann, &format!("{}:443", APP.to_uppercase())).await, first);
    let elsewhere = token(&ann, "wiki.sso.example:8443").await;
    assert_eq!(claims(&elsewhere)["aud"], "wiki.sso.example:8443");
    assert_ne!(claims(&token(&bob, APP).await)["sub"], claims(&first)["sub"]);

    // It is handed out as long as it lasts for a request, and no longer.
    scene.server.clock().advance(Duration::seconds(29));
    assert_eq!(token(&ann, APP).await, first);
    scene.server.clock().advance(Duration::seconds(1));
    let second = token(&ann, APP).await;
    assert_eq!(claims(&second)["exp"].as_i64(), claims(&first)["exp"].as_i64().map(|n| n + 30));

    // An account that changed is told as it is now.
    scene
        .session(
            &Person::new("ann")
                .with("displayName", "Ann II")
                .with("updateTimeStamp", "2026-01-02T03:04:05Z"),
        )
        .await;
    assert_eq!(claims(&token(&ann, APP).await)["name"], "Ann II");
}

#[tokio::test]
async fn a_token_does_not_outlive_the_session() {
    let scene = Scene::trusting(LOOPBACK).await;
    let limits =
        json!({"sessions": {"idle_seconds": 600, "absolute_seconds": 610, "mobile_seconds": 3600}});
    let set = scene.server.api(Method::PATCH, "orgs/corp").json(&limits).send().await;
    assert_eq!(set.expect("an answer").status(), 200);
    let session = scene.session(&Person::new("ann")).await;
    scene.server.clock().advance(Duration::seconds(590));
    let last = claims(header(&verify(&scene, &session).await, "x-sso-token"));
    assert_eq!((&last["iat"], &last["exp"]), (&json!(1767323635), &json!(1767323655)));
    scene.server.clock().advance(Duration::seconds(20));
    assert_eq!(verify(&scene, &session).await.status(), 401);
}

#[tokio::test]
async fn access_ends_with_the_session() {
    let scene = Scene::trusting(LOOPBACK).await;
    let session = scene.session(&Person::new("ann")).await;
    assert_eq!(verify(&scene, &session).await.status(), 200);
    let out = browser().get(scene.server.url("/sso/corp/logout")).header(COOKIE, &session);
    let out = out.send().await.expect("an answer");
    assert_eq!(
        header(&out, "set-cookie"),
        "__Secure-sso_session=; Path=/; HttpOnly; SameSite=Lax; Domain=sso.example; Max-Age=0; Secure"
    );
    assert_eq!(verify(&scene, &session).await.status(), 401);
}

/// SPEC 9: at once, while the token that was made for the session has time left.
#[tokio::test]
async fn access_ends_with_the_account() {
    let scene = Scene::trusting(LOOPBACK).await;
    let session = scene.session(&Person::new("ann")).await;
    let let_in = verify(&scene, &session).await;
    assert_eq!(let_in.status(), 200);
    let account = header(&let_in, "x-sso-account");
    for (act, status) in [("deactivate", 401), ("reactivate", 401)] {
        let path = format!("orgs/corp/users/{account}/{act}");
        let done = scene.server.api(Method::POST, &path).send().await.expect("an answer");
        assert_eq!(done.status(), 200, "{act}");
        assert_eq!(verify(&scene, &session).await.status(), status, "after {act}");
    }
    scene.server.clock().advance(Duration::seconds(1));
    let again = scene.session(&Person::new("ann")).await;
    assert_eq!(verify(&scene, &again).await.status(), 200);
}

#[tokio::test]
async fn headers_of_who_is_signed_in_are_never_read() {
    let scene = Scene::trusting(LOOPBACK).await;
    let session = scene.session(&Person::new("ann")).await;
    let genuine = verify(&scene, &session).await;
    for name in ["X-Sso-Org", "x_sso_org", "X-Sso-Account", "X-Sso-Token", "X-Sso-Anything"] {
        let forged = ask(&scene, "/auth/verify", &session).header(name, "evil");
        let answer = forged.send().await.expect("an answer");
        assert_eq!(answer.headers()["x-sso-org"], "corp");
        assert_eq!(answer.headers()["x-sso-token"], genuine.headers()["x-sso-token"]);
        assert!(!format!("{:?}", answer.headers()).contains("evil"));
        let forged = ask(&scene, "/auth/verify", "").header(name, "evil");
        assert_eq!(forged.send().await.expect("an answer").status(), 401);
    }
}

#[tokio::test]
async fn an_address_that_is_told_twice_is_refused() {
    let scene = Scene::trusting(LOOPBACK).await;
    let session = scene.session(&Person::new("ann")).await;
    let forged = ask(&scene, "/auth/verify", &session).header("x-forwarded-host", "evil.example");
    let refused = forged.send().await.expect("an answer");
    assert_eq!(code(refused).await, (400, json!("forwarded_unclear")));
    let agreeing = ask(&scene, "/auth/verify", &session).header("x-forwarded-host", APP);
    assert_eq!(agreeing.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn the_key_of_tokens_is_published_and_stays() {
    let scene = Scene::trusting(LOOPBACK).await;
    let keys = async |scene: &Scene| {
        let answer = browser().get(scene.server.url("/oauth2/jwks")).send().await.expect("keys");
        assert_eq!(header(&answer, "content-type"), "application/jwk-set+json");
        assert_eq!(header(&answer, "cache-control"), "public, max-age=300");
        answer.json::<Value>().await.expect("JSON")
    };
    let published = keys(&scene).await;
    let names: Vec<&str> =
        published["keys"][0].as_object().expect("a key").keys().map(String::as_str).collect();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"], "and nothing private");
    assert_eq!(published["keys"].as_array().map(Vec::len), Some(1));
    let scene = Scene { server: scene.server.restart().await, corp: scene.corp };
    assert_eq!(keys(&scene).await, published);
}
