//! A line on the terminal that says how far whole-tree work has come.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::sandbox::Channel;

/// Counts files and bytes.
pub(crate) struct Progress {
    bar: ProgressBar,
    visible: bool,
    /// To the process that shows it, in a sandbox.
    channel: Option<Arc<Channel>>,
    files: u64,
    bytes: u64,
}

impl Progress {
    /// Draws only where `visible`, or has it drawn by the process behind `channel`.
    pub(crate) fn new(visible: bool, channel: Option<Arc<Channel>>) -> Self {
        let drawn = visible && channel.is_none();
        let target = if drawn {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
            bar.set_style(style);
        }
        if drawn {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self {
            bar,
            visible,
            channel,
            files: 0,
            bytes: 0,
        }
    }

    /// One more file of `bytes` bytes is done.
    pub(crate) fn file(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.visible && self.files.is_multiple_of(64) {
            self.files(self.files, self.bytes);
        }
    }

    /// So many files and bytes are done.
    pub(crate) fn files(&self, files: u64, bytes: u64) {
        match &self.channel {
            Some(channel) => channel.files(files, bytes),
            None => self
                .bar
                .set_message(format!("{files} / {}", HumanBytes(bytes))),
        }
    }

    /// `done` of `total` bytes are done.
    pub(crate) fn done(&mut self, done: u64, total: u64) {
        let step = 16 << 20;
        if self.visible && done / step != self.bytes / step {
            self.bytes(done, total);
        }
        self.bytes = done;
    }

    /// So many bytes of all are done.
    pub(crate) fn bytes(&self, done: u64, total: u64) {
        match &self.channel {
            Some(channel) => channel.bytes(done, total),
            None => {
                let message = format!("{} / {}", HumanBytes(done), HumanBytes(total));
                self.bar.set_message(message);
            }
        }
    }

    /// What is being done now.
    pub(crate) fn step(&self, what: String) {
        match &self.channel {
            Some(channel) => channel.step(&what, true),
            None => self.bar.set_message(what),
        }
    }

    /// Writes a message without breaking the line.
    pub(crate) fn suspend(&self, message: impl FnOnce()) {
        self.bar.suspend(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        match &self.channel {
            Some(channel) => channel.steps_end(),
            None => self.bar.finish_and_clear(),
        }
    }
}
