//! What the facts of ring 0 are worth: the levels K0 to K5, for Linux and Windows.
//!
//! A level starts at unproven. A proof raises it, what speaks against the object caps it, and an
//! equal reference raises what nothing proves modified. Which arguments of the kernel speak against
//! a configuration is the policy's ([`KernelArguments`]).

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::linux::Cause;
use crate::evidence::{Nature, Object, ObjectKind, Ring0, Ring0Fact, Shortfall};
use crate::policy::params::{ArgumentEffect, KernelArguments};
use crate::text::{Arg, Text, terminal};

/// Objects that say why a system is not proven.
const MAX_NAMED: usize = 3;

/// How far something is proven. The order is that of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Proven modified: a signature or a recorded digest does not match the bytes.
    K0,
    /// Replaced: a kernel that no package owns, or another vendor's.
    K1,
    /// Foreign parts, or parts that could not be judged.
    K2,
    /// Unproven: agrees with itself and with the image's own records.
    K3,
    /// Equal to an independent reference.
    K4,
    /// Proven by a signature that ends at a pinned vendor certificate.
    K5,
}

impl Level {
    /// `K0` to `K5`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::K0 => "K0",
            Self::K1 => "K1",
            Self::K2 => "K2",
            Self::K3 => "K3",
            Self::K4 => "K4",
            Self::K5 => "K5",
        }
    }

    /// What it means, in a few words.
    #[must_use]
    pub fn meaning(self) -> Text {
        match self {
            Self::K0 => say!(ring0_level_k0),
            Self::K1 => say!(ring0_level_k1),
            Self::K2 => say!(ring0_level_k2),
            Self::K3 => say!(ring0_level_k3),
            Self::K4 => say!(ring0_level_k4),
            Self::K5 => say!(ring0_level_k5),
        }
    }
}

/// How far one object is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The level.
    pub level: Level,
    /// No signature proves it: the system's own files explain it, and count as much as their own
    /// proofs do.
    pub explained: bool,
}

impl Standing {
    /// What is shown of it: the level, or that it is explained.
    #[must_use]
    pub fn word(self) -> Text {
        if self.explained {
            say!(ring0_explained)
        } else {
            Text::verbatim(self.level.name())
        }
    }
}

/// How far `object` is proven by what was found of it.
#[must_use]
pub fn standing(object: &Object, arguments: &KernelArguments) -> Standing {
    let has = |nature| object.facts.iter().any(|f| f.nature() == nature);
    let level = of_facts(&object.facts, arguments);
    Standing {
        level,
        explained: level == Level::K5 && !has(Nature::Signed),
    }
}

/// What was found of `object`, in words.
#[must_use]
pub fn reasons(object: &Object, arguments: &KernelArguments) -> Vec<Text> {
    let harmed = || object.facts.iter().any(|f| harm(f, arguments).is_some());
    let facts = object.facts.iter();
    let said = facts.filter(|f| !matches!(f, Ring0Fact::ConfigExplained) || !harmed());
    said.filter_map(|fact| words(fact, arguments)).collect()
}

/// What speaks against `object` or leaves it unproven, in words, the worst first.
#[must_use]
pub(super) fn doubts(object: &Object, arguments: &KernelArguments) -> Vec<Text> {
    let doubt = |f: &&Ring0Fact| f.nature() == Nature::Doubt || harm(f, arguments).is_some();
    let mut doubts: Vec<&Ring0Fact> = object.facts.iter().filter(doubt).collect();
    doubts.sort_by_key(|fact| cap(fact, arguments));
    let said = doubts.into_iter().map(|fact| words(fact, arguments));
    said.flatten().collect()
}

/// What the argument of the kernel does that `fact` tells of.
fn harm(fact: &Ring0Fact, arguments: &KernelArguments) -> Option<ArgumentEffect> {
    match fact {
        Ring0Fact::Argument { argument, .. } => arguments.effect(argument),
        _ => None,
    }
}

/// `fact` in words, as far as there is something to say.
fn words(fact: &Ring0Fact, arguments: &KernelArguments) -> Option<Text> {
    let Ring0Fact::Argument { line, argument } = fact else {
        return fact.text();
    };
    let (line, shown) = (*line, terminal(argument));
    Some(match arguments.effect(argument)? {
        ArgumentEffect::Redirects => {
            say!(ring0_argument_redirects, line = line, argument = shown)
        }
        ArgumentEffect::Weakens => say!(ring0_argument_weakens, line = line, argument = shown),
    })
}

