//! Leases: work that one node does for all.

use crate::AnyStore;
use crate::engine::{Failure, Sql, Transaction, sql};
use sso_core::ids::NodeId;
use sso_core::store::{LeaseStore, StoreError};
use time::OffsetDateTime;

impl LeaseStore for AnyStore {
    async fn acquire_lease(
        &self,
        name: &'static str,
        node: NodeId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let input = (name, node, now, until);
        Ok(self.engine.write(input, |tx, input| Box::pin(acquire(tx, *input))).await?)
    }

    async fn release_lease(&self, name: &'static str, node: NodeId) -> Result<(), StoreError> {
        let input = (name, node);
        Ok(self.engine.write(input, |tx, input| Box::pin(release(tx, *input))).await?)
    }
}

async fn acquire(
    tx: &mut dyn Transaction,
    (name, node, now, until): (&'static str, NodeId, OffsetDateTime, OffsetDateTime),
) -> Result<bool, Failure> {
    const ACQUIRE: &Sql = sql!(
        "INSERT INTO leases (name, node, ends_at) VALUES ($1, $2, $4) \
         ON CONFLICT (name) DO UPDATE SET node = $2, ends_at = $4 \
         WHERE leases.node = $2 OR leases.ends_at <= $3"
    );
    let values = [name.into(), node.to_bytes().into(), now.into(), until.into()];
    Ok(tx.execute(ACQUIRE, &values).await? > 0)
}

async fn release(
    tx: &mut dyn Transaction,
    (name, node): (&'static str, NodeId),
) -> Result<(), Failure> {
    const RELEASE: &Sql = sql!("DELETE FROM leases WHERE name = $1 AND node = $2");
    tx.execute(RELEASE, &[name.into(), node.to_bytes().into()]).await.map(drop)
}
