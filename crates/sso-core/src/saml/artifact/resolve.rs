//! `ArtifactResolve`: asking for the message that an artifact stands for (SAML Core 3.5.1).

use super::super::head::begin;
use ::time::OffsetDateTime;

/// A request for a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArtifactResolve<'a> {
    /// Its ID, which the answer names.
    pub(crate) id: &'a str,
    /// When it was made, in UTC.
    pub(crate) issue_instant: OffsetDateTime,
    /// Where it goes.
    pub(crate) destination: &'a str,
    /// Who asks.
    pub(crate) issuer: &'a str,
    /// The artifact, in base64.
    pub(crate) artifact: &'a str,
}

impl ArtifactResolve<'_> {
    /// The message, unsigned, without an XML declaration. The elements stand in schema order.
    pub(crate) fn to_xml(self) -> String {
        let others = [("Destination", Some(self.destination))];
        let name = "samlp:ArtifactResolve";
        let mut writer = begin(name, self.id, self.issue_instant, &others, self.issuer);
        writer.leaf("samlp:Artifact", &[], self.artifact);
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::time::macros::datetime;

    #[test]
    fn a_request_names_the_artifact_and_who_asks() {
        let request = ArtifactResolve {
            id: "_1",
            issue_instant: datetime!(2030-01-15 12:00 UTC),
            destination: "https://idp.example/ars?a=1&b=2",
            issuer: "https://sp.example",
            artifact: "AAQ=",
        };
        assert_eq!(
            request.to_xml(),
            "<samlp:ArtifactResolve xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" Version=\"2.0\" \
             IssueInstant=\"2030-01-15T12:00:00Z\" \
             Destination=\"https://idp.example/ars?a=1&amp;b=2\">\
             <saml:Issuer>https://sp.example</saml:Issuer>\
             <samlp:Artifact>AAQ=</samlp:Artifact></samlp:ArtifactResolve>"
        );
    }
}
