//! Login traces and the audit trail (SPEC 13).

use crate::AnyStore;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::{TraceRow, audit_columns, audit_entry, choice, trace, trace_columns};
use crate::trails::FIND_TRACE;
use sso_core::ids::{AuditId, TraceId};
use sso_core::org::OrgName;
use sso_core::store::{
    AuditEntry, AuditFilter, AuditStore, Listed, Page, StoreError, StoredTrace, TraceStore,
};

/// Sorts after every identifier: where the newest begin.
const END: [u8; 16] = [0xff; 16];

/// Adds an entry to the audit trail, in the transaction of what it tells of.
pub(crate) async fn append_audit(
    tx: &mut dyn Transaction,
    entry: &AuditEntry,
) -> Result<(), Failure> {
    const INSERT: &Sql =
        sql!("INSERT INTO audit (", audit_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
    let category = choice(&entry.category)?;
    let values = [
        entry.org.as_str().into(),
        entry.id.to_bytes().into(),
        entry.timestamp.into(),
        (&entry.administrator).into(),
        (&category).into(),
        (&entry.sub_category).into(),
        (&entry.details).into(),
    ];
    tx.execute(INSERT, &values).await.map(drop)
}

/// Adds a trace.
pub(crate) async fn append_trace(
    tx: &mut dyn Transaction,
    trace: &TraceRow,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO traces (",
        trace_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    tx.execute(INSERT, &trace.values()).await.map(drop)
}

impl TraceStore for AnyStore {
    async fn put_trace(&self, trace: StoredTrace) -> Result<(), StoreError> {
        let row = TraceRow::new(trace)?;
        Ok(self.engine.write(row, |tx, trace| Box::pin(append_trace(tx, trace))).await?)
    }

    async fn trace(&self, org: &OrgName, id: TraceId) -> Result<Option<StoredTrace>, StoreError> {
        Ok(self.engine.read((org.clone(), id), |tx, key| Box::pin(read_trace(tx, key))).await?)
    }

    async fn trace_org(&self, id: TraceId) -> Result<Option<OrgName>, StoreError> {
        Ok(self.engine.read(id, |tx, id| Box::pin(trace_org(tx, *id))).await?)
    }

    async fn traces(&self, org: &OrgName, page: &Page) -> Result<Listed<StoredTrace>, StoreError> {
        let before = page.after()?.map_or(END, TraceId::to_bytes);
        let input = (org.clone(), before, page.fetch());
        let rows = self.engine.read(input, |tx, input| Box::pin(newest_traces(tx, input))).await?;
        Ok(page.listed(rows, |trace| trace.id))
    }
}

async fn read_trace(
    tx: &mut dyn Transaction,
    (org, id): &(OrgName, TraceId),
) -> Result<Option<StoredTrace>, Failure> {
    const READ: &Sql = sql!("SELECT ", trace_columns!(), " FROM traces WHERE org = $1 AND id = $2");
    let rows = tx.query(READ, &[org.as_str().into(), id.to_bytes().into()]).await?;
    rows.into_iter().next().map(|mut row| trace(&mut row)).transpose()
}

async fn trace_org(tx: &mut dyn Transaction, id: TraceId) -> Result<Option<OrgName>, Failure> {
    let rows = tx.query(FIND_TRACE, &[id.to_bytes().into()]).await?;
    rows.into_iter().next().map(|mut row| row.parsed()).transpose()
}

async fn newest_traces(
    tx: &mut dyn Transaction,
    (org, before, most): &(OrgName, [u8; 16], usize),
) -> Result<Vec<StoredTrace>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        trace_columns!(),
        " FROM traces WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    );
    let values = [org.as_str().into(), (*before).into(), (*most as i64).into()];
    tx.query(READ, &values).await?.iter_mut().map(trace).collect()
}

impl AuditStore for AnyStore {
    async fn audit(
        &self,
        org: &OrgName,
        filter: &AuditFilter,
        page: &Page,
    ) -> Result<Listed<AuditEntry>, StoreError> {
        let before = page.after()?.map_or(END, AuditId::to_bytes);
        let input = (org.clone(), filter.clone(), before, page.fetch());
        let rows = self
            .engine
            .read(input, |tx, (org, filter, before, most)| {
                Box::pin(newest_audit(tx, org, filter, *before, *most))
            })
            .await?;
        Ok(page.listed(rows, |entry| entry.id))
    }

    async fn record(&self, entry: AuditEntry) -> Result<(), StoreError> {
        Ok(self.engine.write(entry, |tx, entry| Box::pin(append_audit(tx, entry))).await?)
    }
}

async fn newest_audit(
    tx: &mut dyn Transaction,
    org: &OrgName,
    filter: &AuditFilter,
    before: [u8; 16],
    most: usize,
) -> Result<Vec<AuditEntry>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        audit_columns!(),
        " FROM audit WHERE org = $1 AND id < $2 \
         AND ($3 IS NULL OR at >= $3) AND ($4 IS NULL OR at < $4) \
         AND ($5 IS NULL OR administrator = $5) AND ($6 IS NULL OR category = $6) \
         ORDER BY id DESC LIMIT $7"
    );
    let category = filter.category.as_ref().map(choice).transpose()?;
    let values = [
        org.as_str().into(),
        before.into(),
        filter.from.into(),
        filter.to.into(),
        (&filter.administrator).into(),
        (&category).into(),
        (most as i64).into(),
    ];
    tx.query(READ, &values).await?.iter_mut().map(audit_entry).collect()
}
