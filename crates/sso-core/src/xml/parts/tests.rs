//! Reading by parts is held to reading whole: the same documents are taken, with the same canonical form,
//! wherever the bytes are cut and whichever elements are entered.

use super::*;
use crate::xml::{Limits, c14n};
use proptest::prelude::*;

const LIMITS: PartLimits = PartLimits {
    bytes: 1 << 20,
    part: Limits::METADATA,
    parts: 1000,
    groups: 64,
    start_tags: 1 << 20,
    ids: 1000,
};

/// Which elements are entered.
const GROUPS: [fn(&str, &str) -> bool; 3] = [|_, _| true, |_, _| false, |_, local| local == "a"];

/// The canonical form, put together from the parts.
fn by_parts(
    text: &[u8],
    chunk: usize,
    is_group: fn(&str, &str) -> bool,
    prefix_list: Option<&str>,
) -> Result<Vec<u8>, Code> {
    let mut parts = Parts::new(text, LIMITS, is_group);
    parts.chunk = chunk;
    let mut octets = Vec::new();
    loop {
        match parts.next_part() {
            Ok(None) => return Ok(octets),
            Ok(Some(part)) => {
                part.canonical(0, prefix_list, false, &mut octets).map_err(|e| e.code)?
            }
            Err(PartError::Refused(refused)) => return Err(refused.code),
            Err(PartError::Input(error)) => panic!("{error}"),
        }
    }
}

fn whole(text: &[u8], prefix_list: Option<&str>) -> Result<Vec<u8>, Code> {
    let document = Document::parse(text, &Limits::METADATA).map_err(|e| e.code)?;
    let mut octets = Vec::new();
    match prefix_list {
        Some(prefix_list) => c14n::exclusive(document.root(), prefix_list, None, &mut octets),
        None => c14n::inclusive(document.root(), None, &mut octets),
    }
    .map_err(|e| e.code)?;
    Ok(octets)
}

fn agree(text: &[u8]) {
    for prefix_list in [Some(""), Some("p #default"), None] {
        let expected = whole(text, prefix_list);
        for is_group in GROUPS {
            // Where all of it is there at once, the same rule refuses it too.
            assert_eq!(
                by_parts(text, text.len() + 1, is_group, prefix_list),
                expected,
                "{}",
                show(text)
            );
            for chunk in [1, 2, 3, 7, 64] {
                let found = by_parts(text, chunk, is_group, prefix_list);
                assert_eq!(found.as_ref().ok(), expected.as_ref().ok(), "{chunk}: {}", show(text));
            }
        }
    }
}

