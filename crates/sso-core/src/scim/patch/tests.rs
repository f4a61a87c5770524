use super::*;
use crate::org::Org;
use crate::scim::body;
use crate::scim::schema::ENTERPRISE;
use serde_json::json;

fn org() -> Org {
    serde_json::from_value(json!({"name": "acme"})).expect("an organization")
}

fn ann() -> Map<String, Value> {
    let ann = json!({
        "schemas": [crate::scim::schema::USER, ENTERPRISE],
        "userName": "ann@corp.example",
        "externalId": "A-1",
        "name": {"givenName": "Ann", "familyName": "Lee"},
        "title": "Clerk",
        "active": true,
        "emails": [{"type": "work", "value": "ann@corp.example", "primary": true}],
        "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}],
        ENTERPRISE: {"department": "Sales", "employeeNumber": "7"},
    });
    body::read(&Shape::users(&org()), &ann).expect("a user")
}

fn patched(operations: Value) -> Result<Map<String, Value>, ScimError> {
    let mut user = ann();
    apply(&mut user, &json!({"Operations": operations}), &Shape::users(&org())).map(|()| user)
}

/// What the operations change: each attribute as it is then.
fn changes(operations: Value) -> Value {
    let before = ann();
    let after = patched(operations.clone()).unwrap_or_else(|error| panic!("{operations}: {error}"));
    let mut changed = Map::new();
    for name in before.keys().chain(after.keys()) {
        if before.get(name) != after.get(name) {
            changed.insert(name.clone(), after.get(name).cloned().unwrap_or(Value::Null));
        }
    }
    Value::Object(changed)
}

#[test]
fn each_operation_of_the_rfc_and_of_both_dialects() {
    let work = |value: &str| json!({"type": "work", "value": value});
    for (operations, expected) in [
        // Entra ID: capitals, texts for booleans, a value that is not there yet.
        (json!([{"op": "Replace", "path": "active", "value": "False"}]), json!({"active": false})),
        (json!([{"op": "Replace", "value": {"active": false}}]), json!({"active": false})),
        (
            json!([{"op": "Add", "path": "displayName", "value": "Ann Lee"}]),
            json!({"displayName": "Ann Lee"}),
        ),
        (
            json!([{"op": "Replace", "path": "emails[type eq \"work\"].value",
                    "value": "ann2@corp.example"}]),
            json!({"emails": [{"type": "work", "value": "ann2@corp.example", "primary": true}]}),
        ),
        (
            json!([{"op": "Replace", "path": "addresses[type eq \"work\"].locality",
                    "value": "Oslo"}]),
            json!({"addresses": [{"type": "work", "locality": "Oslo"}]}),
        ),
        (
            json!([{"op": "replace", "value": {
                "name.givenName": "Anna",
                "emails[type eq \"work\"].value": "anna@corp.example",
                (format!("{ENTERPRISE}:department")): "Legal",
                "nobodys": 1,
                "roles": [{"value": "admin"}],
            }}]),
            json!({
                "name": {"givenName": "Anna", "familyName": "Lee"},
                "emails": [{"type": "work", "value": "anna@corp.example", "primary": true}],
                ENTERPRISE: {"department": "Legal", "employeeNumber": "7"},
            }),
        ),
        (
            json!([{"op": "Add", "path": (format!("{ENTERPRISE}:manager")), "value": "acc_1"}]),
            json!({ENTERPRISE: {"department": "Sales", "employeeNumber": "7",
                                "manager": {"value": "acc_1"}}}),
        ),
        (
            json!([{"op": "Remove", "path": "phoneNumbers", "value": [{"value": "2"}]}]),
            json!({"phoneNumbers": [work("1")]}),
        ),
        (json!([{"op": "Replace", "path": "title", "value": ""}]), json!({"title": null})),
        (json!([{"op": "Add", "path": "roles", "value": [{"value": "admin"}]}]), json!({})),
        (json!([{"op": "replace", "path": "password", "value": "secret"}]), json!({})),
        // The RFC.
        (json!([{"op": "remove", "path": "title"}]), json!({"title": null})),
        (
            json!([{"op": "remove", "path": "phoneNumbers[type eq \"mobile\"]"}]),
            json!({"phoneNumbers": [work("1")]}),
        ),
        (
            json!([{"op": "remove", "path": "phoneNumbers[type eq \"mobile\"].value"}]),
            json!({"phoneNumbers": [work("1")]}),
        ),
        (json!([{"op": "remove", "path": "phoneNumbers[type eq \"fax\"]"}]), json!({})),
        (
            json!([{"op": "replace", "path": "phoneNumbers", "value": [work("3")]}]),
            json!({"phoneNumbers": [work("3")]}),
        ),
        (
            json!([{"op": "add", "path": "emails",
                    "value": [{"type": "home", "value": "a@home.example", "primary": true}]}]),
            json!({"emails": [
                {"type": "work", "value": "ann@corp.example"},
                {"type": "home", "value": "a@home.example", "primary": true},
            ]}),
        ),
        (
            json!([{"op": "add", "path": "name", "value": {"givenName": "Anna"}}]),
            json!({"name": {"givenName": "Anna", "familyName": "Lee"}}),
        ),
        (
            json!([{"op": "remove", "path": "name.givenName"}]),
            json!({"name": {"familyName": "Lee"}}),
        ),
        (json!([{"op": "remove", "path": ENTERPRISE}]), json!({ENTERPRISE: null})),
        (
            json!([{"op": "add", "path": ENTERPRISE, "value": {"department": "Legal"}}]),
            json!({ENTERPRISE: {"department": "Legal", "employeeNumber": "7"}}),
        ),
        (
            json!([{"op": "add", "value": {"NICKNAME": "Annie", "active": "true"}}]),
            json!({"nickName": "Annie"}),
        ),
        (json!([{"op": "remove", "path": "active"}]), json!({"active": null})),
    ] {
        assert_eq!(changes(operations.clone()), expected, "{operations}");
    }
}

