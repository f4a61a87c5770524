//! Networks as a setting names them.

use super::StartError;
use ipnet::IpNet;
use std::net::IpAddr;

/// A set of networks. Empty by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads a setting: addresses and networks, separated by commas.
    ///
    /// # Errors
    /// An entry that is neither, under the setting's name.
    pub fn read(setting: &'static str, text: Option<&str>) -> Result<Self, StartError> {
        text.unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| {
                entry
                    .parse::<IpNet>()
                    .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| {
                        StartError::setting(
                            setting,
                            format!(
                                "{entry:?} is neither an address nor a network such as 10.0.0.0/8"
                            ),
                        )
                    })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is every address there is.
    pub fn is_everybody(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Whether an address is of one of them. An IPv4 address inside IPv6 is that IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}
