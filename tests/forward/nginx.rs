//! nginx's `auth_request` in front of a static page, by the configuration of docs/forward-auth.md.

use crate::scene::{APP, Scene, claims};
use axum::http::HeaderMap;
use axum::{Router, routing::get};
use reqwest::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, redirect::Policy};
use sso_tests::{Person, TestServer, cookie, free_port};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

const LOGIN: &str =
    "https://sso.example/login?return_to=https%3A%2F%2Fapp.sso.example%2Fpage%3Fa%3D1%26b%3D2";
const PAGE: &str = "/page?a=1&b=2";

#[tokio::test]
async fn a_person_signs_in_on_the_way_to_a_page() {
    let site = Site::start().await;
    // Nobody is signed in: to the login, which nginx serves on the other host.
    let turned_away = site.open("").await;
    assert_eq!(turned_away.status(), 303);
    assert_eq!(header(&turned_away, "location"), LOGIN);
    assert_eq!(site.app.seen().len(), 0);

    // The login asks for the organization and keeps the way back.
    let query = LOGIN.split_once('?').expect("a query").1;
    let asked = site.scene.corp.get(&format!("{}/login?{query}", site.nginx.url), "").await;
    let asked = asked.expect("an answer").text().await.expect("a page");
    assert!(asked.contains(r#"value="https://app.sso.example/page?a=1&#38;b=2""#), "{asked}");
    let person = Person::new("ann").with("displayName", "Ümit Lee");
    let signed_in = site.scene.sign_in_at(&site.nginx.url, &format!("?{query}"), &person).await;
    assert_eq!(header(&signed_in, "location"), format!("https://{APP}{PAGE}"));
    let set = header(&signed_in, SET_COOKIE.as_str());
    assert!(set.starts_with("__Secure-sso_session="), "{set}");
    assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Lax; Domain=sso.example; Secure"), "{set}");

    // Back at the page, with the identity and without the session's cookie.
    let session = cookie(signed_in.headers());
    for (sent, kept) in [
        (session.clone(), None),
        (format!("a=1; {session}"), Some("a=1;")),
        (format!("{session}; b=2"), Some("b=2")),
        (format!("a=1; {session}; b=2"), Some("a=1; b=2")),
    ] {
        let page = site.open(&sent).await;
        assert_eq!(page.status(), 200);
        assert_eq!(page.text().await.expect("a page"), "the page");
        let seen = site.app.seen().pop().expect("a request");
        let value = |name: &str| seen.get(name).map(|value| value.to_str().expect("ASCII"));
        assert_eq!(value("x-sso-org"), Some("corp"));
        assert_eq!(value("x-sso-email"), Some("ann@corp.example"));
        assert_eq!(value("x-sso-name"), Some("%C3%9Cmit Lee"));
        assert_eq!(value("x-sso-groups"), None, "nginx passes no empty header on");
        let token = claims(value("x-sso-token").expect("a token"));
        assert_eq!((token["aud"].as_str(), token["name"].as_str()), (Some(APP), Some("Ümit Lee")));
        assert_eq!(token["sub"].as_str(), value("x-sso-account"));
        assert_eq!(value("cookie"), kept, "{sent}");
    }

    // Out again, and at once.
    let out = site.scene.corp.get(&format!("{}/sso/corp/logout", site.nginx.url), &session).await;
    assert_eq!(out.expect("an answer").status(), 200);
    let turned_away = site.open(&session).await;
    assert_eq!(
        (turned_away.status().as_u16(), header(&turned_away, LOCATION.as_str())),
        (303, LOGIN)
    );
}

#[tokio::test]
async fn forged_headers_never_arrive() {
    let site = Site::start().await;
    let session = site.scene.session(&Person::new("ann")).await;
    let spellings = [
        "X-Sso-Org",
        "x-sso-org",
        "X-SSO-ORG",
        "x_sso_org",
        "X_Sso_Org",
        "X-Sso_Org",
        "X_Sso-Org",
        "X.Sso.Org",
        "X-Sso.Org",
        "X-Sso-Email",
        "X_Sso_Email",
        "X-Sso-Groups",
        "X_SSO_GROUPS",
        "X-Sso-Token",
        "x_sso_token",
        "X-Sso-Anything",
        "x_sso_anything",
        "X-Sso-",
        "X-Sso",
        "X-Original-URL",
        "X-Forwarded-Host",
        "Cookie2",
    ];
    let mut arrived = 0;
    for name in spellings {
        for forged in [
            format!("{name}: evil\r\n"),
            format!("{name}: evil\r\n{name}: evil\r\n"),
            format!("{name}:evil  \t\r\n"),
            format!("{name} : evil\r\n"),
            format!("{name}\t: evil\r\n"),
            format!(" {name}: evil\r\n"),
            format!("X-Other: a\r\n {name}: evil\r\n"),
            format!("Connection: X-Sso-Org, {name}\r\n{name}: evil\r\n"),
        ] {
            for cookie in [format!("Cookie: {session}\r\n"), String::new()] {
                let signed_in = !cookie.is_empty();
                let request = format!(
                    "GET {PAGE} HTTP/1.1\r\nHost: {APP}\r\n{forged}{cookie}Connection: close\r\n\r\n"
                );
                let status = site.nginx.raw(request.clone()).await;
                let seen = site.app.take();
                assert!(seen.len() <= usize::from(signed_in), "{request}");
                assert!(
                    matches!((status, signed_in), (200, true) | (303, false) | (400, _)),
                    "{status}: {request}"
                );
                assert_eq!(status == 200, seen.len() == 1, "{request}");
                for headers in seen {
                    arrived += 1;
                    let text = format!("{headers:?}").to_lowercase();
                    assert!(!text.contains("evil"), "{request} arrived as {text}");
                    assert_eq!(headers.get_all("x-sso-org").iter().collect::<Vec<_>>(), ["corp"]);
                    assert_eq!(headers["x-sso-email"], "ann@corp.example");
                }
            }
        }
    }
    assert!(arrived > spellings.len() * 3, "{arrived}: most requests were let in");
    // The same upstream would tell of such a header: it is not the one that drops them.
    site.app.direct("x_sso_org: evil\r\n").await;
    assert_eq!(site.app.take().pop().expect("a request")["x_sso_org"], "evil");
}

#[tokio::test]
async fn clients_cannot_ask_who_is_signed_in() {
    let site = Site::start().await;
    let session = site.scene.session(&Person::new("ann")).await;
    for path in
        ["/auth/verify", "/auth/verify-or-login", "/auth/verify-or-login/x", "//auth/verify"]
    {
        for host in ["sso.example", APP] {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {session}\r\nX-Forwarded-Host: wiki.sso.example\r\nConnection: close\r\n\r\n"
            );
            let answer = site.nginx.answer(request).await.to_lowercase();
            let head = answer.split("\r\n\r\n").next().unwrap_or_default();
            assert!(!head.contains("\r\nx-sso-"), "{host}{path}: {head}");
        }
    }
}

/// A service, nginx and an application behind it.
struct Site {
    nginx: Nginx,
    app: App,
    scene: Scene,
    client: Client,
}

impl Site {
    async fn start() -> Self {
        let scene = Scene::trusting("127.0.0.1").await;
        let app = App::start().await;
        let nginx = Nginx::start(&scene.server, app.port).await;
        let client = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { nginx, app, scene, client }
    }

    /// Opens the page of the application through nginx.
    async fn open(&self, cookie: &str) -> Response {
        let asked = self.client.get(format!("{}{PAGE}", self.nginx.url)).header(HOST, APP);
        asked.header(COOKIE, cookie).send().await.expect("an answer")
    }
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).unwrap_or_else(|| panic!("{name}")).to_str().expect("ASCII")
}

