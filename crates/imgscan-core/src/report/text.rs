use super::boot;
use super::declaration;
use super::document::{
    FsSummary, GuestSummary, ImageId, Kernel, Mount, Report, View, VolumeSummary,
};
use super::info::{GuestInfo, Info};
use super::words::Words;
use crate::evidence::{Gap, Location};
use crate::guest::linux::mounts::Origin;
use crate::policy::{CheckResult, Item, Status};
use crate::text::{Lang, Text, terminal};

/// The order in which results are shown in full: what a reviewer must act on first.
const IN_FULL: [Status; 5] = [
    Status::Fail,
    Status::Error,
    Status::Unknown,
    Status::Warn,
    Status::Waived,
];
/// The message that says what a proof rests on.
const PROOF: &str = "lnx-kernel-001-proven";

/// Lines of text. Everything that goes in passes [`terminal`], so nothing from an image reaches a
/// terminal raw, and one call is one line.
pub(super) struct Page {
    out: String,
    words: Words,
    lang: Lang,
}

impl Page {
    pub(super) fn new(lang: Lang) -> Self {
        Self {
            out: String::new(),
            words: Words::of(lang),
            lang,
        }
    }

    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(&terminal(text));
        self.out.push('\n');
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    pub(super) fn field(&mut self, indent: usize, name: &str, value: &str) {
        let text = self.words.field(name, value);
        self.line(indent, &text);
    }

    /// The page as it is.
    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) fn gaps(&mut self, title: &str, gaps: &[Gap]) {
        if gaps.is_empty() {
            return;
        }
        self.blank();
        let heading = self.words.heading(title, gaps.len());
        self.line(0, &heading);
        for gap in gaps {
            self.line(2, &format!("- {}", gap.message(self.lang)));
        }
    }
}

/// A scan for people: verdict first, then what must be acted on, then the rest in short.
#[must_use]
pub fn text(report: &Report, lang: Lang) -> String {
    let mut page = Page::new(lang);
    let words = page.words.clone();
    let verdict = words.verdict(report.verdict, report.counts.warn);
    page.field(0, &words.verdict, &verdict);
    match &report.interrupted {
        None => {
            let counts = counts(report, &words);
            page.line(2, &counts);
        }
        // The gap below says when, too.
        Some(end) => page.field(2, &words.interrupted, end.why.get(lang)),
    }
    page.blank();
    head(&mut page, report);
    for status in IN_FULL {
        for result in report.results.iter().filter(|r| r.status == status) {
            page.blank();
            in_full(&mut page, result);
        }
    }
    in_short(&mut page, report, Status::Pass, &words.passed);
    in_short(
        &mut page,
        report,
        Status::NotApplicable,
        &words.not_applicable,
    );
    if let Some(declaration) = &report.declaration {
        declaration::section(&mut page, &words, declaration);
    }
    page.gaps(&words.gaps, &report.gaps);
    page.gaps(&words.notices, &report.notices);
    page.out
}

fn counts(report: &Report, words: &Words) -> String {
    let c = &report.counts;
    let all = [
        (Status::Fail, c.fail),
        (Status::Error, c.error),
        (Status::Unknown, c.unknown),
        (Status::Warn, c.warn),
        (Status::Waived, c.waived),
        (Status::Pass, c.pass),
        (Status::NotApplicable, c.not_applicable),
    ];
    let shown = all.iter().filter(|(_, n)| *n > 0);
    let mut shown: Vec<String> = shown
        .map(|(status, n)| format!("{n} {}", words.status(*status)))
        .collect();
    if !report.gaps.is_empty() {
        shown.push(format!("{} {}", report.gaps.len(), &words.parts_not_read));
    }
    words.list(shown)
}

fn head(page: &mut Page, report: &Report) {
    let words = page.words.clone();
    image(page, &report.image);
    let policy = &report.policy;
    let title = policy.title.get(page.lang);
    page.field(
        0,
        &words.policy,
        &words.brackets(format!("{} {}", policy.id, policy.revision), title),
    );
    if let Some(declaration) = &report.declaration {
        declaration::head(page, &words, declaration);
    }
    if let Some(day) = &report.waivers_on {
        page.field(0, &words.waivers_on, day);
    }
    if report.guests.is_empty() {
        page.field(0, &words.system, &words.unknown_system);
    }
    for guest in &report.guests {
        system(page, guest);
    }
    for kernel in &report.kernels {
        let shown = kernel_line(&words, kernel);
        page.field(0, &words.kernel, &shown);
    }
    let proven = |r: &&CheckResult| r.reason.code == PROOF;
    for result in report.results.iter().filter(proven) {
        page.field(0, &words.proof, result.reason.get(page.lang));
    }
}

fn image(page: &mut Page, image: &ImageId) {
    let words = page.words.clone();
    page.field(
        0,
        &words.image,
        &words.brackets(
            image.path.as_str(),
            words.list(vec![
                image.format.name().to_owned(),
                format!("{} {}", words.virtual_size, bytes(image.virtual_size)),
                format!("{} {}", words.file_size, bytes(image.bytes)),
            ]),
        ),
    );
    if let Some(digest) = &image.sha256 {
        page.field(0, &words.digest, digest);
    }
}

