//! Logout messages as an identity provider writes them. What is wrong with one is put into the text before
//! it is signed.

use sso_core::bindings::{Outbound, Parameter, redirect};
use sso_core::dsig::SigningKey;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

/// From whom a logout message is, to which address, and when.
#[derive(Debug, Clone, Copy)]
pub struct LogoutMessage<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The `Destination`.
    pub destination: &'a str,
    /// Its ID.
    pub id: &'a str,
    /// When it is made.
    pub now: OffsetDateTime,
}

impl LogoutMessage<'_> {
    /// A request, unsigned. `subject`: the NameID and the indexes of the sessions, as XML with the prefixes
    /// `saml` and `samlp`.
    pub fn request(&self, subject: &str) -> String {
        self.message("LogoutRequest", "", subject)
    }

    /// An answer to a request, unsigned, with this status code.
    pub fn response(&self, request_id: &str, status: &str) -> String {
        let answers = format!(" InResponseTo=\"{request_id}\"");
        let status = format!(
            "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{status}\"/>\
             </samlp:Status>"
        );
        self.message("LogoutResponse", &answers, &status)
    }

    fn message(&self, name: &str, attributes: &str, content: &str) -> String {
        let Self { issuer, destination, id, now } = self;
        let now = now.replace_nanosecond(0).expect("zero").format(&Rfc3339).expect("an instant");
        format!(
            "<samlp:{name} xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{now}\" Destination=\"{destination}\"{attributes}>\
             <saml:Issuer>{issuer}</saml:Issuer>{content}</samlp:{name}>"
        )
    }
}

/// The query that brings a message, signed where a key is given.
pub fn logout_query(
    parameter: Parameter,
    message: &str,
    relay_state: Option<&str>,
    key: Option<&SigningKey>,
) -> String {
    let to = Url::parse("https://sp.test/slo").expect("a URL");
    match redirect::url(&to, parameter, message, relay_state, key) {
        Ok(Outbound::Redirect(url)) => url.query().expect("a query").to_owned(),
        other => panic!("{other:?}"),
    }
}
