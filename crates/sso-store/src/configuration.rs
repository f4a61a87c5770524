//! Organizations and connections.

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Sql, Transaction, sql};
use crate::groups::make_top_level_group;
use crate::rows::{
    certificate_list, choice, connection, connection_columns, document, org, org_columns,
};
use sso_core::connection::{Connection, ConnectionState, Slot};
use sso_core::org::{Org, OrgName};
use sso_core::store::{
    AuditEntry, ConfigurationStore, Listed, Page, SERVICE_URI_TAKEN, StoreError,
};
use std::collections::BTreeSet;

impl ConfigurationStore for AnyStore {
    async fn create_org(&self, org: Org, audit: AuditEntry) -> Result<(), StoreError> {
        let input = (org, audit);
        Ok(self.engine.write(input, |tx, (org, audit)| Box::pin(create(tx, org, audit))).await?)
    }

    async fn update_org(&self, org: Org, audit: AuditEntry) -> Result<(), StoreError> {
        let input = (org, audit);
        Ok(self.engine.write(input, |tx, (org, audit)| Box::pin(update(tx, org, audit))).await?)
    }

    async fn org(&self, name_or_domain: &str) -> Result<Option<Org>, StoreError> {
        // No name or domain is longer or has other characters: no engine need be asked, and PostgreSQL,
        // which cannot be asked for NUL, is not.
        if name_or_domain.len() > 253 || !name_or_domain.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(None);
        }
        let key = name_or_domain.to_ascii_lowercase();
        Ok(self.engine.read(key, |tx, key| Box::pin(find(tx, key))).await?)
    }

    async fn orgs(&self, page: &Page) -> Result<Listed<Org>, StoreError> {
        let input = (page.after::<OrgName>()?, page.fetch());
        let rows = self
            .engine
            .read(input, |tx, (after, most)| Box::pin(orgs(tx, after.as_ref(), *most)))
            .await?;
        Ok(page.listed(rows, |org| org.name.clone()))
    }

    async fn connection(
        &self,
        org: &OrgName,
        slot: Slot,
    ) -> Result<Option<Connection>, StoreError> {
        let input = (org.clone(), slot);
        Ok(self
            .engine
            .read(input, |tx, (org, slot)| Box::pin(read_connection(tx, org, *slot)))
            .await?)
    }

    async fn put_connection(
        &self,
        connection: Connection,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (connection, audit);
        Ok(self
            .engine
            .write(input, |tx, (connection, audit)| Box::pin(put_connection(tx, connection, audit)))
            .await?)
    }

    async fn delete_connection(
        &self,
        org: &OrgName,
        slot: Slot,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (org.clone(), slot, audit);
        Ok(self
            .engine
            .write(input, |tx, (org, slot, audit)| {
                Box::pin(delete_connection(tx, org, *slot, audit))
            })
            .await?)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // As a write, so that a store that can only read is not ready.
        Ok(self.engine.write((), |tx, ()| Box::pin(ping(tx))).await?)
    }
}

async fn create(tx: &mut dyn Transaction, org: &Org, audit: &AuditEntry) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO orgs (name, document, sso_enabled) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    );
    const NO_ACCOUNTS: &Sql = sql!("INSERT INTO account_counts (org, accounts) VALUES ($1, 0)");
    let document = document(org)?;
    let values = [org.name.as_str().into(), (&document).into(), org.sso_enabled.into()];
    if tx.execute(INSERT, &values).await? == 0 {
        return Err(Failure::conflict("org_exists"));
    }
    insert_domains(tx, org).await?;
    make_top_level_group(tx, org, audit).await?;
    tx.execute(NO_ACCOUNTS, &[org.name.as_str().into()]).await?;
    append_audit(tx, audit).await
}

async fn update(tx: &mut dyn Transaction, org: &Org, audit: &AuditEntry) -> Result<(), Failure> {
    const UPDATE: &Sql = sql!(
        "UPDATE orgs SET document = $2, sso_enabled = $4, revision = revision + 1 \
         WHERE name = $1 AND revision = $3"
    );
    const CLEAR: &Sql = sql!("DELETE FROM domains WHERE org = $1");
    const END_SESSIONS: &Sql = sql!("DELETE FROM sessions WHERE org = $1");
    let document = document(org)?;
    let values = [
        org.name.as_str().into(),
        (&document).into(),
        (org.revision as i64).into(),
        org.sso_enabled.into(),
    ];
    if tx.execute(UPDATE, &values).await? == 0 {
        return Err(match find(tx, org.name.as_str()).await? {
            Some(_) => Failure::conflict("org_changed"),
            None => Failure::not_found("org"),
        });
    }
    if !org.sso_enabled {
        tx.execute(END_SESSIONS, &[org.name.as_str().into()]).await?;
    }
    tx.execute(CLEAR, &[org.name.as_str().into()]).await?;
    insert_domains(tx, org).await?;
    append_audit(tx, audit).await
}

/// In the order of names, so that two organizations that want each other's do not wait in a circle.
async fn insert_domains(tx: &mut dyn Transaction, org: &Org) -> Result<(), Failure> {
    const INSERT: &Sql = sql!("INSERT INTO domains (domain, org) VALUES ($1, $2)");
    for domain in org.domains.iter().collect::<BTreeSet<_>>() {
        tx.execute(INSERT, &[domain.into(), org.name.as_str().into()])
            .await
            .map_err(|failure| failure.if_unique(Failure::conflict("domain_taken")))?;
    }
    Ok(())
}

