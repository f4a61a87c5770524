//! Values that go into statements and come out of rows, the same for both engines.

use super::Failure;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

/// A value of a statement. The kind is known where the value is null, as PostgreSQL needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(Option<&'a str>),
    Integer(Option<i64>),
    Bytes(Option<&'a [u8]>),
    /// The UUID of an identifier.
    Id([u8; 16]),
    Flag(bool),
}

macro_rules! from {
    ($($kind:ty => |$value:ident| $made:expr;)+) => {$(
        impl<'a> From<$kind> for Value<'a> {
            fn from($value: $kind) -> Self {
                $made
            }
        }
    )+};
}

from! {
    &'a str => |v| Value::Text(Some(v));
    &'a String => |v| Value::Text(Some(v));
    &'a Option<String> => |v| Value::Text(v.as_deref());
    Option<&'a str> => |v| Value::Text(v);
    i64 => |v| Value::Integer(Some(v));
    Option<i64> => |v| Value::Integer(v);
    OffsetDateTime => |v| Value::Integer(Some(micros(v)));
    Option<OffsetDateTime> => |v| Value::Integer(v.map(micros));
    Option<&'a [u8]> => |v| Value::Bytes(v);
    &'a Vec<u8> => |v| Value::Bytes(Some(v));
    &'a [u8; 32] => |v| Value::Bytes(Some(v));
    &'a [u8; 40] => |v| Value::Bytes(Some(v));
    &'a Option<[u8; 32]> => |v| Value::Bytes(v.as_ref().map(<[u8; 32]>::as_slice));
    [u8; 16] => |v| Value::Id(v);
    bool => |v| Value::Flag(v);
}

/// An instant as it is stored: microseconds since 1970 in UTC.
pub(crate) fn micros(instant: OffsetDateTime) -> i64 {
    // Years -9999 to 9999, the widest that the type has, are 3.2e17 microseconds: it always fits.
    instant.unix_timestamp_nanos().div_euclid(1_000) as i64
}

/// A field of a row.
pub(super) enum Field {
    Null,
    Text(String),
    /// Also a flag.
    Integer(i64),
    /// Also an identifier.
    Bytes(Vec<u8>),
}

/// The fields of a row, read from the first to the last.
pub(crate) struct Fields(std::vec::IntoIter<Field>);

impl Fields {
    pub(super) fn new(fields: Vec<Field>) -> Self {
        Self(fields.into_iter())
    }

    pub(crate) fn text(&mut self) -> Result<String, Failure> {
        self.optional_text()?.ok_or_else(|| Failure::unreadable("null for text"))
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, Failure> {
        match self.0.next() {
            Some(Field::Text(text)) => Ok(Some(text)),
            Some(Field::Null) => Ok(None),
            other => Err(wrong_kind(other.as_ref(), "text")),
        }
    }

    pub(crate) fn integer(&mut self) -> Result<i64, Failure> {
        self.optional_integer()?.ok_or_else(|| Failure::unreadable("null for a number"))
    }

    fn optional_integer(&mut self) -> Result<Option<i64>, Failure> {
        match self.0.next() {
            Some(Field::Integer(integer)) => Ok(Some(integer)),
            Some(Field::Null) => Ok(None),
            other => Err(wrong_kind(other.as_ref(), "a number")),
        }
    }

    /// A number that cannot be negative.
    pub(crate) fn count(&mut self) -> Result<u64, Failure> {
        u64::try_from(self.integer()?).map_err(Failure::unreadable)
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Failure> {
        Ok(self.integer()? != 0)
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, Failure> {
        self.optional_bytes()?.ok_or_else(|| Failure::unreadable("null for bytes"))
    }

    fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        match self.0.next() {
            Some(Field::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Field::Null) => Ok(None),
            other => Err(wrong_kind(other.as_ref(), "bytes")),
        }
    }

    /// Bytes of a fixed length: an identifier's or a hash's.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        self.optional_array()?.ok_or_else(|| Failure::unreadable("null for bytes"))
    }

    /// Bytes of a fixed length, or null.
    pub(crate) fn optional_array<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Failure> {
        let fixed = |bytes: Vec<u8>| {
            <[u8; N]>::try_from(bytes)
                .map_err(|bytes| Failure::unreadable(format_args!("{} bytes for {N}", bytes.len())))
        };
        self.optional_bytes()?.map(fixed).transpose()
    }

    pub(crate) fn instant(&mut self) -> Result<OffsetDateTime, Failure> {
        let stored = self.optional_instant()?;
        stored.ok_or_else(|| Failure::unreadable("null for an instant"))
    }

    pub(crate) fn optional_instant(&mut self) -> Result<Option<OffsetDateTime>, Failure> {
        let instant = |micros| {
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
                .map_err(Failure::unreadable)
        };
        self.optional_integer()?.map(instant).transpose()
    }

    /// Text that is parsed.
    pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
    ) -> Result<T, Failure> {
        self.text()?.parse().map_err(Failure::unreadable)
    }

    /// A JSON document.
    pub(crate) fn document<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        serde_json::from_str(&self.text()?).map_err(Failure::unreadable)
    }

    /// A JSON document, or null.
    pub(crate) fn optional_document<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Failure> {
        let read = |text: String| serde_json::from_str(&text).map_err(Failure::unreadable);
        self.optional_text()?.map(read).transpose()
    }

    /// One of a closed list, stored by its name in the Admin API.
    pub(crate) fn choice<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, StringDeserializer};
        let name: StringDeserializer<Error> = self.text()?.into_deserializer();
        T::deserialize(name).map_err(Failure::unreadable)
    }
}

/// Tells of a field by its kind alone: what it holds is nobody's business in a log.
fn wrong_kind(field: Option<&Field>, wanted: &str) -> Failure {
    let kind = match field {
        None => "nothing",
        Some(Field::Null) => "null",
        Some(Field::Text(_)) => "text",
        Some(Field::Integer(_)) => "a number",
        Some(Field::Bytes(_)) => "bytes",
    };
    Failure::unreadable(format_args!("{kind} for {wanted}"))
}
