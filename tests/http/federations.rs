//! Metadata of federations (SPEC 2): one entity by the Metadata Query Protocol, the entities of an aggregate to
//! choose from, and an aggregate that a pinned key must have signed.

use crate::admin_api::{acme_with, answer, read, send};
use crate::metadata_by_url::{asks_loopback, idp};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sso_core::dsig::sign;
use sso_core::xml::{Document, Limits};
use sso_tests::{Engine, Federation, IdpMetadata, MetadataHost, TestKey, TestServer, entity_id};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

const METADATA: &str = "orgs/acme/sso/metadata";
const ENTITIES: &str = "orgs/acme/sso/metadata/entities";

/// A service of the Metadata Query Protocol that has one document under one address, and what it was asked.
struct Mdq {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mdq {
    async fn start(address: &'static str, document: String) -> Self {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let state = (asked.clone(), document);
        let routes = Router::new()
            .fallback(
                move |State((asked, document)): State<(Arc<Mutex<Vec<String>>>, String)>,
                      uri: Uri| async move {
                    asked.lock().unwrap_or_else(PoisonError::into_inner).push(uri.to_string());
                    if uri == address { Ok(document) } else { Err(StatusCode::NOT_FOUND) }
                },
            )
            .with_state(state);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let base = format!("http://{}/global/", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { base, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A signed aggregate.
fn aggregate(entities: usize, signer: &TestKey) -> String {
    let certificates = [TestKey::rsa(2048).certificate()];
    let text = Federation { entities, certificates: &certificates }.document();
    let limits = Limits { bytes: 1 << 30, ..Limits::METADATA };
    let document = Document::parse(text.as_bytes(), &limits).expect("a document");
    sign(document.root(), &signer.signing()).expect("a signature")
}

fn xml(server: &TestServer, path: &str, document: &str) -> RequestBuilder {
    let request = server.api(Method::POST, path).header("content-type", "application/xml");
    request.body(document.to_owned())
}

async fn answered(request: RequestBuilder) -> (u16, Value) {
    let (status, body) = answer(request.send().await.expect("an answer")).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn an_entity_is_imported_and_refreshed_by_the_metadata_query_protocol() {
    let one = idp();
    let document = IdpMetadata::of(&[&one]).document();
    let address = "/global/entities/https%3A%2F%2Fidp.example%2F";
    let mdq = Mdq::start(address, document).await;
    let server = acme_with(Engine::Sqlite, asks_loopback).await;
    let import = async |body: Value| {
        let (status, body) = send(&server, Method::POST, METADATA, body).await;
        (status.as_u16(), body)
    };
    for (body, field) in [
        (json!({"mdq": mdq.base}), "entity_id"),
        (json!({"mdq": mdq.base, "url": mdq.base, "entity_id": "urn:x"}), "mdq"),
        (json!({"mdq": mdq.base, "document": "<x/>", "entity_id": "urn:x"}), "document"),
        (json!({"mdq": format!("{}?a=b", mdq.base), "entity_id": "urn:x"}), "mdq"),
    ] {
        let (status, problem) = import(body).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")), "{problem}");
        assert_eq!(problem["field"], field, "{problem}");
    }
    assert_eq!(mdq.asked(), [""; 0]);
    let (status, problem) = import(json!({"mdq": mdq.base, "entity_id": "../.."})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("answer_not_ok")));
    assert_eq!(mdq.asked(), ["/global/entities/..%2F.."]);

    let wanted = json!({"mdq": mdq.base, "entity_id": "https://idp.example/"});
    let (status, report) = import(wanted).await;
    assert_eq!((status, &report["filled"]["idp_entity_id"]), (200, &json!("https://idp.example/")));
    assert_eq!(mdq.asked()[1..], [address]);
    let (status, _) = send(&server, Method::POST, &format!("{METADATA}/refresh"), json!({})).await;
    assert_eq!((status.as_u16(), mdq.asked().len()), (200, 3));
    let shown = server.api(Method::GET, METADATA).header("accept", "application/json");
    let (_, state) = answered(shown).await;
    assert!(state["url"].as_str().is_some_and(|url| url.ends_with(address)), "{state}");

    // Whoever answers with another entity is refused, and one without a signature where a key is pinned.
    let mdq = Mdq::start("/global/entities/urn%3Ax", IdpMetadata::of(&[&one]).document()).await;
    let (status, problem) = import(json!({"mdq": mdq.base, "entity_id": "urn:x"})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("entity_not_found")), "{problem}");
    let mdq = Mdq::start(address, IdpMetadata::of(&[&one]).document()).await;
    let pin = STANDARD.encode(one.certificate());
    let pinned = json!({"mdq": mdq.base, "entity_id": "https://idp.example/", "pin": pin});
    let (status, problem) = import(pinned.clone()).await;
    assert_eq!((status, &problem["code"]), (422, &json!("unsigned")), "{problem}");
    let mdq = Mdq::start(address, IdpMetadata::of(&[&one]).signed_by(&one)).await;
    let mut pinned = pinned;
    pinned["mdq"] = mdq.base.clone().into();
    let (status, report) = import(pinned).await;
    assert_eq!(status, 200, "{report}");
}

#[tokio::test]
async fn the_entities_of_an_aggregate_are_searched() {
    let certificates = [TestKey::rsa(2048).certificate()];
    let document = Federation { entities: 30, certificates: &certificates }.document();
    let host = MetadataHost::start(document.clone()).await;
    let server = acme_with(Engine::Sqlite, asks_loopback).await;
    let search = async |query: &str| {
        let posted = answered(xml(&server, &format!("{ENTITIES}?{query}"), &document)).await;
        let path = format!("{ENTITIES}?{query}");
        let named = send(&server, Method::POST, &path, json!({"url": host.url()})).await;
        assert_eq!((named.0.as_u16(), &named.1), (posted.0, &posted.1), "{query}");
        posted
    };
    let ids = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().expect("a list").iter();
        items.map(|item| item["entity_id"].as_str().expect("an ID").to_owned()).collect()
    };

    let (status, all) = search("").await;
    assert_eq!((status, ids(&all)), (200, (0..30).map(entity_id).collect()));
    assert_eq!(all["next"], Value::Null);
    assert_eq!(
        all["items"][1],
        json!({
            "entity_id": entity_id(1),
            "display_name": "University 1",
            "roles": ["identity_provider", "attribute_authority"],
        })
    );
    let of = |numbers: &[usize]| numbers.iter().copied().map(entity_id).collect::<Vec<_>>();
    for (query, expected) in [
        ("role=identity_provider", of(&[0, 1, 2, 10, 11, 12, 20, 21, 22])),
        ("role=identity_provider&q=IDP2", of(&[2, 20, 21, 22])),
        ("q=university%201&role=service_provider", of(&(13..20).collect::<Vec<_>>())),
        ("q=nobody", of(&[])),
        ("role=policy_decision_point", of(&[])),
    ] {
        let (status, found) = search(query).await;
        assert_eq!((status, ids(&found), &found["next"]), (200, expected, &Value::Null), "{query}");
    }

    // In parts, none of them twice.
    let mut parts = Vec::new();
    let mut query = "role=identity_provider&limit=4".to_owned();
    loop {
        let (_, part) = search(&query).await;
        parts.push(ids(&part));
        let Some(next) = part["next"].as_str() else { break };
        query = format!("role=identity_provider&limit=4&cursor={next}");
    }
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 1]);
    assert_eq!(parts.concat(), of(&[0, 1, 2, 10, 11, 12, 20, 21, 22]));
    for query in ["limit=0", "cursor=x", "cursor=-1", "role=idp", "sort=name"] {
        let (status, problem) = search(query).await;
        assert_eq!((status, &problem["code"]), (400, &json!("malformed_query")), "{query}");
    }

