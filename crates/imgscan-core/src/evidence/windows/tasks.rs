//! Scheduled tasks: what the registry has of them, which is what runs, and their files.
//!
//! Below `Schedule\TaskCache` of SOFTWARE, `Tree` holds a key for each folder and task. A task's
//! has the value `Id`, which names its key in `Tasks`, and `SD`, its security descriptor; without
//! `SD` or with an `Index` of 0 no program of Windows shows the task, though it runs. The files in
//! `System32\Tasks` are XML (Microsoft "[MS-TSCH] Task Scheduler Service Remoting Protocol").

use std::collections::BTreeMap;

use serde::Serialize;

use super::{KeyAt, Windows, xml};
use crate::bytes::{le16, le32, utf16_to_nul};
use crate::error::{Error, Layer, Result};
use crate::evidence::files::Files;
use crate::evidence::{Collected, Gap, Location};
use crate::fs::FileKind;

const CACHE: &str = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache";
/// Levels of folders of tasks.
const MAX_DEPTH: usize = 16;
/// Tasks and folders of tasks.
const MAX_TASKS: usize = 20_000;
/// The longest task file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;
/// Actions of one task; Windows allows 32.
const MAX_ACTIONS: usize = 64;
/// Characters of one text in an action.
const MAX_TEXT: usize = 64 * 1024;

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Runs a program.
    Run {
        /// The program, as it stands there.
        command: String,
        /// Its arguments.
        arguments: String,
        /// The folder that it starts in; empty for that of the system.
        folder: String,
    },
    /// Loads the class with this CLSID.
    Class(String),
    /// Sends a message or shows one.
    Other(String),
}

/// Where something stands as a task's `Tree` key tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registered {
    /// Its key below `Tree`.
    pub at: Location,
    /// `Id`.
    pub id: String,
    /// `SD` is there.
    pub has_security: bool,
    /// `Index` is 0.
    pub index_zero: bool,
    /// Its key below `Tasks`, where it is there.
    pub task: Option<Location>,
}

/// A scheduled task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its path among the tasks (`\Microsoft\Windows\Time Synchronization\SynchronizeTime`).
    pub name: String,
    /// What the registry has.
    pub registered: Option<Registered>,
    /// Its file.
    pub file: Option<Location>,
    /// Who made it, as the file or the registry says.
    pub author: Option<String>,
    /// The file says that it is switched off.
    pub disabled: bool,
    /// What it does, each with where it stands.
    pub actions: Vec<(Location, Action)>,
}

/// The tasks, by name.
pub(super) fn collect(windows: &Windows<'_>) -> Collected<Task> {
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    let mut gaps = Vec::new();
    match windows.software() {
        Ok(hive) => match KeyAt::open(hive, &format!(r"{CACHE}\Tree")) {
            Ok(Some(tree)) => {
                let mut todo = vec![(tree, String::new(), 0)];
                let mut count = 0;
                while let Some((key, name, depth)) = todo.pop() {
                    count += 1;
                    if depth > MAX_DEPTH || count > MAX_TASKS {
                        let limit = say!(error_tasks_many, most = MAX_TASKS, levels = MAX_DEPTH);
                        gaps.push(key.gap(None, &Error::limit(Layer::Hive, None, limit)));
                        break;
                    }
                    registered(&key, &name, &mut tasks, &mut gaps);
                    for child in key.subkeys(&mut gaps) {
                        let name = format!(r"{name}\{}", child.key.name());
                        todo.push((child, name, depth + 1));
                    }
                }
            }
            Ok(None) => {}
            Err(gap) => gaps.push(gap),
        },
        Err(gap) => gaps.push(gap),
    }
    files(windows, &mut tasks, &mut gaps);
    let mut out = Collected {
        items: Vec::new(),
        gaps,
    };
    for task in tasks.into_values() {
        let of_registry = task.registered.as_ref().map(|r| r.at.clone());
        let at = of_registry.or_else(|| task.file.clone());
        out.push(task, at.unwrap_or_default());
    }
    out
}

