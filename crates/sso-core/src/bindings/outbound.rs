//! A message on its way to the identity provider.

use url::Url;

/// What the browser is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outbound {
    /// Go there.
    Redirect(Url),
    /// Post a form there. The fields are plain text: whoever writes the page escapes them
    /// (ATTACKS WEB-05).
    PostForm {
        /// Where to.
        action: Url,
        /// The hidden fields, in order.
        fields: Vec<(&'static str, String)>,
    },
}
