//! Notices and their outbox (SPEC 13). That the key of a notice is unique is what has it told once.

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Fields, Sql, Transaction, sql};
use crate::rows::{choice, document};
use sso_core::ids::NoticeId;
use sso_core::store::{AuditEntry, Channel, Delivery, Notice, NoticeStore, StoreError};
use time::OffsetDateTime;

impl NoticeStore for AnyStore {
    async fn raise(
        &self,
        notice: Notice,
        audit: AuditEntry,
        channels: &[Channel],
    ) -> Result<bool, StoreError> {
        let input = (notice, audit, channels.to_vec());
        Ok(self
            .engine
            .write(input, |tx, (notice, audit, channels)| {
                Box::pin(raise(tx, notice, audit, channels))
            })
            .await?)
    }

    async fn take_deliveries(
        &self,
        channel: Channel,
        now: OffsetDateTime,
        again_at: OffsetDateTime,
        most: u16,
    ) -> Result<Vec<Delivery>, StoreError> {
        let input = Due { channel, now, again_at, most };
        Ok(self.engine.write(input, |tx, due| Box::pin(take(tx, due))).await?)
    }

    async fn put_delivery_off(
        &self,
        notice: NoticeId,
        channel: Channel,
        until: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let input = (notice, channel, until);
        Ok(self
            .engine
            .write(input, |tx, (notice, channel, until)| {
                Box::pin(put_off(tx, *notice, *channel, *until))
            })
            .await?)
    }

    async fn end_delivery(&self, notice: NoticeId, channel: Channel) -> Result<(), StoreError> {
        let input = (notice, channel);
        Ok(self
            .engine
            .write(input, |tx, (notice, channel)| Box::pin(end(tx, *notice, *channel)))
            .await?)
    }
}

async fn raise(
    tx: &mut dyn Transaction,
    notice: &Notice,
    audit: &AuditEntry,
    channels: &[Channel],
) -> Result<bool, Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO notices (id, org, at, kind, key, sentence, facts) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org, key) DO NOTHING"
    );
    const DELIVER: &Sql = sql!(
        "INSERT INTO notice_deliveries (notice, channel, attempts, due_at) VALUES ($1, $2, 0, $3)"
    );
    let facts = document(&notice.facts)?;
    let values = [
        notice.id.to_bytes().into(),
        notice.org.as_str().into(),
        notice.at.into(),
        notice.kind.as_str().into(),
        (&notice.key).into(),
        (&notice.sentence).into(),
        (&facts).into(),
    ];
    let written = tx
        .execute(INSERT, &values)
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("org")))?;
    if written == 0 {
        return Ok(false);
    }
    for channel in channels {
        let channel = choice(channel)?;
        let values = [notice.id.to_bytes().into(), (&channel).into(), notice.at.into()];
        tx.execute(DELIVER, &values).await?;
    }
    append_audit(tx, audit).await?;
    Ok(true)
}

struct Due {
    channel: Channel,
    now: OffsetDateTime,
    again_at: OffsetDateTime,
    most: u16,
}

/// Another node that takes at the same time waits for these rows, and finds them no longer due.
async fn take(tx: &mut dyn Transaction, due: &Due) -> Result<Vec<Delivery>, Failure> {
    const TAKE: &Sql = sql!(
        "UPDATE notice_deliveries SET attempts = attempts + 1, due_at = $3 \
         WHERE channel = $1 AND due_at <= $2 AND notice IN \
         (SELECT notice FROM notice_deliveries WHERE channel = $1 AND due_at <= $2 \
         ORDER BY due_at, notice LIMIT $4) RETURNING notice, attempts"
    );
    const READ: &Sql =
        sql!("SELECT id, org, at, kind, key, sentence, facts FROM notices WHERE id = $1");
    let channel = choice(&due.channel)?;
    let values =
        [(&channel).into(), due.now.into(), due.again_at.into(), i64::from(due.most).into()];
    let mut taken = Vec::new();
    for mut row in tx.query(TAKE, &values).await? {
        let (id, attempts) = (row.array::<16>()?, row.count()?);
        for mut row in tx.query(READ, &[id.into()]).await? {
            let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
            taken.push(Delivery { notice: notice(&mut row)?, attempts });
        }
    }
    taken.sort_by_key(|delivery| delivery.notice.id);
    Ok(taken)
}

fn notice(row: &mut Fields) -> Result<Notice, Failure> {
    Ok(Notice {
        id: NoticeId::from_bytes(row.array()?),
        org: row.parsed()?,
        at: row.instant()?,
        kind: row.choice()?,
        key: row.text()?,
        sentence: row.text()?,
        facts: row.document()?,
    })
}

async fn put_off(
    tx: &mut dyn Transaction,
    notice: NoticeId,
    channel: Channel,
    until: OffsetDateTime,
) -> Result<(), Failure> {
    const PUT_OFF: &Sql =
        sql!("UPDATE notice_deliveries SET due_at = $3 WHERE notice = $1 AND channel = $2");
    let channel = choice(&channel)?;
    tx.execute(PUT_OFF, &[notice.to_bytes().into(), (&channel).into(), until.into()])
        .await
        .map(drop)
}

async fn end(tx: &mut dyn Transaction, notice: NoticeId, channel: Channel) -> Result<(), Failure> {
    const END: &Sql = sql!("DELETE FROM notice_deliveries WHERE notice = $1 AND channel = $2");
    let channel = choice(&channel)?;
    tx.execute(END, &[notice.to_bytes().into(), (&channel).into()]).await.map(drop)
}
