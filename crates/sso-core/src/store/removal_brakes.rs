//! Storage of what holds a directory back that removes too much (SPEC 11.1).

use super::{AuditEntry, StoreError};
use crate::org::OrgName;
use crate::provisioning::{BrakeAct, RemovalBrake, RemovalsHeld};
use std::future::Future;
use time::OffsetDateTime;

/// Storage of the brakes of organizations. One that nobody touched yet is the default.
pub trait RemovalBrakeStore: Send + Sync {
    /// Reads the brake of an organization.
    fn removal_brake(
        &self,
        org: &OrgName,
    ) -> impl Future<Output = Result<RemovalBrake, StoreError>> + Send;

    /// Does something to the brake of an organization by [`RemovalBrake::after`], one act after the other on
    /// all nodes together: the brake as it is then, and whether it may be done. What is held is remembered.
    /// NotFound `org`.
    fn brake(
        &self,
        org: &OrgName,
        act: BrakeAct,
        now: OffsetDateTime,
        audit: Option<AuditEntry>,
    ) -> impl Future<Output = Result<(RemovalBrake, Result<(), RemovalsHeld>), StoreError>> + Send;

    /// The organizations whose removals are held, and since when, at most `most`.
    fn held_brakes(
        &self,
        most: u16,
    ) -> impl Future<Output = Result<Vec<(OrgName, OffsetDateTime)>, StoreError>> + Send;
}
