//! Judges what runs by itself at the first start: commands of the setup's scripts and of answer
//! files, and what scripts run in turn.
//!
//! A command is silent where all of it is understood and harms nobody; a known attack fails; of
//! everything else it can't be told.

mod answers;
mod cmdlets;
mod deeds;
mod features;
mod files;
mod firewall;
mod forms;
mod network;
mod power;
mod registry;
mod remote;
mod services;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::evidence::Found;
use crate::evidence::windows::{
    FirstCommand, Image, Language, Occasion, Signed, batch_inline, waits,
};
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::programs::signature;
use crate::policy::{Context, Item, Status};
use crate::text::Text;

pub(super) use services::{Act, act_on};

/// Characters of a command that are shown.
const SHOWN: usize = 300;
/// Programs that only pass on what a pipe brings.
const PASSING_ON: [&str; 5] = ["clip", "find", "findstr", "more", "sort"];

/// What a command does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// All of it is understood, and harms nobody.
    Harmless,
    /// It is understood; another way would be better.
    Advised(Text),
    /// It can't be told.
    Unclear(Text),
    /// A known attack.
    Hostile(Text),
}

impl Deed {
    /// The worse of both.
    fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Hostile(_), _) | (_, Self::Harmless) => self,
            (_, Self::Hostile(_)) | (Self::Harmless | Self::Advised(_), _) => other,
            _ => self,
        }
    }
}

fn unclear() -> Deed {
    Deed::Unclear(say!(win_first_unclear))
}

/// A command with its variables replaced, as words.
struct Command<'c> {
    context: &'c Context<'c>,
    /// The whole of it.
    text: String,
    /// The same in lower case.
    lower: String,
    /// Its words in lower case, without quotation marks; the first is its name.
    words: Vec<String>,
    /// What it starts is listed behind it.
    followed: bool,
    /// It starts a script that is not there.
    missing: Option<String>,
    /// It runs once, at the first start; others run for as long as the system is used.
    is_once: bool,
}

impl<'c> Command<'c> {
    fn new(context: &'c Context<'c>, text: &str) -> Self {
        let roots = context.evidence.windows.roots();
        let text = expand(text.trim(), &roots, &[]);
        let lower = text.to_lowercase();
        let words = crate::evidence::windows::batch_words(&lower);
        Self {
            context,
            text,
            lower,
            words,
            followed: false,
            missing: None,
            is_once: true,
        }
    }

    /// A command that stands in this one, or that this one stands for.
    fn inner(&self, text: &str) -> Self {
        Self {
            is_once: self.is_once,
            ..Self::new(self.context, text)
        }
    }

