//! Users are accounts: what a directory writes is what everybody sees, under the rules that hold for all.

use crate::scene::{ENTERPRISE, Scene, USER, at, engines, id, refusal};
use reqwest::Method;
use serde_json::{Value, json};
use sso_tests::Person;

fn whole() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": "Ann@corp.example",
        "externalId": "A-1",
        "name": {"givenName": "Ann", "familyName": "Müller-Łódź", "middleName": "B."},
        "displayName": "Ann M.",
        "title": "Clerk",
        "nickName": "Annie",
        "active": true,
        "emails": [
            {"value": "ann@home.example", "type": "home"},
            {"value": "ann@corp.example", "type": "work", "primary": true},
        ],
        "phoneNumbers": [{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}],
        "addresses": [{"type": "work", "streetAddress": "Main St 1\nFloor 2", "locality": "Oslo",
                       "postalCode": "0150", "country": "NO"}],
        ENTERPRISE: {"employeeNumber": "7", "department": "Sales", "costCenter": "c"},
        "roles": [{"value": "org_admin"}],
        "password": "secret",
        "groups": [{"value": "staff"}],
        "id": "mine",
    })
}

#[tokio::test]
async fn a_user_is_an_account() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let made = scene.create("Users", whole()).await;
        let base = "https://sso.example/scim/v2/corp";
        let expected = json!({
            "schemas": [USER, ENTERPRISE],
            "id": made["id"],
            "userName": "Ann@corp.example",
            "externalId": "A-1",
            "name": {"givenName": "Ann", "familyName": "Müller-Łódź", "middleName": "B."},
            "displayName": "Ann M.",
            "title": "Clerk",
            "nickName": "Annie",
            "active": true,
            "emails": [
                {"value": "ann@home.example", "type": "home"},
                {"value": "ann@corp.example", "type": "work", "primary": true},
            ],
            "phoneNumbers": [{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}],
            "addresses": [{"type": "work", "streetAddress": "Main St 1\nFloor 2",
                           "locality": "Oslo", "postalCode": "0150", "country": "NO"}],
            ENTERPRISE: {"employeeNumber": "7", "department": "Sales", "costCenter": "c"},
            "meta": made["meta"],
        });
        assert_eq!(made, expected);
        assert_eq!(made["meta"]["version"], "W/\"1\"");
        assert_eq!(made["meta"]["location"], format!("{base}/Users/{}", id(&made)));
        assert_eq!(scene.get(&at(&made)).await, made);
        let account = scene.account(&made).await;
        assert_eq!(
            account,
            json!({
                "id": made["id"], "org": "corp", "uid": "Ann@corp.example", "ssoid": "A-1",
                "email": "ann@corp.example", "first_name": "Ann", "last_name": "Müller-Łódź",
                "display_name": "Ann M.", "job_title": "Clerk", "business_phone": "1",
                "mobile_phone": "2", "street_line_1": "Main St 1", "street_line_2": "Floor 2",
                "city": "Oslo", "zip_code": "0150", "country": "NO", "employee_id": "7",
                "business_unit": "Sales", "name_id": null, "status": "active", "role": "user",
                "groups": [], "source": "scim", "created_at": account["created_at"],
                "updated_at": account["updated_at"], "last_login_at": null,
            })
        );

        // The same record signs in.
        assert!(scene.sign_in(&Person::new("ann"), "_1").await.is_some());
        assert!(scene.account(&made).await["last_login_at"].is_string());

        // Replaced, it has what the body says and no more; its role and status stay.
        let body = json!({"userName": "ann@corp.example", "name": {"familyName": "Lee"}});
        let (status, replaced) = scene.send(Method::PUT, &at(&made), body).await;
        assert_eq!(status, 200, "{replaced}");
        let mut rest = replaced.clone();
        rest.as_object_mut().expect("an object").remove("meta");
        assert_eq!(
            rest,
            json!({"schemas": [USER], "id": made["id"], "userName": "ann@corp.example",
                   "name": {"familyName": "Lee"}, "active": true})
        );
        let account = scene.account(&made).await;
        assert_eq!((account.get("email"), &account["last_name"]), (None, &json!("Lee")));

        assert_eq!(scene.send(Method::DELETE, &at(&made), Value::Null).await, (204, Value::Null));
        let gone = scene.send(Method::GET, &at(&made), Value::Null).await;
        assert_eq!(refusal(gone), (404, String::new()));
        let (status, _) =
            scene.admin(Method::GET, &format!("/users/{}", id(&made)), json!(null)).await;
        assert_eq!(status, 404);
        let trail = scene.shown("/audit?category=users&limit=200").await;
        let acts = trail["items"].as_array().expect("a list").iter();
        let acts: Vec<_> =
            acts.map(|entry| entry["sub_category"].as_str().expect("text")).collect();
        assert_eq!(
            acts,
            ["account_removed", "account_updated", "account_updated", "account_created"]
        );
        let by = trail["items"][0]["administrator"].as_str().expect("text");
        assert!(by.starts_with("tok_"), "{by}");
    }
}

