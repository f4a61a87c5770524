//! Files that only the service's user may read.

use super::StartError;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

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
    let draft = draft_of(file);
    let linked = write(&draft, content).map_err(fail).and_then(|()| {
        match std::fs::hard_link(&draft, file) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(fail(e)),
            _ => Ok(()),
        }
    });
    // The draft is only another name of the file; a leftover one is overwritten by the next start.
    let _ = std::fs::remove_file(&draft);
    linked
}

/// Writes a file anew with mode 0600, whole or not at all: whoever reads it has the old content or the new.
pub(super) fn replace(file: &Path, content: &[u8]) -> Result<(), StartError> {
    let fail =
        |e: std::io::Error| StartError::path(file, format!("the file cannot be written: {e}"));
    let draft = draft_of(file);
    write(&draft, content).and_then(|()| std::fs::rename(&draft, file)).map_err(fail)?;
    // The name is on disk, too, before anything is sealed under what stands there.
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = std::fs::File::open(folder.unwrap_or(Path::new(".")));
    folder.and_then(|folder| folder.sync_all()).map_err(fail)
}

fn draft_of(file: &Path) -> PathBuf {
    file.with_extension(format!("{}.new", std::process::id()))
}

fn write(draft: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    file.write_all(content)?;
    file.sync_all()
}
