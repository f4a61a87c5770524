//! The HTTP surface, through the whole server (SPEC 6).

mod acts;
mod admin_api;
mod api_tokens;
mod audit;
mod certificate_plans;
mod certificate_requests;
mod control_characters;
mod federations;
mod foreign_tokens;
mod groups;
mod idp_certificates;
mod idp_initiated;
mod logins;
mod metadata;
mod metadata_by_url;
mod nothing_changed;
mod notices;
mod org;
mod routes;
mod service_certificates;
mod sessions;
mod surface;
mod unknown_key;
mod users;
mod webhook;
