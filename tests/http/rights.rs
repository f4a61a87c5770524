//! What each route is for, written down beside the code (SPEC 6, 10): whoever adds a route says here whom it
//! takes, or fails this test. Every route is then asked by everybody, for what is another organization's.

use crate::admin_api::{connection, send};
use crate::routes::{Route, described, knock_with, scim_token, token};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::TestServer;
use std::collections::{BTreeMap, BTreeSet};

/// Who may use which routes, each with everybody above: what the operator alone may, what an Organization
/// Administrator may and a User Administrator may not, what a User Administrator may, what a directory may,
/// and what nobody is asked for a token for.
const RIGHTS: [(&str, &[&str]); 5] = [
    (
        "operator",
        &[
            "GET /api/v1/apps",
            "POST /api/v1/apps",
            "DELETE /api/v1/apps/{id}",
            "GET /api/v1/apps/{id}",
            "PATCH /api/v1/apps/{id}",
            "GET /api/v1/audit",
            "GET /api/v1/orgs",
            "POST /api/v1/orgs",
        ],
    ),
    (
        "org_admin",
        &[
            "GET {org}",
            "PATCH {org}",
            "GET {org}/api-tokens",
            "POST {org}/api-tokens",
            "DELETE {org}/api-tokens/{id}",
            "GET {org}/api-tokens/{id}",
            "GET {org}/attribute-schema",
            "PUT {org}/attribute-schema",
            "DELETE {org}/attribute-schema/{name}",
            "PUT {org}/attribute-schema/{name}",
            "GET {org}/audit",
            "GET {org}/groups",
            "POST {org}/groups",
            "DELETE {org}/groups/{id}",
            "GET {org}/groups/{id}",
            "PATCH {org}/groups/{id}",
            "GET {org}/idp-certificates",
            "POST {org}/idp-certificates",
            "DELETE {org}/idp-certificates/{id}",
            "GET {org}/idp-certificates/{id}",
            "POST {org}/idp-certificates/{id}/activate",
            "GET {org}/logins",
            "GET {org}/logins/{trace}",
            "GET {org}/logins/{trace}/message",
            "POST {org}/logins/{trace}/replay",
            "GET {org}/removal-brake",
            "PATCH {org}/removal-brake",
            "POST {org}/removal-brake/lift",
            "GET {org}/scim-requests",
            "GET {org}/scim-requests/{id}",
            "GET {org}/scim-tokens",
            "POST {org}/scim-tokens",
            "DELETE {org}/scim-tokens/{id}",
            "GET {org}/scim-tokens/{id}",
            "PATCH {org}/scim-tokens/{id}",
            "GET {org}/service-certificates",
            "POST {org}/service-certificates",
            "GET {org}/service-certificates/csr",
            "POST {org}/service-certificates/csr",
            "DELETE {org}/service-certificates/csr/{request}",
            "GET {org}/service-certificates/csr/{request}",
            "POST {org}/service-certificates/import",
            "DELETE {org}/service-certificates/{id}",
            "GET {org}/service-certificates/{id}",
            "POST {org}/service-certificates/{id}/activate",
            "GET {org}/service-certificates/{id}/export",
            "PUT {org}/service-certificates/{id}/plan",
            "POST {org}/service-certificates/{id}/retire",
            "DELETE {org}/sso",
            "GET {org}/sso",
            "PATCH {org}/sso",
            "PUT {org}/sso",
            "DELETE {org}/sso/draft",
            "GET {org}/sso/draft",
            "PATCH {org}/sso/draft",
            "PUT {org}/sso/draft",
            "GET {org}/sso/draft/metadata",
            "POST {org}/sso/draft/metadata",
            "POST {org}/sso/draft/metadata/approve",
            "POST {org}/sso/draft/metadata/refresh",
            "POST {org}/sso/draft/metadata/reject",
            "POST {org}/sso/draft/promote",
            "GET {org}/sso/metadata",
            "POST {org}/sso/metadata",
            "POST {org}/sso/metadata/approve",
            "POST {org}/sso/metadata/entities",
            "POST {org}/sso/metadata/refresh",
            "POST {org}/sso/metadata/reject",
            "POST {org}/sso/preview",
        ],
    ),
    (
        "user_admin",
        &[
            "GET {org}/users",
            "POST {org}/users",
            "GET {org}/users/{id}",
            "PATCH {org}/users/{id}",
            "POST {org}/users/{id}/deactivate",
            "POST {org}/users/{id}/reactivate",
            "DELETE {org}/users/{id}/sessions",
            "GET {org}/users/{id}/sessions",
            "DELETE {org}/users/{id}/sessions/{session}",
        ],
    ),
    (
        "scim",
        &[
            "POST {org}/.search",
            "POST {org}/Bulk",
            "GET {org}/Groups",
            "POST {org}/Groups",
            "POST {org}/Groups/.search",
            "DELETE {org}/Groups/{id}",
            "GET {org}/Groups/{id}",
            "PATCH {org}/Groups/{id}",
            "PUT {org}/Groups/{id}",
            "GET {org}/ResourceTypes",
            "GET {org}/ResourceTypes/{id}",
            "GET {org}/Schemas",
            "GET {org}/Schemas/{id}",
            "GET {org}/ServiceProviderConfig",
            "GET {org}/Users",
            "POST {org}/Users",
            "POST {org}/Users/.search",
            "DELETE {org}/Users/{id}",
            "GET {org}/Users/{id}",
            "PATCH {org}/Users/{id}",
            "PUT {org}/Users/{id}",
        ],
    ),
    (
        "anybody",
        &[
            "GET /",
            "GET /api/openapi.json",
            "GET /assets/icon.svg",
            "GET /assets/post.js",
            "GET /assets/style.css",
            "GET /auth/verify",
            "GET /auth/verify-or-login",
            "GET /auth/verify-or-login/",
            "GET /auth/verify-or-login/{path}",
            "GET /healthz",
            "GET /login",
            "GET /metrics",
            "GET /oauth2/jwks",
            "GET /readyz",
            "GET /saml/{org}/acs",
            "POST /saml/{org}/acs",
            "GET /saml/{org}/metadata",
            "GET /saml/{org}/slo",
            "POST /saml/{org}/slo",
            "POST /saml/{org}/slo/soap",
            "GET /session",
            "DELETE /sessions",
            "GET /sessions",
            "POST /sessions/end",
            "DELETE /sessions/{id}",
            "GET /sso/{org}/login",
            "GET /sso/{org}/logout",
            "GET /welcome",
            "GET /wsfed/{org}",
            "POST /wsfed/{org}",
            "GET /wsfed/{org}/metadata",
        ],
    ),
];

