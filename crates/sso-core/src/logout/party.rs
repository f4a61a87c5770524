//! What a logout message is verified against.

use crate::login::RelyingParty;
use crate::saml::logout::Expected;
use crate::saml::time::Present;
use time::OffsetDateTime;

/// Our side of a connection, as the verifier of logout messages sees it.
#[derive(Debug, Clone, Copy)]
pub struct LogoutParty<'a> {
    /// The connection, with the keys that may sign.
    pub party: &'a RelyingParty,
    /// Other issuers that its identity provider sends logout messages under (SPEC 2, `logout_issuer_alias`).
    pub issuer_alias: &'a [String],
    /// Our address that the message came to, compared exactly with its `Destination`; none where it is the
    /// answer on a connection of our own.
    pub address: Option<&'a str>,
    /// The current instant in UTC.
    pub now: OffsetDateTime,
}

impl LogoutParty<'_> {
    pub(super) fn expected<'e>(
        &'e self,
        signed: bool,
        request_id: Option<&'e str>,
    ) -> Expected<'e> {
        Expected {
            idp_entity_id: &self.party.idp_entity_id,
            issuer_alias: self.issuer_alias,
            address: self.address,
            signed,
            request_id,
            present: Present { now: self.now, skew: self.party.clock_skew },
        }
    }
}
