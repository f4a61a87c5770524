//! A document, read where that holds up no request.

use crate::app::App;
use crate::http::body::{self, BodyError};
use crate::http::problem::Problem;
use crate::http::streamed;
use axum::body::Body;
use sso_core::certs::{self, CertificateError};
use sso_core::dsig::{TrustedKey, TrustedKeys};
use sso_core::metadata::{self, Extracted, ImportedIdp, IndexedEntity};
use sso_core::xml::{Limits, PartLimits};
use time::OffsetDateTime;

/// A document that was read.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// What it says.
    pub(crate) imported: ImportedIdp,
    /// The document itself; of an aggregate the one entity.
    pub(crate) text: String,
}

/// Why a document was not read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It did not come whole.
    Body(BodyError),
    /// It is refused.
    Refused(Problem),
}

/// Which entity of a document is meant, and who must have signed it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The name of the entity; `None`: the document has one. With a name the document may be an aggregate
    /// of any length, which is read as it comes.
    pub(crate) entity_id: Option<String>,
    /// The certificate whose key must have signed it, PEM.
    pub(crate) pin: Option<String>,
}

impl Document {
    /// Reads an identity provider out of a document that is being received.
    pub(crate) async fn receive(app: &App, body: Body, wanted: Wanted) -> Result<Self, Unread> {
        let now = app.now();
        let Wanted { entity_id, pin } = wanted;
        let pinned = pin.as_deref().map(trusted).transpose();
        let pinned = pinned.map_err(|error| Unread::Refused(error.into()))?;
        let Some(entity_id) = entity_id else {
            let bytes = body::read(body, Limits::METADATA.bytes).await.map_err(Unread::Body)?;
            return blocking(move || whole(&bytes, pinned.as_ref(), now))
                .await
                .map_err(Unread::Refused);
        };
        let extract = move |input| metadata::import_from(input, &entity_id, pinned.as_ref(), now);
        let extracted = streamed::read(body, PartLimits::AGGREGATE.bytes, extract).await;
        let extracted = extracted.map_err(Unread::Body)?;
        let Extracted { idp, document } =
            extracted.map_err(|error| Unread::Refused(error.into()))?;
        Ok(Self { imported: idp, text: document })
    }

    /// Reads a document again that was received before, and is kept. Its signature was verified then; of
    /// an aggregate it is not there any more.
    pub(crate) async fn kept(
        app: &App,
        text: String,
        entity_id: Option<String>,
    ) -> Result<Self, Problem> {
        let now = app.now();
        let read = move || {
            let imported = metadata::import(text.as_bytes(), entity_id.as_deref(), now)?;
            Ok(Self { imported, text })
        };
        blocking(read).await
    }
}

/// Lists the entities of a document that is being received, as it comes. Nothing of it is verified: what is
/// chosen is imported, and is verified then.
pub(crate) async fn receive_entities(body: Body) -> Result<Vec<IndexedEntity>, Unread> {
    let listed = streamed::read(body, PartLimits::AGGREGATE.bytes, metadata::index).await;
    listed.map_err(Unread::Body)?.map_err(|error| Unread::Refused(error.into()))
}

/// A certificate as an administrator pins it, as it is kept: PEM.
pub(crate) fn pinned(given: &str) -> Result<String, CertificateError> {
    let der = certs::read_certificate(given.as_bytes(), certs::SmallestRsa::Bits2048)?;
    let certificate = openssl::x509::X509::from_der(&der).and_then(|read| read.to_pem());
    let pem = certificate.map_err(|_| CertificateError::NotACertificate)?;
    String::from_utf8(pem).map_err(|_| CertificateError::NotACertificate)
}

fn trusted(pin: &str) -> Result<TrustedKeys, CertificateError> {
    let key = TrustedKey::from_certificate_pem(pin.as_bytes());
    let key = key.map_err(|_| CertificateError::NotACertificate)?;
    TrustedKeys::new(vec![key]).ok_or(CertificateError::NotACertificate)
}

fn whole(
    document: &[u8],
    pinned: Option<&TrustedKeys>,
    now: OffsetDateTime,
) -> Result<Document, Problem> {
    let imported = match pinned {
        Some(pinned) => metadata::import_signed(document, None, pinned, now)?,
        None => metadata::import(document, None, now)?,
    };
    Ok(Document { imported, text: String::from_utf8_lossy(document).into_owned() })
}

/// A large document takes a while.
async fn blocking(
    read: impl FnOnce() -> Result<Document, Problem> + Send + 'static,
) -> Result<Document, Problem> {
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(Problem::internal(&error)))
}
