use super::*;
use crate::http::body;
use openssl::ssl::{Ssl, SslAcceptor, SslMethod, SslVerifyMode};
use openssl::x509::X509;
use sso_core::ambient::{SystemClock, SystemRandom};
use sso_core::certs::{NewKey, generate};
use sso_core::time::Clock as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_openssl::SslStream;

const LIMIT: usize = 1 << 16;

fn outgoing(allowed: &str) -> Outgoing {
    let allowed = Networks::read("outgoing_networks", Some(allowed)).expect("networks");
    Outgoing::new(allowed).expect("a client")
}

fn loopback() -> Outgoing {
    outgoing("127.0.0.0/8, ::1")
}

/// The status and the body of an answer.
async fn get(outgoing: &Outgoing, url: &str) -> Result<(u16, Bytes), OutgoingError> {
    let (to, time) = (url.parse().expect("a URL"), Duration::from_millis(1_500));
    let answer = outgoing.send(&to, Request::new(Body::empty()), time).await?;
    let body = body::read(answer.body, LIMIT).await;
    let body = body.map_err(|error| OutgoingError::of_body(error, answer.deadline))?;
    Ok((answer.status.as_u16(), body))
}

/// What a host does with a connection, once it has read a request.
enum Host {
    /// Says this, and closes.
    Says(String),
    /// Says this, then the same letter for ever.
    Endless(&'static str),
    /// Says this, then nothing.
    Silent(&'static str),
}

/// Starts a host on loopback; gives its port and how many connections it had.
async fn host(host: Host) -> (u16, &'static AtomicUsize) {
    let asked: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        let host: &'static Host = Box::leak(Box::new(host));
        while let Ok((mut stream, _)) = listener.accept().await {
            asked.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4_096]).await;
                let said = match host {
                    Host::Says(text) => text.as_str(),
                    Host::Endless(text) | Host::Silent(text) => text,
                };
                let _ = stream.write_all(said.as_bytes()).await;
                match host {
                    Host::Says(_) => {}
                    Host::Endless(_) => while stream.write_all(&[b'x'; 1_024]).await.is_ok() {},
                    Host::Silent(_) => std::future::pending().await,
                }
            });
        }
    });
    (port, asked)
}

