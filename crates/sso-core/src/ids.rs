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

            /// When it was made, to the millisecond.
            pub fn made_at(self) -> OffsetDateTime {
                made_at(self.0)
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

/// The instant in the first 48 bits of a UUID v7 (RFC 9562 5.7).
fn made_at(id: Uuid) -> OffsetDateTime {
    let millis = id.as_u128() >> 80;
    OffsetDateTime::from_unix_timestamp_nanos(millis as i128 * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn uuid_v7(now: OffsetDateTime, random: &dyn Random) -> Uuid {
    let millis = (now.unix_timestamp_nanos() / 1_000_000).max(0) as u64;
    uuid::Builder::from_unix_timestamp_millis(millis, &random::bytes(random)).into_uuid()
}
