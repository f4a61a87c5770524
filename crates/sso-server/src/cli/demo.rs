//! `sso-server demo`: a login that works, with nothing to set up.

use super::process;
use crate::demo::{self, DemoFlags};
use std::process::ExitCode;

/// Runs the demo.
pub(super) fn run(flags: DemoFlags) -> ExitCode {
    process::run(|stop| demo::run(flags, stop.told()))
}
