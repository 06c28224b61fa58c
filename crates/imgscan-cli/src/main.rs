//! The command `imgscan`: reads its arguments, calls the library, prints.
//!
//! Standard output carries the result and nothing else; messages and progress go to standard
//! error. Exit codes: see [`exit::Outcome`].

#[macro_use]
mod messages;

mod args;
mod autoruns;
mod baseline;
mod budget;
mod cat;
mod diff;
mod digest;
mod document;
mod exit;
mod extract;
mod failed;
mod hash;
mod help;
mod image;
mod info;
mod kernel;
mod lang;
mod ls;
mod memory;
mod output;
mod policy;
mod progress;
mod references;
mod reg;
mod sandbox;
mod scan;

use std::process::ExitCode;

use clap::FromArgMatches as _;
use imgscan_core::{Layer, contained};

use args::{Cli, Command};
use exit::{Failure, Outcome};
use output::Ui;
use sandbox::Mode;

fn main() -> ExitCode {
    let channel = match sandbox::connect() {
        None => None,
        Some(Ok(channel)) => Some(channel),
        // Nobody listens: it was not this program that started it.
        Some(Err(_)) => return Outcome::Failed.into(),
    };
    let lang = help::language_of(std::env::args_os()).unwrap_or_else(lang::from_environment);
    let mut command = help::command(lang);
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let cli = match parsed
        .and_then(|found| Cli::from_arg_matches(&found).map_err(|e| e.format(&mut command)))
    {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are answers, everything else is a usage error. A closed pipe is
            // no error here either.
            match help::usage_error(&e) {
                Some(text) => Ui::new(lang, channel).say(&text),
                None => drop(e.print()),
            }
            return match e.exit_code() {
                0 => Outcome::Accept.into(),
                _ => Outcome::Failed.into(),
            };
        }
    };
    let lang = cli.lang.map_or_else(lang::from_environment, Into::into);
    let mut ui = Ui::new(lang, channel);
    ui.limits = ui.channel().map_or_else(|| cli.limits(), |c| c.limits());
    // A fault of this program ends as a message and a failure, never as a lost verdict; the
    // library contains what it can by itself. The default hook would print a trace.
    std::panic::set_hook(Box::new(|_| {}));
    let result = contained(Layer::Source, || say!(ui_command), || Ok(run(&cli, &ui)));
    match result.unwrap_or_else(|e| Err(Failure::Fault(*e.detail))) {
        Ok(outcome) => outcome.into(),
        Err(Failure::ClosedPipe) => Outcome::Accept.into(),
        Err(failure) => {
            ui.failure(&failure);
            if let Some(wanted) = failed::Wanted::of(&cli.command)
                && !output::begun()
            {
                wanted.failure(&failure, ui.in_sandbox());
            }
            Outcome::Failed.into()
        }
    }
}

/// Runs the command: in a sandboxed process of its own where it parses what may be hostile.
fn run(cli: &Cli, ui: &Ui) -> Result<Outcome, Failure> {
    if let Some(channel) = ui.channel() {
        let result = execute(&cli.command, ui);
        // A command that forgets to enter it must not look as if it had.
        return match result.is_err() || channel.inside() {
            true => result,
            false => Err(Failure::Fault(say!(sandbox_not_entered))),
        };
    }
    if cli.sandbox != Mode::Off
        && let Some(job) = sandbox::Job::of(&cli.command)?
    {
        return sandbox::run(job, cli.sandbox, cli.max_time, ui);
    }
    execute(&cli.command, ui)
}

fn execute(command: &Command, ui: &Ui) -> Result<Outcome, Failure> {
    match command {
        Command::Scan(args) => scan::run(args, ui),
        Command::Info(args) => info::run(args, ui),
        Command::Ls(args) => ls::run(args, ui),
        Command::Cat(args) => cat::run(args, ui),
        Command::Extract(args) => extract::run(args, ui),
        Command::Hash(args) => hash::run(args, ui),
        Command::Reg(args) => reg::run(args, ui),
        Command::Kernel(args) => kernel::run(args, ui),
        Command::Autoruns(args) => autoruns::run(args, ui),
        Command::Diff(args) => diff::run(args, ui),
        Command::Baseline(command) => baseline::run(command, ui),
        Command::Policy(command) => policy::run(command, ui),
        Command::Explain(args) => policy::explain(args, ui),
        Command::Digest(args) => digest::run(args, ui),
    }
}
