//! What a token may not: another organization, what is the operator's, and for a User Administrator
//! everything but accounts. Each is refused with its code, and nothing that is there is changed
//! (SPEC 6, 10). That no route is left out is for `routes` to show.

use crate::admin_api::{connection, read, send};
use crate::api_tokens::{secret, send_as};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::TestServer;

/// What an Organization Administrator may ask, below `orgs/{org}`.
const OF_ORG_ADMINS: &[(&str, &str)] = &[
    ("GET", ""),
    ("PATCH", ""),
    ("GET", "/sso"),
    ("PUT", "/sso"),
    ("PATCH", "/sso"),
    ("DELETE", "/sso"),
    ("GET", "/attribute-schema"),
    ("PUT", "/attribute-schema"),
    ("PUT", "/attribute-schema/desk"),
    ("DELETE", "/attribute-schema/desk"),
    ("POST", "/sso/preview"),
    ("GET", "/sso/metadata"),
    ("POST", "/sso/metadata"),
    ("GET", "/service-certificates"),
    ("POST", "/service-certificates"),
    ("POST", "/service-certificates/import"),
    ("GET", "/service-certificates/{crt}"),
    ("DELETE", "/service-certificates/{crt}"),
    ("GET", "/service-certificates/{crt}/export"),
    ("POST", "/service-certificates/{crt}/activate"),
    ("POST", "/service-certificates/{crt}/retire"),
    ("GET", "/idp-certificates"),
    ("POST", "/idp-certificates"),
    ("GET", "/idp-certificates/{crt}"),
    ("DELETE", "/idp-certificates/{crt}"),
    ("POST", "/idp-certificates/{crt}/activate"),
    ("GET", "/api-tokens"),
    ("POST", "/api-tokens"),
    ("GET", "/api-tokens/{tok}"),
    ("DELETE", "/api-tokens/{tok}"),
    ("GET", "/scim-tokens"),
    ("POST", "/scim-tokens"),
    ("GET", "/scim-tokens/tok_00000000000000000000000000000000"),
    ("DELETE", "/scim-tokens/tok_00000000000000000000000000000000"),
    ("GET", "/groups"),
    ("POST", "/groups"),
    ("GET", "/groups/{grp}"),
    ("PATCH", "/groups/{grp}"),
    ("DELETE", "/groups/{grp}"),
    ("GET", "/logins"),
    ("GET", "/logins/trc_00000000000000000000000000000000"),
    ("GET", "/audit"),
    ("GET", "/audit?format=csv"),
];

/// What a User Administrator may ask, too.
const OF_USER_ADMINS: &[(&str, &str)] = &[
    ("GET", "/users"),
    ("POST", "/users"),
    ("GET", "/users/acc_00000000000000000000000000000000"),
    ("PATCH", "/users/acc_00000000000000000000000000000000"),
    ("POST", "/users/acc_00000000000000000000000000000000/deactivate"),
    ("POST", "/users/acc_00000000000000000000000000000000/reactivate"),
    ("GET", "/users/acc_00000000000000000000000000000000/sessions"),
    ("DELETE", "/users/acc_00000000000000000000000000000000/sessions"),
    (
        "DELETE",
        "/users/acc_00000000000000000000000000000000/sessions/ses_00000000000000000000000000000000",
    ),
];

/// Two organizations that have everything that there is to be touched.
async fn two() -> TestServer {
    let server = TestServer::start().await;
    for org in ["acme", "other"] {
        let body = json!({"name": org, "domains": [format!("{org}.example")]});
        assert_eq!(send(&server, Method::POST, "orgs", body).await.0, 201);
        let path = format!("orgs/{org}/sso");
        assert_eq!(send(&server, Method::PUT, &path, connection()).await.0, 200);
        let new = json!({"alias": "first", "valid_days": 365, "key": "p256"});
        let path = format!("orgs/{org}/service-certificates");
        assert_eq!(send(&server, Method::POST, &path, new).await.0, 201);
        let ann = json!({
            "first_name": "Ann", "last_name": "Lee", "email": format!("ann@{org}.example"),
        });
        let path = format!("orgs/{org}/users");
        assert_eq!(send(&server, Method::POST, &path, ann).await.0, 201);
    }
    server
}

