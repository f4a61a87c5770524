//! The attributes that resources have (RFC 7643 4, 7): one table, from which bodies are read, filters are
//! compared and `/Schemas` is answered. What stands in no table here is not kept.

use super::shape::Shape;
use serde_json::{Value, json};

/// The schema of users.
pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// What enterprises know of users besides.
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The schema of groups.
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// What an attribute holds (RFC 7643 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An instant.
    DateTime,
    /// The address of something; in the tables by what it can be of.
    Reference,
    /// Attributes of its own.
    Complex,
}

/// An attribute (RFC 7643 7). Those of the tables here live as long as the program, an organization's own as
/// long as its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name, which is compared without regard to case.
    pub name: &'a str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it holds several.
    pub multi_valued: bool,
    /// Whether every resource has it.
    pub required: bool,
    /// Whether its text is compared exactly.
    pub case_exact: bool,
    /// Whether clients write it.
    pub read_only: bool,
    /// Whether no two resources share a value of it.
    pub unique: bool,
    /// What a complex one consists of.
    pub parts: &'static [Attribute<'static>],
    /// The values that are suggested.
    pub canonical: &'static [&'static str],
    /// What a reference can be of.
    pub references: &'static [&'static str],
    /// What it is.
    pub about: &'static str,
}

pub(super) const fn text<'a>(name: &'a str, about: &'static str) -> Attribute<'a> {
    Attribute {
        name,
        kind: Kind::Text,
        multi_valued: false,
        required: false,
        case_exact: false,
        read_only: false,
        unique: false,
        parts: &[],
        canonical: &[],
        references: &[],
        about,
    }
}

const fn complex(
    name: &'static str,
    parts: &'static [Attribute<'static>],
    about: &'static str,
) -> Attribute<'static> {
    Attribute { kind: Kind::Complex, parts, ..text(name, about) }
}

const fn list(
    name: &'static str,
    parts: &'static [Attribute<'static>],
    about: &'static str,
) -> Attribute<'static> {
    Attribute { multi_valued: true, ..complex(name, parts, about) }
}

const fn of_type(canonical: &'static [&'static str]) -> Attribute<'static> {
    Attribute { canonical, ..text("type", "What it is for.") }
}

const VALUE: Attribute<'static> = text("value", "The value.");
const DISPLAY: Attribute<'static> = text("display", "How it is shown.");

/// The attributes of users.
pub(super) const USER_ATTRIBUTES: &[Attribute<'static>] = &[
    Attribute {
        required: true,
        unique: true,
        ..text("userName", "What the person is known by; the account's uid.")
    },
    complex(
        "name",
        &[
            text("formatted", "The whole name."),
            text("familyName", "The last name."),
            text("givenName", "The first name."),
            text("middleName", "The middle names."),
            text("honorificPrefix", "What stands before the name."),
            text("honorificSuffix", "What stands after the name."),
        ],
        "The parts of the name.",
    ),
    text("displayName", "How the person is shown."),
    text("nickName", "What others call the person."),
    text("profileUrl", "A page about the person."),
    text("title", "The job title."),
    text("userType", "In which relation the person stands to the organization."),
    text("preferredLanguage", "The language that the person prefers."),
    text("locale", "Where the person is, for formats."),
    text("timezone", "The time zone of the person."),
    Attribute { kind: Kind::Boolean, ..text("active", "Whether the person can sign in.") },
    list(
        "emails",
        // Whether an address is the account's is this service's to say: a type of `work` makes it so,
        // and so does `primary`, which is taken as a hint.
        &[
            VALUE,
            DISPLAY,
            text("type", "What it is for; `work` is the account's address."),
            Attribute {
                kind: Kind::Boolean,
                read_only: true,
                ..text("primary", "Whether it is the account's address.")
            },
        ],
        "E-mail addresses. That of the account is in one of the organization's domains.",
    ),
    list(
        "phoneNumbers",
        &[VALUE, DISPLAY, of_type(&["work", "mobile", "fax", "home", "pager", "other"])],
        "Telephone numbers.",
    ),
    list(
        "ims",
        &[VALUE, DISPLAY, text("type", "Of which service it is.")],
        "Addresses for instant messages.",
    ),
    list(
        "photos",
        &[
            Attribute {
                kind: Kind::Reference,
                case_exact: true,
                references: &["external"],
                ..VALUE
            },
            DISPLAY,
            of_type(&["photo", "thumbnail"]),
        ],
        "Pictures of the person.",
    ),
    list(
        "addresses",
        &[
            text("formatted", "The whole address."),
            text("streetAddress", "Street and house; a second line after a line break."),
            text("locality", "The city."),
            text("region", "The state."),
            text("postalCode", "The zip code."),
            text("country", "The country; two letters of ISO 3166-1 where it is the account's."),
            of_type(&["work", "home", "other"]),
        ],
        "Postal addresses. That of `work` is the account's.",
    ),
    list(
        "entitlements",
        &[VALUE, DISPLAY, text("type", "What it is for.")],
        "What the directory notes of the person. It permits nothing here.",
    ),
    Attribute {
        read_only: true,
        ..list(
            "groups",
            &[
                Attribute { case_exact: true, read_only: true, ..VALUE },
                Attribute { read_only: true, ..DISPLAY },
            ],
            "The groups that the person belongs to.",
        )
    },
];

/// The attributes of the enterprise extension.
pub(super) const ENTERPRISE_ATTRIBUTES: &[Attribute<'static>] = &[
    text("employeeNumber", "The employee ID."),
    text("costCenter", "The cost center."),
    text("organization", "The company."),
    text("division", "The division."),
    text("department", "The business unit."),
    complex(
        "manager",
        &[
            Attribute { case_exact: true, ..text("value", "The identifier of the manager.") },
            Attribute {
                kind: Kind::Reference,
                case_exact: true,
                references: &["User"],
                ..text("$ref", "Where the manager is.")
            },
        ],
        "Who manages the person.",
    ),
];

