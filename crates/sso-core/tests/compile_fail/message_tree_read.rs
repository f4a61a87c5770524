//! A message that came in shows its tree to the verifier alone.
// error: E0624

use sso_core::bindings::Message;
use sso_core::xml::Element;

pub fn tree<'m>(message: &'m Message<'_>) -> Element<'m> {
    message.root()
}