/// What a system says it is.
pub(super) fn system(page: &mut Page, guest: &GuestSummary) {
    let words = page.words.clone();
    let os = &guest.os;
    let name = os.name.as_deref().or(os.id.as_deref());
    let family = match guest.family {
        crate::guest::Family::Linux => "Linux",
        crate::guest::Family::Windows => "Windows",
    };
    let mut parts = vec![name.unwrap_or(family).to_owned()];
    parts.extend(os.edition.clone());
    if let Some(build) = &os.build {
        let version = os.version.as_deref().unwrap_or_default();
        parts.push(format!("{version} build {build}").trim_start().to_owned());
    }
    parts.extend(os.architecture.clone());
    if let Some(host) = &os.host_name {
        parts.push(format!("{} {host}", &words.host));
    }
    parts.push(format!("{} {}", &words.root_on, guest.root_volume));
    let shown = words.list(parts);
    page.field(0, &words.system, &shown);
}

fn kernel_line(words: &Words, kernel: &Kernel) -> String {
    let version = kernel.version.as_deref().unwrap_or("?");
    let mut shown = format!("{version} {}", kernel.path);
    if let Some(package) = &kernel.package {
        shown = words.kernel_of(&shown, package);
    }
    if kernel.default == Some(true) {
        shown = words.kernel_by_default(&shown);
    }
    shown
}

fn title(page: &Page, result: &CheckResult) -> String {
    let mut shown = result.check.clone();
    if !result.clause.is_empty() {
        shown.push_str(&format!(" [{}]", result.clause.join(", ")));
    }
    shown.push_str(&format!(" {}", result.title.get(page.lang)));
    if let Some(guest) = &result.guest {
        shown.push_str(&format!(" @{guest}"));
    }
    shown
}

fn in_full(page: &mut Page, result: &CheckResult) {
    let words = page.words.clone();
    page.line(
        0,
        &words.brackets(
            format!("{} {}", words.status(result.status), title(page, result)),
            words.list(vec![
                words.gate(result.gate),
                words.severity(result.severity),
            ]),
        ),
    );
    let reason = result.reason.get(page.lang).to_owned();
    page.field(2, &words.reason, &reason);
    for item in &result.evidence {
        evidence(page, item);
    }
    if result.omitted > 0 {
        let omitted = say!(ui_omitted, count = result.omitted);
        page.line(2, omitted.get(page.lang));
    }
    for gap in &result.gaps {
        page.field(2, &words.not_read, &gap.message(page.lang));
    }
    for fix in &result.fix {
        let fix = fix.get(page.lang).to_owned();
        page.field(2, &words.fix, &fix);
    }
}

fn evidence(page: &mut Page, item: &Item) {
    let words = page.words.clone();
    let at = item.at.to_string();
    let note = item.note.get(page.lang);
    let shown = match (at.is_empty(), note.is_empty()) {
        (true, _) => note.to_owned(),
        (false, true) => at,
        (false, false) => words.field(at, note),
    };
    page.line(2, &format!("- {shown}"));
    if let Some(expected) = &item.expected {
        page.field(6, &words.required, expected.get(page.lang));
    }
    if let Some(found) = &item.found {
        page.field(6, &words.actual, found.get(page.lang));
    }
    if let Some(digest) = &item.at.sha256 {
        page.field(6, &words.digest, digest);
    }
}

fn in_short(page: &mut Page, report: &Report, status: Status, heading: &str) {
    let results: Vec<&CheckResult> = report
        .results
        .iter()
        .filter(|r| r.status == status)
        .collect();
    if results.is_empty() {
        return;
    }
    page.blank();
    let heading = page.words.heading(heading, results.len());
    page.line(0, &heading);
    for result in results {
        let line = title(page, result);
        page.line(2, &line);
    }
}

/// An image's description for people.
#[must_use]
pub fn info_text(info: &Info, lang: Lang) -> String {
    let mut page = Page::new(lang);
    let words = page.words.clone();
    image(&mut page, &info.image);
    for (name, value) in &info.container {
        let name = crate::container::fact_name(name);
        page.field(2, name.get(lang), value.get(lang));
    }
    for file in info.files.iter().skip(1) {
        let shown = format!(
            "{} ({}, {}, {})",
            file.path,
            file.role,
            file.format.name(),
            bytes(file.bytes)
        );
        page.field(2, &words.file, &shown);
    }
    for snapshot in &info.snapshots {
        let shown = format!("{} {}", snapshot.id, snapshot.name);
        page.field(2, &words.snapshot, &shown);
    }
    let table = &info.table;
    let scheme = match table.scheme {
        crate::volume::Scheme::Gpt => "GPT",
        crate::volume::Scheme::Mbr => "MBR",
        crate::volume::Scheme::None => "-",
    };
    let id = table.disk_id.as_deref().unwrap_or("-");
    let table = say!(
        ui_table_sectors,
        table = format!("{scheme} {id}"),
        size = table.sector_size
    );
    page.field(0, &words.table, &words.say(&table));
    for volume in &info.volumes {
        volume_line(&mut page, volume);
    }
    for guest in &info.guests {
        page.blank();
        system(&mut page, &guest.summary);
        if let Some(plan) = &guest.boot {
            boot::section(&mut page, plan, lang);
        }
        for mount in &guest.summary.mounts {
            page.field(2, &words.mounts, &words.say(&mount_line(mount)));
        }
        inventory(&mut page, guest);
    }
    page.gaps(&words.gaps, &info.gaps);
    page.gaps(&words.notices, &info.notices);
    page.out
}

