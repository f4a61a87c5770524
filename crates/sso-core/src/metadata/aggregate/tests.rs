use super::*;
use crate::dsig::{SigningKey, TrustedKey, sign};
use crate::metadata::test_support::{Entity as Made, Fixed, IDP, NAMESPACES, NOW, aggregate, idp};
use crate::metadata::{import, import_signed};
use crate::xml::{Document, Limits};

/// A key of ours, and the pin for it.
fn key() -> (SigningKey, TrustedKeys) {
    let made = crate::certs::generate("federation", 365, crate::certs::NewKey::P256, NOW, &Fixed);
    let made = made.expect("a key");
    let trusted = TrustedKey::from_certificate_der(&made.der).expect("a certificate");
    let signing = SigningKey::from_pkcs8_der(&made.private_key, &made.der).expect("a key");
    (signing, TrustedKeys::new(vec![trusted]).expect("a key"))
}

/// The document with the element of that ID signed.
fn signed(document: &str, id: &str, key: &SigningKey) -> String {
    let document = Document::parse(document.as_bytes(), &Limits::METADATA).expect("a document");
    let root = document.root();
    let mut all = std::iter::once(root).chain(root.descendants());
    let element = all.find(|element| element.id() == Some(id)).expect("an element of that ID");
    sign(element, key).expect("a signature")
}

fn other(number: usize) -> Made {
    idp().with(|entity| entity.id = format!("https://other.example/{number}"))
}

/// Ten entities, the wanted one among them.
fn ten() -> Vec<Made> {
    let mut entities: Vec<_> = (0..9).map(other).collect();
    entities.insert(4, idp());
    entities
}

fn group(attributes: &str, content: &str) -> String {
    format!("<md:EntitiesDescriptor {attributes}>{content}</md:EntitiesDescriptor>")
}

/// The same groups in one another: the outer, one with the wanted entity, one without.
fn nested() -> String {
    let inner = |entity: Made| {
        let document = entity.document();
        document.replacen(NAMESPACES, "", 1)
    };
    let wanted = group("ID='_in' Name='in'", &inner(idp()));
    let without = group("ID='_out'", &inner(other(1)));
    let attributes = format!("{NAMESPACES} ID='_all' validUntil='2026-12-01T00:00:00Z'");
    group(&attributes, &format!("{without}{wanted}{}", inner(other(2))))
}

/// What both ways of importing say, which must be the same.
fn both(document: &str, pinned: Option<&TrustedKeys>) -> Result<Extracted, &'static str> {
    let streamed = import_from(document.as_bytes(), IDP, pinned, NOW);
    let read = match pinned {
        Some(pinned) => import_signed(document.as_bytes(), Some(IDP), pinned, NOW),
        None => import(document.as_bytes(), Some(IDP), NOW),
    };
    let codes = (
        streamed.as_ref().map(|it| &it.idp).map_err(MetadataError::as_str),
        read.as_ref().map_err(MetadataError::as_str),
    );
    assert_eq!(codes.0, codes.1, "{document}");
    streamed.map_err(|error| error.as_str())
}

#[test]
fn it_reads_what_the_import_of_a_whole_document_reads() {
    for document in [aggregate("", &ten()), nested(), idp().document(), aggregate("", &[idp()])] {
        let extracted = both(&document, None).expect("an identity provider");
        // What is kept says the same again.
        let again = import(extracted.document.as_bytes(), None, NOW).expect("a document");
        assert_eq!(again, extracted.idp);
        assert!(!extracted.document.contains("other.example"));
    }
}

#[test]
fn a_signature_of_any_group_around_the_entity_covers_it() {
    let (key, pinned) = key();
    let all = aggregate("ID='_all'", &ten());
    assert_eq!(both(&all, Some(&pinned)).err(), Some("unsigned"));
    both(&signed(&all, "_all", &key), Some(&pinned)).expect("a signature of the root");
    for id in ["_all", "_in"] {
        both(&signed(&nested(), id, &key), Some(&pinned)).expect(id);
    }
    assert_eq!(both(&signed(&nested(), "_out", &key), Some(&pinned)).err(), Some("unsigned"));
    let twice = signed(&signed(&nested(), "_in", &key), "_all", &key);
    both(&twice, Some(&pinned)).expect("two signatures");

    let own = idp().with(|entity| entity.attributes = "ID='_own'".to_owned());
    let own = aggregate("", &[other(1), own]);
    both(&signed(&own, "_own", &key), Some(&pinned)).expect("a signature of the entity");
    let alone = idp().with(|entity| entity.attributes = "ID='_own'".to_owned()).document();
    both(&signed(&alone, "_own", &key), Some(&pinned)).expect("a document of one entity");
}

#[test]
fn every_signature_around_the_entity_must_hold_and_no_other() {
    let (key, pinned) = key();
    let stranger = self::key().0;
    for (id, refused) in [
        ("_all", Some("untrusted_key")),
        ("_in", Some("untrusted_key")),
        // Nobody relies on the signature of a group that the entity is not in.
        ("_out", None),
    ] {
        // The one outside is made last: it covers the one inside.
        let document = match id {
            "_all" => signed(&signed(&nested(), "_in", &key), id, &stranger),
            _ => signed(&signed(&nested(), id, &stranger), "_all", &key),
        };
        assert_eq!(both(&document, Some(&pinned)).err(), refused, "{id}");
    }
}

