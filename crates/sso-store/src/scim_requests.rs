//! What directories asked over SCIM (SPEC 11.1): a ring for each organization, so that no directory fills the
//! database, however much it asks.

use crate::AnyStore;
use crate::engine::{Failure, Fields, Sql, Transaction, sql};
use crate::rows::document;
use sso_core::ids::ScimRequestId;
use sso_core::org::OrgName;
use sso_core::store::{
    Listed, MOST_SCIM_REQUESTS, Page, ScimRequest, ScimRequestFilter, ScimRequestStore, StoreError,
};

impl ScimRequestStore for AnyStore {
    async fn put_scim_request(&self, request: ScimRequest) -> Result<(), StoreError> {
        let input = (document(&request)?, request);
        Ok(self.engine.write(input, |tx, (text, request)| Box::pin(put(tx, text, request))).await?)
    }

    async fn scim_request(
        &self,
        org: &OrgName,
        id: ScimRequestId,
    ) -> Result<Option<ScimRequest>, StoreError> {
        let input = (org.clone(), id);
        Ok(self.engine.read(input, |tx, (org, id)| Box::pin(read(tx, org, *id))).await?)
    }

    async fn scim_requests(
        &self,
        org: &OrgName,
        filter: &ScimRequestFilter,
        page: &Page,
    ) -> Result<Listed<ScimRequest>, StoreError> {
        let before = page.after()?.map_or([0xff; 16], ScimRequestId::to_bytes);
        let input = (org.clone(), filter.clone(), before, page.fetch());
        let rows = self.engine.read(input, |tx, input| Box::pin(newest(tx, input))).await?;
        Ok(page.listed(rows, |request| request.id))
    }
}

async fn put(tx: &mut dyn Transaction, text: &str, request: &ScimRequest) -> Result<(), Failure> {
    const COUNT: &Sql = sql!(
        "INSERT INTO scim_request_counts (org, requests) VALUES ($1, 1) \
         ON CONFLICT (org) DO UPDATE SET requests = scim_request_counts.requests + 1 \
         RETURNING requests"
    );
    const MAKE_ROOM: &Sql = sql!("DELETE FROM scim_requests WHERE org = $1 AND place = $2");
    const INSERT: &Sql = sql!(
        "INSERT INTO scim_requests (org, id, place, at, token, is_refused, is_write, document) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    let org = request.org.as_str().into();
    let mut counted = tx
        .query(COUNT, &[org])
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("org")))?;
    let number = counted.first_mut().map_or(Ok(0), |row| row.count())?;
    let place = ((number % MOST_SCIM_REQUESTS) as i64).into();
    tx.execute(MAKE_ROOM, &[org, place]).await?;
    let values = [
        org,
        request.id.to_bytes().into(),
        place,
        request.at.into(),
        request.token.to_bytes().into(),
        request.is_refused().into(),
        request.is_write().into(),
        text.into(),
    ];
    tx.execute(INSERT, &values).await.map(drop)
}

async fn read(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: ScimRequestId,
) -> Result<Option<ScimRequest>, Failure> {
    const READ: &Sql = sql!("SELECT document FROM scim_requests WHERE org = $1 AND id = $2");
    let mut rows = tx.query(READ, &[org.as_str().into(), id.to_bytes().into()]).await?;
    rows.first_mut().map(Fields::document).transpose()
}

async fn newest(
    tx: &mut dyn Transaction,
    (org, filter, before, most): &(OrgName, ScimRequestFilter, [u8; 16], usize),
) -> Result<Vec<ScimRequest>, Failure> {
    const READ: &Sql = sql!(
        "SELECT document FROM scim_requests WHERE org = $1 AND id < $2 \
         AND ($3 IS NULL OR token = $3) AND (is_refused OR $4) AND (NOT is_refused OR $5) \
         AND (is_write OR NOT $6) ORDER BY id DESC LIMIT $7"
    );
    let token = filter.token.map(|token| token.to_bytes());
    let values = [
        org.as_str().into(),
        (*before).into(),
        token.as_ref().map(<[u8; 16]>::as_slice).into(),
        (filter.refused != Some(true)).into(),
        (filter.refused != Some(false)).into(),
        filter.writes.into(),
        (*most as i64).into(),
    ];
    tx.query(READ, &values).await?.iter_mut().map(Fields::document).collect()
}