#[test]
fn what_is_malformed_is_told_by_its_kind() {
    use ScimType::*;
    let deep = format!("emails[{}type eq \"x\"{}]", "(".repeat(40), ")".repeat(40));
    for (operations, kind) in [
        (json!([]), InvalidSyntax),
        (json!({}), InvalidSyntax),
        (json!([{"op": "move", "path": "title"}]), InvalidSyntax),
        (json!([{"path": "title", "value": "x"}]), InvalidSyntax),
        (json!([7]), InvalidSyntax),
        (json!([{"op": "remove"}]), NoTarget),
        (json!([{"op": "replace", "value": "x"}]), InvalidValue),
        (json!([{"op": "add", "path": "title"}]), InvalidValue),
        (json!([{"op": "replace", "path": 7, "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "colour", "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "name.colour", "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "emails[type eq", "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "emails[]", "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "emails[type eq \"x\"]y", "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "title[value eq \"x\"]", "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "urn:x:y", "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": deep, "value": "x"}]), InvalidPath),
        (json!([{"op": "replace", "path": "active", "value": "perhaps"}]), InvalidValue),
        (json!([{"op": "replace", "path": "title", "value": {"a": 1}}]), InvalidValue),
        (json!([{"op": "replace", "path": "emails", "value": [7]}]), InvalidValue),
        (
            json!([{"op": "replace", "path": "emails[value co \"nobody\"].value", "value": "y"}]),
            NoTarget,
        ),
        (json!([{"op": "replace", "path": "id", "value": "x"}]), Mutability),
        (json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]), Mutability),
        (json!([{"op": "remove", "path": "userName"}]), Mutability),
    ] {
        let refused = patched(operations.clone()).map_err(|error| error.kind);
        assert_eq!(refused, Err(Some(kind)), "{operations}");
    }
}
