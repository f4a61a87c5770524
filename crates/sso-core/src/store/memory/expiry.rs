//! Everything that expires, read where it stands.

use super::{MemoryStore, State};
use crate::connection::Slot;
use crate::ids::{ApiTokenId, CertificateId, ConnectionId};
use crate::store::{
    CertificateState, Expiring, ExpirySource, ExpiryStore, Listed, Page, StoreError,
};
use std::str::FromStr;

impl ExpiryStore for MemoryStore {
    async fn expiring(
        &self,
        source: ExpirySource,
        page: &Page,
    ) -> Result<Listed<Expiring>, StoreError> {
        let state = self.state();
        match source {
            ExpirySource::ServiceCertificates => part(page, service_certificates(&state)),
            ExpirySource::IdpCertificates => part(page, idp_certificates(&state)),
            ExpirySource::MetadataCertificates => part(page, metadata_certificates(&state)),
            ExpirySource::ApiTokens => part(page, api_tokens(&state)),
        }
    }
}

/// The rows behind a page's beginning, in the order of their keys, and what of them expires.
fn part<K: Ord + Copy + FromStr + std::fmt::Display>(
    page: &Page,
    mut rows: Vec<(K, Vec<Expiring>)>,
) -> Result<Listed<Expiring>, StoreError> {
    let after = page.after::<K>()?;
    rows.retain(|(key, _)| after.is_none_or(|after| *key > after));
    rows.sort_by_key(|(key, _)| *key);
    rows.truncate(page.fetch());
    let Listed { items, next } = page.listed(rows, |(key, _)| *key);
    Ok(Listed { items: items.into_iter().flat_map(|(_, expiring)| expiring).collect(), next })
}

fn service_certificates(state: &State) -> Vec<(CertificateId, Vec<Expiring>)> {
    let kept = state.certificates.iter();
    kept.filter(|(_, key)| key.certificate.state != CertificateState::Retired)
        .map(|((org, id), key)| {
            (
                *id,
                Expiring::service_certificate(org.clone(), &key.certificate).into_iter().collect(),
            )
        })
        .collect()
}

fn idp_certificates(state: &State) -> Vec<(CertificateId, Vec<Expiring>)> {
    let kept = state.idp_certificates.iter();
    kept.flat_map(|(org, certificates)| certificates.iter().map(move |found| (org, found)))
        .map(|(org, found)| {
            let expiring = Expiring::idp_certificate(org.clone(), Some(&found.alias), &found.der);
            (found.id, expiring.into_iter().collect())
        })
        .collect()
}

fn metadata_certificates(state: &State) -> Vec<(ConnectionId, Vec<Expiring>)> {
    let connections = state.connections.values().filter(|found| found.slot != Slot::Draft);
    connections
        .map(|found| {
            let ders = found.metadata_certificates.iter();
            let expiring =
                ders.filter_map(|der| Expiring::idp_certificate(found.org.clone(), None, der));
            (found.id, expiring.collect())
        })
        .collect()
}

fn api_tokens(state: &State) -> Vec<(ApiTokenId, Vec<Expiring>)> {
    let tokens = state.api_tokens.values();
    tokens.map(|token| (token.id, vec![Expiring::api_token(token)])).collect()
}
