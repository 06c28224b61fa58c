//! GRUB 2: its scripts run from the configuration that a loader reads to the entries that may
//! start by themselves, at the next boot and at those after it.

mod commands;
mod default;
mod env;
mod expand;
mod files;
#[cfg(test)]
mod honest;
mod machine;
mod menu;
mod outcome;
mod run;
mod test;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::rc::Rc;

use super::volumes::{Device, Volumes};
use super::{Entry, Menu};
use crate::evidence::{Found, Location};
use env::{Value, Variables};
use machine::{Choices, Machine, Saved, World};
use outcome::{Picture, evaluate};

/// Ways that conditions may take, of one script.
const MAX_RUNS: usize = 48;
/// Statements that all of them together may take.
const MAX_WORK: usize = 1_000_000;
/// What the run of an entry costs beside its statements.
const ENTRY_WORK: usize = 100;
/// States of the environment block that boots lead to.
const MAX_BOOTS: usize = 6;

/// A build of GRUB, as far as builds differ in what they read and start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// As its authors publish it.
    Upstream,
    /// Debian's and Ubuntu's signed image, with a configuration in its memory disk.
    Debian,
    /// The branch of Fedora and Red Hat.
    Fedora,
    Unknown,
}

impl Build {
    /// A number comes before names in `default` (rule 3.4b).
    fn counts_first(self) -> bool {
        self != Self::Fedora
    }

    /// Ids come first (rule 3.4c).
    fn names_first(self) -> bool {
        matches!(self, Self::Fedora | Self::Unknown)
    }

    /// The folder of the loader itself comes before the prefix (rule 3.1c).
    fn reads_fw_path(self) -> bool {
        matches!(self, Self::Fedora | Self::Unknown)
    }

    /// Its memory disk holds what Debian puts there (rule 3.1d).
    fn has_usual_memdisk(self) -> bool {
        self == Self::Debian
    }
}

/// What started GRUB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Efi,
    Bios,
    /// Any: no loader says which.
    Any,
}

impl Platform {
    /// How options of `search` call it.
    fn hint(self) -> &'static str {
        match self {
            Self::Efi => "efi",
            Self::Bios => "bios",
            Self::Any => "any",
        }
    }
}

/// What the configuration in the memory disk of Debian's signed image does: the order of rule 3.1d.
const DEBIAN_MEMORY_DISK: &str = r#"if [ -z "$prefix" -o ! -e "$prefix" ]; then
  if ! search --file --set=root /.disk/info; then search --file --set=root /.disk/mini-info; fi
  set prefix=($root)/boot/grub
fi
if [ -e $prefix/$grub_cpu-efi/grub.cfg ]; then source $prefix/$grub_cpu-efi/grub.cfg
elif [ -e $prefix/grub.cfg ]; then source $prefix/grub.cfg
else source $cmdpath/grub.cfg
fi
"#;

/// Where a GRUB begins.
#[derive(Debug, Clone)]
pub(super) struct Start {
    pub(super) build: Build,
    pub(super) platform: Platform,
    /// The processor, as UEFI calls it, where a loader tells.
    pub(super) arch: Option<&'static str>,
    /// The prefix that is built in, with its device; `None` where that is not known.
    pub(super) prefix: Option<String>,
    /// The folder of the loader, with its device.
    pub(super) folder: Option<String>,
    /// The commands that are built in.
    pub(super) embedded: Option<String>,
    /// The configuration that is read, where no loader tells which.
    pub(super) config: Option<(usize, String)>,
    /// Where the loader stands.
    pub(super) at: Location,
}

/// Names that GRUB gives a value at its start, whatever the build (`normal/main.c`).
const FEATURES: &[&str] = &[
    "200_final",
    "all_video_module",
    "chainloader_bpb",
    "default_font_path",
    "menuentry_id",
    "menuentry_options",
    "nativedisk_cmd",
    "ntldr",
    "platform_search_hint",
    "timeout_style",
];

/// What GRUB calls a processor.
fn cpu(arch: Option<&str>) -> Value {
    let name = match arch {
        Some("x64") => "x86_64",
        Some("aa64") => "arm64",
        Some("ia32") => "i386",
        Some("riscv64") => "riscv64",
        _ => return Value::Unknown,
    };
    Value::Known(name.into())
}

