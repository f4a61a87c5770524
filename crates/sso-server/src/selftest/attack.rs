//! One attack, and the recipe that makes it of a genuine message.

use super::case::Circumstance;
use super::genuine::Base;
use sso_core::error::Code;

/// An attack on a message.
#[derive(Debug)]
pub struct Attack {
    /// The class of the catalogue: `XSW-01`.
    pub class: &'static str,
    /// What was done, in a few words.
    pub title: &'static str,
    /// The ends that are right, which depends on what the genuine message has signed.
    pub expected: &'static [End],
    /// The forgery, or why there can be none.
    pub forged: Result<Forged, Inapplicable>,
}

/// How an attack ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The message is refused with this code.
    Refused(Code),
    /// The message is accepted and the login is the genuine one in every value, the replay record among
    /// them: the attack gained nothing.
    Unchanged,
}

/// What is presented to the verifier.
#[derive(Debug)]
pub struct Forged {
    /// The message.
    pub message: Vec<u8>,
    /// What is different about its verification.
    pub circumstances: Vec<Circumstance>,
}

/// Why an attack cannot be built from this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inapplicable(pub &'static str);

/// An attack before it is made.
pub(super) struct Recipe {
    pub(super) class: &'static str,
    pub(super) title: &'static str,
    pub(super) expected: &'static [End],
    pub(super) forge: fn(&Base<'_>) -> Result<Forged, Inapplicable>,
}

impl Recipe {
    pub(super) fn make(&self, base: &Base<'_>) -> Attack {
        let Self { class, title, expected, forge } = *self;
        Attack { class, title, expected, forged: forge(base) }
    }
}

impl From<Vec<u8>> for Forged {
    fn from(message: Vec<u8>) -> Self {
        Self { message, circumstances: Vec::new() }
    }
}

impl From<String> for Forged {
    fn from(message: String) -> Self {
        message.into_bytes().into()
    }
}

impl Forged {
    /// The same, verified under another circumstance.
    pub(super) fn under(mut self, circumstance: Circumstance) -> Self {
        self.circumstances.push(circumstance);
        self
    }
}
