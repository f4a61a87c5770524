//! By what the store looks up the accounts that a login could mean (SPEC 9).

use super::NameIdKey;
use crate::connection::AccountKey;

/// By what accounts are looked up for a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountKeys {
    /// What identifies an account of this connection.
    pub key: AccountKey,
    /// The login's NameID.
    pub name_id: NameIdKey,
    /// The login's `uid`, if it has one. Compared without regard to ASCII case.
    pub uid: Option<String>,
    /// The login's `ssoid`, if it has one. Compared exactly.
    pub ssoid: Option<String>,
    /// The login's e-mail address, if it has one. Compared without regard to ASCII case.
    pub email: Option<String>,
    /// The groups that the login names. Compared exactly with the `sso_id` of the organization's.
    pub group_ids: Vec<String>,
}
