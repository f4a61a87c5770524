//! The attributes that an organization adds to the profile of its people (SPEC 11.4): what each is called,
//! which values it takes, who writes it. One schema says so wherever accounts are written or shown.

use super::{OwnField, ProfileField};
use crate::setting::{InvalidSetting, SettingCode};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// The attributes that an organization defines, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AttributeSchema {
    /// The attributes.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub attributes: Vec<OwnAttribute>,
}

/// An attribute that an organization defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OwnAttribute {
    /// Its name: letters, digits and `_`, beginning with a letter. No two differ by case alone.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = String, pattern = "^[A-Za-z][A-Za-z0-9_]{0,47}$")
    )]
    pub name: OwnField,
    /// What it holds. It stays as long as the attribute.
    #[serde(default, rename = "type")]
    #[cfg_attr(feature = "openapi", schema(default = "string"))]
    pub kind: AttributeType,
    /// The most characters of a text; 1024 where nothing is said, 256 where it is unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1024))]
    pub length: Option<u16>,
    /// What the whole of a text must match: a regular expression without look-around and
    /// back-references, so that matching takes linear time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub pattern: Option<String>,
    /// Whether every account that is made must have it.
    #[serde(default)]
    pub required: bool,
    /// Whether no two accounts of the organization share a value. Values are compared exactly.
    #[serde(default)]
    pub unique: bool,
    /// Who writes it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = "read_write"))]
    pub mutability: Mutability,
}

/// What an organization's own attribute holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// A text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An instant, kept as RFC 3339 in UTC.
    DateTime,
    /// Several texts.
    List,
}

/// Who writes an organization's own attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mutability {
    /// Whoever makes and changes accounts.
    #[default]
    ReadWrite,
    /// Whoever changes accounts: a new account has none, whatever is said of it.
    UpdateOnly,
    /// Verified assertions alone.
    ReadOnly,
}

/// The most attributes of a schema.
const MOST: usize = 100;
/// The most characters of a text.
const LONGEST: u16 = 1024;
/// The most characters of a pattern.
const LONGEST_PATTERN: usize = 256;
/// The most bytes of what all patterns of a schema are compiled to: ten milliseconds, in each login.
const LARGEST_PROGRAM: usize = 1024 * 1024;

impl AttributeSchema {
    /// The most characters of a unique text, which stands in an index.
    pub const LONGEST_UNIQUE: u16 = 256;

    /// An attribute, by its name.
    pub fn get(&self, name: OwnField) -> Option<&OwnAttribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The attribute of this very name, if there is one.
    pub(crate) fn named(&self, name: &str) -> Option<OwnField> {
        self.attributes.iter().map(|attribute| attribute.name).find(|own| own.as_str() == name)
    }

    /// The fields that it adds to a profile.
    pub fn fields(&self) -> impl Iterator<Item = ProfileField> {
        self.attributes.iter().map(|attribute| ProfileField::Own(attribute.name))
    }

    /// The fields of which a new account has none, whatever is said of it.
    pub fn fields_for_updates_alone(&self) -> impl Iterator<Item = ProfileField> {
        let alone = self.attributes.iter().filter(|one| one.mutability == Mutability::UpdateOnly);
        alone.map(|attribute| ProfileField::Own(attribute.name))
    }

    /// The attributes of which no two accounts share a value.
    pub fn unique(&self) -> impl Iterator<Item = OwnField> {
        self.attributes.iter().filter(|one| one.unique).map(|one| one.name)
    }

    /// The attributes that a schema after this one does not have any more. Their values go with them.
    pub fn removed_in(&self, after: &Self) -> Vec<OwnField> {
        let names = self.attributes.iter().map(|attribute| attribute.name);
        names.filter(|name| after.get(*name).is_none()).collect()
    }

    /// The attributes that only a schema after this one has unique.
    pub fn unique_from(&self, after: &Self) -> Vec<OwnField> {
        after.unique().filter(|name| !self.get(*name).is_some_and(|before| before.unique)).collect()
    }

    /// Holds a schema to its rules, that an attribute keeps its type among them. `before` is the one that
    /// it replaces.
    ///
    /// # Errors
    ///
    /// The first attribute that cannot be as it is, by its name and the rule.
    pub fn checked(self, before: &Self) -> Result<Self, InvalidSetting> {
        if self.attributes.len() > MOST {
            return Err(InvalidSetting::value(
                "attributes",
                format!("It may have at most {MOST} entries."),
            ));
        }
        let mut programs = 0;
        for (number, attribute) in self.attributes.iter().enumerate() {
            let others = self.attributes.iter().take(number);
            let name = attribute.name.as_str();
            if others.into_iter().any(|other| other.name.as_str().eq_ignore_ascii_case(name)) {
                return Err(attribute.broken("name", "Another attribute is called so."));
            }
            programs += attribute.check(before.get(attribute.name))?;
            if programs > LARGEST_PROGRAM {
                let problem = "The patterns are too large together.";
                return Err(InvalidSetting::value("attributes", problem));
            }
        }
        Ok(self)
    }
}

