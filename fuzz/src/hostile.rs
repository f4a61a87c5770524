//! Messages made to cost as much as 256 KiB can: each of one kind, and each as far inside as nobody's key is
//! needed for (SPEC 4.1; ATTACKS DOS-01 to DOS-07).

use crate::genuine::{self, Content};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sso_core::bindings::post;
use sso_core::bindings::redirect::RedirectQuery;
use sso_core::connection::LegacyCrypto;
use sso_core::dsig::Policy;
use sso_core::error::{Code, Rejection};
use sso_core::login::{RelyingParty, Trace, verify_solicited};
use sso_core::xml::Limits;
use std::fmt::Write as _;
use url::form_urlencoded::byte_serialize;

/// A message that costs, in the form in which a browser brings it.
pub struct Hostile {
    /// What there is too much of.
    pub name: &'static str,
    carried: Carried,
    party: RelyingParty,
}

enum Carried {
    /// The value of the form field.
    Post(String),
    /// The query.
    Redirect(String),
}

impl Hostile {
    /// Receives the message and verifies it, as the service does.
    ///
    /// # Panics
    /// Where it is accepted.
    pub fn refused(&self) -> Code {
        match self.verified() {
            Ok(()) => panic!("{} was accepted", self.name),
            Err(rejection) => rejection.code,
        }
    }

    fn verified(&self) -> Result<(), Rejection> {
        match &self.carried {
            Carried::Post(field) => {
                let inbound = post::decode(field, None)?;
                let message = inbound.message()?;
                std::hint::black_box(message.hints());
                let mut trace = Trace::recording();
                verify_solicited(&message, &self.party, genuine::REQUEST, genuine::NOW, &mut trace)
                    .map(drop)
            }
            Carried::Redirect(query) => {
                let received = RedirectQuery::receive(query)?;
                let message = received.message()?;
                let (grants, now) = (&self.party.grants, genuine::NOW);
                let policy = Policy { grants, now, enforce_certificate_validity: false };
                message.verify(&genuine::OUR_KEYS, &policy).map(drop)
            }
        }
    }
}

/// The most bytes of a message.
const MOST: usize = Limits::MESSAGE.bytes;

/// About the most attributes of a message: what is around has some too.
const ATTRIBUTES: usize = Limits::MESSAGE.attributes_in_all as usize - 100;

