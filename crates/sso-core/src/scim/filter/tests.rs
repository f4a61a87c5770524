use super::*;
use crate::org::Org;
use serde_json::json;

fn org() -> Org {
    serde_json::from_value(json!({"name": "acme"})).expect("an organization")
}

fn ann() -> Value {
    json!({
        "id": "acc_1",
        "userName": "Ann@corp.example",
        "externalId": "A-1",
        "name": {"givenName": "Ann", "familyName": "Müller"},
        "active": true,
        "emails": [
            {"type": "work", "value": "ann@corp.example", "primary": true},
            {"type": "home", "value": "ann@home.example"},
        ],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7"},
        "meta": {"lastModified": "2026-01-02T03:04:05Z"},
    })
}

fn holds(filter: &str) -> bool {
    let read = Filter::read(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    read.matches(&Shape::users(&org()), &ann()).unwrap_or_else(|error| panic!("{filter}: {error}"))
}

#[test]
fn each_operator_compares() {
    for filter in [
        r#"userName eq "ann@CORP.example""#,
        r#"USERNAME Eq "ann@corp.example""#,
        r#"externalId eq "A-1""#,
        r#"externalId ne "a-1""#,
        r#"name.familyName co "ÜLL""#,
        r#"name.familyName sw "mü""#,
        r#"name.givenName ew "n""#,
        r#"name.givenName gt "Aa" and name.givenName le "ann""#,
        r#"name.givenName ge "ann" and name.givenName lt "b""#,
        "title eq null",
        "userName ne null",
        "active eq true",
        r#"active eq "True""#,
        "active ne false",
        "userName pr",
        "not (title pr)",
        r#"emails eq "ann@home.example""#,
        r#"emails.value eq "ANN@home.example""#,
        r#"emails[type eq "work" and value co "corp"]"#,
        r#"emails[type eq "work"].value eq "ann@corp.example""#,
        r#"emails[not (type eq "work")]"#,
        r#"title eq "x" or userName pr and active eq true"#,
        r#"(title eq "x" or userName pr) and (active eq true)"#,
        r#"meta.lastModified gt "2026-01-01T00:00:00Z""#,
        r#"meta.lastModified eq "2026-01-02T04:04:05+01:00""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "7""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq "ann""#,
        r#"nickname eq null"#,
        r#"userName eq "ann\u0040corp.example""#,
    ] {
        assert!(holds(filter), "{filter}");
    }
    for filter in [
        r#"userName eq "ann""#,
        r#"externalId eq "a-1""#,
        r#"emails[type eq "work" and value co "home"]"#,
        r#"emails[type eq "work"].value eq "ann@home.example""#,
        r#"emails ne "ann@home.example""#,
        "title pr",
        r#"title eq "x" and userName pr or active eq false"#,
        r#"colour eq "red""#,
        r#"userName eq true"#,
    ] {
        assert!(!holds(filter), "{filter}");
    }
}

#[test]
fn what_cannot_be_read_is_an_invalid_filter() {
    let deep = format!("{}userName pr{}", "(".repeat(40), ")".repeat(40));
    let long = format!("userName eq \"{}\"", "x".repeat(9000));
    let many = vec!["userName pr"; 300].join(" or ");
    let values = "emails[".repeat(40);
    for filter in [
        "",
        " ",
        "userName",
        "userName eq",
        "userName zz 1",
        "userName eq x",
        r#"userName eq "x"#,
        r#"userName eq "\q""#,
        r#"(userName eq "x""#,
        r#"userName eq "x")"#,
        r#"userName eq "x" and"#,
        r#"userName eq "x" userName eq "y""#,
        "not userName pr",
        "emails[type eq \"work\"",
        "emails[]",
        "[type eq \"work\"]",
        r#""x" eq userName"#,
        r#"a.b.c eq "x""#,
        r#"urn:x:User:name eq "x""#,
        "user\0Name pr",
        deep.as_str(),
        long.as_str(),
        many.as_str(),
        values.as_str(),
    ] {
        let refused = Filter::read(filter).map_err(|error| (error.status, error.kind));
        assert_eq!(refused, Err((400, Some(ScimType::InvalidFilter))), "{filter}");
    }
    for filter in ["active gt true", "userName gt null", r#"meta.lastModified gt "yesterday""#] {
        let read = Filter::read(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        let refused = read.matches(&Shape::users(&org()), &ann()).map_err(|error| error.kind);
        assert_eq!(refused, Err(Some(ScimType::InvalidFilter)), "{filter}");
    }
}
