//! A build without the second engine: whoever asks for it is refused, and never passed.

use crate::dsig::TrustedKeys;
use crate::error::{Code, Rejection};
use crate::saml::rules::Checked;
use crate::saml::{Covered, Report};

/// Refuses every message.
///
/// # Errors
/// `second_opinion_unavailable`, always.
pub(crate) fn second_opinion(
    _message: &[u8],
    _covered: &Covered<'_>,
    _keys: &TrustedKeys,
    _checked: &Checked<'_>,
    _report: &mut Report<'_>,
) -> Result<(), Rejection> {
    Err(Rejection::new(
        Code::SecondOpinionUnavailable,
        "a build with the feature second-opinion",
        "one without it",
    ))
}
