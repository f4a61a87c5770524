//! CSV that a spreadsheet may open: no field is taken for a formula, which could send what stands in
//! the others elsewhere. Names and addresses in it were chosen by whoever signed in.

use std::borrow::Cow;

/// Rows as CSV (RFC 4180), quoted where needed.
pub(crate) struct Csv(csv::Writer<Vec<u8>>);

impl Csv {
    /// No rows yet.
    pub(crate) fn new() -> Self {
        Self(csv::Writer::from_writer(Vec::new()))
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, fields: [&str; N]) -> Result<(), csv::Error> {
        self.0.write_record(fields.map(no_formula).iter().map(|field| field.as_bytes()))
    }

    /// The text.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, csv::Error> {
        self.0.into_inner().map_err(|error| error.into_error().into())
    }
}

/// Puts an apostrophe before what a spreadsheet would compute.
fn no_formula(field: &str) -> Cow<'_, str> {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{field}"))
    } else {
        Cow::Borrowed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(fields: [&str; 2]) -> String {
        let mut csv = Csv::new();
        csv.row(fields).expect("written");
        String::from_utf8(csv.into_bytes().expect("bytes")).expect("text")
    }

    #[test]
    fn fields_are_quoted_where_needed() {
        assert_eq!(text(["a b", "1"]), "a b,1\n");
        assert_eq!(text(["a,b", "say \"x\"\nnow"]), "\"a,b\",\"say \"\"x\"\"\nnow\"\n");
        assert_eq!(text(["", "ü"]), ",ü\n");
    }

    #[test]
    fn no_field_is_a_formula() {
        for hostile in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(no_formula(hostile), format!("'{hostile}"));
        }
        for plain in ["a=1", "1-1", "ann@corp.example", " =1", "'=1"] {
            assert_eq!(no_formula(plain), plain);
        }
    }
}
