//! Moments and days: from what formats store to what a report shows.
//!
//! The calendar is that of `jiff`, without time zones: everything is UTC, or local time of an
//! unknown zone that is taken as UTC.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

/// A moment: seconds since 1970-01-01 00:00 UTC (may be negative), and nanoseconds behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Timestamp {
    /// Seconds.
    pub secs: i64,
    /// Nanoseconds, below 1,000,000,000.
    pub nanos: u32,
}

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

impl Timestamp {
    /// A FILETIME: units of 100 ns since 1601-01-01 00:00 UTC. 0 means that none was set.
    #[must_use]
    pub fn from_filetime(filetime: u64) -> Option<Self> {
        const SECONDS_1601_TO_1970: i64 = 11_644_473_600;
        const PER_SECOND: u64 = 10_000_000;
        if filetime == 0 {
            return None;
        }
        Some(Self {
            secs: i64::try_from(filetime / PER_SECOND)
                .ok()?
                .checked_sub(SECONDS_1601_TO_1970)?,
            nanos: u32::try_from(filetime % PER_SECOND)
                .ok()?
                .checked_mul(100)?,
        })
    }

    /// A DOS date and time, which are local time of an unknown zone. `None` for what no clock
    /// shows.
    #[must_use]
    pub fn from_dos(date: u16, time: u16) -> Option<Self> {
        let bits = |of: u16, shift: u32, count: u32| {
            let mask = 1_u16.checked_shl(count)?.checked_sub(1)?;
            i8::try_from(of.checked_shr(shift)? & mask).ok()
        };
        let moment = DateTime::new(
            i16::try_from(date >> 9).ok()?.checked_add(1980)?,
            bits(date, 5, 4)?,
            bits(date, 0, 5)?,
            bits(time, 11, 5)?,
            bits(time, 5, 6)?,
            bits(time, 0, 5)?.checked_mul(2)?,
            0,
        );
        Some(Self::of(moment.ok()?))
    }

    /// The text of an ASN.1 GeneralizedTime in UTC (`20260626193519Z`, with or without parts of a
    /// second) or, with `two_digits`, of a UTCTime, whose years are from 1950 to 2049.
    #[must_use]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "numbers of at most four digits and places in 14 bytes"
    )]
    pub fn from_asn1(text: &[u8], two_digits: bool) -> Option<Self> {
        let digits = text.strip_suffix(b"Z")?;
        let mut parts = digits.splitn(2, |b| *b == b'.');
        let (whole, parts) = (parts.next()?, parts.next());
        let number = |from: usize, to: usize| {
            whole.get(from..to)?.iter().try_fold(0_i16, |n, b| {
                b.is_ascii_digit().then(|| n * 10 + i16::from(b - b'0'))
            })
        };
        let (year, at) = match two_digits {
            true => (
                number(0, 2).map(|y| if y < 50 { 2000 + y } else { 1900 + y })?,
                2,
            ),
            false => (number(0, 4)?, 4),
        };
        if whole.len() != at + 10 || parts.is_some_and(|p| !p.iter().all(u8::is_ascii_digit)) {
            return None;
        }
        let part = |n: usize| i8::try_from(number(at + 2 * n, at + 2 * n + 2)?).ok();
        let moment = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0);
        Some(Self::of(moment.ok()?))
    }

    fn of(moment: DateTime) -> Self {
        Self {
            secs: moment.duration_since(EPOCH).as_secs(),
            nanos: 0,
        }
    }
}

/// As RFC 3339, in whole seconds of UTC: `2023-11-14T22:13:20Z`; outside of the years 0 to 9999,
/// which it can't write, `@` and the seconds since 1970.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = EPOCH.checked_add(SignedDuration::from_secs(self.secs));
        match moment.ok().filter(|m| m.year() >= 0) {
            Some(moment) => write!(f, "{moment}Z"),
            None => write!(f, "@{}", self.secs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(secs: i64) -> String {
        Timestamp { secs, nanos: 0 }.to_string()
    }

    /// `date -u -d @N +%FT%TZ`
    #[test]
    fn moments_are_shown_as_date_shows_them() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (2_147_483_647, "2038-01-19T03:14:07Z"),
            (2_147_483_648, "2038-01-19T03:14:08Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-11_644_473_600, "1601-01-01T00:00:00Z"),
            (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(shown(secs), text);
        }
    }

    #[test]
    fn what_no_calendar_shows_stays_a_number() {
        for secs in [253_402_300_800, -62_167_219_201, i64::MAX, i64::MIN] {
            assert_eq!(shown(secs), format!("@{secs}"));
        }
    }

    #[test]
    fn filetimes() {
        let of = |filetime| Timestamp::from_filetime(filetime).map(|t| (t.to_string(), t.nanos));
        assert_eq!(of(0), None);
        assert_eq!(of(1), Some(("1601-01-01T00:00:00Z".into(), 100)));
        assert_eq!(
            of(133_444_736_001_234_567),
            Some(("2023-11-14T22:13:20Z".into(), 123_456_700))
        );
        assert_eq!(of(u64::MAX).unwrap().0, "@1833029933770");
    }

    #[test]
    fn dates_of_dos() {
        let of = |date, time| Timestamp::from_dos(date, time).map(|t| t.to_string());
        let day = |y: u16, m: u16, d: u16| (y - 1980) << 9 | m << 5 | d;
        let clock = |h: u16, m: u16, s: u16| h << 11 | m << 5 | (s / 2);
        assert_eq!(
            of(day(2000, 2, 29), clock(23, 59, 58)).as_deref(),
            Some("2000-02-29T23:59:58Z")
        );
        assert_eq!(
            of(day(1980, 1, 1), 0).as_deref(),
            Some("1980-01-01T00:00:00Z")
        );
        assert_eq!(
            of(day(2107, 12, 31), 0).as_deref(),
            Some("2107-12-31T00:00:00Z")
        );
        let none = [
            (0, 0),
            (day(2001, 2, 29), 0),
            (day(2100, 2, 29), 0),
            (day(2000, 13, 1), 0),
            (day(2000, 1, 0), 0),
            (day(2000, 1, 1), clock(24, 0, 0)),
            (day(2000, 1, 1), clock(0, 60, 0)),
            (day(2000, 1, 1), 30),
        ];
        assert!(none.into_iter().all(|(d, t)| of(d, t).is_none()));
    }

    #[test]
    fn times_of_asn1() {
        let of =
            |text: &str, two| Timestamp::from_asn1(text.as_bytes(), two).map(|t| t.to_string());
        assert_eq!(
            of("260626193519Z", true).as_deref(),
            Some("2026-06-26T19:35:19Z")
        );
        assert_eq!(
            of("491231235959Z", true).as_deref(),
            Some("2049-12-31T23:59:59Z")
        );
        assert_eq!(
            of("500101000000Z", true).as_deref(),
            Some("1950-01-01T00:00:00Z")
        );
        assert_eq!(
            of("99991231235959Z", false).as_deref(),
            Some("9999-12-31T23:59:59Z")
        );
        assert_eq!(
            of("20260626193519.123Z", false).as_deref(),
            Some("2026-06-26T19:35:19Z")
        );
        for (bad, two) in [
            ("260626193519", true),
            ("260626193519+0800", true),
            ("261326193519Z", true),
            ("2606261935Z", true),
            ("20260230000000Z", false),
            ("20260626193519.1aZ", false),
            ("2026062619351Z", false),
            ("+0260626193519Z", false),
            ("", true),
            ("Z", false),
            ("\u{e9}0626193519Z", true),
        ] {
            assert_eq!(of(bad, two), None, "{bad}");
        }
    }
}
