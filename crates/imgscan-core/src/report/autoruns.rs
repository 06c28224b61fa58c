//! The document of `imgscan autoruns`, and its form for people.

use serde::Serialize;

use super::declaration::{self, DeclarationReport};
use super::document::{GuestSummary, ImageId, PolicyId, Tool};
use super::text::Page;
use super::words::Words;
use crate::evidence::windows::{
    Account, CLASS_OF_MACHINE, Executed, Execution, Occasion, ProgramFile, Role, Runs, Signed,
    SignedBy, Subject,
};
use crate::evidence::{Found, Gap, Location};
use crate::policy::{Judgement, Status};
use crate::text::{Lang, Text};

/// Longer texts are cut on the page; the JSON has all of them. In characters.
const MAX_SHOWN: usize = 500;

/// What runs by itself on an image's systems.
#[derive(Debug, Clone, Serialize)]
pub struct AutorunsReport {
    /// `imgscan-autoruns/1`.
    pub schema: &'static str,
    /// What wrote it.
    pub tool: Tool,
    /// By whose policy it is judged.
    pub policy: PolicyId,
    /// The vendor's declaration and what it did, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<DeclarationReport>,
    /// Which image.
    pub image: ImageId,
    /// The revision of the pinned certificates.
    pub trust: &'static str,
    /// Its systems, in the order of the volumes.
    pub guests: Vec<GuestAutoruns>,
    /// What could not be read, sorted.
    pub gaps: Vec<Gap>,
    /// What is unusual, but took nothing from the reading; and what this version does not list.
    pub notices: Vec<Gap>,
}

/// A system, and what runs by itself on it.
#[derive(Debug, Clone, Serialize)]
pub struct GuestAutoruns {
    /// Which.
    #[serde(flatten)]
    pub summary: GuestSummary,
    /// How many entries count as what, also of those that are left out.
    pub counts: AutorunCounts,
    /// The entries: those that are not explained first, the worst of them first. Classes of the machine
    /// that are explained are only counted.
    pub entries: Vec<Autorun>,
}

/// How many entries count as what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AutorunCounts {
    /// Known forms of attack, and what only Windows' own may be.
    pub fail: usize,
    /// Not explained, or not to be told.
    pub unknown: usize,
    /// What is not there.
    pub warn: usize,
    /// Explained.
    pub explained: usize,
}

/// An entry of what runs by itself.
#[derive(Debug, Clone, Serialize)]
pub struct Autorun {
    /// What it is of.
    pub subject: Subject,
    /// The kind of place (`Run`, `Winlogon`), or `service`, `task`.
    pub kind: String,
    /// The name of the value, service, task or file.
    pub name: String,
    /// Where it stands.
    pub at: Location,
    /// When it runs.
    pub occasion: Occasion,
    /// As whom.
    pub account: Account,
    /// What stands there.
    pub command: String,
    /// `pass` where all of it is explained.
    pub status: Status,
    /// Why it is not explained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Text>,
    /// What explains what is explained of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Text>,
    /// What runs: first what Windows itself starts, then what that carries.
    pub parts: Vec<AutorunPart>,
}

/// Something that an entry runs or loads.
#[derive(Debug, Clone, Serialize)]
pub struct AutorunPart {
    /// What it is.
    pub role: Role,
    /// How it is named, variables replaced.
    pub named: String,
    /// The part that runs it, by its index; absent for what Windows itself starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carried_by: Option<usize>,
    /// What it leads to.
    pub leads_to: LeadsTo,
    /// The file, with its SHA-256 where it was read whole; or the place where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// What the file's signature says, where it is a PE file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureWord>,
    /// The common name of the signer's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// SHA-256 of the signer's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer_sha256: Option<String>,
    /// The catalog that lists the file, where the signature is the catalog's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    /// The name that its version resource gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    /// Why what it leads to can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}

/// What a part leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadsTo {
    /// A file of the image.
    File,
    /// A path at which there is no file, or a class that is not registered.
    Missing,
    /// It is complete as it stands.
    Inline,
    /// That can't be told.
    Unknown,
}

/// What a signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureWord {
    /// Valid, and a pinned certificate vouches for the signer.
    Trusted,
    /// Valid and vouched for, but of a file of another name.
    Renamed,
    /// Valid, but no pinned certificate vouches for the signer.
    Unanchored,
    /// Not of this file.
    Bad,
    /// There is none, and no catalog lists the file.
    None,
    /// That can't be told.
    Unproven,
}

