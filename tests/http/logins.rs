//! What browsers meet on the way into a login and out of one: statuses, cookies and pages (SPEC 5.1,
//! 6, DESIGN 6, ATTACKS 15). Whole logins are in `tests/flows` and `tests/peers`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use sso_tests::{TestServer, browser};
use url::Url;

const HTTPS: &str = "https://sso.example";

/// Gives a server the organization `acme` with a connection of these settings besides.
async fn connect(server: &TestServer, settings: Value) {
    let org = json!({
        "name": "acme",
        "display_name": "Acme <Inc.>",
        "domains": ["acme.example"],
        "contact": "it@acme.example",
        "support_url": "https://help.acme.example/?a=1&b=2",
    });
    let made = server.api(Method::POST, "orgs").json(&org).send().await.expect("an answer");
    assert_eq!(made.status(), 201);
    let mut connection =
        json!({"idp_entity_id": "https://idp.example", "sso_url": "https://idp.example/sso?a=b"});
    let fields = connection.as_object_mut().expect("an object");
    fields.extend(settings.as_object().expect("an object").clone());
    let put = server.api(Method::PUT, "orgs/acme/sso").json(&connection).send().await;
    assert_eq!(put.expect("an answer").status(), 200);
}

async fn connected(settings: Value) -> TestServer {
    let server = TestServer::start().await;
    connect(&server, settings).await;
    server
}

async fn get(server: &TestServer, path: &str) -> Response {
    browser().get(server.url(path)).send().await.expect("an answer")
}

