//! The proxies in front of the service: whose word counts on the client's address and on what was
//! asked for, and who alone is told who is signed in.

use super::{Networks, StartError};
use std::net::IpAddr;

/// The networks of the proxies in front of the service. Empty by default: nobody is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Networks);

impl TrustedProxies {
    /// Reads the setting `trusted_proxies`.
    ///
    /// # Errors
    /// An entry that is neither an address nor a network.
    pub fn read(text: Option<&str>) -> Result<Self, StartError> {
        Networks::read("trusted_proxies", text).map(Self)
    }

    /// The client behind a connection: the peer itself, or, where that is a trusted proxy, the last
    /// address of `X-Forwarded-For` that is not one. Addresses further left are the client's claim.
    pub fn client(&self, peer: IpAddr, forwarded_for: &str) -> IpAddr {
        let mut client = peer;
        for hop in forwarded_for.rsplit(',') {
            if !self.contains(client) {
                break;
            }
            match hop.trim().parse() {
                Ok(address) => client = address,
                Err(_) => break,
            }
        }
        client
    }

    /// Whether nobody is believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a network of them is every address there is.
    pub fn is_everybody(&self) -> bool {
        self.0.is_everybody()
    }

    /// Whether an address is a proxy's.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_a_proxy_is_believed() {
        let proxies = TrustedProxies::read(Some("10.0.0.0/8, ::1")).expect("valid");
        let claim = "6.6.6.6, 192.0.2.7, 10.0.0.2";
        assert_eq!(proxies.client(address("10.0.0.1"), claim), address("192.0.2.7"));
        assert_eq!(proxies.client(address("::ffff:10.0.0.1"), claim), address("192.0.2.7"));
        assert_eq!(proxies.client(address("192.0.2.9"), claim), address("192.0.2.9"));
        assert_eq!(proxies.client(address("::1"), "nonsense"), address("::1"));
        assert_eq!(
            TrustedProxies::default().client(address("10.0.0.1"), claim),
            address("10.0.0.1")
        );
    }

    #[test]
    fn an_entry_that_is_no_network_is_named() {
        let sentence = TrustedProxies::read(Some("10.0.0.0/8,nginx")).expect_err("refused");
        assert_eq!(
            sentence.to_string(),
            "trusted_proxies (SSO_TRUSTED_PROXIES): \"nginx\" is neither an address nor a network such as 10.0.0.0/8"
        );
    }
}
