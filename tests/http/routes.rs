//! Every door of the service, knocked at: each route that is described as taking a token answers
//! nobody without it, and whom it takes is whom it says (SPEC 6, 10; docs/routes.md).

use crate::admin_api::{acme, answer, send};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use sso_tests::{OPERATOR_TOKEN, TestServer, browser};

/// A route as the description has it.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// With its parameters in braces.
    pub(crate) template: String,
    /// With something in the place of each parameter: of `acme`, and of a thing that there is not.
    pub(crate) path: String,
    /// `operator`, `org_admin`, `user_admin` or `scim`; `None`: it takes no token.
    pub(crate) right: Option<String>,
}

pub(crate) fn described() -> Vec<Route> {
    let description: Value = serde_json::from_str(sso_server::openapi::json()).expect("JSON");
    let mut routes = Vec::new();
    for (path, operations) in description["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let right = operation.get("security").map(|security| &security[0]["token"][0]);
            let mut filled = path.clone();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let parameter = resolved(&description, parameter);
                let name = format!("{{{}}}", parameter["name"].as_str().expect("a name"));
                filled = filled.replace(&name, &something(&description, parameter));
            }
            assert!(!filled.contains('{'), "{path} has a parameter that is not described");
            routes.push(Route {
                method: method.to_uppercase().parse().expect("a method"),
                template: path.clone(),
                path: filled,
                right: right.map(|right| right.as_str().expect("a right").to_owned()),
            });
        }
    }
    routes
}

fn resolved<'a>(description: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"].as_str() {
        Some(place) => description.pointer(place.trim_start_matches('#')).expect(place),
        None => part,
    }
}

fn something(description: &Value, parameter: &Value) -> String {
    match resolved(description, &parameter["schema"])["pattern"].as_str() {
        Some(id) => format!("{}{}", id[1..5].to_owned(), "0".repeat(32)),
        None => "acme".to_owned(),
    }
}

async fn knock(server: &TestServer, route: &Route, authorization: Option<&str>) -> Response {
    let mut request = browser().request(route.method.clone(), server.url(&route.path));
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.send().await.expect("an answer")
}

/// The same with a body, as whoever holds a token.
pub(crate) async fn knock_with(
    server: &TestServer,
    route: &Route,
    authorization: &str,
    body: &Value,
) -> Response {
    let request = browser().request(route.method.clone(), server.url(&route.path));
    let request = request.header("authorization", authorization);
    let request = if route.method == Method::GET { request } else { request.json(body) };
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn each_route_that_takes_a_token_answers_nobody_without_it() {
    let server = acme().await;
    let basic = format!("Basic {OPERATOR_TOKEN}");
    let longer = format!("Bearer {OPERATOR_TOKEN}x");
    let wrong =
        [None, Some("Bearer wrong"), Some("Bearer "), Some(basic.as_str()), Some(longer.as_str())];
    let mut routes = described();
    routes.retain(|route| route.right.is_some());
    assert!(routes.len() > 25, "the search is broken: {} routes", routes.len());
    for route in &routes {
        for authorization in wrong {
            let refused = knock(&server, route, authorization).await;
            let door = format!("{} {} {authorization:?}", route.method, route.path);
            assert_eq!(refused.status(), 401, "{door}");
            assert_eq!(refused.headers()["www-authenticate"], "Bearer", "{door}");
            let told: Value = refused.json().await.expect("JSON");
            match route.right.as_deref() {
                Some("scim") => assert_eq!(told["status"], "401", "{door}"),
                _ => assert_eq!(told["code"], "unauthorized", "{door}"),
            }
        }
        // HEAD goes where GET does.
        let head = Route { method: Method::HEAD, right: None, ..route.clone() };
        assert_eq!(knock(&server, &head, None).await.status(), 401, "HEAD {}", route.path);
    }
}

#[tokio::test]
async fn the_routes_without_a_token_are_those_that_are_listed() {
    let server = acme().await;
    let mut open = described();
    open.retain(|route| route.right.is_none());
    assert!(open.len() > 10, "the search is broken: {} routes", open.len());
    for route in &open {
        assert!(!route.path.starts_with("/api/v1/"), "{} is open", route.path);
        let answer = knock(&server, route, None).await;
        let status = answer.status().as_u16();
        let body = answer.text().await.expect("text");
        assert_ne!((status, body.contains("\"unauthorized\"")), (401, true), "{}", route.path);
        assert!(!matches!(status, 404 | 405 | 500..), "{} {}: {status}", route.method, route.path);
    }
}

/// An API token of an organization.
pub(crate) async fn token(server: &TestServer, org: &str, role: &str) -> String {
    let new = json!({"description": "a test", "role": role});
    let (status, made) = send(server, Method::POST, &format!("orgs/{org}/api-tokens"), new).await;
    assert_eq!(status, 201, "{made}");
    format!("Bearer {}", made["secret"].as_str().expect("a secret"))
}

/// A SCIM token of an organization.
pub(crate) async fn scim_token(server: &TestServer, org: &str) -> String {
    let new = json!({"description": "a test"});
    let (status, made) = send(server, Method::POST, &format!("orgs/{org}/scim-tokens"), new).await;
    assert_eq!(status, 201, "{made}");
    format!("Bearer {}", made["secret"].as_str().expect("a secret"))
}

#[tokio::test]
async fn each_route_takes_whom_it_says() {
    let server = acme().await;
    assert_eq!(send(&server, Method::POST, "orgs", json!({"name": "other"})).await.0, 201);
    let foreign = token(&server, "other", "org_admin").await;
    let org_admin = token(&server, "acme", "org_admin").await;
    let user_admin = token(&server, "acme", "user_admin").await;
    let scim = scim_token(&server, "acme").await;
    let foreign_scim = scim_token(&server, "other").await;
    let operator = format!("Bearer {OPERATOR_TOKEN}");
    for route in described() {
        let Some(right) = route.right.as_deref() else { continue };
        let door = format!("{} {}", route.method, route.path);
        if right == "scim" {
            for token in [&foreign, &org_admin, &user_admin, &operator] {
                let refused = knock(&server, &route, Some(token)).await.status();
                assert_eq!(refused, 401, "{door}");
            }
            assert_eq!(knock(&server, &route, Some(&foreign_scim)).await.status(), 403, "{door}");
            let own = knock(&server, &route, Some(&scim)).await.status().as_u16();
            assert!(![401, 403, 405].contains(&own) && own < 500, "{door}: {own}");
            continue;
        }
        let (foreign_code, user_admin_code) = match right {
            "operator" => ("operator_only", Some("operator_only")),
            "org_admin" => ("foreign_org", Some("org_admin_only")),
            "user_admin" => ("foreign_org", None),
            other => panic!("{door} takes {other}"),
        };
        let refused = answer(knock(&server, &route, Some(&foreign)).await).await;
        assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!(foreign_code)), "{door}");
        let refused = knock(&server, &route, Some(&user_admin)).await;
        match user_admin_code {
            Some(code) => {
                let refused = answer(refused).await;
                assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!(code)), "{door}");
            }
            None => assert!(![401, 403].contains(&refused.status().as_u16()), "{door}"),
        }
        let org_admins = knock(&server, &route, Some(&org_admin)).await.status();
        assert_eq!(org_admins == 403, right == "operator", "{door}: {org_admins}");
        assert_ne!(org_admins, 401, "{door}");
    }
}

#[tokio::test]
async fn the_description_is_there_for_everybody() {
    let server = TestServer::start().await;
    let answer =
        Client::new().get(server.url("/api/openapi.json")).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.text().await.expect("text"), sso_server::openapi::json());
}
