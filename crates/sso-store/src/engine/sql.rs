//! SQL that is written once, with `$1` for values, and spelled for each engine when it is compiled.

/// A statement in the spelling of each engine.
pub(crate) struct Sql {
    /// With `$1`.
    pub(super) postgres: &'static str,
    /// With `?1`: to SQLite `$1` is a name, and names are numbered as they appear.
    pub(super) sqlite: &'static str,
}

/// Makes a [`Sql`] of text parts. `$` stands in front of a value's number and nowhere else.
macro_rules! sql {
    ($($part:expr),+ $(,)?) => {{
        const POSTGRES: &str = concat!($($part),+);
        const SQLITE: [u8; POSTGRES.len()] = $crate::engine::Sql::question_marks(POSTGRES);
        const SQL: &$crate::engine::Sql = &$crate::engine::Sql::new(POSTGRES, &SQLITE);
        SQL
    }};
}
pub(crate) use sql;

impl Sql {
    #[doc(hidden)]
    pub(crate) const fn new(postgres: &'static str, sqlite: &'static [u8]) -> Self {
        match std::str::from_utf8(sqlite) {
            Ok(sqlite) => Self { postgres, sqlite },
            Err(_) => panic!("replacing one ASCII character by another leaves UTF-8"),
        }
    }

    #[doc(hidden)]
    pub(crate) const fn question_marks<const N: usize>(postgres: &str) -> [u8; N] {
        let text = postgres.as_bytes();
        let mut out = [0; N];
        let mut i = 0;
        while i < N {
            out[i] = if text[i] == b'$' { b'?' } else { text[i] };
            i += 1;
        }
        out
    }
}

#[cfg(test)]
mod tests {

    #[test]
    fn values_are_spelled_for_each_engine() {
        let sql = sql!("SELECT a FROM t ", "WHERE b = $1 AND c = $12");
        assert_eq!(sql.postgres, "SELECT a FROM t WHERE b = $1 AND c = $12");
        assert_eq!(sql.sqlite, "SELECT a FROM t WHERE b = ?1 AND c = ?12");
    }
}
