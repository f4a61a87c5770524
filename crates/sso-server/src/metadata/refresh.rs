//! One refresh: fetch, compare, and then use what was found, hold it back, or say why there is nothing
//! (SPEC 2).

use super::approval::proposal_id;
use super::{Document, Fetched, Subject, Wanted, changed_meanwhile, fetch, told};
use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::problem::Problem;
use crate::notices::News;
use serde_json::{Value, json};
use sso_core::connection::{Connection, Slot};
use sso_core::metadata::{
    self, ImportReport, MetadataSource, Proposal, RefreshFailure, Refreshed, Validators,
    due_after_failure, due_after_success,
};
use sso_core::org::OrgName;
use sso_core::store::{Category, MetadataStore as _, NoticeKind, StoreError};
use std::sync::Arc;

/// How often what was found is compared again, where somebody changed the connection meanwhile.
const ATTEMPTS: usize = 5;

/// A document that was found, with what the host calls it.
struct Found {
    document: Document,
    validators: Validators,
}

/// Refreshes the metadata of a connection now. `by`: who wants it, as the audit trail calls them.
///
/// # Errors
/// `not_found`, `metadata_not_by_url`, or why there is no new document; then the last good copy stays, and
/// the source says why.
pub(crate) async fn refresh(
    app: &Arc<App>,
    org: &OrgName,
    slot: Slot,
    by: &str,
) -> Result<ImportReport, Problem> {
    let mut subject = Subject::read(app, org, slot).await?;
    let asked = subject.source.clone();
    let found = find(app, &subject).await;
    if let Err(problem) = &found
        && problem.code() == ApiCode::MetadataNotByUrl
    {
        return Err(problem.clone());
    }
    for _ in 0..ATTEMPTS {
        let same = |source: &MetadataSource| {
            (&source.url, &source.entity_id, &source.pin)
                == (&asked.url, &asked.entity_id, &asked.pin)
        };
        if !same(&subject.source) {
            return Err(changed_meanwhile());
        }
        let step = Step { app, org, by, subject: &subject };
        let written = match &found {
            Ok(found) => step.take(found).await,
            Err(problem) => step.fail(problem).await.map(|()| Err(problem.clone())),
        };
        match written {
            Err(StoreError::Conflict(_)) => subject = Subject::read(app, org, slot).await?,
            other => return other?,
        }
    }
    Err(changed_meanwhile())
}

/// Fetches the document and reads it. Where the host says that it is the same, the one in use is read
/// again: its time may have run out.
async fn find(app: &Arc<App>, subject: &Subject) -> Result<Found, Problem> {
    let MetadataSource { url, entity_id, pin, validators, .. } = &subject.source;
    let Some(url) = url else {
        return Err(Problem::new(
            ApiCode::MetadataNotByUrl,
            "Import it by its address, and it is refreshed.",
        ));
    };
    let in_use = subject.connection.metadata_document.clone();
    let known = if in_use.is_some() { validators.clone() } else { Validators::default() };
    let wanted = Wanted { entity_id: entity_id.clone(), pin: pin.clone() };
    match fetch(app, url, &known, wanted).await? {
        Fetched::Document(document, validators) => Ok(Found { document: *document, validators }),
        Fetched::Same => {
            let text = in_use.unwrap_or_default();
            let document = Document::kept(app, text, entity_id.clone()).await?;
            Ok(Found { document, validators: known })
        }
    }
}

/// What a refresh writes, of the connection as it was read.
struct Step<'a> {
    app: &'a App,
    org: &'a OrgName,
    by: &'a str,
    subject: &'a Subject,
}

