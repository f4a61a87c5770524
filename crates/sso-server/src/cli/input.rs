//! What a command reads: files, standard input, and the answer to a question.

use super::failed::Failed;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

/// The most bytes of a file that are read: more than any path of the Admin API takes.
const MOST_READ: u64 = 128 << 20;

/// How many bytes of a file are sent at a time.
const PIECE: u64 = 64 << 10;

/// The content of a file; `-` is standard input.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failed> {
    read_at_most(file, MOST_READ).map_err(|e| Failed::Unusable(format!("{}: {e}", file.display())))
}

/// The content of a file piece by piece; `-` is standard input.
pub(super) fn pieces(
    file: &Path,
) -> Result<impl Iterator<Item = io::Result<Vec<u8>>> + Send + use<>, Failed> {
    let mut from: Box<dyn io::Read + Send> = match is_standard_input(file) {
        true => Box::new(io::stdin()),
        false => {
            let unusable = |e| Failed::Unusable(format!("{}: {e}", file.display()));
            Box::new(std::fs::File::open(file).map_err(unusable)?)
        }
    };
    Ok(std::iter::from_fn(move || {
        let mut piece = Vec::new();
        match (&mut from).take(PIECE).read_to_end(&mut piece) {
            Ok(0) => None,
            Ok(_) => Some(Ok(piece)),
            Err(error) => Some(Err(error)),
        }
    }))
}

/// The beginning of a file, up to so many bytes; `-` is standard input.
pub(super) fn read_at_most(file: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    if is_standard_input(file) {
        std::io::stdin().lock().take(most).read_to_end(&mut content)?;
    } else {
        std::fs::File::open(file)?.take(most).read_to_end(&mut content)?;
    }
    Ok(content)
}

/// A secret that a file holds alone, without the line end that an editor puts after it. Secrets are
/// never arguments: a command line is seen by everybody on the machine.
pub(super) fn read_secret(file: &Path) -> Result<String, Failed> {
    let not_text = |_| Failed::Unusable(format!("{}: it is not UTF-8 text", file.display()));
    let text = String::from_utf8(read(file)?).map_err(not_text)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// Whether the name of a file stands for standard input.
pub(super) fn is_standard_input(file: &Path) -> bool {
    file == Path::new("-")
}

/// Asks a person; `None` where nobody can be asked, or nothing was answered.
pub(super) fn ask(question: &str) -> Option<String> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    eprint!("{question} ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    let answer = answer.trim();
    (!answer.is_empty()).then(|| answer.to_owned())
}

/// Asks a person before something is lost. Where nobody can be asked, `--yes` must have been given.
pub(super) fn confirm(question: &str) -> Result<(), Failed> {
    if !std::io::stdin().is_terminal() {
        return Err(Failed::Unusable(format!("{question} Nobody can be asked here: give --yes.")));
    }
    match ask(&format!("{question} [y/N]")).as_deref() {
        Some("y" | "Y" | "yes") => Ok(()),
        _ => Err(Failed::Unusable("Nothing was done.".to_owned())),
    }
}
