//! What a value is (ATTACKS 5): markup inside a text that one reader skips and another stops at.

use super::attack::{End, Forged, Inapplicable, Recipe};
use super::edit::Edit;
use super::genuine::{Base, Genuine};
use sso_core::error::Code::{
    DigestMismatch, NotWellFormed, ProcessingInstruction, SchemaViolation,
};
use sso_core::xml::Element;

type Forgery = Result<Forged, Inapplicable>;
/// An element of the assertion.
type Part = for<'d> fn(Genuine<'d>) -> Result<Element<'d>, Inapplicable>;

/// The whole text is read, whatever stands in it.
const WHOLE: &[End] = &[End::Unchanged];
const CHANGED: &[End] = &[End::Refused(DigestMismatch)];
const INSTRUCTION: &[End] = &[End::Refused(ProcessingInstruction)];

pub(super) const ATTACKS: &[Recipe] = &[
    Recipe {
        class: "TXT-01",
        title: "a comment in the NameID",
        expected: WHOLE,
        forge: |base| cut(base, |it| it.name_id()),
    },
    Recipe {
        class: "TXT-01",
        title: "a comment in an AttributeValue",
        expected: WHOLE,
        forge: |base| cut(base, |it| it.in_assertion("AttributeValue")),
    },
    Recipe {
        class: "TXT-01",
        title: "a comment in the Issuer",
        expected: WHOLE,
        forge: |base| cut(base, |it| it.in_assertion("Issuer")),
    },
    Recipe {
        class: "TXT-01",
        title: "a comment in the Audience",
        expected: WHOLE,
        forge: |base| cut(base, |it| it.in_assertion("Audience")),
    },
    Recipe {
        class: "TXT-01",
        title: "a comment in place of the end of the NameID",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.loosest();
            let name = genuine.name_id()?;
            let value = name.text().unwrap_or_default();
            let (kept, dropped) = halves(&value);
            let written = format!("{kept}<!--{dropped}-->").replace("---->", "--- -->");
            Ok(Edit::of(genuine.response()).content(name, written).done().into())
        },
    },
    Recipe {
        class: "TXT-02",
        title: "the beginning of the NameID as a processing instruction",
        expected: INSTRUCTION,
        forge: |base| {
            let genuine = base.loosest();
            let name = genuine.name_id()?;
            let value = name.text().unwrap_or_default();
            let (first, second) = halves(&value);
            let written = format!("<?p {first}?>{second}");
            Ok(Edit::of(genuine.response()).content(name, written).done().into())
        },
    },
    Recipe {
        class: "TXT-02",
        title: "a processing instruction in the response",
        expected: INSTRUCTION,
        forge: |base| {
            let genuine = base.loosest();
            Ok(Edit::of(genuine.response()).before(genuine.body()?, "<?p x?>").done().into())
        },
    },
    Recipe {
        class: "TXT-03",
        title: "an element in the NameID",
        expected: CHANGED,
        forge: |base| {
            let genuine = base.loosest();
            let name = genuine.name_id()?;
            let edit = Edit::of(genuine.response()).content(name, "admin<x>.forged</x>");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "TXT-03",
        title: "an element in the response's Issuer",
        expected: &[End::Refused(SchemaViolation)],
        forge: |base| {
            let genuine = base.loosest();
            let issuer = genuine.response_issuer()?;
            let edit = Edit::of(genuine.response()).last_in(issuer, "<x>.forged</x>");
            Ok(edit.done().into())
        },
    },
    Recipe {
        class: "TXT-04",
        title: "a second NameID before the genuine one",
        expected: CHANGED,
        forge: |base| twin(base, |it| it.name_id(), true),
    },
    Recipe {
        class: "TXT-04",
        title: "a second NameID after the genuine one",
        expected: CHANGED,
        forge: |base| twin(base, |it| it.name_id(), false),
    },
    Recipe {
        class: "TXT-05",
        title: "a blank NameID",
        expected: CHANGED,
        forge: |base| named(base, " "),
    },
    Recipe {
        class: "TXT-05",
        title: "a blank after the NameID",
        expected: CHANGED,
        forge: |base| named(base, "{name} "),
    },
    Recipe {
        class: "TXT-05",
        title: "a NUL that ends the NameID",
        expected: &[End::Refused(NotWellFormed)],
        forge: |base| named(base, "{name}&#0;.forged"),
    },
    Recipe {
        class: "TXT-06",
        title: "an attribute of the same name before the genuine one",
        expected: CHANGED,
        forge: |base| twin(base, |it| it.in_assertion("Attribute"), true),
    },
    Recipe {
        class: "TXT-06",
        title: "an attribute of the same name after the genuine one",
        expected: CHANGED,
        forge: |base| twin(base, |it| it.in_assertion("Attribute"), false),
    },
];

/// A comment in the middle of a value of the assertion.
fn cut(base: &Base<'_>, part: Part) -> Forgery {
    let genuine = base.loosest();
    let element = part(genuine)?;
    let value = element.text().map_err(|_| Inapplicable("the value is no text"))?;
    let (first, second) = halves(&value);
    let written = [&escaped(first), "<!---->", &escaped(second)].concat();
    Ok(Edit::of(genuine.response()).content(element, written).done().into())
}

/// A copy of an element with another text, beside it.
fn twin(base: &Base<'_>, part: Part, before: bool) -> Forgery {
    let genuine = base.loosest();
    let element = part(genuine)?;
    let inner = element.descendants().next().unwrap_or(element);
    let forged = Edit::of(element).content(inner, "forged").done();
    let edit = Edit::of(genuine.response());
    let edit = if before { edit.before(element, forged) } else { edit.after(element, forged) };
    Ok(edit.done().into())
}

/// Another NameID; `{name}` is the genuine one.
fn named(base: &Base<'_>, name: &str) -> Forgery {
    let genuine = base.loosest();
    let element = genuine.name_id()?;
    let value = escaped(&element.text().unwrap_or_default());
    let edit = Edit::of(genuine.response()).content(element, name.replace("{name}", &value));
    Ok(edit.done().into())
}

fn halves(text: &str) -> (&str, &str) {
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    text.split_at(middle)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
