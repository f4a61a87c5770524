//! Sending a browser to an identity provider with a message of ours: redirect or form post
//! (SPEC 6: 303, or 200 with a form that works without script); or an enhanced client, by an envelope
//! (SPEC 5.5).

use crate::templates::{self, Post};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use sso_core::bindings::{Outbound, paos};

/// The answer that makes the browser carry the message, with the cookie that it must keep.
pub(crate) fn to(outbound: &Outbound, cookie: HeaderValue) -> Response {
    let mut response = carrying(outbound, "You are on your way to your organization’s sign-in.");
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// The answer that asks an enhanced client to take the message in an envelope, with the cookie that it must
/// keep.
pub(crate) fn by_client(envelope: String, cookie: HeaderValue) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(paos::MEDIA_TYPE))];
    let mut response = (headers, envelope).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// The answer that makes the browser carry the message. The sentence is for whoever has no script.
pub(crate) fn carrying(outbound: &Outbound, sentence: &'static str) -> Response {
    match outbound {
        Outbound::Redirect(url) => Redirect::to(url.as_str()).into_response(),
        Outbound::PostForm { action, fields } => templates::page(&Post {
            sentence,
            action: action.as_str(),
            fields: fields.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        }),
    }
}