/// The task that `key` below `Tree` stands for, if it is no folder.
fn registered(
    key: &KeyAt<'_>,
    name: &str,
    tasks: &mut BTreeMap<String, Task>,
    gaps: &mut Vec<Gap>,
) {
    let id = match key.text("Id") {
        Ok(Some(id)) => id.fact,
        Ok(None) => return,
        Err(gap) => return gaps.push(gap),
    };
    let mut there = |name: &str| {
        key.value(name, |v| v.bytes().map(Some))
            .unwrap_or_else(|gap| {
                gaps.push(gap);
                None
            })
    };
    let security = there("SD");
    let index = there("Index");
    let mut registered = Registered {
        at: key.location(),
        has_security: security.is_some_and(|sd| !sd.fact.is_empty()),
        index_zero: index.is_some_and(|i| le32(&i.fact, 0) == Some(0)),
        task: None,
        id,
    };
    let mut task = empty(name);
    match KeyAt::open(key.hive, &format!(r"{CACHE}\Tasks\{}", registered.id)) {
        Ok(Some(own)) => {
            registered.task = Some(own.location());
            match own.text("Author") {
                Ok(author) => task.author = author.map(|a| a.fact),
                Err(gap) => gaps.push(gap),
            }
            match own.value("Actions", |v| v.bytes().map(Some)) {
                Ok(Some(found)) => {
                    let mut all = Vec::new();
                    if let Err(e) = actions(&found.fact, &mut all) {
                        gaps.push(Gap::new(found.at.clone(), &e));
                    }
                    let place = |action| (found.at.clone(), action);
                    task.actions.extend(all.into_iter().map(place));
                }
                Ok(None) => {}
                Err(gap) => gaps.push(gap),
            }
        }
        Ok(None) => {}
        Err(gap) => gaps.push(gap),
    }
    task.registered = Some(registered);
    tasks.insert(name.to_lowercase(), task);
}

fn empty(name: &str) -> Task {
    Task {
        name: name.to_owned(),
        registered: None,
        file: None,
        author: None,
        disabled: false,
        actions: Vec::new(),
    }
}

/// The value `Actions`: a version (2 bytes), from version 2 on the text of the context, then the
/// actions, each with its kind (2 bytes) and the text of its id. A text is its length in bytes
/// (4) and UTF-16. Those before what can't be read are in `out` all the same.
fn actions(bytes: &[u8], out: &mut Vec<Action>) -> Result<()> {
    let mut reader = Blob { bytes, at: 0 };
    let version = reader.half()?;
    if !(1..=3).contains(&version) {
        let what = say!(error_task_version, version = version);
        return Err(Error::unsupported(Layer::Hive, None, what));
    }
    if version >= 2 {
        reader.text()?;
    }
    while reader.at < bytes.len() {
        if out.len() >= MAX_ACTIONS {
            return Err(too_many_actions(Layer::Hive));
        }
        let kind = reader.half()?;
        reader.text()?;
        out.push(match kind {
            0x6666 => {
                let (command, arguments) = (reader.text()?, reader.text()?);
                let folder = reader.text()?;
                if version >= 3 {
                    reader.half()?;
                }
                Action::Run {
                    command,
                    arguments,
                    folder,
                }
            }
            0x7777 => {
                let id = reader.take(16)?;
                let len = reader.word()?;
                reader.take(len)?;
                let id = <&[u8; 16]>::try_from(id).map(crate::bytes::guid);
                Action::Class(format!("{{{}}}", id.unwrap_or_default()))
            }
            // A message runs nothing, but what follows it is not read: Windows has taken no new
            // ones since version 8.
            _ => {
                let what = say!(error_task_kind, kind = format!("{kind:#x}"), at = reader.at);
                return Err(Error::unsupported(Layer::Hive, None, what));
            }
        });
    }
    Ok(())
}

fn too_many_actions(layer: Layer) -> Error {
    let what = say!(error_too_many, most = MAX_ACTIONS, what = "actions");
    Error::limit(layer, None, what)
}

