//! A line on the terminal that says how far whole-tree work has come.

use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Counts files and bytes.
pub(crate) struct Progress {
    bar: ProgressBar,
    files: u64,
    bytes: u64,
}

impl Progress {
    /// Draws only where `visible`.
    pub(crate) fn new(visible: bool) -> Self {
        let target = if visible {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
            bar.set_style(style);
        }
        if visible {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self {
            bar,
            files: 0,
            bytes: 0,
        }
    }

    /// One more file of `bytes` bytes is done.
    pub(crate) fn file(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if !self.bar.is_hidden() && self.files.is_multiple_of(64) {
            let message = format!("{} / {}", self.files, HumanBytes(self.bytes));
            self.bar.set_message(message);
        }
    }

    /// `done` of `total` bytes are done.
    pub(crate) fn done(&mut self, done: u64, total: u64) {
        let step = 16 << 20;
        if !self.bar.is_hidden() && done / step != self.bytes / step {
            let message = format!("{} / {}", HumanBytes(done), HumanBytes(total));
            self.bar.set_message(message);
        }
        self.bytes = done;
    }

    /// What is being done now.
    pub(crate) fn step(&self, what: String) {
        self.bar.set_message(what);
    }

    /// Writes a message without breaking the line.
    pub(crate) fn suspend(&self, message: impl FnOnce()) {
        self.bar.suspend(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
