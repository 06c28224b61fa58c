//! What differs between a base image and one that was made from it.

use serde::Serialize;

use super::document::{ImageId, Tool};
use super::text::Page;
use crate::evidence::Gap;
use crate::text::{Lang, Text};

/// Those that are shown to people.
const MAX_SHOWN: usize = 50;

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Kernel images and what lies beside them.
    Kernel,
    /// Boot loaders, their configuration, initial file systems.
    Boot,
    /// Kernel modules and how they are loaded.
    Modules,
    /// The cloud's agents, and who can log in.
    Security,
    /// Installed packages.
    Packages,
    /// Other configuration.
    Configuration,
    /// Everything else.
    Other,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The path, or the package.
    pub what: String,
    /// How: `added`, `removed`, or what of it changed (`contents`, `type`, `owner`, `mode`,
    /// `target`, `version`).
    pub how: Vec<&'static str>,
    /// As it is in the base: a digest or a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// As it is in the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// The differences of one group.
#[derive(Debug, Clone, Serialize)]
pub struct Differences {
    /// What they are about.
    pub group: Group,
    /// How many.
    pub count: usize,
    /// At most 10,000 of them, sorted.
    pub items: Vec<Difference>,
}

/// How two images differ.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    /// `imgscan-diff/1`.
    pub schema: &'static str,
    /// What wrote it.
    pub tool: Tool,
    /// The base.
    pub base: ImageId,
    /// The image.
    pub image: ImageId,
    /// True where nothing differs and everything could be read.
    pub equal: bool,
    /// The differences, group by group.
    pub groups: Vec<Differences>,
    /// What could not be read in either, and so may differ. Those of the base come with `base:`.
    pub gaps: Vec<Gap>,
}

/// The differences for people.
#[must_use]
pub fn diff_text(diff: &Diff, lang: Lang) -> String {
    let word = |text: Text| text.get(lang).to_owned();
    let mut page = Page::new(lang);
    page.field(0, &word(say!(diff_base)), &diff.base.path);
    page.field(0, &word(say!(diff_image)), &diff.image.path);
    if diff.equal {
        page.line(0, &word(say!(diff_equal)));
    }
    for group in &diff.groups {
        let name = match group.group {
            Group::Kernel => word(say!(diff_kernel)),
            Group::Boot => word(say!(diff_boot)),
            Group::Modules => word(say!(diff_modules)),
            Group::Security => word(say!(diff_security)),
            Group::Packages => word(say!(diff_packages)),
            Group::Configuration => word(say!(diff_configuration)),
            Group::Other => word(say!(diff_other)),
        };
        page.blank();
        let heading = say!(ui_heading, title = name, count = group.count);
        page.line(0, heading.get(lang));
        for item in group.items.iter().take(MAX_SHOWN) {
            let how = Text::list(item.how.iter().map(|how| difference(how)));
            let line = say!(ui_field, name = item.what.as_str(), value = how);
            let mut line = word(line);
            if let (Some(a), Some(b)) = (&item.base, &item.image) {
                line = format!("{line}: {a} -> {b}");
            }
            page.line(2, &line);
        }
        if group.count > MAX_SHOWN {
            let left = group.count - MAX_SHOWN;
            page.line(2, say!(diff_more, count = left).get(lang));
        }
    }
    page.gaps(&word(say!(diff_not_read)), &diff.gaps);
    page.finish()
}

/// In which way something differs.
fn difference(how: &str) -> Text {
    match how {
        "added" => say!(diff_added),
        "removed" => say!(diff_removed),
        "contents" => say!(diff_contents),
        "type" => say!(diff_type),
        "owner" => say!(diff_owner),
        "mode" => say!(diff_mode),
        "target" => say!(diff_target),
        "version" => say!(diff_version),
        other => Text::verbatim(other),
    }
}
