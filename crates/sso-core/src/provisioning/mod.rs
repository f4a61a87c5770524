//! Accounts from verified assertions: what an assertion says, what is stored, what becomes of it
//! (SPEC 9). Everything here is pure; the store carries the decisions out.

mod account;
mod keys;
mod mapping;
mod notes;
mod plan;
mod profile;

pub use account::{Account, AccountSource, AccountStatus, NameIdKey, Role};
pub use keys::{AccountKeys, UniqueValues};
pub use mapping::{AttributeMap, Fields, Preset};
pub use notes::{Event, EventKind, Note};
pub use plan::{AccountChange, Candidates, PlanParts, SignInPlan};
pub use profile::{Profile, ProfileField, ProfileValue};
