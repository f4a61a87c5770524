//! A host of metadata inside the test, on loopback: it says what the test has it say, and counts how often
//! it was asked.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::net::TcpListener;

/// A host of one document. It ends with the test.
#[derive(Clone)]
pub struct MetadataHost {
    state: Arc<Mutex<Said>>,
    port: u16,
}

/// What a host answers.
#[derive(Debug, Clone)]
pub enum HostAnswer {
    /// A document, which it knows again by an `ETag`.
    Document(String),
    /// Nothing but a status.
    Status(u16),
    /// A redirect to this address.
    Redirect(String),
    /// A document without an end.
    Endless,
    /// Never anything.
    Silent,
}

struct Said {
    answer: HostAnswer,
    version: u32,
    asked: usize,
    not_modified: usize,
}

impl MetadataHost {
    /// The network that a service must be allowed to ask.
    pub const NETWORK: &str = "127.0.0.0/8";

    /// Starts a host that has this document.
    pub async fn start(document: String) -> Self {
        let answer = HostAnswer::Document(document);
        let state = Said { answer, version: 1, asked: 0, not_modified: 0 };
        let state = Arc::new(Mutex::new(state));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let routes = Router::new().fallback(answer_one).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { state, port }
    }

    /// Where the document is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/metadata.xml", self.port)
    }

    /// Where it is, by a name.
    pub fn named_url(&self, name: &str) -> String {
        format!("http://{name}:{}/metadata.xml", self.port)
    }

    /// What it answers from now on.
    pub fn says(&self, answer: HostAnswer) {
        let mut said = self.said();
        said.answer = answer;
        said.version += 1;
    }

    /// The document that it has from now on.
    pub fn has(&self, document: String) {
        self.says(HostAnswer::Document(document));
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.said().asked
    }

    /// How often it said that the document is the same.
    pub fn not_modified(&self) -> usize {
        self.said().not_modified
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer_one(State(state): State<Arc<Mutex<Said>>>, headers: HeaderMap) -> Response {
    let (answer, etag) = {
        let mut said = state.lock().unwrap_or_else(PoisonError::into_inner);
        said.asked += 1;
        let etag = format!("\"version {}\"", said.version);
        if matches!(said.answer, HostAnswer::Document(_))
            && headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == etag.as_str())
        {
            said.not_modified += 1;
            return StatusCode::NOT_MODIFIED.into_response();
        }
        (said.answer.clone(), etag)
    };
    match answer {
        HostAnswer::Document(document) => {
            // Not the type that it should have, as many hosts do.
            ([(header::ETAG, etag), (header::CONTENT_TYPE, "text/plain".to_owned())], document)
                .into_response()
        }
        HostAnswer::Status(status) => {
            StatusCode::from_u16(status).expect("a status").into_response()
        }
        HostAnswer::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        HostAnswer::Endless => Body::from_stream(Endless).into_response(),
        HostAnswer::Silent => std::future::pending().await,
    }
}

/// The same bytes, again and again.
struct Endless;

impl futures_util::Stream for Endless {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(Some(Ok(Bytes::from_static(&[b' '; 16 << 10]))))
    }
}
