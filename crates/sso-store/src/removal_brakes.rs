//! The brakes on mass removal (SPEC 11.1). Each act waits for the row, so that no two nodes let the same
//! removal pass.

use crate::AnyStore;
use crate::audit::append_audit;
use crate::directory_view;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::document;
use sso_core::org::OrgName;
use sso_core::provisioning::{BrakeAct, RemovalBrake, RemovalsHeld};
use sso_core::store::{AuditEntry, RemovalBrakeStore, StoreError};
use time::OffsetDateTime;

impl RemovalBrakeStore for AnyStore {
    async fn removal_brake(&self, org: &OrgName) -> Result<RemovalBrake, StoreError> {
        Ok(self.engine.read(org.clone(), |tx, org| Box::pin(read(tx, org))).await?)
    }

    async fn brake(
        &self,
        org: &OrgName,
        act: BrakeAct,
        now: OffsetDateTime,
        audit: Option<AuditEntry>,
    ) -> Result<(RemovalBrake, Result<(), RemovalsHeld>), StoreError> {
        let input = (org.clone(), act, now, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, act, now, audit)| {
                Box::pin(carry_out(tx, org, *act, *now, audit.as_ref()))
            })
            .await?)
    }

    async fn held_brakes(&self, most: u16) -> Result<Vec<(OrgName, OffsetDateTime)>, StoreError> {
        Ok(self.engine.read(most, |tx, most| Box::pin(held(tx, *most))).await?)
    }
}

async fn read(tx: &mut dyn Transaction, org: &OrgName) -> Result<RemovalBrake, Failure> {
    const READ: &Sql = sql!("SELECT document FROM removal_brakes WHERE org = $1");
    let mut rows = tx.query(READ, &[org.as_str().into()]).await?;
    rows.first_mut().map_or_else(|| Ok(RemovalBrake::default()), |row| row.document())
}

async fn carry_out(
    tx: &mut dyn Transaction,
    org: &OrgName,
    act: BrakeAct,
    now: OffsetDateTime,
    audit: Option<&AuditEntry>,
) -> Result<(RemovalBrake, Result<(), RemovalsHeld>), Failure> {
    const MAKE: &Sql = sql!(
        "INSERT INTO removal_brakes (org, document) VALUES ($1, $2) ON CONFLICT (org) DO NOTHING"
    );
    const LOCK: &Sql =
        sql!("UPDATE removal_brakes SET document = document WHERE org = $1 RETURNING document");
    const WRITE: &Sql =
        sql!("UPDATE removal_brakes SET document = $2, held_since = $3 WHERE org = $1");
    let fresh = document(&RemovalBrake::default())?;
    tx.execute(MAKE, &[org.as_str().into(), (&fresh).into()])
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("org")))?;
    let mut rows = tx.query(LOCK, &[org.as_str().into()]).await?;
    let stored = rows.first_mut().ok_or_else(|| Failure::not_found("org"))?;
    let stored: RemovalBrake = stored.document()?;
    let accounts = directory_view::count(tx, org).await?;
    let (brake, done) = stored.after(act, accounts, now);
    let text = document(&brake)?;
    tx.execute(WRITE, &[org.as_str().into(), (&text).into(), brake.held_since.into()]).await?;
    if let Some(audit) = audit {
        append_audit(tx, audit).await?;
    }
    Ok((brake, done))
}

async fn held(
    tx: &mut dyn Transaction,
    most: u16,
) -> Result<Vec<(OrgName, OffsetDateTime)>, Failure> {
    const HELD: &Sql = sql!(
        "SELECT org, held_since FROM removal_brakes WHERE held_since IS NOT NULL \
         ORDER BY held_since LIMIT $1"
    );
    let mut rows = tx.query(HELD, &[i64::from(most).into()]).await?;
    rows.iter_mut().map(|row| Ok((row.parsed()?, row.instant()?))).collect()
}
