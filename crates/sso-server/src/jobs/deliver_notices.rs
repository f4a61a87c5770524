//! Delivering notices (SPEC 13): those that are due are posted to the operator's address, and tried again
//! later and later where that fails, for about three days.

use super::{Failed, Job};
use crate::app::App;
use crate::config::Webhook;
use crate::notices::webhook::{SignedPost, signed};
use crate::telemetry::metrics::Outcome;
use axum::body::Body;
use axum::http::{Method, Request};
use sso_core::store::{Channel, Delivery, NoticeStore as _, StoreError, pause_after};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

pub(super) const JOB: Job =
    Job { name: "deliver_notices", every: Duration::from_secs(5), run: |app| Box::pin(run(app)) };

/// How many are taken at once.
const PART: u16 = 10;
/// How long one POST may take.
const TIME: Duration = Duration::from_secs(10);
/// When a delivery is due again whose node died: after all of its part had their time.
const AGAIN: time::Duration = time::Duration::minutes(5);

async fn run(app: Arc<App>) -> Result<(), Failed> {
    let Some(webhook) = &app.webhook else { return Ok(()) };
    loop {
        let now = app.now();
        let due = app.store().take_deliveries(Channel::Webhook, now, now + AGAIN, PART).await?;
        if due.is_empty() {
            return Ok(());
        }
        for delivery in due {
            deliver(&app, webhook, &delivery).await?;
        }
    }
}

async fn deliver(app: &App, webhook: &Webhook, delivery: &Delivery) -> Result<(), StoreError> {
    let Delivery { notice, attempts } = delivery;
    let (id, channel) = (notice.id, Channel::Webhook);
    let Err(error) = post(app, webhook, delivery).await else {
        app.metrics.posted(&Outcome::DELIVERED);
        return app.store().end_delivery(id, channel).await;
    };
    match pause_after(*attempts) {
        Some(pause) => {
            tracing::warn!(notice = %id, attempts, %error, "a notice could not be posted");
            app.metrics.posted(&Outcome::PUT_OFF);
            app.store().put_delivery_off(id, channel, app.now() + pause).await
        }
        None => {
            tracing::error!(notice = %id, attempts, %error, "a notice could not be posted: given up");
            app.metrics.posted(&Outcome::GIVEN_UP);
            app.store().end_delivery(id, channel).await
        }
    }
}

/// Whoever answers with a success has the notice, whatever else they say: no body is read, and no redirect
/// followed.
async fn post(
    app: &App,
    webhook: &Webhook,
    delivery: &Delivery,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let SignedPost { headers, body } = signed(&delivery.notice, webhook, app.now())?;
    let mut request = Request::builder().method(Method::POST);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Body::from(body))?;
    match app.outgoing.send(webhook.url(), request, TIME).await?.status {
        status if status.is_success() => Ok(()),
        status => Err(format!("the address answered {status}").into()),
    }
}