fn show(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[test]
fn what_is_well_formed_is_taken_and_nothing_else() {
    for text in [
        "<a/>",
        "\u{FEFF}<?xml version=\"1.0\" encoding='utf-8'?>\r\n<!-- c --><?pi d?><a>\r\n</a>\r\n<!-- d -->\r",
        "<a xmlns='urn:a' xmlns:p='urn:p'>t<p:b q='1' p:q='2'>x<c xmlns=''/>y</p:b>&amp;&#13;<a>z<a/></a></a>",
        "<a><![CDATA[<&]]>]] ></a>",
        "<a ID='1'><b ID='2'/><a ID='3'></a></a>",
        "<a xml:lang='en' b='&#10;\t\"'>\u{10348}\u{E9}\r</a>",
        "<p:a xmlns:p='urn:p'><p:a xmlns:p='urn:q'/><p:b/></p:a>",
        // Each of these is refused.
        "",
        " ",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "<a></a></a>",
        "<a><b></a></b>",
        "<a b='1' b='2'/>",
        "<a xmlns:p='urn:p' xmlns:q='urn:p' p:b='1' q:b='2'/>",
        "<a><p:b/></a>",
        "<a><b xmlns:p='urn:p'/><p:b/></a>",
        "<a b='<'/>",
        "<a>]]></a>",
        "<a>&b;</a>",
        "<a>&#0;</a>",
        "<a>\u{1}</a>",
        "<a>\u{FFFE}</a>",
        "<a><!-- -- --></a>",
        "<a><?pi d?></a>",
        "<!DOCTYPE a><a/>",
        "<a><!DOCTYPE a></a>",
        " <?xml version='1.0'?><a/>",
        "<a/><?xml version='1.0'?>",
        "<?xml version='1.0' encoding='UTF-16'?><a/>",
        "<x:y:z/>",
        "<a xmlns:p=''/>",
        "<a ID='1'><b ID='1'/></a>",
        "<a ID='1'><a><b id='1'/></a></a>",
        "<a><b xmlns='relative'/></a>",
    ] {
        agree(text.as_bytes());
    }
    agree(b"<a>\xC3</a>");
    agree(b"<a>\xED\xA0\x80</a>");
    agree(b"<\0a\0/\0>\0");
    agree(b"<a>x</a>\xC3");
}

#[test]
fn an_element_says_where_it_stands() {
    let text = "\u{FEFF}<a>\r\n\r\n<b>\r\n</b><a>\r<b>x</b>\r\n</a></a>";
    for chunk in [1, 5, 1000] {
        let mut parts = Parts::new(text.as_bytes(), LIMITS, |_, local| local == "a");
        parts.chunk = chunk;
        let mut found = Vec::new();
        while let Some(part) = parts.next_part().unwrap() {
            if part.step() == Step::Child {
                let (from, length) = (part.offset() as usize, part.length() as usize);
                found.push(&text[from..from + length]);
            }
        }
        assert_eq!(found, ["<b>\r\n</b>", "<b>x</b>"], "{chunk}");
    }
}

#[test]
fn an_element_alone_keeps_what_was_declared_around_it() {
    let text = "<p:a xmlns:p='urn:p' b='1'><p:c/><p:a xmlns='urn:d'>x<e f='2'>y</e></p:a></p:a>";
    let mut parts = Parts::new(text.as_bytes(), LIMITS, |_, local| local == "a");
    let mut alone = Vec::new();
    while let Some(part) = parts.next_part().unwrap() {
        if part.step() == Step::Child {
            alone.push(part.alone());
        }
    }
    assert_eq!(
        alone,
        [
            "<p:a xmlns:p='urn:p' b='1'><p:c/></p:a>",
            "<p:a xmlns:p='urn:p' b='1'><p:a xmlns='urn:d'><e f='2'>y</e></p:a></p:a>",
        ]
    );
}

/// The document read to its end, with limits changed from those of an aggregate.
fn refused(text: &str, change: impl FnOnce(&mut PartLimits)) -> Option<Code> {
    let mut limits = PartLimits::AGGREGATE;
    change(&mut limits);
    let mut parts = Parts::new(text.as_bytes(), limits, |_, local| local == "a");
    loop {
        match parts.next_part() {
            Ok(None) => return None,
            Ok(Some(part)) => {
                let mut octets = Vec::new();
                if let Err(refused) = part.canonical(0, Some(""), false, &mut octets) {
                    return Some(refused.code);
                }
            }
            Err(PartError::Refused(refused)) => return Some(refused.code),
            Err(PartError::Input(error)) => panic!("{error}"),
        }
    }
}

#[test]
fn each_bound_holds() {
    let children = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
    assert_eq!(refused(&children(8), |limits| limits.parts = 10), None);
    assert_eq!(refused(&children(9), |limits| limits.parts = 10), Some(Code::NodeLimit));

    let nested = |count: usize| format!("{}<b/>{}", "<a>".repeat(count), "</a>".repeat(count));
    assert_eq!(refused(&nested(8), |_| ()), None);
    assert_eq!(refused(&nested(9), |_| ()), Some(Code::DepthLimit));

    let tag = |length: usize| format!("<a b='{}'><b/></a>", "x".repeat(length));
    assert_eq!(refused(&tag(16_000), |_| ()), None);
    assert_eq!(refused(&tag(16_384), |_| ()), Some(Code::AttributeLimit));

    let ids = (0..5).map(|id| format!("<b ID='i{id}'/>")).collect::<String>();
    let ids = format!("<a>{ids}</a>");
    assert_eq!(refused(&ids, |limits| limits.ids = 5), None);
    assert_eq!(refused(&ids, |limits| limits.ids = 4), Some(Code::NodeLimit));

    let size = ids.len() as u64;
    assert_eq!(refused(&ids, |limits| limits.bytes = size), None);
    assert_eq!(refused(&ids, |limits| limits.bytes = size - 1), Some(Code::MessageTooLarge));

    // An element, what stands before one, and what stands after the document element.
    let long = "x".repeat(3 << 20);
    let entity = |text: &str| format!("<a><b>{text}</b></a>");
    assert_eq!(refused(&entity(&long[..1 << 20]), |_| ()), None);
    assert_eq!(refused(&entity(&long), |_| ()), Some(Code::MessageTooLarge));
    assert_eq!(refused(&format!("<a>{long}<b/></a>"), |_| ()), Some(Code::MessageTooLarge));
    assert_eq!(
        refused(&format!("<a/>{}", " ".repeat(3 << 20)), |_| ()),
        Some(Code::MessageTooLarge)
    );
    // What is malformed at its beginning is not said to be too large.
    assert_eq!(refused(&format!("<a><b <{long}</a>"), |_| ()), Some(Code::NotWellFormed));
}

/// A short prefix that is declared anew for every element makes the canonical form grow without bound.
#[test]
fn a_canonical_form_out_of_all_proportion_is_refused() {
    let name = format!("urn:{}", "x".repeat(15_000));
    let elements =
        |count: usize| format!("<a xmlns:p='{name}'><b>{}</b></a>", "<p:c/>".repeat(count));
    assert_eq!(refused(&elements(1000), |_| ()), None);
    assert_eq!(refused(&elements(2000), |_| ()), Some(Code::Canonicalization));
}

#[test]
fn bytes_that_fail_to_come_are_told_apart() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("cut"))
        }
    }
    let mut parts = Parts::new(b"<a><b/>".chain(Broken), LIMITS, |_, _| true);
    assert!(matches!(parts.next_part(), Err(PartError::Input(_))));
}

