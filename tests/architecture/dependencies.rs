//! Dependencies point one way (DESIGN 2): every `crate::module` path in `sso-core` is an edge of the
//! table below, or this test names the file that has another.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use besides itself. A module that is not named may use nothing.
const EDGES: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("random", &[]),
    ("time", &[]),
    ("ambient", &["random", "time"]),
    ("cookies", &[]),
    ("encoding", &[]),
    ("jwt", &[]),
    ("setting", &[]),
    ("profile", &["setting"]),
    ("ids", &["encoding", "random"]),
    ("application", &["ids", "setting"]),
    ("org", &["profile", "setting"]),
    ("xml", &["error"]),
    ("connection", &["error", "ids", "org", "profile", "setting"]),
    ("dsig", &["connection", "encoding", "error", "random", "xml"]),
    ("certs", &["encoding", "error", "ids", "random", "setting"]),
    (
        "metadata",
        &["certs", "connection", "dsig", "encoding", "error", "ids", "org", "random", "xml"],
    ),
    ("bindings", &["dsig", "encoding", "error", "xml"]),
    ("saml", &["connection", "dsig", "encoding", "error", "xml"]),
    ("wsfed", &["error", "saml", "xml"]),
    (
        "login",
        &[
            "bindings",
            "connection",
            "cookies",
            "dsig",
            "error",
            "ids",
            "org",
            "profile",
            "random",
            "saml",
            "wsfed",
            "xml",
        ],
    ),
    (
        "logout",
        &[
            "bindings",
            "connection",
            "dsig",
            "encoding",
            "error",
            "ids",
            "login",
            "org",
            "saml",
            "xml",
        ],
    ),
    ("provisioning", &["connection", "error", "ids", "login", "org", "profile", "setting"]),
    ("scim", &["ids", "org", "profile", "provisioning"]),
    (
        "store",
        &[
            "application",
            "certs",
            "connection",
            "encoding",
            "error",
            "ids",
            "login",
            "logout",
            "metadata",
            "org",
            "profile",
            "provisioning",
        ],
    ),
    (
        "flow",
        &[
            "application",
            "bindings",
            "certs",
            "connection",
            "cookies",
            "dsig",
            "error",
            "ids",
            "jwt",
            "login",
            "logout",
            "metadata",
            "org",
            "profile",
            "provisioning",
            "random",
            "setting",
            "store",
            "time",
            "wsfed",
        ],
    ),
];

#[test]
fn core_modules_use_only_what_stands_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sso-core/src");
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        let module = relative.split(['/', '.']).next().unwrap().to_owned();
        if module == "lib" || relative.ends_with("tests.rs") || relative.contains("test_support") {
            continue;
        }
        let allowed = EDGES.iter().find(|(name, _)| *name == module).map(|(_, uses)| *uses);
        let text = fs::read_to_string(&file).unwrap();
        // Tests may use what they need to set a case up.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for used in used_modules(code) {
            seen.insert((module.clone(), used.clone()));
            let held = used == module || allowed.is_some_and(|uses| uses.contains(&used.as_str()));
            if !held {
                wrong.push(format!("{relative} uses crate::{used}"));
            }
        }
    }
    assert!(!seen.is_empty(), "no edge was found at all: the search is broken");
    assert!(wrong.is_empty(), "edges that point up:\n{}", wrong.join("\n"));
}

#[test]
fn every_edge_of_the_table_points_down() {
    for (place, (module, uses)) in EDGES.iter().enumerate() {
        for used in *uses {
            let below = EDGES[..place].iter().any(|(name, _)| name == used);
            assert!(below, "{module} may use {used}, which does not stand above it in the table");
        }
    }
}

/// The first segments after `crate::` in code; comments are left out.
fn used_modules(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            if let Some(group) = rest.strip_prefix('{') {
                for item in group.split(',') {
                    found.extend(first_segment(item.trim()));
                }
            } else {
                found.extend(first_segment(rest));
            }
        }
    }
    found
}

fn first_segment(path: &str) -> Option<String> {
    let name: String = path.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
