//! Everything that expires, of all organizations, by the identifiers of its rows. When it expires stands in
//! the certificates, so each is read; a part at a time, since there can be many.

use crate::AnyStore;
use crate::engine::{Failure, Fields, Sql, Transaction, sql};
use crate::rows::{
    api_token, api_token_columns, certificate_columns, connection, connection_columns,
    idp_certificate, service_certificate, service_certificate_columns,
};
use sso_core::ids::{ApiTokenId, CertificateId, ConnectionId};
use sso_core::store::{Expiring, ExpirySource, ExpiryStore, Listed, Page, StoreError};

const SERVICE_CERTIFICATES: &Sql = sql!(
    "SELECT id, org, ",
    service_certificate_columns!(),
    " FROM service_certificates WHERE id > $1 AND state <> 'retired' ORDER BY id LIMIT $2"
);
const IDP_CERTIFICATES: &Sql = sql!(
    "SELECT id, org, ",
    certificate_columns!(),
    " FROM idp_certificates WHERE id > $1 ORDER BY id LIMIT $2"
);
const METADATA_CERTIFICATES: &Sql = sql!(
    "SELECT id, org, ",
    connection_columns!(),
    " FROM connections WHERE id > $1 AND slot <> 'draft' ORDER BY id LIMIT $2"
);
const API_TOKENS: &Sql = sql!(
    "SELECT id, org, ",
    api_token_columns!(),
    " FROM api_tokens WHERE id > $1 ORDER BY id LIMIT $2"
);

impl ExpiryStore for AnyStore {
    async fn expiring(
        &self,
        source: ExpirySource,
        page: &Page,
    ) -> Result<Listed<Expiring>, StoreError> {
        // No identifier is all zeros, so that one comes before all.
        const FIRST: [u8; 16] = [0; 16];
        let after = match source {
            ExpirySource::ServiceCertificates | ExpirySource::IdpCertificates => {
                page.after()?.map_or(FIRST, CertificateId::to_bytes)
            }
            ExpirySource::MetadataCertificates => {
                page.after()?.map_or(FIRST, ConnectionId::to_bytes)
            }
            ExpirySource::ApiTokens => page.after()?.map_or(FIRST, ApiTokenId::to_bytes),
        };
        let input = (source, after, page.fetch());
        let rows = self
            .engine
            .read(input, |tx, (source, after, most)| Box::pin(rows(tx, *source, *after, *most)))
            .await?;
        let Listed { items, next } = page.listed(rows, |(id, _)| cursor(source, *id));
        Ok(Listed { items: items.into_iter().flat_map(|(_, expiring)| expiring).collect(), next })
    }
}

fn cursor(source: ExpirySource, id: [u8; 16]) -> String {
    match source {
        ExpirySource::ServiceCertificates | ExpirySource::IdpCertificates => {
            CertificateId::from_bytes(id).to_string()
        }
        ExpirySource::MetadataCertificates => ConnectionId::from_bytes(id).to_string(),
        ExpirySource::ApiTokens => ApiTokenId::from_bytes(id).to_string(),
    }
}

/// What expires of each row, with the row's identifier.
async fn rows(
    tx: &mut dyn Transaction,
    source: ExpirySource,
    after: [u8; 16],
    most: usize,
) -> Result<Vec<([u8; 16], Vec<Expiring>)>, Failure> {
    let (sql, read): (_, fn(&mut Fields) -> Result<_, Failure>) = match source {
        ExpirySource::ServiceCertificates => (SERVICE_CERTIFICATES, of_service_certificate),
        ExpirySource::IdpCertificates => (IDP_CERTIFICATES, of_idp_certificate),
        ExpirySource::MetadataCertificates => (METADATA_CERTIFICATES, of_connection),
        ExpirySource::ApiTokens => (API_TOKENS, of_token),
    };
    let mut found = tx.query(sql, &[after.into(), (most as i64).into()]).await?;
    found.iter_mut().map(|row| Ok((row.array()?, read(row)?))).collect()
}

fn of_service_certificate(row: &mut Fields) -> Result<Vec<Expiring>, Failure> {
    let (org, certificate) = (row.parsed()?, service_certificate(row)?);
    Ok(Vec::from_iter(Expiring::service_certificate(org, &certificate)))
}

fn of_idp_certificate(row: &mut Fields) -> Result<Vec<Expiring>, Failure> {
    let (org, found) = (row.parsed()?, idp_certificate(row)?);
    Ok(Vec::from_iter(Expiring::idp_certificate(org, Some(&found.alias), &found.der)))
}

fn of_connection(row: &mut Fields) -> Result<Vec<Expiring>, Failure> {
    let (_, found) = (row.text()?, connection(row)?);
    let ders = found.metadata_certificates.iter();
    Ok(ders.filter_map(|der| Expiring::idp_certificate(found.org.clone(), None, der)).collect())
}

fn of_token(row: &mut Fields) -> Result<Vec<Expiring>, Failure> {
    let (_, token) = (row.text()?, api_token(row)?);
    Ok(vec![Expiring::api_token(&token)])
}