/// One of each kind.
pub fn hostile() -> Vec<Hostile> {
    let mut all = Vec::new();
    let mut post = |name, message: String| all.push(posted(name, message.as_bytes()));

    post("elements inside one another", extended("<a>", "", "</a>"));
    let nested = ["<a>".repeat(60), "</a>".repeat(60)].concat();
    post("nests of sixty elements", extended("", &nested, ""));
    post("elements", extended("", "<a/>", ""));
    post("texts in pieces", extended("", "a<!---->", ""));
    post("sections of CDATA", extended("", "<![CDATA[>]]>", ""));
    post("comments", extended("", "<!---->", ""));
    let attributes = numbered(|n| format!(" a{n}=''"), 64);
    post("too many attributes", extended("", &format!("<e{attributes}/>"), ""));
    post("attributes", several(&format!("<e{attributes}/>"), ATTRIBUTES / 64));
    post("attributes with references", extended("", "<e a='&#65;\t' b='&amp;\t'/>", ""));
    post("attributes of one element", extended("<e", " a=''", "/>"));
    let declared = numbered(|n| format!(" xmlns:p{n}='u:{n}'"), 60);
    post("declarations", extended("", &format!("<e{declared}/>"), ""));
    let used = numbered(|n| format!(" p{n}:a=''"), 60);
    let used = format!("<p59:e{used}/>").repeat(ATTRIBUTES / 60 - 1);
    post("prefixes", extended(&format!("<e{declared}>{used}</e>"), "", ""));
    // What is left is room for fewer elements than the reader takes.
    let long = "x".repeat(MOST / 7 * 4);
    let written = format!("<e xmlns:p='urn:{long}'>");
    post("a long name, written anew for every element", extended(&written, "<p:e/>", "</e>"));
    let alike =
        numbered(|n| format!(" xmlns:p{n}='urn:{}{n}{}'", "x".repeat(900), "x".repeat(900)), 60);
    post("names that are nearly alike", extended("", &format!("<e{alike}/>"), ""));
    post("entities", extended("", "&amp;", ""));
    post("references to characters", extended("", "&#x10FFFF;", ""));
    post("text to escape", extended("", "\r>", ""));
    post("IDs", many_ids());
    post("IDs that are nearly alike", nearly_alike_ids());
    post("a long name", extended(&format!("<{}", "n".repeat(MOST / 2 - 8_000)), "", "/>"));
    post("a long value", extended("<e a='", "x", "'/>"));

    for (name, from, to, unit) in [
        ("prefixes in a PrefixList", "PrefixList=\"", "\"", "p7 "),
        (
            "references of a signature",
            "<ds:Reference",
            "<ds:Reference",
            "<ds:Reference URI=\"#a\"/>",
        ),
        ("transforms", "<ds:Transforms>", "<ds:Transform ", "<ds:Transform Algorithm=\"a\"/>"),
        ("a digest value", "<ds:DigestValue>", "<", "QUJD"),
        ("a digest value in pieces", "<ds:DigestValue>", "<", "Q U\n"),
        ("a signature value", "<ds:SignatureValue>", "<", "QUJD"),
        ("a certificate", "<ds:X509Certificate>", "<", "QUJD"),
        ("certificates", "<ds:X509Data>", "<", "<ds:X509Certificate>QUJD</ds:X509Certificate>"),
    ] {
        post(name, within_signature(from, to, unit));
    }
    post("signatures", {
        let (before, after) = genuine::signed_response()
            .split_once("<ds:Signature ")
            .map_or_else(Default::default, |(before, after)| {
                (before.to_owned(), format!("<ds:Signature {after}"))
            });
        filled(&before, "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>", &after)
    });

    all.push(posted("no base64", &[]));
    if let Some(Hostile { carried, .. }) = all.last_mut() {
        *carried = Carried::Post("QUJ\u{A0}".repeat(MOST / 4));
    }
    all.push(Hostile {
        name: "white space in base64",
        carried: Carried::Post("Q U\nJ D\t".repeat(MOST / 4)),
        party: genuine::our_party(),
    });

    let room = MOST / 4 * 3 - 8_000;
    let noise: Vec<u8> = (0..room).map(|n| (n * 31 % 251) as u8).collect();
    for (name, plaintext, by) in [
        ("a ciphertext that is no XML", noise.clone(), Content::Gcm),
        ("a ciphertext that is no XML, by CBC", noise, Content::Cbc),
        (
            "an encrypted long name, written anew",
            shrunk(&written, "<p:e/>", "</e>", room),
            Content::Gcm,
        ),
        ("encrypted elements", shrunk("<e>", "<a/>", "</e>", room), Content::Gcm),
        ("encrypted elements, by CBC", shrunk("<e>", "<a/>", "</e>", room), Content::Cbc),
    ] {
        all.push(sealed(name, &plaintext, by, 1));
        if let Content::Cbc = by {
            all.push(sealed("the same by CBC, four keys", &plaintext, by, 4));
        }
    }
    all.push(sealed("a ciphertext for four keys", b"<a/>", Content::Gcm, 4));

    let spaces = " ".repeat(32 << 20);
    all.push(redirected("a bomb that inflates to 32 MiB", spaces.as_bytes()));
    let (_, blow_up) = ("", extended(&written, "<p:e/>", "</e>"));
    all.push(redirected("an inflated long name, written anew", blow_up.as_bytes()));
    all.push(redirected("inflated elements", extended("", "<a/>", "").as_bytes()));
    all
}

/// A large honest response: 500 groups, some 60 KiB, in the form in which it is posted.
pub fn large() -> (String, RelyingParty) {
    let group = |n: usize| {
        format!(
            "<saml:AttributeValue>CN=Group {n:03} of the staff,OU=Groups,OU=Engineering,DC=corp,DC=acme,DC=test\
             </saml:AttributeValue>"
        )
    };
    let groups: String = (0..500).map(group).collect();
    let text =
        genuine::RESPONSE.replacen("<saml:AttributeValue>engine</saml:AttributeValue>", &groups, 1);
    (STANDARD.encode(genuine::signed(&text, "Assertion")), genuine::our_party())
}

