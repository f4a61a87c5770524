//! What is given to the second engine, and what has to be the same.

use super::reading::Reading;
use crate::dsig::second_opinion::{differs, hashed_octets};
use crate::dsig::{Provenance, SignedXml, TrustedKeys};
use crate::error::{Code, Rejection};
use crate::saml::rules::{Checked, Facts};
use crate::saml::{Covered, Report};

/// Has the second engine verify a message that our engine has accepted, and agree on the assertion's ID,
/// issuer, subject and attributes. `message` is the bytes that were posted, `keys` those that may sign.
///
/// What was encrypted is given to it as we decrypted it; where the plaintext has a signature of its own,
/// it has to hold too.
///
/// # Errors
/// `second_opinion_unavailable`, `second_opinion_differs`.
pub(crate) fn second_opinion(
    message: &[u8],
    covered: &Covered<'_>,
    keys: &TrustedKeys,
    checked: &Checked<'_>,
    report: &mut Report<'_>,
) -> Result<(), Rejection> {
    let text = signed_text(message, covered, keys)?;
    let reading = Reading::of(&text, covered.parts.texts()).map_err(differs)?;
    agree(&reading, checked.facts()).map_err(differs)?;
    report.rule(Code::SecondOpinionDiffers, true, || {
        ("a second engine that agrees", "samael with libxmlsec1 does")
    })
}

/// The text that the second engine reads the assertion in: what it hashed, but where the signature is over
/// the ciphertext alone, what we decrypted.
fn signed_text(
    message: &[u8],
    covered: &Covered<'_>,
    keys: &TrustedKeys,
) -> Result<String, Rejection> {
    let response = covered.response.as_ref();
    let Some(plaintext) = covered.plaintext else {
        let signed: Vec<&SignedXml<'_>> =
            response.into_iter().chain([&covered.assertion]).collect();
        return hashed_octets(message, &signed, keys);
    };
    if let Some(response) = response {
        let octets = hashed_octets(message, &[response], keys)?;
        Reading::of_encrypted(&octets).map_err(differs)?;
    }
    match covered.assertion.provenance() {
        Provenance::Signed => hashed_octets(plaintext, &[&covered.assertion], keys),
        Provenance::DecryptedFrom | Provenance::Query => {
            Ok(String::from_utf8_lossy(plaintext).into_owned())
        }
    }
}

/// Whether both engines read the same; else what they read differently.
fn agree(theirs: &Reading, ours: &Facts<'_>) -> Result<(), String> {
    let name_id = &ours.name_id;
    let texts = [
        ("ID", Some(theirs.id.as_str()), Some(ours.id)),
        ("Issuer", Some(theirs.issuer.as_str()), Some(ours.issuer.entity_id())),
        ("NameID", Some(theirs.name_id.value.as_str()), Some(&*name_id.value)),
        ("NameID Format", theirs.name_id.format.as_deref(), name_id.format),
        ("NameQualifier", theirs.name_id.name_qualifier.as_deref(), name_id.name_qualifier),
        ("SPNameQualifier", theirs.name_id.sp_name_qualifier.as_deref(), name_id.sp_name_qualifier),
    ];
    if let Some((what, ..)) = texts.iter().find(|(_, theirs, ours)| theirs != ours) {
        return Err(format!("libxml2 reads another {what}"));
    }
    if theirs.attributes == ours.attributes {
        return Ok(());
    }
    let mut pairs = theirs.attributes.iter().zip(&ours.attributes);
    Err(match pairs.find(|(theirs, ours)| theirs != ours) {
        Some((_, (name, _))) => format!("libxml2 reads the attribute {name} differently"),
        None => format!(
            "libxml2 reads {} attributes, we {}",
            theirs.attributes.len(),
            ours.attributes.len()
        ),
    })
}
