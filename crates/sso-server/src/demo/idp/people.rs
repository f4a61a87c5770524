//! Who one can be at the development identity provider.

/// A person of the demo's organization.
pub(super) struct Person {
    /// The name in a form.
    pub(super) key: &'static str,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) email: &'static str,
    pub(super) job_title: &'static str,
    pub(super) city: &'static str,
    /// ISO 3166, two letters.
    pub(super) country: &'static str,
    /// When the profile was last changed, in UTC.
    pub(super) changed: &'static str,
}

impl Person {
    /// The name as people write it.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// What an assertion says of the person, by the names of SPEC 9.
    pub(super) fn attributes(&self) -> [(&'static str, String); 9] {
        [
            ("uid", self.email.to_owned()),
            ("email", self.email.to_owned()),
            ("firstname", self.first_name.to_owned()),
            ("lastname", self.last_name.to_owned()),
            ("displayName", self.name()),
            ("jobTitle", self.job_title.to_owned()),
            ("city", self.city.to_owned()),
            ("ISOCountry", self.country.to_owned()),
            ("updateTimeStamp", self.changed.to_owned()),
        ]
    }
}

/// Everybody.
pub(super) const PEOPLE: [Person; 2] = [
    Person {
        key: "maya",
        first_name: "Maya",
        last_name: "Lindqvist",
        email: "maya@demo.example",
        job_title: "Product manager",
        city: "Uppsala",
        country: "SE",
        changed: "2026-11-02T09:30:00Z",
    },
    Person {
        key: "tomas",
        first_name: "Tomás",
        last_name: "Okafor",
        email: "tomas@demo.example",
        job_title: "Field engineer",
        city: "Lisboa",
        country: "PT",
        changed: "2026-11-16T14:05:00Z",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_of_the_organizations_domain() {
        for person in PEOPLE {
            let (_, domain) = person.email.split_once('@').expect("an address");
            assert_eq!(domain, crate::demo::setup::DOMAIN);
        }
    }
}
