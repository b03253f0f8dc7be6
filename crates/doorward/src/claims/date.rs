use std::time::Duration;

use serde::Deserialize;

use crate::{limits, terms::time::UnixTime};

/// A `NumericDate` (RFC 7519 §2): an integer or a finite number from 0 to the year 9999. A string
/// of digits is malformed, not absent (CVE-2026-25537).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct NumericDate(pub(crate) UnixTime);

impl TryFrom<f64> for NumericDate {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        if !(0.0..=limits::LAST_DATE).contains(&seconds) {
            return Err("out of range");
        }
        Duration::try_from_secs_f64(seconds)
            .map(|duration| Self(UnixTime::since_epoch(duration)))
            .map_err(|_| "out of range")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<UnixTime> {
        serde_json::from_str::<NumericDate>(json).ok().map(|date| date.0)
    }

    #[test]
    fn whole_and_fractional_seconds_are_dates() {
        for (json, millis) in [
            ("0", 0),
            ("1700000000", 1_700_000_000_000),
            ("1700000000.5", 1_700_000_000_500),
            ("1.7e9", 1_700_000_000_000),
            ("253402300799", 253_402_300_799_000),
        ] {
            let expected = UnixTime::since_epoch(Duration::from_millis(millis));
            assert_eq!(read(json), Some(expected), "{json}");
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for bad in [
            "-1",
            "-0.5",
            "253402300800",
            "1700000000000000",
            "\"1700000000\"",
            "true",
            "null",
            "[]",
            "{}",
            "18446744073709551616",
            "1e300",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
