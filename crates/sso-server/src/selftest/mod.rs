//! Attacks on a genuine message, a response of SAML 2.0 or an answer of WS-Federation (SPEC 14; the classes
//! are those of the attack catalogue): what somebody without the identity provider's key can make of a
//! message that it signed, class by class.
//!
//! [`attacks`] builds them and verifies nothing; [`run`] holds each to the verifier and says what became
//! of it. Each family of attacks is a table in a file of its own. An attack that needs another signature
//! of the identity provider cannot be built from a message, and is not here.

mod attack;
mod attacker;
mod case;
mod edit;
mod encryption;
mod genuine;
mod keys;
mod parser;
mod profile;
mod reference;
mod report;
mod signature;
mod text;
mod tokens;
mod transforms;
mod wrapping;

pub use attack::{Attack, End, Forged, Inapplicable};
pub use case::{Asked, Case, Circumstance};
pub use report::{Attempt, Class, Report, Verdict, is_same, run};

use attack::Recipe;
use genuine::{Base, Kind};
use sso_core::error::Rejection;
use sso_core::xml::{Document, Limits};

/// The families, in the order of the catalogue.
const FAMILIES: &[&[Recipe]] = &[
    wrapping::ATTACKS,
    reference::ATTACKS,
    parser::ATTACKS,
    transforms::ATTACKS,
    text::ATTACKS,
    signature::ATTACKS,
    keys::ATTACKS,
    profile::ATTACKS,
    encryption::ATTACKS,
];

/// Builds every attack from a message that `case` accepts, in the order of the catalogue.
///
/// # Errors
/// The refusal of a message that cannot even be parsed.
pub fn attacks(genuine: &[u8], case: &Case) -> Result<Vec<Attack>, Rejection> {
    let whole = Document::parse(genuine, &Limits::MESSAGE)?;
    let bare = genuine::without_response_signature(&whole);
    let bare = bare.as_ref().map(|text| Document::parse(text.as_bytes(), &Limits::MESSAGE));
    let bare = bare.transpose()?;
    let base = Base::new(case, &whole, bare.as_ref());
    let of_tokens: &[Recipe] = match base.kind() {
        Kind::Response => &[],
        Kind::Token11 | Kind::Token20 => tokens::ATTACKS,
    };
    let recipes = FAMILIES.iter().flat_map(|family| family.iter()).chain(of_tokens);
    Ok(recipes.map(|recipe| recipe.make(&base)).collect())
}