/// Every route with whom it takes, by the whole path.
fn rights() -> BTreeMap<String, &'static str> {
    let whole = |who: &str, line: &str| match who {
        "org_admin" | "user_admin" => line.replace(" {org}", " /api/v1/orgs/{org}"),
        "scim" => line.replace(" {org}", " /scim/v2/{org}"),
        _ => line.to_owned(),
    };
    let mut rights = BTreeMap::new();
    for (who, lines) in RIGHTS {
        for line in lines {
            assert_eq!(rights.insert(whole(who, line), who), None, "{line} stands here twice");
        }
    }
    rights
}

#[test]
fn every_route_takes_whom_it_is_for() {
    let mut described_rights = BTreeMap::new();
    for route in described() {
        let who = route.right.as_deref().unwrap_or("anybody").to_owned();
        described_rights.insert(format!("{} {}", route.method, route.template), who);
    }
    let expected: BTreeMap<_, _> =
        rights().into_iter().map(|(route, who)| (route, who.to_owned())).collect();
    let all: BTreeSet<_> = expected.keys().chain(described_rights.keys()).collect();
    for route in all {
        assert_eq!(
            described_rights.get(route),
            expected.get(route),
            "{route}: what it takes (left) is not what tests/http/rights.rs says that it is for"
        );
    }
}

/// Two organizations that have one of everything; what is the second's has `zweite` in it.
async fn two() -> (TestServer, BTreeMap<&'static str, String>) {
    let server = TestServer::start().await;
    let mut theirs = BTreeMap::new();
    for org in ["acme", "zweite"] {
        let post = async |path: &str, body: Value| {
            let path = format!("orgs/{org}{path}");
            let (status, made) = send(&server, Method::POST, &path, body).await;
            assert_eq!(status, 201, "{path}: {made}");
            made
        };
        let body = json!({"name": org, "display_name": org, "domains": [format!("{org}.example")]});
        assert_eq!(send(&server, Method::POST, "orgs", body).await.0, 201);
        let path = format!("orgs/{org}/sso");
        assert_eq!(send(&server, Method::PUT, &path, connection()).await.0, 200);
        let ann = json!({
            "first_name": "Ann", "last_name": org, "email": format!("ann@{org}.example"),
        });
        let certificate = json!({"alias": org, "valid_days": 365, "key": "p256"});
        let request = json!({"alias": org, "key": "p256"});
        for (collection, made) in [
            ("users", post("/users", ann).await),
            ("groups", post("/groups", json!({"name": org, "sso_id": org})).await),
            ("service-certificates", post("/service-certificates", certificate).await),
            ("csr", post("/service-certificates/csr", request).await),
            (
                "api-tokens",
                post("/api-tokens", json!({"description": org, "role": "org_admin"})).await,
            ),
            ("scim-tokens", post("/scim-tokens", json!({"description": org})).await),
        ] {
            theirs.insert(collection, made["id"].as_str().expect("an id").to_owned());
        }
        theirs.insert("Users", theirs["users"].clone());
        theirs.insert("Groups", theirs["groups"].clone());
    }
    (server, theirs)
}

