//! Which attribute fills which field.

use super::*;

#[test]
fn the_attributes_of_the_map_are_asked_before_those_of_the_preset() {
    let attribute = |name: &str, values: &[&str]| {
        (name.to_owned(), values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
    };
    let email = |map: &[(&str, &[ProfileField])], preset, attributes: &[(&str, &[&str])]| {
        let mut login = Login::first();
        login.settings.account_key = AccountKey::NameId;
        login.settings.attribute_map.preset = preset;
        for (name, fields) in map {
            let fields = Fields::Many(fields.to_vec());
            login.settings.attribute_map.map.insert((*name).to_owned(), fields);
        }
        login.person.name_id.value = "nameid@corp.example".to_owned();
        login.person.attributes = attributes.iter().map(|(n, v)| attribute(n, v)).collect();
        login.person.keys(&login.org, &login.settings).expect("keys").email
    };
    let standard = Some(Preset::Standard);
    let field: &[ProfileField] = &[ProfileField::Email];
    let (a, b) = ("a@corp.example", "b@corp.example");

    // The first that is not empty, in the assertion's order; of several values the first.
    let both = [("y", field), ("x", field)];
    assert_eq!(email(&both, None, &[("x", &[a]), ("y", &[b])]).as_deref(), Some(a));
    assert_eq!(email(&both, None, &[("x", &["", " "]), ("y", &["", b, a])]).as_deref(), Some(b));
    // Own entries before the preset.
    let own = [("x", field)];
    assert_eq!(email(&own, standard, &[("email", &[a]), ("x", &[b])]).as_deref(), Some(b));
    assert_eq!(email(&own, standard, &[("email", &[a]), ("x", &[""])]).as_deref(), Some(a));
    // An empty entry takes the attribute out of the preset; an entry for another field does not.
    assert_eq!(email(&[("email", &[])], standard, &[("email", &[a])]), None);
    let display: &[ProfileField] = &[ProfileField::DisplayName];
    assert_eq!(email(&[("email", display)], standard, &[("email", &[a])]).as_deref(), Some(a));
    // Names are case-sensitive, and null is no preset.
    assert_eq!(email(&[], standard, &[("Email", &[a])]), None);
    assert_eq!(email(&[], None, &[("email", &[a])]), None);
    // NameID names the NameID, never an attribute that calls itself so.
    let name_id = [("NameID", field)];
    let value = Some("nameid@corp.example");
    assert_eq!(email(&name_id, None, &[("NameID", &[a])]).as_deref(), value);
    assert_eq!(email(&[], Some(Preset::Google), &[]).as_deref(), value);
    assert_eq!(email(&[], Some(Preset::Google), &[("email", &[a])]).as_deref(), Some(a));
}

#[test]
fn a_transient_name_id_fills_no_field() {
    let mapped = |person: Person| {
        let mut login = Login::first();
        let fields = Fields::One(ProfileField::Ssoid);
        login.settings.attribute_map.map.insert("NameID".to_owned(), fields);
        login.person = person;
        login.person.keys(&login.org, &login.settings).expect("keys").ssoid
    };
    assert_eq!(mapped(ann()).as_deref(), Some("ann-1"));
    assert_eq!(mapped(ann().transient()), None);
}

#[test]
fn every_preset_makes_an_account_of_what_its_product_sends() {
    const WS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
    const MS: &str = "http://schemas.microsoft.com";
    let claim = |base: &str, name: &str| format!("{base}/{name}");
    let oid = |oid: &str| format!("urn:oid:{oid}");
    let plain = str::to_owned;
    let products: [(Preset, Vec<(String, &str)>); 6] = [
        (
            Preset::Standard,
            vec![
                (plain("uid"), "ann@corp.example"),
                (plain("firstname"), "Ann"),
                (plain("lastname"), "Lee"),
                (plain("email"), "ann@corp.example"),
                (plain("displayName"), "Ann Lee"),
            ],
        ),
        (
            Preset::Adfs,
            vec![
                (claim(WS, "upn"), "ann@corp.example"),
                (claim(WS, "emailaddress"), "ann@corp.example"),
                (claim(WS, "givenname"), "Ann"),
                (claim(WS, "surname"), "Lee"),
                (claim(WS, "name"), "Ann Lee"),
            ],
        ),
        (
            Preset::Entra,
            vec![
                (
                    claim(MS, "identity/claims/objectidentifier"),
                    "0b0e3a3c-6d1c-4a55-8f0e-0c9a2f6a1d11",
                ),
                (claim(MS, "identity/claims/displayname"), "Ann Lee"),
                (claim(WS, "givenname"), "Ann"),
                (claim(WS, "surname"), "Lee"),
                (claim(WS, "emailaddress"), "ann@corp.example"),
                (claim(WS, "name"), "ann@corp.example"),
            ],
        ),
        (
            Preset::Okta,
            vec![
                (plain("login"), "ann@corp.example"),
                (plain("email"), "ann@corp.example"),
                (plain("firstName"), "Ann"),
                (plain("lastName"), "Lee"),
                (plain("displayName"), "Ann Lee"),
            ],
        ),
        (
            Preset::Google,
            vec![
                (plain("firstName"), "Ann"),
                (plain("lastName"), "Lee"),
                (plain("fullName"), "Ann Lee"),
            ],
        ),
        (
            Preset::Shibboleth,
            vec![
                (oid("1.3.6.1.4.1.5923.1.1.1.6"), "ann@corp.example"),
                (oid("0.9.2342.19200300.100.1.3"), "ann@corp.example"),
                (oid("2.5.4.42"), "Ann"),
                (oid("2.5.4.4"), "Lee"),
                (oid("2.16.840.1.113730.3.1.241"), "Ann Lee"),
            ],
        ),
    ];
    for (preset, attributes) in products {
        let login = Login::first().with(|l| {
            l.settings.attribute_map.preset = Some(preset);
            l.person.name_id.value = "ann@corp.example".to_owned();
            l.person.attributes = attributes
                .into_iter()
                .map(|(name, value)| (name, vec![value.to_owned()]))
                .collect();
        });
        let decision = login.accepted();
        let account = created(&decision);
        for (field, expected) in [
            (ProfileField::Uid, "ann@corp.example"),
            (ProfileField::Email, "ann@corp.example"),
            (ProfileField::FirstName, "Ann"),
            (ProfileField::LastName, "Lee"),
            (ProfileField::DisplayName, "Ann Lee"),
        ] {
            assert_eq!(text(account, field), Some(expected), "{preset:?} {field:?}");
        }
    }
}

#[test]
fn the_standard_preset_has_every_name_of_the_table() {
    let table = "uid ssoid firstname lastname email groupid updateTimeStamp displayName companyName \
                 businessFax streetLine1 streetLine2 city state zipcode jobTitle mobilePhone \
                 businessPhone employeeid ISOCountry imloggingenabled imloggingendpointname upgradesite";
    let mut expected: Vec<_> = table.split_whitespace().collect();
    let mut names: Vec<_> = Preset::Standard.entries().iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, expected);

    for preset in Preset::ALL {
        let mut entries = preset.entries().to_vec();
        let all = entries.len();
        entries.sort_unstable();
        entries.dedup();
        assert_eq!(entries.len(), all, "{preset:?} has an entry twice");
    }
}
