//! Whether a schema allows `null`.

use serde_json::{Value, json};

/// Whether it does.
pub(super) fn is(schema: &Value) -> bool {
    let types = schema["type"].as_array().into_iter().flatten();
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    types.into_iter().any(|kind| kind == "null") || choices.into_iter().any(is_null)
}

/// Lets it.
pub(super) fn add(schema: &mut Value) {
    if is(schema) {
        return;
    }
    match schema["type"].clone() {
        Value::String(kind) if schema.get("enum").is_none() => {
            schema["type"] = json!([kind, "null"])
        }
        _ => {
            let mut one = schema.take();
            let mut both = json!({});
            for key in ["description", "default"] {
                if let Some(value) = one.as_object_mut().and_then(|one| one.remove(key)) {
                    both[key] = value;
                }
            }
            both["oneOf"] = json!([{"type": "null"}, one]);
            *schema = both;
        }
    }
}

/// Does not let it any more.
pub(super) fn remove(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(mut choices)) = object.remove("oneOf") {
        choices.retain(|choice| !is_null(choice));
        match choices.as_slice() {
            [Value::Object(only)] => object.extend(only.clone()),
            _ => {
                object.insert("oneOf".to_owned(), choices.into());
            }
        }
    }
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}
