//! What directories asked.

use super::MemoryStore;
use super::audit::newest;
use crate::ids::ScimRequestId;
use crate::org::OrgName;
use crate::store::{
    Listed, MOST_SCIM_REQUESTS, Page, ScimRequest, ScimRequestFilter, ScimRequestStore, StoreError,
};

impl ScimRequestStore for MemoryStore {
    async fn put_scim_request(&self, request: ScimRequest) -> Result<(), StoreError> {
        let mut state = self.state();
        state.require_org(&request.org)?;
        let org = request.org.clone();
        state.scim_requests.insert((org.clone(), request.id), request);
        let mut kept = state.scim_requests.keys().filter(|(of, _)| *of == org);
        if kept.clone().count() as u64 > MOST_SCIM_REQUESTS
            && let Some(oldest) = kept.next().cloned()
        {
            state.scim_requests.remove(&oldest);
        }
        Ok(())
    }

    async fn scim_request(
        &self,
        org: &OrgName,
        id: ScimRequestId,
    ) -> Result<Option<ScimRequest>, StoreError> {
        Ok(self.state().scim_requests.get(&(org.clone(), id)).cloned())
    }

    async fn scim_requests(
        &self,
        org: &OrgName,
        filter: &ScimRequestFilter,
        page: &Page,
    ) -> Result<Listed<ScimRequest>, StoreError> {
        let (before, least) = (page.after()?, ScimRequestId::from_bytes([0; 16]));
        let wanted = |request: &ScimRequest| filter.matches(request);
        let rows = newest(&self.state().scim_requests, org, least, before, page.fetch(), wanted);
        Ok(page.listed(rows, |request| request.id))
    }
}
