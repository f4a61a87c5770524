//! What every answer has: security headers, a request number, and never a secret (ATTACKS 15).

use reqwest::Method;
use serde_json::json;
use sso_tests::{OPERATOR_TOKEN, TestServer, browser};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let server = TestServer::start_behind("https://sso.example").await;
    for path in ["/", "/nothing", "/healthz", "/session", "/api/v1/orgs", "/assets/style.css"] {
        let answer = browser().get(server.url(path)).send().await.expect("an answer");
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().expect("text");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self' https:",
        ] {
            assert!(policy.split("; ").any(|found| found == rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "strict-origin");
        assert_eq!(headers["x-frame-options"], "DENY");
        let kept = if path.starts_with("/assets/") { "public, max-age=3600" } else { "no-store" };
        assert_eq!(headers["cache-control"], kept, "{path}");
        assert_eq!(headers["x-request-id"].len(), 16);
    }
}

#[tokio::test]
async fn no_page_has_an_inline_script_or_style() {
    let server = TestServer::start().await;
    for path in ["/", "/login?org=nobody", "/nothing", "/sso/nobody/login"] {
        let page = browser().get(server.url(path)).send().await.expect("an answer");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let page = page.text().await.expect("a page");
        for inline in ["<script>", "<style", " style=", " onload=", " onclick=", "javascript:"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test]
async fn assets_come_from_here_with_their_types() {
    let server = TestServer::start().await;
    for (path, kind) in [
        ("/assets/style.css", "text/css; charset=utf-8"),
        ("/assets/post.js", "text/javascript; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
    ] {
        let asset = browser().get(server.url(path)).send().await.expect("an answer");
        assert_eq!(asset.status(), 200);
        assert_eq!(asset.headers()["content-type"], kind);
    }
}

#[tokio::test]
async fn the_service_says_how_it_is() {
    let server = TestServer::start().await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = browser().get(server.url(path)).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text().await.expect("text"), text);
    }
    let wrong = browser().post(server.url("/healthz")).send().await.expect("an answer");
    assert_eq!(
        (wrong.status().as_u16(), &wrong.headers()["allow"]),
        (405, &"GET,HEAD".parse().expect("a value"))
    );
}

#[tokio::test]
async fn addresses_never_follow_the_host_header() {
    let server = TestServer::start().await;
    let made = server
        .api(Method::POST, "orgs")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .json(&json!({"name": "acme"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(made.headers()["location"], "/api/v1/orgs/acme");
    let connection =
        json!({"idp_entity_id": "https://idp.example", "sso_url": "https://idp.example/sso"});
    let put = server.api(Method::PUT, "orgs/acme/sso").header("host", "evil.example");
    let put = put.json(&connection).send().await.expect("an answer");
    let text = put.text().await.expect("JSON");
    assert!(text.contains(&server.public_url().join("/saml/acme/metadata")), "{text}");
    assert!(!text.contains("evil"), "{text}");
}

#[tokio::test]
async fn a_client_that_breaks_the_protocol_does_not_stop_the_service() {
    let server = TestServer::start().await;
    let address = server.url("/").replace("http://localhost", "127.0.0.1").replace('/', "");
    let broken: [&[u8]; 4] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /saml/acme/acs HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort",
        b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc",
    ];
    for bytes in broken {
        let address = address.clone();
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(&address).expect("a connection");
            stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
            stream.write_all(bytes).expect("sent");
            let _ = stream.read(&mut [0; 1024]);
        })
        .await
        .expect("the client ran");
    }
    assert_eq!(server.api(Method::GET, "orgs").send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = TestServer::start().await;
    let asked =
        |bytes: usize| browser().get(server.url("/healthz")).header("x-long", "a".repeat(bytes));
    assert_eq!(asked(30_000).send().await.expect("an answer").status(), 200);
    let refused = asked(3_000_000).send().await;
    assert!(refused.map_or(true, |answer| answer.status() == 431));
}

#[tokio::test]
async fn the_operators_token_is_in_no_answer() {
    let server = TestServer::start().await;
    for path in ["/", "/nothing", "/session", "/api/v1/orgs", "/api/v1/nothing"] {
        let asked = browser().get(server.url(path)).bearer_auth(OPERATOR_TOKEN);
        let answer = asked.send().await.expect("an answer");
        let all = format!("{:?} {}", answer.headers().clone(), answer.text().await.expect("text"));
        assert!(!all.contains(OPERATOR_TOKEN), "{path}");
    }
}
