use std::fmt;

use jiff::{SignedDuration, civil};

use super::{CheckResult, Item, Status, Waiver};
use crate::evidence::Location;

/// A day of the Gregorian calendar, in the years 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(civil::Date);

impl Date {
    /// The day written as `2027-01-31`; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        let shaped = |(i, b): (usize, &u8)| match i {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        };
        if b.len() != 10 || !b.iter().enumerate().all(shaped) {
            return None;
        }
        let part =
            |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<i16>().ok());
        let (month, day) = (part(5..7)?, part(8..10)?);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        civil::Date::new(part(0..4)?, month, day).ok().map(Self)
    }

    /// The day (UTC) that holds the moment `secs` seconds after 1970-01-01 00:00 UTC; the last one
    /// where that is beyond the year 9999.
    #[must_use]
    pub fn from_unix(secs: u64) -> Self {
        let since = i64::try_from(secs).map(SignedDuration::from_secs);
        let day = since.ok().and_then(|s| EPOCH.checked_add(s).ok());
        Self(day.map_or(civil::Date::MAX, civil::DateTime::date))
    }

    /// Today (UTC) by the clock of the host.
    #[must_use]
    pub fn today() -> Self {
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH);
        Self::from_unix(since.map_or(0, |d| d.as_secs()))
    }
}

const EPOCH: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// True where a waiver stands for a check that was not met: only then the image's digest and the
/// date are needed.
#[must_use]
pub fn waivable(results: &[CheckResult], waivers: &[Waiver]) -> bool {
    results
        .iter()
        .any(|r| r.status == Status::Fail && waivers.iter().any(|w| w.check == r.check))
}

/// Excuses failed checks by `waivers` that name the check and this very image, and have not
/// expired. What is unknown stays so: nobody can have agreed to what was not read.
pub fn apply(results: &mut [CheckResult], waivers: &[Waiver], image_sha256: &str, today: Date) {
    for result in results.iter_mut().filter(|r| r.status == Status::Fail) {
        let Some(waiver) = waivers.iter().find(|w| {
            w.check == result.check
                && w.image_sha256.eq_ignore_ascii_case(image_sha256)
                && Date::parse(&w.expires).is_some_and(|last| today <= last)
        }) else {
            continue;
        };
        let Waiver {
            approver,
            ticket,
            expires,
            reason,
            ..
        } = waiver;
        result.status = Status::Waived;
        result.fix.clear();
        let note = say!(
            waiver_applied,
            approver = approver,
            ticket = ticket,
            expires = expires,
            reason = reason
        );
        result.evidence.push(Item::at(Location::default(), note));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Gate, Severity};
    use crate::text::Text;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // `date -u -d @N +%F`
        for (secs, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_801_180_800, "2027-01-29"),
            (4_107_542_400, "2100-03-01"),
            (15_000_000_000, "2445-05-01"),
            (2_147_483_648, "2038-01-19"),
            (253_402_300_799, "9999-12-31"),
            (253_402_300_800, "9999-12-31"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Date::from_unix(secs).to_string(), day);
            assert_eq!(Date::parse(day), Some(Date::from_unix(secs)));
        }
        for bad in [
            "2027-02-29",
            "2027-13-01",
            "2027-1-01",
            "27-01-01",
            "2027/01/01",
            "2027-01-1é",
            "+027-01-01",
            "0000-00-00",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    fn result(status: Status) -> CheckResult {
        CheckResult {
            check: "LNX-KERNEL-003".into(),
            clause: vec!["S2".into()],
            title: Text::new("t", "t"),
            guest: None,
            status,
            gate: Gate::Block,
            severity: Severity::Critical,
            reason: Text::new("r", "r"),
            evidence: Vec::new(),
            gaps: Vec::new(),
            omitted: 0,
            fix: vec![Text::new("f", "f")],
        }
    }

    fn waiver() -> Waiver {
        Waiver {
            check: "LNX-KERNEL-003".into(),
            image_sha256: "ab".repeat(32),
            approver: "A. Reviewer".into(),
            ticket: "T-1".into(),
            expires: "2027-01-31".into(),
            reason: "kernel agreed in advance".into(),
        }
    }

    fn status_after(status: Status, digest: &str, today: &str) -> Status {
        let mut results = [result(status)];
        apply(
            &mut results,
            &[waiver()],
            digest,
            Date::parse(today).unwrap(),
        );
        results[0].status
    }

    #[test]
    fn a_waiver_excuses_this_check_of_this_image_until_its_last_day() {
        let digest = "AB".repeat(32);
        assert_eq!(
            status_after(Status::Fail, &digest, "2027-01-31"),
            Status::Waived
        );
        assert_eq!(
            status_after(Status::Fail, &digest, "2027-02-01"),
            Status::Fail
        );
        assert_eq!(
            status_after(Status::Fail, &"cd".repeat(32), "2026-01-01"),
            Status::Fail
        );
        assert_eq!(
            status_after(Status::Unknown, &digest, "2026-01-01"),
            Status::Unknown
        );
        assert!(waivable(&[result(Status::Fail)], &[waiver()]));
        assert!(!waivable(&[result(Status::Pass)], &[waiver()]));
    }

    #[test]
    fn a_waived_result_says_who_agreed() {
        let mut results = [result(Status::Fail)];
        apply(
            &mut results,
            &[waiver()],
            &"ab".repeat(32),
            Date::parse("2026-01-01").unwrap(),
        );
        assert_eq!(
            results[0].evidence[0].note.en,
            "waived by A. Reviewer, ticket T-1, until 2027-01-31: kernel agreed in advance"
        );
        assert!(results[0].fix.is_empty());
    }
}
