//! Request bodies, read whole up to a limit.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use std::future::poll_fn;
use std::pin::pin;

/// The most bytes of a form or a JSON body.
pub(crate) const FORM_LIMIT: usize = 1 << 20;

/// The most bytes that are read of a body that is too large, so that the client, which is still
/// sending, gets to see the answer.
const DRAIN_LIMIT: usize = 32 << 20;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than the limit.
    TooLarge,
    /// The client stopped sending, or broke the framing.
    Broken,
}

/// Reads a body of at most `limit` bytes. What is above the limit is read and thrown away, up to a
/// bound of its own; never more than `limit` bytes are held.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut body = pin!(body);
    let mut content = Vec::new();
    let mut received = 0_usize;
    while let Some(frame) = poll_fn(|cx| axum::body::HttpBody::poll_frame(body.as_mut(), cx)).await
    {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        received = received.saturating_add(data.len());
        if received > DRAIN_LIMIT {
            return Err(BodyError::TooLarge);
        }
        if received > limit {
            content = Vec::new();
        } else {
            content.extend_from_slice(&data);
        }
    }
    if received > limit { Err(BodyError::TooLarge) } else { Ok(content.into()) }
}

/// The media type of a request without its parameters, in lower case; `None` where it is absent,
/// given twice, or names a charset other than UTF-8 (ATTACKS WEB-06).
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let text = values.next()?.to_str().ok()?.to_ascii_lowercase();
    if values.next().is_some() {
        return None;
    }
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next()?.to_owned();
    let utf8 = parts
        .filter_map(|parameter| parameter.strip_prefix("charset="))
        .all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8"));
    utf8.then_some(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_TYPE, value.parse().expect("a header value"));
        }
        media_type(&headers)
    }

    #[test]
    fn a_media_type_is_one_and_utf_8() {
        let json = Some("application/json".to_owned());
        assert_eq!(typed(&["application/json"]), json);
        assert_eq!(typed(&["Application/JSON; Charset=\"UTF-8\""]), json);
        assert_eq!(typed(&["application/json; charset=utf-7"]), None);
        assert_eq!(typed(&["application/json", "text/xml"]), None);
        assert_eq!(typed(&[]), None);
    }
}
