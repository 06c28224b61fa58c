//! The process that starts the child, opens what the gate allows, and writes documents.

use std::collections::HashMap;
use std::env;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use imgscan_core::container::{Door as _, Gate};
use imgscan_core::text::Text;
use imgscan_core::{Error, Kind, Layer, Policy, parallel, report, scan};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use super::wire::{self, FromChild, Start, ToChild};
use super::{CHILD_NAME, Mode};
use crate::args::{self, BaselineCommand, Format, ScanArgs};
use crate::document::{Target, Writes};
use crate::exit::{Failure, Outcome};
use crate::extract;
use crate::failed::Wanted;
use crate::output::Ui;
use crate::progress::Progress;

/// Seconds that a command may take which writes a document.
const TIME: u64 = 15 * 60;
/// The longest document in bytes: a database of the largest size and what is added to it.
const MAX_DOCUMENT: usize = 1 << 30;
/// How much is kept of what the child's run-time library says of its end.
const MAX_LAST_WORDS: usize = 4096;
/// Files that an image may ask for, those that are refused among them: more than a chain has.
const MAX_FILES: usize = 256;
/// How often a child is asked for its end that closed everything.
const PAUSE: Duration = Duration::from_millis(2);
/// Variables that the child sees. No other has a meaning for it, and some hold secrets.
const VARIABLES: [&str; 4] = ["LC_ALL", "LC_MESSAGES", "LANG", "LD_LIBRARY_PATH"];
/// One arena for all threads: with one for each, what a thread gave back is kept for it alone, a tenth of the memory
/// of a scan on two processors.
const ALLOCATOR: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.arena_max=1");

/// What a command needs of the parent.
pub(crate) struct Job<'a> {
    /// The images whose names are looked up.
    images: Vec<&'a Path>,
    backing_dir: Option<&'a Path>,
    /// Where its document goes, for a command that makes one.
    target: Option<Target>,
    /// Seconds that it may take, and processor seconds of each processor.
    time: Option<u64>,
    cpu: Option<u64>,
    /// The scan, which has a report for a child that dies.
    scan: Option<&'a ScanArgs>,
    /// The folder that is made for files of the image.
    folder: Option<&'a Path>,
    /// Where JSON is wanted.
    json: Option<Wanted<'a>>,
}

impl<'a> Job<'a> {
    /// What `command` needs; `None` for one that parses nothing from outside.
    pub(crate) fn of(command: &'a args::Command) -> Result<Option<Self>, Failure> {
        let of_image = |image: &'a args::ImageArgs| Self {
            images: vec![&image.image],
            backing_dir: image.backing_dir.as_deref(),
            target: None,
            time: None,
            cpu: None,
            scan: None,
            folder: None,
            json: None,
        };
        // What is written piece by piece takes as long as its reader does.
        let streams = |image| Self {
            cpu: Some(TIME),
            ..of_image(image)
        };
        let writes = |image, document: &Writes<'_>| {
            Ok::<_, Failure>(Self {
                target: Some(Target::of(document)?),
                time: Some(TIME),
                cpu: Some(TIME),
                ..of_image(image)
            })
        };
        let document = |image: &'a args::ImageArgs, document: &args::DocumentArgs| {
            let path = document.output.as_deref();
            writes(
                image,
                &Writes {
                    path,
                    inputs: std::slice::from_ref(&image.image),
                },
            )
        };
        let job = match command {
            args::Command::Scan(args) => Self {
                scan: Some(args),
                ..document(&args.image, &args.document)?
            },
            args::Command::Info(args) => document(&args.image, &args.document)?,
            args::Command::Kernel(args) => document(&args.image, &args.document)?,
            args::Command::Autoruns(args) => document(&args.image, &args.document)?,
            args::Command::Diff(args) => {
                let mut job = document(&args.image, &args.document)?;
                job.images.push(&args.base);
                job
            }
            args::Command::Ls(args) => streams(&args.image),
            args::Command::Reg(args) => streams(&args.image),
            // Their work is in proportion to the bytes that are there, which are counted.
            args::Command::Cat(args) => of_image(&args.image),
            args::Command::Hash(args) => of_image(&args.image),
            args::Command::Digest(args) => of_image(&args.image),
            args::Command::Extract(args) => Self {
                folder: Some(&args.dir),
                ..of_image(&args.image)
            },
            args::Command::Baseline(command) => Self::of_baseline(command)?,
            args::Command::Policy(_) | args::Command::Explain(_) => return Ok(None),
        };
        Ok(Some(Self {
            json: Wanted::of(command),
            ..job
        }))
    }

    fn of_baseline(command: &'a BaselineCommand) -> Result<Self, Failure> {
        let job = |what: &'a [PathBuf], backing_dir: &'a Option<PathBuf>| Self {
            images: what.iter().map(PathBuf::as_path).collect(),
            backing_dir: backing_dir.as_deref(),
            target: None,
            time: None,
            cpu: Some(TIME),
            scan: None,
            folder: None,
            json: None,
        };
        Ok(match command {
            BaselineCommand::Add(args) => Self {
                target: Some(Target::of(&Writes {
                    path: Some(&args.db),
                    inputs: &args.what,
                })?),
                time: Some(TIME),
                ..job(&args.what, &args.backing_dir)
            },
            BaselineCommand::List(_) => job(&[], &None),
            BaselineCommand::Verify(args) => {
                job(std::slice::from_ref(&args.what), &args.backing_dir)
            }
        })
    }
}