fn of_facts(facts: &[Ring0Fact], arguments: &KernelArguments) -> Level {
    let has = |nature| facts.iter().any(|f| f.nature() == nature);
    let start = if has(Nature::Signed) || has(Nature::Explained) {
        Level::K5
    } else {
        Level::K3
    };
    let caps = facts.iter().filter_map(|fact| cap(fact, arguments));
    let level = caps.fold(start, Level::min);
    // What is proven modified stays so: the two contradict each other.
    if has(Nature::Equal) && level != Level::K0 {
        level.max(Level::K4)
    } else {
        level
    }
}

/// The highest level that is left to an object of which this was found; `None` of what speaks
/// neither for nor against it.
fn cap(fact: &Ring0Fact, arguments: &KernelArguments) -> Option<Level> {
    use Ring0Fact as F;
    Some(match fact {
        F::SignedBytesDiffer
        | F::IssuerForged
        | F::BootPieceChanged { .. }
        | F::NotInSignedHeader
        | F::RecordForged { .. }
        | F::RecordDiffers
        | F::KernelKeyBytesDiffer
        | F::ReferenceDiffers { .. } => Level::K0,
        F::OtherVendor { .. } | F::SignedButRecordDiffers | F::KernelUnowned => Level::K1,
        // Windows brings its own files signed; drivers of others may come without.
        F::SelfSigned { of_windows } | F::InNoCatalog { of_windows } => {
            if *of_windows {
                Level::K1
            } else {
                Level::K2
            }
        }
        F::SignatureUnread { .. }
        | F::Unanchored
        | F::SignsForAnybody { .. }
        | F::Unread { .. }
        | F::BootCodeUnread { .. }
        | F::BootPieceUnowned { .. }
        | F::ImageUnread
        | F::NoRelease
        | F::NothingSpeaks
        | F::OwnerUnknown { .. }
        | F::ForeignKey
        | F::ModuleUnsigned
        | F::ForNoBootingKernel
        | F::StartsForeign { .. }
        | F::StartsEarly { .. }
        | F::Runs { .. }
        | F::PartsUnread { .. } => Level::K2,
        F::NoPe
        | F::Unsigned
        | F::NoShimCarries { .. }
        | F::VendorUnknown
        | F::ByUnprovenKernel
        | F::KernelKeysUnread
        | F::NoModuleKeys
        | F::NobodyOwns => Level::K3,
        F::LeftOver { cause, data, .. } => left_over(cause, *data),
        F::CarriesModule { facts, .. } => of_facts(facts, arguments),
        F::Argument { argument, .. } => match arguments.effect(argument)? {
            ArgumentEffect::Redirects | ArgumentEffect::Weakens => Level::K2,
        },
        F::Trusted
        | F::SignerEnds { .. }
        | F::AnchorOneSource { .. }
        | F::DriverOf { .. }
        | F::InCatalog { .. }
        | F::TimeStamp { .. }
        | F::ShimCarries { .. }
        | F::ShimAccepts { .. }
        | F::ShimUnread { .. }
        | F::InSignedHeader
        | F::RecordEqual
        | F::UnsignedRecordDiffers
        | F::ModuleUnowned
        | F::NoPackageDatabase
        | F::ByKernelKey
        | F::ByGivenKey
        | F::ConfigExplained
        | F::StartedByBios
        | F::BootPiecesExplained { .. }
        | F::KernelUnownedSigned
        | F::CopyOf { .. }
        | F::Members { .. }
        | F::OnlyRecorded { .. }
        | F::PartOfKernel
        | F::ReferenceEqual { .. } => return None,
    })
}

/// What a member that is not explained leaves to its initramfs. `data`: nothing acts upon it.
fn left_over(cause: &Cause, data: bool) -> Level {
    match cause {
        Cause::Recorded { .. } => Level::K0,
        Cause::Dracut | Cause::Unproven => Level::K2,
        _ if data => Level::K3,
        Cause::Differs { .. } => Level::K1,
        Cause::Unknown
        | Cause::Unowned { .. }
        | Cause::Derived { .. }
        | Cause::Changed { .. }
        | Cause::NoApplet { .. }
        | Cause::Admits
        | Cause::Secret { .. } => Level::K2,
    }
}

/// How far a system is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemStanding {
    /// The lowest level of what boots, and lower where something is missing.
    pub level: Level,
    /// What is missing.
    pub missing: Vec<Text>,
    /// The least proven objects, by name and reason; empty where all are proven by signatures.
    pub least: Vec<Text>,
}

impl SystemStanding {
    /// Why the level is not higher.
    #[must_use]
    pub fn reasons(&self) -> Vec<Text> {
        self.missing.iter().chain(&self.least).cloned().collect()
    }
}

