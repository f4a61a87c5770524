//! Instants as SAML writes them (SAML Core 1.3.3): `YYYY-MM-DDThh:mm:ss`, a fraction perhaps, and
//! `Z`. Refused: any other zone or none, years of more than four digits, leap seconds, 24:00:00.

use crate::error::{Code, Rejection};
use std::fmt;
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Now, as far as it is known: the two clocks may differ by the skew, which is always in favour of the
/// message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    /// The current instant in UTC.
    pub(crate) now: OffsetDateTime,
    /// How far the clocks may differ; not negative.
    pub(crate) skew: Duration,
}

impl Present {
    /// Whether an instant has come.
    pub(crate) fn has_come(self, not_before: OffsetDateTime) -> bool {
        not_before <= self.now.saturating_add(self.skew)
    }

    /// Whether an end is still ahead. It is exclusive.
    pub(crate) fn is_ahead(self, not_on_or_after: OffsetDateTime) -> bool {
        self.now.saturating_sub(self.skew) < not_on_or_after
    }

    /// Whether an instant is no longer ago than this.
    pub(crate) fn is_within(self, age: Duration, instant: OffsetDateTime) -> bool {
        self.now.saturating_sub(self.skew) <= instant.saturating_add(age)
    }
}

impl fmt::Display for Present {
    /// The instant and the skew, for people to read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (skew {} s)", write(self.now), self.skew.whole_seconds())
    }
}

/// Reads an instant. A fraction finer than a nanosecond is cut off.
///
/// # Errors
/// `invalid_time` for everything that is not an instant in UTC with `Z`.
pub(crate) fn read(text: &str) -> Result<OffsetDateTime, Rejection> {
    instant(text).ok_or_else(|| {
        let expected = "an instant in UTC, written YYYY-MM-DDThh:mm:ssZ";
        Rejection::new(Code::InvalidTime, expected, text.to_owned())
    })
}

/// Writes an instant to the second, which every reader understands.
pub(crate) fn write(instant: OffsetDateTime) -> String {
    // At the very ends of the calendar another offset has no UTC; no clock is set there.
    let t = instant.checked_to_offset(UtcOffset::UTC).unwrap_or(instant);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

fn instant(text: &str) -> Option<OffsetDateTime> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', ref time @ ..] = text.as_bytes() else {
        return None;
    };
    let &[h1, h2, b':', n1, n2, b':', s1, s2, ref rest @ ..] = time else { return None };
    let year = i32::from(two(y1, y2)?) * 100 + i32::from(two(y3, y4)?);
    let month = Month::try_from(two(m1, m2)?).ok()?;
    let date = Date::from_calendar_date(year, month, two(d1, d2)?).ok()?;
    let nanos = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] => fraction(digits)?,
        _ => return None,
    };
    let time = Time::from_hms_nano(two(h1, h2)?, two(n1, n2)?, two(s1, s2)?, nanos).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

fn two(tens: u8, ones: u8) -> Option<u8> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// The digits of a fraction as nanoseconds; at least one, and all of them digits.
fn fraction(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    let mut nanos = 0;
    let mut unit = 100_000_000;
    for &byte in digits {
        nanos += u32::from(digit(byte)?) * unit;
        unit /= 10;
    }
    Some(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn an_instant_in_utc_is_read() {
        for (text, instant) in [
            ("2030-01-15T12:00:00Z", datetime!(2030-01-15 12:00:00 UTC)),
            ("2030-01-15T12:00:00.5Z", datetime!(2030-01-15 12:00:00.5 UTC)),
            ("2030-01-15T12:00:00.183Z", datetime!(2030-01-15 12:00:00.183 UTC)),
            ("2030-01-15T12:00:00.1234567899999Z", datetime!(2030-01-15 12:00:00.123456789 UTC)),
            ("0001-01-01T00:00:00Z", datetime!(0001-01-01 00:00:00 UTC)),
            ("9999-12-31T23:59:59Z", datetime!(9999-12-31 23:59:59 UTC)),
            ("2028-02-29T00:00:00Z", datetime!(2028-02-29 00:00:00 UTC)),
        ] {
            assert_eq!(read(text), Ok(instant), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "soon",
            "2030-01-15",
            "2030-01-15T12:00:00",
            "2030-01-15T12:00:00z",
            "2030-01-15 12:00:00Z",
            "2030-01-15T12:00:00+00:00",
            "2030-01-15T12:00:00-05:00",
            "2030-01-15T12:00:00Z ",
            " 2030-01-15T12:00:00Z",
            "2030-01-15T12:00:00.Z",
            "2030-01-15T12:00:00.1x3Z",
            "2030-01-15T12:00:00,5Z",
            "2030-01-15T12:00:60Z",
            "2030-01-15T24:00:00Z",
            "2030-02-29T12:00:00Z",
            "2030-13-01T12:00:00Z",
            "2030-00-10T12:00:00Z",
            "12030-01-15T12:00:00Z",
            "-0001-01-15T12:00:00Z",
            "+030-01-15T12:00:00Z",
            "2030-1-15T12:00:00Z",
            "２０３０-01-15T12:00:00Z",
        ] {
            let refused = read(text).map_err(|r| r.code);
            assert_eq!(refused, Err(Code::InvalidTime), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_second() {
        let instant = datetime!(2026-11-21 21:41:15.423 UTC);
        assert_eq!(write(instant), "2026-11-21T21:41:15Z");
        let elsewhere = datetime!(2026-11-21 23:41:15 +2);
        assert_eq!(read(&write(elsewhere)), Ok(elsewhere));
    }
}
