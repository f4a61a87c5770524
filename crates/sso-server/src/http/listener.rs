//! Accepting connections: HTTP/1.1 alone, since TLS and HTTP/2 end at the proxy in front.
//!
//! A client that sends its headers slowly or without end is dropped, and a stop lets running requests finish.

use crate::config::StartError;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// The longest a connection waits for a request line and headers, the first or the next. Proxies
/// keep idle connections for 60 seconds; were it shorter here, a sign-in could be posted into one
/// that is just being closed.
const HEADER_TIMEOUT: Duration = Duration::from_secs(90);
/// The most bytes of a request line and headers.
const HEADER_LIMIT: usize = 64 << 10;
/// The longest running requests are waited for after a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Listens on an address. `setting` is where the operator sets it.
///
/// # Errors
/// The port is in use, or not allowed.
pub(crate) async fn bind(
    listen: SocketAddr,
    setting: &'static str,
) -> Result<TcpListener, StartError> {
    TcpListener::bind(listen).await.map_err(|e| failed(listen, setting, &e))
}

/// Why there is no listening on an address.
pub(crate) fn failed(listen: SocketAddr, setting: &'static str, error: &Error) -> StartError {
    let problem = match error.kind() {
        ErrorKind::AddrInUse => "another program uses this port".to_owned(),
        ErrorKind::PermissionDenied => "this port needs more rights".to_owned(),
        ErrorKind::AddrNotAvailable => "this machine does not have this address".to_owned(),
        _ => error.to_string(),
    };
    StartError::Listen { listen, setting, problem }
}

/// Serves until `stop` completes, then finishes the requests that are running.
pub(crate) async fn serve(listener: TcpListener, routes: Router, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(HEADER_LIMIT);
    let running = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, most likely: others must close before one can open.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        let service = routes.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(axum::body::Body::new)
        });
        let connection =
            http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = running.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, running.shutdown()).await.is_err() {
        tracing::warn!("requests still running after the drain were cut off");
    }
}