/// A route of `acme` for a thing of the other organization, where one is known; the thing's collection stands
/// before its parameter.
fn for_theirs(route: &Route, theirs: &BTreeMap<&'static str, String>) -> Route {
    let mut path = Vec::new();
    let asked = route.path.split('/').collect::<Vec<_>>();
    for (number, part) in route.template.split('/').enumerate() {
        let collection = number.checked_sub(1).and_then(|before| asked.get(before));
        let known = collection.and_then(|collection| theirs.get(collection));
        path.push(match known.filter(|_| part.starts_with('{')) {
            Some(id) => id.clone(),
            None => asked.get(number).copied().unwrap_or_default().to_owned(),
        });
    }
    Route { path: path.join("/"), ..route.clone() }
}

/// What a thief could say: of each kind of body something that refers to what is another's.
fn bodies(theirs: &BTreeMap<&'static str, String>) -> Vec<Value> {
    let (user, group) = (&theirs["users"], &theirs["groups"]);
    vec![
        json!({}),
        json!({"org": "zweite", "name": "taken", "display_name": "taken"}),
        json!({"name": "taken", "members": [user], "parents": [group]}),
        json!({"displayName": "taken", "members": [{"value": user}, {"value": group}]}),
        json!({"Operations": [
            {"op": "add", "path": "members", "value": [{"value": user}]},
            {"op": "replace", "path": "active", "value": false},
            {"method": "DELETE", "path": (format!("/Users/{user}"))},
            {"method": "PUT", "path": (format!("/Groups/{group}")), "data": {"displayName": "taken"}},
        ]}),
    ]
}

/// What the database has of the other organization, but for what was asked and refused.
fn of_theirs(server: &TestServer, theirs: &BTreeMap<&'static str, String>) -> Vec<String> {
    let dump = server.database().dump(&["leases", "scim_requests", "scim_request_counts"]);
    let ids: Vec<&str> = theirs.values().filter_map(|id| id.split('_').nth(1)).collect();
    let lines = dump.lines().filter(|line| {
        let line = line.to_lowercase();
        line.contains("zweite") || ids.iter().any(|id| line.contains(id))
    });
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn no_route_reaches_another_organization() {
    let (server, theirs) = two().await;
    let callers = [
        ("org_admin", token(&server, "acme", "org_admin").await),
        ("user_admin", token(&server, "acme", "user_admin").await),
        ("scim", scim_token(&server, "acme").await),
    ];
    let before = of_theirs(&server, &theirs);
    assert!(before.len() > 8, "{before:#?}");
    let mut reached = 0;
    for (who, token) in &callers {
        for route in described().into_iter().filter(|route| route.right.is_some()) {
            let is_scim = |who: &str| who == "scim";
            let refused = match is_scim(who) == is_scim(route.right.as_deref().unwrap_or_default())
            {
                true => 403,
                false => 401,
            };
            // Their organization in the path, by its name and by its domain.
            let own = for_theirs(&route, &theirs);
            for org in ["zweite", "zweite.example"] {
                let path = own.path.replace("/acme", &format!("/{org}"));
                if path == own.path {
                    continue;
                }
                let foreign = Route { path, ..route.clone() };
                let answer = knock_with(&server, &foreign, token, &json!({})).await;
                let door = format!("{} {} by {who}", foreign.method, foreign.path);
                assert_eq!(answer.status(), refused, "{door}");
                assert!(!answer.text().await.expect("text").contains("zweite"), "{door}");
            }
            // One's own, with what is theirs in the place of a thing and in the body.
            for body in bodies(&theirs) {
                let answer = knock_with(&server, &own, token, &body).await;
                let status = answer.status().as_u16();
                let door = format!("{} {} by {who}: {status}", own.method, own.path);
                let text = answer.text().await.expect("text");
                assert!(status < 500 && !text.contains("zweite"), "{door} {text}");
                reached += usize::from(status < 300);
                if own.method == Method::GET {
                    break;
                }
            }
        }
    }
    assert!(reached > 20, "one's own is reached: {reached}");
    assert_eq!(of_theirs(&server, &theirs), before);
    // The operator sees it as it was.
    let ann =
        server.api(Method::GET, &format!("orgs/zweite/users/{}", theirs["users"])).send().await;
    let ann = ann.expect("an answer");
    assert_eq!(ann.json::<Value>().await.expect("JSON")["last_name"], "zweite");
}