/// Verifies the large response.
///
/// # Panics
/// Where it is refused.
pub fn accepted(field: &str, party: &RelyingParty) {
    let inbound = post::decode(field, None).expect("a message");
    let message = inbound.message().expect("a document");
    std::hint::black_box(message.hints());
    let mut trace = Trace::recording();
    verify_solicited(&message, party, genuine::REQUEST, genuine::NOW, &mut trace).expect("a login");
}

fn posted(name: &'static str, message: &[u8]) -> Hostile {
    let carried = Carried::Post(STANDARD.encode(message));
    Hostile { name, carried, party: genuine::our_party() }
}

/// Encrypted to us so many times, every old algorithm granted.
fn sealed(name: &'static str, plaintext: &[u8], by: Content, keys: u32) -> Hostile {
    let message = genuine::sealed(plaintext, by);
    let text = String::from_utf8(message).expect("UTF-8");
    let (start, end) = ("<x:EncryptedKey>", "</x:EncryptedKey>");
    let from = text.find(start).expect("a key");
    let to = text.find(end).expect("a key") + end.len();
    let text = [&text[..from], &text[from..to].repeat(keys as usize), &text[to..]].concat();
    let mut hostile = posted(name, text.as_bytes());
    hostile.party.grants = LegacyCrypto::ALL.into();
    hostile
}

fn redirected(name: &'static str, message: &[u8]) -> Hostile {
    let field = STANDARD.encode(genuine::deflated(message));
    let escaped: String = byte_serialize(field.as_bytes()).collect();
    let algorithm = "http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256";
    let query = format!("SAMLResponse={escaped}&SigAlg={algorithm}&Signature=QUJD");
    Hostile { name, carried: Carried::Redirect(query), party: genuine::our_party() }
}

/// As many units as there is room for, in the extensions of a signed response: they are read, and
/// canonicalized before the digest is found to be another.
fn extended(before: &str, unit: &str, after: &str) -> String {
    let text = genuine::signed_response();
    let (head, tail) = text.split_once("</ds:Signature>").expect("a signature");
    let head = format!("{head}</ds:Signature><samlp:Extensions>{before}");
    filled(&head, unit, &format!("{after}</samlp:Extensions>{tail}"))
}

/// So many units there.
fn several(unit: &str, times: usize) -> String {
    extended(&unit.repeat(times), "", "")
}

fn filled(head: &str, unit: &str, tail: &str) -> String {
    let room = MOST.saturating_sub(head.len() + tail.len());
    let units = if unit.is_empty() { 0 } else { room / unit.len() };
    [head, &unit.repeat(units), tail].concat()
}

fn shrunk(before: &str, unit: &str, after: &str, room: usize) -> Vec<u8> {
    let units = room.saturating_sub(before.len() + after.len()) / unit.len();
    [before, &unit.repeat(units), after].concat().into_bytes()
}

/// Units in place of what stands in the signature between two texts, or at that place where they are one.
fn within_signature(from: &str, to: &str, unit: &str) -> String {
    let mut text = genuine::signed_response();
    if from.starts_with("<ds:X509") {
        // The keys of the message are looked at when no trusted one made the value.
        text = text.replacen("<ds:SignatureValue>", "<ds:SignatureValue>QUJD", 1);
    }
    if from.starts_with("PrefixList") {
        let declared = numbered(|n| format!(" xmlns:p{n}=\"u:{n}\""), 50);
        let listed = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
            <ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" \
            PrefixList=\"\"/></ds:Transform>";
        let plain =
            "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
        text = text.replacen(plain, listed, 1);
        text = text.replacen("<samlp:Response ", &format!("<samlp:Response{declared} "), 1);
    }
    let start = text.find(from).expect("the signature has it");
    let start = if from == to { start } else { start + from.len() };
    let end = start + text[start..].find(to).expect("the signature has it");
    filled(&text[..start], unit, &text[end..])
}

fn many_ids() -> String {
    let ids = numbered(|n| format!("<a ID='{n}'/>"), 14_000);
    extended(&ids, "", "")
}

fn nearly_alike_ids() -> String {
    let same = "x".repeat(500);
    let ids = numbered(|n| format!("<a ID='{same}{n}'/>"), 480);
    extended(&ids, "", "")
}

fn numbered(unit: impl Fn(usize) -> String, times: usize) -> String {
    (0..times).fold(String::new(), |mut text, n| {
        let _ = write!(text, "{}", unit(n));
        text
    })
}
