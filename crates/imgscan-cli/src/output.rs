//! Standard output and standard error.

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};

use imgscan_core::Error;
use imgscan_core::text::{Lang, Text, terminal, terminal_bytes};

use crate::exit::Failure;
use crate::progress::Progress;

/// What every command needs to speak to its user.
pub(crate) struct Ui {
    lang: Lang,
}

impl Ui {
    pub(crate) fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// The language of messages.
    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    /// The form of a sentence in the user's language.
    pub(crate) fn text(&self, en: impl Into<String>, zh: impl Into<String>) -> String {
        Text::new(en, zh).get(self.lang).to_owned()
    }

    /// A message on standard error. What comes from the image is escaped by the caller.
    pub(crate) fn say(&self, message: &str) {
        // Nobody may be listening; that is no reason to stop.
        let _ = writeln!(io::stderr().lock(), "imgscan: {message}");
    }

    /// Something unusual with the image as a whole.
    pub(crate) fn warning(&self, err: &Error) {
        self.say(&terminal(&err.message(self.lang)));
    }

    /// An error of the image at `place` (a volume, a path).
    pub(crate) fn damage(&self, place: &[u8], err: &Error) {
        self.say(&format!(
            "{}: {}",
            terminal_bytes(place),
            terminal(&err.message(self.lang))
        ));
    }

    /// Why the command stopped.
    pub(crate) fn failure(&self, failure: &Failure) {
        match failure {
            Failure::Image(e) => self.say(&terminal(&e.message(self.lang))),
            Failure::Host(what, e) => self.say(&terminal(&format!("{what}: {e}"))),
            Failure::Usage(text) => self.say(&terminal(text.get(self.lang))),
            Failure::Fault(text) => self.say(&terminal(text)),
            Failure::ClosedPipe => {}
        }
    }

    /// Progress of whole-tree work: shown where standard error is a terminal.
    pub(crate) fn progress(&self) -> Progress {
        Progress::new(io::stderr().is_terminal())
    }
}

/// Buffered standard output. Call [`io::Write::flush`] at the end: dropping it hides errors.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}
