//! Rows and the values they are made of.

mod account;
mod configuration;
mod session;
mod trail;

pub(crate) use account::{AccountRow, account, account_columns, name_id_key};
pub(crate) use configuration::{
    api_token, api_token_columns, certificate_columns, certificate_list, connection,
    connection_columns, idp_certificate, org, org_columns, service_certificate,
    service_certificate_columns,
};
pub(crate) use session::{
    pending_login, pending_login_columns, pending_logout, pending_logout_columns, session,
    session_columns, stored_indexes, while_enabled,
};
pub(crate) use trail::{TraceRow, audit_columns, audit_entry, trace, trace_columns};

use crate::engine::Failure;
use serde::Serialize;

/// A JSON document.
pub(crate) fn document<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Engine(error.to_string()))
}

/// One of a closed list by its name in the Admin API.
pub(crate) fn choice<T: Serialize>(value: &T) -> Result<String, Failure> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(Failure::Engine("a choice without a name".to_owned())),
    }
}

/// Hashes texts so that no two lists of texts give the same: each with its length.
pub(crate) fn digest(texts: &[Option<&str>]) -> [u8; 32] {
    let mut hash = openssl::sha::Sha256::new();
    for text in texts {
        match text {
            Some(text) => {
                hash.update(&(text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
            None => hash.update(&u64::MAX.to_be_bytes()),
        }
    }
    hash.finish()
}
