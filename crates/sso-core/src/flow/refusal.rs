//! A login that is refused, at its beginning or its end: the number of its trace, and where the
//! browser goes (SPEC 4.8, 13).

use super::Bridge;
use super::attempt::Attempt;
use super::kept_message::Ending;
use crate::error::{Code, Rejection};
use crate::ids::TraceId;
use crate::org::Org;
use crate::store::{Store, StoreError};
use url::Url;

/// A login refused, with what the administrator and the browser need to know.
#[derive(Debug)]
pub struct Refusal {
    /// Why. The browser is shown no more than [`Code::public`](crate::error::Code::public).
    pub rejection: Rejection,
    /// The number of the trace, shown to the person.
    pub trace: TraceId,
    /// The organization, for its support address.
    pub org: Org,
    /// Where the browser goes instead of a page, with code and trace number appended.
    pub error_url: Option<Url>,
}

/// Why an attempt ended: the login is refused, or the store failed.
pub(super) enum Ended {
    Rejected(Rejection),
    Failed(StoreError),
}

impl From<Rejection> for Ended {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl<S: Store> Bridge<S> {
    /// How many traces of refusals were dropped since the start, being more than an organization
    /// keeps in a minute.
    pub fn dropped_traces(&self) -> u64 {
        self.trace_budget.dropped() + self.alarm_budget.dropped()
    }

    /// Keeps the trace of an attempt that ended without a sign-in, within the organization's budget, and
    /// the security event that it may be.
    pub(super) async fn refuse(
        &self,
        mut attempt: Attempt,
        org: Org,
        ended: Ended,
    ) -> Result<Box<Refusal>, StoreError> {
        let rejection = match ended {
            Ended::Rejected(rejection) => rejection,
            Ended::Failed(error) => return Err(error),
        };
        let error_url = attempt.error_url.take();
        let (message, keep_messages) = (attempt.take_message(), attempt.keep_messages);
        let stored = attempt.refused(&rejection);
        let trace = stored.id;
        let alarming = rejection.code == Code::SecondOpinionDiffers;
        let budget = if alarming { &self.alarm_budget } else { &self.trace_budget };
        if budget.take(1, &org.name, stored.at) {
            let at = stored.at;
            self.store.put_trace(stored).await?;
            self.keep_message(message, Ending::NobodySignedIn, keep_messages).await;
            if alarming {
                self.store.record(self.alarm(&rejection, trace, &org.name, at)).await?;
            }
        }
        Ok(Box::new(Refusal { rejection, trace, org, error_url }))
    }
}
