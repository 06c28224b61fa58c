//! Judges one service: does it start by itself, and is what it starts there?

use crate::evidence::files::Executable;
use crate::evidence::windows::{Hindrance, Hindrances, Image, Service, Services, Signed};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::first_boot::{Act, act_on};
use crate::policy::checks::windows::matches;
use crate::policy::checks::windows::programs::signature;
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// How far a service is from running after the next boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::policy::checks::windows) enum State {
    /// It starts automatically, and its program is there.
    Good,
    /// Its program is there, and it starts when somebody asks for it.
    Manual,
    /// It can't start.
    Bad,
}

/// A judged service with its evidence.
pub(in crate::policy::checks::windows) struct Judged {
    /// By its start type and its DeleteFlag.
    pub(in crate::policy::checks::windows) start: State,
    /// By its program alone: good or bad. What can't be told is in the gaps.
    pub(in crate::policy::checks::windows) file: State,
    /// The path of the program in the guest (`C:/WinAgent/WinAgent.exe`), where it is there.
    pub(in crate::policy::checks::windows) program: Option<String>,
    /// By what stands against its start, besides its start type and its program.
    pub(in crate::policy::checks::windows) hindered: State,
    /// What each finding makes of the service, and what mends it.
    items: Vec<(State, Item, Option<Text>)>,
    /// What of its start can't be told.
    doubts: Vec<Item>,
    gaps: Vec<Gap>,
}

impl Judged {
    /// The worst of all.
    pub(in crate::policy::checks::windows) fn state(&self) -> State {
        self.start.max(self.file).max(self.hindered)
    }

    /// Files the evidence, each item as `weigh` counts its state.
    pub(in crate::policy::checks::windows) fn file(
        self,
        found: &mut Findings,
        weigh: impl Fn(State) -> Status,
    ) {
        for (state, item, fix) in self.items {
            let status = weigh(state);
            found.add(status, item);
            if let Some(fix) = fix.filter(|_| status != Status::Pass) {
                found.fix(fix);
            }
        }
        for doubt in self.doubts {
            found.unknown(doubt);
        }
        found.gaps(self.gaps);
    }

    fn good(&mut self, item: Item) {
        self.items.push((State::Good, item, None));
    }

    fn bad(&mut self, item: Item, fix: Text) {
        self.items.push((State::Bad, item, Some(fix)));
    }
}

/// The service of that name.
pub(in crate::policy::checks::windows) fn named<'s>(
    services: &'s Services,
    name: &str,
) -> Option<&'s Service> {
    let mut all = services.items.iter();
    all.find(|s| s.name.eq_ignore_ascii_case(name))
}

/// Which control set was looked at.
pub(in crate::policy::checks::windows) fn control_set(services: &Services) -> Item {
    let set = &services.control_set;
    let note = match set.current {
        Some(current) if current != set.number => say!(
            win_control_set_changes,
            name = set.name.as_str(),
            next = set.number,
            last = current
        ),
        _ => say!(win_control_set, name = set.name.as_str()),
    };
    Item::at(services.at.clone(), note)
}

/// A start type with its name.
fn start_type(start: u32) -> Text {
    say!(win_service_start_type, start = start)
}

/// Judges `service`.
pub(in crate::policy::checks::windows) fn judge(
    context: &Context<'_>,
    service: &Service,
) -> Judged {
    let name = service.name.as_str();
    let mut out = Judged {
        start: State::Good,
        file: State::Good,
        program: None,
        hindered: State::Good,
        items: Vec::new(),
        doubts: Vec::new(),
        gaps: service.gaps.clone(),
    };
    start(service, &mut out);
    if let Some(flag) = &service.delete_flag {
        out.start = State::Bad;
        let item = Item::at(flag.at.clone(), say!(win_service_deleted, service = name));
        out.bad(
            item.compare(
                say!(win_value_absent),
                Text::verbatim(flag.fact.to_string()),
            ),
            say!(win_service_fix_install, service = name),
        );
    }
    if service.is_driver() {
        out.start = State::Bad;
        let kind = service.kind.map_or_else(String::new, |k| format!("{k:#x}"));
        let item = Item::at(service.at.clone(), say!(win_service_driver, service = name));
        out.bad(
            item.compare(
                say!(win_one_of, values = vec!["0x10", "0x20"]),
                Text::verbatim(kind),
            ),
            say!(win_service_fix_type, service = name),
        );
    }
    program(context, service, &mut out);
    hindrances(context, service, &mut out);
    scripts(context, service, &mut out);
    out
}

