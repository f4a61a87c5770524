//! Whole logins: the real service as a process, foreign identity providers, a browser.

mod sp_initiated;
