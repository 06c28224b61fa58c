//! When a crontab line runs: crontab(5).

/// What the schedule of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schedule {
    /// Every day.
    Comes,
    /// Not every day.
    Seldom,
    /// A day that no month has.
    Never,
    /// Cron does not understand it.
    Bad,
}

/// Names behind `@`.
const NAMED: &[&str] = &["reboot", "daily", "midnight", "hourly"];
const SELDOM: &[&str] = &["yearly", "annually", "monthly", "weekly"];
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// True where a word looks like a field of time, well-formed or not.
pub(super) fn looks_like_field(field: &str) -> bool {
    let field = field.strip_prefix('-').unwrap_or(field);
    !field.is_empty()
        && field.split([',', '-', '/', '~']).all(|p| {
            let lower = p.to_ascii_lowercase();
            p == "*"
                || !p.is_empty() && p.chars().all(|c| c.is_ascii_digit())
                || MONTHS.contains(&lower.as_str())
                || DAYS.contains(&lower.as_str())
        })
}

/// Judges the fields of a line: one `@name`, or five.
pub(super) fn judge(fields: &[&str]) -> Schedule {
    if let [name] = fields {
        let name = name.trim_start_matches('@').to_ascii_lowercase();
        return if NAMED.contains(&name.as_str()) {
            Schedule::Comes
        } else if SELDOM.contains(&name.as_str()) {
            Schedule::Seldom
        } else {
            Schedule::Bad
        };
    }
    let [minute, hour, day, month, weekday] = fields else {
        return Schedule::Bad;
    };
    // A `-` in front asks SUSE's cron not to log the job.
    let minute = minute.strip_prefix('-').unwrap_or(minute);
    let all = (
        values(minute, 0, 59, &[], 0),
        values(hour, 0, 23, &[], 0),
        values(day, 1, 31, &[], 0),
        values(month, 1, 12, MONTHS, 1),
        values(weekday, 0, 7, DAYS, 0),
    );
    let (Some(_), Some(_), Some(days), Some(months), Some(weekdays)) = all else {
        return Schedule::Bad;
    };
    // Where both days are given, either will do.
    let length = |month: u32| match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let comes =
        !weekday.starts_with('*') || months.iter().any(|m| days.iter().any(|d| *d <= length(*m)));
    let has =
        |all: &[u32], mut wanted: std::ops::RangeInclusive<u32>| wanted.all(|n| all.contains(&n));
    // Sunday is 0 and 7.
    let all_week = has(&weekdays, 1..=6) && (weekdays.contains(&0) || weekdays.contains(&7));
    let every_day = match (day.starts_with('*'), weekday.starts_with('*')) {
        (false, false) => all_week || has(&days, 1..=31),
        _ => all_week && has(&days, 1..=31),
    };
    match comes {
        true if every_day && has(&months, 1..=12) => Schedule::Comes,
        true => Schedule::Seldom,
        false => Schedule::Never,
    }
}

/// The values of a field; `None` where it is malformed or out of range.
fn values(field: &str, low: u32, high: u32, names: &[&str], first: u32) -> Option<Vec<u32>> {
    let number = |text: &str| -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        if let Some(at) = names.iter().position(|n| *n == lower) {
            return Some(u32::try_from(at).ok()? + first);
        }
        let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|n| digits && (low..=high).contains(n))
    };
    let mut out = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|s| *s > 0)?),
            None => (part, 1),
        };
        let (from, to) = if range == "*" {
            (low, high)
        } else if let Some((from, to)) = range.split_once(['-', '~']) {
            (number(from)?, number(to)?)
        } else {
            let one = number(range)?;
            (one, if part.contains('/') { high } else { one })
        };
        if from > to {
            return None;
        }
        out.extend((from..=to).step_by(step));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_that_come_never_come_or_are_refused() {
        let of = |text: &str| judge(&text.split(' ').collect::<Vec<_>>());
        for text in [
            "* * * * *",
            "*/20 * * * *",
            "*/5 0-23/2 * jan-dec sun-sat",
            "5 4 1-31 * 1-7",
            "@reboot",
            "@daily",
        ] {
            assert_eq!(of(text), Schedule::Comes, "{text}");
        }
        for text in [
            "*/5 0-23/2 1,15 jan-mar mon",
            "0 0 29 2 *",
            "0 0 1 1 *",
            "* * */2 * *",
            "* * * * 1-5",
            "59 23 31 12 7",
            "0 0 31 2 1",
            "@yearly",
        ] {
            assert_eq!(of(text), Schedule::Seldom, "{text}");
        }
        for text in ["0 0 31 2 *", "0 0 30 feb *", "0 0 31 4,6 *"] {
            assert_eq!(of(text), Schedule::Never, "{text}");
        }
        for text in [
            "60 * * * *",
            "*/0 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "5-1 * * * *",
            "@never",
        ] {
            assert_eq!(of(text), Schedule::Bad, "{text}");
        }
    }
}
