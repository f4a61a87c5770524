//! The words, texts and brackets of filters and paths.

use std::fmt;

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// An attribute, an operator or a literal; after a bracket, `.value`.
    Word(&'t str),
    /// What stood in double quotes (a JSON string).
    Text(String),
    Open,
    Close,
    OpenValues,
    CloseValues,
}

/// The pieces of a filter, from the first to the last.
pub(super) struct Tokens<'t>(std::iter::Peekable<std::vec::IntoIter<Token<'t>>>);

impl<'t> Tokens<'t> {
    /// Takes a text apart.
    pub(super) fn read(text: &'t str) -> Result<Self, &'static str> {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let (token, after) = match first {
                '(' => (Token::Open, rest.get(1..)),
                ')' => (Token::Close, rest.get(1..)),
                '[' => (Token::OpenValues, rest.get(1..)),
                ']' => (Token::CloseValues, rest.get(1..)),
                '"' => {
                    let end = text_end(rest).ok_or("A double quote is not closed.")?;
                    let text = rest.get(..end).and_then(|text| serde_json::from_str(text).ok());
                    (Token::Text(text.ok_or("A text is no JSON string.")?), rest.get(end..))
                }
                _ => {
                    let ends = |c: char| c.is_whitespace() || "()[]\"".contains(c);
                    let end = rest.find(ends).unwrap_or(rest.len());
                    (Token::Word(rest.get(..end).unwrap_or_default()), rest.get(end..))
                }
            };
            tokens.push(token);
            rest = after.unwrap_or_default().trim_start();
        }
        Ok(Self(tokens.into_iter().peekable()))
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        self.0.next()
    }

    /// Takes the next piece if it is this one.
    pub(super) fn take(&mut self, token: &Token<'_>) -> bool {
        self.0.next_if(|next| next == token).is_some()
    }

    /// Takes the next piece if it is this word, in either case.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is = |next: &Token<'_>| matches!(next, Token::Word(w) if w.eq_ignore_ascii_case(word));
        self.0.next_if(is).is_some()
    }

    /// Takes `.value` after a bracket: the `value`.
    pub(super) fn take_part(&mut self) -> Option<&'t str> {
        match self.0.next_if(|next| matches!(next, Token::Word(word) if word.starts_with('.'))) {
            Some(Token::Word(word)) => word.strip_prefix('.'),
            _ => None,
        }
    }
}

/// Where the JSON string ends that a text begins with.
fn text_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The beginning of a word, for a sentence.
pub(super) fn shown(word: &str) -> String {
    let mut shown: String = word.chars().filter(|c| !c.is_control()).take(40).collect();
    if shown.len() < word.len() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(&shown(word)),
            Self::Text(_) => f.write_str("a text"),
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
            Self::OpenValues => f.write_str("["),
            Self::CloseValues => f.write_str("]"),
        }
    }
}
