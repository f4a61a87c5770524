//! Schemas as a client meets them. A type is declared once, as it is read. What is read and what is
//! answered differ, and here each gets the schema that is true of it:
//!
//! - an answer has every field, but for those that are left out when they are empty;
//! - a body may have `null` for each top-level field that has a default (`…Input`);
//! - a change needs no field (`…Change`).

use super::nullable;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const PREFIX: &str = "#/components/schemas/";

type Schemas = Map<String, Value>;

/// What the types with parameters are called, and those that the core has a name of its own for.
const NAMES: [(&str, &str); 3] = [
    ("ServiceCertificateShape", "ServiceCertificate"),
    ("CertificateRequestShape", "CertificateRequest"),
    ("CertificateShape_IdpCertificateState", "IdpCertificate"),
];

/// Completes every schema.
pub(super) fn complete(document: &mut Value) {
    let mut declared = match document["components"]["schemas"].take() {
        Value::Object(schemas) => schemas,
        _ => Schemas::new(),
    };
    name_generics(document, &mut declared);
    let whole: Schemas =
        declared.iter().map(|(name, one)| (name.clone(), closed(merged(one, &declared)))).collect();

    let mut bodies = BTreeSet::new();
    let (mut read, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (_, operation) in operations(document) {
        for content in contents(operation) {
            bodies.extend(referred(content));
            reach(content, &whole, &mut read);
        }
        reach(operation.get("parameters").unwrap_or(&Value::Null), &whole, &mut read);
        reach(&operation["responses"], &whole, &mut answered);
    }
    let of_one_kind: Vec<_> = bodies.iter().flat_map(|body| alternatives(&whole[body])).collect();
    bodies.extend(of_one_kind);

    reach(&document["components"]["responses"], &whole, &mut answered);

    let apart = apart(&whole, &bodies, &read, &answered);
    let mut schemas = Schemas::new();
    for name in &answered {
        schemas.insert(name.clone(), as_answered(&whole[name]));
    }
    for name in read.iter().filter(|name| apart.contains(*name) || !answered.contains(*name)) {
        let is_body = bodies.contains(name);
        let schema = if is_body { with_nulls(&whole[name]) } else { whole[name].clone() };
        schemas.insert(input(name, &apart), renamed(schema, &apart));
        if is_body {
            let change = renamed(change(&whole[name]), &apart);
            schemas.insert(format!("{name}Change"), change);
        }
    }
    for (method, operation) in operations(document) {
        for content in contents(operation) {
            if let Some(name) = referred(content).pop() {
                let name = match method.as_str() {
                    "patch" => format!("{name}Change"),
                    _ => input(&name, &apart),
                };
                *content = json!({"$ref": format!("{PREFIX}{name}")});
            }
        }
    }

    let mut used = BTreeSet::new();
    reach(&document["paths"], &schemas, &mut used);
    reach(&document["components"]["responses"], &schemas, &mut used);
    schemas.retain(|name, _| used.contains(name));
    document["components"]["schemas"] = schemas.into();
    plain_words(document);
}

/// Calls what has parameters by a name of its own, and a list of a thing after the thing.
fn name_generics(document: &mut Value, schemas: &mut Schemas) {
    for (declared, name) in NAMES {
        for prefix in ["", "Listed_"] {
            let Some(schema) = schemas.remove(&format!("{prefix}{declared}")) else { continue };
            schemas.insert(format!("{prefix}{name}"), schema);
        }
        rename(document, &mut |found| found.replace(declared, name));
    }
    let lists: Vec<String> =
        schemas.keys().filter(|name| name.starts_with("Listed_")).cloned().collect();
    for list in lists {
        let Some(mut schema) = schemas.remove(&list) else { continue };
        let thing = list.trim_start_matches("Listed_").to_owned();
        schema["properties"]["items"]["items"] = json!({"$ref": format!("{PREFIX}{thing}")});
        schemas.insert(format!("{thing}List"), schema);
        rename(document, &mut |name| {
            if name == list { format!("{thing}List") } else { name.to_owned() }
        });
    }
}

/// The schemas that are one thing in a body and another in an answer.
fn apart(
    whole: &Schemas,
    bodies: &BTreeSet<String>,
    read: &BTreeSet<String>,
    answered: &BTreeSet<String>,
) -> BTreeSet<String> {
    let both: BTreeSet<_> = read.intersection(answered).cloned().collect();
    let differs =
        |name: &&String| bodies.contains(*name) || as_answered(&whole[*name]) != whole[*name];
    let mut apart: BTreeSet<String> = both.iter().filter(differs).cloned().collect();
    loop {
        let refers =
            |name: &&String| referred(&whole[*name]).iter().any(|other| apart.contains(other));
        let more: Vec<_> =
            both.iter().filter(|name| !apart.contains(*name)).filter(refers).cloned().collect();
        if more.is_empty() {
            return apart;
        }
        apart.extend(more);
    }
}

fn input(name: &str, apart: &BTreeSet<String>) -> String {
    if apart.contains(name) { format!("{name}Input") } else { name.to_owned() }
}

fn renamed(mut schema: Value, apart: &BTreeSet<String>) -> Value {
    rename(&mut schema, &mut |name| input(name, apart));
    schema
}

/// The schema of an answer. What is left out when it is empty is never null.
fn as_answered(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let required = required(&schema);
    let mut always: BTreeSet<String> = required.clone();
    for (name, property) in properties(&mut schema) {
        let default = property.as_object_mut().and_then(|property| property.remove("default"));
        if required.contains(name) {
            continue;
        }
        if nullable::is(property) && default.unwrap_or_default().is_null() {
            nullable::remove(property);
        } else {
            always.insert(name.clone());
        }
    }
    if !always.is_empty() {
        schema["required"] = json!(always);
    }
    schema
}

/// The schema of a body whose top-level nulls count as absent.
fn with_nulls(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let required = required(&schema);
    for (name, property) in properties(&mut schema) {
        if !required.contains(name) {
            nullable::add(property);
        }
    }
    schema
}

fn change(schema: &Value) -> Value {
    let mut schema = with_nulls(schema);
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("required");
    }
    for (_, property) in properties(&mut schema) {
        if let Some(property) = property.as_object_mut() {
            property.remove("default");
        }
    }
    if !alternatives(&schema).is_empty() {
        rename(&mut schema, &mut |name| format!("{name}Change"));
        // What changes nothing that tells them apart is of each.
        schema["anyOf"] = schema["oneOf"].take();
        schema.as_object_mut().and_then(|schema| schema.remove("oneOf"));
    }
    schema
}

