//! A run of sysprep as evidence.

use crate::evidence::Found;
use crate::evidence::windows::Run;
use crate::fs::Timestamp;
use crate::policy::Item;
use crate::text::Text;

/// Options that a run needs to generalize an image.
pub(super) const OPTIONS: [&str; 2] = ["GENERALIZE", "OOBE"];

/// Seconds that the local time of a log may be off the universal time: 14 hours.
const ZONES: i64 = 14 * 3_600;

/// True where a run of the log began before the moment `secs` (seconds since 1970), whatever the
/// time zone of the log.
pub(super) fn is_before(run: &Run, secs: i64) -> bool {
    let (Some(time), Some(secs)) = (&run.time, secs.checked_sub(ZONES)) else {
        return false;
    };
    let limit = Timestamp { secs, nanos: 0 }.to_string();
    time.replace(' ', "T").as_str() < limit.as_str()
}

/// A run in one line.
pub(super) fn item(run: &Found<Run>) -> Item {
    let it = &run.fact;
    let time = match &it.time {
        Some(time) => say!(win_sysprep_run_time, time = time.as_str()),
        None => say!(win_time_unknown),
    };
    let note = match &it.answer_file {
        Some(file) => say!(win_sysprep_run_answered, time = time, file = file.as_str()),
        None => say!(win_sysprep_run, time = time),
    };
    Item::at(run.at.clone(), note).compare(
        ended(OPTIONS.map(str::to_owned).to_vec(), true),
        ended(
            it.options.iter().map(|(name, _)| name.clone()).collect(),
            it.succeeded.is_some(),
        ),
    )
}

fn ended(options: Vec<String>, succeeded: bool) -> Text {
    if succeeded {
        say!(win_sysprep_run_succeeded, options = options)
    } else {
        say!(win_sysprep_run_failed, options = options)
    }
}
