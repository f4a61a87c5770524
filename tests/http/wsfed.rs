//! WS-Federation through the whole server (SPEC 3, 6; ATTACKS 13): sign-in by tokens of SAML 1.1 and 2.0,
//! what is refused for which reason, sign-out and clean-up.

mod draft;
mod metadata;
mod organizations;
mod scene;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_SECURITY_POLICY, COOKIE, LOCATION, SET_COOKIE, X_FRAME_OPTIONS};
use scene::{Begun, ISSUER, KEY, REALM, Saml, Scene, Token, location, parameter};
use serde_json::{Value, json};
use sso_tests::{Form, Page, TestKey, cookie, signed_token, token_response};
use time::Duration;
use time::format_description::well_known::Rfc3339;
use url::Url;

#[tokio::test]
async fn a_person_signs_in_by_a_token_of_either_type() {
    let scene = Scene::new(json!({})).await;
    for (saml, person) in [(Saml::V11, "ann"), (Saml::V20, "bob")] {
        let begun = scene.begin("corp", "?return_to=/app").await;
        assert!(begun.to.as_str().starts_with("https://adfs.example/adfs/ls/?wa=wsignin1.0&"));
        assert_eq!(parameter(&begun.to, "wtrealm").as_deref(), Some(REALM));
        let reply = parameter(&begun.to, "wreply");
        assert_eq!(reply.as_deref(), Some("https://sso.example/wsfed/corp"));
        assert_eq!(parameter(&begun.to, "wct").as_deref(), Some("2026-01-02T03:04:05Z"));
        for never in ["wauth", "whr", "wfresh", "wreq"] {
            assert_eq!(parameter(&begun.to, never), None);
        }
        let token = Token::new(saml, &format!("_{person}"), person, scene.now());
        let answer = scene.answer(&begun, &token.wresult()).await;
        assert_eq!(location(answer.headers()), "https://sso.example/app");
        let session = cookie(answer.headers());
        let email = format!("{person}@corp.example");
        assert_eq!(scene.signed_in(&[&session]).await, Some(email));
        let trace = scene.newest("corp").await;
        assert_eq!(trace["protocol"], "wsfed");
        assert_eq!(
            (&trace["flow"], &trace["outcome"]),
            (&json!("sp_initiated"), &json!("accepted"))
        );
    }
}

#[tokio::test]
async fn what_is_configured_is_asked_for() {
    let scene = Scene::new(json!({
        "wauth": "urn:oasis:names:tc:SAML:1.0:am:password",
        "whr": "https://home.example/",
        "wfresh": 30,
        "service_uri": "urn:ours",
    }))
    .await;
    let asked = |to: &Url| ["wtrealm", "wauth", "whr", "wfresh"].map(|name| parameter(to, name));
    let [password, home] = ["urn:oasis:names:tc:SAML:1.0:am:password", "https://home.example/"];
    let expected = |fresh: &str| ["urn:ours", password, home, fresh].map(|v| Some(v.to_owned()));
    assert_eq!(asked(&scene.begin("corp", "").await.to), expected("30"));
    assert_eq!(asked(&scene.begin("corp", "?force_authn=1").await.to), expected("0"));
    // Whoever opens a login names neither the home realm nor the way back.
    let query = "?whr=evil&wreply=https://evil.example/&wtrealm=urn:evil";
    let to = scene.begin("corp", query).await.to;
    assert_eq!(asked(&to), expected("30"));
    assert_eq!(parameter(&to, "wreply").as_deref(), Some("https://sso.example/wsfed/corp"));
}

