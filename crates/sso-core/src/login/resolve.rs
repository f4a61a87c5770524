//! Asking an identity provider for the message that an artifact stands for (SAML Bindings 3.6; SPEC 5.5).

use crate::bindings::{Artifact, soap};
use crate::dsig::{self, SigningError, SigningKey};
use crate::saml::artifact::ArtifactResolve;
use time::OffsetDateTime;
use url::Url;

/// A request for a message, to send.
#[derive(Debug, Clone, Copy)]
pub struct ArtifactToResolve<'a> {
    /// Its ID ([`saml_id`](crate::ids::saml_id)), which the answer must name.
    pub id: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    /// The artifact.
    pub artifact: &'a Artifact,
    /// Where it goes.
    pub address: &'a Url,
    /// The current instant in UTC.
    pub now: OffsetDateTime,
}

impl ArtifactToResolve<'_> {
    /// The request in an envelope, signed: whoever holds an artifact and could ask for its message would
    /// have it (SAML Profiles 5.3.1).
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn envelope(&self, key: &SigningKey) -> Result<String, SigningError> {
        let request = ArtifactResolve {
            id: self.id,
            issue_instant: self.now,
            destination: self.address.as_str(),
            issuer: self.issuer,
            artifact: &self.artifact.to_string(),
        };
        Ok(soap::envelope(&dsig::sign_message(&request.to_xml(), key)?))
    }
}
