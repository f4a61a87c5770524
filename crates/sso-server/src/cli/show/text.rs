//! Text of others on a terminal. Names, attributes and entity IDs were chosen by whoever signed in or
//! wrote the metadata: a control sequence in one could retitle the window, hide a line or paste a
//! command, so none is ever written as it is.

use std::borrow::Cow;

/// The text with every control character, line ends among them, and every mark that turns the writing
/// direction shown as an escape.
pub(in crate::cli) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        match acts(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
        shown
    }))
}

/// Whether a character does something instead of being shown.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        for (text, shown) in [
            ("Zoë Ångström 李", "Zoë Ångström 李"),
            ("\u{1b}]0;owned\u{7}", "\\u{1b}]0;owned\\u{7}"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("one\r\ntwo\tthree", "one\\r\\ntwo\\tthree"),
            ("acme\u{202e}moc.", "acme\\u{202e}moc."),
        ] {
            assert_eq!(one_line(text), shown);
        }
    }
}