impl GuestAutoruns {
    /// The system `summary` with the entries as they were judged.
    pub(crate) fn new(summary: GuestSummary, judged: &[Judgement<'_>]) -> Self {
        let mut counts = AutorunCounts::default();
        for judgement in judged {
            let count = match judgement.status {
                Status::Fail | Status::Error => &mut counts.fail,
                Status::Unknown => &mut counts.unknown,
                Status::Warn => &mut counts.warn,
                _ => &mut counts.explained,
            };
            *count = count.saturating_add(1);
        }
        // Thousands of classes that are explained are counted only.
        let listed = judged.iter().filter(|judgement| {
            let kind = &judgement.entry.fact.kind;
            judgement.status != Status::Pass || kind != CLASS_OF_MACHINE
        });
        let mut entries: Vec<Autorun> = listed.map(Autorun::of).collect();
        entries.sort_by_key(|entry| {
            let status = std::cmp::Reverse(entry.status.rank());
            (status, order(entry.occasion))
        });
        Self {
            summary,
            counts,
            entries,
        }
    }
}

impl AutorunsReport {
    /// Leaves out what is explained; it is still counted.
    pub fn leave_out_explained(&mut self) {
        for guest in &mut self.guests {
            guest.entries.retain(|e| !e.is_explained());
        }
    }
}

/// What runs earlier is told earlier.
fn order(occasion: Occasion) -> u8 {
    match occasion {
        Occasion::Boot | Occasion::FirstBoot => 0,
        Occasion::Logon => 1,
        Occasion::Schedule => 2,
        Occasion::Demand => 3,
        Occasion::Dormant => 4,
    }
}

impl Autorun {
    fn of(judgement: &Judgement<'_>) -> Self {
        let Found { fact, at } = judgement.entry;
        let Execution {
            subject,
            kind,
            name,
            occasion,
            account,
            command,
            is_listed: _,
            parts,
            ..
        } = fact;
        Self {
            subject: *subject,
            kind: kind.clone(),
            name: name.clone(),
            at: at.clone(),
            occasion: *occasion,
            account: account.clone(),
            command: command.clone(),
            status: judgement.status,
            why: match judgement.status {
                Status::Pass => Vec::new(),
                _ => judgement.why.clone(),
            },
            by: judgement.by.clone(),
            parts: parts.iter().map(AutorunPart::of).collect(),
        }
    }

    /// True where all of it is explained.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        self.status == Status::Pass
    }
}

impl AutorunPart {
    fn of(part: &Executed) -> Self {
        let mut out = Self {
            role: part.role,
            named: part.named.clone(),
            carried_by: part.carried_by,
            leads_to: LeadsTo::Inline,
            at: None,
            signature: None,
            signer: None,
            signer_sha256: None,
            catalog: None,
            original: None,
            gap: None,
        };
        match &part.target {
            Runs::File(file) => out.file(file),
            Runs::Missing(path) => {
                out.leads_to = LeadsTo::Missing;
                out.at = Some(Location::of_path(path.replace('\\', "/")));
            }
            Runs::Inline => {}
            Runs::Unknown(gap) => {
                out.leads_to = LeadsTo::Unknown;
                out.gap = Some(gap.clone());
            }
        }
        out
    }

    fn file(&mut self, of: &ProgramFile) {
        self.leads_to = LeadsTo::File;
        self.at = Some(of.file.at.clone());
        self.original.clone_from(&of.original);
        let (word, by): (SignatureWord, Option<&SignedBy>) = match &of.signed {
            Some(Signed::Trusted(by)) => (SignatureWord::Trusted, Some(by)),
            Some(Signed::Renamed(by, _)) => (SignatureWord::Renamed, Some(by)),
            Some(Signed::Unanchored(by)) => (SignatureWord::Unanchored, Some(by)),
            Some(Signed::Bad(_)) => (SignatureWord::Bad, None),
            Some(Signed::None) => (SignatureWord::None, None),
            Some(Signed::Unproven(_)) => (SignatureWord::Unproven, None),
            None => return,
        };
        self.signature = Some(word);
        self.signer = by.map(|by| by.name.clone());
        self.signer_sha256 = by.and_then(|by| by.sha256.clone());
        self.catalog = by.and_then(|by| by.catalog.clone());
    }
}

/// The document for people: what is not explained in full, the rest in short.
#[must_use]
pub fn autoruns_text(report: &AutorunsReport, lang: Lang) -> String {
    let mut page = Page::new(lang);
    let words = Words::of(lang);
    page.field(0, &words.image, &report.image.path);
    let policy = format!("{} {}", report.policy.id, report.policy.revision);
    let policy = words.brackets(policy, report.policy.title.get(lang));
    page.field(0, &words.policy, &policy);
    if let Some(declaration) = &report.declaration {
        declaration::head(&mut page, &words, declaration);
    }
    if report.guests.is_empty() {
        page.field(0, &words.system, &words.unknown_system);
    }
    for guest in &report.guests {
        system(&mut page, &words, guest);
    }
    if let Some(declaration) = &report.declaration {
        declaration::section(&mut page, &words, declaration);
    }
    page.gaps(&words.gaps, &report.gaps);
    page.gaps(&words.notices, &report.notices);
    page.finish()
}

