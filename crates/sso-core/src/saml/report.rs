//! Where rules say how they went: to a trace if somebody keeps one, and to the refusal.

use crate::error::{Code, Rejection};
use std::borrow::Cow;

/// Takes each rule's outcome. Without a listener a rule that holds costs nothing but its check.
pub struct Report<'t> {
    held: Option<&'t mut dyn FnMut(Code, Cow<'static, str>, String)>,
}

impl<'t> Report<'t> {
    /// Tells the listener of each rule that held: its code, what it expected and what it found.
    pub fn to(held: &'t mut dyn FnMut(Code, Cow<'static, str>, String)) -> Self {
        Self { held: Some(held) }
    }

    /// Tells nobody.
    pub fn off() -> Self {
        Self { held: None }
    }

    /// Ends a rule. `texts` gives what was expected and what was found, for the listener where the
    /// rule held and for the refusal where it did not; it is called for no other reason.
    ///
    /// # Errors
    /// The refusal with this code, where the rule did not hold.
    pub(crate) fn rule<E: Into<Cow<'static, str>>, F: Into<String>>(
        &mut self,
        code: Code,
        holds: bool,
        texts: impl FnOnce() -> (E, F),
    ) -> Result<(), Rejection> {
        if !holds {
            let (expected, found) = texts();
            return Err(Rejection::new(code, expected.into(), found.into()));
        }
        if let Some(held) = &mut self.held {
            let (expected, found) = texts();
            held(code, expected.into(), found.into());
        }
        Ok(())
    }
}
