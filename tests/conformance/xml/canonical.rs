//! Exclusive XML Canonicalization 1.0 and, for what it takes from there, Canonical XML 1.0: octet by
//! octet.

use sso_core::error::Code;
use sso_core::xml::{Document, Element, Limits, c14n};

fn canonical(element: Element<'_>, prefixes: &str) -> String {
    let mut octets = Vec::new();
    c14n::exclusive(element, prefixes, None, &mut octets).expect("a canonical form");
    String::from_utf8(octets).expect("UTF-8")
}

fn parse(text: &str) -> Document<'_> {
    Document::parse(text.as_bytes(), &Limits::MESSAGE).unwrap_or_else(|it| panic!("{text}: {it}"))
}

/// The canonical form of the first element called `apex`, or of the document element.
fn of(text: &str, prefixes: &str) -> String {
    let document = parse(text);
    let root = document.root();
    let apex = root.descendants().find(|element| element.local_name() == "apex").unwrap_or(root);
    canonical(apex, prefixes)
}

#[test]
fn characters_are_escaped_as_canonical_xml_2_3_says() {
    for (text, expected) in [
        ("<a/>", "<a></a>"),
        ("<a  b = 'x'\n/>", "<a b=\"x\"></a>"),
        ("<a>&lt;&gt;&amp;&quot;&apos;&#13;&#10;&#9;</a>", "<a>&lt;&gt;&amp;\"'&#xD;\n\t</a>"),
        ("<a> > ]] \"' </a>", "<a> &gt; ]] \"' </a>"),
        ("<a><![CDATA[<&>]]></a>", "<a>&lt;&amp;&gt;</a>"),
        ("<a>\r\n\r\t</a>", "<a>\n\n\t</a>"),
        ("<a><![CDATA[\r\n]]></a>", "<a>\n</a>"),
        (
            "<a b='&lt;&gt;&amp;&quot;&apos;&#13;&#10;&#9;'/>",
            "<a b=\"&lt;>&amp;&quot;'&#xD;&#xA;&#x9;\"></a>",
        ),
        ("<a b='\r\n \t>\"'/>", "<a b=\"   >&quot;\"></a>"),
        ("<a b=\"'\"/>", "<a b=\"'\"></a>"),
        ("<a>x<!-- c -->y</a>", "<a>xy</a>"),
        ("<!-- c -->\n<a>\u{FC}&#xFC;\u{10000}</a>\n<!-- c -->", "<a>\u{FC}\u{FC}\u{10000}</a>"),
        ("<a b='&#xE9;' \u{E9}='1'/>", "<a b=\"\u{E9}\" \u{E9}=\"1\"></a>"),
    ] {
        assert_eq!(of(text, ""), expected, "{text}");
    }
}

#[test]
fn attributes_follow_their_namespaces_and_declarations_their_prefixes() {
    for (text, expected) in [
        ("<a c='' b='' a=''/>", "<a a=\"\" b=\"\" c=\"\"></a>"),
        // By namespace name, not by prefix; those in none come first (Canonical XML 1.0, 2.3).
        (
            "<a xmlns:a='u:z' xmlns:b='u:y' a:a='1' b:a='2' z='3'/>",
            "<a xmlns:a=\"u:z\" xmlns:b=\"u:y\" z=\"3\" b:a=\"2\" a:a=\"1\"></a>",
        ),
        (
            "<z:a xmlns:z='u:z' xmlns:y='u:y' xmlns='u:d' y:b='' xml:lang='x'><c/></z:a>",
            "<z:a xmlns:y=\"u:y\" xmlns:z=\"u:z\" xml:lang=\"x\" y:b=\"\"><c xmlns=\"u:d\"></c></z:a>",
        ),
        // A longer name after the one that it begins with.
        ("<a ab='' a=''/>", "<a a=\"\" ab=\"\"></a>"),
    ] {
        assert_eq!(of(text, ""), expected, "{text}");
    }
}

