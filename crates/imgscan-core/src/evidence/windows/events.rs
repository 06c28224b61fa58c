//! The event logs, in `System32\winevt\Logs`.

use serde::Serialize;

use super::Windows;
use crate::eventlog::{self, Event};
use crate::evidence::{Found, Gap, Location};

/// A log of this guest.
#[derive(Debug, Clone, Serialize)]
pub struct Events {
    /// The events that were wanted, in the order of their records.
    pub items: Vec<Found<Event>>,
    /// Records of all kinds.
    pub records: u64,
    /// The number of the first record that is there; 0 where there is none.
    pub first: u64,
    /// The log's file.
    pub at: Location,
    /// What may hide more.
    pub gaps: Vec<Gap>,
}

pub(super) fn read(
    windows: &Windows<'_>,
    name: &str,
    wanted: &dyn Fn(&str, u32) -> bool,
) -> Result<Option<Events>, Gap> {
    let path = format!("{}/System32/winevt/Logs/{name}", windows.roots().windows);
    let path = path.replace('\\', "/");
    let gap = |e| Gap::at_path(&path, &e);
    let Some(file) = windows.guest.paths.find(path.as_bytes()).map_err(gap)? else {
        return Ok(None);
    };
    let at = Location::of(&file);
    let open = || eventlog::read(file.open()?.as_ref(), wanted);
    let log = open().map_err(|e| Gap::new(at.clone(), &e))?;
    let items = log.events.into_iter().map(|event| Found {
        at: Location {
            offset: Some(event.chunk),
            ..at.clone()
        },
        fact: event,
    });
    Ok(Some(Events {
        items: items.collect(),
        records: log.records,
        first: log.first,
        gaps: log.errors.iter().map(|e| Gap::new(at.clone(), e)).collect(),
        at,
    }))
}
