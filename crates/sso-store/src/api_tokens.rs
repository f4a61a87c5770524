//! Tokens for the Admin API and for SCIM (SPEC 6).

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Sql, Transaction, Value, sql};
use crate::rows::{api_token, api_token_columns, choice};
use sso_core::ids::ApiTokenId;
use sso_core::org::OrgName;
use sso_core::store::{
    ApiToken, ApiTokenStore, AuditEntry, Listed, Page, StoreError, TokenRight, TokenUse,
};
use time::OffsetDateTime;

impl ApiTokenStore for AnyStore {
    async fn add_api_token(
        &self,
        token: ApiToken,
        secret_hash: [u8; 32],
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (token, secret_hash, audit);
        Ok(self
            .engine
            .write(input, |tx, (token, hash, audit)| Box::pin(add(tx, token, hash, audit)))
            .await?)
    }

    async fn api_token(
        &self,
        org: &OrgName,
        of: TokenUse,
        id: ApiTokenId,
    ) -> Result<Option<ApiToken>, StoreError> {
        let input = (org.clone(), of, id);
        Ok(self.engine.read(input, |tx, (org, of, id)| Box::pin(read(tx, org, *of, *id))).await?)
    }

    async fn api_token_by_secret(
        &self,
        secret_hash: &[u8; 32],
    ) -> Result<Option<ApiToken>, StoreError> {
        Ok(self.engine.read(*secret_hash, |tx, hash| Box::pin(by_secret(tx, hash))).await?)
    }

    async fn api_tokens(
        &self,
        org: &OrgName,
        of: TokenUse,
        page: &Page,
    ) -> Result<Listed<ApiToken>, StoreError> {
        // No identifier is all zeros, so that one comes before all.
        let after = page.after()?.map_or([0; 16], ApiTokenId::to_bytes);
        let input = (org.clone(), of, after, page.fetch());
        let rows = self.engine.read(input, |tx, input| Box::pin(list(tx, input))).await?;
        Ok(page.listed(rows, |token| token.id))
    }

    async fn has_live_token(
        &self,
        org: &OrgName,
        right: TokenRight,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let input = (org.clone(), right, now);
        Ok(self
            .engine
            .read(input, |tx, (org, right, now)| Box::pin(has_live(tx, org, *right, *now)))
            .await?)
    }

    async fn set_token_right(
        &self,
        org: &OrgName,
        id: ApiTokenId,
        right: TokenRight,
        audit: AuditEntry,
    ) -> Result<ApiToken, StoreError> {
        let input = (org.clone(), id, right, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, id, right, audit)| {
                Box::pin(set_right(tx, org, *id, *right, audit))
            })
            .await?)
    }

    async fn delete_api_token(
        &self,
        org: &OrgName,
        of: TokenUse,
        id: ApiTokenId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), of, id, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, of, id, audit)| Box::pin(delete(tx, org, *of, *id, audit)))
            .await?)
    }
}

async fn add(
    tx: &mut dyn Transaction,
    token: &ApiToken,
    secret_hash: &[u8; 32],
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO api_tokens (",
        api_token_columns!(),
        ", secret_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    let right = choice(&token.right)?;
    let values = [
        token.id.to_bytes().into(),
        token.org.as_str().into(),
        (&token.description).into(),
        (&right).into(),
        (&token.created_by).into(),
        token.created_at.into(),
        token.expires_at.into(),
        secret_hash.into(),
    ];
    tx.execute(INSERT, &values).await.map_err(|failure| {
        failure
            .if_unique(Failure::conflict("api_token_exists"))
            .if_foreign_key(Failure::not_found("org"))
    })?;
    append_audit(tx, audit).await
}

async fn read(
    tx: &mut dyn Transaction,
    org: &OrgName,
    of: TokenUse,
    id: ApiTokenId,
) -> Result<Option<ApiToken>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        api_token_columns!(),
        " FROM api_tokens WHERE org = $1 AND id = $2 AND (role IN ('scim', 'scim_dry_run')) = $3"
    );
    let values = [org.as_str().into(), id.to_bytes().into(), is_scim(of)];
    let rows = tx.query(READ, &values).await?;
    rows.into_iter().next().map(|mut row| api_token(&mut row)).transpose()
}

async fn by_secret(
    tx: &mut dyn Transaction,
    secret_hash: &[u8; 32],
) -> Result<Option<ApiToken>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", api_token_columns!(), " FROM api_tokens WHERE secret_hash = $1");
    let rows = tx.query(READ, &[secret_hash.into()]).await?;
    rows.into_iter().next().map(|mut row| api_token(&mut row)).transpose()
}

async fn list(
    tx: &mut dyn Transaction,
    (org, of, after, most): &(OrgName, TokenUse, [u8; 16], usize),
) -> Result<Vec<ApiToken>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        api_token_columns!(),
        " FROM api_tokens WHERE org = $1 AND id > $2 AND (role IN ('scim', 'scim_dry_run')) = $4 ORDER BY id LIMIT $3"
    );
    let values = [org.as_str().into(), (*after).into(), (*most as i64).into(), is_scim(*of)];
    tx.query(READ, &values).await?.iter_mut().map(api_token).collect()
}

async fn delete(
    tx: &mut dyn Transaction,
    org: &OrgName,
    of: TokenUse,
    id: ApiTokenId,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql = sql!(
        "DELETE FROM api_tokens WHERE org = $1 AND id = $2 AND (role IN ('scim', 'scim_dry_run')) = $3"
    );
    let values = [org.as_str().into(), id.to_bytes().into(), is_scim(of)];
    if tx.execute(DELETE, &values).await? == 0 {
        return Err(Failure::not_found("token"));
    }
    append_audit(tx, audit).await
}

async fn has_live(
    tx: &mut dyn Transaction,
    org: &OrgName,
    right: TokenRight,
    now: OffsetDateTime,
) -> Result<bool, Failure> {
    const LIVE: &Sql =
        sql!("SELECT id FROM api_tokens WHERE org = $1 AND role = $2 AND expires_at > $3 LIMIT 1");
    let right = choice(&right)?;
    Ok(!tx.query(LIVE, &[org.as_str().into(), (&right).into(), now.into()]).await?.is_empty())
}

async fn set_right(
    tx: &mut dyn Transaction,
    org: &OrgName,
    id: ApiTokenId,
    right: TokenRight,
    audit: &AuditEntry,
) -> Result<ApiToken, Failure> {
    const UPDATE: &Sql = sql!(
        "UPDATE api_tokens SET role = $3 WHERE org = $1 AND id = $2 \
         AND (role IN ('scim', 'scim_dry_run')) = $4 RETURNING ",
        api_token_columns!()
    );
    let name = choice(&right)?;
    let values =
        [org.as_str().into(), id.to_bytes().into(), (&name).into(), is_scim(right.usage())];
    let mut rows = tx.query(UPDATE, &values).await?;
    let changed = rows.first_mut().map(api_token).transpose()?;
    let changed = changed.ok_or_else(|| Failure::not_found("token"))?;
    append_audit(tx, audit).await?;
    Ok(changed)
}

/// What a token is for, as the statements ask for it.
fn is_scim(of: TokenUse) -> Value<'static> {
    (of == TokenUse::Scim).into()
}
