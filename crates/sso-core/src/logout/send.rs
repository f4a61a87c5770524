//! Our own logout messages on their way: each is signed as its binding demands (SAML Profiles 4.4.3.1,
//! 4.4.4.2), over redirect in the query, over POST and SOAP in the message, and never both.

use crate::bindings::redirect::RedirectError;
use crate::bindings::{Outbound, Parameter, RelayStateTooLong, post, redirect, soap};
use crate::connection::FrontChannelBinding;
use crate::dsig::{self, SigningError, SigningKey};
use crate::login::NameIdKey;
use crate::saml::logout::{LogoutRequest, LogoutResponse, MAX_AGE};
use crate::saml::name_id::NameId;
use time::OffsetDateTime;
use url::Url;

/// A logout request to send.
#[derive(Debug, Clone, Copy)]
pub struct LogoutRequestToSend<'a> {
    /// Its ID ([`saml_id`](crate::ids::saml_id)), which the answer must name.
    pub id: &'a str,
    /// Our entity ID, under which the person was signed in.
    pub issuer: &'a str,
    /// The NameID of the login, whole.
    pub name_id: &'a NameIdKey,
    /// Every name that the identity provider gave the session.
    pub session_indexes: &'a [String],
    /// Where it goes.
    pub address: &'a Url,
    /// The current instant in UTC.
    pub now: OffsetDateTime,
}

/// The answer to a logout request: the person is signed out here.
#[derive(Debug, Clone, Copy)]
pub struct LogoutResponseToSend<'a> {
    /// Its ID.
    pub id: &'a str,
    /// The ID of the request.
    pub request_id: &'a str,
    /// Our entity ID.
    pub issuer: &'a str,
    /// The current instant in UTC.
    pub now: OffsetDateTime,
}

/// Why a message cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The RelayState is too long.
    #[error(transparent)]
    RelayState(#[from] RelayStateTooLong),
    /// The message could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl LogoutRequestToSend<'_> {
    /// The request on its way through the browser. `relay_state` is at most 80 bytes.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn outbound(
        &self,
        binding: FrontChannelBinding,
        relay_state: &str,
        key: &SigningKey,
    ) -> Result<Outbound, SendError> {
        send(binding, Parameter::Request, self.address, &self.xml(), Some(relay_state), key)
    }

    /// The request in an envelope.
    ///
    /// # Errors
    /// [`SendError::Signing`].
    pub fn envelope(&self, key: &SigningKey) -> Result<String, SendError> {
        Ok(soap::envelope(&dsig::sign_message(&self.xml(), key)?))
    }

    fn xml(&self) -> String {
        let NameIdKey { format, name_qualifier, sp_name_qualifier, value, .. } = self.name_id;
        let request = LogoutRequest {
            id: self.id,
            issue_instant: self.now,
            destination: Some(self.address.as_str()),
            not_on_or_after: self.now.checked_add(MAX_AGE),
            issuer: self.issuer.to_owned(),
            name_id: Some(NameId {
                value: value.into(),
                format: format.as_deref(),
                name_qualifier: name_qualifier.as_deref(),
                sp_name_qualifier: sp_name_qualifier.as_deref(),
            }),
            session_indexes: self
                .session_indexes
                .iter()
                .map(|index| index.as_str().into())
                .collect(),
        };
        request.to_xml()
    }
}

impl LogoutResponseToSend<'_> {
    /// The answer on its way through the browser to `address`, with the RelayState that came.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn outbound(
        &self,
        binding: FrontChannelBinding,
        address: &Url,
        relay_state: Option<&str>,
        key: &SigningKey,
    ) -> Result<Outbound, SendError> {
        let xml = self.xml(Some(address));
        send(binding, Parameter::Response, address, &xml, relay_state, key)
    }

    /// The answer in an envelope, said on the connection of the request; unsigned where there is no key,
    /// since that connection tells whose it is (SAML Profiles 4.4.3.4).
    ///
    /// # Errors
    /// [`SendError::Signing`].
    pub fn envelope(&self, key: Option<&SigningKey>) -> Result<String, SendError> {
        let xml = self.xml(None);
        let message = match key {
            Some(key) => dsig::sign_message(&xml, key)?,
            None => xml,
        };
        Ok(soap::envelope(&message))
    }

    fn xml(&self, address: Option<&Url>) -> String {
        let response = LogoutResponse {
            id: self.id,
            issue_instant: self.now,
            destination: address.map(Url::as_str),
            in_response_to: Some(self.request_id),
            issuer: self.issuer.to_owned(),
            partial: false,
        };
        response.to_xml()
    }
}

fn send(
    binding: FrontChannelBinding,
    parameter: Parameter,
    address: &Url,
    message: &str,
    relay_state: Option<&str>,
    key: &SigningKey,
) -> Result<Outbound, SendError> {
    match binding {
        FrontChannelBinding::Redirect => {
            redirect::url(address, parameter, message, relay_state, Some(key)).map_err(|error| {
                match error {
                    RedirectError::RelayState(error) => SendError::RelayState(error),
                    RedirectError::Signing(error) => SendError::Signing(error),
                }
            })
        }
        FrontChannelBinding::Post => {
            let signed = dsig::sign_message(message, key)?;
            Ok(post::form(address, parameter, &signed, relay_state)?)
        }
    }
}