/// A page that remembers the headers of who asked for it.
struct App {
    port: u16,
    seen: Arc<Mutex<Vec<HeaderMap>>>,
}

impl App {
    async fn start() -> Self {
        let seen = Arc::<Mutex<Vec<HeaderMap>>>::default();
        let remember = Arc::clone(&seen);
        let page = get(async move |headers: HeaderMap| {
            remember.lock().expect("the headers").push(headers);
            "the page"
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/page", page)).await },
        );
        Self { port, seen }
    }

    fn seen(&self) -> Vec<HeaderMap> {
        self.seen.lock().expect("the headers").clone()
    }

    fn take(&self) -> Vec<HeaderMap> {
        std::mem::take(&mut *self.seen.lock().expect("the headers"))
    }

    /// Asks past nginx.
    async fn direct(&self, header: &str) {
        let request = format!("GET /page HTTP/1.1\r\nHost: x\r\n{header}Connection: close\r\n\r\n");
        exchange(self.port, request).await;
    }
}

/// nginx by the documented configuration. It ends with this value.
struct Nginx {
    url: String,
    port: u16,
    process: Child,
    folder: TempDir,
}

impl Nginx {
    async fn start(server: &TestServer, app: u16) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let port = free_port();
        let configuration = configuration(folder.path(), &documented(server, app, port));
        fs::write(folder.path().join("nginx.conf"), configuration).expect("written");
        let log = fs::File::create(folder.path().join("nginx.log")).expect("a log");
        // Debian has it where only an administrator's shell looks.
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
        let process = Command::new("nginx")
            .env("PATH", path)
            .args(["-e", "stderr", "-c"])
            .arg(folder.path().join("nginx.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("nginx is installed (./test installs it)");
        let mut nginx = Self { url: format!("http://127.0.0.1:{port}"), port, process, folder };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = nginx.process.try_wait().expect("its state").is_some();
            assert!(!ended && Instant::now() < deadline, "nginx is not ready: {}", nginx.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        nginx
    }

    /// The status of the answer to these bytes.
    async fn raw(&self, request: String) -> u16 {
        let answer = self.answer(request).await;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("no status: {answer:?} {}", self.log()))
    }

    async fn answer(&self, request: String) -> String {
        exchange(self.port, request).await
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("nginx.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Fails only where the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("--- nginx's log:\n{}", self.log());
        }
    }
}

/// The documented configuration, word for word but for names, ports and what TLS needs.
fn documented(server: &TestServer, app: u16, port: u16) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/forward-auth.md");
    let text = fs::read_to_string(file).expect("docs/forward-auth.md");
    let (_, block) = text.split_once("```nginx\n").expect("the configuration");
    let (block, _) = block.split_once("```").expect("its end");
    let service = server.url("").rsplit_once(':').expect("a port").1.to_owned();
    [
        ("server 127.0.0.1:8080;", format!("server 127.0.0.1:{service};")),
        ("server 127.0.0.1:3000;", format!("server 127.0.0.1:{app};")),
        ("listen 443 ssl;", format!("listen 127.0.0.1:{port};")),
        ("server_name sso.example.com;", "server_name sso.example;".to_owned()),
        ("server_name app.example.com;", format!("server_name {APP};")),
        ("ssl_certificate     /etc/nginx/example.com.pem;", String::new()),
        ("ssl_certificate_key /etc/nginx/example.com.key;", String::new()),
    ]
    .into_iter()
    .fold(block.to_owned(), |text, (documented, ours)| {
        assert!(text.contains(documented), "{documented} is not in docs/forward-auth.md");
        text.replace(documented, &ours)
    })
}

/// What stands around it in nginx.conf. Names with underscores and other odd ones are let in, so that
/// what drops them is the documented part.
fn configuration(folder: &Path, documented: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;\nmaster_process off;\nworker_processes 1;\npid {folder}/nginx.pid;\n\
         events {{ worker_connections 256; }}\n\
         http {{\naccess_log off;\nunderscores_in_headers on;\nignore_invalid_headers off;\n\
         client_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/fastcgi;\nuwsgi_temp_path {folder}/uwsgi;\n\
         scgi_temp_path {folder}/scgi;\n{documented}\n}}\n"
    )
}

/// Sends bytes to a port of loopback and reads the answer to its end.
async fn exchange(port: u16, request: String) -> String {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .expect("the client ran")
}