#[test]
fn a_declaration_stands_where_its_prefix_is_first_used() {
    for (text, expected) in [
        // Unused ones are left out.
        (
            "<a xmlns:p='u:p' xmlns='u:d'><p:b/></a>",
            "<a xmlns=\"u:d\"><p:b xmlns:p=\"u:p\"></p:b></a>",
        ),
        ("<p:a xmlns:p='u:p' xmlns='u:d'/>", "<p:a xmlns:p=\"u:p\"></p:a>"),
        // Again on each sibling, not again inside.
        (
            "<a xmlns:p='u:p'><p:b><p:c/></p:b><p:b/></a>",
            "<a><p:b xmlns:p=\"u:p\"><p:c></p:c></p:b><p:b xmlns:p=\"u:p\"></p:b></a>",
        ),
        // Rebinding, and binding back.
        (
            "<p:a xmlns:p='u:1'><p:b xmlns:p='u:2'><p:c xmlns:p='u:1'/></p:b><p:d/></p:a>",
            "<p:a xmlns:p=\"u:1\"><p:b xmlns:p=\"u:2\"><p:c xmlns:p=\"u:1\"></p:c></p:b><p:d></p:d></p:a>",
        ),
        // A declaration that changes nothing.
        ("<p:a xmlns:p='u:p'><p:b xmlns:p='u:p'/></p:a>", "<p:a xmlns:p=\"u:p\"><p:b></p:b></p:a>"),
        // The default namespace is undeclared only where the output has one.
        (
            "<a xmlns=''><b xmlns='u:d'><c xmlns=''/></b></a>",
            "<a><b xmlns=\"u:d\"><c xmlns=\"\"></c></b></a>",
        ),
        (
            "<p:a xmlns:p='u:p' xmlns='u:d'><b xmlns=''/></p:a>",
            "<p:a xmlns:p=\"u:p\"><b></b></p:a>",
        ),
        // xml needs no declaration, xml:* are attributes like others and not inherited.
        ("<a xml:lang='en'><apex xml:space='default'/></a>", "<apex xml:space=\"default\"></apex>"),
        (
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:id='i'/>",
            "<a xml:id=\"i\"></a>",
        ),
        // What the ancestors of the apex declare comes where it is used.
        (
            "<a xmlns='u:d' xmlns:p='u:p'><apex><b p:c=''/></apex></a>",
            "<apex xmlns=\"u:d\"><b xmlns:p=\"u:p\" p:c=\"\"></b></apex>",
        ),
        ("<a xmlns='u:&amp;&#9;\"'/>", "<a xmlns=\"u:&amp;&#x9;&quot;\"></a>"),
    ] {
        assert_eq!(of(text, ""), expected, "{text}");
    }
}

#[test]
fn listed_prefixes_are_treated_as_in_inclusive_canonicalization() {
    let text = "<a xmlns='u:d' xmlns:p='u:p' xmlns:q='u:q'><p:apex><b xmlns=''/><q:c xmlns:q='u:r'/>\
                <d xmlns:s='u:s'/></p:apex></a>";
    for (prefixes, expected) in [
        (
            "",
            "<p:apex xmlns:p=\"u:p\"><b></b><q:c xmlns:q=\"u:r\"></q:c><d xmlns=\"u:d\"></d></p:apex>",
        ),
        (
            "q",
            "<p:apex xmlns:p=\"u:p\" xmlns:q=\"u:q\"><b></b><q:c xmlns:q=\"u:r\"></q:c>\
             <d xmlns=\"u:d\"></d></p:apex>",
        ),
        (
            "#default",
            "<p:apex xmlns=\"u:d\" xmlns:p=\"u:p\"><b xmlns=\"\"></b><q:c xmlns:q=\"u:r\"></q:c>\
             <d></d></p:apex>",
        ),
        (
            " q\t#default\n s  absent xml q ",
            "<p:apex xmlns=\"u:d\" xmlns:p=\"u:p\" xmlns:q=\"u:q\"><b xmlns=\"\"></b>\
             <q:c xmlns:q=\"u:r\"></q:c><d xmlns:s=\"u:s\"></d></p:apex>",
        ),
    ] {
        assert_eq!(of(text, prefixes), expected, "{prefixes:?}");
    }
}