fn variables(start: &Start) -> Variables {
    let mut all = Variables::default();
    for feature in FEATURES {
        let name = format!("feature_{feature}");
        all.known(&name, "y");
        all.export(&name);
    }
    all.known("color_normal", "light-gray/black");
    all.known("color_highlight", "black/light-gray");
    all.known("pager", "");
    let (processor, platform) = match start.platform {
        Platform::Efi => (cpu(start.arch), Value::Known("efi".into())),
        Platform::Bios => (Value::Known("i386".into()), Value::Known("pc".into())),
        Platform::Any => (Value::Unknown, Value::Unknown),
    };
    all.set("grub_cpu", processor);
    all.set("grub_platform", platform);
    let of = |folder: &Option<String>| folder.clone().map_or(Value::Unknown, Value::Known);
    let device = start.prefix.as_deref().and_then(|p| {
        let inner = p.strip_prefix('(')?.split_once(')')?.0;
        Some(inner.to_owned())
    });
    all.set("root", device.map_or(Value::Unknown, Value::Known));
    all.set("prefix", of(&start.prefix));
    all.set("cmdpath", of(&start.folder));
    // A BIOS tells only the drive.
    let fw_path = match (&start.folder, start.platform) {
        (None, Platform::Bios) => Value::Known(String::new()),
        (folder, _) => of(folder),
    };
    all.set("fw_path", fw_path);
    for name in [
        "color_normal",
        "color_highlight",
        "grub_cpu",
        "grub_platform",
        "root",
        "prefix",
        "cmdpath",
        "fw_path",
        "pager",
    ] {
        all.export(name);
    }
    all
}

/// Runs `run` once for each way that the conditions in it may take; false where there are more
/// ways than are followed.
fn explore<T>(most: usize, mut run: impl FnMut(Choices) -> (Choices, T)) -> (Vec<T>, bool) {
    let mut todo = vec![Vec::new()];
    let mut done = Vec::new();
    while let Some(given) = todo.pop() {
        if done.len() >= most {
            return (done, false);
        }
        let known = given.len();
        let (choices, found) = run(Choices {
            given,
            taken: Vec::new(),
        });
        done.push(found);
        let ways: Vec<usize> = choices.taken.iter().map(|t| t.1).collect();
        for (i, (count, way, _)) in choices.taken.iter().enumerate().skip(known) {
            for other in (0..*count).filter(|w| w != way) {
                if todo.len() <= most {
                    todo.push([&ways[..i], &[other]].concat());
                }
            }
        }
    }
    (done, true)
}

/// The menu that GRUB shows, run from its start, and which entries may start by themselves.
pub(super) fn menu(volumes: &Volumes<'_>, start: &Start) -> Menu {
    let world = World {
        budget: Cell::new(MAX_WORK),
        volumes,
        build: start.build,
        platform: start.platform,
    };
    let mut menu = Menu {
        config: start.at.clone(),
        ..Menu::default()
    };
    let mut states = vec![Saved::default()];
    let mut at = 0;
    while let Some(state) = states.get(at).cloned() {
        if at >= MAX_BOOTS {
            menu.doubt(say!(boot_default_changes), menu.config.clone());
            break;
        }
        let (pictures, whole) = explore(MAX_RUNS, |choices| {
            let mut machine = Machine::new(&world, variables(start), state.clone());
            machine.choices = choices;
            begin(&mut machine, start);
            let choices = machine.choices.clone();
            (choices, evaluate(machine))
        });
        if !whole {
            menu.doubt(say!(boot_script_paths), menu.config.clone());
        }
        let defaults = take(volumes, &mut menu, pictures, &mut states);
        if at == 0 {
            menu.first = defaults;
        } else {
            menu.later.extend(defaults);
        }
        at += 1;
    }
    menu.settle();
    menu
}

