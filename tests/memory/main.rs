//! How much memory the reading of an aggregate takes at most, counted in bytes allocated. It is a program of
//! its own with one test, since the count is of all threads.

use peak_alloc::PeakAlloc;
use sso_core::dsig::{TrustedKeys, sign};
use sso_core::metadata::{import_from, index};
use sso_core::xml::{Document, Limits};
use sso_tests::{Federation, TestKey, entity_id};
use time::macros::datetime;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;

/// What `work` had allocated at most, besides what was there before.
fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let made = work();
    (MEMORY.peak_usage() - before, made)
}

#[test]
fn an_aggregate_takes_no_more_than_its_largest_part() {
    let key = TestKey::rsa(2048);
    let pinned = TrustedKeys::new(vec![key.trusted()]).expect("a key");
    let now = datetime!(2026-11-22 0:00 UTC);
    let certificates = [key.certificate()];
    let signed = |entities| {
        let text = Federation { entities, certificates: &certificates }.document();
        let limits = Limits { bytes: 1 << 30, ..Limits::METADATA };
        let document = Document::parse(text.as_bytes(), &limits).expect("a document");
        sign(document.root(), &key.signing()).expect("a signature")
    };

    let mut imports = Vec::new();
    for entities in [200, 2000] {
        let document = signed(entities);
        let wanted = entity_id(entities - 10);
        let import = || import_from(document.as_bytes(), &wanted, Some(&pinned), now);
        let (taken, imported) = peak(import);
        assert_eq!(imported.expect("an identity provider").idp.entity_id, wanted);
        imports.push(taken);
        let (taken, indexed) = peak(|| index(document.as_bytes()));
        assert_eq!(indexed.expect("an index").len(), entities);
        // The index itself grows, by some 200 bytes an entity; what is kept to read on does not.
        assert!(taken < 2 * MIB + 400 * entities, "{entities} entities: {taken} bytes");
    }
    // Ten times as many entities take as much as before: a quarter of a megabyte of text, twice.
    assert!(imports[1] < 2 * MIB, "{imports:?}");
    assert!(imports[1] < imports[0] + MIB / 4, "{imports:?}");

    // The worst that fits in a part, of each kind.
    let md = "urn:oasis:names:tc:SAML:2.0:metadata";
    let hostile = |inside: String| {
        format!(
            "<m:EntitiesDescriptor xmlns:m='{md}'><m:EntityDescriptor>{inside}</m:EntityDescriptor></m:EntitiesDescriptor>"
        )
    };
    let attributes: String = (0..256).map(|number| format!(" a{number}=''")).collect();
    for (kind, document) in [
        ("elements", hostile("<a/>".repeat(90_000))),
        ("attributes", hostile(format!("<a{attributes}/>").repeat(900))),
        ("references", hostile("&lt;".repeat(500_000))),
        ("a long text", hostile("x".repeat(3 * MIB))),
        ("IDs", hostile((0..90_000).map(|id| format!("<a ID='i{id}'/>")).collect())),
    ] {
        let (taken, _) = peak(|| import_from(document.as_bytes(), "urn:none", Some(&pinned), now));
        assert!(taken < 48 * MIB, "{kind}: {taken} bytes");
    }
}
