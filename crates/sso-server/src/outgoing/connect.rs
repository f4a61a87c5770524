//! A connection to an address that was looked at, with TLS under the host's name.

use super::OutgoingError;
use openssl::error::ErrorStack;
use openssl::ssl::{SslConnector, SslMethod, SslVersion};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_openssl::SslStream;

/// How long one address has to take the connection.
const CONNECT: Duration = Duration::from_secs(3);

/// TLS 1.2 and later, with the certificate authorities of the system. Certificate and name are always
/// checked.
pub(super) fn connector() -> Result<SslConnector, ErrorStack> {
    let mut tls = SslConnector::builder(SslMethod::tls_client())?;
    tls.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    tls.set_alpn_protos(b"\x08http/1.1")?;
    Ok(tls.build())
}

/// A connection, with TLS or without.
pub(super) enum Connected {
    Plain(TcpStream),
    Tls(SslStream<TcpStream>),
}

/// Connects to the first of the addresses that answers. `name` is the host of the URL, in its brackets
/// where it is an IPv6 address.
pub(super) async fn connect(
    name: &str,
    addresses: &[SocketAddr],
    tls: Option<&SslConnector>,
) -> Result<Connected, OutgoingError> {
    let mut last = OutgoingError::unreachable(format!("{name} has no address"));
    for address in addresses {
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                return match tls {
                    Some(tls) => encrypted(name, stream, tls).await,
                    None => Ok(Connected::Plain(stream)),
                };
            }
            Ok(Err(error)) => last = OutgoingError::unreachable(error.to_string()),
            Err(_) => last = OutgoingError::TimedOut,
        }
    }
    Err(last)
}

async fn encrypted(
    name: &str,
    stream: TcpStream,
    tls: &SslConnector,
) -> Result<Connected, OutgoingError> {
    let name = name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    let failed =
        |error: &dyn std::fmt::Display| OutgoingError::unreachable(format!("TLS failed: {error}"));
    let session = tls.configure().and_then(|tls| tls.into_ssl(name)).map_err(|e| failed(&e))?;
    let mut stream = SslStream::new(session, stream).map_err(|e| failed(&e))?;
    Pin::new(&mut stream).connect().await.map_err(|e| failed(&e))?;
    Ok(Connected::Tls(stream))
}

impl AsyncRead for Connected {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Connected {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
