//! Attribute schemas, and what becomes of the values of accounts where one changes.

use super::MemoryStore;
use crate::org::OrgName;
use crate::profile::{AttributeSchema, ProfileField};
use crate::provisioning::{Account, OwnValue};
use crate::store::{AttributeSchemaStore, AuditEntry, StoreError};
use std::collections::HashSet;

impl AttributeSchemaStore for MemoryStore {
    async fn put_attribute_schema(
        &self,
        org: &OrgName,
        revision: u64,
        schema: AttributeSchema,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let stored = state.orgs.get(org).ok_or(StoreError::NotFound("org"))?;
        if stored.revision != revision {
            return Err(StoreError::Conflict("org_changed"));
        }
        let before = stored.attribute_schema.clone();
        require_unique(&before, &schema, state.accounts_of(org))?;

        let removed = before.removed_in(&schema);
        let ids: Vec<_> = state.accounts_of(org).map(|account| account.id).collect();
        for id in ids {
            let Some(account) = state.accounts.get_mut(&(org.clone(), id)) else { continue };
            let had = account.profile.clone();
            for field in &removed {
                account.profile.clear(ProfileField::Own(*field));
            }
            if account.profile != had {
                account.revision += 1;
                account.updated_at = audit.timestamp;
            }
        }
        if let Some(stored) = state.orgs.get_mut(org) {
            stored.attribute_schema = schema;
            stored.revision += 1;
        }
        state.append_audit(audit);
        Ok(())
    }
}

/// Holds the values of attributes that become unique to being so.
fn require_unique<'a>(
    before: &AttributeSchema,
    after: &AttributeSchema,
    accounts: impl Iterator<Item = &'a Account>,
) -> Result<(), StoreError> {
    let longest = usize::from(AttributeSchema::LONGEST_UNIQUE);
    let new = before.unique_from(after);
    let mut seen = HashSet::new();
    for account in accounts {
        for own in OwnValue::of(&account.profile, after) {
            let field = own.field;
            let is_long = own.value.chars().count() > longest;
            if new.contains(&field) && (is_long || !seen.insert(own)) {
                return Err(StoreError::AttributeTaken(field));
            }
        }
    }
    Ok(())
}
