//! The rules that say whose word an assertion is, whom it means and how they were authenticated
//! (SAML Core 2.3.3, 2.4, 2.7; SAML Profiles 4.1.4.2).

use super::super::assertion::Assertion;
use super::super::names::{FORMAT_ENTITY, FORMAT_PERSISTENT, FORMAT_TRANSIENT, FORMAT_UNSPECIFIED};
use super::super::report::Report;
use super::super::statements::AuthnStatement;
use super::{Expected, Profile};
use crate::error::{Code, Rejection};

type Outcome = Result<(), Rejection>;

/// The version is that of the assertion's namespace, 2.0 or 1.1 (SAML Core 2.3.3; ATTACKS PROT-11).
pub(super) fn version(a: &Assertion<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    report.rule(Code::Version, a.version == a.schema_version, || (a.schema_version, &*a.version))
}

/// The issuer is the identity provider of this login (SAML Profiles 4.1.4.2; ATTACKS PROT-09).
pub(super) fn issuer(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let issuer = a.issuer.as_ref().map(|issuer| issuer.entity_id());
    report.rule(Code::Issuer, issuer == Some(e.idp_entity_id), || {
        (e.idp_entity_id.to_owned(), issuer.unwrap_or("no Issuer in the Assertion"))
    })
}

/// The issuer is named as an entity (SAML Core 8.3.6).
pub(super) fn issuer_format(
    a: &Assertion<'_>,
    _: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let format = a.issuer.as_ref().and_then(|issuer| issuer.format).unwrap_or(FORMAT_ENTITY);
    report.rule(Code::IssuerFormat, format == FORMAT_ENTITY, || (FORMAT_ENTITY, format))
}

/// All statements are about one subject: a reader of one would otherwise see another person than a
/// reader of the next (SAML 1.1 Core 2.4.2; ATTACKS WSF-05).
pub(super) fn one_subject(a: &Assertion<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    report.rule(Code::SubjectMismatch, !a.subjects_differ, || {
        let found = if a.subjects_differ { "several" } else { "one" };
        ("one subject of all statements", found)
    })
}

/// There is a NameID that is more than blank (SAML Core 2.4.1; ATTACKS TXT-05).
pub(super) fn name_id(a: &Assertion<'_>, _: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let value = a.subject.name_id.as_ref().map(|name_id| name_id.value.as_ref());
    let holds = value.is_some_and(|value| !value.trim().is_empty());
    report.rule(Code::NameIdMissing, holds, || {
        ("a NameID", value.map_or("no NameID", |value| if holds { value } else { "a blank one" }))
    })
}

/// The NameID has the format that was asked for, if one was; and it is not transient where accounts
/// are known by their NameID (SPEC 2). An absent format is `unspecified` (SAML Core 2.2.2).
pub(super) fn name_id_format(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let format = a.subject.name_id.as_ref().and_then(|n| n.format).unwrap_or(FORMAT_UNSPECIFIED);
    let asked = e.name_id_format.uri();
    let usable = e.transient_allowed || format != FORMAT_TRANSIENT;
    report.rule(Code::NameIdFormat, usable && asked.is_none_or(|asked| asked == format), || {
        let any = if e.transient_allowed { "any format" } else { "any format but transient" };
        (asked.unwrap_or(any), format)
    })
}

/// The NameID was made for us: `SPNameQualifier` is our entity ID; and a persistent one by this
/// identity provider: `NameQualifier` is its entity ID. Of other formats `NameQualifier` may be any
/// domain. A transient one names nobody beyond this session, so nobody else can be meant by it
/// (SAML Core 2.2.2, 8.3.7, 8.3.8; ATTACKS PROT-15).
pub(super) fn name_id_qualifiers(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let Some(name_id) = a.subject.name_id.as_ref() else { return Ok(()) };
    let (sp, idp) = (name_id.sp_name_qualifier, name_id.name_qualifier);
    let holds = match name_id.format {
        Some(FORMAT_TRANSIENT) => true,
        Some(FORMAT_PERSISTENT) => {
            sp.is_none_or(|q| q == e.sp_entity_id) && idp.is_none_or(|q| q == e.idp_entity_id)
        }
        _ => sp.is_none_or(|q| q == e.sp_entity_id),
    };
    report.rule(Code::NameIdQualifier, holds, || {
        let shown = |sp: &str, idp: &str| format!("SPNameQualifier {sp}, NameQualifier {idp}");
        (
            shown(e.sp_entity_id, e.idp_entity_id) + ", or absent",
            shown(sp.unwrap_or("absent"), idp.unwrap_or("absent")),
        )
    })
}

/// The assertion says that its subject was authenticated (SAML Profiles 4.1.4.2; ATTACKS PROT-07). A
/// security token service says so by issuing the token.
pub(super) fn authn_statement(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    if e.profile == Profile::PassiveRequestor {
        return Ok(());
    }
    let count = a.authn_statements.len();
    report
        .rule(Code::AuthnStatement, count > 0, || ("an AuthnStatement", format!("{count} of them")))
}

/// The person was authenticated in one of the ways that were asked for, if any were: an exact
/// comparison (SAML Core 3.3.2.2.1).
pub(super) fn authn_context(
    a: &Assertion<'_>,
    e: &Expected<'_>,
    report: &mut Report<'_>,
) -> Outcome {
    let class_ref =
        chosen_statement(a, e).and_then(|(_, statement)| statement.class_ref.as_deref());
    let asked = e.authn_context_class_ref;
    let holds = asked.is_empty() || class_ref.is_some_and(|found| asked.iter().any(|a| a == found));
    report.rule(Code::AuthnContext, holds, || {
        let wanted = if asked.is_empty() { "any".to_owned() } else { asked.join(" or ") };
        (wanted, class_ref.unwrap_or("no AuthnContextClassRef"))
    })
}

/// The statement that counts, and its place: the first of a context that was asked for, else the
/// first.
pub(super) fn chosen_statement<'a, 'e>(
    a: &'a Assertion<'e>,
    e: &Expected<'_>,
) -> Option<(usize, &'a AuthnStatement<'e>)> {
    let asked = |statement: &AuthnStatement<'_>| {
        let class_ref = statement.class_ref.as_deref();
        class_ref.is_some_and(|found| e.authn_context_class_ref.iter().any(|asked| asked == found))
    };
    let mut statements = a.authn_statements.iter().enumerate();
    statements.clone().find(|(_, statement)| asked(statement)).or_else(|| statements.next())
}

/// No attribute that says who a person is comes twice with different values: which of them counts
/// would be the reader's choice. Any other attribute may be repeated; its values are merged
/// (ATTACKS TXT-06).
pub(super) fn attributes(a: &Assertion<'_>, e: &Expected<'_>, report: &mut Report<'_>) -> Outcome {
    let contradictory = a.attributes.repeated.iter().find(|name| {
        e.identifying_attributes.iter().any(|identifying| identifying == *name)
            && a.attributes.contradicts_itself(name)
    });
    report.rule(Code::AttributeContradiction, contradictory.is_none(), || {
        let found = contradictory.map(|name| format!("{name} with several values"));
        (
            "identifying attributes stated once",
            found.unwrap_or_else(|| "no contradiction".to_owned()),
        )
    })
}
