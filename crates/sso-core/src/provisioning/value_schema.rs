//! The schema of a profile: each field with the kind and the length of its values.

use super::value::{self, Kind};
use crate::profile::{Profile, ProfileField};
use utoipa::openapi::schema::{Array, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr};

impl utoipa::PartialSchema for Profile {
    fn schema() -> RefOr<Schema> {
        let fields = ProfileField::STANDARD.iter();
        // When an account changed at its source is the account's, not the profile's.
        let fields = fields.filter(|field| **field != ProfileField::UpdateTimeStamp);
        let profile = fields.fold(ObjectBuilder::new(), |profile, field| {
            profile.property(field.as_str(), schema(*field))
        });
        let about =
            "The filled fields of a profile; those of the organization's attribute schema, too.";
        profile.description(Some(about)).into()
    }
}

impl utoipa::ToSchema for Profile {}

fn schema(field: ProfileField) -> RefOr<Schema> {
    let or_null = |kind| SchemaType::from_iter([kind, Type::Null]);
    let text = ObjectBuilder::new().max_length(Some(value::longest(field)));
    match value::kind(field) {
        Kind::Flag => ObjectBuilder::new().schema_type(or_null(Type::Boolean)).into(),
        Kind::Number => ObjectBuilder::new()
            .schema_type(or_null(Type::Integer))
            .minimum(Some(0))
            .maximum(Some(u32::MAX))
            .into(),
        Kind::List => {
            let mut list = Array::new(text.schema_type(Type::String));
            list.schema_type = or_null(Type::Array);
            RefOr::T(Schema::Array(list))
        }
        Kind::Text => {
            let text = text.schema_type(or_null(Type::String));
            match field {
                ProfileField::Country => text.min_length(Some(2)).max_length(Some(2)).into(),
                ProfileField::ProfilePhotoUrl => {
                    text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uri))).into()
                }
                _ => text.into(),
            }
        }
    }
}
