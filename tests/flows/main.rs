//! Whole logins: the real service as a process, foreign identity providers, a browser.

mod demo;
mod signed_requests;
mod sp_initiated;
