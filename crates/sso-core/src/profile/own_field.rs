//! The names of the attributes that an organization defines itself (SPEC 11.4): what may be called so
//! everywhere that they appear: as a member of JSON, an attribute of SCIM (RFC 7643 2.1), a column, a claim.

use super::{Preset, ProfileField, attribute_map::NAME_ID};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// What the account has beside its profile where it is shown (SPEC 6). No field of the profile is called so.
const OF_THE_ACCOUNT: [&str; 10] = [
    "id",
    "org",
    "name_id",
    "status",
    "role",
    "groups",
    "source",
    "created_at",
    "updated_at",
    "last_login_at",
];

/// The name of an attribute that an organization defines itself: 1 to 48 of `A-Z`, `a-z`, `0-9` and `_`,
/// beginning with a letter, and no name that means something else. It is small and copied like the
/// name of any other field.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnField {
    letters: [u8; Self::LONGEST],
    length: u8,
}

/// A text that cannot be the name of an organization's own attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOwnField {
    /// It has another form.
    #[error("a name is 1 to 48 letters, digits and _, beginning with a letter")]
    Form,
    /// It is the name of something else that accounts or assertions have.
    #[error("the name means something else already")]
    Taken,
}

impl OwnField {
    /// The most characters.
    pub const LONGEST: usize = 48;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let letters = self.letters.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(letters).unwrap_or_default()
    }
}

impl FromStr for OwnField {
    type Err = InvalidOwnField;

    fn from_str(text: &str) -> Result<Self, InvalidOwnField> {
        let bytes = text.as_bytes();
        let begins = bytes.first().is_some_and(u8::is_ascii_alphabetic);
        if !begins || !bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            return Err(InvalidOwnField::Form);
        }
        let mut letters = [0; Self::LONGEST];
        let place = letters.get_mut(..bytes.len()).ok_or(InvalidOwnField::Form)?;
        place.copy_from_slice(bytes);
        let is = |taken: &str| taken.eq_ignore_ascii_case(text);
        let is_taken = ProfileField::STANDARD.iter().any(|field| is(field.as_str()))
            || OF_THE_ACCOUNT.iter().any(|name| is(name))
            || Preset::Standard.entries().iter().any(|(name, _)| is(name))
            || is(NAME_ID);
        match is_taken {
            true => Err(InvalidOwnField::Taken),
            false => Ok(Self { letters, length: u8::try_from(bytes.len()).unwrap_or(u8::MAX) }),
        }
    }
}

impl Ord for OwnField {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for OwnField {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for OwnField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnField({})", self.as_str())
    }
}

impl fmt::Display for OwnField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for OwnField {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for OwnField {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_every_form_of_an_account_can_have() {
        let longest = "x".repeat(48);
        for name in ["cost_center", "A", "shoeSize2", longest.as_str()] {
            let field: OwnField = name.parse().expect(name);
            assert_eq!((field.as_str(), field.to_string().as_str()), (name, name));
        }
        let too_long = "x".repeat(49);
        for name in ["", "2nd", "_x", "a-b", "a b", "a.b", "größe", "a\0", too_long.as_str()] {
            assert_eq!(name.parse::<OwnField>(), Err(InvalidOwnField::Form), "{name:?}");
        }
        // A field of every profile, of every account, of an assertion.
        for name in ["email", "EMAIL", "update_time_stamp", "Role", "org", "zipcode", "nameid"] {
            assert_eq!(name.parse::<OwnField>(), Err(InvalidOwnField::Taken), "{name}");
        }
    }

    #[test]
    fn names_come_in_the_order_of_their_letters() {
        let mut names = ["b", "ab", "B", "a"].map(|name| name.parse::<OwnField>().expect(name));
        names.sort_unstable();
        assert_eq!(names.each_ref().map(OwnField::as_str), ["B", "a", "ab", "b"]);
    }
}
