//! SCIM 2.0 at `/scim/v2/{org}` (RFC 7643, 7644; SPEC 11.1) over HTTP, on each engine. A suite of its own,
//! since it has a foreign tester beside it, and sequences of whole products.

mod brake;
mod bulk;
mod dialects;
mod dry_run;
mod generated;
mod groups;
mod log;
mod malformed;
mod managed;
mod nested;
mod own_attributes;
mod queries;
mod scene;
mod tenants;
mod tester;
mod users;
