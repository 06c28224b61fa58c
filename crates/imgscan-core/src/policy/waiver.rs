use std::fmt;

use super::{CheckResult, Item, Status, Waiver};
use crate::evidence::Location;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    /// The day written as `2027-01-31`; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let part = |range, len| {
            let digits: &str = text.get(range)?;
            let all = digits.len() == len && digits.bytes().all(|b| b.is_ascii_digit());
            all.then(|| digits.parse::<u32>().ok()).flatten()
        };
        let b = text.as_bytes();
        if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
            return None;
        }
        let date = Self {
            year: part(0..4, 4)?,
            month: part(5..7, 2)?,
            day: part(8..10, 2)?,
        };
        (1..=days_in(date.year, date.month))
            .contains(&date.day)
            .then_some(date)
    }

    /// The day (UTC) that holds the moment `secs` seconds after 1970-01-01 00:00 UTC.
    #[must_use]
    pub fn from_unix(secs: u64) -> Self {
        // 400 Gregorian years have 146,097 days, so the calendar repeats from 1970 on.
        let days = secs / 86_400;
        let cycles = u32::try_from(days / 146_097).unwrap_or(u32::MAX / 400 - 5);
        let mut left = u32::try_from(days % 146_097).unwrap_or(0);
        let mut year = 1970;
        loop {
            let len = if leap(year) { 366 } else { 365 };
            if left < len {
                break;
            }
            left -= len;
            year += 1;
        }
        let mut month = 1;
        while left >= days_in(year, month) {
            left -= days_in(year, month);
            month += 1;
        }
        Self {
            year: year + cycles * 400,
            month,
            day: left + 1,
        }
    }

    /// Today (UTC) by the clock of the host.
    #[must_use]
    pub fn today() -> Self {
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH);
        Self::from_unix(since.map_or(0, |d| d.as_secs()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// The days of a month from 1; 0 where there is no such month.
fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap(year) => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
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
        result.evidence.push(Item::new(
            Location::default(),
            format!("waived by {approver}, ticket {ticket}, until {expires}: {reason}"),
            format!("由 {approver} 批准豁免，工单 {ticket}，有效期至 {expires}：{reason}"),
        ));
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
