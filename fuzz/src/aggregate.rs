use crate::edit::edited;
use crate::genuine::{OUR_KEY, OUR_KEYS};
use openssl::sha::sha256;
use openssl::x509::X509;
use sso_core::dsig::sign;
use sso_core::metadata::{
    Extracted, ImportedIdp, IndexedEntity, MetadataError, import, import_from, import_signed, index,
};
use sso_core::xml::{Document, Limits, ns};
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

/// The identity provider that each genuine document has a signature around.
const WANTED: &str = "https://idp.test/metadata";

/// The most entities of a document that are asked for.
const MOST: usize = 4;

/// How many bytes the reader of aggregates asks for first.
const ASKED_FOR: usize = 256 * 1024;

/// Aggregates signed as a whole, in an inner group, in both, and in the wanted entity alone.
static SIGNED: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| {
    [&["_all"][..], &["_in"], &["_in", "_all"], &["_own"]].map(|ids| {
        let sign = |document: String, id: &&str| signed(&document, id);
        ids.iter().fold(written(), sign).into_bytes()
    })
});

static GENUINE: LazyLock<Vec<ImportedIdp>> = LazyLock::new(|| {
    let mut genuine = Vec::new();
    for document in &*SIGNED {
        let entities = index(&document[..]).expect("a document");
        let signed = |entity: &IndexedEntity| {
            import_signed(document, Some(&entity.entity_id), &OUR_KEYS, NOW).ok()
        };
        let before = genuine.len();
        genuine.extend(entities.iter().filter_map(signed).map(inside));
        assert!(genuine[before..].iter().any(|idp| idp.entity_id == WANTED));
    }
    genuine
});

/// Reading aggregates part by part, a document or (first byte 0 to 3) a change of a signed one: each entity is
/// what reading the document whole makes of it, with a pinned key and without, wherever the bytes are cut; what
/// counts as signed is what was signed; what is kept of the document says the same by itself.
pub fn aggregate(input: &[u8]) -> bool {
    match input.split_first() {
        Some((&number @ 0..4, script)) => hold(&edited(&SIGNED[usize::from(number)], script)),
        _ => hold(input),
    }
}

fn hold(document: &[u8]) -> bool {
    let listed = index(document);
    let names: Vec<String> = match &listed {
        Ok(entities) => entities.iter().map(|entity| entity.entity_id.clone()).take(MOST).collect(),
        Err(_) => vec![WANTED.to_owned()],
    };
    let mut taken = false;
    for name in &names {
        taken |= is_read_alike(document, name);
    }
    if let Ok(entities) = listed {
        places(document, &entities);
        cut_elsewhere(document, &entities);
    }
    taken
}

/// Whether the entity was taken, by both readings.
fn is_read_alike(document: &[u8], name: &str) -> bool {
    let signed = import_from(document, name, Some(&OUR_KEYS), NOW);
    if let Ok(signed) = &signed {
        let signed = inside(signed.idp.clone());
        assert!(GENUINE.contains(&signed), "never signed: {signed:?}");
    }
    agree(&signed, &import_signed(document, Some(name), &OUR_KEYS, NOW));
    let streamed = import_from(document, name, None, NOW);
    agree(&streamed, &import(document, Some(name), NOW));
    let Ok(streamed) = streamed else { return false };
    let alone = import(streamed.document.as_bytes(), None, NOW);
    assert_eq!(alone.as_ref(), Ok(&streamed.idp), "{}", streamed.document);
    true
}

/// Without the times, which a group around what is signed makes shorter, and which go with that group.
fn inside(idp: ImportedIdp) -> ImportedIdp {
    ImportedIdp { valid_until: None, cache_duration: None, ..idp }
}

/// Both readings give the same, but that each has limits of its own.
fn agree(streamed: &Result<Extracted, MetadataError>, whole: &Result<ImportedIdp, MetadataError>) {
    match (streamed, whole) {
        (Ok(streamed), Ok(whole)) => assert_eq!(streamed.idp, *whole),
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => {
            let limits = ["depth_limit", "attribute_limit", "node_limit", "message_too_large"];
            assert!(limits.contains(&error.as_str()), "one reading alone: {error}");
        }
        (Err(_), Err(_)) => {}
    }
}

