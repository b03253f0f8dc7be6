use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A point in time as the duration since 1970-01-01T00:00:00Z, leap seconds ignored: the
/// `NumericDate` of [RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2).
///
/// `Display` writes it as RFC 3339 does, in UTC.
///
/// ```
/// use doorward::clock::UnixTime;
///
/// assert_eq!(UnixTime::from_secs(1_700_000_000).to_string(), "2023-11-14T22:13:20Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(Duration);

/// The time lies before 1970, or later than the other type can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time lies before 1970, or later than can be expressed")]
pub struct TimeOutOfRange;

impl UnixTime {
    /// Creates the time this many whole seconds after the beginning of 1970.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Creates the time this long after the beginning of 1970.
    #[must_use]
    pub const fn since_epoch(duration: Duration) -> Self {
        Self(duration)
    }

    /// Returns the whole seconds since the beginning of 1970.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.as_secs()
    }

    /// Returns the time that is later by the duration, or the last one that can be expressed.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// Returns how long after the other time this one is; zero where it is not.
    #[must_use]
    pub(crate) const fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl TryFrom<SystemTime> for UnixTime {
    type Error = TimeOutOfRange;

    fn try_from(time: SystemTime) -> Result<Self, TimeOutOfRange> {
        time.duration_since(UNIX_EPOCH).map(Self).map_err(|_| TimeOutOfRange)
    }
}

impl TryFrom<UnixTime> for SystemTime {
    type Error = TimeOutOfRange;

    fn try_from(time: UnixTime) -> Result<Self, TimeOutOfRange> {
        UNIX_EPOCH.checked_add(time.0).ok_or(TimeOutOfRange)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.as_secs() / 86_400, self.as_secs() % 86_400);
        let (year, month, day) = date_of(days);
        write!(f, "{year:04}-{month:02}-{day:02}")?;
        write!(f, "T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)?;
        if self.0.subsec_nanos() > 0 {
            let fraction = format!("{:09}", self.0.subsec_nanos());
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixTime({self})")
    }
}

/// Returns year, month and day of the day this many days after 1970-01-01 in the Gregorian calendar:
/// `civil_from_days` of <https://howardhinnant.github.io/date_algorithms.html>, which counts years
/// from March 1, so that a leap day is the last day of its year.
fn date_of(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970: u64 = 719_468; // from 0000-03-01
    const DAYS_OF_ERA: u64 = 146_097; // 400 years
    let days = days.saturating_add(DAYS_TO_1970);
    let (era, day_of_era) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
    let leap_days = (day_of_era / 1460)
        .saturating_add(day_of_era / 146_096)
        .saturating_sub(day_of_era / 36_524);
    let year_of_era = day_of_era.saturating_sub(leap_days) / 365;
    let days_before = year_of_era
        .saturating_mul(365)
        .saturating_add(year_of_era / 4)
        .saturating_sub(year_of_era / 100);
    let day_of_year = day_of_era.saturating_sub(days_before);
    let from_march = day_of_year.saturating_mul(5).saturating_add(2) / 153;
    let first_of_month = from_march.saturating_mul(153).saturating_add(2) / 5;
    let day = day_of_year.saturating_sub(first_of_month).saturating_add(1);
    let (month, carry) = match from_march {
        0..=9 => (from_march.saturating_add(3), 0),
        _ => (from_march.saturating_sub(9), 1),
    };
    let year = era.saturating_mul(400).saturating_add(year_of_era).saturating_add(carry);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_rfc_3339_does() {
        for (millis, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (951_868_800_000, "2000-03-01T00:00:00Z"),
            (1_078_012_800_000, "2004-02-29T00:00:00Z"),
            (1_704_067_199_000, "2023-12-31T23:59:59Z"),
            (1_700_000_000_500, "2023-11-14T22:13:20.5Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (253_402_300_799_000, "9999-12-31T23:59:59Z"),
        ] {
            let time = UnixTime::since_epoch(Duration::from_millis(millis));
            assert_eq!(time.to_string(), shown);
            assert_eq!(format!("{time:?}"), format!("UnixTime({shown})"));
        }
        assert!(UnixTime::from_secs(u64::MAX).to_string().ends_with('Z'));
    }

    #[test]
    fn system_times_are_converted_where_they_fit() {
        let time = UnixTime::since_epoch(Duration::from_millis(1_700_000_000_500));
        let system = SystemTime::try_from(time).unwrap();
        assert_eq!(system, UNIX_EPOCH + Duration::from_millis(1_700_000_000_500));
        assert_eq!(UnixTime::try_from(system), Ok(time));
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(UnixTime::try_from(before), Err(TimeOutOfRange));
        assert_eq!(SystemTime::try_from(UnixTime::from_secs(u64::MAX)), Err(TimeOutOfRange));
    }
}
