//! Applications.

use super::MemoryStore;
use crate::application::Application;
use crate::ids::ApplicationId;
use crate::store::{ApplicationStore, AuditEntry, Listed, Page, StoreError};
use std::ops::Bound;

impl ApplicationStore for MemoryStore {
    async fn add_application(
        &self,
        mut application: Application,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.applications.contains_key(&application.id) {
            return Err(StoreError::Conflict("application_exists"));
        }
        application.revision = 1;
        state.applications.insert(application.id, application);
        state.append_audit(audit);
        Ok(())
    }

    async fn application(&self, id: ApplicationId) -> Result<Option<Application>, StoreError> {
        Ok(self.state().applications.get(&id).cloned())
    }

    async fn applications(&self, page: &Page) -> Result<Listed<Application>, StoreError> {
        let start = match page.after::<ApplicationId>()? {
            Some(id) => Bound::Excluded(id),
            None => Bound::Unbounded,
        };
        let state = self.state();
        let rows = state.applications.range((start, Bound::Unbounded));
        let rows = rows.take(page.fetch()).map(|(_, row)| row.clone()).collect();
        Ok(page.listed(rows, |application: &Application| application.id))
    }

    async fn applications_at(&self, origin: &str) -> Result<Vec<Application>, StoreError> {
        let state = self.state();
        let is_there = |application: &&Application| {
            application.settings.origins().iter().any(|known| known == origin)
        };
        Ok(state.applications.values().filter(is_there).cloned().collect())
    }

    async fn update_application(
        &self,
        mut application: Application,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let stored = state.applications.get(&application.id);
        let stored = stored.ok_or(StoreError::NotFound("application"))?;
        if stored.revision != application.revision {
            return Err(StoreError::Conflict("application_changed"));
        }
        application.revision += 1;
        application.created_at = stored.created_at;
        state.applications.insert(application.id, application);
        state.append_audit(audit);
        Ok(())
    }

    async fn delete_application(
        &self,
        id: ApplicationId,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.applications.remove(&id).ok_or(StoreError::NotFound("application"))?;
        state.append_audit(audit);
        Ok(())
    }
}
