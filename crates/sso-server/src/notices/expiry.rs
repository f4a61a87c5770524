//! Notices 60, 30, 14, 7 and 1 days before certificates and tokens expire (SPEC 7, 8), and the metrics of
//! what expires when.

use super::News;
use crate::app::App;
use serde_json::json;
use sso_core::certs::{NOTICE_DAYS, notice_due};
use sso_core::store::{Expiring, ExpirySource, ExpiryStore as _, NoticeKind, Page, StoreError};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// How many rows are read at once.
const PART: u16 = 200;

/// What is looked through: the kind of its notices, its name in the metrics and in sentences, and where it
/// stands.
const WATCHED: [Watched; 3] = [
    Watched {
        kind: NoticeKind::ServiceCertificateExpiry,
        metric: "service_certificate",
        noun: "service certificate",
        sources: &[ExpirySource::ServiceCertificates],
    },
    Watched {
        kind: NoticeKind::IdpCertificateExpiry,
        metric: "idp_certificate",
        noun: "certificate of the identity provider",
        sources: &[ExpirySource::IdpCertificates, ExpirySource::MetadataCertificates],
    },
    Watched {
        kind: NoticeKind::ApiTokenExpiry,
        metric: "api_token",
        noun: "token",
        sources: &[ExpirySource::ApiTokens],
    },
];

struct Watched {
    kind: NoticeKind,
    metric: &'static str,
    noun: &'static str,
    sources: &'static [ExpirySource],
}

/// Looks through everything that expires, tells of what does soon, and sets the metrics.
///
/// # Errors
/// The database failed. What was told until then stays told.
pub(crate) async fn look_through(app: &App) -> Result<(), StoreError> {
    for watched in &WATCHED {
        let mut seen = Seen::default();
        for source in watched.sources {
            let mut page = Page::first(PART);
            loop {
                let part = app.store().expiring(*source, &page).await?;
                for expiring in &part.items {
                    seen.note(expiring.ends_at, app.now());
                    tell(app, watched, expiring).await?;
                }
                page.cursor = part.next;
                if page.cursor.is_none() {
                    break;
                }
            }
        }
        for (days, count) in seen.within_days {
            app.metrics.expiring(watched.metric, days, count);
        }
        let earliest = seen.earliest.map(OffsetDateTime::unix_timestamp);
        app.metrics.earliest_expiry(watched.metric, earliest);
    }
    Ok(())
}

/// What a look through one kind counted.
struct Seen {
    /// How many have expired (0), and how many more do within so many days.
    within_days: [(u16, u64); 1 + NOTICE_DAYS.len()],
    /// When the first ends that has not.
    earliest: Option<OffsetDateTime>,
}

impl Default for Seen {
    fn default() -> Self {
        let [a, b, c, d, e] = NOTICE_DAYS;
        Self { within_days: [0, a, b, c, d, e].map(|days| (days, 0)), earliest: None }
    }
}

impl Seen {
    fn note(&mut self, ends_at: OffsetDateTime, now: OffsetDateTime) {
        for (days, count) in &mut self.within_days {
            if ends_at - now <= Duration::days((*days).into()) {
                *count += 1;
            }
        }
        if ends_at > now {
            self.earliest = Some(self.earliest.map_or(ends_at, |known| known.min(ends_at)));
        }
    }
}

/// Tells of one thing, where a notice is due that was not raised yet.
async fn tell(app: &App, watched: &Watched, expiring: &Expiring) -> Result<(), StoreError> {
    let Expiring { org, id, name, ends_at, made_at } = expiring;
    let Some(days) = notice_due(*ends_at, app.now()) else { return Ok(()) };
    // Whoever makes a token for a week need not be told that it ends within 14 days.
    let due_at = *ends_at - Duration::days(days.into());
    if made_at.is_some_and(|made_at| due_at <= made_at) {
        return Ok(());
    }
    let at = ends_at.format(&Rfc3339).unwrap_or_default();
    let left = *ends_at - app.now();
    let when = match left.whole_days() {
        _ if left <= Duration::ZERO => format!("expired at {at}"),
        0 => format!("expires within a day, at {at}"),
        1 => format!("expires in a day, at {at}"),
        left => format!("expires in {left} days, at {at}"),
    };
    let facts = json!({"id": id, "name": name, "not_after": at, "days": days});
    let news = News {
        org,
        kind: watched.kind,
        key: format!("{id}/{days}"),
        sentence: format!("The {} {name:?} {when}.", watched.noun),
        facts: facts.as_object().cloned().unwrap_or_default(),
    };
    match app.notify(news).await {
        // The organization was removed meanwhile.
        Err(StoreError::NotFound(_)) => Ok(()),
        told => told.map(drop),
    }
}
