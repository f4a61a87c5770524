//! One attempt at a login or a logout, as its trace will tell of it (SPEC 13).

use crate::connection::{Connection, KeepMessages, Protocol};
use crate::error::Rejection;
use crate::ids::{CertificateId, TraceId};
use crate::login::{Outcome, Step, Trace};
use crate::org::OrgName;
use crate::provisioning::SignInPlan;
use crate::random::Random;
use crate::store::{StoredMessage, StoredTrace};
use time::OffsetDateTime;
use url::Url;

/// What is known so far of an attempt.
pub(super) struct Attempt {
    /// When the browser came. One instant serves every rule of the attempt.
    pub(super) at: OffsetDateTime,
    /// The steps so far.
    pub(super) trace: Trace,
    /// Who was signed in, once that was verified.
    pub(super) name_id: Option<String>,
    /// The identity provider's certificate that was seen to sign for the first time, if one was.
    pub(super) first_use: Option<CertificateId>,
    /// The protocol of the connection, once that is known.
    protocol: Protocol,
    /// Where a refusal goes, once the connection is known.
    pub(super) error_url: Option<Url>,
    /// Which messages the connection keeps, once it is known.
    pub(super) keep_messages: KeepMessages,
    /// What came, once that could be read and may have to be kept.
    message: Option<Vec<u8>>,
    flow: &'static str,
    id: TraceId,
    org: OrgName,
}

impl Attempt {
    /// The flow of what [began at the identity provider](Self::began_at_idp).
    pub(super) const IDP_INITIATED: &str = "idp_initiated";

    pub(super) fn begin(org: &OrgName, at: OffsetDateTime, random: &dyn Random) -> Self {
        Self {
            at,
            trace: Trace::recording(),
            name_id: None,
            first_use: None,
            protocol: Protocol::default(),
            error_url: None,
            keep_messages: KeepMessages::Off,
            message: None,
            flow: "sp_initiated",
            id: TraceId::new(at, random),
            org: org.clone(),
        }
    }

    /// It is no login but a logout.
    pub(super) fn of_logout(mut self) -> Self {
        self.flow = "logout";
        self
    }

    /// It is a test login, which ends on a page of ours, whatever the connection says.
    pub(super) fn is_a_test(&mut self) {
        self.flow = "test";
        self.error_url = None;
    }

    /// It came unasked: the identity provider began (SPEC 5.2).
    pub(super) fn began_at_idp(&mut self) {
        self.flow = Self::IDP_INITIATED;
    }

    /// The attempt goes through a connection.
    pub(super) fn through(&mut self, connection: &Connection) {
        self.protocol = connection.settings.protocol();
        self.error_url = connection.settings.common().error_url.cloned();
        self.keep_messages = connection.settings.common().keep_messages;
    }

    /// A message came, decoded.
    pub(super) fn brought(&mut self, xml: &[u8]) {
        if self.keep_messages != KeepMessages::Off {
            self.message = Some(xml.to_vec());
        }
    }

    /// The message, to be kept beside the trace.
    pub(super) fn take_message(&mut self) -> Option<StoredMessage> {
        let xml = self.message.take()?;
        Some(StoredMessage { trace: self.id, org: self.org.clone(), at: self.at, xml })
    }

    /// The trace of a login that is accepted if its plan is carried out, to be committed with it.
    pub(super) fn accepted(&self, plan: &SignInPlan) -> StoredTrace {
        let mut stored = self.stored(Outcome::Accepted);
        stored.account = Some(plan.account().id);
        stored.steps.extend(
            plan.notes().iter().map(|note| Step::note(note.event, note.clause, &note.found)),
        );
        stored
    }

    /// The trace of a logout that is carried out.
    pub(super) fn ended(&self) -> StoredTrace {
        self.stored(Outcome::Accepted)
    }

    /// The trace of what is refused.
    pub(super) fn refused(mut self, rejection: &Rejection) -> StoredTrace {
        self.trace.reject(rejection);
        let mut trace = self.stored(Outcome::Rejected);
        trace.code = Some(rejection.code.as_str().to_owned());
        trace
    }

    fn stored(&self, outcome: Outcome) -> StoredTrace {
        StoredTrace {
            id: self.id,
            at: self.at,
            org: self.org.clone(),
            protocol: self.protocol.as_str().to_owned(),
            flow: self.flow.to_owned(),
            outcome,
            code: None,
            name_id: self.name_id.clone(),
            account: None,
            steps: self.trace.steps().to_vec(),
        }
    }
}