/// Posts a form to the ACS, with a login cookie if one is given.
async fn post(server: &TestServer, body: String, cookie: Option<&str>) -> Response {
    let mut request = browser()
        .post(server.url("/saml/acme/acs"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    request.send().await.expect("an answer")
}

fn message(xml: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &STANDARD.encode(xml))
        .finish()
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> String {
    let value = response.headers().get(name).expect("the header");
    value.to_str().expect("text").to_owned()
}

/// The code that a refusal page shows.
async fn shown(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let page = response.text().await.expect("a page");
    let code = page.split("<dt>Code</dt><dd><code>").nth(1).and_then(|rest| rest.split('<').next());
    (status, code.expect("a code").to_owned())
}

async fn newest_trace(server: &TestServer) -> Value {
    let list = server.api(Method::GET, "orgs/acme/logins").send().await.expect("an answer");
    list.json::<Value>().await.expect("JSON")["items"][0].clone()
}

#[tokio::test]
async fn a_login_leaves_by_redirect_with_a_cookie() {
    let server = connected(json!({})).await;
    for path in [
        "/sso/acme/login",
        "/sso/ACME/login",
        "/sso/Acme.Example/login",
        "/login?org=acme",
        "/login?email=ann@acme.example",
        "/login?org=%20ann@ACME.example",
    ] {
        let left = get(&server, path).await;
        assert_eq!(left.status(), 303, "{path}");
        let to = Url::parse(&header(&left, LOCATION)).expect("a URL");
        assert_eq!(to.host_str(), Some("idp.example"));
        let names: Vec<_> = to.query_pairs().map(|(name, _)| name.into_owned()).collect();
        match path.contains('@') {
            true => assert_eq!(names, ["a", "login_hint", "SAMLRequest", "RelayState"]),
            false => assert_eq!(names, ["a", "SAMLRequest", "RelayState"]),
        }
        let cookie = header(&left, SET_COOKIE);
        let (value, attributes) = cookie.split_once("; ").expect("attributes");
        assert_eq!(value.strip_prefix("sso_login=").map(str::len), Some(43));
        assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Max-Age=3600");
    }
}

#[tokio::test]
async fn who_is_to_sign_in_is_told_to_the_identity_provider() {
    let server = connected(json!({})).await;
    for (path, hint) in [
        ("/sso/acme/login?login_hint=ann%2Bx@acme.example", Some("ann+x@acme.example")),
        ("/login?org=acme&login_hint=ann", Some("ann")),
        ("/login?email=ann@acme.example", Some("ann@acme.example")),
        ("/login?email=ann@acme.example&login_hint=bob", Some("bob")),
        ("/login?org=acme", None),
        ("/sso/acme/login?login_hint=", None),
    ] {
        let left = get(&server, path).await;
        assert_eq!(left.status(), 303, "{path}");
        let to = Url::parse(&header(&left, LOCATION)).expect("a URL");
        let told = to.query_pairs().find(|(name, _)| name == "login_hint");
        assert_eq!(told.map(|(_, value)| value.into_owned()).as_deref(), hint, "{path}");
    }
    assert_eq!(get(&server, "/sso/acme/login?login_hint=a&login_hint=b").await.status(), 400);
}

#[tokio::test]
async fn on_https_the_login_cookie_comes_back_from_other_sites() {
    let server = TestServer::start_behind(HTTPS).await;
    connect(&server, json!({})).await;
    let cookie = header(&get(&server, "/sso/acme/login").await, SET_COOKIE);
    let (value, attributes) = cookie.split_once("; ").expect("attributes");
    assert!(value.starts_with("__Host-sso_login="));
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=None; Max-Age=3600; Secure");
}

#[tokio::test]
async fn every_tab_of_a_browser_has_the_same_cookie() {
    let server = connected(json!({})).await;
    let begin = async |client: &Client| {
        let left = client.get(server.url("/sso/acme/login")).send().await.expect("an answer");
        header(&left, SET_COOKIE)
    };
    let (one, other) = (browser(), browser());
    let first = begin(&one).await;
    assert_eq!(begin(&one).await, first);
    assert_ne!(begin(&other).await, first);
    // A value that we never made is not taken over.
    let forged = browser().get(server.url("/sso/acme/login")).header(COOKIE, "sso_login=mine");
    assert!(!header(&forged.send().await.expect("an answer"), SET_COOKIE).contains("mine"));
}

#[tokio::test]
async fn the_post_binding_is_a_form_that_works_without_script() {
    let server = connected(json!({"sso_binding": "post"})).await;
    let left = get(&server, "/sso/acme/login").await;
    assert_eq!(left.status(), 200);
    assert!(header(&left, SET_COOKIE).starts_with("sso_login="));
    let page = left.text().await.expect("a page");
    assert!(
        page.contains(r#"<form method="post" action="https://idp.example/sso?a=b">"#),
        "{page}"
    );
    assert!(page.contains(r#"<input type="hidden" name="SAMLRequest" value=""#));
    assert!(page.contains(r#"<button type="submit">"#));
    assert!(page.contains(r#"<script src="/assets/post.js"></script>"#));
}

#[tokio::test]
async fn an_organization_without_a_connection_cannot_begin() {
    let server = TestServer::start().await;
    assert_eq!(shown(get(&server, "/sso/acme/login").await).await, (404, "not_found".into()));
    let org = server.api(Method::POST, "orgs").json(&json!({"name": "acme"})).send().await;
    assert_eq!(org.expect("an answer").status(), 201);
    let disabled = (403, "connection_disabled".to_owned());
    assert_eq!(shown(get(&server, "/sso/acme/login").await).await, disabled);
    assert_eq!(shown(get(&server, "/login?org=acme").await).await, disabled);
    let posted = post(&server, message("<x/>"), Some("sso_login=x")).await;
    assert_eq!(shown(posted).await, disabled);

    let server = connected(json!({"state": "disabled"})).await;
    assert_eq!(shown(get(&server, "/sso/acme/login").await).await, disabled);
    let active = json!({"state": "active"});
    let patched = server.api(Method::PATCH, "orgs/acme/sso").json(&active).send().await;
    assert_eq!(patched.expect("an answer").status(), 200);
    assert_eq!(get(&server, "/sso/acme/login").await.status(), 303);

    let off =
        server.api(Method::PATCH, "orgs/acme").json(&json!({"sso_enabled": false})).send().await;
    assert_eq!(off.expect("an answer").status(), 200);
    assert_eq!(shown(get(&server, "/sso/acme/login").await).await, disabled);
}

#[tokio::test]
async fn an_organization_that_nobody_knows_is_asked_for_again() {
    let server = connected(json!({})).await;
    let again = get(&server, "/login?org=nobody%40%22%3E%3Cb%3E.example&return_to=/app").await;
    assert_eq!(again.status(), 404);
    let page = again.text().await.expect("a page");
    assert!(page.contains("We know no organization"));
    assert!(page.contains("value=\"nobody@&#34;&#62;&#60;b&#62;.example\""), "{page}");
    assert!(page.contains(r#"name="return_to" value="/app""#));
    let asked = get(&server, "/login").await;
    assert_eq!(asked.status(), 200);
    assert!(!asked.text().await.expect("a page").contains("We know no organization"));
    for twice in ["/login?org=a&org=b", "/sso/acme/login?return_to=/a&return_to=/b"] {
        assert_eq!(get(&server, twice).await.status(), 400);
    }
    let absent = get(&server, "/sso/acme/login?partner=other").await;
    assert_eq!(shown(absent).await, (400, "malformed_query".into()));
}

#[tokio::test]
async fn only_a_form_with_each_field_once_is_read() {
    let server = connected(json!({})).await;
    let cookie = Some("sso_login=x");
    let small = message("<x/>");
    for (body, status, code) in [
        (String::new(), 400, "missing_message"),
        ("RelayState=x".to_owned(), 400, "missing_message"),
        (format!("{small}&{small}"), 400, "duplicate_parameter"),
        (format!("{small}&RelayState=a&RelayState=b"), 400, "duplicate_parameter"),
        ("SAMLart=x".to_owned(), 403, "binding_not_allowed"),
        (format!("SAMLResponse={}", "A".repeat(10 << 20)), 413, "body_too_large"),
        (format!("x={}", "A".repeat(10 << 20)), 413, "body_too_large"),
        (message(&"x".repeat(300_000)), 403, "message_too_large"),
        ("SAMLResponse=%3Cx%3E".to_owned(), 403, "not_base64"),
        (message("<x>"), 403, "response_rejected"),
        (small.clone(), 403, "unsolicited_not_allowed"),
    ] {
        let answer = post(&server, body.clone(), cookie).await;
        let what = body.chars().take(40).collect::<String>();
        assert_eq!(shown(answer).await, (status, code.to_owned()), "{what}");
    }
    for kind in [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/x-www-form-urlencoded; charset=utf-16",
    ] {
        let asked = browser().post(server.url("/saml/acme/acs")).header("content-type", kind);
        let answer = asked.body(small.clone()).send().await.expect("an answer");
        assert_eq!(shown(answer).await, (415, "unsupported_media_type".to_owned()), "{kind}");
    }
    let bare = get(&server, "/saml/acme/acs").await;
    assert_eq!(shown(bare).await, (400, "missing_message".to_owned()));
    let query = get(&server, &format!("/saml/acme/acs?{small}")).await;
    assert_eq!(shown(query).await, (403, "binding_not_allowed".to_owned()));
    let put = browser().put(server.url("/saml/acme/acs")).send().await.expect("an answer");
    assert_eq!(put.headers()["allow"], "GET,HEAD,POST");
    assert_eq!(put.status(), 405);
    // The service goes on.
    assert_eq!(get(&server, "/readyz").await.status(), 200);
}

#[tokio::test]
async fn a_refusal_has_a_trace_that_the_administrator_finds() {
    let server = connected(json!({})).await;
    let refused = post(&server, message("<x>"), Some("sso_login=x")).await;
    assert_eq!(refused.status(), 403);
    let page = refused.text().await.expect("a page");
    let trace = newest_trace(&server).await;
    assert_eq!(
        (&trace["outcome"], &trace["code"]),
        (&json!("rejected"), &json!("not_well_formed"))
    );
    let id = trace["id"].as_str().expect("an id");
    assert!(page.contains(&format!("<code>{id}</code>")), "{page}");
    assert!(page.contains("response_rejected"));
    assert!(!page.contains("not_well_formed"), "the browser is not told which check failed");
    assert!(page.contains("Acme &#60;Inc.&#62;"));
    assert!(page.contains("it@acme.example"));
    assert!(page.contains(r#"href="https://help.acme.example/?a=1&#38;b=2""#));
    assert!(page.contains(r#"href="/sso/acme/login""#));
    let one = server.api(Method::GET, &format!("orgs/acme/logins/{id}")).send().await;
    assert_eq!(one.expect("an answer").json::<Value>().await.expect("JSON"), trace);
}

#[tokio::test]
async fn a_refusal_goes_to_the_error_url_with_its_code_and_trace() {
    let server = connected(json!({"error_url": "https://app.example/error?from=sso#top"})).await;
    let refused = post(&server, message("<x>"), Some("sso_login=x")).await;
    assert_eq!(refused.status(), 303);
    let id = newest_trace(&server).await["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        header(&refused, LOCATION),
        format!("https://app.example/error?from=sso&error_code=response_rejected&trace={id}#top")
    );
}

#[tokio::test]
async fn on_loopback_a_post_without_the_cookie_is_posted_once_more_from_here() {
    let server = connected(json!({})).await;
    let hostile = "\"><script>alert(1)</script>";
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &STANDARD.encode("<x/>"))
        .append_pair("RelayState", hostile)
        .finish();
    let again = post(&server, body.clone(), None).await;
    assert_eq!(again.status(), 200);
    assert!(again.headers().get(SET_COOKIE).is_none());
    let page = again.text().await.expect("a page");
    assert!(page.contains(r#"<form method="post" action="/saml/acme/acs">"#), "{page}");
    assert!(page.contains(r#"name="SAMLResponse" value="PHgvPg==""#), "{page}");
    assert!(!page.contains("<script>"), "{page}");
    assert!(page.contains("&#34;&#62;&#60;script&#62;alert(1)"), "{page}");
    assert!(page.contains(r#"name="sso_posted_again" value="1""#), "{page}");
    assert_eq!(newest_trace(&server).await, Value::Null, "nothing was looked at yet");

    // The second post is final, with the cookie or without.
    let second = post(&server, format!("{body}&sso_posted_again=1"), None).await;
    assert_eq!(second.status(), 403);
}

#[tokio::test]
async fn on_https_nothing_is_posted_again() {
    let server = TestServer::start_behind(HTTPS).await;
    connect(&server, json!({})).await;
    assert_eq!(post(&server, message("<x/>"), None).await.status(), 403);
}

#[tokio::test]
async fn a_logout_takes_the_cookie_away_and_goes_where_it_may() {
    let server = connected(json!({})).await;
    for (query, status, to) in [
        ("", 200, None),
        ("?return_to=/app", 303, Some(server.url("/app"))),
        ("?return_to=https://acme.example/bye", 303, Some("https://acme.example/bye".to_owned())),
        ("?return_to=https://evil.example/", 200, None),
        ("?return_to=//evil.example", 200, None),
    ] {
        let out = get(&server, &format!("/sso/acme/logout{query}")).await;
        assert_eq!(out.status().as_u16(), status, "{query}");
        assert_eq!(
            header(&out, SET_COOKIE),
            "sso_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        let location = out.headers().get(LOCATION).map(|to| to.to_str().expect("text").to_owned());
        assert_eq!(location, to, "{query}");
    }
    let idp = json!({"single_logout": "redirect_only", "logout_url": "https://idp.example/out"});
    let patched = server.api(Method::PATCH, "orgs/acme/sso").json(&idp).send().await;
    assert_eq!(patched.expect("an answer").status(), 200);
    let out = get(&server, "/sso/acme/logout?return_to=/app").await;
    assert_eq!(header(&out, LOCATION), "https://idp.example/out");
    assert_eq!(get(&server, "/sso/nobody/logout").await.status(), 404);
}

#[tokio::test]
async fn nobody_is_signed_in_without_a_session() {
    let server = connected(json!({})).await;
    for cookie in ["", "sso_session=x", "sso_session="] {
        let asked = browser().get(server.url("/session")).header(COOKIE, cookie);
        let answer = asked.header("accept", "text/html").send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.json::<Value>().await.expect("JSON")["code"], "not_signed_in");
        let welcome = browser().get(server.url("/welcome")).header(COOKIE, cookie);
        let welcome = welcome.send().await.expect("an answer");
        assert_eq!((welcome.status().as_u16(), header(&welcome, LOCATION).as_str()), (303, "/"));
    }
    let home = get(&server, "/").await;
    assert_eq!(home.status(), 200);
    let page = home.text().await.expect("a page");
    assert!(page.contains(r#"<form method="get" action="/login">"#), "{page}");
}
