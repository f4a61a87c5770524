//! The machine: who can read the secret files, whether the disk is full, whether the clock is right.

use super::{Finding, Severity};
use std::path::PathBuf;
use time::{Duration, OffsetDateTime};

/// A file or folder that is the service's alone.
pub(crate) struct Private {
    pub(crate) path: PathBuf,
    /// The permissions, as `chmod` has them.
    pub(crate) mode: u32,
}

/// What others may do with what is the service's alone.
pub(crate) fn check_private(private: &Private) -> Option<Finding> {
    let Private { path, mode } = private;
    let (severity, who) = match mode {
        mode if mode & 0o007 != 0 => (Severity::Error, "everybody on this machine"),
        mode if mode & 0o070 != 0 => (Severity::Warning, "its group"),
        _ => return None,
    };
    let path = path.display();
    Some(Finding::new(
        severity,
        "readable_by_others",
        format!("{path} is open to {who} (mode {:04o}).", mode & 0o7777),
        format!("chmod go= {path}"),
    ))
}

/// Room on a disk, in bytes.
pub(crate) struct Room {
    pub(crate) path: PathBuf,
    pub(crate) free: u64,
}

const MIB: u64 = 1 << 20;

/// Whether the database has room to grow.
pub(crate) fn check_room(room: &Room) -> Option<Finding> {
    let severity = match room.free {
        free if free < 100 * MIB => Severity::Error,
        free if free < 1024 * MIB => Severity::Warning,
        _ => return None,
    };
    Some(Finding::new(
        severity,
        "disk_full",
        format!(
            "{} has {} MiB left: nobody signs in when nothing can be written.",
            room.path.display(),
            room.free / MIB
        ),
        "Make room, or keep login traces for fewer days (SSO_TRACE_DAYS).",
    ))
}

/// How far a clock may be behind what another node wrote.
const TOLERANCE: Duration = Duration::minutes(2);

/// Whether the clock is behind the newest of what was stored.
pub(crate) fn check_clock(now: OffsetDateTime, newest: Option<OffsetDateTime>) -> Option<Finding> {
    let newest = newest.filter(|newest| *newest > now + TOLERANCE)?;
    Some(
        Finding::new(
            Severity::Error,
            "clock_behind",
            format!(
                "The clock of this machine is {} minutes behind what was stored last: assertions \
                 are refused as not yet valid.",
                (newest - now).whole_minutes()
            ),
            "Let a time service (NTP) set the clock of every node.",
        )
        .at(newest),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn what_others_can_read_is_found() {
        let found = |mode| {
            let private = Private { path: "data/master.key".into(), mode };
            check_private(&private).map(|finding| (finding.severity, finding.what))
        };
        assert_eq!(found(0o100_600), None);
        assert_eq!(found(0o040_700), None);
        let (severity, what) = found(0o100_640).expect("a finding");
        assert_eq!(severity, Severity::Warning);
        assert_eq!(what, "data/master.key is open to its group (mode 0640).");
        assert_eq!(found(0o100_604).map(|(severity, _)| severity), Some(Severity::Error));
    }

    #[test]
    fn a_disk_is_full_before_it_is() {
        let found =
            |free| check_room(&Room { path: "data".into(), free }).map(|finding| finding.severity);
        assert_eq!(found(1024 * MIB), None);
        assert_eq!(found(1024 * MIB - 1), Some(Severity::Warning));
        assert_eq!(found(100 * MIB - 1), Some(Severity::Error));
    }

    #[test]
    fn a_clock_is_behind_what_it_stored() {
        let now = datetime!(2026-01-02 03:04:05 UTC);
        assert_eq!(check_clock(now, None), None);
        assert_eq!(check_clock(now, Some(now + TOLERANCE)), None);
        let found = check_clock(now, Some(now + Duration::hours(1))).expect("a finding");
        assert!(found.what.contains("is 60 minutes behind"), "{}", found.what);
    }
}