impl Step<'_> {
    /// Writes what is known of the document now; the connection stays as it is.
    async fn note(&self, source: MetadataSource) -> Result<(), StoreError> {
        self.app.store().put_metadata_source(source, Vec::new()).await
    }

    /// Uses the document, holds it back, or notes that it changes nothing.
    async fn take(&self, found: &Found) -> Result<Result<ImportReport, Problem>, StoreError> {
        let Subject { connection, source, context } = self.subject;
        let imported = &found.document.imported;
        let old = in_use(connection, source);
        let refreshed = metadata::refresh(old.as_ref(), imported, connection, *context);
        if let Err(invalid) = refreshed.settings.check(*context) {
            let problem = Problem::from(invalid);
            return self.fail(&problem).await.map(|()| Err(problem));
        }
        let mut next = self.in_order(found);
        let mut report = refreshed.report.clone();
        if refreshed.needs_approval() {
            // What is in use stays, and so does what the host calls it.
            next.validators = source.validators.clone();
            next.rejected = source.rejected.clone();
            if refreshed.changes == source.rejected {
                report.changed.clear();
                return self.note(next).await.map(|()| Ok(report));
            }
            report.pending_approval = true;
            let known = source.proposal.as_ref().filter(|known| {
                known.connection_revision == connection.revision
                    && known.changes == refreshed.changes
            });
            let proposal = Proposal {
                found_at: known.map_or(self.app.now(), |known| known.found_at),
                connection_revision: connection.revision,
                changes: refreshed.changes,
                document: found.document.text.clone(),
            };
            self.tell_of_approval(&proposal).await?;
            next.proposal = Some(proposal);
            return self.note(next).await.map(|()| Ok(report));
        }
        if refreshed.changes.is_empty()
            && connection.metadata_document.as_ref() == Some(&found.document.text)
        {
            return self.note(next).await.map(|()| Ok(report));
        }
        next.taken_at = self.app.now();
        next.valid_until = imported.valid_until;
        let audit = match refreshed.changes.as_slice() {
            [] => Vec::new(),
            changes => vec![self.app.audit(
                self.by,
                self.org,
                Category::Configuration,
                "metadata_refreshed",
                told(changes),
            )],
        };
        let connection = changed(connection.clone(), refreshed, found.document.text.clone());
        self.app.store().put_metadata(connection, next, audit).await.map(|()| Ok(report))
    }

    /// Notes why there is no new document, and tells of it.
    async fn fail(&self, problem: &Problem) -> Result<(), StoreError> {
        let source = &self.subject.source;
        let now = self.app.now();
        let times = source.failure.as_ref().map_or(0, |failure| failure.times).saturating_add(1);
        let code = problem.code().as_str();
        self.tell_of_failure(problem).await?;
        let next = MetadataSource {
            revision: source.revision + 1,
            due_at: Some(due_after_failure(times, now, self.app.random())),
            failure: Some(RefreshFailure {
                code: code.to_owned(),
                detail: problem.detail().to_owned(),
                at: now,
                times,
            }),
            ..source.clone()
        };
        self.note(next).await
    }

    /// The source after a refresh that was in order.
    fn in_order(&self, found: &Found) -> MetadataSource {
        let Subject { source, .. } = self.subject;
        let (imported, now) = (&found.document.imported, self.app.now());
        let (valid_until, cache_duration) = (imported.valid_until, imported.cache_duration);
        MetadataSource {
            revision: source.revision + 1,
            cache_duration,
            validators: found.validators.clone(),
            checked_at: now,
            due_at: Some(due_after_success(valid_until, cache_duration, now, self.app.random())),
            failure: None,
            proposal: None,
            rejected: Vec::new(),
            ..source.clone()
        }
    }

    /// Once for each reason since the host last answered well.
    async fn tell_of_failure(&self, problem: &Problem) -> Result<(), StoreError> {
        let source = &self.subject.source;
        let (code, detail) = (problem.code().as_str(), problem.detail());
        let since = source.checked_at.unix_timestamp();
        self.tell(
            NoticeKind::MetadataRefreshFailed,
            format!("{}/{code}/{since}", source.connection),
            format!("The metadata was not refreshed ({code}): {detail} The last good copy stays."),
            json!({"code": code, "detail": detail, "url": source.url}),
        )
        .await
    }

    /// Once for each change and each connection that it is compared with.
    async fn tell_of_approval(&self, proposal: &Proposal) -> Result<(), StoreError> {
        let (source, id) = (&self.subject.source, proposal_id(proposal));
        self.tell(
            NoticeKind::MetadataApprovalNeeded,
            format!("{}/{id}/{}", source.connection, proposal.connection_revision),
            format!("The metadata has changed and waits for approval: {}", told(&proposal.changes)),
            json!({"pending": id, "changes": proposal.changes, "url": source.url}),
        )
        .await
    }

    /// Before what it tells of is written: a node that stops in between tells it again, which is once.
    async fn tell(
        &self,
        kind: NoticeKind,
        key: String,
        sentence: String,
        facts: Value,
    ) -> Result<(), StoreError> {
        let facts = facts.as_object().cloned().unwrap_or_default();
        self.app.notify(News { org: self.org, kind, key, sentence, facts }).await.map(drop)
    }
}

/// What the document in use says, read as of when it was taken: it was in force then.
pub(super) fn in_use(
    connection: &Connection,
    source: &MetadataSource,
) -> Option<metadata::ImportedIdp> {
    let document = connection.metadata_document.as_ref()?;
    metadata::import(document.as_bytes(), source.entity_id.as_deref(), source.taken_at).ok()
}

/// The connection one revision further, with what a newer document says.
pub(super) fn changed(current: Connection, refreshed: Refreshed, document: String) -> Connection {
    Connection {
        revision: current.revision + 1,
        settings: refreshed.settings,
        metadata_certificates: refreshed.signing_keys,
        metadata_document: Some(document),
        ..current
    }
}
