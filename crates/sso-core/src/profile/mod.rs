//! What is known of a person: the profile's fields, those that an organization adds (SPEC 11.4), and which
//! attribute of an assertion fills which (SPEC 6, 9). Settings and accounts speak of these fields alike,
//! so they stand below both.

mod attribute_map;
mod attribute_schema;
mod fields;
mod own_field;
mod presets;

pub use attribute_map::{AttributeMap, Fields, NAME_ID};
pub use attribute_schema::{AttributeSchema, AttributeType, Mutability, OwnAttribute};
pub use fields::{Profile, ProfileField, ProfileValue};
pub use own_field::{InvalidOwnField, OwnField};
pub use presets::Preset;