/// The schemas of which a value has one, where it is one of several.
fn alternatives(schema: &Value) -> Vec<String> {
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    choices.filter(|choice| choice.get("$ref").is_some()).flat_map(referred).collect()
}

/// The schema with what it is composed of written out.
fn merged(schema: &Value, all: &Schemas) -> Value {
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let mut whole = json!({"type": "object", "properties": {}});
    let mut needed = BTreeSet::new();
    for part in parts {
        let part = match referred(part).as_slice() {
            [name] if part.get("$ref").is_some() => merged(&all[name], all),
            _ => part.clone(),
        };
        needed.extend(required(&part));
        if let (Some(to), Some(from)) =
            (whole["properties"].as_object_mut(), part["properties"].as_object())
        {
            to.extend(from.clone());
        }
    }
    whole["required"] = json!(needed);
    if let Some(description) = schema.get("description") {
        whole["description"] = description.clone();
    }
    whole
}

/// The schema with no properties but those that it names.
fn closed(mut schema: Value) -> Value {
    if schema.get("properties").is_some() {
        schema["additionalProperties"] = false.into();
        properties(&mut schema).for_each(|(_, property)| *property = closed(property.take()));
    }
    schema
}

/// Documentation of Rust, in the words of JSON.
fn plain_words(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if key == "description" || key == "summary" => {
                        *text = plain(text);
                    }
                    value => plain_words(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(plain_words),
        _ => {}
    }
}

/// One line a paragraph, no links of Rust, no clauses of a specification that a client does not have.
fn plain(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|one| one.replace('\n', " "));
    let mut words = paragraphs.collect::<Vec<_>>().join("\n\n");
    words = words.replace("[`", "`").replace("`]", "`").replace("`None`", "`null`");
    while let Some((before, clause)) = words.split_once(" (SPEC ") {
        let after = clause.split_once(')').map_or("", |(_, after)| after);
        words = format!("{before}{after}");
    }
    words
}

/// Adds the schemas that a part of the document leads to.
fn reach(part: &Value, all: &Schemas, reached: &mut BTreeSet<String>) {
    for name in referred(part) {
        if reached.insert(name.clone()) {
            let schema = all.get(&name).unwrap_or_else(|| panic!("{name} is declared nowhere"));
            reach(schema, all, reached);
        }
    }
}

/// The names of the schemas that a part of the document names itself.
fn referred(part: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let mut part = part.clone();
    rename(&mut part, &mut |name| {
        names.push(name.to_owned());
        name.to_owned()
    });
    names
}

/// Gives the schemas that a part of the document names other names.
fn rename(part: &mut Value, to: &mut dyn FnMut(&str) -> String) {
    match part {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if key == "$ref" => {
                        if let Some(name) = text.strip_prefix(PREFIX) {
                            *text = format!("{PREFIX}{}", to(name));
                        }
                    }
                    value => rename(value, to),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, to)),
        _ => {}
    }
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn properties(schema: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
}

fn operations(document: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(_, operations)| operations.as_object_mut().into_iter().flatten())
}

/// The schemas of an operation's request body.
fn contents(operation: &mut Value) -> impl Iterator<Item = &mut Value> {
    let body = operation.get_mut("requestBody");
    let contents = body.and_then(|body| body["content"].as_object_mut()).into_iter().flatten();
    contents.filter_map(|(_, media)| media.get_mut("schema"))
}
