//! Asking an identity provider from server to server (SAML Bindings 3.2). How bytes get there is for the
//! caller to say: this crate asks nobody.

use std::future::Future;
use url::Url;

/// A way to other people's servers.
pub trait BackChannel: Sync {
    /// Posts a SOAP envelope to an address and gives the body of the answer, whatever its status: a fault
    /// comes with one that says failure. The error is a sentence for an administrator.
    ///
    /// The address is one that an administrator set: whoever implements this holds it to the addresses that
    /// the service may ask, and the answer to a bound in bytes and time.
    fn post(
        &self,
        to: &Url,
        envelope: String,
    ) -> impl Future<Output = Result<Vec<u8>, String>> + Send;
}

/// No way: whatever is to be asked, is not.
#[derive(Debug, Clone, Copy)]
pub struct NoBackChannel;

impl BackChannel for NoBackChannel {
    async fn post(&self, _: &Url, _: String) -> Result<Vec<u8>, String> {
        Err("This application asks no other servers.".to_owned())
    }
}
