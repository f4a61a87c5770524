//! The fields that the organization adds (SPEC 11.4): filled, required, unique, and written by whom its schema
//! says.

use super::*;
use serde_json::json;

fn own(name: &str) -> ProfileField {
    ProfileField::Own(name.parse().expect("a name"))
}

fn schema(attributes: serde_json::Value) -> impl FnOnce(&mut Login) {
    move |login: &mut Login| {
        let schema = json!({ "attributes": attributes });
        login.org.attribute_schema = serde_json::from_value(schema).expect("a schema");
    }
}

fn newer() -> Login {
    Login::known().person(|p| p.with("updateTimeStamp", "1"))
}

#[test]
fn an_attribute_of_the_name_or_of_the_map_fills_it() {
    let attributes = json!([{"name": "desk"}, {"name": "badge", "type": "integer"},
                            {"name": "tags", "type": "list"}]);
    let login = Login::first().with(schema(attributes)).with(|l| {
        let fields = Fields::Many(vec![own("badge"), own("gone")]);
        l.settings.attribute_map.map.insert("number".to_owned(), fields);
        l.person.attributes.push(("tags".to_owned(), vec!["a".to_owned(), "b".to_owned()]));
        l.person = l.person.clone().with("desk", "D 7").with("number", " 7 ").with("badge", "8");
    });
    let decision = login.accepted();
    let profile = &created(&decision).profile;
    let own_values: Vec<_> = profile.own().map(|(name, value)| (name.to_string(), value)).collect();
    assert_eq!(
        own_values,
        [
            ("badge".to_owned(), &ProfileValue::Number(7)),
            ("desk".to_owned(), &ProfileValue::Text("D 7".to_owned())),
            ("tags".to_owned(), &ProfileValue::List(vec!["a".to_owned(), "b".to_owned()])),
        ]
    );
    // Without a preset only the map counts, and an empty entry takes the name away.
    let no_preset = login.clone().with(|l| l.settings.attribute_map.preset = None);
    let keys = no_preset.person.keys(&no_preset.org, &no_preset.settings);
    assert_eq!(keys.expect_err("no key").code, Code::RequiredAttributeMissing);
    let taken_out = login.with(|l| {
        l.settings.attribute_map.map.insert("desk".to_owned(), Fields::Many(Vec::new()));
    });
    assert_eq!(created(&taken_out.accepted()).profile.get(own("desk")), None);
}

#[test]
fn each_rule_of_the_schema_has_its_refusal_and_the_repaired_login_is_accepted() {
    let holder = || {
        let mut holder = ann_account()
            .with(ProfileField::Uid, "bob@corp.example")
            .with(ProfileField::Email, "bob@corp.example");
        holder.profile.set(own("badge"), ProfileValue::Number(7));
        holder.id = id(2);
        holder
    };
    let unique = || schema(json!([{"name": "badge", "type": "integer", "unique": true}]));
    let pattern = || schema(json!([{"name": "desk", "pattern": "[0-9]+"}]));
    let required = || schema(json!([{"name": "desk", "required": true}]));
    let refuse = |l: &mut Login| {
        l.settings.on_missing.insert(own("desk"), OnMissing::Refuse);
    };
    for (name, code, broken, repaired) in [
        (
            "a new account lacks a required one",
            Code::RequiredAttributeMissing,
            Login::first().with(required()),
            Login::first().with(required()).person(|p| p.with("desk", "1")),
        ),
        (
            "a value breaks the rule",
            Code::AttributeInvalid,
            Login::first().with(pattern()).person(|p| p.with("desk", "x")),
            Login::first().with(pattern()).person(|p| p.with("desk", "1")),
        ),
        (
            "the same in an update",
            Code::AttributeInvalid,
            newer().with(pattern()).person(|p| p.with("desk", "x")),
            newer().with(pattern()).person(|p| p.with("desk", "1")),
        ),
        (
            "another account has the value",
            Code::AccountConflict,
            Login::first()
                .with(unique())
                .with(|l| l.accounts = vec![holder()])
                .person(|p| p.with("badge", "7")),
            Login::first()
                .with(unique())
                .with(|l| l.accounts = vec![holder()])
                .person(|p| p.with("badge", "8")),
        ),
        (
            "the same in an update",
            Code::AccountConflict,
            newer()
                .with(unique())
                .with(|l| l.accounts.push(holder()))
                .person(|p| p.with("badge", "7")),
            newer()
                .with(unique())
                .with(|l| l.accounts.push(holder()))
                .person(|p| p.with("badge", "8")),
        ),
        (
            "an update must have it",
            Code::RequiredAttributeMissing,
            newer().with(pattern()).with(refuse),
            newer().with(pattern()).with(refuse).person(|p| p.with("desk", "1")),
        ),
    ] {
        assert_eq!(broken.refused().code, code, "{name}");
        if let Err(refused) = repaired.decide() {
            panic!("{name}, repaired: {refused}");
        }
    }
    // What is one's own is no conflict, and what an update does not write is none.
    let same = newer().with(unique()).with(|l| {
        l.accounts[0].profile.set(own("badge"), ProfileValue::Number(7));
    });
    assert!(same.person(|p| p.with("badge", "7")).decide().is_ok());
    let left = Login::known().with(unique()).with(|l| l.accounts.push(holder()));
    let left = left.with(|l| l.settings.auto_update = false).person(|p| p.with("badge", "7"));
    assert_eq!(left_alone(&left.accepted()).profile.get(own("badge")), None);
}

#[test]
fn each_mutability_has_its_moment() {
    let schema = || {
        schema(json!([
            {"name": "any"},
            {"name": "later", "mutability": "update_only"},
            {"name": "ours", "mutability": "read_only"},
        ]))
    };
    let says = |p: Person| p.with("any", "1").with("later", "2").with("ours", "3");
    let of = |account: &Account| {
        ["any", "later", "ours"].map(|name| account.profile.text(own(name)).map(str::to_owned))
    };
    let text = |text: &str| Some(text.to_owned());
    let decision = Login::first().with(schema()).person(says).accepted();
    assert_eq!(of(created(&decision)), [text("1"), None, text("3")]);
    assert_eq!(notes(&decision), ["not_at_creation", "account_created"]);
    assert_eq!(decision.notes[0].found, "later is update_only");
    let decision = newer().with(schema()).person(says).accepted();
    assert_eq!(of(updated(&decision)), [text("1"), text("2"), text("3")]);
    assert_eq!(decision.notes[0].found, "changed: any, later, ours");
}

#[test]
fn an_update_clears_and_keeps_them_as_it_does_others() {
    let schema = || {
        schema(
            json!([{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d", "required": true}]),
        )
    };
    let login = newer().with(schema()).person(|p| p.with("a", "").with("d", " ")).with(|l| {
        for name in ["a", "b", "c", "d", "gone"] {
            l.accounts[0].profile.set(own(name), ProfileValue::Text("x".to_owned()));
        }
        l.settings.on_missing.insert(own("b"), OnMissing::Clear);
    });
    let decision = login.accepted();
    let left: Vec<_> = updated(&decision).profile.own().map(|(name, _)| name.to_string()).collect();
    assert_eq!(left, ["c", "d"], "empty clears, clear clears, absent keeps, required stays");
    let kept = decision.notes.iter().find(|note| note.event == "required_field_kept");
    assert_eq!(kept.expect("noted").found, "d is required and came without a value");
}
