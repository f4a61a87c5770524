//! Our canonical forms are those of libxml2, byte for byte: of every document of the vectors and captures that
//! our reader takes, and of documents made at random; of whole documents and of elements inside (DESIGN 7).

use super::random::document;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sso_core::encoding::decode_base64;
use sso_core::xml::{Document, Element, Limits, c14n};
use sso_tests::shared;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// The most elements of a document that are compared by themselves.
const INNER: usize = 6;

/// A canonical form that is asked for: which element in document order, and the PrefixList of exclusive
/// form; none for inclusive form.
type Form = (usize, Option<String>);

/// A document, and what of it is compared.
struct Sample {
    name: String,
    text: Vec<u8>,
    forms: Vec<Form>,
}

impl Sample {
    /// The document, where our reader takes it.
    fn of(name: &str, text: Vec<u8>) -> Option<Self> {
        let document = Document::parse(&text, &Limits::METADATA).ok()?;
        let count = 1 + document.root().descendants().count();
        let prefixes = prefixes(&String::from_utf8_lossy(&text));
        let every = format!("{prefixes} #default");
        let half: Vec<&str> = prefixes.split(' ').step_by(2).collect();
        let mut forms = Vec::new();
        for element in (0..count).step_by(count.div_ceil(INNER)) {
            forms.push((element, None));
            for list in ["", &every, &half.join(" ")] {
                forms.push((element, Some(list.to_owned())));
            }
        }
        Some(Self { name: name.to_owned(), text, forms })
    }

    fn question(&self) -> String {
        let forms = self.forms.iter();
        let forms = forms.map(|(element, list)| json!({"element": element, "prefixes": list}));
        json!({"xml": STANDARD.encode(&self.text), "forms": forms.collect::<Vec<_>>()}).to_string()
    }

    /// The forms that we write; none where there is no canonical form.
    fn ours(&self) -> Vec<Option<Vec<u8>>> {
        let document = Document::parse(&self.text, &Limits::METADATA).expect("it was taken");
        let elements: Vec<Element<'_>> =
            std::iter::once(document.root()).chain(document.root().descendants()).collect();
        let write = |(element, list): &Form| {
            let mut octets = Vec::new();
            let written = match list {
                Some(list) => c14n::exclusive(elements[*element], list, None, &mut octets),
                None => c14n::inclusive(elements[*element], None, &mut octets),
            };
            written.is_ok().then_some(octets)
        };
        self.forms.iter().map(write).collect()
    }
}

/// The prefixes that a document declares, separated by spaces.
fn prefixes(text: &str) -> String {
    let names = text.split("xmlns:").skip(1);
    let names = names.filter_map(|rest| rest.split(['=', ' ', '\n', '\t']).next());
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    names.into_iter().collect::<Vec<_>>().join(" ")
}

/// Compares the samples with one process of libxml2, and gives how many forms were equal.
fn compare(samples: &[Sample]) -> usize {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/xml/libxml2.py");
    let mut process = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3, which ./test installs");
    let mut input = process.stdin.take().expect("its input");
    let answers = BufReader::new(process.stdout.take().expect("its output"));
    let (mut equal, mut wrong) = (0, Vec::new());
    thread::scope(|scope| {
        scope.spawn(move || {
            for sample in samples {
                writeln!(input, "{}", sample.question()).expect("it reads");
            }
        });
        let mut answers = answers.lines();
        for sample in samples {
            let answer = answers.next().expect("an answer for each document").expect("UTF-8");
            let theirs: Value = serde_json::from_str(&answer).expect("JSON");
            let Some(theirs) = theirs.as_array() else {
                wrong.push(format!("{}: libxml2 does not parse it", sample.name));
                continue;
            };
            assert_eq!(theirs.len(), sample.forms.len(), "{}", sample.name);
            for ((form, ours), theirs) in sample.forms.iter().zip(sample.ours()).zip(theirs) {
                let theirs = theirs.as_str().map(|text| STANDARD.decode(text).expect("base64"));
                match ours == theirs {
                    true => equal += usize::from(ours.is_some()),
                    false => wrong.push(format!(
                        "{} {form:?}\n  ours   {}\n  libxml {}",
                        sample.name,
                        shown(ours),
                        shown(theirs)
                    )),
                }
            }
        }
    });
    assert!(process.wait().expect("its end").success());
    let count = wrong.len();
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{count} of {} differ:\n{}", equal + count, wrong.join("\n"));
    equal
}

fn shown(octets: Option<Vec<u8>>) -> String {
    octets.map_or("none".to_owned(), |octets| {
        String::from_utf8_lossy(&octets).chars().take(2_000).collect()
    })
}

/// Every file below a folder, as it is and as base64 of a document.
fn files(folder: &Path, samples: &mut Vec<Sample>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, samples);
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        let name = path.display().to_string();
        let decoded = || decode_base64(std::str::from_utf8(&bytes).ok()?);
        let decoded = decoded().and_then(|decoded| Sample::of(&name, decoded));
        samples.extend(decoded.or_else(|| Sample::of(&name, bytes)));
    }
}

#[test]
fn of_every_vector_and_capture() {
    let mut samples = Vec::new();
    for folder in ["vectors", "captures"] {
        let Some(folder) = shared(folder) else { return };
        files(&folder, &mut samples);
    }
    assert!(samples.len() > 600, "{} documents", samples.len());
    let equal = compare(&samples);
    println!("{equal} forms of {} documents", samples.len());
}

#[test]
fn of_documents_made_at_random() {
    let mut runner = TestRunner::deterministic();
    let strategy = document("");
    let samples: Vec<Sample> = (0..2_000)
        .map(|number| {
            let text = strategy.new_tree(&mut runner).expect("a document").current();
            Sample::of(&format!("{number}: {text}"), text.into_bytes()).expect("a document")
        })
        .collect();
    let equal = compare(&samples);
    assert!(equal > 20_000, "{equal} forms");
}
