//! Filters and PATCHes that nobody wrote by hand: pieces of good ones put together at random. Each is done or
//! gets a SCIM error, and the service is never at fault.

use crate::scene::{Scene, at, refusal};
use reqwest::Method;
use serde_json::{Value, json};
use sso_core::random;
use sso_tests::SeededRandom;
use url::form_urlencoded::byte_serialize;

/// How many of each kind are tried.
const MANY: usize = 250;

const FILTER: [&str; 34] = [
    "userName",
    "emails",
    "emails.value",
    "meta.created",
    "active",
    "members",
    "name",
    "nothing",
    "eq",
    "ne",
    "co",
    "sw",
    "ew",
    "gt",
    "le",
    "pr",
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    "].value",
    ".",
    ":",
    "\"a\"",
    "\"\\u00\"",
    "\"",
    "true",
    "null",
    "7",
    "urn:ietf:params:scim:schemas:core:2.0:User:",
    "é",
];
const PATHS: [&str; 18] = [
    "userName",
    "active",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[",
    "members",
    "members[value eq \"x\"]",
    "externalId",
    "id",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "groups",
    "displayName",
    "",
    "a.b.c",
];

struct Dice(SeededRandom);

impl Dice {
    fn one<'a, T>(&self, of: &'a [T]) -> &'a T {
        let [high, low] = random::bytes(&self.0);
        &of[usize::from(u16::from_be_bytes([high, low])) % of.len()]
    }

    fn filter(&self) -> String {
        if *self.one(&[true, false]) {
            let compared =
                ["userName", "emails.value", "displayName", "id", "externalId", "meta.created"];
            let operator = self.one(&["eq", "ne", "co", "sw", "ew", "Eq", "gt"]);
            let other = self.one(&["", "", " or active eq true", " and not (title pr)"]);
            return format!("{} {operator} \"a\"{other}", self.one(&compared));
        }
        let many = *self.one(&[1, 2, 3, 3, 4, 5, 7, 9]);
        let pieces: Vec<&str> = (0..many).map(|_| *self.one(&FILTER)).collect();
        let between: [&str; 4] = [" ", " ", " ", ""];
        pieces.join(*self.one(&between))
    }

    fn value(&self, depth: u8) -> Value {
        match *self.one(&[0, 1, 2, 3, 4, 5, 6, 7]) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!("False"),
            3 => json!(-1.5e300),
            4 => json!("x@corp.example"),
            5 if depth > 0 => json!([self.value(depth - 1), self.value(depth - 1)]),
            6 if depth > 0 => {
                let (name, other) = (*self.one(&PATHS), *self.one(&["value", "type", "primary"]));
                json!({name: self.value(depth - 1), other: self.value(depth - 1)})
            }
            _ => json!(""),
        }
    }

    fn patch(&self) -> Value {
        let operation = |_| {
            let mut operation = json!({
                "op": self.one(&["Add", "add", "Replace", "replace", "remove", "REMOVE", "move"]),
                "value": self.value(3),
            });
            if *self.one(&[true, true, true, false]) {
                operation["path"] = json!(self.one(&PATHS));
            }
            operation
        };
        let many = *self.one(&[0, 1, 1, 1, 2, 3]);
        let operations: Vec<Value> = (0..many).map(operation).collect();
        let name =
            *self.one(&["Operations", "Operations", "Operations", "operations", "Operation"]);
        json!({name: operations})
    }
}

/// What was done is told, and what was not is told as SCIM tells it.
fn judge(what: &str, answer: (u16, Value)) -> bool {
    match answer.0 {
        200..300 => true,
        status => {
            assert!((400..500).contains(&status), "{what}: {answer:?}");
            refusal(answer);
            false
        }
    }
}

#[tokio::test]
async fn no_filter_and_no_patch_is_the_service_s_fault() {
    let scene = Scene::new().await;
    let (ann, group) = (scene.user("ann").await, json!({"displayName": "G"}));
    let group = scene.create("Groups", group).await;
    let things = [&ann, &group];
    let dice = Dice(SeededRandom::new(7));
    let (mut done, mut refused) = (0, 0);
    let mut count = |is_done: bool| if is_done { done += 1 } else { refused += 1 };
    for _ in 0..MANY {
        let filter = dice.filter();
        let encoded: String = byte_serialize(filter.as_bytes()).collect();
        let endpoint = dice.one(&["Users", "Groups"]);
        let path = format!("{endpoint}?filter={encoded}&sortBy={}", dice.one(&["id", "name", "."]));
        count(judge(&filter, scene.send(Method::GET, &path, Value::Null).await));
        let patch = dice.patch();
        let thing: &&Value = dice.one(&things);
        let path = at(thing);
        count(judge(&patch.to_string(), scene.send(Method::PATCH, &path, patch.clone()).await));
        let mut body = json!({"userName": "ann@corp.example", "displayName": "G"});
        body[*dice.one(&PATHS)] = dice.value(3);
        count(judge(&body.to_string(), scene.send(Method::PUT, &path, body.clone()).await));
    }
    assert!(done > 50 && refused > 200, "{done} done, {refused} refused");
}