#[tokio::test]
async fn a_deactivated_user_is_signed_out_at_once_and_comes_back() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let body = json!({"userName": "ann@corp.example", "active": "True",
                          "emails": [{"type": "work", "value": "ann@corp.example"}]});
        let ann = scene.create("Users", body).await;
        let browser = scene.sign_in(&Person::new("ann"), "_1").await.expect("signed in");
        assert!(scene.is_signed_in(&browser).await);
        let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
        let (status, inactive) = scene.patch(&at(&ann), off).await;
        assert_eq!((status, &inactive["active"]), (200, &json!(false)));
        assert!(!scene.is_signed_in(&browser).await);
        assert_eq!(scene.sign_in(&Person::new("ann"), "_2").await, None);
        assert_eq!(scene.account(&ann).await["status"], "inactive");

        // What says nothing of it leaves it so; taking the attribute away does, too.
        let body = json!({"userName": "ann@corp.example"});
        let (_, put) = scene.send(Method::PUT, &at(&ann), body).await;
        assert_eq!(put["active"], false);
        let (_, removed) =
            scene.patch(&at(&ann), json!([{"op": "remove", "path": "active"}])).await;
        assert_eq!(removed["active"], false);

        let on = json!([{"op": "replace", "value": {"active": true}}]);
        let (status, active) = scene.patch(&at(&ann), on).await;
        assert_eq!((status, &active["active"]), (200, &json!(true)));
        assert!(!scene.is_signed_in(&browser).await, "that session is over");
        let deleted = scene.sign_in(&Person::new("ann"), "_3").await.expect("signed in");
        assert_eq!(scene.send(Method::DELETE, &at(&ann), Value::Null).await.0, 204);
        assert!(!scene.is_signed_in(&deleted).await);
    }
}

#[tokio::test]
async fn a_changed_address_renames_a_uid_that_equals_it() {
    let scene = Scene::new().await;
    let person = |user: &str, email: &str| json!({"userName": user, "emails": [{"type": "work", "value": email}]});
    let new_address = |value: &str| json!([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": value}]);
    let ann = scene.create("Users", person("ANN@corp.example", "ann@corp.example")).await;
    let (_, renamed) = scene.patch(&at(&ann), new_address("anna@corp.example")).await;
    assert_eq!(renamed["userName"], "anna@corp.example");
    assert_eq!(renamed["emails"][0]["value"], "anna@corp.example");

    // One that does not, and one that the request itself names, stay.
    let bob = scene.create("Users", person("bob", "bob@corp.example")).await;
    let (_, kept) = scene.patch(&at(&bob), new_address("rob@corp.example")).await;
    assert_eq!(kept["userName"], "bob");
    let stated = person("anna@corp.example", "a.lee@corp.example");
    let (_, kept) = scene.send(Method::PUT, &at(&ann), stated).await;
    assert_eq!(kept["userName"], "anna@corp.example");
    assert_eq!(scene.account(&ann).await["email"], "a.lee@corp.example");
}

#[tokio::test]
async fn each_refusal_has_its_status_and_changes_nothing() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let ann = scene.create("Users", whole()).await;
        let bob = scene.user("bob").await;
        let before = scene.dump();
        let work = |address: &str| json!([{"type": "work", "value": address}]);
        let bad = |kind: &str| (400, kind.to_owned());
        for (body, expected) in [
            (json!({"userName": "ann@CORP.example"}), (409, "uniqueness".to_owned())),
            (json!({"userName": "x", "externalId": "A-1"}), (409, "uniqueness".to_owned())),
            (
                json!({"userName": "x", "emails": work("ANN@corp.example")}),
                (409, "uniqueness".to_owned()),
            ),
            (json!({"userName": "x", "emails": work("x@other.example")}), bad("invalidValue")),
            (
                json!({"userName": "x", "emails": [{"value": "x@other.example", "primary": true}]}),
                bad("invalidValue"),
            ),
            (json!({"userName": ""}), bad("invalidValue")),
            (json!({"displayName": "x"}), bad("invalidValue")),
            (json!({"userName": {"a": 1}}), bad("invalidValue")),
            (json!({"userName": "x".repeat(300)}), bad("invalidValue")),
            (json!({"userName": "x\u{7}"}), bad("invalidValue")),
            (json!({"userName": "x\u{0}"}), bad("invalidValue")),
            (json!({"userName": "x", "active": "perhaps"}), bad("invalidValue")),
            (json!({"userName": "x", "emails": 7}), bad("invalidValue")),
            (json!({"userName": "x", "name": "Ann"}), bad("invalidValue")),
        ] {
            let answer = scene.send(Method::POST, "Users", body.clone()).await;
            assert_eq!(refusal(answer), expected, "{body}");
            let mut put = body.clone();
            if put["userName"] == "ann@CORP.example" {
                put["externalId"] = json!("B-1");
            }
            let answer = scene.send(Method::PUT, &at(&bob), put).await;
            assert_eq!(refusal(answer), expected, "{body}");
        }
        let taken = json!([{"op": "replace", "path": "userName", "value": "Ann@corp.example"}]);
        assert_eq!(refusal(scene.patch(&at(&bob), taken).await).0, 409);
        for nobody in ["Users/acc_00000000000000000000000000000000", "Users/x", "Groups/x"] {
            for method in [Method::GET, Method::DELETE] {
                let answer = scene.send(method, nobody, Value::Null).await;
                assert_eq!(refusal(answer), (404, String::new()), "{nobody}");
            }
        }
        assert_eq!(scene.dump(), before);

        // Another address than the account's is not held to the domains, and names and address may
        // be absent.
        let body = json!({"userName": "eve", "emails": [{"type": "home", "value": "e@x.example"}]});
        let eve = scene.create("Users", body).await;
        assert_eq!(scene.account(&eve).await.get("email"), None);
        assert_eq!(scene.get(&at(&ann)).await, ann);
    }
}

