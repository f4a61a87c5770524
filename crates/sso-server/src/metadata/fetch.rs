//! Asking a host for a document.

use super::document::{self, Document, Unread, Wanted};
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use crate::outgoing::{Answer, OutgoingError};
use axum::body::Body;
use axum::http::header::{
    ACCEPT, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION,
};
use axum::http::{Request, StatusCode};
use sso_core::metadata::{IndexedEntity, Validators};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How long the document of one identity provider may take.
const ONE: Duration = Duration::from_secs(10);
/// How long an aggregate may take: less than the service has for a request.
const AGGREGATE: Duration = Duration::from_secs(25);

/// The longest validator that is kept; a host with a longer one is asked for the whole document.
const MAX_VALIDATOR: usize = 1_024;

/// What a host answered.
#[derive(Debug, Clone)]
pub(crate) enum Fetched {
    /// The document is the one that it gave these validators to.
    Same,
    /// Another document, and what the host calls it.
    Document(Box<Document>, Validators),
}

/// Fetches a document and reads it.
///
/// # Errors
/// Those of [`ask`]; why the document is refused.
pub(crate) async fn fetch(
    app: &App,
    url: &Url,
    known: &Validators,
    wanted: Wanted,
) -> Result<Fetched, Problem> {
    let time = if wanted.entity_id.is_some() { AGGREGATE } else { ONE };
    let Some(answer) = ask(app, url, known, time).await? else { return Ok(Fetched::Same) };
    let validators = Validators {
        etag: text(&answer.headers, ETAG),
        last_modified: text(&answer.headers, LAST_MODIFIED),
    };
    let received = Document::receive(app, answer.body, wanted).await;
    let document = received.map_err(|unread| unread.of_answer(answer.deadline))?;
    Ok(Fetched::Document(Box::new(document), validators))
}

/// Fetches an aggregate and lists its entities.
///
/// # Errors
/// Those of [`ask`]; why the document is refused.
pub(crate) async fn fetch_entities(app: &App, url: &Url) -> Result<Vec<IndexedEntity>, Problem> {
    let answer = ask(app, url, &Validators::default(), AGGREGATE).await?;
    let answer = answer.ok_or_else(|| Problem::internal(&"nothing is known of it"))?;
    let listed = document::receive_entities(answer.body).await;
    listed.map_err(|unread| unread.of_answer(answer.deadline))
}

/// Asks a host for a document, whatever it says that its type is. `None`: it is the one that the host gave
/// these validators to.
///
/// # Errors
/// `address_not_allowed`, `host_unreachable`, `host_timed_out`, `answer_too_large`, `answer_not_ok`.
async fn ask(
    app: &App,
    url: &Url,
    known: &Validators,
    time: Duration,
) -> Result<Option<Answer>, Problem> {
    let mut request = Request::new(Body::empty());
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/samlmetadata+xml, */*;q=0.5"));
    for (name, value) in [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.last_modified)] {
        if let Some(value) = value.as_ref().and_then(|value| value.parse().ok()) {
            headers.insert(name, value);
        }
    }
    let answer = app.outgoing.send(url, request, time).await?;
    let is_known = known.etag.is_some() || known.last_modified.is_some();
    match answer.status {
        StatusCode::OK => Ok(Some(answer)),
        StatusCode::NOT_MODIFIED if is_known => Ok(None),
        status if status.is_redirection() => {
            let there = text(&answer.headers, LOCATION).unwrap_or_else(|| "nowhere".to_owned());
            Err(Problem::new(
                ApiCode::AnswerNotOk,
                format!(
                    "The host answered {status} and leads to {there}. That is not followed: give the \
                     address of the document itself."
                ),
            ))
        }
        status => Err(Problem::new(ApiCode::AnswerNotOk, format!("The host answered {status}."))),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
}

impl Unread {
    /// Why the document was not read that a host sent until this deadline.
    fn of_answer(self, deadline: Instant) -> Problem {
        match self {
            Self::Refused(problem) => problem,
            Self::Body(error) => OutgoingError::of_body(error, deadline).into(),
        }
    }
}

impl From<OutgoingError> for Problem {
    fn from(error: OutgoingError) -> Self {
        let code = match &error {
            OutgoingError::NotAllowed(_) => ApiCode::AddressNotAllowed,
            OutgoingError::Unreachable(_) => ApiCode::HostUnreachable,
            OutgoingError::TimedOut => ApiCode::HostTimedOut,
            OutgoingError::TooLarge => ApiCode::AnswerTooLarge,
        };
        Self::new(code, error.to_string())
    }
}
