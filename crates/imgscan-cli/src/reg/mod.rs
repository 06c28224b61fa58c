//! `imgscan reg`: keys of the Windows registry, of an image or of a hive file by itself.

mod file;
mod hive;
mod json;
mod place;
mod text;

use std::ffi::OsString;
use std::io::IsTerminal as _;

use imgscan_core::guest::windows::ControlSet;
use imgscan_core::hive::{Children, Data, Key, Value, Visit};
use imgscan_core::text::terminal;
use imgscan_core::{Error, Kind, Layer};

use crate::args::{RegArgs, RegFormat};
use crate::exit::{Failure, Outcome};
use crate::output::Ui;
use hive::Opened;

/// The key that stands for the control set in use; no hive holds it.
const CURRENT: &str = "CurrentControlSet";

pub(crate) fn run(args: &RegArgs, ui: &Ui) -> Result<Outcome, Failure> {
    // Names may hold what steers a terminal, and this form has no escapes.
    if args.format == RegFormat::Reg && std::io::stdout().is_terminal() {
        return Err(Failure::Usage(say!(reg_to_terminal)));
    }
    let opened = hive::open(args, ui)?;
    let mut damage = opened.damage.clone();
    for error in &damage {
        ui.damage(opened.file.as_bytes(), error);
    }
    let (key, path, value) = find(&opened, ui).map_err(|e| named(&opened, e))?;
    let top = Top {
        path,
        opened: &opened,
    };
    let found = show(args, &top, &key, value, ui)?;
    for error in &found {
        ui.damage(opened.file.as_bytes(), error);
    }
    damage.extend(found);
    Ok(match damage.is_empty() {
        true => Outcome::Accept,
        false => Outcome::Failed,
    })
}

/// The key that the output begins with.
struct Top<'a> {
    /// Its path with the names as the hive spells them.
    path: String,
    opened: &'a Opened,
}

/// A form of output. Keys come depth first, each with its values.
trait Writer {
    /// Writes a key; damage that is met on the way is added to `damage`.
    fn key(&mut self, visit: &Visit<'_, '_>, damage: &mut Vec<Error>) -> Result<(), Failure>;
    /// Ends the output; `subkeys` are the names of those below the only key that was written.
    fn end(&mut self, subkeys: Option<&[Key<'_>]>, damage: &[Error]) -> Result<(), Failure>;
}

/// Writes `key` as `args` want it, or only its value `behind`; returns the damage that was met.
fn show(
    args: &RegArgs,
    top: &Top<'_>,
    key: &Key<'_>,
    behind: Option<String>,
    ui: &Ui,
) -> Result<Vec<Error>, Failure> {
    let mut writer: Box<dyn Writer + '_> = match args.format {
        RegFormat::Text => Box::new(text::Lines::new(
            top,
            ui,
            args.recursive,
            args.value.is_some() || behind.is_some(),
        )),
        RegFormat::Json => Box::new(json::Document::new(top)),
        RegFormat::Reg => Box::new(file::RegFile::new(top, ui)),
    };
    let wanted = args.value.as_ref().map(name).transpose()?.or(behind);
    let hive = &top.opened.hive;
    let mut damage = Vec::new();
    if let Some(wanted) = wanted {
        let value = key.value(&wanted).map_err(|e| named(top.opened, e))?;
        let value = value.ok_or_else(|| no_value(top, &wanted))?;
        let values = Children {
            items: vec![value],
            damage: Vec::new(),
        };
        ui.begin();
        let visit = Visit {
            path: "",
            depth: 0,
            key,
            values: &values,
        };
        writer.key(&visit, &mut damage)?;
        writer.end(None, &damage)?;
        return Ok(damage);
    }
    let mut failure = None;
    let visit = |visit: &Visit<'_, '_>| {
        ui.begin();
        writer.key(visit, &mut damage).map_err(|e| {
            failure = Some(e);
            Error::new(Layer::Source, Kind::Io, None, say!(reg_output_failed))
        })
    };
    let met = if args.recursive {
        hive.walk(key, visit)
    } else {
        hive.visit(key, visit)
    };
    match (met, failure) {
        (_, Some(failure)) => return Err(failure),
        (Ok(met), None) => damage.extend(met),
        (Err(e), None) => return Err(e.into()),
    }
    if args.recursive {
        writer.end(None, &damage)?;
    } else {
        let below = key.subkeys();
        damage.extend(below.damage);
        writer.end(Some(&below.items), &damage)?;
    }
    Ok(damage)
}

/// The key that was asked for, its path, and the value where the path ends with its name, as places
/// in reports do.
fn find<'h>(opened: &'h Opened, ui: &Ui) -> Result<(Key<'h>, String, Option<String>), Error> {
    let mut parts: Vec<&str> = opened.key.split('\\').filter(|p| !p.is_empty()).collect();
    let mut key = opened.hive.root()?;
    let set = control_set(opened, &key, parts.first().copied(), ui)?;
    if let (Some(set), Some(first)) = (&set, parts.first_mut()) {
        *first = &set.name;
    }
    let mut path = opened.root.clone();
    let mut value = None;
    for (at, part) in parts.iter().enumerate() {
        // A link in last place is shown as it is; what lies behind one on the way is elsewhere.
        let next = match at + 1 == parts.len() {
            true => key.subkey(part)?,
            false => key.descend(part)?,
        };
        let Some(next) = next else {
            value = value_named(&key, parts.get(at..).unwrap_or_default(), &opened.key)?;
            if value.is_some() {
                break;
            }
            let above = if path.is_empty() { "\\" } else { &path };
            let none = say!(reg_no_key, path = above, key = *part);
            return Err(Error::not_found(Layer::Hive, none));
        };
        key = next;
        path.push('\\');
        path.push_str(key.name());
    }
    if path.is_empty() {
        path.push('\\');
    }
    Ok((key, path, value))
}