    // What is no aggregate, and who may not be asked.
    for (document, code) in [
        ("<x/>", "not_metadata"),
        ("", "not_well_formed"),
        (&document[..document.len() / 2], "not_well_formed"),
        (&document.replace(&entity_id(7), &entity_id(8)), "duplicate_entity"),
    ] {
        let (status, problem) = answered(xml(&server, ENTITIES, document)).await;
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{problem}");
    }
    let typed = server.api(Method::POST, ENTITIES).header("content-type", "text/plain");
    let (status, problem) = answered(typed.body(document.clone())).await;
    assert_eq!((status, &problem["code"]), (415, &json!("unsupported_media_type")));
    let private = json!({"url": "https://169.254.169.254/latest/meta-data/"});
    let (status, problem) = send(&server, Method::POST, ENTITIES, private).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("address_not_allowed")));
    let (_, trail) = read(&server, "orgs/acme/audit?category=configuration").await;
    assert_eq!(trail["items"].as_array().map(Vec::len), Some(1), "nothing was changed: {trail}");
}

#[tokio::test]
async fn an_aggregate_that_a_pinned_key_signed_is_posted_and_fetched() {
    let (signer, other) = (TestKey::rsa(2048), TestKey::rsa(2048));
    let document = aggregate(60, &signer);
    let unsigned = {
        let (before, rest) = document.split_once("<ds:Signature").expect("the signature");
        let (_, after) = rest.split_once("</ds:Signature>").expect("its end");
        format!("{before}{after}")
    };
    let changed = document.replacen("Institute 59", "Institute 60", 1);
    let wanted = entity_id(51);
    let server = acme_with(Engine::Sqlite, asks_loopback).await;
    let path = format!("{METADATA}?entity_id={wanted}");
    let pin = |key: &TestKey| STANDARD.encode(key.certificate());
    let posted = async |document: &str, pin: String| {
        answered(xml(&server, &path, document).header("X-Metadata-Pin", pin)).await
    };
    for (document, pin, code) in [
        (&document, pin(&other), "untrusted_key"),
        (&unsigned, pin(&signer), "unsigned"),
        (&changed, pin(&signer), "digest_mismatch"),
        (&document, "x".to_owned(), "not_a_certificate"),
        (&document, String::new(), "not_a_certificate"),
    ] {
        let (status, problem) = posted(document, pin).await;
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{problem}");
    }
    // A pin that would be passed over is refused.
    let twice = xml(&server, &path, &document);
    let twice = twice.header("X-Metadata-Pin", pin(&signer)).header("X-Metadata-Pin", pin(&other));
    let (status, problem) = answered(twice).await;
    assert_eq!((status, &problem["code"]), (422, &json!("not_a_certificate")));
    let beside = server.api(Method::POST, METADATA).header("X-Metadata-Pin", pin(&signer));
    let (status, problem) = answered(beside.json(&json!({"document": "<x/>"}))).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")), "{problem}");
    assert_eq!(read(&server, "orgs/acme/sso").await.0, 404, "nothing was made");

    let (status, report) = posted(&document, pin(&signer)).await;
    assert_eq!((status, &report["filled"]["idp_entity_id"]), (200, &json!(wanted)), "{report}");
    let shown = server.api(Method::GET, METADATA).header("accept", "application/json");
    let (_, state) = answered(shown).await;
    assert_eq!(state["pin"], String::from_utf8(signer.pem()).expect("PEM"));
    // Without a pin nobody's signature is asked for, as ever.
    assert_eq!(answered(xml(&server, &path, &unsigned)).await.0, 200);

    // The same by its address, and at each refresh.
    let host = MetadataHost::start(document.clone()).await;
    let body = json!({"url": host.url(), "entity_id": wanted, "pin": pin(&signer)});
    let (status, report) = send(&server, Method::POST, METADATA, body).await;
    assert_eq!(status.as_u16(), 200, "{report}");
    let refresh = async || {
        let path = format!("{METADATA}/refresh");
        let (status, body) = send(&server, Method::POST, &path, json!({})).await;
        (status.as_u16(), body["code"].clone())
    };
    for (document, code) in [
        (&changed, "digest_mismatch"),
        (&unsigned, "unsigned"),
        (&aggregate(60, &other), "untrusted_key"),
    ] {
        host.has(document.clone());
        assert_eq!(refresh().await, (422, json!(code)));
    }
    host.has(document);
    assert_eq!(refresh().await, (200, Value::Null));

    // Longer than what is ever held: it is read as it comes.
    let long = aggregate(1_900, &signer);
    assert!(long.len() > Limits::METADATA.bytes, "{} bytes", long.len());
    let (status, report) = posted(&long, pin(&signer)).await;
    assert_eq!(status, 200, "{report}");
    let cut = &long[..long.len() - 100];
    let (status, problem) = posted(cut, pin(&signer)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("not_well_formed")));
}
