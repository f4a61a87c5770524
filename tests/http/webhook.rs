//! Notices at the operator's address (SPEC 13): signed, tried again, and lost by nothing, whatever that
//! address answers.

use crate::admin_api::{acme_with, send};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use reqwest::Method;
use serde_json::{Value, json};
use sso_core::time::Clock as _;
use sso_server::config::{Networks, Webhook};
use sso_tests::{BEGINNING, Engine, MetadataHost, TestServer};
use std::sync::{Arc, Mutex, PoisonError};
use time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";
/// An address that takes the connection and says nothing.
const SILENT: &str = "";

/// An address for notices, and what came there.
struct Receiver {
    url: String,
    came: Arc<Mutex<Vec<Post>>>,
}

/// A request as it came.
#[derive(Clone)]
struct Post {
    head: String,
    body: String,
}

impl Receiver {
    /// Each connection gets the next of these answers, and is closed; those after the last one [`TAKEN`].
    async fn start(answers: &[&str]) -> Self {
        let mut answers: Vec<String> = answers.iter().rev().map(|&text| text.to_owned()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/notices?to=ops", listener.local_addr().expect("an address"));
        let came = Arc::<Mutex<Vec<Post>>>::default();
        let taken = came.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = answers.pop().unwrap_or_else(|| TAKEN.to_owned());
                let taken = taken.clone();
                tokio::spawn(async move {
                    let post = Post::read(&mut stream).await;
                    taken.lock().unwrap_or_else(PoisonError::into_inner).push(post);
                    if answer == SILENT {
                        std::future::pending::<()>().await;
                    }
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { url, came }
    }

    fn came(&self) -> Vec<Post> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Post {
    async fn read(stream: &mut TcpStream) -> Self {
        let mut text = String::new();
        loop {
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let post = Self { head: head.to_owned(), body: body.to_owned() };
                if post.body.len().to_string() == post.header("content-length") {
                    return post;
                }
            }
            let mut piece = [0; 4_096];
            let length = stream.read(&mut piece).await.expect("a piece");
            assert_ne!(length, 0, "it broke off: {text}");
            text.push_str(std::str::from_utf8(&piece[..length]).expect("ASCII"));
        }
    }

    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| *found == name).map(|(_, value)| value).expect(name)
    }

    fn is_signed(&self) -> bool {
        let (id, timestamp) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let content = format!("{id}.{timestamp}.{}", self.body);
        let secret = STANDARD.decode(&SECRET["whsec_".len()..]).expect("base64");
        let key = PKey::hmac(&secret).expect("a key");
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
        let made = signer.sign_oneshot_to_vec(content.as_bytes()).expect("signed");
        self.header("webhook-signature") == format!("v1,{}", STANDARD.encode(made))
    }
}

/// A service with so many certificates of which there is a notice, all of one day.
async fn service(receiver: &Receiver, networks: &str, certificates: usize) -> TestServer {
    let server = acme_with(Engine::Sqlite, |config| {
        config.webhook = Webhook::read(Some(&receiver.url), Some(SECRET)).expect("a webhook");
        let networks = Networks::read("outgoing_networks", Some(networks));
        config.outgoing_networks = networks.expect("networks");
    })
    .await;
    for number in 0..certificates {
        let new = json!({"alias": format!("no {number}"), "valid_days": 90, "key": "p256"});
        let made = send(&server, Method::POST, "orgs/acme/service-certificates", new).await;
        assert_eq!(made.0, 201);
    }
    server.clock().set(BEGINNING + Duration::days(60));
    server.run_job("expiry").await;
    server
}

/// Delivers what is due after so long.
async fn after(server: &TestServer, wait: Duration) {
    server.clock().advance(wait);
    server.run_job("deliver_notices").await;
}

fn waiting(server: &TestServer) -> usize {
    server.database().rows("SELECT notice FROM notice_deliveries").len()
}

async fn posts(server: &TestServer, outcome: &str) -> u64 {
    let text = reqwest::get(server.url("/metrics")).await.expect("an answer").text().await;
    let text = text.expect("text");
    let name = format!("sso_webhook_posts_total{{outcome=\"{outcome}\"}} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("{name}: {text}")).parse().expect("a number")
}

#[tokio::test]
async fn a_notice_is_posted_until_it_is_taken_and_then_no_more() {
    let receiver = Receiver::start(&["HTTP/1.1 500 Internal Server Error\r\n\r\n"]).await;
    let server = service(&receiver, MetadataHost::NETWORK, 1).await;
    after(&server, Duration::ZERO).await;
    assert_eq!((receiver.came().len(), waiting(&server)), (1, 1));
    after(&server, Duration::seconds(9)).await;
    assert_eq!(receiver.came().len(), 1, "it is put off");
    assert_eq!((posts(&server, "put_off").await, posts(&server, "delivered").await), (1, 0));
    let server = server.restart().await;
    after(&server, Duration::seconds(1)).await;
    after(&server, Duration::days(3)).await;
    let came = receiver.came();
    assert_eq!((came.len(), waiting(&server)), (2, 0), "once more, and no more");
    assert_eq!((posts(&server, "put_off").await, posts(&server, "delivered").await), (0, 1));

    assert!(came.iter().all(Post::is_signed));
    assert_eq!(came[0].header("webhook-id"), came[1].header("webhook-id"));
    assert!(came[0].head.starts_with("POST /notices?to=ops HTTP/1.1\r\n"), "{}", came[0].head);
    assert_eq!(came[0].header("content-type"), "application/json");
    assert_eq!(came[0].body, came[1].body);
    let body: Value = serde_json::from_str(&came[1].body).expect("JSON");
    assert_eq!(body["type"], "service_certificate_expiry");
    assert_eq!(body["timestamp"], "2026-03-03T03:04:05Z");
    let data = &body["data"];
    assert_eq!((&data["org"], &data["facts"]["days"]), (&json!("acme"), &json!(30)));
    assert_eq!(data["id"], came[1].header("webhook-id"));
    let sentence = "The service certificate \"no 0\" expires in 30 days, at 2026-04-02T03:04:05Z.";
    assert_eq!(data["sentence"], sentence);
}

/// An old request that somebody kept has an old time in it, which a receiver refuses: each attempt is
/// signed as of its own time.
#[tokio::test]
async fn what_is_no_success_is_tried_again() {
    let elsewhere = Receiver::start(&[]).await;
    let redirect =
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\n\r\n", elsewhere.url);
    let failing = [
        redirect.as_str(),
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 410 Gone\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "not HTTP\r\n\r\n",
        SILENT,
    ];
    let receiver = Receiver::start(&failing).await;
    let server = service(&receiver, MetadataHost::NETWORK, 1).await;
    for attempt in 1..=failing.len() {
        after(&server, Duration::days(1)).await;
        assert_eq!((receiver.came().len(), waiting(&server)), (attempt, 1));
        let now = server.clock().now().unix_timestamp().to_string();
        assert_eq!(receiver.came()[attempt - 1].header("webhook-timestamp"), now);
    }
    after(&server, Duration::days(1)).await;
    let came = receiver.came();
    assert_eq!((came.len(), waiting(&server)), (failing.len() + 1, 0));
    assert!(came.iter().all(Post::is_signed));
    assert!(came.iter().all(|post| post.header("webhook-id") == came[0].header("webhook-id")));
    assert_eq!(elsewhere.came().len(), 0, "no redirect is followed");
}

#[tokio::test]
async fn whoever_says_that_they_have_it_gets_it_once() {
    let twice = format!("{TAKEN}HTTP/1.1 500 Internal Server Error\r\n\r\n");
    let endless = "HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\nthank you, and ".to_owned();
    let late = format!("HTTP/1.1 100 Continue\r\n\r\n{TAKEN}");
    for answer in [twice, endless, late] {
        let receiver = Receiver::start(&[&answer]).await;
        let server = service(&receiver, MetadataHost::NETWORK, 1).await;
        after(&server, Duration::ZERO).await;
        after(&server, Duration::days(1)).await;
        assert_eq!((receiver.came().len(), waiting(&server)), (1, 0), "{answer}");
    }
}

#[tokio::test]
async fn each_notice_is_posted_by_its_own_number() {
    let receiver = Receiver::start(&[]).await;
    let server = service(&receiver, MetadataHost::NETWORK, 12).await;
    after(&server, Duration::ZERO).await;
    let came = receiver.came();
    let ids: std::collections::BTreeSet<_> =
        came.iter().map(|post| post.header("webhook-id").to_owned()).collect();
    assert_eq!((came.len(), ids.len(), waiting(&server)), (12, 12, 0));
}

#[tokio::test]
async fn a_private_address_is_not_reached_and_the_notice_given_up_in_the_end() {
    let receiver = Receiver::start(&[]).await;
    let server = service(&receiver, "", 1).await;
    for _ in 0..9 {
        after(&server, Duration::days(1)).await;
        assert_eq!(waiting(&server), 1);
    }
    after(&server, Duration::days(1)).await;
    assert_eq!((receiver.came().len(), waiting(&server)), (0, 0));
    assert_eq!((posts(&server, "put_off").await, posts(&server, "given_up").await), (9, 1));
}
