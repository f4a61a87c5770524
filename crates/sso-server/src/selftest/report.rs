//! What became of the attacks, class by class.

use super::attack::{Attack, End};
use super::case::Case;
use serde::Serialize;
use sso_core::error::{Code, Rejection};
use sso_core::login::VerifiedLogin;
use std::fmt;

/// The end of a self-test.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `refused` where every class is; `not_applicable` classes aside.
    pub verdict: Verdict,
    /// The classes, in the order of the catalogue.
    pub classes: Vec<Class>,
}

/// A class of the catalogue.
#[derive(Debug, Serialize)]
pub struct Class {
    /// Its name there.
    pub class: &'static str,
    /// The worst that became of its attacks.
    pub verdict: Verdict,
    /// Its attacks.
    pub attacks: Vec<Attempt>,
}

/// An attack that was tried.
#[derive(Debug, Serialize)]
pub struct Attempt {
    /// What was done.
    pub title: &'static str,
    /// What became of it.
    pub verdict: Verdict,
    /// The code of the refusal; `unchanged` where the login was the genuine one in every value; else why
    /// the attack does not apply, or what the forgery gained.
    pub reason: String,
    /// How it ended; none where it was not tried. A login that is not the genuine one has no end that is
    /// right.
    #[serde(skip)]
    pub end: Option<End>,
    /// Whether the attack ended in the way that is right for it, or does not apply.
    #[serde(skip)]
    pub as_expected: bool,
}

/// What became of an attack, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It cannot be built from this message.
    NotApplicable,
    /// It gained nothing: the message is refused, or the login is the genuine one in every value.
    Refused,
    /// It gained something.
    Accepted,
}

/// Verifies the genuine message, then every attack on it.
///
/// # Errors
/// The refusal of the genuine message, which must be accepted for the attacks to mean anything.
pub fn run(genuine: &[u8], case: &mut Case) -> Result<Report, Rejection> {
    let login = case.verify(genuine)?;
    let attacks = super::attacks(genuine, case)?;
    let mut classes: Vec<Class> = Vec::new();
    for attack in attacks {
        let class = attack.class;
        let attempt = attempt(attack, case, &login);
        match classes.iter_mut().find(|known| known.class == class) {
            Some(known) => {
                known.verdict = known.verdict.max(attempt.verdict);
                known.attacks.push(attempt);
            }
            None => {
                classes.push(Class { class, verdict: attempt.verdict, attacks: vec![attempt] });
            }
        }
    }
    let verdict = classes.iter().map(|class| class.verdict).max();
    Ok(Report { verdict: verdict.unwrap_or(Verdict::NotApplicable), classes })
}

fn attempt(attack: Attack, case: &mut Case, genuine: &VerifiedLogin) -> Attempt {
    let Attack { title, expected, forged, .. } = attack;
    let mut forged = match forged {
        Ok(forged) => forged,
        Err(reason) => {
            let (verdict, reason) = (Verdict::NotApplicable, reason.0.to_owned());
            return Attempt { title, verdict, reason, end: None, as_expected: true };
        }
    };
    let (verdict, end, reason) = match case.present(&mut forged) {
        Err(rejection) => {
            let code: Code = rejection.code;
            (Verdict::Refused, Some(End::Refused(code)), code.as_str().to_owned())
        }
        Ok(login) if is_same(&login, genuine) => {
            (Verdict::Refused, Some(End::Unchanged), "unchanged".to_owned())
        }
        Ok(login) => {
            let name = &login.name_id().value;
            (Verdict::Accepted, None, format!("a login that is not the genuine one, as {name}"))
        }
    };
    let as_expected = end.is_some_and(|end| expected.contains(&end));
    Attempt { title, verdict, reason, end, as_expected }
}

/// Whether two logins are the same in every value.
pub fn is_same(one: &VerifiedLogin, other: &VerifiedLogin) -> bool {
    one.name_id() == other.name_id()
        && one.session_index() == other.session_index()
        && one.session_not_on_or_after() == other.session_not_on_or_after()
        && one.authn_instant() == other.authn_instant()
        && one.authn_context() == other.authn_context()
        && one.attributes() == other.attributes()
        && one.replay() == other.replay()
        && one.key_fingerprint() == other.key_fingerprint()
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotApplicable => "not applicable",
            Self::Refused => "refused",
            Self::Accepted => "ACCEPTED",
        })
    }
}

/// A table: a line for each attack, and a last one for all of them.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for class in &self.classes {
            for attempt in &class.attacks {
                let Attempt { title, verdict, reason, .. } = attempt;
                writeln!(f, "{:<12}{verdict:<16}{title}: {reason}", class.class)?;
            }
        }
        let count = |wanted| self.classes.iter().filter(|it| it.verdict == wanted).count();
        let attacks: usize = self.classes.iter().map(|class| class.attacks.len()).sum();
        write!(
            f,
            "{attacks} attacks of {} classes: {} classes refused, {} accepted, {} not applicable",
            self.classes.len(),
            count(Verdict::Refused),
            count(Verdict::Accepted),
            count(Verdict::NotApplicable)
        )
    }
}