/// The value of `key` that `parts`, the end of the path `whole`, name. Names of values may hold and
/// end with `\`.
fn value_named(key: &Key<'_>, parts: &[&str], whole: &str) -> Result<Option<String>, Error> {
    let plain = parts.join("\\");
    let end = whole.len() - whole.trim_end_matches('\\').len();
    for name in [format!("{plain}{}", "\\".repeat(end)), plain] {
        if key.value(&name)?.is_some() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The control set of the next boot, where the path begins with `CurrentControlSet` and the hive
/// is the one whose root holds the sets.
fn control_set(
    opened: &Opened,
    root: &Key<'_>,
    first: Option<&str>,
    ui: &Ui,
) -> Result<Option<ControlSet>, Error> {
    let named = first.is_some_and(|f| f.eq_ignore_ascii_case(CURRENT));
    let may = opened.root.is_empty() || opened.root.eq_ignore_ascii_case(r"HKLM\SYSTEM");
    if !named || !may {
        return Ok(None);
    }
    // In a hive by itself a key of that name is what was asked for.
    if opened.root.is_empty()
        && (root.subkey(CURRENT)?.is_some() || root.subkey("Select")?.is_none())
    {
        return Ok(None);
    }
    let set = ControlSet::next_boot(&opened.hive)?;
    if let Some(current) = set.current.filter(|c| *c != set.number) {
        ui.say(&say!(reg_next_boot, next = set.number, current = current));
    }
    Ok(Some(set))
}

/// A value's data with what it was decoded from.
struct Contents {
    bytes: Vec<u8>,
    data: Data,
    /// True where `data` shows all of `bytes`.
    complete: bool,
}

impl Contents {
    fn read(value: &Value<'_>) -> Result<Self, Error> {
        let bytes = value.bytes()?;
        let data = Data::decode(value.kind(), &bytes);
        let complete = data.shows_all_of(&bytes);
        Ok(Self {
            bytes,
            data,
            complete,
        })
    }
}

/// An argument as a name of the registry.
fn name(arg: &OsString) -> Result<String, Failure> {
    let name = arg.to_str().map(str::to_owned);
    name.ok_or_else(|| Failure::Usage(say!(reg_not_utf8)))
}

fn no_value(top: &Top<'_>, wanted: &str) -> Failure {
    let detail = say!(reg_no_value, path = top.path.as_str(), value = wanted);
    named(top.opened, Error::not_found(Layer::Hive, detail))
}

/// The error with the file in which it was met.
fn named(opened: &Opened, error: Error) -> Failure {
    Failure::Image(error.within(terminal(&opened.file)))
}