/// What commands of the first start do to the service: the last one counts, and one that need not
/// run mends nothing.
fn scripts(context: &Context<'_>, service: &Service, out: &mut Judged) {
    let mut against = Vec::new();
    for command in &context.evidence.windows.first_boot().items {
        match act_on(context, &command.fact, service) {
            Some(Act::Disables) => against.push(command),
            Some(Act::Enables) if command.fact.certain => against.clear(),
            _ => {}
        }
    }
    for command in against {
        let name = service.name.as_str();
        let item = Item::at(command.at.clone(), say!(win_service_script, service = name));
        let shown = Text::verbatim(command.fact.text.chars().take(300).collect::<String>());
        out.hindered = State::Bad;
        out.bad(
            item.compare(say!(win_none), shown),
            say!(win_first_look, place = command.at.to_string()),
        );
    }
}

/// What stands against the start of a service, in one line.
fn hindrance(it: Hindrance) -> Item {
    let note = match it.error {
        Some(error) => say!(win_service_hindered, why = it.why, error = error),
        None => it.why,
    };
    Item::at(it.at, note)
}

fn hindrances(context: &Context<'_>, service: &Service, out: &mut Judged) {
    let found = match context.evidence.windows.hindrances(service) {
        Ok(found) => found,
        Err(gap) => return out.gaps.push(gap),
    };
    for it in found.certain {
        out.hindered = State::Bad;
        let fix = say!(win_service_fix_hindered, service = service.name.as_str());
        out.bad(hindrance(it), fix);
    }
    out.doubts.extend(found.doubts.into_iter().map(hindrance));
    let new = found.gaps.into_iter();
    let new: Vec<Gap> = new.filter(|gap| !out.gaps.contains(gap)).collect();
    out.gaps.extend(new);
}

/// Files what stands against the start of `service`, each as `effect`, for checks that ask for no
/// more of it.
pub(in crate::policy::checks::windows) fn startable(
    context: &Context<'_>,
    service: &Service,
    effect: Status,
    found: &mut Findings,
) {
    let read = match context.evidence.windows.hindrances(service) {
        Ok(read) => read,
        Err(gap) => return found.gap(gap),
    };
    for it in read.certain {
        found.add(effect, hindrance(it));
        if effect != Status::Pass {
            found.fix(say!(
                win_service_fix_hindered,
                service = service.name.as_str()
            ));
        }
    }
    for it in read.doubts {
        found.unknown(hindrance(it));
    }
    found.gaps(read.gaps);
}

/// Files what stands against a program that a service starts in turn.
pub(super) fn helper(read: Result<Hindrances, Gap>, found: &mut Findings) {
    match read {
        Ok(read) => {
            for it in read.certain.into_iter().chain(read.doubts) {
                found.unknown(hindrance(it));
            }
            found.gaps(read.gaps);
        }
        Err(gap) => found.gap(gap),
    }
}

/// Files the arguments of `service` behind its program, the file `program`, where they match none of
/// `usual`.
pub(super) fn arguments(service: &Service, program: &str, usual: &[String], found: &mut Findings) {
    let Some(path) = &service.image_path else {
        return;
    };
    let file = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let lower = path.fact.to_ascii_lowercase();
    let end = lower
        .rfind(&file.to_ascii_lowercase())
        .map(|at| at.saturating_add(file.len()));
    // Another form of its name (a short one, or without its ending) ends where a word does.
    let rest = match end.and_then(|end| path.fact.get(end..)) {
        Some(rest) => rest,
        None => path.fact.split_once(' ').map_or("", |(_, rest)| rest),
    };
    let rest = rest.trim_start_matches('"').trim();
    if rest.is_empty() || usual.iter().any(|p| matches(p, rest)) {
        return;
    }
    let note = say!(win_agent_arguments, service = service.name.as_str());
    let item = Item::at(path.at.clone(), note);
    found.unknown(item.compare(say!(win_none), Text::verbatim(rest)));
    found.fix(say!(
        win_service_fix_install,
        service = service.name.as_str()
    ));
}

