//! The ways from the firmware to what starts, with their files named as the guest names them.

use super::{BootEntry, Loader, entry, of_guest};
use crate::evidence::linux::boot::plan::{PlanEntry, PlanWay};
use crate::evidence::{Found, Location};
use crate::guest::PathSpace;

/// What a machine starts a disk by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Firmware {
    /// UEFI without variables of its own, as on a new machine.
    Uefi,
    /// A BIOS, or UEFI that behaves like one.
    Bios,
}

/// When an entry starts by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// At the next boot and at those after it.
    Always,
    /// At the next boot alone.
    Next,
    /// At the boots after the next one.
    Later,
}

/// A way from the firmware to what starts.
#[derive(Debug, Clone)]
pub struct BootWay {
    /// What starts the first program; `None` where none was found, and the configurations that any
    /// loader could read are taken.
    pub firmware: Option<Firmware>,
    /// The programs, each started by the one before it.
    pub programs: Vec<Location>,
    /// The loader that starts a kernel; `None` where the firmware does.
    pub loader: Option<Loader>,
    /// The files that steer it, in the order in which they are read.
    pub configs: Vec<Location>,
    /// What may start by itself. Where several may at the same time, the doubts of
    /// [`super::Boot`] say why.
    pub starts: Vec<(When, Found<BootEntry>)>,
}

impl BootWay {
    pub(super) fn of(paths: &PathSpace, way: PlanWay) -> Self {
        let places = |all: Vec<Location>| all.into_iter().map(|at| of_guest(paths, at)).collect();
        let same = |a: &Found<PlanEntry>, b: &Found<PlanEntry>| {
            a.at == b.at && a.fact.place == b.fact.place && a.fact.arguments == b.fact.arguments
        };
        let (next, later) = (way.next, way.later);
        let mut starts = Vec::new();
        for found in &next {
            let when = match later.iter().any(|other| same(found, other)) {
                true => When::Always,
                false => When::Next,
            };
            starts.push((when, entry(paths, found.clone())));
        }
        for found in later {
            if !next.iter().any(|other| same(&found, other)) {
                starts.push((When::Later, entry(paths, found)));
            }
        }
        Self {
            firmware: way.firmware,
            programs: places(way.programs),
            loader: way.loader,
            configs: places(way.configs),
            starts,
        }
    }
}
