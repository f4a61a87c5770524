//! SCIM 2.0 (RFC 7643, 7644; SPEC 11.1): resources, filters, PATCH and what is told of refusals, without
//! any IO. It reads what identity providers send, Entra ID's and Okta's dialects among it, and makes of it
//! what a directory says; what becomes of that is [`provisioning`](crate::provisioning)'s to decide.
//!
//! ```text
//! body -> body::read ----------------\
//! body -> patch::apply(attributes) ---> user::to_account -> DirectoryAccount -> provisioning::by_directory
//! query -> Query (filter, path) -> lookup by an index, or a walk -> user::from_account -> Selection
//! ```

mod attribute_path;
pub mod body;
mod error;
mod filter;
pub mod group;
mod operations;
pub mod patch;
mod patch_path;
mod query;
mod schema;
mod select;
mod shape;
mod token;
pub mod user;

pub use attribute_path::AttributePath;
pub use error::{ScimError, ScimType};
pub use filter::{Filter, Operator};
pub use query::{Lookup, MOST_RESULTS, Query, Sort};
pub use schema::{ResourceKind, resource_types, schemas};
pub use select::Selection;
pub use shape::{Extension, Shape};
