//! The attribute schema of an organization, and what becomes of stored values where it changes (SPEC 11.4).

use crate::AnyStore;
use crate::audit::append_audit;
use crate::configuration::find;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::rows::document;
use sso_core::org::OrgName;
use sso_core::profile::{AttributeSchema, OwnField};
use sso_core::store::{AttributeSchemaStore, AuditEntry, StoreError};
use time::OffsetDateTime;

impl AttributeSchemaStore for AnyStore {
    async fn put_attribute_schema(
        &self,
        org: &OrgName,
        revision: u64,
        schema: AttributeSchema,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let change = Change { org: org.clone(), revision, schema, audit };
        Ok(self.engine.write(change, |tx, change| Box::pin(put(tx, change))).await?)
    }
}

struct Change {
    org: OrgName,
    revision: u64,
    schema: AttributeSchema,
    audit: AuditEntry,
}

/// The row of the organization is written first: accounts that have attributes of its schema wait for it
/// (`own_values`).
async fn put(tx: &mut dyn Transaction, change: &Change) -> Result<(), Failure> {
    const UPDATE: &Sql = sql!(
        "UPDATE orgs SET attribute_schema = $2, revision = revision + 1 \
         WHERE name = $1 AND revision = $3"
    );
    let Change { org, revision, schema, audit } = change;
    let before = find(tx, org.as_str()).await?.ok_or_else(|| Failure::not_found("org"))?;
    let document = document(schema)?;
    let values = [org.as_str().into(), (&document).into(), (*revision as i64).into()];
    if tx.execute(UPDATE, &values).await? == 0 {
        return Err(Failure::conflict("org_changed"));
    }
    let before = before.attribute_schema;
    for field in before.removed_in(schema) {
        remove(tx, org, field, audit.timestamp).await?;
    }
    for field in before.unique().filter(|field| !schema.unique().any(|unique| unique == *field)) {
        forget(tx, org, field).await?;
    }
    for field in before.unique_from(schema) {
        make_unique(tx, org, field).await?;
    }
    append_audit(tx, audit).await
}

/// Takes the values of an attribute out of the profiles.
async fn remove(
    tx: &mut dyn Transaction,
    org: &OrgName,
    field: OwnField,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    const REMOVE: &Sql = &Sql::new(
        "UPDATE accounts SET profile = (profile::jsonb - $2)::text, revision = revision + 1, \
         updated_at = $3 WHERE org = $1 AND profile::jsonb ->> $2 IS NOT NULL",
        b"UPDATE accounts SET profile = json_remove(profile, '$.' || ?2), revision = revision + 1, \
          updated_at = ?3 WHERE org = ?1 AND profile ->> ?2 IS NOT NULL",
    );
    let values = [org.as_str().into(), field.as_str().into(), now.into()];
    tx.execute(REMOVE, &values).await.map(drop)
}

/// Forgets which values are unique.
async fn forget(tx: &mut dyn Transaction, org: &OrgName, field: OwnField) -> Result<(), Failure> {
    const FORGET: &Sql = sql!("DELETE FROM account_values WHERE org = $1 AND attribute = $2");
    tx.execute(FORGET, &[org.as_str().into(), field.as_str().into()]).await.map(drop)
}

/// Makes the values that there are unique, unless two accounts share one, or one is too long for an index.
async fn make_unique(
    tx: &mut dyn Transaction,
    org: &OrgName,
    field: OwnField,
) -> Result<(), Failure> {
    const FIND_LONG: &Sql = &Sql::new(
        "SELECT id FROM accounts WHERE org = $1 AND length(profile::jsonb ->> $2) > $3 LIMIT 1",
        b"SELECT id FROM accounts WHERE org = ?1 AND length(profile ->> ?2) > ?3 LIMIT 1",
    );
    const INSERT: &Sql = &Sql::new(
        "INSERT INTO account_values (org, attribute, value, account) \
         SELECT org, $2, profile::jsonb ->> $2, id FROM accounts \
         WHERE org = $1 AND profile::jsonb ->> $2 IS NOT NULL",
        b"INSERT INTO account_values (org, attribute, value, account) \
          SELECT org, ?2, CAST(profile ->> ?2 AS TEXT), id FROM accounts \
          WHERE org = ?1 AND profile ->> ?2 IS NOT NULL",
    );
    let taken = || Failure::from(StoreError::AttributeTaken(field));
    let longest = i64::from(AttributeSchema::LONGEST_UNIQUE);
    let long = [org.as_str().into(), field.as_str().into(), longest.into()];
    if !tx.query(FIND_LONG, &long).await?.is_empty() {
        return Err(taken());
    }
    tx.execute(INSERT, &[org.as_str().into(), field.as_str().into()])
        .await
        .map(drop)
        .map_err(|failure| failure.if_unique(taken()))
}