#[test]
fn whatever_is_changed_under_a_signature_is_refused() {
    let (key, pinned) = key();
    let good = signed(&nested(), "_all", &key);
    both(&good, Some(&pinned)).expect("a signature that holds");
    for (from, to) in [
        ("https://idp.example/sso", "https://evil.example/sso"),
        // Another entity, a text between two, an attribute of a group, what stands after the entity.
        ("https://other.example/1", "https://other.example/3"),
        ("<md:EntitiesDescriptor ID='_in'", " <md:EntitiesDescriptor ID='_in'"),
        ("Name='in'", "Name='on'"),
        ("2026-12-01", "2027-12-01"),
        ("https://other.example/2", "https://other.example/4"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert_eq!(both(&changed, Some(&pinned)).err(), Some("digest_mismatch"), "{from}");
    }
    // An entity put beside those that were signed, before and after the one that is.
    for place in ["<md:EntitiesDescriptor ID='_in'", "</md:EntitiesDescriptor><md:EntityDescriptor"]
    {
        let evil = other(9).document();
        let changed = good.replacen(place, &format!("{evil}{place}"), 1);
        assert_eq!(both(&changed, Some(&pinned)).err(), Some("digest_mismatch"), "{place}");
    }
    // The signed document inside another one, whose own entity is asked for.
    let evil = idp().with(|it| it.endpoints = it.endpoints.replace("idp.example", "evil.example"));
    let wrapped = group(NAMESPACES, &format!("{}{good}", evil.document()));
    assert_eq!(both(&wrapped, Some(&pinned)).err(), Some("duplicate_entity"));
    let elsewhere = good.replace(IDP, "https://moved.example");
    let wrapped = group(NAMESPACES, &format!("{}{elsewhere}", evil.document()));
    assert_eq!(both(&wrapped, Some(&pinned)).err(), Some("unsigned"));
}

#[test]
fn a_signature_stands_first_and_once() {
    let (key, pinned) = key();
    let good = signed(&nested(), "_all", &key);
    let start = good.find("<ds:Signature").expect("a signature");
    let end = good.find("</ds:Signature>").expect("its end") + "</ds:Signature>".len();
    let (signature, without) = (&good[start..end], [&good[..start], &good[end..]].concat());

    let last = without.rfind("</md:EntitiesDescriptor>").expect("the end");
    let moved = [&without[..last], signature, &without[last..]].concat();
    assert_eq!(both(&moved, Some(&pinned)).err(), Some("signature_position"));
    let doubled = good.replacen(signature, &signature.repeat(2), 1);
    assert_eq!(both(&doubled, Some(&pinned)).err(), Some("signature_count"));
    // In an extension it is nobody's, and so is an entity.
    let hidden = format!("<md:Extensions>{signature}</md:Extensions>");
    let hidden = good.replacen(signature, &hidden, 1);
    assert_eq!(both(&hidden, Some(&pinned)).err(), Some("unsigned"));
    let entity = without.find("<md:EntityDescriptor").expect("an entity");
    let hidden = [
        &without[..entity],
        "<md:Extensions>",
        &idp().document(),
        "</md:Extensions>",
        &without[entity..],
    ];
    both(&hidden.concat(), None).expect("one entity of that name");

    let of_another = good.replacen("#_all", "#_in", 1);
    let refused = import_from(of_another.as_bytes(), IDP, Some(&pinned), NOW).err();
    assert_eq!(refused.map(|error| error.as_str()), Some("reference_unresolved"));
    let commented = good.replacen("<ds:SignedInfo>", "<ds:SignedInfo><!-- c -->", 1);
    assert_eq!(both(&commented, Some(&pinned)).err(), Some("signature_structure"));
}

#[test]
fn each_refusal_has_the_code_of_the_whole_document() {
    let twice = aggregate("", &[idp(), other(1), idp()]);
    let expired = aggregate("validUntil='2026-11-01T00:00:00Z'", &ten());
    let expired_entity =
        idp().with(|entity| entity.attributes = "validUntil='2026-11-01T00:00:00Z'".to_owned());
    let no_idp = idp().with(|entity| entity.role.clear());
    for (document, code) in [
        (twice, "duplicate_entity"),
        (expired, "metadata_expired"),
        (aggregate("", &[other(1), expired_entity]), "metadata_expired"),
        (aggregate("", &[other(1)]), "entity_not_found"),
        (aggregate("", &[]), "entity_not_found"),
        (aggregate("", &[no_idp]), "not_an_idp"),
        ("<x/>".to_owned(), "not_metadata"),
        (format!("<!DOCTYPE x>{}", aggregate("", &ten())), "doctype_forbidden"),
        (aggregate("", &ten()).replacen("</md:EntityDescriptor>", "", 1), "not_well_formed"),
        (aggregate("ID='_1'", &ten()).replacen("entityID", "ID='_1' entityID", 1), "duplicate_id"),
        (aggregate("", &ten()) + "x", "not_well_formed"),
    ] {
        assert_eq!(both(&document, None).err(), Some(code), "{document}");
    }
}

/// Where the signature does not hold, nothing is read of the rest.
#[test]
fn a_document_that_nobody_trusted_has_signed_is_refused_at_its_beginning() {
    struct Counted<'r>(&'r [u8], &'r std::cell::Cell<usize>);
    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1.set(self.1.get() + read);
            Ok(read)
        }
    }
    let pinned = key().1;
    let many: Vec<_> = (0..1000).map(other).chain([idp()]).collect();
    let document = signed(&aggregate("ID='_all'", &many), "_all", &key().0);
    let read = std::cell::Cell::new(0);
    let refused = import_from(Counted(document.as_bytes(), &read), IDP, Some(&pinned), NOW);
    assert_eq!(refused.err().map(|error| error.as_str()), Some("untrusted_key"));
    assert!(read.get() < document.len() / 2, "{} of {}", read.get(), document.len());
}
