//! Judges a command that Windows starts by itself: where its program is, what it is told to do,
//! and who signed it.

use super::matches;
use crate::evidence::Location;
use crate::evidence::windows::{Image, Signed, Started};
use crate::guest::windows::expand;
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

pub(super) use crate::policy::WindowsPrograms as Programs;

/// A command that was looked at.
pub(super) struct Assessed {
    /// Pass, warn or fail.
    pub(super) status: Status,
    /// Why, for each reason.
    pub(super) why: Vec<Text>,
    /// What it starts.
    pub(super) started: Started,
    /// It is one that Windows itself sets up.
    pub(super) own: bool,
}

impl Assessed {
    fn add(&mut self, status: Status, why: Text) {
        self.status = worse(self.status, status);
        self.why.push(why);
    }

    /// The evidence for it: `what` it is, and why it counts as it does.
    pub(super) fn item(&self, at: &Location, what: Text, expected: Text) -> Item {
        let why = self.why.clone();
        let note = match &self.started.image {
            Image::File(file) => say!(
                win_program_file,
                what = what,
                why = why,
                path = file.at.path.as_deref().unwrap_or_default(),
                sha256 = file.at.sha256.as_deref().unwrap_or("-"),
            ),
            _ => say!(win_program, what = what, why = why),
        };
        let found = Text::verbatim(&self.started.command);
        Item::at(at.clone(), note).compare(expected, found)
    }
}

impl Programs {
    /// Looks at `command`, which stands at `at`.
    pub(super) fn assess(
        &self,
        context: &Context<'_>,
        command: &str,
        at: &Location,
        found: &mut Findings,
    ) -> Assessed {
        let windows = &context.evidence.windows;
        let mut out = Assessed {
            status: Status::Pass,
            why: Vec::new(),
            own: false,
            started: windows.started(command, at),
        };
        let roots = windows.roots();
        let plain = |text: &str| expand(text, &roots, &[]).replace('/', "\\").to_lowercase();
        let text = plain(&out.started.command);
        let path = match &out.started.image {
            Image::File(file) => plain(file.at.path.as_deref().unwrap_or_default()),
            Image::Missing(path) => plain(path),
            _ => String::new(),
        };
        let own = |p: &String| matches(&plain(p), text.trim());
        out.own = self.own.iter().any(own);
        self.places(&plain, &text, &path, &mut out);
        self.script(&text, &path, &mut out);
        signed_program(&mut out, found);
        out
    }

    fn places(&self, plain: &dyn Fn(&str) -> String, text: &str, path: &str, out: &mut Assessed) {
        let part = |p: &&String| text.contains(&plain(p)) || path.contains(&plain(p));
        if let Some(place) = self.bad_places.iter().find(part) {
            out.add(Status::Fail, say!(win_program_shared_folder, place = place));
        } else if let Some(place) = self.user_places.iter().find(part) {
            let signed = matches!(out.started.signed, Some(Signed::Trusted(_)));
            let status = if signed { Status::Warn } else { Status::Fail };
            out.add(status, say!(win_program_user_folder, place = place));
        }
        let name = path.rsplit('\\').next().unwrap_or_default();
        let system = self.system_names.iter().any(|n| n.to_lowercase() == name);
        let usual = |p: &String| {
            let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
            matches(&plain(p), folder)
        };
        if system && !self.system_places.iter().any(usual) {
            out.add(Status::Fail, say!(win_program_system_name));
        }
        // `C:\x.exe:y` runs a stream; the colon of the drive is the second character.
        if path.get(2..).is_some_and(|rest| rest.contains(':')) {
            out.add(Status::Fail, say!(win_program_stream));
        }
    }

    fn script(&self, text: &str, path: &str, out: &mut Assessed) {
        let name = path.rsplit('\\').next().unwrap_or_default();
        let mut words = text.split(|c: char| " \"',;&|(\\/".contains(c));
        let mut hosts = self.script_hosts.iter().map(|h| h.to_lowercase());
        let host = hosts.any(|h| name.starts_with(&h) || words.any(|w| w.starts_with(&h)));
        let text = text.replace('\\', "/");
        let sign = |s: &&String| text.contains(&s.to_lowercase().replace('\\', "/"));
        if let Some(sign) = self.script_signs.iter().find(sign).filter(|_| host) {
            out.add(Status::Fail, say!(win_program_script, sign = sign.trim()));
        }
    }
}

/// What the program's file and signature say.
fn signed_program(out: &mut Assessed, found: &mut Findings) {
    let soft = if out.own { Status::Pass } else { Status::Warn };
    match &out.started.image {
        Image::File(_) => {
            let (status, why) = signature(out.started.signed.as_ref(), out.own);
            out.add(status, why);
        }
        Image::Missing(path) => {
            let why = say!(win_program_missing, path = path);
            out.add(soft, why);
        }
        Image::None => out.add(soft, say!(win_program_none)),
        Image::Unknown(gap) => found.gap(gap.clone()),
    }
}

/// What a signature says, and how it counts.
pub(super) fn signature(signed: Option<&Signed>, own: bool) -> (Status, Text) {
    let soft = if own { Status::Pass } else { Status::Warn };
    match signed {
        Some(Signed::Trusted(by)) => (
            Status::Pass,
            say!(win_program_signed, signer = by.to_string()),
        ),
        Some(Signed::Unanchored(by)) => {
            (soft, say!(win_program_unanchored, signer = by.to_string()))
        }
        Some(Signed::Bad(by)) => (
            Status::Fail,
            say!(win_program_modified, signer = by.clone()),
        ),
        Some(Signed::Unproven(why)) => (soft, say!(win_program_unproven, why = why.clone())),
        Some(Signed::None) => (soft, say!(win_program_unsigned)),
        None => (soft, say!(win_program_no_pe)),
    }
}
