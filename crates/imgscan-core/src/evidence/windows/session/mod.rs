//! What the session manager reads before any logon: the native programs that it runs, the
//! subsystems, and the work that an earlier run left for the next start.

mod pending;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use pending::PendingRename;

use super::{KeyAt, Windows};
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Found, Gap};
use crate::guest::windows::{Roots, expand, of_kernel};
use crate::hive::{Data, Value};

/// The key of the session manager, from a control set.
const KEY: &str = r"Control\Session Manager";
/// Values that list native programs, one an entry.
const LISTS: &[&str] = &[
    "BootExecute",
    "BootExecuteNoPnpSync",
    "SetupExecute",
    "SetupExecuteNoPnpSync",
    "PlatformExecute",
    "Execute",
];
/// Values that name one program each, which starts in place of the usual one.
const SINGLE: &[&str] = &["InitialCommand", "S0InitialCommand"];
/// Words before the name of a program that only say how it is run.
const FLAGS: &[&str] = &["autocheck", "async", "debug"];

/// A program that the session manager runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NativeCommand {
    /// The value that names it.
    pub value: String,
    /// The entry as it stands there.
    pub text: String,
    /// The program, with its drive; `None` where its path names a device that can't be told.
    pub program: Option<String>,
    /// What follows the program.
    pub arguments: Vec<String>,
}

impl NativeCommand {
    /// What `text` in `value` runs; `None` where it is empty.
    fn read(value: &str, text: &str, roots: &Roots) -> Option<Self> {
        let mut words = text.split_whitespace();
        let program = words.find(|w| !FLAGS.iter().any(|f| f.eq_ignore_ascii_case(w)))?;
        Some(Self {
            value: value.to_owned(),
            text: text.to_owned(),
            program: native(program, roots),
            arguments: words.map(str::to_owned).collect(),
        })
    }

    /// The name of the program's file.
    #[must_use]
    pub fn name(&self) -> &str {
        let program = self.program.as_deref().unwrap_or_default();
        program.rsplit('\\').next().unwrap_or_default()
    }
}

/// The file of a native program: a bare name is one of `System32`, with or without its ending.
fn native(program: &str, roots: &Roots) -> Option<String> {
    let program = expand(program, roots, &[]);
    let path = match program.contains(['\\', '/', ':']) {
        true => of_kernel(&program, roots)?,
        false => format!(r"{}\System32\{program}", roots.windows),
    };
    let name = path.rsplit('\\').next().unwrap_or_default();
    Some(match name.contains('.') {
        true => path,
        false => format!("{path}.exe"),
    })
}

/// What starts the subsystem of Windows, as `SubSystems` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Subsystem {
    /// The text as it stands there.
    pub text: String,
    /// The program, with its drive; `None` where its path names a device that can't be told.
    pub program: Option<String>,
    /// The libraries that it loads (`ServerDll=winsrv:UserServerDllInitialization,3`), by the name
    /// before the colon.
    pub libraries: Vec<String>,
    /// The other parameters, as `name=value`.
    pub parameters: Vec<String>,
}

impl Subsystem {
    fn read(text: &str, roots: &Roots) -> Self {
        let mut words = text.split_whitespace();
        let mut out = Self {
            text: text.to_owned(),
            program: words.next().and_then(|w| native(w, roots)),
            ..Self::default()
        };
        for word in words {
            match word.split_once('=') {
                Some((name, value)) if name.eq_ignore_ascii_case("ServerDll") => {
                    let library = value.split([':', ',']).next().unwrap_or_default();
                    out.libraries.push(library.to_owned());
                }
                _ => out.parameters.push(word.to_owned()),
            }
        }
        out
    }

    /// The files of its libraries, with their drive.
    pub fn files<'r>(&'r self, roots: &'r Roots) -> impl Iterator<Item = String> + 'r {
        self.libraries.iter().filter_map(|name| {
            let ended = name.to_ascii_lowercase().ends_with(".dll");
            let name = if ended {
                name.clone()
            } else {
                format!("{name}.dll")
            };
            native(&name, roots)
        })
    }
}

/// The key of the session manager in the control set of the next boot.
fn manager<'w>(windows: &'w Windows<'_>, below: &str) -> Result<Option<KeyAt<'w>>, Gap> {
    let hive = windows.system()?;
    let set = windows.control_set()?;
    KeyAt::open(hive, &format!(r"{}\{KEY}{below}", set.name))
}

/// The same key; that it can't be read is a gap.
fn manager_if_read<'w>(windows: &'w Windows<'_>, gaps: &mut Vec<Gap>) -> Option<KeyAt<'w>> {
    manager(windows, "").unwrap_or_else(|gap| {
        gaps.push(gap);
        None
    })
}

/// What `read` makes of the value `name`; what it does not take is a gap.
fn value<T>(
    key: &KeyAt<'_>,
    name: &str,
    gaps: &mut Vec<Gap>,
    read: impl Fn(&Value<'_>) -> crate::error::Result<Option<T>>,
) -> Option<Found<T>> {
    let whole = |v: &Value<'_>| match read(v)? {
        Some(read) => Ok(Some(read)),
        None => Err(Error::unsupported(
            Layer::Hive,
            v.offset(),
            say!(error_value_type, kind = v.kind().name()),
        )),
    };
    match key.value(name, whole) {
        Ok(found) => found,
        Err(gap) => {
            gaps.push(gap);
            None
        }
    }
}

/// The texts of a value: of a list its entries.
fn texts(value: &Value<'_>) -> crate::error::Result<Option<Vec<String>>> {
    Ok(match value.data()? {
        Data::List(list) => Some(list),
        Data::Text(text) | Data::Expand(text) => Some(vec![text]),
        Data::Bytes(bytes) if bytes.is_empty() => Some(Vec::new()),
        _ => None,
    })
}

fn commands(windows: &Windows<'_>) -> Collected<NativeCommand> {
    let mut out = Collected::default();
    let Some(key) = manager_if_read(windows, &mut out.gaps) else {
        return out;
    };
    let roots = windows.roots();
    for name in LISTS.iter().chain(SINGLE) {
        let Some(found) = value(&key, name, &mut out.gaps, texts) else {
            continue;
        };
        let entries = found.fact.iter();
        for command in entries.filter_map(|text| NativeCommand::read(name, text, &roots)) {
            out.push(command, found.at.clone());
        }
    }
    out
}

fn subsystem(windows: &Windows<'_>) -> Result<Option<Found<Subsystem>>, Gap> {
    let Some(key) = manager(windows, r"\SubSystems")? else {
        return Ok(None);
    };
    let mut gaps = Vec::new();
    let found = value(&key, "Windows", &mut gaps, |v| v.text());
    if let Some(gap) = gaps.pop() {
        return Err(gap);
    }
    Ok(found.map(|found| Found {
        fact: Subsystem::read(&found.fact, &windows.roots()),
        at: found.at,
    }))
}

impl Windows<'_> {
    /// The programs that the session manager runs before any logon, in the order of its values.
    #[must_use]
    pub fn native_commands(&self) -> Collected<NativeCommand> {
        commands(self)
    }

    /// What starts the subsystem of Windows; `None` where the registry names none.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn subsystem(&self) -> Result<Option<Found<Subsystem>>, Gap> {
        subsystem(self)
    }

    /// The files that the next start renames or deletes.
    #[must_use]
    pub fn pending_renames(&self) -> Collected<PendingRename> {
        pending::collect(self)
    }
}
