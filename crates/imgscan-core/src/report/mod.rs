//! The report: one versioned document about one image. Renderers are pure functions of it.

mod autoruns;
#[cfg(test)]
mod autoruns_tests;
mod boot;
mod declaration;
mod diff;
mod document;
mod explain;
mod info;
mod json;
mod ring0;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod windows;
mod words;

pub use autoruns::{
    Autorun, AutorunCounts, AutorunPart, AutorunsReport, GuestAutoruns, LeadsTo, SignatureWord,
    autoruns_text,
};
pub use boot::{BootPath, BootPlan, BootRoot, BootStart};
pub use declaration::{DeclarationReport, DeclaredItem};
pub use diff::{Diff, Difference, Differences, Group, diff_text};
pub(crate) use document::details;
pub use document::{
    Counts, FileId, GuestSummary, ImageId, Interrupted, Kernel, Mount, PolicyId, Report,
    TableSummary, Tool, View, VolumeSummary,
};
pub use explain::explain;
pub use info::{GuestInfo, Info, PackageList, ServiceInfo, ServiceList};
pub use json::{json, json_line};
pub use ring0::{GuestLevel, GuestObject, KernelReport, kernel_text};
pub use text::{info_text, text};
pub use windows::WindowsInfo;
