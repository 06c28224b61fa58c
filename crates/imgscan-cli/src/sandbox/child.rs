//! The process that parses.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use imgscan_core::budget::Limits;
use imgscan_core::container::{Admitted, Door, Role};
use imgscan_core::{Error, Kind, Layer, parallel};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};

use super::restrict::{self, Access, Missing};
use super::wire::{self, FromChild, MAX_SENTENCE, Name, Start, ToChild};
use super::{CHILD_NAME, Mode};
use crate::exit::Failure;
use crate::output::Ui;

/// Bytes of memory that may be written to, besides stacks and what the budget of an image allows: what is held in
/// between two questions of the budget, what a policy and a database of files take, and a second image of `diff`.
const MEMORY: u64 = 3 << 29;
/// What each thread may have of it for its stack and for what the allocator keeps.
const MEMORY_OF_THREAD: u64 = 16 << 20;
/// Bytes of addresses that may be reserved besides: programs, libraries, and for each thread the
/// allocator's arena.
const ADDRESSES: u64 = 2 << 30;
const ADDRESSES_OF_THREAD: u64 = 144 << 20;

/// The child's end of the socket.
#[derive(Debug)]
pub(crate) struct Channel {
    socket: OwnedFd,
    start: Start,
    /// A question and its answer belong together.
    asking: Mutex<()>,
    inside: AtomicBool,
}

/// The channel, where this process is a child; its limits are set and nothing but the standard
/// descriptors is open.
pub(crate) fn connect() -> Option<io::Result<Arc<Channel>>> {
    let is_child = std::env::args_os().next().is_some_and(|n| n == CHILD_NAME);
    is_child.then(|| Channel::open().map(Arc::new))
}

impl Channel {
    fn open() -> io::Result<Self> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        close_inherited();
        // A core of it would hold parts of the image, and the kernel's helper would parse them.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        let socket = rustix::stdio::stdin().try_clone_to_owned()?;
        // Had the parent died before its death was asked for, its end would be closed.
        let Some((ToChild::Start(start), _)) = wire::receive(&socket)? else {
            return Err(io::ErrorKind::ConnectionAborted.into());
        };
        limit(Resource::Core, 0)?;
        let threads = u64::try_from(parallel::threads()).unwrap_or(u64::MAX);
        let memory = MEMORY
            .saturating_add(start.limits.memory)
            .saturating_add(threads.saturating_mul(MEMORY_OF_THREAD));
        limit(Resource::Data, memory)?;
        let addresses = threads.saturating_mul(ADDRESSES_OF_THREAD);
        limit(
            Resource::As,
            memory.saturating_add(ADDRESSES).saturating_add(addresses),
        )?;
        if let Some(seconds) = start.cpu {
            limit(Resource::Cpu, seconds)?;
        }
        Ok(Self {
            socket,
            start,
            asking: Mutex::new(()),
            inside: AtomicBool::new(false),
        })
    }

    /// What the reading of an image may cost: the parent knows the variables of the environment.
    pub(crate) fn limits(&self) -> Limits {
        self.start.limits
    }

    /// True where progress is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        self.start.progress
    }

    fn tell(&self, message: &FromChild) {
        // Without its parent this process is about to end.
        let _ = wire::send(&self.socket, message, None);
    }

    /// A line for standard error.
    pub(crate) fn say(&self, line: &str) {
        self.tell(&FromChild::Say(shortened(line)));
    }

    /// What is being done now.
    pub(crate) fn step(&self, what: &str, shown: bool) {
        let what = shortened(what);
        self.tell(&FromChild::Step { what, shown });
    }

    /// Output is about to be written piece by piece.
    pub(crate) fn begin(&self) {
        self.tell(&FromChild::Begins);
    }

    /// So many files and bytes are done.
    pub(crate) fn files(&self, files: u64, bytes: u64) {
        self.tell(&FromChild::Files { files, bytes });
    }

    /// So many bytes of all are done.
    pub(crate) fn bytes(&self, done: u64, total: u64) {
        self.tell(&FromChild::Bytes { done, total });
    }

    /// Progress is over.
    pub(crate) fn steps_end(&self) {
        self.tell(&FromChild::StepsEnd);
    }

    /// Gives up everything but `access`; from here on hostile input may be read.
    pub(crate) fn enter(&self, access: &Access<'_>, ui: &Ui) -> Result<(), Failure> {
        // A thread that runs already would keep what this one gives up.
        if std::fs::read_dir("/proc/self/task").is_ok_and(|tasks| tasks.count() > 1) {
            return Err(Failure::Fault(say!(sandbox_threads)));
        }
        let missing = restrict::restrict(access);
        if self.start.mode == Mode::Require
            && let Some(first) = missing.first()
        {
            return Err(Failure::Host(say!(sandbox_required, what = what(first))));
        }
        for one in &missing {
            ui.say(&say!(sandbox_without, what = what(one)));
        }
        self.inside.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// True behind [`Channel::enter`].
    pub(crate) fn inside(&self) -> bool {
        self.inside.load(Ordering::Relaxed)
    }
}

fn what(missing: &Missing) -> imgscan_core::text::Text {
    match missing {
        Missing::Landlock => say!(sandbox_landlock),
        Missing::Seccomp(why) => say!(sandbox_seccomp, why = why.as_str()),
    }
}

/// As much of `text` as a packet takes.
fn shortened(text: &str) -> String {
    match text
        .char_indices()
        .find(|(at, c)| at + c.len_utf8() > MAX_SENTENCE - 8)
    {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Lowers a limit of this process, for good.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let most = now.maximum.map_or(most, |maximum| maximum.min(most));
    let current = now.current.map_or(most, |current| current.min(most));
    let limit = Rlimit {
        current: Some(current),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}

/// Closes what the program was started with besides the standard descriptors.
fn close_inherited() {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else {
        return;
    };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let all: Vec<RawFd> = numbers.filter(|number| *number > 2).collect();
    for number in all {
        // Nothing here owns it; the folder's own is closed already.
        let _ = nix::unistd::close(number);
    }
}

/// Asks the parent for the files that an image names.
#[derive(Debug)]
pub(crate) struct RemoteDoor {
    channel: Arc<Channel>,
    image: PathBuf,
}

impl RemoteDoor {
    /// For the image at the path `image` of the arguments.
    pub(crate) fn new(channel: Arc<Channel>, image: PathBuf) -> Self {
        Self { channel, image }
    }
}

impl Door for RemoteDoor {
    fn open(
        &self,
        name: &[u8],
        beside: Option<&Path>,
        role: Role,
    ) -> imgscan_core::Result<Admitted> {
        let channel = &self.channel;
        let asking = channel.asking.lock();
        let _asking = asking.unwrap_or_else(PoisonError::into_inner);
        let question = FromChild::Open {
            image: Name::of(&self.image),
            name: Name::of_bytes(name),
            beside: beside.map(Name::of),
            role,
        };
        let answer = wire::send(&channel.socket, &question, None)
            .and_then(|()| wire::receive(channel.socket.as_fd()));
        match answer {
            Ok(Some((ToChild::Opened { path }, Some(file)))) => Ok(Admitted {
                file: File::from(file),
                path: path.path(),
            }),
            Ok(Some((
                ToChild::Refused {
                    layer,
                    kind,
                    offset,
                    detail,
                },
                _,
            ))) => Err(Error::new(layer, kind, offset, detail)),
            _ => Err(Error::new(
                Layer::Container,
                Kind::Internal,
                None,
                say!(sandbox_no_answer),
            )),
        }
    }
}
