//! Standard output and standard error.

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use imgscan_core::Error;
use imgscan_core::budget::Limits;
use imgscan_core::evidence::Gap;
use imgscan_core::text::{Lang, Text, lossless, terminal};

use crate::exit::Failure;
use crate::progress::Progress;
use crate::sandbox::{Access, Channel};

/// What every command needs to speak to its user.
pub(crate) struct Ui {
    lang: Lang,
    /// To the process that speaks for this one, in a sandbox.
    channel: Option<Arc<Channel>>,
    /// What the reading of an image may cost.
    pub(crate) limits: Limits,
}

impl Ui {
    pub(crate) fn new(lang: Lang, channel: Option<Arc<Channel>>) -> Self {
        Self {
            lang,
            channel,
            limits: Limits::default(),
        }
    }

    /// The way to the process outside, in a sandbox.
    pub(crate) fn channel(&self) -> Option<&Arc<Channel>> {
        self.channel.as_ref()
    }

    /// True where this process is to parse in a sandbox.
    pub(crate) fn in_sandbox(&self) -> bool {
        self.channel.is_some()
    }

    /// Before the first byte of an image, a package or a database is read, and behind the last
    /// file that the arguments name: what this process does not need, it gives up, where it is to.
    pub(crate) fn enter(&self, access: &Access<'_>) -> Result<(), Failure> {
        match &self.channel {
            Some(channel) => channel.enter(access, self),
            None => Ok(()),
        }
    }

    /// A document is about to be written piece by piece.
    pub(crate) fn begin(&self) {
        if !BEGUN.swap(true, Ordering::Relaxed)
            && let Some(channel) = &self.channel
        {
            channel.begin();
        }
    }

    /// What is being done, should that be the last of it.
    pub(crate) fn step(&self, what: &str) {
        if let Some(channel) = &self.channel {
            channel.step(what, false);
        }
    }

    /// The language of messages.
    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    /// A sentence in the user's language, as a terminal may show it.
    pub(crate) fn words(&self, text: &Text) -> String {
        terminal(text.get(self.lang))
    }

    /// A message on standard error.
    pub(crate) fn say(&self, text: &Text) {
        self.print(text.get(self.lang));
    }

    /// A message about `place` (a volume, a path).
    pub(crate) fn at(&self, place: &[u8], what: &Text) {
        let place = lossless(place);
        self.say(&say!(ui_at, place = place, what = what));
    }

    /// Something unusual with the image as a whole.
    pub(crate) fn warning(&self, err: &Error) {
        self.say(&err.text());
    }

    /// An error of the image at `place` (a volume, a path).
    pub(crate) fn damage(&self, place: &[u8], err: &Error) {
        self.at(place, &err.text());
    }

    /// What could not be read of the image.
    pub(crate) fn gap(&self, gap: &Gap) {
        self.print(&gap.message(self.lang));
    }

    /// Why the command stopped.
    pub(crate) fn failure(&self, failure: &Failure) {
        match failure {
            Failure::Policy(faults) => {
                for fault in faults.iter() {
                    self.say(&fault.text());
                }
            }
            Failure::Image(e) => self.warning(e),
            Failure::Host(text) | Failure::Usage(text) | Failure::Fault(text) => self.say(text),
            Failure::ClosedPipe => {}
        }
    }

    /// A line on standard error.
    pub(crate) fn print(&self, message: &str) {
        let line = terminal(message);
        match &self.channel {
            Some(channel) => channel.say(&line),
            // Nobody may be listening; that is no reason to stop.
            None => drop(writeln!(io::stderr().lock(), "imgscan: {line}")),
        }
    }

    /// True where progress is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        match &self.channel {
            Some(channel) => channel.shows_progress(),
            None => io::stderr().is_terminal(),
        }
    }

    /// Progress of whole-tree work: shown where standard error is a terminal.
    pub(crate) fn progress(&self) -> Progress {
        Progress::new(self.shows_progress(), self.channel.clone())
    }
}

static BEGUN: AtomicBool = AtomicBool::new(false);

/// True where a part of a document may be on standard output.
pub(crate) fn begun() -> bool {
    BEGUN.load(Ordering::Relaxed)
}

/// Buffered standard output. Call [`io::Write::flush`] at the end: dropping it hides errors.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}
