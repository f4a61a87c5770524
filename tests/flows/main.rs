//! Whole logins: the real service as a process, foreign identity providers, a browser.

mod acme;
mod artifact;
mod demo;
mod ecp;
mod encrypted;
mod logout;
mod rollover;
mod rotation;
mod signed_requests;
mod sp_initiated;
mod wsfed;