#[tokio::test]
async fn nothing_but_the_browser_that_began_brings_a_token() {
    let scene = Scene::new(json!({})).await;
    let other = scene.begin("corp", "").await;
    for saml in [Saml::V11, Saml::V20] {
        let begun = scene.begin("corp", "?return_to=https://evil.example/").await;
        let token = Token::new(saml, &format!("_{saml:?}"), "ann", scene.now()).wresult();
        let result = ("wresult", token.as_str());
        let mine = ("wctx", begun.wctx.as_str());
        let cookie = begun.cookie.as_str();
        let post = |cookies: Vec<String>, fields: Vec<(String, String)>| {
            let scene = &scene;
            async move {
                let cookies: Vec<&str> = cookies.iter().map(String::as_str).collect();
                let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                scene.post("corp", &cookies, &fields).await
            }
        };
        let nobodys = "AAAAAAAAAAAAAAAAAAAAAA";
        for (cookies, context, code) in [
            (vec![], Some(begun.wctx.as_str()), "browser_mismatch"),
            (vec![other.cookie.as_str()], Some(begun.wctx.as_str()), "browser_mismatch"),
            (vec![cookie], Some(nobodys), "in_response_to"),
            (vec![cookie], None, "unsolicited_not_allowed"),
            (vec![cookie], Some("https://evil.example/"), "unsolicited_not_allowed"),
            (vec![cookie], Some("//evil.example"), "unsolicited_not_allowed"),
            (vec![cookie], Some("RelayState=https://evil.example/"), "unsolicited_not_allowed"),
            (vec![cookie], Some("javascript:alert(1)"), "unsolicited_not_allowed"),
        ] {
            let mut fields = vec![(result.0.to_owned(), result.1.to_owned())];
            fields.extend(context.map(|wctx| ("wctx".to_owned(), wctx.to_owned())));
            let cookies = cookies.into_iter().map(str::to_owned).collect();
            scene.refused(post(cookies, fields).await, code).await;
        }
        // Neither what the login asked for nor what comes beside the token leads elsewhere.
        let evil = [result, mine, ("wreply", "https://evil.example/"), ("RelayState", "//evil")];
        let accepted = scene.post("corp", &[cookie], &evil).await;
        assert_eq!(location(accepted.headers()), "/welcome");
    }
}