/// Files the programs and libraries in the folder of an agent's `program` that nobody vouches for: it
/// loads and starts them by their names.
pub(super) fn beside(context: &Context<'_>, program: &str, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let program = program.replace('/', "\\");
    let Some((folder, _)) = program.rsplit_once('\\') else {
        return;
    };
    if folder.eq_ignore_ascii_case(&windows.roots().windows) {
        return;
    }
    for file in found.keep(windows.find(&format!(r"{folder}\*"))) {
        let path = file.at.path.clone().unwrap_or_default();
        let own = path.replace('/', "\\").eq_ignore_ascii_case(&program);
        if own || file.fact.kind != FileKind::Regular {
            continue;
        }
        let (image, signed) = windows.signed_file(&path);
        let at = match image {
            Image::File(file) => file.at,
            Image::Unknown(gap) => {
                found.gap(gap);
                continue;
            }
            Image::Missing(_) | Image::None => continue,
        };
        let (status, why) = signature(signed.as_ref());
        // Without a signature's word on it it is no program.
        if signed.is_none() || status == Status::Pass {
            continue;
        }
        let baseline = context.evidence.references.baseline;
        let sha256 = at.sha256.as_deref().unwrap_or_default();
        if baseline.is_some_and(|b| b.by_digest(sha256).is_some()) {
            continue;
        }
        found.unknown(Item::at(at, say!(win_agent_beside, why = why)));
    }
}

/// Holds `service`, which is one of Windows' own in svchost.exe with the library `file` of System32,
/// to that: another program or library in its place, or one that nobody vouches for, is of `effect`.
pub(in crate::policy::checks::windows) fn is_windows_own(
    context: &Context<'_>,
    service: &Service,
    file: &str,
    note: &Text,
    effect: Status,
    found: &mut Findings,
) {
    let windows = &context.evidence.windows;
    let roots = windows.roots();
    let system = format!(r"{}\System32", roots.windows);
    let plain = |text: &str| {
        let text = expand(text.trim(), &roots, &[]).replace('/', "\\");
        text.trim_matches('"').to_lowercase()
    };
    let parts = [
        (&service.image_path, "svchost.exe"),
        (&service.service_dll, file),
    ];
    for (part, file) in parts {
        let Some(part) = part else {
            continue;
        };
        let wanted = format!(r"{system}\{file}");
        let text = plain(&part.fact);
        let program = text.strip_prefix(&wanted.to_lowercase());
        let right = program.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '"']));
        if !right {
            let item = Item::at(part.at.clone(), note.clone());
            let item = item.compare(Text::verbatim(wanted), Text::verbatim(&part.fact));
            found.add(effect, item);
            continue;
        }
        if file == "svchost.exe" {
            continue;
        }
        let (image, signed) = windows.signed_file(&wanted);
        let status = match (&image, &signed) {
            (Image::File(_), Some(Signed::Trusted(_))) => continue,
            (Image::File(_), Some(Signed::Bad(_) | Signed::None) | None) => effect,
            (Image::File(_), _) => Status::Unknown,
            // Without its library the service does not start.
            (Image::Missing(_), _) => effect,
            (Image::Unknown(gap), _) => {
                found.gap(gap.clone());
                continue;
            }
            (Image::None, _) => continue,
        };
        let item = Item::at(part.at.clone(), note.clone());
        found.add(
            status,
            item.compare(say!(win_cap_001_signed), Text::verbatim(&part.fact)),
        );
    }
}