/// A mount: where, what is seen, what asks for it, what it hides.
fn mount_line(mount: &Mount) -> Text {
    let held = || match (&mount.volume, &mount.of) {
        (Some(volume), Some(of)) => format!("{volume}:{of}"),
        (volume, of) => volume.clone().or(of.clone()).unwrap_or_default(),
    };
    let source = || mount.source.clone().unwrap_or_default();
    let what = match mount.shows {
        None | Some(View::Path | View::Image) => Text::verbatim(held()),
        Some(View::Merged) => say!(ui_mount_merged, source = source()),
        Some(View::Empty) => say!(ui_mount_empty, source = source()),
        Some(View::Unavailable) => say!(ui_mount_unavailable, source = source()),
        Some(View::Absent) => say!(ui_mount_absent, source = source()),
    };
    let what = say!(ui_mount, path = mount.path.as_str(), what = what);
    let mut parts = vec![what];
    match (mount.origin, &mount.at) {
        (Some(Origin::Fstab | Origin::Unit), Some(at)) => {
            let at = Location {
                volume: None,
                ..at.clone()
            };
            parts.push(Text::verbatim(at.to_string()));
        }
        (Some(Origin::Generator), _) => parts.push(say!(ui_mount_by_type)),
        (Some(Origin::Argument), _) => parts.push(say!(ui_mount_by_argument)),
        (Some(Origin::Loader), _) => parts.push(say!(ui_mount_by_loader)),
        _ => {}
    }
    if mount.hides > 0 {
        parts.push(say!(ui_mount_hides, count = mount.hides));
    }
    Text::list(parts)
}

fn inventory(page: &mut Page, guest: &GuestInfo) {
    let words = page.words.clone();
    for kernel in &guest.kernels {
        let shown = kernel_line(&words, kernel);
        page.field(2, &words.kernel, &shown);
    }
    if let Some(packages) = &guest.packages {
        page.field(2, &words.packages, &packages.count.to_string());
    }
    for account in &guest.accounts {
        let it = &account.fact;
        let uid = it.uid.map_or_else(|| "?".into(), |uid| uid.to_string());
        let shown = format!("{} {uid} {} {}", it.name, it.home, it.shell);
        page.field(2, &words.account, &shown);
    }
    if let Some(services) = &guest.services {
        let with = |start| {
            services
                .items
                .iter()
                .filter(|s| s.start == Some(start))
                .count()
        };
        let shown = say!(
            ui_services_starts,
            count = services.count,
            set = format!("ControlSet{:03}", services.control_set),
            boot = with(0),
            system = with(1),
            automatic = with(2),
            manual = with(3),
            disabled = with(4)
        );
        page.field(2, &words.services, &words.say(&shown));
    }
    for (name, shown) in guest.windows.iter().flat_map(|w| w.lines(&words)) {
        page.field(2, &name, &shown);
    }
}

fn volume_line(page: &mut Page, volume: &VolumeSummary) {
    let mut parts = vec![
        volume.name.clone(),
        format!("@{}", volume.offset),
        bytes(volume.bytes),
    ];
    if !volume.kind.is_empty() {
        parts.push(volume.kind.clone());
    }
    if let Some(label) = &volume.label {
        parts.push(format!("{label:?}"));
    }
    match (&volume.fs, &volume.holds, &volume.gap) {
        (Some(fs), _, _) => parts.push(fs_words(fs)),
        (_, Some(signature), _) => parts.push(signature.text().get(page.lang).to_owned()),
        (_, _, Some(gap)) => parts.push(format!("! {}", gap.reason.get(page.lang))),
        (None, None, None) => {}
    }
    let name = page.words.volume.clone();
    page.field(0, &name, &parts.join("  "));
}

fn fs_words(fs: &FsSummary) -> String {
    let mut shown = fs.kind.to_string();
    if let Some(label) = fs.label.as_deref().filter(|l| !l.is_empty()) {
        shown.push_str(&format!(" {label:?}"));
    }
    if let Some(uuid) = &fs.uuid {
        shown.push_str(&format!(" {uuid}"));
    }
    shown
}

/// A size with a binary unit, rounded down to a tenth: `1.9 GiB`.
fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut tenths = u128::from(n) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_down_to_a_tenth_of_their_unit() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024), "1.0 KiB");
        assert_eq!(bytes(2_147_483_647), "1.9 GiB");
        assert_eq!(bytes(u64::MAX), "15.9 EiB");
    }
}
