//! Misuse does not compile (DESIGN 3): each file of `compile_fail/` is one, and says by which error of the
//! compiler. The errors are compared by their codes, since the texts change from release to release;
//! `proper_use.rs` shows that the same calls do compile when nothing is misused.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROPER_USE: &str = "proper_use.rs";

#[test]
fn misuse_does_not_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.ends_with(PROPER_USE) {
            continue;
        }
        cases += 1;
        let source = fs::read_to_string(&file).unwrap();
        let expected = source.lines().find_map(|line| line.strip_prefix("// error: "));
        let expected = expected.unwrap_or_else(|| panic!("{} expects no error", file.display()));
        let expected: BTreeSet<_> = expected.split(' ').map(str::to_owned).collect();
        let (errors, said) = compile(&file);
        assert_eq!(errors, expected, "{}:\n{said}", file.display());
    }
    assert!(cases >= 9, "only {cases} cases");
}

#[test]
fn proper_use_compiles() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail").join(PROPER_USE);
    let (errors, said) = compile(&file);
    assert!(errors.is_empty(), "{said}");
}

/// The codes of the errors that the compiler finds in a file, and all that it says. An error without
/// a code counts as `none`, so that a file that cannot even be read is no proof of anything.
fn compile(file: &Path) -> (BTreeSet<String>, String) {
    let dependencies = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let output = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .args(["--error-format", "json", "-A", "warnings"])
        // Never /dev/null: the compiler makes its output anew, and as root that replaces the device.
        .args(["--out-dir", env!("CARGO_TARGET_TMPDIR")])
        .arg("--extern")
        .arg(format!("sso_core={}", library(&dependencies).display()))
        .arg("-L")
        .arg(format!("dependency={}", dependencies.display()))
        .arg(file)
        .output()
        .expect("rustc");
    let said = String::from_utf8(output.stderr).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = said.lines().filter_map(|line| serde_json::from_str(line).ok());
    let errors: Vec<Value> = errors.filter(|message: &Value| message["level"] == "error").collect();
    let errors = errors.iter().filter(|error| !text(&error["message"]).starts_with("aborting"));
    let code = |error: &Value| error["code"]["code"].as_str().unwrap_or("none").to_owned();
    (errors.clone().map(code).collect(), errors.map(|error| text(&error["rendered"])).collect())
}

/// The crate as this test was built with it: the one built last.
fn library(dependencies: &Path) -> PathBuf {
    let files = fs::read_dir(dependencies).unwrap().map(|entry| entry.unwrap().path());
    let libraries = files.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libsso_core-") && name.ends_with(".rlib")
    });
    libraries
        .max_by_key(|path| fs::metadata(path).and_then(|m| m.modified()).unwrap())
        .expect("the library")
}
