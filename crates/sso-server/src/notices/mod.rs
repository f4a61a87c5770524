//! Notices (SPEC 13): what somebody is to be told of before it stops a login, once, whichever node finds
//! it first: an entry of the audit trail, a line of the log, a count of the metrics, and a signed POST.
//!
//! A part of the service that has something to tell calls [`App::notify`] with a key that is the same each
//! time it finds the same thing, and another when it has changed.

pub(crate) mod expiry;
pub(crate) mod webhook;

use crate::app::App;
use serde_json::{Map, Value};
use sso_core::ids::NoticeId;
use sso_core::org::OrgName;
use sso_core::store::{Channel, Notice, NoticeKind, NoticeStore as _, StoreError};

/// Who the audit trail has for what the service does by itself.
pub(crate) const SYSTEM: &str = "system";

/// Something to tell of.
pub(crate) struct News<'a> {
    /// Whom it concerns.
    pub(crate) org: &'a OrgName,
    /// What it is about.
    pub(crate) kind: NoticeKind,
    /// What makes it one notice: another one of this kind and key is not raised.
    pub(crate) key: String,
    /// What it says, in one sentence. Never a secret.
    pub(crate) sentence: String,
    /// The same for programs.
    pub(crate) facts: Map<String, Value>,
}

impl App {
    /// Tells of something, unless it was told already. Answers whether it was told now.
    ///
    /// # Errors
    /// The database failed, or the organization is gone.
    pub(crate) async fn notify(&self, news: News<'_>) -> Result<bool, StoreError> {
        let News { org, kind, key, sentence, facts } = news;
        let (id, at) = (NoticeId::new(self.now(), self.random()), self.now());
        let details = format!("id: {id}, {sentence}");
        let audit = self.audit(SYSTEM, org, kind.category(), kind.as_str(), details);
        let key = format!("{}/{key}", kind.as_str());
        let notice = Notice { id, org: org.clone(), at, kind, key, sentence, facts };
        let sentence = notice.sentence.clone();
        let raised = self.store().raise(notice, audit, self.channels()).await?;
        if raised {
            self.metrics.noticed(kind);
            tracing::warn!(%org, notice = kind.as_str(), %id, "{sentence}");
        }
        Ok(raised)
    }

    /// The ways by which notices are delivered here.
    fn channels(&self) -> &'static [Channel] {
        if self.webhook.is_some() { &[Channel::Webhook] } else { &[] }
    }
}
