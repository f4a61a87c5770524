//! Identifiers: a prefix that says of what, and a UUID v7 built from the given clock and bytes.

use crate::encoding::encode_hex;
use crate::random::{self, Random};
use time::OffsetDateTime;
use uuid::Uuid;

/// A text that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form {prefix}_…")]
pub struct InvalidId {
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an identifier from the time given (milliseconds count) and random bytes.
            pub fn new(now: OffsetDateTime, random: &dyn Random) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The 16 bytes of the UUID, for a store.
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// Sorts before every identifier that is made at an instant or later, and after those of
            /// earlier milliseconds.
            pub fn first_of(instant: OffsetDateTime) -> Self {
                Self(Uuid::from_u128(millis(instant) << 80))
            }

            /// The identifier of these bytes, which a store kept.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(InvalidId { prefix: $prefix })
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A connection of an organization to its identity provider.
    ConnectionId "con";
    /// An account of an organization.
    AccountId "acc";
    /// A service certificate or an IdP certificate.
    CertificateId "crt";
    /// A request for a service certificate.
    CertificateRequestId "csr";
    /// An application.
    ApplicationId "app";
    /// A token of an organization for the Admin API.
    ApiTokenId "tok";
    /// A group of accounts.
    GroupId "grp";
    /// A signed-in session.
    SessionId "ses";
    /// The trace of one login.
    TraceId "trc";
    /// An entry of the audit trail.
    AuditId "aud";
    /// A running service among those of one database.
    NodeId "nod";
    /// A request that a directory made over SCIM.
    ScimRequestId "req";
    /// A notice.
    NoticeId "ntc";
}

/// A new ID for a SAML message: `_` and 128 random bits in lower-case hex (SAML Core 1.3.4).
pub fn saml_id(random: &dyn Random) -> String {
    format!("_{}", encode_hex(&random::bytes::<16>(random)))
}

fn uuid_v7(now: OffsetDateTime, random: &dyn Random) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(millis(now) as u64, &random::bytes(random))
        .into_uuid()
}

/// What the first 48 bits of a UUID v7 are (RFC 9562 5.7).
fn millis(instant: OffsetDateTime) -> u128 {
    (instant.unix_timestamp_nanos() / 1_000_000).max(0) as u128
}

#[cfg(test)]
mod tests {
    use super::TraceId;
    use crate::random::Random;
    use time::macros::datetime;
    use time::{Duration, OffsetDateTime};

    struct All(u8);

    impl Random for All {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn the_first_of_an_instant_sorts_before_what_is_made_then() {
        let now = datetime!(2026-11-22 12:00:00.001_5 UTC);
        let least = TraceId::new(now, &All(0));
        let greatest = TraceId::new(now - Duration::milliseconds(1), &All(0xff));
        let first = TraceId::first_of(now);
        assert!(greatest < first && first < least);
        assert_eq!(first, TraceId::first_of(datetime!(2026-11-22 12:00:00.001 UTC)));
        assert_eq!(first.to_bytes()[..6], least.to_bytes()[..6]);
        let ancient = TraceId::first_of(OffsetDateTime::UNIX_EPOCH - Duration::days(1));
        assert_eq!(ancient.to_bytes(), [0; 16]);
    }
}
