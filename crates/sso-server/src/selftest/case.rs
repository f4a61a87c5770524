//! What a message is verified against, and what an attack may change about it.

use super::attack::Forged;
use sso_core::bindings::Message;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::TrustedKeys;
use sso_core::error::Rejection;
use sso_core::login::{
    RelyingParty, Trace, UNSOLICITED_MAX_AGE, VerifiedLogin, verify_solicited,
    verify_token_response, verify_unsolicited, verify_unsolicited_token_response,
};
use std::collections::BTreeSet;
use std::mem::swap;
use time::OffsetDateTime;

/// The verification of one message.
#[derive(Debug)]
pub struct Case {
    /// Our side of the connection.
    pub party: RelyingParty,
    /// What the message has to be, and to answer.
    pub asked: Asked,
    /// The instant of the verification, in UTC.
    pub now: OffsetDateTime,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A response of SAML 2.0 to the request of this ID.
    Response(String),
    /// A response of SAML 2.0 to no request.
    UnsolicitedResponse,
    /// A `wresult` of WS-Federation, which does not say what it answers.
    Token,
    /// A `wresult` of WS-Federation that nobody asked for.
    UnsolicitedToken,
}

/// What is different when a message is presented somewhere else, or at another time.
#[derive(Debug)]
pub enum Circumstance {
    /// Another service provider, or another realm.
    EntityId(String),
    /// Another assertion consumer URL.
    AcsUrl(String),
    /// Another identity provider was asked.
    Issuer(String),
    /// Another login, one that nobody began, or one by another protocol.
    Asked(Asked),
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
        let Self { party, now, .. } = self;
        let (max_age, trace) = (UNSOLICITED_MAX_AGE, &mut Trace::off());
        match &self.asked {
            Asked::Response(id) => verify_solicited(&message, party, id, *now, trace),
            Asked::UnsolicitedResponse => verify_unsolicited(&message, party, max_age, *now, trace),
            Asked::Token => verify_token_response(&message, party, *now, trace),
            Asked::UnsolicitedToken => {
                verify_unsolicited_token_response(&message, party, max_age, *now, trace)
            }
        }
    }

    /// The ID of the request that a response has to answer.
    pub fn request_id(&self) -> Option<&str> {
        match &self.asked {
            Asked::Response(id) => Some(id),
            _ => None,
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
            Self::Asked(it) => swap(it, &mut case.asked),
            Self::Now(it) => swap(it, &mut case.now),
            Self::Keys(it) => swap(it, &mut case.party.trusted),
            Self::Grants(it) => swap(it, &mut case.party.grants),
        }
    }
}
