//! What is no namespace-well-formed document of XML 1.0 in UTF-8, or has what SPEC 4.1 never accepts:
//! each refused by its own code, and accepted once its one defect is repaired.

use sso_core::error::Code::{
    self, DoctypeForbidden, DuplicateId, NotNamespaceWellFormed, NotUtf8, NotWellFormed,
    ProcessingInstruction,
};
use sso_core::xml::{Document, Limits};

/// A rule, an input that breaks it, the code, and the input repaired.
type Case = (&'static str, &'static [u8], Code, &'static [u8]);

fn check(cases: &[Case]) {
    for (rule, broken, code, repaired) in cases {
        let refused = Document::parse(broken, &Limits::MESSAGE).map(drop).map_err(|it| it.code);
        assert_eq!(refused, Err(*code), "{rule}");
        if let Err(rejection) = Document::parse(repaired, &Limits::MESSAGE) {
            panic!("{rule}, repaired: {rejection}");
        }
    }
}

#[test]
fn one_document_element_and_nothing_beside_it() {
    check(&[
        ("two roots", b"<a/><b/>", NotWellFormed, b"<r><a/><b/></r>"),
        ("two roots, apart", b"<a></a>\n<a></a>", NotWellFormed, b"<a></a>\n"),
        ("unclosed element", b"<a><b></a>", NotWellFormed, b"<a><b></b></a>"),
        ("unclosed root", b"<a><b/>", NotWellFormed, b"<a><b/></a>"),
        ("unopened end tag", b"<a></a></a>", NotWellFormed, b"<a></a>"),
        ("trailing text", b"<a/>x", NotWellFormed, b"<a>x</a>"),
        ("trailing CDATA", b"<a/><![CDATA[ ]]>", NotWellFormed, b"<a><![CDATA[ ]]></a>"),
        ("leading text", b"x<a/>", NotWellFormed, b" <a/>"),
        ("a reference outside", b"<a/>&#32;", NotWellFormed, b"<a/> "),
        ("nothing", b"", NotWellFormed, b"<a/>"),
        ("white space alone", b" \n", NotWellFormed, b" \n<a/>"),
        ("a comment alone", b"<!-- a -->", NotWellFormed, b"<!-- a --><a/>"),
        ("an end tag alone", b"</a>", NotWellFormed, b"<a></a>"),
        ("text after a tag that is cut off", b"<a><b", NotWellFormed, b"<a><b/></a>"),
    ]);
}

#[test]
fn tags_and_attributes() {
    check(&[
        ("`<` in an attribute", b"<a b='<'/>", NotWellFormed, b"<a b='&lt;'/>"),
        ("`<` after a reference", b"<a b='&amp;<'/>", NotWellFormed, b"<a b='&amp;&lt;'/>"),
        ("unquoted value", b"<a b=c/>", NotWellFormed, b"<a b='c'/>"),
        ("no value", b"<a b/>", NotWellFormed, b"<a b=''/>"),
        ("no space between", b"<a b='1'c='2'/>", NotWellFormed, b"<a b='1' c='2'/>"),
        ("unclosed quote", b"<a b='1/>", NotWellFormed, b"<a b='1'/>"),
        ("quotes that differ", b"<a b='1\"/>", NotWellFormed, b"<a b='1\"'/>"),
        ("an attribute twice", b"<a ID='1' ID='2'/>", NotWellFormed, b"<a ID='1' id='2'/>"),
        (
            "a prefix declared twice",
            b"<a xmlns:p='u:1' xmlns:p='u:2'/>",
            NotWellFormed,
            b"<a xmlns:p='u:1'/>",
        ),
        (
            "an attribute twice among many",
            b"<a b='' c='' d='' e='' f='' g='' h='' i='' j='' b=''/>",
            NotWellFormed,
            b"<a b='' c='' d='' e='' f='' g='' h='' i='' j='' k=''/>",
        ),
        ("an attribute of an end tag", b"<a></a b=''>", NotWellFormed, b"<a b=''></a >"),
        ("a space before a name", b"< a/>", NotWellFormed, b"<a />"),
        ("a name that begins with a digit", b"<1a/>", NotWellFormed, b"<a1/>"),
        ("a name that begins with a dash", b"<a -b=''/>", NotWellFormed, b"<a b-=''/>"),
        ("a name of a symbol", "<a×/>".as_bytes(), NotWellFormed, "<aß·/>".as_bytes()),
        (
            "a name of a combining mark",
            "<\u{301}a/>".as_bytes(),
            NotWellFormed,
            "<a\u{301}/>".as_bytes(),
        ),
        ("an end tag of another case", b"<a></A>", NotWellFormed, b"<a></a>"),
        ("an end tag that goes on", b"<a></ab>", NotWellFormed, b"<a></a\n>"),
        ("a slash alone", b"<a/ >", NotWellFormed, b"<a />"),
    ]);
}

#[test]
fn character_data_comments_and_sections() {
    check(&[
        ("`]]>` in text", b"<a>]]></a>", NotWellFormed, b"<a>]]&gt;</a>"),
        ("`]]>` after a reference", b"<a>&amp;]]></a>", NotWellFormed, b"<a>&amp;]] ></a>"),
        ("an ampersand alone", b"<a>&</a>", NotWellFormed, b"<a>&amp;</a>"),
        ("an ampersand and a space", b"<a>a & b;</a>", NotWellFormed, b"<a>a &amp; b;</a>"),
        ("`--` in a comment", b"<a><!-- -- --></a>", NotWellFormed, b"<a><!-- - - --></a>"),
        ("`--->`", b"<a><!-- a ---></a>", NotWellFormed, b"<a><!-- a - --></a>"),
        ("an unclosed comment", b"<a><!-- </a>", NotWellFormed, b"<a><!-- --></a>"),
        ("a comment that is too short", b"<a><!--></a>", NotWellFormed, b"<a><!----></a>"),
        ("an unclosed section", b"<a><![CDATA[</a>", NotWellFormed, b"<a><![CDATA[]]></a>"),
        (
            "a section of another name",
            b"<a><![cdata[]]></a>",
            NotWellFormed,
            b"<a><![CDATA[]]></a>",
        ),
        ("a conditional section", b"<a><![INCLUDE[]]></a>", NotWellFormed, b"<a></a>"),
        ("a declaration in content", b"<a><!ELEMENT b ANY></a>", NotWellFormed, b"<a></a>"),
    ]);
}

#[test]
fn references_name_characters_of_xml() {
    check(&[
        ("an undeclared entity", b"<a>&e;</a>", NotWellFormed, b"<a>&quot;</a>"),
        ("an entity of HTML", b"<a>&nbsp;</a>", NotWellFormed, b"<a>&#160;</a>"),
        ("an entity in an attribute", b"<a ID='&e;'/>", NotWellFormed, b"<a ID='&apos;'/>"),
        ("NUL", b"<a>&#0;</a>", NotWellFormed, b"<a>&#9;</a>"),
        ("a control character", b"<a>&#x1;</a>", NotWellFormed, b"<a>&#xD;</a>"),
        ("a surrogate", b"<a>&#xD800;</a>", NotWellFormed, b"<a>&#xD7FF;</a>"),
        ("a noncharacter", b"<a>&#xFFFE;</a>", NotWellFormed, b"<a>&#xFFFD;</a>"),
        ("past Unicode", b"<a>&#x110000;</a>", NotWellFormed, b"<a>&#x10FFFF;</a>"),
        (
            "a number too large for 64 bits",
            b"<a>&#99999999999999999999;</a>",
            NotWellFormed,
            b"<a>&#99;</a>",
        ),
        ("no digits", b"<a>&#;</a>", NotWellFormed, b"<a>&#0032;</a>"),
        ("no hexadecimal digits", b"<a>&#x;</a>", NotWellFormed, b"<a>&#x0020;</a>"),
        ("an upper-case X", b"<a>&#X20;</a>", NotWellFormed, b"<a>&#x20;</a>"),
        ("a sign", b"<a>&#+32;</a>", NotWellFormed, b"<a>&#32;</a>"),
        ("no semicolon", b"<a>&amp</a>", NotWellFormed, b"<a>&amp;</a>"),
        (
            "a reference that a tag cuts off",
            b"<a>&am<b/>p;</a>",
            NotWellFormed,
            b"<a>&amp;<b/></a>",
        ),
    ]);
}

#[test]
fn characters_and_encodings() {
    check(&[
        ("a control character", b"<a>\x01</a>", NotWellFormed, b"<a>\t</a>"),
        ("NUL", b"<a>\0</a>", NotWellFormed, b"<a></a>"),
        ("a control character in a tag", b"<a\x0B/>", NotWellFormed, b"<a\n/>"),
        ("U+FFFF", b"<a>\xEF\xBF\xBF</a>", NotWellFormed, b"<a>\xEF\xBF\xBD</a>"),
        ("not UTF-8", b"<a>\xFF</a>", NotUtf8, b"<a>\xC3\xBF</a>"),
        ("UTF-8 longer than it need be", b"<a>\xC0\xBC</a>", NotUtf8, b"<a>&lt;</a>"),
        ("a surrogate in UTF-8", b"<a>\xED\xA0\x80</a>", NotUtf8, b"<a>\xED\x9F\xBF</a>"),
        ("UTF-8 that is cut off", b"<a/>\xC3", NotUtf8, b"<a/>"),
        ("UTF-16 with its mark", b"\xFF\xFE<\0a\0/\0>\0", NotUtf8, b"\xEF\xBB\xBF<a/>"),
        ("UTF-16 without", b"<\0a\0/\0>\0", NotUtf8, b"<a/>"),
        ("UTF-16, the other end first", b"\0<\0a\0/\0>", NotUtf8, b"<a/>"),
        (
            "UTF-16 declared",
            b"<?xml version='1.0' encoding='UTF-16'?><a/>",
            NotUtf8,
            b"<?xml version='1.0' encoding='utf-8'?><a/>",
        ),
        (
            "UTF-7 declared",
            b"<?xml version='1.0' encoding='UTF-7'?><a>+ADw-</a>",
            NotUtf8,
            b"<?xml version='1.0'?><a>+ADw-</a>",
        ),
        (
            "ISO-8859-1 declared",
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?><a/>",
            NotUtf8,
            b"<?xml version=\"1.0\" encoding=\"UTF-8\" ?><a/>",
        ),
        ("a mark that is not first", b" \xEF\xBB\xBF<a/>", NotWellFormed, b"\xEF\xBB\xBF <a/>"),
        ("two marks", b"\xEF\xBB\xBF\xEF\xBB\xBF<a/>", NotWellFormed, b"\xEF\xBB\xBF<a/>"),
    ]);
}

#[test]
fn declarations_and_instructions() {
    check(&[
        (
            "a late XML declaration",
            b" <?xml version='1.0'?><a/>",
            NotWellFormed,
            b"<?xml version='1.0'?><a/>",
        ),
        ("one inside", b"<a><?xml version='1.0'?></a>", NotWellFormed, b"<a></a>"),
        ("one in capitals", b"<?XML version='1.0'?><a/>", NotWellFormed, b"<a/>"),
        (
            "two",
            b"<?xml version='1.0'?><?xml version='1.0'?><a/>",
            NotWellFormed,
            b"<?xml version='1.0'?><a/>",
        ),
        (
            "without a version",
            b"<?xml encoding='UTF-8'?><a/>",
            NotWellFormed,
            b"<?xml version='1.0' encoding='UTF-8'?><a/>",
        ),
        (
            "of version 1.1",
            b"<?xml version='1.1'?><a/>",
            NotWellFormed,
            b"<?xml version='1.0'?><a/>",
        ),
        (
            "out of order",
            b"<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
            NotWellFormed,
            b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><a/>",
        ),
        (
            "neither alone nor not",
            b"<?xml version='1.0' standalone='1'?><a/>",
            NotWellFormed,
            b"<?xml version='1.0' standalone='no'?><a/>",
        ),
        (
            "that never ends",
            b"<?xml version='1.0'><a/>",
            NotWellFormed,
            b"<?xml version='1.0' ?><a/>",
        ),
        (
            "an instruction before",
            b"<?xml-stylesheet href='x'?><a/>",
            ProcessingInstruction,
            b"<a/>",
        ),
        (
            "an instruction inside",
            b"<a>admin<?p not-?></a>",
            ProcessingInstruction,
            b"<a>admin</a>",
        ),
        ("an instruction after", b"<a/><?p?>", ProcessingInstruction, b"<a/>"),
        ("an instruction that never ends", b"<a><?p </a>", NotWellFormed, b"<a></a>"),
        ("an instruction without a name", b"<a><? p?></a>", NotWellFormed, b"<a></a>"),
        ("DOCTYPE", b"<!DOCTYPE a><a/>", DoctypeForbidden, b"<a/>"),
        (
            "DOCTYPE after a comment",
            b"<!-- --><!DOCTYPE a []><a/>",
            DoctypeForbidden,
            b"<!-- --><a/>",
        ),
        ("DOCTYPE inside", b"<a><!DOCTYPE a></a>", DoctypeForbidden, b"<a></a>"),
        (
            "DOCTYPE with an entity that is used",
            b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
            DoctypeForbidden,
            b"<a>&amp;</a>",
        ),
        ("DOCTYPE in small letters", b"<!doctype a><a/>", NotWellFormed, b"<a/>"),
    ]);
}

#[test]
fn names_and_namespaces() {
    check(&[
        ("two colons", b"<x::y xmlns:x='u:x'/>", NotNamespaceWellFormed, b"<x:y xmlns:x='u:x'/>"),
        ("a colon first", b"<:y/>", NotNamespaceWellFormed, b"<y/>"),
        ("a colon last", b"<x: xmlns:x='u:x'/>", NotNamespaceWellFormed, b"<x:y xmlns:x='u:x'/>"),
        ("a colon alone", b"<:/>", NotNamespaceWellFormed, b"<a/>"),
        ("an attribute with a colon first", b"<a :ID='1'/>", NotNamespaceWellFormed, b"<a ID='1'/>"),
        ("a local part with a digit first", b"<x:1 xmlns:x='u:x'/>", NotNamespaceWellFormed, b"<x:a1 xmlns:x='u:x'/>"),
        ("xmlns and a colon", b"<a xmlns:='u:x'/>", NotNamespaceWellFormed, b"<a xmlns='u:x'/>"),
        ("an undeclared prefix", b"<p:a/>", NotNamespaceWellFormed, b"<p:a xmlns:p='u:p'/>"),
        ("an undeclared prefix of an attribute", b"<a xsi:type='b'/>", NotNamespaceWellFormed, b"<a xmlns:xsi='u:x' xsi:type='b'/>"),
        ("a prefix out of its scope", b"<a><p:b xmlns:p='u:p'/><p:c/></a>", NotNamespaceWellFormed, b"<a xmlns:p='u:p'><p:b/><p:c/></a>"),
        ("a prefix undeclared again", b"<a xmlns:p='u:p'><b xmlns:p=''/></a>", NotNamespaceWellFormed, b"<a xmlns='u:p'><b xmlns=''/></a>"),
        (
            "an attribute twice under two prefixes",
            b"<a xmlns:p='u:1' xmlns:q='u:1' p:b='' q:b=''/>",
            NotNamespaceWellFormed,
            b"<a xmlns:p='u:1' xmlns:q='u:2' p:b='' q:b=''/>",
        ),
        (
            "an attribute twice under two prefixes, among many",
            b"<a xmlns:p='u:1' xmlns:q='u:1' p:b='' c='' d='' e='' f='' g='' h='' i='' j='' q:b=''/>",
            NotNamespaceWellFormed,
            b"<a xmlns:p='u:1' xmlns:q='u:2' p:b='' c='' d='' e='' f='' g='' h='' i='' j='' q:b=''/>",
        ),
        ("xml rebound", b"<a xmlns:xml='u:x'/>", NotNamespaceWellFormed, b"<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"),
        ("another prefix for xml", b"<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", NotNamespaceWellFormed, b"<a xml:lang=''/>"),
        ("xml as the default", b"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", NotNamespaceWellFormed, b"<a xmlns=''/>"),
        ("xmlns declared", b"<a xmlns:xmlns='u:x'/>", NotNamespaceWellFormed, b"<a xmlns:x='u:x'/>"),
        ("xmlns declared as what it is", b"<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", NotNamespaceWellFormed, b"<a/>"),
        ("a prefix for xmlns", b"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", NotNamespaceWellFormed, b"<a xmlns:p='http://www.w3.org/2000/xmlns'/>"),
        ("xmlns of an element", b"<xmlns:a/>", NotNamespaceWellFormed, b"<xml:a/>"),
        ("a reserved name by references", b"<a xmlns:p='http://www.w3.org/XML/1998/&#110;amespace'/>", NotNamespaceWellFormed, b"<a/>"),
    ]);
}

#[test]
fn an_id_stands_once_in_whatever_spelling() {
    const WSU: &str = "xmlns:w='http://docs.oasis-open.org/wss/2004/01/\
                       oasis-200401-wss-wssecurity-utility-1.0.xsd'";
    let spellings = ["ID", "Id", "id", "xml:id", "AssertionID", "w:Id"];
    for one in spellings {
        for other in spellings {
            let document = |value: &str| {
                format!("<a {WSU}><b {one}='_1'/><c><d {other}='{value}'/></c></a>").into_bytes()
            };
            let twins = document("_&#49;");
            let refused = Document::parse(&twins, &Limits::MESSAGE).map(drop).map_err(|it| it.code);
            assert_eq!(refused, Err(DuplicateId), "{one} and {other}");
            assert!(Document::parse(&document("_2"), &Limits::MESSAGE).is_ok());
        }
    }
    // A namespaced attribute of the same name is no ID.
    let decoy = b"<a xmlns:evil='u:evil'><b ID='_1'/><c evil:ID='_1'/></a>";
    assert!(Document::parse(decoy, &Limits::MESSAGE).is_ok());
}

#[test]
fn metadata_may_have_instructions_outside_the_document_element_alone() {
    for (document, code) in [
        (b"<?xml-stylesheet href='x'?><a/><?p?>".as_slice(), None),
        (b"<a><?p?></a>".as_slice(), Some(ProcessingInstruction)),
    ] {
        let found = Document::parse(document, &Limits::METADATA).err().map(|it| it.code);
        assert_eq!(found, code);
    }
}
