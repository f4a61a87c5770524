//! What a fuzzer begins with, collected when it is run: everything readable in the folders that it is given,
//! so that vectors are used where they lie and copied nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;
use std::fs;
use std::path::{Path, PathBuf};

/// The largest seed. What is larger slows a fuzzer down more than it shows it.
const LARGEST: usize = 48 * 1024;

/// Where the environment names a folder, SEEDS_INTO, the seeds of a target are written there, from the
/// folders SEEDS_FROM, and the program ends.
///
/// # Panics
/// Where the folder cannot be written to.
pub fn collect_seeds(target: &str) {
    let Some(into) = std::env::var_os("SEEDS_INTO") else { return };
    let from = std::env::var_os("SEEDS_FROM").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&from).collect();
    for seed in seeds(target, &folders) {
        let digest = sha256(&seed);
        let name: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        fs::write(Path::new(&into).join(name), seed).expect("a folder that can be written to");
    }
    std::process::exit(0);
}

/// The seeds of a target from everything in these folders, and its own.
pub fn seeds(target: &str, folders: &[PathBuf]) -> Vec<Vec<u8>> {
    let mut seeds = own(target);
    for folder in folders {
        walk(folder, &mut |path, bytes| {
            let is_queries = path.extension().is_some_and(|it| it == "jsonl");
            match target {
                "redirect" if is_queries => seeds.extend(queries(&bytes)),
                "redirect" => seeds.extend(deflated(&bytes)),
                "metadata" | "aggregate" => {
                    seeds.extend(document(&bytes).filter(|it| is_metadata(it)));
                }
                _ => seeds.extend(document(&bytes).filter(|it| !is_metadata(it))),
            }
        });
    }
    seeds.retain(|seed| seed.len() <= LARGEST);
    seeds.sort();
    seeds.dedup();
    seeds
}

/// The genuine messages as they are, and a few changes of them.
fn own(target: &str) -> Vec<Vec<u8>> {
    let scripts = |number: u8| {
        let changes = (0..12u8).map(move |kind| vec![number, kind, 0, 0x40, 0, 0x80, 1]);
        std::iter::once(vec![number]).chain(changes)
    };
    match target {
        "metadata" => (0..2).flat_map(scripts).collect(),
        "aggregate" => (0..4).flat_map(scripts).collect(),
        "verify" => (0..5).flat_map(scripts).collect(),
        "decrypt" => {
            let mut seeds: Vec<_> =
                [0, 1, 2, 3, 0x0C, 0x0E].into_iter().flat_map(scripts).collect();
            let plaintext = &*crate::genuine::PLAINTEXT;
            seeds.extend([0x08, 0x0B].map(|mode| [&[mode], &plaintext[..]].concat()));
            seeds
        }
        "wresult" => {
            let mut seeds: Vec<_> = (0..7).chain([0x10, 0x11]).flat_map(scripts).collect();
            let tokens = crate::tokens::SIGNED_TOKENS.iter();
            seeds.extend(tokens.map(|token| [&[0x12], token.as_bytes()].concat()));
            seeds
        }
        "envelope" => (0..10).chain(0x10..0x13).flat_map(scripts).collect(),
        "redirect" => {
            let mut seeds: Vec<_> = scripts(0).collect();
            seeds.push(b"\x01state\0<a xmlns='urn:a' ID='_1'>text</a>".to_vec());
            seeds
        }
        _ => Vec::new(),
    }
}

fn walk(path: &Path, found: &mut impl FnMut(&Path, Vec<u8>)) {
    let Ok(entries) = fs::read_dir(path) else {
        if let Ok(bytes) = fs::read(path) {
            found(path, bytes);
        }
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().for_each(|path| walk(path, found));
}

/// A document, as it is or in base64.
fn document(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_document = |bytes: &[u8]| bytes.trim_ascii_start().starts_with(b"<");
    if is_document(bytes) {
        return Some(bytes.to_vec());
    }
    base64(bytes).filter(|bytes| is_document(bytes))
}

fn base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let compact: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).ok()
}

fn is_metadata(document: &[u8]) -> bool {
    let head = &document[..document.len().min(4096)];
    ["EntityDescriptor", "EntitiesDescriptor"]
        .iter()
        .any(|name| head.windows(name.len()).any(|window| window == name.as_bytes()))
}

/// The queries that captures were received with.
fn queries(lines: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(lines);
    let queries = text.split("\"query\": \"").skip(1);
    let queries = queries.chain(text.split("\"query\":\"").skip(1));
    queries.filter_map(|rest| rest.split('"').next()).map(|it| it.as_bytes().to_vec()).collect()
}

/// A query of what is in base64 and no document under it, which is then most often deflated.
fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    base64(bytes).filter(|bytes| !bytes.starts_with(b"<"))?;
    let text = String::from_utf8_lossy(bytes);
    let field = text.trim().replace('%', "%25").replace('+', "%2B").replace(['\n', '\r'], "");
    Some(format!("SAMLResponse={field}&RelayState=state").into_bytes())
}
