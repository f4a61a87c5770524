//! RSASSA-PSS with its parameters written out (RFC 9231, 2.3.9).
//!
//! They are held to what the names without parameters mean, so that a message chooses the digest and
//! nothing else (ATTACKS ALG-05): MGF1 by the same digest, a salt as long as it, trailer 1.

use super::algorithms::DigestAlgorithm;
use crate::xml::{Element, ns};

/// The algorithm of a `SignatureMethod` whose parameters follow.
pub(super) const URI: &str = "http://www.w3.org/2007/05/xmldsig-more#rsa-pss";

/// The namespace of the parameters.
const PARAMETERS: &str = "http://www.w3.org/2007/05/xmldsig-more#";
const MGF1: &str = "http://www.w3.org/2007/05/xmldsig-more#MGF1";

/// The digest of a method; none where its parameters are not those that are allowed.
pub(super) fn digest(method: Element<'_>) -> Option<DigestAlgorithm> {
    let mut children = method.children();
    let (parameters, None) = (children.next(), children.next()) else { return None };
    let Some(parameters) = parameters else { return Some(DigestAlgorithm::Sha256) };
    if !parameters.is(PARAMETERS, "RSAPSSParams") || parameters.has_text() {
        return None;
    }
    let digest = match parameters.child(ns::DS, "DigestMethod").ok()? {
        Some(named) => digest_of(named)?,
        None => DigestAlgorithm::Sha256,
    };
    let holds = |child: Element<'_>| match child.local_name() {
        "DigestMethod" => child.is(ns::DS, "DigestMethod"),
        _ if child.namespace() != PARAMETERS => false,
        "MaskGenerationFunction" => mask(child, digest),
        "SaltLength" => number(child) == Some(digest.length()),
        "TrailerField" => number(child) == Some(1),
        _ => false,
    };
    parameters.children().all(holds).then_some(digest)
}

/// SHA-1 is no digest here: what is that old has never used this name.
fn digest_of(method: Element<'_>) -> Option<DigestAlgorithm> {
    let digest = DigestAlgorithm::from_uri(method.attribute("Algorithm")?)?;
    (digest.needs().is_none() && method.children().next().is_none()).then_some(digest)
}

fn mask(function: Element<'_>, digest: DigestAlgorithm) -> bool {
    let by_same = match function.child(ns::DS, "DigestMethod") {
        Ok(Some(named)) => digest_of(named) == Some(digest),
        Ok(None) => digest == DigestAlgorithm::Sha256,
        Err(_) => false,
    };
    by_same && function.attribute("Algorithm").is_none_or(|algorithm| algorithm == MGF1)
}

fn number(element: Element<'_>) -> Option<usize> {
    element.text().ok()?.trim().parse().ok()
}
