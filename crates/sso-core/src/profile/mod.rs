//! What is known of a person: the profile's fields, and which attribute of an assertion fills which
//! (SPEC 6, 9). Settings and accounts speak of these fields alike, so they stand below both.

mod attribute_map;
mod fields;
mod presets;

pub use attribute_map::{AttributeMap, Fields, NAME_ID};
pub use fields::{Profile, ProfileField, ProfileValue};
pub use presets::Preset;