/// How far the system is proven that `ring0` is of: as far as the least proven of its objects,
/// and less where something is missing.
#[must_use]
pub fn system(ring0: &Ring0, arguments: &KernelArguments) -> SystemStanding {
    let objects = ring0.objects.iter();
    let level = |object| standing(object, arguments).level;
    let proven: Vec<(Level, &Object)> = objects.map(|o| (level(o), o)).collect();
    let counted = proven.iter().map(|(level, o)| weighed(ring0, o, *level));
    let of_objects = counted.min().unwrap_or(Level::K2);
    let missing = ring0.shortfalls.iter().map(lack);
    let lowest = proven.iter().map(|(level, _)| *level).min();
    SystemStanding {
        level: missing.fold(of_objects, Level::min),
        missing: ring0.shortfalls.iter().map(Shortfall::text).collect(),
        least: lowest
            .filter(|l| *l < Level::K5)
            .map_or_else(Vec::new, |lowest| least(lowest, &proven, arguments)),
    }
}

/// What the proof of the objects of `ring0` rests on: whose keys signed how many, how many equal a
/// reference, and which only the system's own files explain.
pub(super) fn rests_on(ring0: &Ring0, arguments: &KernelArguments) -> Text {
    let mut keys: BTreeMap<&Text, usize> = BTreeMap::new();
    let (mut equal, mut explained) = (0_usize, Vec::new());
    let unnamed = Text::verbatim("?");
    for object in &ring0.objects {
        let is = standing(object, arguments);
        match is.level {
            Level::K5 if is.explained => explained.push(Arg::Text(terminal(&object.path))),
            Level::K5 => {
                *keys
                    .entry(object.anchor.as_ref().unwrap_or(&unnamed))
                    .or_default() += 1
            }
            Level::K4 => equal += 1,
            _ => {}
        }
    }
    let mut parts: Vec<Text> = Vec::new();
    for (key, count) in keys {
        parts.push(say!(ring0_rests_on_key, key = key.clone(), count = count));
    }
    if equal > 0 {
        parts.push(say!(ring0_rests_on_reference, count = equal));
    }
    if !explained.is_empty() {
        let count = explained.len();
        let more = count.saturating_sub(MAX_NAMED);
        explained.truncate(MAX_NAMED);
        if more > 0 {
            explained.push(Arg::Text("…".into()));
        }
        let paths = Arg::List(explained);
        parts.push(say!(ring0_rests_on_files, count = count, paths = paths));
    }
    Text::clauses(parts)
}

/// The level at which `object` counts for the system of `ring0`: a kernel that does not boot by
/// default asks for a look and decides nothing, unless it is proven modified.
#[must_use]
pub fn counted(ring0: &Ring0, object: &Object, arguments: &KernelArguments) -> Level {
    weighed(ring0, object, standing(object, arguments).level)
}

fn weighed(ring0: &Ring0, object: &Object, level: Level) -> Level {
    let spare =
        object.kind == ObjectKind::Kernel && ring0.default_known && object.default == Some(false);
    match level {
        Level::K1 if spare => Level::K2,
        level => level,
    }
}

/// The first of the objects at the level `lowest`, and how many more there are.
fn least(lowest: Level, proven: &[(Level, &Object)], arguments: &KernelArguments) -> Vec<Text> {
    let mut all = proven.iter().filter(|(level, _)| *level == lowest);
    let mut named: Vec<Text> = all
        .by_ref()
        .take(MAX_NAMED)
        .map(|(_, object)| {
            let mut why = doubts(object, arguments);
            let more = why.len() > MAX_NAMED;
            why.truncate(MAX_NAMED);
            if more {
                why.push(Text::verbatim("…"));
            }
            say!(
                ring0_least,
                path = crate::text::terminal(&object.path),
                reasons = Text::clauses(why)
            )
        })
        .collect();
    let more = all.count();
    if more > 0 {
        named.push(say!(ring0_least_more, count = more, level = lowest.name()));
    }
    named
}

/// What is left to a system that lacks this.
fn lack(what: &Shortfall) -> Level {
    match what {
        Shortfall::NoKernel
        | Shortfall::NoWindowsKernel
        | Shortfall::DefaultUnknown
        | Shortfall::Unread { .. }
        | Shortfall::StartsNoKernel { .. }
        | Shortfall::IntegrityOff { .. }
        | Shortfall::NotExamined
        | Shortfall::ImageIncomplete => Level::K2,
        Shortfall::NoPackageDatabase
        | Shortfall::NoLoader
        | Shortfall::NoBootConfig
        | Shortfall::NoBootStore
        | Shortfall::NoModules
        | Shortfall::InitramfsUnexamined { .. } => Level::K3,
    }
}
