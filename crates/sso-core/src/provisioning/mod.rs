//! Accounts: from verified assertions, what an assertion says, what is stored, what becomes of it
//! (SPEC 9); and by the hand of an administrator (SPEC 10); by the organization's directory (SPEC 11.1). Everything here is pure; the store carries
//! the decisions out.
//!
//! ```text
//! VerifiedLogin -> identity -> mapped (mapping, presets) -> keys -> [store: Candidates]
//!                                        \-> plan: matching -> create or update -> SignInPlan
//! AccountEdit   -> by_hand: create, edit, deactivate, reactivate -> Revised
//! DirectoryAccount -> by_directory: create, change, remove -> Revised
//! ```

mod account;
pub mod by_directory;
pub mod by_hand;
mod country;
mod create;
mod decide;
mod directory;
mod email;
mod group;
mod identity;
mod keys;
mod mapped;
mod matching;
mod notes;
mod own_value;
mod plan;
mod preview;
mod removal_brake;
mod required;
mod stamp;
#[cfg(test)]
mod test_support;
mod unique;
mod update;
mod value;
#[cfg(feature = "openapi")]
mod value_schema;

pub use crate::login::NameIdKey;
pub use crate::profile::{Profile, ProfileField, ProfileValue};
pub use account::{Account, AccountSource, AccountStatus, AdminRole, Role};
pub use directory::{DirectoryAccount, DirectoryDocument, UidSaid};
pub use email::VerifiedEmail;
pub use group::{Group, GroupEdit, GroupKind, MemberChange, edit_group, new_group};
pub use keys::{AccountKeys, account_keys};
pub use notes::{Event, EventKind, Note};
pub use plan::{AccountChange, Candidates, PlanParts, SignInPlan, plan};
pub use preview::{Mapped, Preview, Statement};
pub use removal_brake::{BrakeAct, BrakeSettings, LONGEST_LIFT, RemovalBrake, RemovalsHeld};
pub use stamp::read_stamp;
pub use unique::{OwnValue, UniqueValues};
