//! What parsers disagree on, and what exhausts them (ATTACKS 3, 10).

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::edit::{Edit, copy};
use super::genuine::Base;
use sso_core::error::Code::{
    AttributeLimit, DepthLimit, Destination, DigestMismatch, DoctypeForbidden, InResponseTo,
    MessageTooLarge, NodeLimit, NotNamespaceWellFormed, NotUtf8, NotWellFormed,
    ProcessingInstruction, SchemaViolation, Unsigned,
};
use sso_core::xml::ns;

type Forgery = Result<Forged, Inapplicable>;

const DOCTYPE: &[End] = &[End::Refused(DoctypeForbidden)];
const NAMES: &[End] = &[End::Refused(NotNamespaceWellFormed)];
const MALFORMED: &[End] = &[End::Refused(NotWellFormed)];
const ATTRIBUTES: &[End] = &[End::Refused(AttributeLimit)];
const ENCODING: &[End] = &[End::Refused(NotUtf8)];
/// Outside what is signed it changes nothing; inside, the digest.
const INERT: &[End] = &[End::Unchanged, End::Refused(DigestMismatch)];

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "PAR-01",
        title: "a document type that shows a second assertion to one parser",
        expected: DOCTYPE,
        forge: |base| {
            let forged = base.attacker.assertion("_forged").replace('"', "'");
            doctype(base, &format!("<!DOCTYPE x [<!NOTATION y SYSTEM \"{forged}\">]>"))
        },
    },
    Recipe {
        class: "PAR-02",
        title: "an attribute that begins with a colon",
        expected: NAMES,
        forge: |base| in_root(base, " :ID=\"_forged\""),
    },
    Recipe {
        class: "PAR-02",
        title: "an element with two colons",
        expected: NAMES,
        forge: |base| extended(base, "<x::y xmlns:x=\"urn:x\"/>"),
    },
    Recipe {
        class: "PAR-02",
        title: "an element that ends in a colon",
        expected: NAMES,
        forge: |base| extended(base, "<x: xmlns:x=\"urn:x\"/>"),
    },
    Recipe {
        class: "PAR-03",
        title: "a document type that gives a default namespace",
        expected: DOCTYPE,
        forge: |base| doctype(base, "<!DOCTYPE x [<!ATTLIST x xmlns CDATA \"urn:x\">]>"),
    },
    Recipe {
        class: "PAR-04",
        title: "a forged response after the genuine one",
        expected: MALFORMED,
        forge: |base| {
            let genuine = Edit::of(base.whole.response()).done();
            Ok((genuine + &forged_response(base)).into())
        },
    },
    Recipe {
        class: "PAR-04",
        title: "a forged response before the genuine one",
        expected: MALFORMED,
        forge: |base| {
            let genuine = Edit::of(base.whole.response()).element();
            Ok((forged_response(base) + &genuine).into())
        },
    },
    Recipe {
        class: "PAR-05",
        title: "a second ID on the signed element",
        expected: MALFORMED,
        forge: |base| {
            let genuine = base.loosest();
            let signed = genuine.signature()?.parent().unwrap_or(genuine.response());
            let id = format!(" {}=\"_forged\"", base.kind().id());
            Ok(Edit::of(genuine.response()).in_tag(signed, id).done().into())
        },
    },
    Recipe {
        class: "NS-01",
        title: "a forged assertion with the signature in another namespace",
        expected: &[End::Refused(Unsigned)],
        forge: |base| {
            let genuine = base.assertion_signed()?;
            let signature = copy(genuine.assertion_signature()?).replace(ns::DS, "urn:x");
            let forged = base.attacker.assertion("_forged");
            let forged = forged.replace("<saml:Subject>", &(signature + "<saml:Subject>"));
            let edit = Edit::of(genuine.response()).replace(genuine.assertion()?, forged);
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "NS-02",
        title: "an assertion of another namespace before the genuine one",
        expected: &[End::Refused(SchemaViolation)],
        forge: |base| {
            base.is_response()?;
            let genuine = base.loosest();
            let decoy = foreign(base);
            Ok(Edit::of(genuine.response()).before(genuine.body()?, decoy).done().into())
        },
    },
    Recipe {
        class: "NS-02",
        title: "an assertion of another namespace beside what carries the genuine one",
        expected: INERT,
        forge: |base| extended(base, &foreign(base)),
    },
    Recipe {
        class: "NS-03",
        title: "the prefix xml bound to something else",
        expected: NAMES,
        forge: |base| in_root(base, " xmlns:xml=\"urn:x\""),
    },
    Recipe {
        class: "NS-03",
        title: "the prefix xmlns declared",
        expected: NAMES,
        forge: |base| in_root(base, " xmlns:xmlns=\"urn:x\""),
    },
    Recipe {
        class: "NS-03",
        title: "another prefix bound to the namespace of xml",
        expected: NAMES,
        forge: |base| in_root(base, &format!(" xmlns:x=\"{}\"", ns::XML)),
    },
    Recipe {
        class: "NS-04",
        title: "our address as a Destination of another namespace, another as the real one",
        expected: &[End::Refused(Destination)],
        forge: |base| {
            base.is_response()?;
            let response = base.loosest().response();
            let acs = response.attribute("Destination").unwrap_or(&base.case.party.acs_url);
            let twin = format!(" xmlns:x=\"urn:x\" x:Destination=\"{acs}\"");
            let edit = Edit::of(response).in_tag(response, twin);
            Ok(edit.attribute(response, "Destination", "https://other.example/").done().into())
        },
    },
    Recipe {
        class: "NS-04",
        title: "the request as an InResponseTo of another namespace, another as the real one",
        expected: &[End::Refused(InResponseTo)],
        forge: |base| {
            base.is_response()?;
            let response = base.loosest().response();
            let request = base.case.request_id().unwrap_or_default();
            let twin = format!(" xmlns:x=\"urn:x\" x:InResponseTo=\"{request}\"");
            let edit = Edit::of(response).in_tag(response, twin);
            Ok(edit.attribute(response, "InResponseTo", "_another").done().into())
        },
    },
    Recipe {
        class: "NS-05",
        title: "a prefix of an xsi:type bound anew outside the assertion",
        expected: INERT,
        forge: |base| {
            let genuine = base.loosest();
            genuine.in_assertion("AttributeValue")?;
            let response = genuine.response();
            let edit = Edit::of(response).attribute(response, "xmlns:xs", "urn:x");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "XML-01",
        title: "a harmless document type",
        expected: DOCTYPE,
        forge: |base| doctype(base, "<!DOCTYPE samlp:Response>"),
    },
    Recipe {
        class: "XML-01",
        title: "an external entity",
        expected: DOCTYPE,
        forge: |base| doctype(base, "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>"),
    },
    Recipe {
        class: "XML-01",
        title: "a parameter entity from the network",
        expected: DOCTYPE,
        forge: |base| {
            doctype(base, "<!DOCTYPE x [<!ENTITY % e SYSTEM \"http://127.0.0.1:9/\"> %e;]>")
        },
    },
    Recipe {
        class: "XML-01",
        title: "entities that expand a billionfold",
        expected: DOCTYPE,
        forge: |base| {
            let mut entities = "<!ENTITY e0 \"ha\">".to_owned();
            for n in 1..10 {
                let many = format!("&e{};", n - 1).repeat(10);
                entities += &format!("<!ENTITY e{n} \"{many}\">");
            }
            doctype(base, &format!("<!DOCTYPE x [{entities}]>"))
        },
    },
    Recipe {
        class: "XML-02/03",
        title: "a stylesheet instruction before the response",
        expected: &[End::Refused(ProcessingInstruction)],
        forge: |base| doctype(base, "<?xml-stylesheet href=\"http://127.0.0.1:9/\"?>"),
    },
    Recipe {
        class: "XML-02/03",
        title: "an XInclude",
        expected: INERT,
        forge: |base| {
            let include = "<i:include xmlns:i=\"http://www.w3.org/2001/XInclude\" \
                           href=\"file:///etc/hostname\"/>";
            extended(base, include)
        },
    },
    Recipe {
        class: "XML-02/03",
        title: "a schema to fetch",
        expected: INERT,
        forge: |base| {
            let location = format!(
                " xmlns:si=\"{}\" si:schemaLocation=\"urn:x http://127.0.0.1:9/\"",
                ns::XSI
            );
            in_root(base, &location)
        },
    },
    Recipe {
        class: "XML-04..07",
        title: "text after the response",
        expected: MALFORMED,
        forge: |base| Ok((Edit::of(base.whole.response()).done() + "forged").into()),
    },
    Recipe {
        class: "XML-04..07",
        title: "an undeclared prefix",
        expected: NAMES,
        forge: |base| extended(base, "<undeclared:x/>"),
    },
    Recipe {
        class: "XML-04..07",
        title: "a response that does not end",
        expected: MALFORMED,
        forge: |base| {
            let mut text = Edit::of(base.whole.response()).element();
            text.truncate(text.rfind("</").unwrap_or_default());
            Ok(text.into())
        },
    },
    Recipe {
        class: "XML-08",
        title: "a reference to the NUL character in the name",
        expected: &[End::Refused(NotWellFormed)],
        forge: |base| named(base, "admin&#0;"),
    },
    Recipe {
        class: "XML-08",
        title: "a control character in the name",
        expected: &[End::Refused(NotWellFormed)],
        forge: |base| named(base, "admin\u{1}"),
    },
    Recipe {
        class: "XML-09",
        title: "the response in UTF-16",
        expected: &[End::Refused(NotUtf8)],
        forge: |base| {
            let text = Edit::of(base.whole.response()).element();
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            Ok(units.flat_map(u16::to_be_bytes).collect::<Vec<u8>>().into())
        },
    },
    Recipe {
        class: "XML-09",
        title: "UTF-8 declared as UTF-16",
        expected: ENCODING,
        forge: |base| declared(base, "UTF-16"),
    },
    Recipe {
        class: "XML-09",
        title: "UTF-8 declared as UTF-7",
        expected: ENCODING,
        forge: |base| declared(base, "UTF-7"),
    },
    Recipe {
        class: "XML-09",
        title: "UTF-8 declared as ISO-8859-1",
        expected: ENCODING,
        forge: |base| declared(base, "ISO-8859-1"),
    },
    Recipe {
        class: "XML-09",
        title: "bytes that are not UTF-8",
        expected: ENCODING,
        forge: |base| {
            let mut bytes = extended(base, "<x xmlns=\"\">@@</x>")?.message;
            if let Some(at) = bytes.windows(2).position(|two| two == b"@@") {
                bytes[at..at + 2].copy_from_slice(&[0xC0, 0x80]);
            }
            Ok(bytes.into())
        },
    },
    Recipe {
        class: "DOS-01",
        title: "elements twenty thousand deep",
        expected: &[End::Refused(DepthLimit)],
        forge: |base| {
            let deep = 20_000;
            let (open, close) = ("<x>".repeat(deep), "</x>".repeat(deep));
            extended(base, &format!("<x xmlns=\"\">{open}{close}</x>"))
        },
    },
    Recipe {
        class: "DOS-02",
        title: "five thousand attributes",
        expected: ATTRIBUTES,
        forge: |base| {
            let many: String = (0..5_000).map(|n| format!(" a{n}=\"\"")).collect();
            extended(base, &format!("<x xmlns=\"\"{many}/>"))
        },
    },
    Recipe {
        class: "DOS-02",
        title: "three thousand namespace declarations",
        expected: ATTRIBUTES,
        forge: |base| {
            let many: String = (0..3_000).map(|n| format!(" xmlns:a{n}=\"urn:{n}\"")).collect();
            extended(base, &format!("<x xmlns=\"\"{many}/>"))
        },
    },
    Recipe {
        class: "DOS-02",
        title: "thirty thousand elements",
        expected: &[End::Refused(NodeLimit)],
        forge: |base| extended(base, &"<x/>".repeat(30_000)),
    },
    Recipe {
        class: "DOS-02",
        title: "an attribute of a mebibyte",
        expected: &[End::Refused(MessageTooLarge)],
        forge: |base| in_root(base, &format!(" x=\"{}\"", "x".repeat(1024 * 1024))),
    },
];

fn forged_response(base: &Base<'_>) -> String {
    base.attacker.response("_forged_response", &base.attacker.assertion("_forged"))
}

/// Something before the document element.
fn doctype(base: &Base<'_>, prolog: &str) -> Forgery {
    Ok(format!("{prolog}{}", Edit::of(base.whole.response()).element()).into())
}

/// Something in the start tag of the response.
fn in_root(base: &Base<'_>, more: &str) -> Forgery {
    let response = base.loosest().response();
    Ok(Edit::of(response).in_tag(response, more).done().into())
}

/// Something where the message may have anything.
fn extended(base: &Base<'_>, inside: &str) -> Forgery {
    let genuine = base.loosest();
    Ok(genuine.extend(Edit::of(genuine.response()), inside)?.done().into())
}

/// A forged assertion in a namespace that means nothing.
fn foreign(base: &Base<'_>) -> String {
    base.attacker.assertion("_forged").replace(base.kind().namespace(), "urn:x")
}

/// Another name in the assertion.
fn named(base: &Base<'_>, name: &str) -> Forgery {
    let genuine = base.loosest();
    let edit = Edit::of(genuine.response()).content(genuine.name_id()?, name);
    Ok(edit.done().into())
}

fn declared(base: &Base<'_>, encoding: &str) -> Forgery {
    let text = Edit::of(base.whole.response()).element();
    Ok(format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{text}").into())
}