/// The built-in commands, then `normal` (rules 3.1a to 3.1c); or a configuration as it stands.
fn begin(machine: &mut Machine<'_>, start: &Start) {
    if let Some((volume, path)) = &start.config {
        machine.run_config(*volume, path);
        return;
    }
    if let Some(text) = &start.embedded {
        machine.made_at = Some(start.at.clone());
        machine.run_text(0, text);
        machine.made_at = None;
    }
    if machine.flow == machine::Flow::On {
        machine.made_at = Some(start.at.clone());
        machine.run_text(0, "normal");
        machine.made_at = None;
    }
}

/// Adds what the ways of one boot show to the menu; gives the entries that may start by
/// themselves. Ways that end differently are a doubt at each condition on the way.
fn take(
    volumes: &Volumes<'_>,
    menu: &mut Menu,
    pictures: Vec<Picture>,
    states: &mut Vec<Saved>,
) -> Vec<usize> {
    let mut defaults = Vec::new();
    let mut conditions: Vec<Location> = Vec::new();
    let mut silent = false;
    for picture in pictures {
        let places: Vec<usize> = picture.entries.into_iter().map(|e| menu.add(e)).collect();
        silent |= picture.default.is_empty();
        for i in picture.default {
            let at = places[i];
            if !defaults.contains(&at) {
                defaults.push(at);
            }
        }
        for doubt in picture.doubts {
            menu.doubt(doubt.fact, doubt.at);
        }
        for command in picture.commands {
            if !menu.commands.contains(&command) {
                menu.commands.push(command);
            }
        }
        for at in picture.conditions {
            if !conditions.contains(&at) {
                conditions.push(at);
            }
        }
        for state in picture.saved {
            if !states.contains(&state) {
                states.push(state);
            }
        }
        if let Some(config) = picture.config {
            menu.config = config;
        }
        for config in picture.configs {
            if !menu.configs.contains(&config) {
                menu.configs.push(config);
            }
        }
        for (prefix, at) in picture.prefixes {
            let parted = prefix.strip_prefix('(').and_then(|p| p.split_once(')'));
            let Some((device, path)) = parted else {
                continue;
            };
            if let Device::Volume(volume) = volumes.of_device(device) {
                let found = (volume, path.to_owned(), at);
                if menu
                    .prefixes
                    .iter()
                    .all(|p| (&p.0, &p.1) != (&found.0, &found.1))
                {
                    menu.prefixes.push(found);
                }
            }
        }
        menu.timeout = menu.timeout.take().or(picture.timeout);
        menu.once = menu.once.take().or(picture.next_entry);
    }
    let differ = menu.differ(&defaults) || silent && !defaults.is_empty();
    if differ && conditions.is_empty() {
        let at = menu.config.clone();
        menu.doubt(say!(boot_default_unsure), at);
    }
    if differ {
        for at in conditions {
            menu.doubt(say!(boot_script_condition), at);
        }
    }
    defaults
}

/// An entry that was started.
fn entry_of(
    machine: &Machine<'_>,
    title: &str,
    id: Option<&str>,
    place: String,
    at: Location,
) -> Found<Entry> {
    let loaded = machine.loaded.as_ref();
    let fact = Entry {
        title: super::raw::show(title),
        id: id.map(super::raw::show),
        place,
        kernel: loaded.map(|l| l.kernel.clone()),
        starts: loaded.map_or_else(String::new, |l| l.starts.clone()),
        arguments: loaded.map_or_else(String::new, |l| l.arguments.clone()),
        initrds: loaded.map_or_else(Vec::new, |l| l.initrds.clone()),
        by: loaded.map(|l| l.by.clone()).filter(|b| !b.is_empty()),
        forced: false,
        doubts: machine.doubts.clone(),
    };
    Found { fact, at }
}

/// A machine that goes on with the body of an entry.
fn ready<'a>(machine: &Machine<'a>, node: &machine::Node, choices: Choices) -> Machine<'a> {
    machine.world.spend(ENTRY_WORK);
    let mut next = machine.fresh();
    next.choices = choices;
    next.doubts.clone_from(&node.doubts);
    next.params.clone_from(&node.params);
    next.file = node.file.as_ref().map(Rc::clone);
    next.made_at = node.file.is_none().then(|| node.at.clone());
    next
}
