//! Accounts that administrators make and change (SPEC 10), held to the rules that hold for accounts
//! from assertions, each decided by a pure function. What needs the other accounts of the
//! organization is the store's to hold, in the transaction that writes: unique values and
//! `max_active_users`.

mod change;
mod create;
mod edit;
mod rights;
mod status;

pub(super) use change::require_own_email;
pub use change::{AccountEdit, ForgetNameId, Revised};
pub use create::create;
pub use edit::edit;
pub use rights::{may_create, may_edit, may_sign_out};
pub(super) use status::is_primary_admin;
pub use status::{PrimaryAdmin, deactivate, reactivate, sessions_ended};

#[cfg(test)]
mod tests;
