//! Files that lie beside the repository and are no part of it: public test vectors and measured
//! inputs.

use std::path::{Path, PathBuf};

/// A folder of `../shared`. Where it is not there, the test says so and passes over it; in CI that is
/// a failure.
///
/// # Panics
/// In CI, where the folder is missing.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing", path.display());
    eprintln!("passed over: {} is missing", path.display());
    None
}
