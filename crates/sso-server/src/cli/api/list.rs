//! How much of a list a command shows.

use clap::Args;

/// The most items that the Admin API gives at once (SPEC 6).
const MOST_AT_ONCE: usize = 200;

/// How much of a list is shown.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListFlags {
    /// The most items to show
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Show every item, however many there are
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Where to begin, as the list before said
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

/// A part of a list, as one request asks for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
}

impl ListFlags {
    /// All of a list, for those that are never long.
    pub(super) fn whole() -> Self {
        Self { limit: 0, all: true, cursor: None }
    }

    /// The part to begin with.
    pub(super) fn first(&self) -> Part {
        Part { limit: self.wanted(0), cursor: self.cursor.clone() }
    }

    /// The part to go on with when there are `shown` items; `None` when that is enough.
    pub(super) fn after(&self, shown: usize, next: Option<&str>) -> Option<Part> {
        let limit = self.wanted(shown);
        next.filter(|_| limit > 0).map(|next| Part { limit, cursor: Some(next.to_owned()) })
    }

    fn wanted(&self, shown: usize) -> usize {
        match self.all {
            true => MOST_AT_ONCE,
            false => (self.limit as usize).saturating_sub(shown).min(MOST_AT_ONCE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(limit: usize, cursor: Option<&str>) -> Part {
        Part { limit, cursor: cursor.map(str::to_owned) }
    }

    #[test]
    fn a_list_is_read_in_parts_until_it_is_enough() {
        let flags = ListFlags { limit: 250, all: false, cursor: Some("a".to_owned()) };
        assert_eq!(flags.first(), part(200, Some("a")));
        assert_eq!(flags.after(200, Some("b")), Some(part(50, Some("b"))));
        assert_eq!(flags.after(250, Some("c")), None);
        assert_eq!(flags.after(200, None), None);
    }

    #[test]
    fn all_of_it_is_all_of_it() {
        let flags = ListFlags { limit: 50, all: true, cursor: None };
        assert_eq!(flags.first(), part(200, None));
        assert_eq!(flags.after(100_000, Some("b")), Some(part(200, Some("b"))));
        assert_eq!(flags.after(100_000, None), None);
    }
}