/// All that the operator sees of an organization, its audit trail last: reading that adds to it.
async fn everything(server: &TestServer, org: &str) -> Vec<Value> {
    let mut all = vec![read(server, "orgs").await.1];
    for part in [
        "",
        "/sso",
        "/service-certificates",
        "/idp-certificates",
        "/api-tokens",
        "/groups",
        "/users",
        "/logins",
    ] {
        all.push(read(server, &format!("orgs/{org}{part}")).await.1);
    }
    let mut trail = read(server, &format!("orgs/{org}/audit?limit=200")).await.1;
    let entries = trail["items"].as_array_mut().expect("a list");
    entries.retain(|entry| {
        entry["sub_category"] != "audit_read" || entry["administrator"] != "operator"
    });
    all.push(trail);
    all
}

/// A path with what an organization has in the place of `{crt}`, `{tok}`, `{grp}` and `{acc}`.
async fn filled(server: &TestServer, org: &str, path: &str) -> String {
    let mut path = path.to_owned();
    for (place, list) in [
        ("{crt}", "service-certificates"),
        ("{tok}", "api-tokens"),
        ("{grp}", "groups"),
        ("{acc}", "users"),
    ] {
        let list = read(server, &format!("orgs/{org}/{list}")).await.1;
        path = path.replace(place, list["items"][0]["id"].as_str().expect("one of each"));
    }
    path
}

#[tokio::test]
async fn a_token_of_another_organization_is_refused_everywhere() {
    let server = two().await;
    let (org_admin, user_admin) =
        (secret(&server, "acme", "org_admin").await, secret(&server, "acme", "user_admin").await);
    secret(&server, "other", "org_admin").await;
    let before = everything(&server, "other").await;
    let body = json!({"display_name": "taken"});
    for (method, path) in OF_ORG_ADMINS.iter().chain(OF_USER_ADMINS) {
        let path = filled(&server, "other", path).await;
        let method: Method = method.parse().expect("a method");
        for token in [&org_admin, &user_admin] {
            let mut told = Vec::new();
            // Whether it exists, by name or by domain, is nobody else's business.
            for org in ["other", "other.example", "OTHER", "nobody", "nobody.example", "%FF"] {
                let asked = format!("orgs/{org}{path}");
                let (status, problem) =
                    send_as(&server, token, method.clone(), &asked, &body).await;
                let refused = (status.as_u16(), &problem["code"]);
                assert_eq!(refused, (403, &json!("foreign_org")), "{method} {asked}");
                told.push(problem);
            }
            assert!(told.iter().all(|problem| *problem == told[0]), "{method} {path}");
        }
    }
    assert_eq!(everything(&server, "other").await, before);
}

#[tokio::test]
async fn organizations_are_the_operators() {
    let server = two().await;
    let tokens =
        [secret(&server, "acme", "org_admin").await, secret(&server, "acme", "user_admin").await];
    let before = everything(&server, "acme").await;
    for token in &tokens {
        for (method, body) in [
            (Method::GET, json!({})),
            (Method::POST, json!({"name": "third"})),
            (Method::POST, json!({"name": "acme"})),
        ] {
            let (status, problem) = send_as(&server, token, method, "orgs", &body).await;
            assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("operator_only")));
        }
    }
    assert_eq!(everything(&server, "acme").await, before);
}

#[tokio::test]
async fn a_user_administrator_has_accounts_alone() {
    let server = two().await;
    let token = secret(&server, "acme", "user_admin").await;
    let before = everything(&server, "acme").await;
    let body = json!({"description": "more", "role": "org_admin"});
    for (method, path) in OF_ORG_ADMINS {
        let path = format!("orgs/acme{}", filled(&server, "acme", path).await);
        let method: Method = method.parse().expect("a method");
        let (status, problem) = send_as(&server, &token, method.clone(), &path, &body).await;
        let refused = (status.as_u16(), &problem["code"]);
        assert_eq!(refused, (403, &json!("org_admin_only")), "{method} {path}");
    }
    assert_eq!(everything(&server, "acme").await, before);
    let users = send_as(&server, &token, Method::GET, "orgs/acme/users", &json!({})).await;
    assert_eq!((users.0.as_u16(), &users.1["items"][0]["first_name"]), (200, &json!("Ann")));
}