/// Balanced documents with everything in them that two readings could take differently.
fn element() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec![
        "x",
        "\r\n",
        "\r",
        " ",
        "&amp;",
        "&#xD;",
        "é",
        "𐍈",
        "<!-- - -->",
        "<![CDATA[<]]>",
        "]]",
        ">",
        "\t",
    ]);
    let tag = prop::sample::select(vec![
        ("a", ""),
        ("a", " xmlns='urn:a'"),
        ("b", " xmlns=''"),
        ("p:a", " xmlns:p='urn:p'"),
        ("p:b", " xmlns:p='urn:q' p:q=\"'\" q='&#9;\n'"),
        ("b", " xmlns:p='urn:p' xmlns:q='urn:q' q:a='1' p:a='2'"),
        ("q:a", " xmlns:q='urn:p' xml:lang='de'"),
        ("p:c", ""),
    ]);
    let leaf = text.clone().prop_map(str::to_owned);
    let inner = leaf.prop_recursive(5, 40, 6, move |inner| {
        (tag.clone(), prop::collection::vec(inner, 0..6)).prop_map(|((name, more), content)| {
            format!("<{name}{more}>{}</{name}>", content.concat())
        })
    });
    prop::collection::vec(inner, 0..8)
        .prop_map(|content| format!("<a xmlns:p='urn:p'>{}</a>", content.concat()))
}

/// Pieces of documents in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<a>",
        "</a>",
        "<a/>",
        "<b>",
        "</b>",
        "<p:a xmlns:p='urn:p'>",
        "</p:a>",
        "<a ID='1'/>",
        "x",
        "&amp;",
        "&",
        "\r",
        "\n",
        "<!-- c -->",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?pi?>",
        "<!DOCTYPE a>",
        "'",
        "\"",
        "<",
        ">",
        "\u{FEFF}",
        "<a b='",
        "<a xmlns='urn:a'>",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_document_is_read_alike(text in element()) {
        agree(text.as_bytes());
    }

    #[test]
    fn any_text_is_judged_alike(text in pieces(), around in any::<bool>()) {
        agree(if around { format!("<a>{text}</a>") } else { text }.as_bytes());
    }
}