impl OwnAttribute {
    /// The most characters of a text.
    pub fn longest(&self) -> u16 {
        self.length.unwrap_or(self.most())
    }

    fn most(&self) -> u16 {
        if self.unique { AttributeSchema::LONGEST_UNIQUE } else { LONGEST }
    }

    /// What the whole of a text must match, compiled: a large pattern takes milliseconds for that, so it is done
    /// once for all texts of a value.
    ///
    /// # Errors
    /// That of a pattern which [`AttributeSchema::checked`] does not let through.
    pub(crate) fn compiled_pattern(&self) -> Result<Option<Regex>, regex::Error> {
        let compiled = |pattern: &String| compiled(&whole(pattern), LARGEST_PROGRAM);
        self.pattern.as_ref().map(compiled).transpose()
    }

    /// How many bytes its pattern is compiled to.
    fn check(&self, before: Option<&Self>) -> Result<usize, InvalidSetting> {
        use AttributeType::{Integer, List, String};
        let is_text = matches!(self.kind, String | List);
        let most = self.most();
        if before.is_some_and(|before| before.kind != self.kind) {
            let problem =
                "An attribute keeps its type. Remove it with its values, then define it anew.";
            return Err(self.broken("type", problem));
        }
        if let Some(length) = self.length {
            if !is_text {
                return Err(self.broken("length", "Only texts have a length."));
            }
            if !(1..=most).contains(&length) {
                return Err(self.broken("length", format!("It must be 1 to {most}.")));
            }
        }
        let mut program = 0;
        if let Some(pattern) = &self.pattern {
            if !is_text {
                return Err(self.broken("pattern", "Only texts have a pattern."));
            }
            if !(1..=LONGEST_PATTERN).contains(&pattern.chars().count()) {
                let problem = format!("It must have 1 to {LONGEST_PATTERN} characters.");
                return Err(self.broken("pattern", problem));
            }
            program = program_size(pattern).ok_or_else(|| {
                let problem = "It is no regular expression of linear time, or too large a one.";
                self.broken("pattern", problem)
            })?;
        }
        if self.unique && !matches!(self.kind, String | Integer) {
            return Err(self.broken("unique", "Only a string or an integer can be unique."));
        }
        if self.required && self.mutability != Mutability::ReadWrite {
            let problem = "What a new account must have is read_write.";
            return Err(self.broken("required", problem));
        }
        Ok(program)
    }

    fn broken(
        &self,
        member: &str,
        problem: impl Into<std::borrow::Cow<'static, str>>,
    ) -> InvalidSetting {
        let field = format!("attributes.{}.{member}", self.name);
        InvalidSetting::new(SettingCode::Invalid, field, problem)
    }
}

/// As a pattern of a text as a whole.
fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Compiles a pattern to an automaton of a bounded size, which takes time linear in the text.
fn compiled(pattern: &str, most: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(most).build()
}

