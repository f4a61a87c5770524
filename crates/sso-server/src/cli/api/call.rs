//! One request to the Admin API, as a command makes it, and the answer as a command reads it.

use super::list::{ListFlags, Part};
use crate::admin_client::AdminClient;
use crate::cli::failed::Failed;
use crate::cli::input;
use crate::cli::show::Show;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Method, Request, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::PathBuf;
use url::form_urlencoded::Serializer;

/// The most bytes of an answer that is held as a whole.
const ANSWER_LIMIT: usize = 128 << 20;

/// A request and what becomes of its answer.
pub(in crate::cli) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    content: Option<(&'static str, Content)>,
    passphrase: Option<String>,
    pin: Option<String>,
    accept: Option<&'static str>,
    page: Vec<(&'static str, String)>,
    /// How the answer is shown.
    pub(super) show: Show,
    /// Where it goes, if not to standard output.
    pub(super) output: Option<PathBuf>,
    /// How much of a list is asked for; `None` where it is no list.
    pub(super) list: Option<ListFlags>,
    /// What a person is asked first.
    pub(super) question: Option<String>,
}

/// A body.
enum Content {
    Whole(Bytes),
    /// A file, read as it is sent: it may be longer than one would hold. `-` is standard input.
    File(PathBuf),
}

impl Call {
    /// A request to a path under `/api/v1`, given by its segments.
    pub(super) fn new(method: Method, path: &[&str], show: Show) -> Self {
        let api = ["api", "v1"];
        let path = api
            .iter()
            .chain(path)
            .fold(String::new(), |path, segment| path + "/" + &encoded(segment));
        Self {
            method,
            path,
            query: Vec::new(),
            content: None,
            passphrase: None,
            pin: None,
            accept: None,
            page: Vec::new(),
            show,
            output: None,
            list: None,
            question: None,
        }
    }

    /// Reads something.
    pub(in crate::cli) fn get(path: &[&str], show: Show) -> Self {
        Self::new(Method::GET, path, show)
    }

    /// Makes or does something.
    pub(in crate::cli) fn post(path: &[&str]) -> Self {
        Self::new(Method::POST, path, Show::Fields)
    }

    /// Removes something, after a person was asked, and says that it was done.
    pub(super) fn delete(path: &[&str], what: &str) -> Self {
        let mut call = Self::new(Method::DELETE, path, Show::Done(format!("Removed {what}.")));
        call.question = Some(format!("Remove {what}?"));
        call
    }

    /// Shown in another way.
    pub(super) fn show(mut self, show: Show) -> Self {
        self.show = show;
        self
    }

    /// With a parameter, where it has a value.
    pub(super) fn query(mut self, name: &'static str, value: Option<String>) -> Self {
        self.query.extend(value.map(|value| (name, value)));
        self
    }

    /// With a JSON object.
    pub(in crate::cli) fn json(self, value: &Value) -> Self {
        self.content("application/json", value.to_string().into_bytes())
    }

    /// With a body.
    pub(super) fn content(mut self, kind: &'static str, bytes: Vec<u8>) -> Self {
        self.content = Some((kind, Content::Whole(bytes.into())));
        self
    }

    /// With a file as its body.
    pub(super) fn file(mut self, kind: &'static str, file: PathBuf) -> Self {
        self.content = Some((kind, Content::File(file)));
        self
    }

    /// With the passphrase of what is posted.
    pub(super) fn passphrase(mut self, passphrase: Option<String>) -> Self {
        self.passphrase = passphrase;
        self
    }

    /// With the certificate that must have signed what is posted, base64.
    pub(super) fn pin(mut self, certificate: Option<String>) -> Self {
        self.pin = certificate;
        self
    }

    /// In this form, of those that there are.
    pub(super) fn accept(mut self, media_type: &'static str) -> Self {
        self.accept = Some(media_type);
        self
    }

    /// As much of a list as the flags say.
    pub(super) fn list(mut self, list: ListFlags) -> Self {
        self.list = Some(list);
        self
    }

    /// Into a file, where one is named.
    pub(super) fn output(mut self, output: Option<PathBuf>) -> Self {
        self.output = output;
        self
    }

    /// Asks for this part of the list from now on.
    pub(super) fn set_page(&mut self, part: &Part) {
        self.page = vec![("limit", part.limit.to_string())];
        self.page.extend(part.cursor.clone().map(|cursor| ("cursor", cursor)));
    }

    /// Sends it.
    ///
    /// # Errors
    /// What the Admin API refused, with its code.
    pub(in crate::cli) async fn send(&self, client: &AdminClient) -> Result<Response, Failed> {
        let parameters = self.query.iter().chain(&self.page);
        let query = parameters.fold(Serializer::new(String::new()), |mut query, (name, value)| {
            query.append_pair(name, value);
            query
        });
        let uri = match { query }.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        let mut request = Request::builder().method(&self.method).uri(uri);
        if let Some((kind, _)) = &self.content {
            request = request.header(header::CONTENT_TYPE, *kind);
        }
        if let Some(media_type) = self.accept {
            request = request.header(header::ACCEPT, media_type);
        }
        if let Some(pin) = &self.pin {
            request = request.header("x-metadata-pin", pin);
        }
        if let Some(passphrase) = &self.passphrase {
            let mut value = HeaderValue::from_bytes(passphrase.as_bytes())
                .map_err(|_| Failed::Unusable("the passphrase has control characters".into()))?;
            value.set_sensitive(true);
            request = request.header("x-passphrase", value);
        }
        let body = match &self.content {
            None => Body::empty(),
            Some((_, Content::Whole(bytes))) => Body::from(bytes.clone()),
            Some((_, Content::File(file))) => Body::from_stream(stream::iter(input::pieces(file)?)),
        };
        let request = request.body(body).map_err(|e| Failed::Broken(e.to_string()))?;
        let answer = client.send(request).await;
        if answer.status().is_success() { Ok(answer) } else { Err(refused(answer).await) }
    }

    /// Sends it, and reads the answer as JSON; null where it has no body.
    ///
    /// # Errors
    /// What the Admin API refused, with its code.
    pub(in crate::cli) async fn fetch(&self, client: &AdminClient) -> Result<Value, Failed> {
        json(&read(self.send(client).await?).await?)
    }
}

/// What a problem says (RFC 9457): its sentence, with the field that is at fault.
async fn refused(answer: Response) -> Failed {
    let status = answer.status();
    let problem = match read(answer).await {
        Ok(body) => serde_json::from_slice::<Value>(&body).unwrap_or_default(),
        Err(failed) => return failed,
    };
    match (problem["code"].as_str(), problem["detail"].as_str()) {
        (Some(code), Some(detail)) => {
            let sentence = match problem["field"].as_str() {
                Some(field) if !field.is_empty() => format!("{field}: {detail}"),
                _ => detail.to_owned(),
            };
            Failed::Refused { sentence, code: code.to_owned() }
        }
        _ => Failed::Broken(format!("the service answered {status}")),
    }
}

/// The whole body of an answer.
pub(in crate::cli) async fn read(answer: Response) -> Result<Vec<u8>, Failed> {
    let body = to_bytes(answer.into_body(), ANSWER_LIMIT).await;
    body.map(Into::into).map_err(|_| Failed::Broken("the answer stopped short".to_owned()))
}

fn json(body: &[u8]) -> Result<Value, Failed> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|e| Failed::Broken(format!("the answer is no JSON: {e}")))
}

/// A segment of a path. Everything but letters and digits is encoded, so that no argument reaches a
/// path of another name.
fn encoded(segment: &str) -> String {
    segment.bytes().fold(String::with_capacity(segment.len()), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => text.push(byte.into()),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_stays_one_segment_of_the_path() {
        for (argument, path) in [
            ("acme", "/api/v1/orgs/acme/sso"),
            ("acme.example", "/api/v1/orgs/acme%2Eexample/sso"),
            ("../..", "/api/v1/orgs/%2E%2E%2F%2E%2E/sso"),
            ("a?b#c/d e", "/api/v1/orgs/a%3Fb%23c%2Fd%20e/sso"),
            ("ä", "/api/v1/orgs/%C3%A4/sso"),
        ] {
            assert_eq!(Call::get(&["orgs", argument, "sso"], Show::Fields).path, path);
        }
    }
}
