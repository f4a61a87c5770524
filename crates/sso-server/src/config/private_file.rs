//! Files that only the service's user may read.

use super::StartError;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Makes a folder with mode 0700, and its parents, unless it exists.
pub(super) fn make_folder(folder: &Path) -> Result<(), StartError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| StartError::path(folder, format!("the data folder cannot be made: {e}")))
}

/// Reads a secret file; `None` where it does not exist.
pub(super) fn read(file: &Path) -> Result<Option<Vec<u8>>, StartError> {
    match std::fs::read(file) {
        Ok(content) => Ok(Some(content)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StartError::path(file, format!("the file cannot be read: {e}"))),
    }
}

/// Writes a new file with mode 0600, whole or not at all. Where another process made it meanwhile,
/// that one's content stays and is what counts: read it again.
pub(super) fn create(file: &Path, content: &[u8]) -> Result<(), StartError> {
    let fail = |e: std::io::Error| StartError::path(file, format!("the file cannot be made: {e}"));
    let draft = file.with_extension(format!("{}.new", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut f| f.write_all(content).and_then(|()| f.sync_all()))
        .map_err(fail);
    let linked = written.and_then(|()| match std::fs::hard_link(&draft, file) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(fail(e)),
        _ => Ok(()),
    });
    // The draft is only another name of the file; a leftover one is overwritten by the next start.
    let _ = std::fs::remove_file(&draft);
    linked
}
