//! Applications (SPEC 6, `apps`).

use crate::AnyStore;
use crate::audit::append_audit;
use crate::engine::{Failure, Fields, Sql, Transaction, sql};
use crate::rows::document;
use sso_core::application::Application;
use sso_core::ids::ApplicationId;
use sso_core::store::{ApplicationStore, AuditEntry, Listed, Page, StoreError};

/// The columns that make an application, of the table `applications` by its name `a`.
macro_rules! columns {
    () => {
        "a.id, a.revision, a.created_at, a.settings"
    };
}

fn application(row: &mut Fields) -> Result<Application, Failure> {
    Ok(Application {
        id: ApplicationId::from_bytes(row.array()?),
        revision: row.count()?,
        created_at: row.instant()?,
        settings: row.document()?,
    })
}

impl ApplicationStore for AnyStore {
    async fn add_application(
        &self,
        application: Application,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (application, audit);
        Ok(self.engine.write(input, |tx, (new, audit)| Box::pin(add(tx, new, audit))).await?)
    }

    async fn application(&self, id: ApplicationId) -> Result<Option<Application>, StoreError> {
        Ok(self.engine.read(id, |tx, id| Box::pin(read(tx, *id))).await?)
    }

    async fn applications(&self, page: &Page) -> Result<Listed<Application>, StoreError> {
        // No identifier is all zeros, so that one comes before all.
        let after = page.after()?.map_or([0; 16], ApplicationId::to_bytes);
        let input = (after, page.fetch());
        let rows = self.engine.read(input, |tx, input| Box::pin(list(tx, input))).await?;
        Ok(page.listed(rows, |application| application.id))
    }

    async fn applications_at(&self, origin: &str) -> Result<Vec<Application>, StoreError> {
        let origin = origin.to_owned();
        Ok(self.engine.read(origin, |tx, origin| Box::pin(at(tx, origin))).await?)
    }

    async fn update_application(
        &self,
        application: Application,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (application, audit);
        Ok(self.engine.write(input, |tx, (now, audit)| Box::pin(update(tx, now, audit))).await?)
    }

    async fn delete_application(
        &self,
        id: ApplicationId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let input = (id, audit);
        Ok(self.engine.write(input, |tx, (id, audit)| Box::pin(delete(tx, *id, audit))).await?)
    }
}

async fn add(
    tx: &mut dyn Transaction,
    application: &Application,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO applications (id, revision, created_at, settings) VALUES ($1, 1, $2, $3) \
         ON CONFLICT DO NOTHING"
    );
    let settings = document(&application.settings)?;
    let values =
        [application.id.to_bytes().into(), application.created_at.into(), (&settings).into()];
    if tx.execute(INSERT, &values).await? == 0 {
        return Err(Failure::conflict("application_exists"));
    }
    insert_origins(tx, application).await?;
    append_audit(tx, audit).await
}

async fn insert_origins(
    tx: &mut dyn Transaction,
    application: &Application,
) -> Result<(), Failure> {
    const INSERT: &Sql =
        sql!("INSERT INTO application_origins (origin, application) VALUES ($1, $2)");
    for origin in application.settings.origins() {
        tx.execute(INSERT, &[(&origin).into(), application.id.to_bytes().into()]).await?;
    }
    Ok(())
}

async fn read(tx: &mut dyn Transaction, id: ApplicationId) -> Result<Option<Application>, Failure> {
    const READ: &Sql = sql!("SELECT ", columns!(), " FROM applications a WHERE a.id = $1");
    let rows = tx.query(READ, &[id.to_bytes().into()]).await?;
    rows.into_iter().next().map(|mut row| application(&mut row)).transpose()
}

async fn list(
    tx: &mut dyn Transaction,
    (after, most): &([u8; 16], usize),
) -> Result<Vec<Application>, Failure> {
    const READ: &Sql =
        sql!("SELECT ", columns!(), " FROM applications a WHERE a.id > $1 ORDER BY a.id LIMIT $2");
    let values = [(*after).into(), (*most as i64).into()];
    tx.query(READ, &values).await?.iter_mut().map(application).collect()
}

async fn at(tx: &mut dyn Transaction, origin: &str) -> Result<Vec<Application>, Failure> {
    const READ: &Sql = sql!(
        "SELECT ",
        columns!(),
        " FROM application_origins o JOIN applications a ON a.id = o.application \
         WHERE o.origin = $1 ORDER BY a.id"
    );
    tx.query(READ, &[origin.into()]).await?.iter_mut().map(application).collect()
}

async fn update(
    tx: &mut dyn Transaction,
    now: &Application,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const UPDATE: &Sql = sql!(
        "UPDATE applications SET settings = $2, revision = revision + 1 \
         WHERE id = $1 AND revision = $3"
    );
    const CLEAR: &Sql = sql!("DELETE FROM application_origins WHERE application = $1");
    let settings = document(&now.settings)?;
    let id = now.id.to_bytes();
    let values = [id.into(), (&settings).into(), (now.revision as i64).into()];
    if tx.execute(UPDATE, &values).await? == 0 {
        return Err(match read(tx, now.id).await? {
            Some(_) => Failure::conflict("application_changed"),
            None => Failure::not_found("application"),
        });
    }
    tx.execute(CLEAR, &[id.into()]).await?;
    insert_origins(tx, now).await?;
    append_audit(tx, audit).await
}

async fn delete(
    tx: &mut dyn Transaction,
    id: ApplicationId,
    audit: &AuditEntry,
) -> Result<(), Failure> {
    const DELETE: &Sql = sql!("DELETE FROM applications WHERE id = $1");
    if tx.execute(DELETE, &[id.to_bytes().into()]).await? == 0 {
        return Err(Failure::not_found("application"));
    }
    append_audit(tx, audit).await
}