#[tokio::test]
async fn the_primary_administrator_stays_and_no_role_comes_from_outside() {
    let scene = Scene::new().await;
    let body = json!({"userName": "boss@corp.example", "roles": [{"value": "org_admin"}],
                      "emails": [{"type": "work", "value": "boss@corp.example"}]});
    let boss = scene.create("Users", body).await;
    assert_eq!(scene.account(&boss).await["role"], "user");
    let role = json!({"role": "org_admin"});
    let path = format!("/users/{}", id(&boss));
    assert_eq!(scene.admin(Method::PATCH, &path, role).await.0, 200);
    let primary = json!({"primary_admin": "boss@corp.example"});
    assert_eq!(scene.admin(Method::PATCH, "", primary).await.0, 200);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    assert_eq!(refusal(scene.patch(&at(&boss), off.clone()).await).0, 403);
    assert_eq!(refusal(scene.send(Method::DELETE, &at(&boss), Value::Null).await).0, 403);
    for body in [
        json!({"userName": "boss@corp.example", "roles": []}),
        json!({"userName": "boss@corp.example", "role": "user", "urn:x": {"role": "user"}}),
    ] {
        assert_eq!(scene.send(Method::PUT, &at(&boss), body).await.0, 200);
        assert_eq!(scene.account(&boss).await["role"], "org_admin");
    }
    let nobody = json!({"primary_admin": null});
    assert_eq!(scene.admin(Method::PATCH, "", nobody).await.0, 200);
    assert_eq!(scene.patch(&at(&boss), off).await.0, 200);
}

#[tokio::test]
async fn a_version_that_is_not_the_client_s_is_refused() {
    let scene = Scene::new().await;
    let ann = scene.user("ann").await;
    let path = format!("corp/{}", at(&ann));
    let ask = async |method: Method, body: Value, header: (&str, &str)| {
        scene.send_as(&scene.token, method, &path, body, &[header]).await
    };
    assert_eq!(ask(Method::GET, json!(null), ("if-none-match", "W/\"1\"")).await.0, 304);
    assert_eq!(ask(Method::GET, json!(null), ("if-none-match", "W/\"2\"")).await.0, 200);
    let body = json!({"userName": "ann@corp.example", "title": "x"});
    let stale = ask(Method::PUT, body.clone(), ("if-match", "W/\"7\"")).await;
    assert_eq!(refusal(stale), (412, String::new()));
    let stale = ask(Method::DELETE, json!(null), ("if-match", "\"0\"")).await;
    assert_eq!(refusal(stale), (412, String::new()));
    let (status, put) = ask(Method::PUT, body, ("if-match", "W/\"0\", W/\"1\"")).await;
    assert_eq!((status, &put["meta"]["version"]), (200, &json!("W/\"2\"")));
    assert_eq!(ask(Method::DELETE, json!(null), ("if-match", "*")).await.0, 204);
}
