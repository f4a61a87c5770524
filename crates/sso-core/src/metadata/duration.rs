//! `cacheDuration`: an xs:duration (XML Schema 2, 3.2.6).

use time::Duration;

/// Reads a duration that is not negative; a year has 365 days, a month 30. `None` is a text that is no
/// duration, or a longer one than can be counted.
pub(super) fn read(text: &str) -> Option<Duration> {
    let text = text.trim().strip_prefix('P')?;
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let date = sum(date, &[('Y', 31_536_000), ('M', 2_592_000), ('D', 86_400)])?;
    let time = sum(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    Some(Duration::seconds(date.checked_add(time)?))
}

/// The seconds of a row of numbers, each followed by its unit, in the order of the units. Parts of a
/// second do not count.
fn sum(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut seconds = 0_i64;
    for (unit, worth) in units {
        let Some((number, rest)) = text.split_once(*unit) else { continue };
        let (whole, parts) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(parts) || (number.contains('.') && *unit != 'S') {
            return None;
        }
        seconds = seconds.checked_add(whole.parse::<i64>().ok()?.checked_mul(*worth)?)?;
        text = rest;
    }
    text.is_empty().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [
            ("PT1H", Some(3_600)),
            ("P1D", Some(86_400)),
            (" PT0S ", Some(0)),
            ("P0Y0M0DT6H0M0.000S", Some(21_600)),
            ("PT604800S", Some(604_800)),
            ("P1Y2M3DT4H5M6.7S", Some(31_536_000 + 2 * 2_592_000 + 3 * 86_400 + 14_706)),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("1H", None),
            ("-PT1H", None),
            ("PT1D", None),
            ("P1H", None),
            ("PT1M1H", None),
            ("PT1.5H", None),
            ("PT.5S", None),
            ("PTS", None),
            ("PT+1S", None),
            ("P99999999999999999999D", None),
            ("P9223372036854775807D", None),
            ("", None),
        ] {
            assert_eq!(read(text).map(time::Duration::whole_seconds), seconds, "{text}");
        }
    }
}
