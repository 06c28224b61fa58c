use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::declaration::DeclarationReport;
use crate::container::Format;
use crate::evidence::{Gap, Location};
use crate::fs::{Content, FsInfo, OpenVolume, Signature};
use crate::guest::linux::mounts::{Mounted, Origin, Shows};
use crate::guest::{Family, Guest, Os};
use crate::policy::{CheckResult, Policy, Status, Verdict};
use crate::text::Text;
use crate::volume::{Scheme, Table};

/// Facts of a format by name.
pub(crate) type Details = BTreeMap<String, Text>;

/// One image, judged. Equal bytes of the image, policy, program and options give an equal
/// document: it holds no time (but for [`Report::waivers_on`]) and nothing of the host besides
/// the paths that were opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// `imgscan-report/2`.
    pub schema: Cow<'static, str>,
    /// What wrote it.
    pub tool: Tool,
    /// By which policy.
    pub policy: PolicyId,
    /// The vendor's declaration and what it did, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<DeclarationReport>,
    /// Which image.
    pub image: ImageId,
    /// Why the scan did not come to its end, where it did not: nothing of the image was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Interrupted>,
    /// Every host file that was opened for it, the image first.
    pub files: Vec<FileId>,
    /// Its partition table.
    pub table: TableSummary,
    /// Its volumes.
    pub volumes: Vec<VolumeSummary>,
    /// Its operating systems, in the order of the volumes. All are judged.
    pub guests: Vec<GuestSummary>,
    /// Installed kernels of Linux guests.
    pub kernels: Vec<Kernel>,
    /// The outcome of each check, in the order of the policy.
    pub results: Vec<CheckResult>,
    /// How many results have each status.
    pub counts: Counts,
    /// Everything that could not be read, sorted, each once.
    pub gaps: Vec<Gap>,
    /// What is unusual, but took nothing from the reading.
    pub notices: Vec<Gap>,
    /// The day (UTC) by which waivers were taken as valid or expired, where any could apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waivers_on: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
}

impl Report {
    /// The version of this document's form.
    pub const SCHEMA: &str = "imgscan-report/2";
}

/// The program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its version.
    pub version: Cow<'static, str>,
}

impl Tool {
    /// This program.
    pub const THIS: Self = Self {
        name: Cow::Borrowed("imgscan"),
        version: Cow::Borrowed(env!("CARGO_PKG_VERSION")),
    };
}

/// Which policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyId {
    /// Its id.
    pub id: String,
    /// Its revision.
    pub revision: String,
    /// Its title.
    pub title: Text,
    /// SHA-256 of its file.
    pub sha256: String,
}

impl PolicyId {
    pub(crate) fn of(policy: &Policy) -> Self {
        Self {
            id: policy.id.clone(),
            revision: policy.revision.clone(),
            title: policy.title.clone(),
            sha256: policy.sha256.clone(),
        }
    }
}

/// The end of a scan from outside: its process died, or took too long.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Interrupted {
    /// What was being done, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Text>,
    /// What ended it.
    pub why: Text,
}

/// Which image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImageId {
    /// As the user named it.
    pub path: String,
    /// Container format.
    pub format: Format,
    /// Size of the guest's disk in bytes.
    pub virtual_size: u64,
    /// Size of the image file in bytes.
    pub bytes: u64,
    /// [`crate::scan::weak_key`] of the image file: tells images apart, proves nothing. `None` where
    /// one of its blocks can't be read, which is a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weak_key: Option<String>,
    /// SHA-256 of the image file, where it was asked for or a waiver needed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A host file that was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileId {
    /// `image`, `backing` or `data`.
    pub role: Cow<'static, str>,
    /// Where it was opened.
    pub path: String,
    /// Its container format.
    pub format: Format,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its [`crate::scan::weak_key`], where its blocks can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weak_key: Option<String>,
}

/// The partition table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableSummary {
    /// Which kind.
    pub scheme: Scheme,
    /// Logical sector size in bytes.
    pub sector_size: u32,
    /// GPT disk GUID or MBR disk signature.
    pub disk_id: Option<String>,
}

impl TableSummary {
    pub(crate) fn of(table: &Table) -> Self {
        Self {
            scheme: table.scheme,
            sector_size: table.sector_size,
            disk_id: table.disk_id.clone(),
        }
    }
}

/// A volume and what it holds: exactly one of `fs`, `holds` and `gap` is there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VolumeSummary {
    /// Its name.
    pub name: String,
    /// First byte on the disk.
    pub offset: u64,
    /// Length in bytes.
    pub bytes: u64,
    /// GPT type GUID or MBR type.
    #[serde(rename = "type")]
    pub kind: String,
    /// GPT partition name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// PARTUUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_uuid: Option<String>,
    /// Marked bootable in the table.
    pub bootable: bool,
    /// The file system that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs: Option<FsSummary>,
    /// What it holds where that is known to hold no files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<Signature>,
    /// What it seems to hold, and why that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<VolumeGap>,
}

/// A volume that could not be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VolumeGap {
    /// What was recognised.
    pub signature: Signature,
    /// Why it was not read.
    pub reason: Text,
}