/// The attributes of groups.
pub(super) const GROUP_ATTRIBUTES: &[Attribute<'static>] = &[
    Attribute { required: true, ..text("displayName", "What people call the group.") },
    list(
        "members",
        &[
            Attribute { case_exact: true, ..text("value", "The identifier of the user or group.") },
            Attribute {
                kind: Kind::Reference,
                case_exact: true,
                references: &["User", "Group"],
                ..text("$ref", "Where the user or group is.")
            },
            Attribute {
                canonical: &["User", "Group"],
                ..text("type", "Whether it is a user or a group.")
            },
        ],
        "Who belongs to the group.",
    ),
];

/// What every resource has (RFC 7643 3.1). It stands in no schema.
const COMMON: &[Attribute<'static>] = &[
    Attribute {
        case_exact: true,
        read_only: true,
        ..text("id", "The identifier that this service gave.")
    },
    Attribute { case_exact: true, ..text("externalId", "The identifier at the directory.") },
    Attribute { case_exact: true, multi_valued: true, ..text("schemas", "The schemas.") },
    complex(
        "meta",
        &[
            Attribute { case_exact: true, ..text("resourceType", "The type.") },
            Attribute { kind: Kind::DateTime, ..text("created", "When it was made.") },
            Attribute { kind: Kind::DateTime, ..text("lastModified", "When it last changed.") },
            Attribute { case_exact: true, ..text("location", "Where it is.") },
            Attribute { case_exact: true, ..text("version", "Its version.") },
        ],
        "What this service knows of the resource.",
    ),
];

/// A type of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// Accounts.
    User,
    /// Groups of accounts.
    Group,
}

impl ResourceKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The last part of its path.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    /// Its schema.
    pub fn schema(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }

    fn attributes(self) -> &'static [Attribute<'static>] {
        match self {
            Self::User => USER_ATTRIBUTES,
            Self::Group => GROUP_ATTRIBUTES,
        }
    }

    /// An attribute at the top of the resource.
    pub(super) fn attribute(self, name: &str) -> Option<&'static Attribute<'static>> {
        find(self.attributes(), name).or_else(|| find(COMMON, name))
    }
}

/// An attribute of a table, by its name.
pub(super) fn find<'a>(table: &'a [Attribute<'a>], name: &str) -> Option<&'a Attribute<'a>> {
    table.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

impl Attribute<'_> {
    /// A part of a complex attribute.
    pub fn part(&self, name: &str) -> Option<&'static Attribute<'static>> {
        find(self.parts, name)
    }

    fn described(&self) -> Value {
        let kind = match self.kind {
            Kind::Text => "string",
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::DateTime => "dateTime",
            Kind::Reference => "reference",
            Kind::Complex => "complex",
        };
        let mut all = json!({
            "name": self.name,
            "type": kind,
            "multiValued": self.multi_valued,
            "description": self.about,
            "required": self.required,
            "caseExact": self.case_exact,
            "mutability": if self.read_only { "readOnly" } else { "readWrite" },
            "returned": "default",
            "uniqueness": if self.unique { "server" } else { "none" },
        });
        let mut add = |name: &str, value: Value| {
            if let Some(all) = all.as_object_mut() {
                all.insert(name.to_owned(), value);
            }
        };
        if !self.parts.is_empty() {
            add("subAttributes", self.parts.iter().map(Self::described).collect());
        }
        if !self.canonical.is_empty() {
            add("canonicalValues", json!(self.canonical));
        }
        if !self.references.is_empty() {
            add("referenceTypes", json!(self.references));
        }
        all
    }
}

/// What `/Schemas` lists, in its order: what all organizations have, then its own. `base` is where the
/// resources of the organization are.
pub fn schemas(base: &str, users: &Shape<'_>) -> Vec<Value> {
    let own = users.own().map(|own| {
        (own.urn.as_str(), "OrganizationUser", "What the organization adds.", own.attributes())
    });
    [
        (USER, "User", "An account.", USER_ATTRIBUTES),
        (GROUP, "Group", "A group of accounts.", GROUP_ATTRIBUTES),
        (ENTERPRISE, "EnterpriseUser", "What an enterprise knows besides.", ENTERPRISE_ATTRIBUTES),
    ]
    .into_iter()
    .chain(own)
    .map(|(id, name, about, attributes)| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "description": about,
            "attributes": attributes.iter().map(Attribute::described).collect::<Vec<_>>(),
            "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{id}")},
        })
    })
    .collect()
}

/// What `/ResourceTypes` lists. `base` is where the resources of the organization are.
pub fn resource_types(base: &str, users: &Shape<'_>) -> Vec<Value> {
    ResourceKind::ALL
        .into_iter()
        .map(|kind| {
            let name = kind.as_str();
            let mut extensions = Vec::new();
            if kind == ResourceKind::User {
                extensions.push(json!({"schema": ENTERPRISE, "required": false}));
                extensions.extend(users.own().map(|own| {
                    let required = own.attributes().iter().any(|attribute| attribute.required);
                    json!({"schema": own.urn, "required": required})
                }));
            }
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": name,
                "name": name,
                "endpoint": format!("/{}", kind.endpoint()),
                "description": kind.schema(),
                "schema": kind.schema(),
                "schemaExtensions": extensions,
                "meta": {
                    "resourceType": "ResourceType",
                    "location": format!("{base}/ResourceTypes/{name}"),
                },
            })
        })
        .collect()
}
