//! SPEC 4.1, ATTACKS DOS-01 and DOS-02: depth and width are bounded, and neither costs a stack or more
//! time than the input is long.

use sso_core::error::Code;
use sso_core::xml::{Document, Limits, c14n};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

fn code(text: &str, limits: &Limits) -> Option<Code> {
    Document::parse(text.as_bytes(), limits).err().map(|rejection| rejection.code)
}

fn many(count: usize, mut each: impl FnMut(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        text.push_str(&each(number));
        text
    })
}

fn nested(depth: usize) -> String {
    "<a>".repeat(depth) + &"</a>".repeat(depth)
}

#[test]
fn each_limit_has_its_code_and_holds_to_the_last_one_allowed() {
    let limits = Limits {
        bytes: 400,
        depth: 3,
        nodes: 5,
        attributes: 4,
        attributes_in_all: 6,
        namespaces: 2,
        ..Limits::MESSAGE
    };
    let attributes = |count| format!("<a {}/>", many(count, |n| format!("a{n}='' ")));
    let declarations = |count| format!("<a {}/>", many(count, |n| format!("xmlns:p{n}='u:1' ")));
    let uris = |count| format!("<a>{}</a>", many(count, |n| format!("<b xmlns='u:{n}'/>")));
    // Two in each element, one of them a declaration.
    let spread = |count| format!("<a>{}</a>", "<b c='' xmlns='u:1'/>".repeat(count));
    let padded = |length: usize| format!("<a>{}</a>", "x".repeat(length - 7));
    for (allowed, refused, expected) in [
        (padded(400), padded(401), Code::MessageTooLarge),
        (nested(3), nested(4), Code::DepthLimit),
        ("<a>1<b/>2<b/></a>".to_owned(), "<a>1<b/>2<b/>3</a>".to_owned(), Code::NodeLimit),
        (attributes(4), attributes(5), Code::AttributeLimit),
        (declarations(2), declarations(3), Code::AttributeLimit),
        (uris(2), uris(3), Code::AttributeLimit),
        (spread(3), spread(4), Code::AttributeLimit),
    ] {
        assert_eq!(code(&allowed, &limits), None, "{expected}");
        assert_eq!(code(&refused, &limits), Some(expected));
    }
    let mixed = "<a b='' c='' d='' xmlns='u:1' e=''/>";
    assert_eq!(code(mixed, &limits), Some(Code::AttributeLimit));
}

#[test]
fn hostile_messages_are_refused() {
    for (text, expected) in [
        (nested(20_000), Code::DepthLimit),
        (format!("<a {}/>", many(5_000, |n| format!("a{n}='' "))), Code::AttributeLimit),
        (format!("<a {}/>", many(3_000, |n| format!("xmlns:p{n}='u:{n}' "))), Code::AttributeLimit),
        (format!("<a>{}</a>", "<b c='' d=''/>".repeat(10_001)), Code::AttributeLimit),
        (format!("<a>{}</a>", "<b/>".repeat(30_000)), Code::NodeLimit),
        (format!("<a>{}</a>", " ".repeat(262_144)), Code::MessageTooLarge),
    ] {
        assert_eq!(code(&text, &Limits::MESSAGE), Some(expected));
    }
}

/// A declaration is written anew for each element that uses it where none around uses it: a long name makes
/// gigabytes of a small message (ATTACKS DOS-02).
#[test]
fn a_canonical_form_is_not_many_times_the_document() {
    let form = |uses_around: &str| {
        let name = "x".repeat(100_000);
        let uses = "<p:e/>".repeat(10_000);
        let text = format!("<{uses_around}e xmlns:p='urn:{name}'>{uses}</{uses_around}e>");
        let document = Document::parse(text.as_bytes(), &Limits::MESSAGE).expect("a document");
        let mut octets = Vec::new();
        let written = c14n::exclusive(document.root(), "", None, &mut octets);
        assert!(octets.len() < 1 << 20, "{} octets", octets.len());
        written.map_err(|rejection| rejection.code)
    };
    assert_eq!(form(""), Err(Code::Canonicalization));
    assert_eq!(form("p:"), Ok(()));
}

