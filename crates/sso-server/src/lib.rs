//! The single sign-on bridge as a service (SPEC 6, 14): HTTP, configuration and start-up around
//! `sso-core`, which has the protocol logic, and `sso-store`, which has the rows.
//!
//! It is a library too, so that a test starts a whole server in its own process, with a clock that
//! it sets and seeded randomness.

mod admin_client;
mod app;
pub mod cli;
pub mod config;
mod demo;
mod doctor;
pub mod http;
mod jobs;
mod metadata;
mod notices;
pub mod openapi;
mod outgoing;
mod routes;
pub mod selftest;
mod service;
pub mod telemetry;
mod templates;

pub use service::Service;
