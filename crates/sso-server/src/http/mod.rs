//! What every endpoint shares: reading requests strictly, answering in one form, and the headers,
//! cookies and limits of the web layer (SPEC 6, DESIGN 6, ATTACKS 15).

pub(crate) mod access;
pub(crate) mod advice;
pub mod api_code;
pub(crate) mod api_secret;
pub(crate) mod body;
pub(crate) mod cookies;
pub(crate) mod failure;
pub(crate) mod form;
pub(crate) mod forwarded;
pub(crate) mod headers;
pub(crate) mod json;
pub(crate) mod leave;
pub(crate) mod listener;
pub(crate) mod operator;
pub(crate) mod page_query;
pub(crate) mod path;
pub(crate) mod principal;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod request_log;
pub(crate) mod signed_out;
pub(crate) mod spreadsheet;
pub(crate) mod streamed;