/// Each entity is one element of the document's bytes.
fn places(document: &[u8], entities: &[IndexedEntity]) {
    for entity in entities {
        let from = usize::try_from(entity.offset).expect("a place");
        let length = usize::try_from(entity.length).expect("a length");
        let element = &document[from..from + length];
        assert!(element.starts_with(b"<") && element.ends_with(b">"), "{}", element.escape_ascii());
    }
}

/// The same document behind so much white space that its bytes are cut at a place of it, which the document
/// itself chooses.
fn cut_elsewhere(document: &[u8], entities: &[IndexedEntity]) {
    // Nothing stands before a declaration or a byte order mark.
    if document.starts_with(b"<?xml") || document.starts_with("\u{FEFF}".as_bytes()) {
        return;
    }
    let [one, other, ..] = sha256(document);
    let room = document.len().min(ASKED_FOR);
    let space = ASKED_FOR - usize::from(u16::from_le_bytes([one, other])) % room;
    let later = [&vec![b' '; space][..], document].concat();
    let again = index(&later[..]).expect("the same document");
    let moved = |entity: &IndexedEntity| IndexedEntity {
        offset: entity.offset + space as u64,
        ..entity.clone()
    };
    assert_eq!(again, entities.iter().map(moved).collect::<Vec<_>>());
    if let Some(entity) = entities.first() {
        let here = import_from(document, &entity.entity_id, Some(&OUR_KEYS), NOW);
        assert_eq!(import_from(&later[..], &entity.entity_id, Some(&OUR_KEYS), NOW), here);
    }
}

/// Two identity providers and a service, the first two in a group inside the group of all.
fn written() -> String {
    let certificate = X509::from_pem(include_bytes!("../../certs/dev/idp.crt"));
    let certificate = certificate.and_then(|it| it.to_der()).expect("a certificate");
    let certificate = openssl::base64::encode_block(&certificate);
    let keys = format!(
        "<md:KeyDescriptor use='signing'><ds:KeyInfo xmlns:ds='{}'><ds:X509Data>\
         <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
         </md:KeyDescriptor>",
        ns::DS
    );
    let endpoint = |name: &str, at: &str| {
        let binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
        format!("<md:{name} Binding='{binding}' Location='https://{at}'/>")
    };
    let role = |name: &str, inside: &str| {
        let protocols = format!("protocolSupportEnumeration='{}'", ns::SAMLP);
        format!("<md:{name} {protocols}>{inside}</md:{name}>")
    };
    let idp = |attributes: &str, host: &str| {
        let sso = endpoint("SingleSignOnService", &format!("{host}/sso"));
        let role = role("IDPSSODescriptor", &(keys.clone() + &sso));
        format!("<md:EntityDescriptor {attributes}>{role}</md:EntityDescriptor>")
    };
    let service = endpoint("AssertionConsumerService", "sp.test/acs");
    let service = role("SPSSODescriptor", &service.replace("/>", " index='1'/>"));
    let wanted = idp(&format!("ID='_own' entityID='{WANTED}'"), "idp.test");
    let other = idp("entityID='https://other.test'", "other.test");
    format!(
        "<md:EntitiesDescriptor xmlns:md='{}' ID='_all' validUntil='2027-01-01T00:00:00Z'>\
         <md:EntitiesDescriptor ID='_in' Name='in'>{wanted}{other}</md:EntitiesDescriptor>\
         <md:EntityDescriptor entityID='https://sp.test'>{service}</md:EntityDescriptor>\
         </md:EntitiesDescriptor>",
        ns::MD
    )
}

/// The document with the element of that ID signed.
fn signed(document: &str, id: &str) -> String {
    let document = Document::parse(document.as_bytes(), &Limits::METADATA).expect("a document");
    let element = crate::elements(&document).find(|element| element.id() == Some(id));
    sign(element.expect("an element of that ID"), &OUR_KEY).expect("signed")
}
