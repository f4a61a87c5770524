//! HTTP Redirect: a message deflated, in base64, in the query (SAML Bindings 3.4).

mod received;

pub use received::{RedirectMessage, RedirectQuery};

use super::{Outbound, Parameter, RelayStateTooLong, sendable};
use crate::dsig::{SigningError, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write as _;
use url::{Url, form_urlencoded};

/// Why a message cannot go into a query.
#[derive(Debug, thiserror::Error)]
pub enum RedirectError {
    /// The RelayState is too long.
    #[error(transparent)]
    RelayState(#[from] RelayStateTooLong),
    /// The message could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Puts a message into the query of an address, behind whatever query it has.
///
/// With a key the query is signed: `SigAlg` and `Signature` follow, and the signature is over the
/// octets `SAMLRequest=…&RelayState=…&SigAlg=…` exactly as they are sent (Bindings 3.4.4.1). The
/// message itself must then carry no signature.
///
/// # Errors
/// [`RedirectError`].
pub fn url(
    destination: &Url,
    parameter: Parameter,
    message: &str,
    relay_state: Option<&str>,
    key: Option<&SigningKey>,
) -> Result<Outbound, RedirectError> {
    let mut query = String::new();
    append(&mut query, parameter.name(), &STANDARD.encode(deflate(message.as_bytes())));
    if let Some(state) = sendable(relay_state)? {
        append(&mut query, "RelayState", state);
    }
    if let Some(key) = key {
        append(&mut query, "SigAlg", key.algorithm_uri());
        let signature = key.sign(query.as_bytes())?;
        append(&mut query, "Signature", &STANDARD.encode(signature));
    }
    let mut url = destination.clone();
    let query = match url.query() {
        Some(before) if !before.is_empty() => format!("{before}&{query}"),
        _ => query,
    };
    url.set_query(Some(&query));
    Ok(Outbound::Redirect(url))
}

/// Appends `name=value`, every octet escaped that could be read as anything else. A blank is `%20`:
/// identity providers that escape the query anew before they verify it do not agree on `+`.
fn append(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    let escaped = form_urlencoded::byte_serialize(value.as_bytes());
    query.extend(escaped.map(|part| if part == "+" { "%20" } else { part }));
}

/// Raw DEFLATE (RFC 1951). Writing into memory cannot fail.
fn deflate(message: &[u8]) -> Vec<u8> {
    let mut encoder =
        DeflateEncoder::new(Vec::with_capacity(message.len()), Compression::default());
    let _ = encoder.write_all(message);
    encoder.finish().unwrap_or_default()
}