struct Blob<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Blob<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let found = self
            .at
            .checked_add(len)
            .and_then(|end| self.bytes.get(self.at..end));
        let Some(found) = found else {
            let what = say!(error_task_cut, len = len, at = self.at);
            return Err(Error::corrupt(Layer::Hive, None, what));
        };
        self.at += len;
        Ok(found)
    }

    fn half(&mut self) -> Result<u16> {
        Ok(le16(self.take(2)?, 0).unwrap_or_default())
    }

    fn word(&mut self) -> Result<usize> {
        Ok(le32(self.take(4)?, 0).unwrap_or_default() as usize)
    }

    fn text(&mut self) -> Result<String> {
        let len = self.word()?;
        if len > MAX_TEXT {
            let what = say!(error_task_text, len = len, most = MAX_TEXT);
            return Err(Error::limit(Layer::Hive, None, what));
        }
        Ok(utf16_to_nul(self.take(len)?))
    }
}

/// Adds the files.
fn files(windows: &Windows<'_>, tasks: &mut BTreeMap<String, Task>, gaps: &mut Vec<Gap>) {
    let root = format!(
        "{}/System32/Tasks",
        windows.roots().windows.replace('\\', "/")
    );
    let tree = match Files::new(&windows.guest.paths).tree(&root, MAX_DEPTH) {
        Ok(tree) => tree.whole(MAX_DEPTH),
        Err(gap) => return gaps.push(gap),
    };
    gaps.extend(tree.gaps);
    for path in tree.names {
        let name = path[root.len()..].replace('/', "\\");
        let found = match windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(e) => {
                gaps.push(Gap::at_path(&path, &e));
                continue;
            }
        };
        if found.metadata.kind != FileKind::Regular {
            continue;
        }
        let task = tasks.entry(name.to_lowercase());
        let task = task.or_insert_with(|| empty(&name));
        task.file = Some(Location::of(&found));
        match windows.guest.paths.read(path.as_bytes(), MAX_FILE) {
            Ok(file) => {
                let at = Location::of_file(&file);
                task.file = Some(at.clone());
                if let Err(e) = read(&file.bytes, &at, task) {
                    gaps.push(Gap::new(at, &e));
                }
            }
            Err(e) => gaps.push(Gap::at_path(&path, &e)),
        }
    }
}

/// What the XML of a task says; its actions are added where the registry has not the same.
fn read(bytes: &[u8], at: &Location, task: &mut Task) -> Result<()> {
    let text = xml::decode(bytes);
    let document = xml::parse(&text)?;
    let root = document.root();
    if let Some(author) = xml::find(root, &["Task", "RegistrationInfo", "Author"]) {
        task.author.get_or_insert_with(|| xml::text(author));
    }
    let enabled = xml::find(root, &["Task", "Settings", "Enabled"]);
    task.disabled = enabled.is_some_and(|e| xml::text(e).eq_ignore_ascii_case("false"));
    let Some(actions) = xml::find(root, &["Task", "Actions"]) else {
        return Ok(());
    };
    let elements = actions.children().filter(roxmltree::Node::is_element);
    for (count, action) in elements.enumerate() {
        if count >= MAX_ACTIONS {
            return Err(too_many_actions(Layer::Guest));
        }
        let part = |name| xml::find(action, &[name]).map_or_else(String::new, xml::text);
        let found = match action.tag_name().name() {
            "Exec" => Action::Run {
                command: part("Command"),
                arguments: part("Arguments"),
                folder: part("WorkingDirectory"),
            },
            "ComHandler" => Action::Class(part("ClassId")),
            other => Action::Other(other.to_owned()),
        };
        let same = |(_, a): &(Location, Action)| a == &found || both_classes(a, &found);
        if !task.actions.iter().any(same) {
            task.actions.push((at.clone(), found));
        }
    }
    Ok(())
}

fn both_classes(a: &Action, b: &Action) -> bool {
    match (a, b) {
        (Action::Class(a), Action::Class(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

impl Action {
    /// The action in one line.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Run {
                command, arguments, ..
            } if arguments.is_empty() => command.clone(),
            Self::Run {
                command, arguments, ..
            } => format!("{command} {arguments}"),
            Self::Class(id) => id.clone(),
            Self::Other(what) => what.clone(),
        }
    }
}