/// Why a child did not come to its end.
struct Ended {
    kind: Kind,
    why: Box<Text>,
}

/// How far a child came that did not come to its end.
struct Early {
    ended: Ended,
    /// What it did last.
    step: Option<String>,
    /// It has begun to write.
    begun: bool,
}

impl Ended {
    fn limit(why: Text) -> Self {
        Self {
            kind: Kind::Limit,
            why: Box::new(why),
        }
    }

    fn fault(why: Text) -> Self {
        Self {
            kind: Kind::Internal,
            why: Box::new(why),
        }
    }
}

/// Runs the command of the arguments in a child. `max_time` are the seconds that the user allows.
pub(crate) fn run(
    job: Job<'_>,
    mode: Mode,
    max_time: Option<u64>,
    ui: &Ui,
) -> Result<Outcome, Failure> {
    let new_folder = job.folder.filter(|folder| !folder.exists());
    let result = Running::start(&job, mode, max_time, ui)?.watch();
    let result = match result {
        Ok((outcome, document)) => finish(&job, outcome, document),
        Err(early) => {
            if let Some(folder) = job.folder {
                extract::remove_begun(folder);
            }
            interrupted(&job, early, ui)
        }
    };
    if let Some(folder) = new_folder
        && !matches!(result, Ok(Outcome::Accept))
    {
        extract::leave_no_empty(folder);
    }
    result
}

/// The child came to its end.
fn finish(job: &Job<'_>, outcome: Outcome, document: Vec<u8>) -> Result<Outcome, Failure> {
    let Some(target) = job.target.as_ref().filter(|_| !document.is_empty()) else {
        return Ok(outcome);
    };
    match target.write_bytes(&document) {
        // Who closed the pipe still gets the verdict from the exit code.
        Err(Failure::ClosedPipe) if job.scan.is_none() => Err(Failure::ClosedPipe),
        Ok(()) | Err(Failure::ClosedPipe) => Ok(outcome),
        Err(failure) => Err(failure),
    }
}

/// The child did not come to its end: a scan has a report all the same.
fn interrupted(job: &Job<'_>, early: Early, ui: &Ui) -> Result<Outcome, Failure> {
    let Early { ended, step, begun } = early;
    let why = *ended.why;
    ui.say(&match &step {
        Some(step) => say!(sandbox_ended_at, step = step.as_str(), why = &why),
        None => say!(sandbox_ended, why = &why),
    });
    let (Some(args), Some(target)) = (job.scan, &job.target) else {
        if let Some(wanted) = &job.json {
            wanted.ended(step.as_deref(), ended.kind, why, begun);
        }
        return Ok(Outcome::Failed);
    };
    let policy = Policy::open(&args.policy)?;
    let step = step.map(Text::verbatim);
    let report = scan::interrupted(&args.image.image, &policy, step, ended.kind, why)?;
    let text = match args.document.format {
        Format::Text => report::text(&report, ui.lang()),
        Format::Json => report::json(&report),
    };
    match target.write_bytes(text.as_bytes()) {
        Ok(()) | Err(Failure::ClosedPipe) => Ok(Outcome::from(report.verdict)),
        Err(failure) => Err(failure),
    }
}