/// How many bytes a pattern is compiled to, rounded up to a power of two. `None` where it is none, or too large.
fn program_size(pattern: &str) -> Option<usize> {
    // By itself, too: `)(` would close the group that makes it whole and open another.
    compiled(pattern, LARGEST_PROGRAM).ok()?;
    let whole = whole(pattern);
    let sizes = std::iter::successors(Some(1024), |size| Some(size * 2));
    sizes.take_while(|size| *size <= LARGEST_PROGRAM).find(|size| compiled(&whole, *size).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn schema(attributes: Value) -> AttributeSchema {
        serde_json::from_value(json!({ "attributes": attributes })).expect("a schema")
    }

    fn refused(before: &AttributeSchema, attributes: Value) -> (String, SettingCode) {
        let refused = schema(attributes).checked(before).expect_err("a broken rule");
        (refused.field.into_owned(), refused.code)
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let read = schema(json!([{"name": "desk"}]));
        assert_eq!(
            read.attributes,
            [OwnAttribute {
                name: "desk".parse().expect("a name"),
                kind: AttributeType::String,
                length: None,
                pattern: None,
                required: false,
                unique: false,
                mutability: Mutability::ReadWrite,
            }]
        );
        assert_eq!(
            serde_json::to_value(&read).expect("JSON"),
            json!({"attributes": [{"name": "desk", "type": "string", "required": false,
                                   "unique": false, "mutability": "read_write"}]})
        );
    }

    /// Each rule with what breaks it and the change that repairs it.
    #[test]
    fn each_rule_is_held_to_and_names_the_attribute() {
        let before = schema(json!([{"name": "desk", "type": "integer"}]));
        let many =
            |count: usize| (0..count).map(|n| json!({"name": format!("a{n}")})).collect::<Vec<_>>();
        for (field, broken, repaired) in [
            ("attributes", json!(many(101)), json!(many(100))),
            (
                "attributes.Team.name",
                json!([{"name": "team"}, {"name": "Team"}]),
                json!([{"name": "team"}, {"name": "Team2"}]),
            ),
            (
                "attributes.desk.type",
                json!([{"name": "desk"}]),
                json!([{"name": "desk", "type": "integer"}]),
            ),
            (
                "attributes.a.length",
                json!([{"name": "a", "type": "boolean", "length": 5}]),
                json!([{"name": "a", "type": "list", "length": 5}]),
            ),
            (
                "attributes.a.length",
                json!([{"name": "a", "length": 0}]),
                json!([{"name": "a", "length": 1024}]),
            ),
            (
                "attributes.a.length",
                json!([{"name": "a", "length": 257, "unique": true}]),
                json!([{"name": "a", "length": 256, "unique": true}]),
            ),
            (
                "attributes.a.pattern",
                json!([{"name": "a", "type": "integer", "pattern": "1"}]),
                json!([{"name": "a", "pattern": "1"}]),
            ),
            (
                "attributes.a.pattern",
                json!([{"name": "a", "pattern": "(x"}]),
                json!([{"name": "a", "pattern": "(x)"}]),
            ),
            (
                "attributes.a.pattern",
                json!([{"name": "a", "pattern": "x)|(y"}]),
                json!([{"name": "a", "pattern": "(x)|(y)"}]),
            ),
            (
                "attributes.a.pattern",
                json!([{"name": "a", "pattern": "(x)\\1"}]),
                json!([{"name": "a", "pattern": "xx"}]),
            ),
            (
                "attributes.a.pattern",
                json!([{"name": "a", "pattern": "((\\pL{200}){200}){200}"}]),
                json!([{"name": "a", "pattern": "\\pL{2,20}"}]),
            ),
            (
                "attributes",
                json!(["a", "b", "c"].map(|name| json!({"name": name, "pattern": "\\pL{2,15}"}))),
                json!(["a", "b", "c"].map(|name| json!({"name": name, "pattern": "\\pL{2,5}"}))),
            ),
            (
                "attributes.a.unique",
                json!([{"name": "a", "type": "list", "unique": true}]),
                json!([{"name": "a", "type": "integer", "unique": true}]),
            ),
            (
                "attributes.a.required",
                json!([{"name": "a", "required": true, "mutability": "update_only"}]),
                json!([{"name": "a", "required": true, "mutability": "read_write"}]),
            ),
        ] {
            let expected = (field.to_owned(), SettingCode::Invalid);
            assert_eq!(refused(&before, broken.clone()), expected, "{broken}");
            assert!(schema(repaired.clone()).checked(&before).is_ok(), "{repaired}");
        }
        for unreadable in [
            json!({"name": "email"}),
            json!({"name": "a b"}),
            json!({"name": "a", "type": "complex"}),
            json!({"name": "a", "mutability": "write_only"}),
            json!({"name": "a", "canonical": []}),
        ] {
            let read = serde_json::from_value::<OwnAttribute>(unreadable.clone());
            assert!(read.is_err(), "{unreadable}");
        }
    }

    #[test]
    fn a_pattern_is_of_the_whole_text() {
        let schema = schema(json!([{"name": "a", "pattern": "[A-Z]{2}|x"}, {"name": "b"}]));
        let [with, without] = schema.attributes.as_slice() else { panic!("two attributes") };
        let compiled = with.compiled_pattern().expect("it compiles").expect("a pattern");
        for (text, matches) in [("AB", true), ("x", true), ("ABx", false), ("AB\n", false)] {
            assert_eq!(compiled.is_match(text), matches, "{text:?}");
        }
        assert!(without.compiled_pattern().expect("nothing to compile").is_none());
    }

    #[test]
    fn what_a_change_takes_away_and_makes_unique() {
        let before = schema(json!([{"name": "a"}, {"name": "b", "unique": true}, {"name": "c"}]));
        let after = schema(
            json!([{"name": "a", "unique": true}, {"name": "b", "unique": true}, {"name": "d"}]),
        );
        let names = |names: Vec<OwnField>| {
            names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(before.removed_in(&after)), ["c"]);
        assert_eq!(names(before.unique_from(&after)), ["a"]);
        assert_eq!(names(after.unique().collect()), ["a", "b"]);
    }
}