fn ok(body: &str) -> Host {
    Host::Says(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

fn is_not_allowed(answer: &Result<(u16, Bytes), OutgoingError>) -> bool {
    matches!(answer, Err(OutgoingError::NotAllowed(_)))
}

#[tokio::test]
async fn an_answer_is_read() {
    let (port, asked) = host(ok("metadata")).await;
    let answer = get(&loopback(), &format!("http://127.0.0.1:{port}/a?b=c")).await.expect("one");
    assert_eq!((answer.0, &*answer.1), (200, &b"metadata"[..]));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_asked() {
    let (port, asked) = host(ok("secret")).await;
    for spelled in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "169.254.169.254",
    ] {
        for scheme in ["http", "https"] {
            let answer = get(&outgoing(""), &format!("{scheme}://{spelled}:{port}/")).await;
            assert!(is_not_allowed(&answer), "{scheme} {spelled}: {answer:?}");
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    // With the network configured the same host is asked.
    for spelled in ["127.0.0.1", "2130706433"] {
        let answer = get(&loopback(), &format!("http://{spelled}:{port}/")).await;
        assert_eq!(answer.expect("an answer").0, 200, "{spelled}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_asked() {
    let (port, asked) = host(ok("secret")).await;
    let private: Resolve =
        |_, port| Box::pin(async move { Ok(vec![([10, 0, 0, 1], port).into()]) });
    let mixed: Resolve = |_, port| {
        Box::pin(
            async move { Ok(vec![([1, 1, 1, 1], port).into(), ([127, 0, 0, 1], port).into()]) },
        )
    };
    let nothing: Resolve = |_, _| Box::pin(async { Ok(Vec::new()) });
    for resolve in [private, mixed] {
        let outgoing = Outgoing { resolve, ..outgoing("") };
        let answer = get(&outgoing, &format!("https://idp.example:{port}/")).await;
        assert!(is_not_allowed(&answer), "{answer:?}");
    }
    let outgoing = Outgoing { resolve: nothing, ..outgoing("") };
    let answer = get(&outgoing, &format!("https://idp.example:{port}/")).await;
    assert!(matches!(answer, Err(OutgoingError::Unreachable(_))), "{answer:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

/// A name server that answers otherwise the second time is not asked a second time: the connection goes
/// to the address that was looked at.
#[tokio::test]
async fn a_name_is_looked_up_once() {
    static LOOKED_UP: AtomicUsize = AtomicUsize::new(0);
    let rebinding: Resolve = |_, port| {
        let address = match LOOKED_UP.fetch_add(1, Ordering::SeqCst) {
            0 => ([127, 0, 0, 1], port).into(),
            _ => ([10, 0, 0, 1], port).into(),
        };
        Box::pin(async move { Ok(vec![address]) })
    };
    let (port, asked) = host(ok("metadata")).await;
    let outgoing = Outgoing { resolve: rebinding, ..outgoing("127.0.0.1") };
    let url = format!("http://idp.example:{port}/");
    assert_eq!(get(&outgoing, &url).await.expect("an answer").0, 200);
    assert_eq!(LOOKED_UP.load(Ordering::SeqCst), 1);
    assert!(is_not_allowed(&get(&outgoing, &url).await));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn only_https_without_a_user_is_spoken_to_the_internet() {
    let public: Resolve = |_, port| Box::pin(async move { Ok(vec![([1, 1, 1, 1], port).into()]) });
    let outgoing = Outgoing { resolve: public, ..loopback() };
    for url in [
        "http://idp.example/",
        "http://1.1.1.1/",
        "ftp://idp.example/",
        "file:///etc/passwd",
        "gopher://idp.example/",
        "https://user@idp.example/",
        "https://user:secret@idp.example/",
        "http://user@127.0.0.1/",
    ] {
        let answer = get(&outgoing, url).await;
        assert!(is_not_allowed(&answer), "{url}: {answer:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (port, asked) = host(ok("secret")).await;
    let there = format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{port}/\r\n\r\n");
    let (from, _) = host(Host::Says(there)).await;
    let answer = get(&loopback(), &format!("http://127.0.0.1:{from}/")).await.expect("an answer");
    assert_eq!(answer.0, 302);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn every_answer_has_an_end() {
    use Host::{Endless, Says, Silent};
    let too_large = || OutgoingError::TooLarge;
    for (what, expected) in [
        (Endless("HTTP/1.1 200 OK\r\n\r\n"), Some(too_large())),
        (
            Silent("HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n"),
            Some(OutgoingError::TimedOut),
        ),
        (Silent("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx"), Some(OutgoingError::TimedOut)),
        (Silent("HTTP/1.1 200 OK\r\n"), Some(OutgoingError::TimedOut)),
        (Silent(""), Some(OutgoingError::TimedOut)),
        (Endless("HTTP/1.1 200 OK\r\nx-head: "), None),
        (Says("not HTTP".to_owned()), None),
        (Says("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort".to_owned()), None),
        (Says(String::new()), None),
    ] {
        let (port, _) = host(what).await;
        let error = get(&loopback(), &format!("http://127.0.0.1:{port}/")).await;
        let error = error.expect_err("no answer");
        match expected {
            Some(expected) => assert_eq!(error, expected),
            None => assert!(matches!(error, OutgoingError::Unreachable(_)), "{error:?}"),
        }
    }
    let exactly = "x".repeat(LIMIT);
    let (port, _) = host(ok(&exactly)).await;
    let answer = get(&loopback(), &format!("http://127.0.0.1:{port}/")).await.expect("an answer");
    assert_eq!(answer.1.len(), LIMIT);
}

/// A certificate that nobody vouches for, or that is of another name, is no identity provider's.
#[tokio::test]
async fn the_host_must_have_a_certificate_of_its_name() {
    let now = SystemClock.now();
    let made = generate("idp.example", 365, NewKey::P256, now, &SystemRandom);
    let made = made.expect("a certificate");
    let certificate = X509::from_der(&made.der).expect("a certificate");
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).expect("TLS");
    let key = openssl::pkey::PKey::private_key_from_der(&made.private_key).expect("a key");
    acceptor.set_certificate(&certificate).expect("set");
    acceptor.set_private_key(&key).expect("set");
    let acceptor = acceptor.build();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let session = Ssl::new(acceptor.context()).expect("a session");
            let mut stream = SslStream::new(session, stream).expect("a stream");
            tokio::spawn(async move {
                if Pin::new(&mut stream).accept().await.is_ok() {
                    let _ = stream.read(&mut [0; 4_096]).await;
                    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                }
            });
        }
    });
    let url = format!("https://127.0.0.1:{port}/");
    let refused = get(&loopback(), &url).await;
    assert!(
        matches!(&refused, Err(OutgoingError::Unreachable(why)) if why.starts_with("TLS failed"))
    );
    // The same host, with its certificate not looked at, which no setting can do: it does answer.
    let mut blind = SslConnector::builder(SslMethod::tls_client()).expect("TLS");
    blind.set_verify(SslVerifyMode::NONE);
    let blind = Outgoing { tls: blind.build(), ..loopback() };
    assert_eq!(get(&blind, &url).await.expect("an answer").0, 204);
}