fn start(service: &Service, out: &mut Judged) {
    let written = service
        .last_written
        .map_or_else(|| say!(win_time_unknown), |t| Text::verbatim(t.to_string()));
    let (at, found) = match &service.start {
        Some(start) => (start.at.clone(), start_type(start.fact)),
        None => {
            let value = Some("Start".into());
            let at = Location {
                value,
                ..service.at.clone()
            };
            (at, say!(win_service_no_start))
        }
    };
    let name = service.name.as_str();
    let note = if service.delayed {
        say!(win_service_start_delayed, service = name, written = written)
    } else {
        say!(win_service_start, service = name, written = written)
    };
    out.start = match service.start.as_ref().map(|s| s.fact) {
        Some(2) => State::Good,
        Some(3) => State::Manual,
        // A value that can't be read is a gap, and no start type.
        None if !service.gaps.is_empty() => State::Good,
        _ => State::Bad,
    };
    let item = Item::at(at, note).compare(start_type(2), found);
    let fix = say!(win_service_fix_start, service = name);
    out.items.push((out.start, item, Some(fix)));
}

fn program(context: &Context<'_>, service: &Service, out: &mut Judged) {
    let name = service.name.as_str();
    let path_at = match &service.image_path {
        Some(path) => path.at.clone(),
        None => Location {
            value: Some("ImagePath".into()),
            ..service.at.clone()
        },
    };
    let fix = || say!(win_service_fix_install, service = name);
    match context.evidence.windows.image(service) {
        Image::File(file) => {
            let architecture = context.evidence.guest.os.architecture.as_deref();
            let (runs, kind) = match file.executable {
                Some(Executable::Pe { machine }) => (
                    runs_on(machine, architecture),
                    say!(win_service_pe, machine = format!("{machine:#06x}")),
                ),
                Some(Executable::Elf { .. }) => (false, Text::verbatim("ELF")),
                Some(Executable::Script) | None => (false, say!(win_service_no_pe)),
            };
            out.program = file.at.path.clone();
            let size = file.metadata.size;
            let wanted = match architecture {
                Some(architecture) => say!(win_service_pe_for, architecture = architecture),
                None => say!(win_service_any_pe),
            };
            let fault = file.at.path.as_deref().filter(|_| runs);
            let fault = fault.map(|path| context.evidence.files.no_program(path));
            let fault = fault.transpose().unwrap_or_else(|gap| {
                out.gaps.push(gap);
                None
            });
            let (runs, kind) = match fault.flatten() {
                Some(fault) => (false, fault),
                None => (runs, kind),
            };
            let note = say!(win_service_program, service = name, size = size);
            let item = Item::at(file.at, note).compare(wanted, kind);
            if runs {
                out.good(item);
            } else {
                out.file = State::Bad;
                out.bad(item, fix());
            }
        }
        Image::Missing(path) => {
            out.file = State::Bad;
            let item = Item::at(path_at, say!(win_service_program_missing, service = name));
            out.bad(
                item.compare(Text::verbatim(path), say!(win_file_absent)),
                fix(),
            );
        }
        Image::None if !service.gaps.is_empty() => {}
        Image::None => {
            out.file = State::Bad;
            let item = Item::at(path_at, say!(win_service_no_program, service = name));
            out.bad(
                item.compare(say!(win_service_a_path), say!(win_nothing)),
                fix(),
            );
        }
        Image::Unknown(gap) => out.gaps.push(gap),
    }
}

/// True where Windows of `architecture` runs programs for `machine` of the COFF header.
fn runs_on(machine: u16, architecture: Option<&str>) -> bool {
    const X86: u16 = 0x014C;
    const X64: u16 = 0x8664;
    const ARM64: u16 = 0xAA64;
    match architecture {
        Some("x86") => machine == X86,
        Some("x86_64") => matches!(machine, X86 | X64),
        Some("aarch64") => matches!(machine, X86 | X64 | ARM64),
        _ => matches!(machine, X86 | X64 | ARM64),
    }
}