pub(crate) async fn find(tx: &mut dyn Transaction, key: &str) -> Result<Option<Org>, Failure> {
    const BY_NAME: &Sql = sql!("SELECT ", org_columns!(), " FROM orgs o WHERE o.name = $1");
    const BY_DOMAIN: &Sql = sql!(
        "SELECT ",
        org_columns!(),
        " FROM domains d JOIN orgs o ON o.name = d.org WHERE d.domain = $1"
    );
    for sql in [BY_NAME, BY_DOMAIN] {
        if let Some(mut row) = tx.query(sql, &[key.into()]).await?.into_iter().next() {
            return org(&mut row).map(Some);
        }
    }
    Ok(None)
}

async fn orgs(
    tx: &mut dyn Transaction,
    after: Option<&OrgName>,
    most: usize,
) -> Result<Vec<Org>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", org_columns!(), " FROM orgs o WHERE o.name > $1 ORDER BY o.name LIMIT $2");
    // No name is empty, so the empty one comes before all.
    let values = [after.map_or("", OrgName::as_str).into(), (most as i64).into()];
    tx.query(READ, &values).await?.iter_mut().map(org).collect()
}

async fn read_connection(
    tx: &mut dyn Transaction,
    org: &OrgName,
    slot: Slot,
) -> Result<Option<Connection>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", connection_columns!(), " FROM connections WHERE org = $1 AND slot = $2");
    let slot = choice(&slot)?;
    let rows = tx.query(READ, &[org.as_str().into(), (&slot).into()]).await?;
    rows.into_iter().next().map(|mut row| connection(&mut row)).transpose()
}

async fn put_connection(
    tx: &mut dyn Transaction,
    connection: &Connection,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    write_connection(tx, connection).await?;
    append_audit(tx, audit).await
}

/// Writes a connection on the revision before. Its entry of the audit trail is the caller's to add.
pub(crate) async fn write_connection(
    tx: &mut dyn Transaction,
    connection: &Connection,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO connections (",
        connection_columns!(),
        ", is_disabled, realm) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (org, slot) DO NOTHING"
    );
    const UPDATE: &Sql = sql!(
        "UPDATE connections SET id = $1, revision = $4, settings = $5, \
         metadata_certificates = $6, metadata_document = $7, is_disabled = $8, realm = $9 \
         WHERE org = $2 AND slot = $3 AND revision = $4 - 1"
    );
    let slot = choice(&connection.slot)?;
    let settings = document(&connection.settings)?;
    let certificates = certificate_list(&connection.metadata_certificates)?;
    let is_disabled = connection.settings.common().state == ConnectionState::Disabled;
    let values = [
        connection.id.to_bytes().into(),
        connection.org.as_str().into(),
        (&slot).into(),
        (connection.revision as i64).into(),
        (&settings).into(),
        (&certificates).into(),
        (&connection.metadata_document).into(),
        is_disabled.into(),
        connection.realm().into(),
    ];
    let sql = if connection.revision == 1 { INSERT } else { UPDATE };
    let written = tx
        .execute(sql, &values)
        .await
        .map_err(|failure| failure.if_foreign_key(Failure::not_found("org")))
        .map_err(|failure| failure.if_unique(Failure::conflict(SERVICE_URI_TAKEN)))?;
    if written == 0 {
        return Err(match find(tx, connection.org.as_str()).await? {
            Some(_) => Failure::conflict("connection_changed"),
            None => Failure::not_found("org"),
        });
    }
    if is_disabled {
        end_sessions_of(tx, &connection.org, connection.slot).await?;
    }
    Ok(())
}

/// Ends what was signed in through a connection.
async fn end_sessions_of(
    tx: &mut dyn Transaction,
    org: &OrgName,
    slot: Slot,
) -> Result<(), Failure> {
    const END: &Sql = sql!(
        "DELETE FROM sessions WHERE org = $1 AND connection IN \
         (SELECT id FROM connections WHERE org = $1 AND slot = $2)"
    );
    let slot = choice(&slot)?;
    tx.execute(END, &[org.as_str().into(), (&slot).into()]).await.map(drop)
}

async fn delete_connection(
    tx: &mut dyn Transaction,
    org: &OrgName,
    slot: Slot,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql = sql!("DELETE FROM connections WHERE org = $1 AND slot = $2");
    end_sessions_of(tx, org, slot).await?;
    let slot = choice(&slot)?;
    if tx.execute(DELETE, &[org.as_str().into(), (&slot).into()]).await? == 0 {
        return Err(Failure::not_found("connection"));
    }
    append_audit(tx, audit).await
}

/// What every change of certificates ends with: it raises the revision of the organization's
/// connections, so that no node goes on with keys that it parsed before.
pub(crate) async fn certificates_changed(
    tx: &mut dyn Transaction,
    org: &OrgName,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const RAISE: &Sql = sql!("UPDATE connections SET revision = revision + 1 WHERE org = $1");
    tx.execute(RAISE, &[org.as_str().into()]).await?;
    append_audit(tx, audit).await
}

async fn ping(tx: &mut dyn Transaction) -> Result<(), Failure> {
    const PING: &Sql = sql!("SELECT version FROM master_keys");
    tx.query(PING, &[]).await.map(drop)
}
