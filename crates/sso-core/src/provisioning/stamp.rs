//! `updateTimeStamp`: when the identity provider last changed the person, in the forms that
//! directories write it (SPEC 9). A text of another form is no time, and is never guessed at.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Whole numbers from here on are milliseconds: as seconds they would be after the year 5138.
const MILLISECONDS_FROM: u64 = 100_000_000_000;

/// Reads a stamp: a whole number (epoch seconds, or milliseconds from 10^11), RFC 3339,
/// `YYYY-MM-DD HH:MM:SS` in UTC, `YYMMDDhhmmssZ` (UTCTime of X.680; `YY` from 50 is 19YY) or
/// generalized time (RFC 4517 3.3.13). White space around it does not count.
///
/// The result is UTC and whole milliseconds, so that what is stored compares equal to what comes
/// again. `None` where the text has none of these forms.
///
/// Twelve digits and `Z` are `YYMMDDhhmmssZ` where that is a time, else `YYYYMMDDhhmmZ`.
pub fn read_stamp(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let stamp = whole_number(text)
        .or_else(|| rfc3339(text))
        .or_else(|| date_and_time(text))
        .or_else(|| utc_time(text))
        .or_else(|| generalized_time(text))?;
    let millisecond = stamp.millisecond();
    stamp.replace_millisecond(millisecond).ok()
}

fn whole_number(text: &str) -> Option<OffsetDateTime> {
    let number: u64 = digits(text)?.parse().ok()?;
    let (seconds, milliseconds) =
        if number < MILLISECONDS_FROM { (number, 0) } else { (number / 1000, number % 1000) };
    OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?)
        .ok()?
        .checked_add(Duration::milliseconds(i64::try_from(milliseconds).ok()?))
}

fn rfc3339(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)
}

fn date_and_time(text: &str) -> Option<OffsetDateTime> {
    const FORM: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    Some(PrimitiveDateTime::parse(text, FORM).ok()?.assume_utc())
}

fn utc_time(text: &str) -> Option<OffsetDateTime> {
    let mut rest = digits(text.strip_suffix('Z')?).filter(|digits| digits.len() == 12)?;
    let year = i32::from(pair(&mut rest)?);
    let year = if year < 50 { 2000 + year } else { 1900 + year };
    let date = date(year, pair(&mut rest)?, pair(&mut rest)?)?;
    let time = Time::from_hms(pair(&mut rest)?, pair(&mut rest)?, pair(&mut rest)?).ok()?;
    Some(date.with_time(time).assume_utc())
}

/// `YYYYMMDDhh[mm[ss]][(.|,)fraction](Z|±hh[mm])`. The fraction is of the last unit that is written.
fn generalized_time(text: &str) -> Option<OffsetDateTime> {
    let zone_at = text.find(['Z', '+', '-'])?;
    let (time, zone) = (text.get(..zone_at)?, text.get(zone_at..)?);
    let (time, fraction) = match time.split_once(['.', ',']) {
        Some((time, fraction)) => (time, Some(digits(fraction)?)),
        None => (time, None),
    };

    let mut rest = digits(time).filter(|digits| matches!(digits.len(), 10 | 12 | 14))?;
    let unit = match rest.len() {
        10 => Duration::HOUR,
        12 => Duration::MINUTE,
        _ => Duration::SECOND,
    };
    let year = 100 * i32::from(pair(&mut rest)?) + i32::from(pair(&mut rest)?);
    let date = date(year, pair(&mut rest)?, pair(&mut rest)?)?;
    let hour = pair(&mut rest)?;
    let minute = pair(&mut rest).unwrap_or(0);
    let second = pair(&mut rest).unwrap_or(0);
    let local = date.with_time(Time::from_hms(hour, minute, second).ok()?).assume_utc();

    local.checked_add(part_of(unit, fraction)).and_then(|local| local.checked_sub(offset(zone)?))
}

/// `0.fraction` of a unit, to the millisecond. Digits past the ninth are less than that.
fn part_of(unit: Duration, fraction: Option<&str>) -> Duration {
    let (numerator, denominator) = fraction
        .unwrap_or_default()
        .bytes()
        .take(9)
        .fold((0_i64, 1_i64), |(n, d), digit| (10 * n + i64::from(digit - b'0'), 10 * d));
    let milliseconds = unit.whole_seconds() * 1000;
    Duration::milliseconds(milliseconds * numerator / denominator)
}

