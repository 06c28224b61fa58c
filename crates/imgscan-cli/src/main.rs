//! The command `imgscan`: reads its arguments, calls the library, prints.
//!
//! Standard output carries the result and nothing else; messages and progress go to standard
//! error. Exit codes: see [`exit::Outcome`].

mod args;
mod cat;
mod exit;
mod hash;
mod image;
mod lang;
mod ls;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use exit::{Failure, Outcome};
use output::Ui;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are answers, everything else is a usage error. A closed pipe is
            // no error here either.
            let _ = e.print();
            return match e.exit_code() {
                0 => Outcome::Accept.into(),
                _ => Outcome::Failed.into(),
            };
        }
    };
    let ui = Ui::new(cli.lang.map_or_else(lang::from_environment, Into::into));
    let result = match &cli.command {
        Command::Ls(args) => ls::run(args, &ui),
        Command::Cat(args) => cat::run(args, &ui),
        Command::Hash(args) => hash::run(args, &ui),
    };
    match result {
        Ok(outcome) => outcome.into(),
        Err(Failure::ClosedPipe) => Outcome::Accept.into(),
        Err(failure) => {
            ui.failure(&failure);
            Outcome::Failed.into()
        }
    }
}
