//! The operator, who runs the service (SPEC 1).

use crate::config::AdminToken;

/// The operator, as this process knows them.
pub(crate) struct Operator {
    /// What the audit trail calls them.
    pub(crate) name: &'static str,
    /// What proves that a request is theirs.
    pub(crate) token: AdminToken,
}

impl Operator {
    /// The name of whoever sends the operator's token to a running service.
    pub(crate) const OVER_HTTP: &str = "operator";
    /// The name of whoever works on the installation itself, with its database and its master key.
    pub(crate) const COMMAND_LINE: &str = "command-line";
}