/// A child at work; it does not outlive this.
struct Running<'a> {
    child: Child,
    socket: OwnedFd,
    job: &'a Job<'a>,
    ui: &'a Ui,
    /// When it has to be done, and how many seconds that is.
    until: Option<(Instant, u64)>,
    gates: HashMap<PathBuf, Gate>,
    files: usize,
    step: Option<String>,
    begun: bool,
    progress: Option<Progress>,
    document: Vec<u8>,
    last_words: Vec<u8>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // It has ended, or its end is not waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl<'a> Running<'a> {
    fn start(
        job: &'a Job<'a>,
        mode: Mode,
        max_time: Option<u64>,
        ui: &'a Ui,
    ) -> Result<Self, Failure> {
        let failed = |e: io::Error| {
            let why = crate::exit::why(&e);
            Failure::Host(say!(sandbox_no_child, why = why))
        };
        let kind = (AddressFamily::UNIX, SocketType::SEQPACKET);
        let (own, childs) =
            socketpair(kind.0, kind.1, SocketFlags::CLOEXEC, None).map_err(|e| failed(e.into()))?;
        let program = Path::new("/proc/self/exe");
        let mut command = Command::new(program);
        command
            .arg0(CHILD_NAME)
            .args(env::args_os().skip(1))
            .env_clear()
            .envs(VARIABLES.iter().filter_map(|v| Some((v, env::var_os(v)?))))
            .env(ALLOCATOR.0, ALLOCATOR.1)
            .stdin(Stdio::from(childs))
            .stderr(Stdio::piped());
        if job.target.is_some() {
            command.stdout(Stdio::piped());
        }
        let child = command.spawn().map_err(failed)?;
        // The command holds the child's end of the socket.
        drop(command);
        let threads = u64::try_from(parallel::threads()).unwrap_or(u64::MAX);
        let cpu = max_time.or(job.cpu);
        let start = Start {
            mode,
            progress: ui.shows_progress(),
            cpu: cpu.map(|seconds| seconds.saturating_mul(threads).saturating_add(1)),
            limits: ui.limits,
        };
        let time = max_time.or(job.time);
        let now = Instant::now();
        let running = Self {
            child,
            socket: own,
            job,
            ui,
            until: time.and_then(|t| Some((now.checked_add(Duration::from_secs(t))?, t))),
            gates: HashMap::new(),
            files: 0,
            step: None,
            begun: false,
            progress: None,
            document: Vec::new(),
            last_words: Vec::new(),
        };
        // One that is dead already is met below.
        let _ = wire::send(&running.socket, &ToChild::Start(start), None);
        Ok(running)
    }

    /// Serves the child to its end: how it ended with its document, or why it did not and its
    /// last step.
    fn watch(mut self) -> Result<(Outcome, Vec<u8>), Early> {
        let ended = self.serve().and_then(|()| self.wait());
        self.progress = None;
        let ended = ended.and_then(|status| self.outcome(status));
        match ended {
            Ok(outcome) => Ok((outcome, std::mem::take(&mut self.document))),
            Err(ended) => Err(Early {
                ended,
                step: self.step.take(),
                begun: self.begun,
            }),
        }
    }

    /// How long the child may still take.
    fn left(&self) -> Result<Option<Duration>, Ended> {
        let Some((until, seconds)) = self.until else {
            return Ok(None);
        };
        match until.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => Err(Ended::limit(say!(sandbox_time, seconds = seconds))),
        }
    }

    /// Until the child has closed everything.
    fn serve(&mut self) -> Result<(), Ended> {
        let mut stdout = self.child.stdout.take();
        let mut stderr = self.child.stderr.take();
        let mut talks = true;
        let mut buffer = vec![0; 64 * 1024];
        while talks || stdout.is_some() || stderr.is_some() {
            let left = self.left()?;
            let [said, written, words] = {
                let pipes = [
                    talks.then(|| self.socket.as_fd()),
                    stdout.as_ref().map(AsFd::as_fd),
                    stderr.as_ref().map(AsFd::as_fd),
                ];
                ready(pipes, left).map_err(|e| Ended::fault(crate::exit::why(&e)))?
            };
            if said {
                match wire::receive(&self.socket) {
                    Ok(Some((message, _))) => self.hear(message),
                    Ok(None) | Err(Errno::CONNRESET) => talks = false,
                    Err(_) => return Err(Ended::fault(say!(sandbox_garbled))),
                }
            }
            if written && let Some(pipe) = &mut stdout {
                match pipe.read(&mut buffer) {
                    Ok(0) | Err(_) => stdout = None,
                    Ok(n) => self
                        .document
                        .extend_from_slice(buffer.get(..n).unwrap_or_default()),
                }
                if self.document.len() > MAX_DOCUMENT {
                    return Err(Ended::limit(say!(sandbox_document, most = MAX_DOCUMENT)));
                }
            }
            if words && let Some(pipe) = &mut stderr {
                match pipe.read(&mut buffer) {
                    Ok(0) | Err(_) => stderr = None,
                    Ok(n) => {
                        let room = MAX_LAST_WORDS.saturating_sub(self.last_words.len());
                        self.last_words.extend(buffer.iter().take(n.min(room)));
                    }
                }
            }
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<ExitStatus, Ended> {
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => {}
                Err(e) => return Err(Ended::fault(crate::exit::why(&e))),
            }
            self.left()?;
            std::thread::sleep(PAUSE);
        }
    }

    fn outcome(&self, status: ExitStatus) -> Result<Outcome, Ended> {
        if let Some(outcome) = status.code().and_then(Outcome::of_code) {
            return match outcome {
                Outcome::Failed => Ok(outcome),
                _ if self.job.scan.is_some() && self.document.is_empty() => {
                    Err(Ended::fault(say!(sandbox_no_document)))
                }
                _ => Ok(outcome),
            };
        }
        let said = |words: &str| {
            let words = words.as_bytes();
            self.last_words.windows(words.len()).any(|w| w == words)
        };
        Err(match status.signal() {
            // As the standard library and the allocator's caller put it.
            _ if said("memory allocation of") => Ended::limit(say!(sandbox_memory)),
            _ if said("overflowed its stack") => Ended::fault(say!(sandbox_stack)),
            Some(libc::SIGXCPU) => Ended::limit(say!(sandbox_cpu)),
            Some(signal) => Ended::fault(say!(sandbox_signal, signal = signal)),
            None => {
                let code = status.code().unwrap_or_default();
                Ended::fault(say!(sandbox_code, code = code))
            }
        })
    }

    fn hear(&mut self, message: FromChild) {
        match message {
            FromChild::Say(line) => {
                let ui = self.ui;
                match &self.progress {
                    Some(progress) => progress.suspend(|| ui.print(&line)),
                    None => ui.print(&line),
                }
            }
            FromChild::Step { what, shown } => {
                if shown {
                    self.progress().step(what.clone());
                }
                self.step = Some(what);
            }
            FromChild::Begins => self.begun = true,
            FromChild::Files { files, bytes } => self.progress().files(files, bytes),
            FromChild::Bytes { done, total } => self.progress().bytes(done, total),
            FromChild::StepsEnd => self.progress = None,
            FromChild::Open {
                image,
                name,
                beside,
                role,
            } => {
                let beside = beside.map(|beside| beside.path());
                let opened = self
                    .gate(&image.path())
                    .and_then(|gate| gate.open(name.bytes(), beside.as_deref(), role));
                // One that is dead is met by its end.
                let _ = match opened {
                    Ok(admitted) => {
                        let path = wire::Name::of(&admitted.path);
                        let message = ToChild::Opened { path };
                        wire::send(&self.socket, &message, Some(admitted.file.as_fd()))
                    }
                    Err(e) => wire::send(&self.socket, &ToChild::from(e), None),
                };
            }
        }
    }

    fn progress(&mut self) -> &mut Progress {
        let ui = self.ui;
        self.progress.get_or_insert_with(|| ui.progress())
    }

    /// The gate of an image of the arguments.
    fn gate(&mut self, image: &Path) -> imgscan_core::Result<&Gate> {
        self.files += 1;
        if self.files > MAX_FILES || !self.job.images.contains(&image) {
            let why = say!(sandbox_not_asked);
            return Err(Error::new(Layer::Container, Kind::Denied, None, why));
        }
        if !self.gates.contains_key(image) {
            let gate = Gate::new(image, self.job.backing_dir)?;
            self.gates.insert(image.to_owned(), gate);
        }
        let gate = self.gates.get(image);
        gate.ok_or_else(|| Error::not_found(Layer::Container, say!(sandbox_not_asked)))
    }
}

/// Waits until one of these can be read or is closed, or `left` is over; tells which.
fn ready<const N: usize>(
    pipes: [Option<std::os::fd::BorrowedFd<'_>>; N],
    left: Option<Duration>,
) -> io::Result<[bool; N]> {
    let mut polled: Vec<PollFd<'_>> = pipes
        .iter()
        .flatten()
        .map(|pipe| PollFd::from_borrowed_fd(*pipe, PollFlags::IN))
        .collect();
    let left = left.map(|left| Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    });
    match poll(&mut polled, left.as_ref()) {
        Ok(_) => {}
        Err(Errno::INTR) => return Ok([false; N]),
        Err(e) => return Err(e.into()),
    }
    let mut polled = polled.into_iter();
    Ok(pipes.map(|pipe| {
        let met = pipe.and_then(|_| polled.next());
        met.is_some_and(|met| !met.revents().is_empty())
    }))
}