fn offset(zone: &str) -> Option<Duration> {
    if zone == "Z" {
        return Some(Duration::ZERO);
    }
    let mut rest = digits(zone.get(1..)?).filter(|digits| matches!(digits.len(), 2 | 4))?;
    let (hours, minutes) = (pair(&mut rest)?, pair(&mut rest).unwrap_or(0));
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = Duration::minutes(60 * i64::from(hours) + i64::from(minutes));
    Some(if zone.starts_with('-') { -offset } else { offset })
}

fn date(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// Takes two digits off the front.
fn pair(rest: &mut &str) -> Option<u8> {
    let (front, back) = rest.split_at_checked(2)?;
    *rest = back;
    front.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    #[test]
    fn every_form_of_the_table() {
        for (text, expected) in [
            ("0", datetime!(1970-01-01 0:00 UTC)),
            ("1795255872", datetime!(2026-11-21 10:11:12 UTC)),
            ("99999999999", datetime!(5138-11-16 9:46:39 UTC)),
            ("100000000000", datetime!(1973-03-03 9:46:40 UTC)),
            ("1795255872345", datetime!(2026-11-21 10:11:12.345 UTC)),
            ("2026-11-21T10:11:12Z", datetime!(2026-11-21 10:11:12 UTC)),
            ("2026-11-21T10:11:12.345678Z", datetime!(2026-11-21 10:11:12.345 UTC)),
            ("2026-11-21T12:11:12+02:00", datetime!(2026-11-21 10:11:12 UTC)),
            ("2026-11-21 10:11:12", datetime!(2026-11-21 10:11:12 UTC)),
            ("20261121101112Z", datetime!(2026-11-21 10:11:12 UTC)),
            ("20261121101112.0Z", datetime!(2026-11-21 10:11:12 UTC)),
            ("20261121101112,5Z", datetime!(2026-11-21 10:11:12.5 UTC)),
            ("202611211011Z", datetime!(2026-11-21 10:11 UTC)),
            ("2026112110Z", datetime!(2026-11-21 10:00 UTC)),
            ("2026112110.25Z", datetime!(2026-11-21 10:15 UTC)),
            ("20261121121112+0200", datetime!(2026-11-21 10:11:12 UTC)),
            ("20261121081112-02", datetime!(2026-11-21 10:11:12 UTC)),
            ("261121101112Z", datetime!(2026-11-21 10:11:12 UTC)),
            ("491231235959Z", datetime!(2049-12-31 23:59:59 UTC)),
            ("500101000000Z", datetime!(1950-01-01 0:00 UTC)),
            // Fourteen digits without a zone are a whole number like any other.
            ("20261121101112", datetime!(2612-01-19 17:11:41.112 UTC)),
            ("  1795255872\n", datetime!(2026-11-21 10:11:12 UTC)),
        ] {
            assert_eq!(read_stamp(text), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for text in [
            "",
            " ",
            "yesterday",
            "-1",
            "1.5",
            "+1795255872",
            "99999999999999999999999999",
            "2026-11-21",
            "2026-11-21T10:11:12",
            "2026-13-21 10:11:12",
            "21.11.2026 10:11:12",
            "20261321101112Z",
            "20261121101112.Z",
            "20261121101112.x5Z",
            "20261121101112+2",
            "20261121101112+9900",
            "20261121101112ZZ",
            "2611211011Z1",
            "261131101112Z",
            "99991231235959-2359",
            "१७९५२५५८७२",
        ] {
            assert_eq!(read_stamp(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_does_harm(text in "[0-9]{0,20}[-:TZ .,+a-z0-9é]{0,16}") {
            if let Some(stamp) = read_stamp(&text) {
                prop_assert!(stamp.offset().is_utc());
                prop_assert_eq!(stamp.nanosecond() % 1_000_000, 0);
            }
        }

        #[test]
        fn every_form_of_an_instant_is_that_instant(seconds in 946_684_800_i64..2_524_608_000) {
            let instant = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let (date, time) = (instant.date(), instant.time());
            let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
            let (h, m, s) = time.as_hms();
            for text in [
                seconds.to_string(),
                format!("{seconds}000"),
                format!("{year}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z"),
                format!("{year}-{month:02}-{day:02} {h:02}:{m:02}:{s:02}"),
                format!("{year}{month:02}{day:02}{h:02}{m:02}{s:02}Z"),
                format!("{:02}{month:02}{day:02}{h:02}{m:02}{s:02}Z", year % 100),
            ] {
                prop_assert_eq!(read_stamp(&text), Some(instant), "{}", text);
            }
        }
    }
}