    /// The name of its program in lower case, without path and `.exe`.
    fn name(&self) -> String {
        crate::evidence::windows::batch_name(&self.text)
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// The words behind the first `skip` ones.
    fn rest(&self, skip: usize) -> &[String] {
        self.words.get(skip..).unwrap_or_default()
    }

    fn has(&self, part: &str) -> bool {
        self.lower.contains(part)
    }
}

/// What `command` does.
pub(super) fn judge(context: &Context<'_>, command: &FirstCommand) -> Deed {
    let one = Command {
        followed: command.followed,
        missing: command.missing.clone(),
        ..Command::new(context, &command.carried_out())
    };
    let done = match command.language {
        Language::Command => deeds::of(&one),
        Language::PowerShell => power::of(&one),
    };
    let mut out = done;
    for path in &command.writes {
        out = out.or(files::written(&one, path));
    }
    if waits(&one.name(), &one.words).is_some() {
        out = out.or(deeds::wait(Some(command.waited)));
    }
    if let (Some(path), Deed::Unclear(_)) = (&command.instead, &out) {
        out = Deed::Unclear(say!(win_first_instead, path = path));
    }
    if !command.is_last && restarts(&one) {
        out = out.or(Deed::Unclear(say!(win_first_restarts)));
    }
    // What a pipe brings may be commands.
    if command.piped
        && !PASSING_ON.contains(&one.name().as_str())
        && command.language == Language::Command
    {
        out = out.or(unclear());
    }
    for path in &command.reads {
        let nothing = ["nul", "con"].contains(&path.to_ascii_lowercase().as_str());
        if !nothing {
            out = out.or(unclear());
        }
    }
    out
}

/// True for a command that restarts the machine, or switches it off.
fn restarts(it: &Command<'_>) -> bool {
    let ends = ["shutdown", "restart-computer", "stop-computer"];
    ends.contains(&it.name().as_str()) && !it.words.iter().any(|w| w == "/a" || w == "-a")
}

/// Files what the commands do that `found` lists; those that harm nobody are not told.
pub(super) fn tell(
    context: &Context<'_>,
    commands: &[Found<FirstCommand>],
    findings: &mut Findings,
) {
    for command in commands {
        let deed = judge(context, &command.fact);
        let (status, why) = match deed {
            Deed::Harmless => continue,
            Deed::Advised(why) => (Status::Warn, why),
            Deed::Unclear(why) => (Status::Unknown, why),
            Deed::Hostile(why) => (Status::Fail, why),
        };
        let source = command.fact.source.as_str();
        let note = say!(win_first_command, source = source, why = why);
        let shown: String = command.fact.text.chars().take(SHOWN).collect();
        let item = Item::at(command.at.clone(), note);
        let item = item.compare(say!(win_first_wanted), Text::verbatim(shown));
        findings.add(status, item);
        let place = command.at.to_string();
        findings.fix(say!(win_first_look, place = place));
    }
}

/// What the command `text` of something that runs on `occasion` does: what harms nobody once may
/// harm where it is done again and again.
pub(super) fn deed(
    context: &Context<'_>,
    text: &str,
    language: Language,
    occasion: Occasion,
) -> Deed {
    let one = |text: &str| Command {
        is_once: occasion == Occasion::FirstBoot,
        ..Command::new(context, text)
    };
    if language == Language::PowerShell {
        return power::of(&one(text));
    }
    let script = batch_inline(text);
    let mut out = match script.doubts.is_empty() {
        true => Deed::Harmless,
        false => unclear(),
    };
    for line in &script.commands {
        let command = one(&line.text);
        out = out.or(deeds::of(&command));
        for path in &line.writes {
            out = out.or(files::written(&command, path));
        }
        if line.piped && !PASSING_ON.contains(&command.name().as_str()) {
            out = out.or(unclear());
        }
        if !line.reads.is_empty() {
            out = out.or(unclear());
        }
    }
    out
}

/// Libraries of sysprep's passes, which have to be Windows' own.
pub(super) fn modules(context: &Context<'_>, findings: &mut Findings) {
    let windows = &context.evidence.windows;
    let mut seen = BTreeSet::new();
    for module in findings.keep(windows.setup_modules()) {
        let it = &module.fact;
        let roots = windows.roots();
        let path = expand(&it.path, &roots, &[]);
        let path = match path.contains(['\\', '/']) {
            true => path,
            false => format!(r"{}\System32\{path}", roots.windows),
        };
        if !seen.insert(path.to_lowercase()) {
            continue;
        }
        let (image, signed) = windows.signed_file(&path);
        match image {
            Image::File(_) => {}
            Image::Unknown(gap) => {
                findings.gap(gap);
                continue;
            }
            // What is not there is not loaded.
            Image::Missing(_) | Image::None => continue,
        }
        let (status, why) = signature(signed.as_ref());
        if status == Status::Pass && !matches!(signed, Some(Signed::Renamed(..))) {
            continue;
        }
        let note = say!(win_first_module, source = it.source.as_str(), why = why);
        let item = Item::at(module.at.clone(), note);
        let item = item.compare(say!(win_first_own_module), Text::verbatim(&it.path));
        if status == Status::Fail {
            findings.fail(item);
        } else {
            findings.unknown(item);
        }
        let place = module.at.to_string();
        findings.fix(say!(win_first_look, place = place));
    }
}