/// A file system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FsSummary {
    /// `ext4`, `ntfs`, …
    pub kind: Cow<'static, str>,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// UUID or serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Block or cluster size in bytes.
    pub block_size: u32,
    /// Size in bytes that it claims.
    pub bytes: u64,
    /// Further facts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: Details,
}

impl VolumeSummary {
    pub(crate) fn of(open: &OpenVolume) -> Self {
        let volume = &open.volume;
        let (mut fs, mut holds, mut gap) = (None, None, None);
        match &open.content {
            Content::FileSystem(it) => fs = Some(FsSummary::of(it.info())),
            Content::Nothing(signature) => holds = Some(*signature),
            Content::Gap(signature, why) => {
                gap = Some(VolumeGap {
                    signature: *signature,
                    reason: why.text(),
                });
            }
        }
        Self {
            name: volume.name.clone(),
            offset: volume.offset,
            bytes: volume.len,
            kind: volume.kind.clone(),
            label: volume.label.clone(),
            part_uuid: volume.part_uuid.clone(),
            bootable: volume.bootable,
            fs,
            holds,
            gap,
        }
    }
}

/// Facts of a format as a map.
pub(crate) fn details(facts: Vec<(&'static str, Text)>) -> Details {
    let named = facts.into_iter();
    named
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

impl FsSummary {
    fn of(info: FsInfo) -> Self {
        Self {
            kind: info.kind.into(),
            label: info.label,
            uuid: info.uuid,
            block_size: info.block_size,
            bytes: info.size,
            details: details(info.details),
        }
    }
}

/// An operating system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GuestSummary {
    /// Which family.
    pub family: Family,
    /// What it says it is.
    #[serde(flatten)]
    pub os: Os,
    /// The volume of its root.
    pub root_volume: String,
    /// What is mounted where, the root first.
    pub mounts: Vec<Mount>,
}

/// A mount of the running system, or a drive.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Mount {
    /// The mount point or drive.
    pub path: String,
    /// The volume that is seen there, or that holds what is seen there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// The source as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The type as it is written.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The line or file that asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// What is seen there, where that is not a whole volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<View>,
    /// The directory, file or image of the guest that is seen there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Files below the mount point that it hides, counted up to a bound.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hides: usize,
}

/// What a mount shows, where that is not a whole volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum View {
    /// A directory or file of the guest.
    Path,
    /// The file system in an image file of the guest.
    Image,
    /// Directories of the guest laid over each other.
    Merged,
    /// Nothing.
    Empty,
    /// What could not be read.
    Unavailable,
    /// A device that the image lacks.
    Absent,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Mount {
    fn of(mounted: &Mounted) -> Self {
        let some = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
        let (shows, volume, of) = match &mounted.shows {
            Shows::Volume(volume) => (None, some(volume), None),
            Shows::Path(volume, path) => (Some(View::Path), some(volume), some(path)),
            Shows::Image(path) => (Some(View::Image), None, some(path)),
            Shows::Merged => (Some(View::Merged), None, None),
            Shows::Empty => (Some(View::Empty), None, None),
            Shows::Unavailable => (Some(View::Unavailable), None, None),
            Shows::Absent => (Some(View::Absent), None, None),
        };
        Self {
            path: mounted.at.clone(),
            volume,
            source: some(&mounted.what),
            kind: some(&mounted.kind),
            origin: Some(mounted.origin),
            at: Some(mounted.place.clone()).filter(|at| *at != Location::default()),
            shows,
            of,
            hides: mounted.hides,
        }
    }
}

impl GuestSummary {
    pub(crate) fn of(guest: &Guest) -> Self {
        let mut seen = guest.paths.mounts();
        if !guest.mounts.mounts.is_empty() {
            seen.truncate(1);
        }
        let mounts = seen.into_iter().map(|(path, volume)| Mount {
            path,
            volume: Some(volume),
            ..Mount::default()
        });
        Self {
            family: guest.family,
            os: guest.os.clone(),
            root_volume: guest.root_volume.clone(),
            mounts: mounts
                .chain(guest.mounts.mounts.iter().map(Mount::of))
                .collect(),
        }
    }
}

/// An installed kernel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kernel {
    /// The root volume of its guest, where the image holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// Its release (`6.1.0-18-amd64`), where its image tells it.
    pub version: Option<String>,
    /// The volume of its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// Its image in the guest.
    pub path: String,
    /// SHA-256 of the image, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The package that installed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The boot loader starts it by default or at the next boot; null where that can't be told.
    pub default: Option<bool>,
}

/// How many results have each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Passed.
    pub pass: usize,
    /// Passed with a warning.
    pub warn: usize,
    /// Failed.
    pub fail: usize,
    /// Not decided.
    pub unknown: usize,
    /// Not applicable.
    pub not_applicable: usize,
    /// The check itself failed.
    pub error: usize,
    /// Excused.
    pub waived: usize,
}

impl Counts {
    /// Counts `results`.
    #[must_use]
    pub fn of(results: &[CheckResult]) -> Self {
        let count = |status| results.iter().filter(|r| r.status == status).count();
        Self {
            pass: count(Status::Pass),
            warn: count(Status::Warn),
            fail: count(Status::Fail),
            unknown: count(Status::Unknown),
            not_applicable: count(Status::NotApplicable),
            error: count(Status::Error),
            waived: count(Status::Waived),
        }
    }
}
