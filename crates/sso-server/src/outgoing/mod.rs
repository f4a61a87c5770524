//! What the service asks of others over HTTP: identity providers' metadata, that notices be taken, and that
//! sessions end.
//!
//! Whoever sets an address must not reach through us what they could not reach themselves (server-side
//! request forgery). A name is resolved here, every address of it is looked at, and the connection is made
//! to an address that was, so that a second answer of the name server is never asked for. No redirect is
//! followed, no proxy of the environment used, nothing sent that tells of us. Every answer has an end, in
//! bytes and in time.

mod address;
mod connect;
mod error;
mod soap;

pub(crate) use error::OutgoingError;

use crate::config::Networks;
use crate::http::body::BodyError;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::header::{HOST, HeaderMap};
use axum::http::{HeaderValue, Request, StatusCode};
use connect::Connected;
use futures_util::Stream;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use openssl::ssl::SslConnector;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use url::{Host, Url};

/// How long it may take from the name to the head of the answer.
const HEAD: Duration = Duration::from_secs(10);
/// The most bytes of an answer's head.
const HEAD_LIMIT: usize = 64 << 10;

/// A client for other people's servers.
pub(crate) struct Outgoing {
    allowed: Networks,
    tls: SslConnector,
    resolve: Resolve,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body as it comes. It breaks off at the deadline.
    pub(crate) body: Body,
    /// When the time for the whole exchange is over.
    pub(crate) deadline: Instant,
}

impl OutgoingError {
    /// Why the body of an answer could not be read.
    pub(crate) fn of_body(error: BodyError, deadline: Instant) -> Self {
        match error {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::Broken if Instant::now() >= deadline => Self::TimedOut,
            BodyError::Broken => Self::unreachable("the answer broke off"),
        }
    }
}

/// Looks a name up.
type Resolve = fn(String, u16) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

impl Outgoing {
    /// A client that asks public addresses, and those of `allowed`. It trusts the certificate authorities
    /// of the system.
    ///
    /// # Errors
    /// OpenSSL's.
    pub(crate) fn new(allowed: Networks) -> Result<Self, openssl::error::ErrorStack> {
        let resolve: Resolve = |name, port| {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) })
        };
        Ok(Self { allowed, tls: connect::connector()?, resolve })
    }

    /// Sends a request to an address. `Host` and the path are taken from the address. `time`: for the whole
    /// exchange, to the last byte of the answer.
    ///
    /// # Errors
    /// [`OutgoingError`].
    pub(crate) async fn send(
        &self,
        to: &Url,
        request: Request<Body>,
        time: Duration,
    ) -> Result<Answer, OutgoingError> {
        let (now, deadline) = (Instant::now(), Instant::now() + time);
        let exchange = async {
            let stream = self.connected(to).await?;
            exchange(stream, to, request, deadline).await
        };
        let head = timeout_at(deadline.min(now + HEAD), exchange).await;
        head.map_err(|_| OutgoingError::TimedOut)?
    }

    /// A connection to an address of the host that was looked at.
    async fn connected(&self, to: &Url) -> Result<Connected, OutgoingError> {
        let (Some(host), Some(port)) = (to.host(), to.port_or_known_default()) else {
            return Err(OutgoingError::not_allowed("The address names no host."));
        };
        let is_plain = match to.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(OutgoingError::not_allowed("The address must begin with https://.")),
        };
        if !to.username().is_empty() || to.password().is_some() {
            return Err(OutgoingError::not_allowed("The address must not name a user."));
        }
        let name = host.to_string();
        let addresses = match host {
            Host::Ipv4(ip) => vec![(ip, port).into()],
            Host::Ipv6(ip) => vec![(ip, port).into()],
            Host::Domain(name) => (self.resolve)(name.to_owned(), port)
                .await
                .map_err(|e| OutgoingError::unreachable(format!("{name} has no address: {e}")))?,
        };
        // Every one of them, not only the first: else who names several chooses by failing.
        for address in &addresses {
            let ip = address.ip();
            if !self.allowed.contains(ip) {
                if !address::is_public(ip) {
                    return Err(OutgoingError::not_allowed(format!(
                        "{name} is at {ip}, which is not on the public Internet and not of \
                         SSO_OUTGOING_NETWORKS."
                    )));
                }
                if is_plain {
                    return Err(OutgoingError::not_allowed(
                        "The address must begin with https://.",
                    ));
                }
            }
        }
        let tls = (!is_plain).then_some(&self.tls);
        connect::connect(&name, &addresses, tls).await
    }
}

async fn exchange(
    stream: Connected,
    to: &Url,
    mut request: Request<Body>,
    deadline: Instant,
) -> Result<Answer, OutgoingError> {
    let path = &to[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &to[url::Position::BeforeHost..url::Position::AfterPort];
    let unsendable = || OutgoingError::not_allowed("The address cannot be sent.");
    *request.uri_mut() = path.parse().map_err(|_| unsendable())?;
    let host = HeaderValue::from_str(host).map_err(|_| unsendable())?;
    request.headers_mut().insert(HOST, host);

    let failed = |error: hyper::Error| OutgoingError::unreachable(format!("HTTP failed: {error}"));
    let client = http1::Builder::new().max_buf_size(HEAD_LIMIT).handshake(TokioIo::new(stream));
    let (mut sender, connection) = client.await.map_err(failed)?;
    // It ends with the answer, however that ends.
    let mut driver = JoinSet::new();
    driver.spawn(async { drop(connection.await) });
    let (head, incoming) = sender.send_request(request).await.map_err(failed)?.into_parts();
    let pieces = Pieces { incoming, deadline: Box::pin(sleep_until(deadline)), _driver: driver };
    let body = Body::from_stream(pieces);
    Ok(Answer { status: head.status, headers: head.headers, body, deadline })
}

/// The pieces of a body, until its time is over.
struct Pieces {
    incoming: hyper::body::Incoming,
    deadline: Pin<Box<Sleep>>,
    /// The connection that they come by.
    _driver: JoinSet<()>,
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        loop {
            let frame = match ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(frame) => frame.map_err(io::Error::other)?,
            };
            if let Ok(data) = frame.into_data() {
                return Poll::Ready(Some(Ok(data)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