#[tokio::test]
async fn a_token_is_good_once_for_one_realm_and_within_its_time() {
    let scene = Scene::new(json!({})).await;
    scene.make_org("other", "other.example", json!({})).await;
    for saml in [Saml::V11, Saml::V20] {
        let now = scene.now();
        let good = Token::new(saml, &format!("_good{saml:?}"), "ann", now);
        let changed = |change: fn(&mut Token)| {
            let mut token = Token { id: "_changed".to_owned(), ..good.clone() };
            change(&mut token);
            token.wresult()
        };
        let outside = |inside: &str| {
            good.wresult().replacen(
                "<t:RequestedSecurityToken>",
                &format!("{inside}<t:RequestedSecurityToken>"),
                1,
            )
        };
        let stranger = token_response(&signed_token(&TestKey::rsa(2048), &good.xml()));
        let wsu =
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
        for (wresult, code) in [
            // Another organization of the same federation service, with the same key.
            (changed(|t| t.realm = "urn:federation:sso.example:other".to_owned()), "audience"),
            (changed(|t| t.realm = String::new()), "audience"),
            (changed(|t| t.issued -= Duration::hours(2)), "expired"),
            (changed(|t| t.issued += Duration::hours(2)), "not_yet_valid"),
            (token_response(&good.xml()), "unsigned"),
            (stranger, "untrusted_key"),
            (
                outside(
                    "<p:AppliesTo xmlns:p=\"http://schemas.xmlsoap.org/ws/2004/09/policy\"><a:Address \
                     xmlns:a=\"http://www.w3.org/2005/08/addressing\">\
                     urn:federation:sso.example:other</a:Address></p:AppliesTo>",
                ),
                "applies_to",
            ),
            (
                outside(&format!(
                    "<t:Lifetime><u:Expires xmlns:u=\"{wsu}\">2020-01-01T00:00:00Z</u:Expires></t:Lifetime>"
                )),
                "expired",
            ),
            (
                "<s:Fault xmlns:s=\"urn:x\">&lt;script&gt;</s:Fault>".to_owned(),
                "unexpected_message",
            ),
            ("no XML".to_owned(), "not_well_formed"),
        ] {
            let begun = scene.begin("corp", "").await;
            let refused = scene.answer(&begun, &wresult).await;
            scene.refused(refused, code).await;
            // Nothing of the login was used up by it.
            let person = Token { id: format!("_{}", begun.wctx), ..good.clone() };
            let accepted = scene.answer(&begun, &person.wresult()).await;
            assert_eq!(accepted.status(), StatusCode::SEE_OTHER, "{code}");
        }

        let (first, second) = (scene.begin("corp", "").await, scene.begin("corp", "").await);
        let accepted = scene.answer(&first, &good.wresult()).await;
        assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
        scene.refused(scene.answer(&second, &good.wresult()).await, "replayed").await;
        let fresh = Token { id: format!("_fresh{saml:?}"), ..good.clone() };
        let again = scene.answer(&first, &fresh.wresult()).await;
        scene.refused(again, "request_already_used").await;

        // A login that was begun at another organization, in the same browser.
        let elsewhere = scene.begin("other", "").await;
        scene.refused(scene.answer(&elsewhere, &fresh.wresult()).await, "in_response_to").await;

        let late = scene.begin("corp", "").await;
        scene.server.clock().advance(Duration::minutes(10));
        scene.refused(scene.answer(&late, &fresh.wresult()).await, "request_expired").await;
        let accepted = scene.answer(&scene.begin("corp", "").await, &fresh.wresult()).await;
        assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn nothing_but_a_form_with_a_token_is_taken() {
    let scene = Scene::new(json!({})).await;
    let begun = scene.begin("corp", "").await;
    let token = Token::new(Saml::V11, "_1", "ann", scene.now()).wresult();
    let context = ("wctx", begun.wctx.as_str());
    for (fields, status, code) in [
        (vec![context], 400, "missing_message"),
        (vec![("wresult", " "), context], 400, "missing_message"),
        (vec![("wresultptr", "https://evil.example/token"), context], 403, "binding_not_allowed"),
        (vec![("wresult", &token), ("wresult", &token), context], 400, "duplicate_parameter"),
        (vec![("wa", "wsignout1.0"), ("wresult", &token), context], 403, "response_rejected"),
    ] {
        let answer = scene.post("corp", &[&begun.cookie], &fields).await;
        assert_eq!(answer.status().as_u16(), status, "{code}");
        let page = answer.text().await.expect("a page");
        assert!(page.contains(code), "{code}: {page}");
    }
    // 256 KiB are a message, 1 MiB is a form.
    let long = |bytes: usize| "x".repeat(bytes);
    scene.refused(scene.answer(&begun, &long(256 * 1024 + 1)).await, "message_too_large").await;
    let largest = scene.answer(&begun, &long(1024 * 1024)).await;
    assert_eq!(largest.status(), StatusCode::PAYLOAD_TOO_LARGE);
    for query in ["?wa=wsignin1.0&wresult=x", "?wresult=x", "?wa=wsignin1.0"] {
        let answer = scene.get(&format!("/wsfed/corp{query}"), &[]).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{query}");
        assert!(answer.text().await.expect("a page").contains("binding_not_allowed"));
    }
    let unknown = scene.get("/wsfed/corp?wa=wattr1.0", &[]).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);

    // No other protocol's messages at a connection, and no messages at one that is disabled.
    let saml = scene.client.post(scene.server.url("/saml/corp/acs"));
    let saml = saml.form(&[("SAMLResponse", "PHgvPg==")]).send().await.expect("an answer");
    scene.refused(saml, "connection_disabled").await;
    scene.admin.patch("orgs/corp/sso", json!({"state": "disabled"})).await;
    let disabled = scene.answer(&begun, &token).await;
    assert_eq!(disabled.status(), StatusCode::FORBIDDEN);
    assert!(disabled.text().await.expect("a page").contains("connection_disabled"));
    scene.admin.patch("orgs/corp/sso", json!({"state": "active"})).await;
    assert_eq!(scene.answer(&begun, &token).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_token_that_nobody_asked_for_does_what_the_connection_says() {
    let scene = Scene::new(json!({"idp_initiated": "restart"})).await;
    let token = |id| Token::new(Saml::V11, id, "ann", scene.now()).wresult();
    let unasked = |wresult: String| {
        let scene = &scene;
        async move {
            let fields = [("wresult", wresult.as_str()), ("wctx", "RelayState=%2Fapp&x=y")];
            scene.post("corp", &[], &fields).await
        }
    };
    let restarted = unasked(token("_1")).await;
    let to = Url::parse(location(restarted.headers())).expect("a URL");
    let wctx = parameter(&to, "wctx").expect("a wctx");
    assert!(wctx.starts_with("again."), "{wctx}");
    let begun = Begun { wctx, cookie: cookie(restarted.headers()), to };
    let finished = scene.answer(&begun, &token("_2")).await;
    assert_eq!(location(finished.headers()), "https://sso.example/app");

    scene.admin.patch("orgs/corp/sso", json!({"idp_initiated": "accept"})).await;
    scene.server.clock().advance(Duration::seconds(1));
    let shown = unasked(token("_3")).await;
    assert_eq!(shown.status(), StatusCode::OK);
    let (browser, url) = (cookie(shown.headers()), shown.url().clone());
    let body = shown.text().await.expect("a page");
    let form: Form = Page { status: StatusCode::OK, url, location: None, body }.form();
    let fields: Vec<_> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let finished = scene.post("corp", &[&browser], &fields).await;
    assert_eq!(location(finished.headers()), "https://sso.example/app");
    let trace = scene.newest("corp").await;
    assert_eq!((&trace["flow"], &trace["protocol"]), (&json!("idp_initiated"), &json!("wsfed")));
}

#[tokio::test]
async fn a_sign_out_goes_by_the_federation_service_and_comes_back() {
    let scene = Scene::new(json!({
        "single_logout": "saml",
        "logout_url": "https://adfs.example/adfs/ls/",
    }))
    .await;
    let [session, _] = scene.sign_in(&Token::new(Saml::V11, "_1", "ann", scene.now())).await;
    let left = scene.get("/sso/corp/logout?return_to=/bye", &[&session]).await;
    assert_eq!(scene.signed_in(&[&session]).await, None);
    let to = Url::parse(location(left.headers())).expect("a URL");
    assert!(to.as_str().starts_with("https://adfs.example/adfs/ls/?wa=wsignout1.0&"), "{to}");
    assert_eq!(parameter(&to, "wtrealm").as_deref(), Some(REALM));
    let reply = Url::parse(&parameter(&to, "wreply").expect("a wreply")).expect("a URL");
    assert_eq!(reply.path(), "/wsfed/corp");

    let path = format!("{}?{}", reply.path(), reply.query().expect("where to go on"));
    let back = scene.get(&path, &[]).await;
    assert_eq!(location(back.headers()), "https://sso.example/bye");
    for path in ["/wsfed/corp", "/wsfed/corp?return_to=https://evil.example/"] {
        let page = scene.get(path, &[]).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert!(page.text().await.expect("a page").contains("You are signed out"));
    }
    let evil = scene.get("/sso/corp/logout?return_to=//evil.example", &[]).await;
    assert!(!location(evil.headers()).contains("evil"));
}

#[tokio::test]
async fn a_clean_up_ends_the_session_from_a_frame_and_leads_nowhere_else() {
    let scene = Scene::new(json!({})).await;
    let clean_up = "/wsfed/corp?wa=wsignoutcleanup1.0";
    for (n, which) in [1, 0].into_iter().enumerate() {
        let token = Token::new(Saml::V20, &format!("_{n}"), "ann", scene.now());
        let cookies = scene.sign_in(&token).await;
        let [session, named] = &cookies;
        assert!(session.starts_with("__Host-sso_session="), "{session}");
        // What names a session opens nothing.
        let value = named.strip_prefix("__Host-sso_clean_up=").expect("the other cookie");
        assert_eq!(scene.signed_in(&[&format!("__Host-sso_session={value}")]).await, None);
        assert_eq!(scene.signed_in(&[session]).await.as_deref(), Some("ann@corp.example"));

        // From a frame of another site the session's own cookie does not come.
        let answer = scene.get(clean_up, &[&cookies[which]]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers();
        assert!(headers.get(X_FRAME_OPTIONS).is_none());
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(!policy.contains("frame-ancestors") && policy.contains("default-src 'none'"));
        let cleared: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(cleared.len(), 2, "{cleared:?}");
        assert_eq!(scene.signed_in(&[session]).await, None);
    }

    for (reply, leads) in [
        ("https://adfs.example/adfs/ls/?wa=x", true),
        ("https://evil.example/", false),
        ("//evil.example", false),
        ("https://adfs.example@evil.example/", false),
        ("https://adfs.example.evil.example/", false),
        ("https://adfs.example./", false),
        ("https://adfs.example:8443/", false),
        ("http://adfs.example/", false),
        ("https:\\\\evil.example\\@adfs.example/", false),
        ("https://evil.example%2f@adfs.example.evil.example/", false),
        ("\t//evil.example", false),
        ("javascript:alert(1)", false),
        ("/welcome", false),
    ] {
        let reply_parameter: String =
            url::form_urlencoded::byte_serialize(reply.as_bytes()).collect();
        let answer = scene.get(&format!("{clean_up}&wreply={reply_parameter}"), &[]).await;
        let to = answer.headers().get(LOCATION).map(|to| to.to_str().expect("text"));
        assert_eq!(to, leads.then_some(reply), "{reply}");
    }
    // Nothing else is framed.
    for path in ["/", "/wsfed/corp", "/wsfed/nobody?wa=wsignoutcleanup1.0"] {
        assert_eq!(scene.get(path, &[]).await.headers()[X_FRAME_OPTIONS], "DENY", "{path}");
    }
}

#[tokio::test]
async fn an_organization_that_goes_over_from_saml_keeps_its_accounts() {
    for account_key in ["uid", "name_id"] {
        let scene = Scene::new(json!({})).await;
        let saml = json!({
            "protocol": "saml2", "idp_entity_id": ISSUER, "account_key": account_key,
            "sso_url": "https://adfs.example/adfs/ls/", "auto_create": true,
            "attribute_map": {"preset": "adfs", "map": {}},
        });
        assert_eq!(scene.put("orgs/corp/sso", saml).await.0, 200);
        let left = scene.get("/sso/corp/login", &[]).await;
        let to = Url::parse(location(left.headers())).expect("a URL");
        let request = sso_tests::request_id(&parameter(&to, "SAMLRequest").expect("a request"));
        let token = Token {
            realm: "https://sso.example/saml/corp/metadata".to_owned(),
            ..Token::new(Saml::V20, "_saml", "ann", scene.now())
        };
        let acs = "https://sso.example/saml/corp/acs";
        let until = (scene.now() + Duration::minutes(5)).format(&Rfc3339).expect("a time");
        let assertion = token.xml().replace(
            "cm:bearer\"/>",
            &format!(
                "cm:bearer\"><saml:SubjectConfirmationData Recipient=\"{acs}\" NotOnOrAfter=\"{until}\" \
                 InResponseTo=\"{request}\"/></saml:SubjectConfirmation>"
            ),
        );
        let now = scene.now().format(&Rfc3339).expect("a time");
        let response = format!(
            "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" \
             IssueInstant=\"{now}\" InResponseTo=\"{request}\" Destination=\"{acs}\"><p:Status>\
             <p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></p:Status>{}\
             </p:Response>",
            signed_token(&KEY, &assertion)
        );
        let posted = scene.client.post(scene.server.url("/saml/corp/acs"));
        let posted = posted.header(COOKIE, cookie(left.headers()));
        let posted = posted.form(&[("SAMLResponse", base64(&response))]).send().await;
        let posted = posted.expect("an answer");
        assert_eq!(posted.status(), StatusCode::SEE_OTHER, "{}", scene.newest("corp").await);
        let before = scene.admin.get("orgs/corp/users").await;

        // The same identity provider, by its other protocol: nothing else is said.
        let changed = scene.admin.patch("orgs/corp/sso", json!({"protocol": "wsfed"})).await;
        assert_eq!(changed["federation_service_uri"], ISSUER);
        assert_eq!(changed["service_uri"], REALM);
        assert_eq!(changed["account_key"], account_key);
        for saml in [Saml::V11, Saml::V20] {
            let token = Token::new(saml, &format!("_{saml:?}"), "ann", scene.now());
            let [session, _] = scene.sign_in(&token).await;
            assert_eq!(scene.signed_in(&[&session]).await.as_deref(), Some("ann@corp.example"));
        }
        let after = scene.admin.get("orgs/corp/users").await;
        let ids = |users: &Value| {
            let users = users["items"].as_array().expect("a list").iter();
            users.map(|user| user["id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!((ids(&before).len(), ids(&before)), (1, ids(&after)), "{account_key}");
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