#[test]
fn what_is_omitted_leaves_no_trace() {
    let document = parse("<a>1<b xmlns='u:d'>2<c/></b>3</a>");
    let root = document.root();
    let mut octets = Vec::new();
    c14n::exclusive(root, "", root.children().next(), &mut octets).expect("a canonical form");
    assert_eq!(octets, b"<a>13</a>");
}

#[test]
fn nothing_to_write_and_relative_names_are_failures() {
    let nothing = parse("<a/>");
    let mut octets = Vec::new();
    let refused = c14n::exclusive(nothing.root(), "", Some(nothing.root()), &mut octets);
    assert_eq!(refused.map_err(|it| it.code), Err(Code::Canonicalization));

    // Wherever it is declared, and used or not (ATTACKS C14N-02).
    for (broken, repaired) in [
        ("<a xmlns:x='1'><b/></a>", "<a xmlns:x='u:1'><b/></a>"),
        ("<a><b xmlns='../x'/></a>", "<a><b xmlns='http://x/../x'/></a>"),
        ("<a xmlns='#x'><b/></a>", "<a xmlns='x:#x'><b/></a>"),
    ] {
        let document = parse(broken);
        let refused = c14n::exclusive(document.root(), "", None, &mut octets);
        assert_eq!(refused.map_err(|it| it.code), Err(Code::Canonicalization), "{broken}");
        assert!(c14n::exclusive(parse(repaired).root(), "", None, &mut octets).is_ok());
        octets.clear();
    }
}

#[test]
fn inclusive_form_has_all_that_is_around_the_apex() {
    let of = |text: &str| {
        let document = parse(text);
        let root = document.root();
        let mut all = std::iter::once(root).chain(root.descendants());
        let apex = all.find(|element| element.local_name() == "apex").expect("an apex");
        let mut octets = Vec::new();
        c14n::inclusive(apex, None, &mut octets).expect("a canonical form");
        String::from_utf8(octets).expect("UTF-8")
    };
    for (text, expected) in [
        ("<apex/>", "<apex></apex>"),
        // Used or not, and each once.
        (
            "<o xmlns='u:d' xmlns:p='u:p'><apex><p:b xmlns:p='u:p' xmlns:q='u:q'/></apex></o>",
            "<apex xmlns=\"u:d\" xmlns:p=\"u:p\"><p:b xmlns:q=\"u:q\"></p:b></apex>",
        ),
        // The nearest counts, and a default namespace that was undeclared is none.
        (
            "<o xmlns='u:d' xmlns:p='u:1'><m xmlns='' xmlns:p='u:2'><apex/></m></o>",
            "<apex xmlns:p=\"u:2\"></apex>",
        ),
        (
            "<o xmlns='u:d'><apex><b xmlns=''><c xmlns='u:d'/></b></apex></o>",
            "<apex xmlns=\"u:d\"><b xmlns=\"\"><c xmlns=\"u:d\"></c></b></apex>",
        ),
        // Attributes of the namespace xml are inherited, at the apex alone (Canonical XML 1.0, 2.4).
        (
            "<o xml:lang='en' xml:space='default' a='1'><m xml:lang='de'><apex z='2'><b/></apex></m></o>",
            "<apex z=\"2\" xml:lang=\"de\" xml:space=\"default\"><b></b></apex>",
        ),
        ("<o xml:lang='en'><apex xml:lang='fr'/></o>", "<apex xml:lang=\"fr\"></apex>"),
        ("<o xml:lang='en'><apex/></o>", "<apex xml:lang=\"en\"></apex>"),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
}
