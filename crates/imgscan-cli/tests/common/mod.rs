//! The program as every test runs it.

use std::process::{Command, Output, Stdio};

/// `imgscan` with `args`, in the C locale, without standard input, and as it is by default.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgscan"));
    command.args(args).env("LC_ALL", "C").stdin(Stdio::null());
    for variable in [
        "IMGSCAN_SANDBOX",
        "IMGSCAN_MAX_TIME",
        "IMGSCAN_MAX_READ",
        "IMGSCAN_MAX_STEPS",
        "IMGSCAN_MAX_MEMORY",
    ] {
        command.env_remove(variable);
    }
    command
}

/// What it says.
pub(crate) fn imgscan(args: &[&str]) -> Output {
    command(args).output().unwrap()
}
