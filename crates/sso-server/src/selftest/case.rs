//! What a message is verified against, and what an attack may change about it.

use super::attack::Forged;
use sso_core::bindings::Message;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::TrustedKeys;
use sso_core::error::Rejection;
use sso_core::login::{
    RelyingParty, Trace, UNSOLICITED_MAX_AGE, VerifiedLogin, verify_solicited, verify_unsolicited,
};
use std::collections::BTreeSet;
use std::mem::swap;
use time::OffsetDateTime;

/// The verification of one response.
#[derive(Debug)]
pub struct Case {
    /// Our side of the connection.
    pub party: RelyingParty,
    /// The request that the response answers; none where it answers none.
    pub request_id: Option<String>,
    /// The instant of the verification, in UTC.
    pub now: OffsetDateTime,
}

/// What is different when a message is presented somewhere else, or at another time.
#[derive(Debug)]
pub enum Circumstance {
    /// Another service provider.
    EntityId(String),
    /// Another assertion consumer URL.
    AcsUrl(String),
    /// Another identity provider was asked.
    Issuer(String),
    /// Another login, or one that nobody began.
    RequestId(Option<String>),
    /// Another instant.
    Now(OffsetDateTime),
    /// Another identity provider's keys.
    Keys(TrustedKeys),
    /// Other grants.
    Grants(BTreeSet<LegacyCrypto>),
}

impl Case {
    /// Verifies a message.
    ///
    /// # Errors
    /// The refusal.
    pub fn verify(&self, message: &[u8]) -> Result<VerifiedLogin, Rejection> {
        let message = Message::parse(message)?;
        let trace = &mut Trace::off();
        match &self.request_id {
            Some(id) => verify_solicited(&message, &self.party, id, self.now, trace),
            None => verify_unsolicited(&message, &self.party, UNSOLICITED_MAX_AGE, self.now, trace),
        }
    }

    /// Verifies a forgery under its circumstances.
    ///
    /// # Errors
    /// The refusal.
    pub fn present(&mut self, forged: &mut Forged) -> Result<VerifiedLogin, Rejection> {
        forged.circumstances.iter_mut().for_each(|it| it.exchange(self));
        let end = self.verify(&forged.message);
        forged.circumstances.iter_mut().for_each(|it| it.exchange(self));
        end
    }
}

impl Circumstance {
    /// Exchanges what it changes; a second time, and everything is as it was.
    fn exchange(&mut self, case: &mut Case) {
        match self {
            Self::EntityId(it) => swap(it, &mut case.party.sp_entity_id),
            Self::AcsUrl(it) => swap(it, &mut case.party.acs_url),
            Self::Issuer(it) => swap(it, &mut case.party.idp_entity_id),
            Self::RequestId(it) => swap(it, &mut case.request_id),
            Self::Now(it) => swap(it, &mut case.now),
            Self::Keys(it) => swap(it, &mut case.party.trusted),
            Self::Grants(it) => swap(it, &mut case.party.grants),
        }
    }
}