/// What takes no stack for one element takes none for twenty thousand.
#[test]
fn neither_parsing_nor_canonicalization_nor_dropping_recurses() {
    let limits = Limits { depth: 100_000, nodes: 100_000, ..Limits::MESSAGE };
    let worker = std::thread::Builder::new().stack_size(64 * 1024).spawn(move || {
        let text = nested(20_000);
        let document = Document::parse(text.as_bytes(), &limits).expect("within the limits");
        assert_eq!(document.root().descendants().count(), 19_999);
        let mut octets = Vec::new();
        c14n::exclusive(document.root(), "", None, &mut octets).expect("a canonical form");
        assert_eq!(octets, text.as_bytes());
    });
    worker.expect("a thread").join().expect("no overflow");
}

/// Eight times the input may take eight times the time. Twenty-four leaves room for a machine that is
/// busy, and none for a quadratic step, which would take sixty-four.
#[test]
fn time_grows_with_the_input_and_not_with_its_square() {
    let limits = Limits {
        bytes: 1 << 24,
        nodes: 1 << 24,
        attributes: 1 << 20,
        attributes_in_all: 1 << 24,
        depth: 1 << 20,
        ..Limits::MESSAGE
    };
    type Hostile = (&'static str, fn(usize) -> String);
    let inputs: [Hostile; 8] = [
        ("attributes", |n| format!("<a {}/>", many(n, |i| format!("a{i}='' ")))),
        ("IDs", |n| format!("<a>{}</a>", many(n, |i| format!("<b ID='_{i}'/>")))),
        ("texts in pieces", |n| format!("<a>{}</a>", "x<!-- -->".repeat(n))),
        ("references", |n| format!("<a b='{0}'>{0}</a>", "&#x41;".repeat(n))),
        ("depth", |n| nested(n)),
        ("elements", |n| format!("<a>{}</a>", "<b/>".repeat(n))),
        ("declarations", |n| {
            format!("<a>{}</a>", many(n, |i| format!("<b xmlns:p{0}='u:{0}'/>", i % 126)))
        }),
        ("brackets", |n| format!("<a>{}</a>", "]]&gt;".repeat(n))),
    ];
    for (name, input) in inputs {
        let took = |count: usize| {
            let text = input(count);
            let fastest = (0..3).map(|_| {
                let start = Instant::now();
                let document = Document::parse(text.as_bytes(), &limits).expect(name);
                let root = document.root();
                let length = root.text().map_or(0, |text| text.len());
                let mut octets = Vec::new();
                c14n::exclusive(root, "p1 p2 #default", None, &mut octets).expect(name);
                assert!(octets.len() > length);
                start.elapsed()
            });
            fastest.min().expect("three runs").max(Duration::from_millis(2))
        };
        let (one, eight) = (took(10_000), took(80_000));
        assert!(eight < one * 24, "{name}: {one:?}, eight times as much: {eight:?}");
    }
}

/// The whole of a message spent on what costs most, each refused or read within the second that SPEC
/// 14 gives the verifier.
#[test]
fn the_worst_message_takes_no_second() {
    let mut prefixes = String::from("<a>");
    let mut number = 0;
    while prefixes.len() < 200_000 {
        // Every element has as many prefixes as may be, and all of the document's in turn.
        prefixes.push_str("<b ");
        for _ in 0..60 {
            number += 1;
            let _ = write!(prefixes, "xmlns:p{0}='u:{0}' ", number % 120);
        }
        prefixes.push_str("/>");
    }
    prefixes.push_str("</a>");
    let start = Instant::now();
    assert_eq!(code(&prefixes, &Limits::MESSAGE), None);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}