fn system(page: &mut Page, words: &Words, guest: &GuestAutoruns) {
    let say = |text: Text| words.say(&text);
    page.blank();
    super::text::system(page, &guest.summary);
    let AutorunCounts {
        fail,
        unknown,
        warn,
        explained,
    } = guest.counts;
    let counts = [
        (Status::Fail, fail),
        (Status::Unknown, unknown),
        (Status::Warn, warn),
    ];
    let mut parts: Vec<String> = counts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(status, n)| format!("{n} {}", words.status(*status)))
        .collect();
    if !parts.is_empty() || explained > 0 {
        parts.push(say(say!(autoruns_count_explained, count = explained)));
        page.field(0, &say(say!(autoruns_entries)), &words.list(parts));
    }
    let of = |explained| {
        guest
            .entries
            .iter()
            .filter(move |e| e.is_explained() == explained)
    };
    if of(false).next().is_some() {
        page.blank();
        let title = say(say!(autoruns_unexplained));
        page.line(0, &words.heading(&title, of(false).count()));
        for entry in of(false) {
            in_full(page, words, entry);
        }
    }
    if of(true).next().is_some() {
        page.blank();
        let title = say(say!(autoruns_explained));
        page.line(0, &words.heading(&title, of(true).count()));
        for entry in of(true) {
            in_short(page, words, entry);
        }
    }
}

fn in_full(page: &mut Page, words: &Words, entry: &Autorun) {
    let say = |text: Text| words.say(&text);
    let head = say!(
        autoruns_entry,
        status = words.status(entry.status),
        kind = entry.kind.as_str(),
        name = entry.name.as_str(),
        occasion = occasion(entry.occasion),
        account = account(&entry.account)
    );
    page.line(2, &say(head));
    for why in &entry.why {
        page.field(6, &words.reason, &words.say(why));
    }
    page.field(6, &say(say!(autoruns_place)), &entry.at.to_string());
    if !entry.command.is_empty() {
        page.field(6, &say(say!(autoruns_text)), &shortened(&entry.command));
    }
    for (i, part) in entry.parts.iter().enumerate() {
        one_part(page, words, i, part);
    }
}

fn one_part(page: &mut Page, words: &Words, index: usize, part: &AutorunPart) {
    let mut told = vec![match (part.leads_to, &part.at) {
        (LeadsTo::File, Some(at)) => at.path.clone().unwrap_or_default(),
        (LeadsTo::Missing, Some(at)) => {
            let path = at.path.clone().unwrap_or_default();
            words.say(&say!(win_program_missing, path = path))
        }
        (LeadsTo::Unknown, _) => {
            let gap = part.gap.as_ref();
            let why = gap.map(|gap| words.say(&gap.reason)).unwrap_or_default();
            words.field(shortened(&part.named), why)
        }
        _ => shortened(&part.named),
    }];
    if let Some(by) = part.carried_by {
        told.push(words.say(&say!(autoruns_carried, part = by.saturating_add(1))));
    }
    let number = index.saturating_add(1);
    let name = words.say(&say!(
        autoruns_part,
        number = number,
        role = role(part.role)
    ));
    page.field(6, &name, &words.list(told));
    if let Some(sha256) = part.at.as_ref().and_then(|at| at.sha256.as_ref()) {
        page.field(10, &words.digest, sha256);
    }
    if let Some(signature) = part.signature {
        let said = words.say(&signature_text(signature));
        let said = match (&part.signer, &part.catalog) {
            (Some(signer), Some(catalog)) => {
                words.list(vec![said, signer.clone(), catalog.clone()])
            }
            (Some(signer), None) => words.list(vec![said, signer.clone()]),
            _ => said,
        };
        page.field(10, &words.say(&say!(autoruns_signature)), &said);
    }
}

fn in_short(page: &mut Page, words: &Words, entry: &Autorun) {
    let by = match entry.by.is_empty() {
        true => words.say(&say!(autoruns_nothing)),
        false => words.list(entry.by.iter().map(|by| words.say(by)).collect()),
    };
    let name = format!("{} {}", entry.kind, entry.name);
    let when = words.say(&occasion(entry.occasion));
    let line = words.field(words.brackets(name, when), by);
    page.line(2, &line);
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn occasion(when: Occasion) -> Text {
    match when {
        Occasion::Boot => say!(autoruns_at_boot),
        Occasion::FirstBoot => say!(autoruns_at_first_boot),
        Occasion::Logon => say!(autoruns_at_logon),
        Occasion::Schedule => say!(autoruns_by_schedule),
        Occasion::Demand => say!(autoruns_on_demand),
        Occasion::Dormant => say!(autoruns_dormant),
    }
}

fn account(who: &Account) -> Text {
    match who {
        Account::System => say!(autoruns_as_system),
        Account::User => say!(autoruns_as_user),
        Account::Named(name) => say!(autoruns_as_named, name = name),
    }
}

fn role(role: Role) -> Text {
    match role {
        Role::Program => say!(autoruns_role_program),
        Role::Library => say!(autoruns_role_library),
        Role::Script => say!(autoruns_role_script),
        Role::Class => say!(autoruns_role_class),
        Role::Code => say!(autoruns_role_code),
    }
}

fn signature_text(word: SignatureWord) -> Text {
    match word {
        SignatureWord::Trusted => say!(autoruns_signature_trusted),
        SignatureWord::Renamed => say!(autoruns_signature_renamed),
        SignatureWord::Unanchored => say!(autoruns_signature_unanchored),
        SignatureWord::Bad => say!(autoruns_signature_bad),
        SignatureWord::None => say!(autoruns_signature_none),
        SignatureWord::Unproven => say!(autoruns_signature_unproven),
    }
}
