//! The arguments.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Reads disk images without booting or mounting them.
#[derive(Debug, Parser)]
#[command(name = "imgscan", version, propagate_version = true)]
pub(crate) struct Cli {
    /// Language of messages; default from LC_ALL, LC_MESSAGES, LANG
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<LangArg>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List a directory of the image
    Ls(LsArgs),
    /// Write a file of the image to standard output
    Cat(CatArgs),
    /// Print the SHA-256 of every regular file and stream
    Hash(HashArgs),
}

/// Which image, and what it may open.
#[derive(Debug, Args)]
pub(crate) struct ImageArgs {
    /// The disk image (raw or qcow2)
    pub(crate) image: PathBuf,
    /// A further folder in which files that the image names (backing file, data file) may be
    /// opened
    #[arg(long, value_name = "DIR")]
    pub(crate) backing_dir: Option<PathBuf>,
    /// Read this internal snapshot (name or id) in place of the current state
    #[arg(long, value_name = "NAME")]
    pub(crate) snapshot: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// Directory or file: `/path`, or `p2:/path` for the volume p2; default the root
    pub(crate) path: Option<OsString>,
    /// Long form: mode, links, owner, group, size, time of change (UTC), name
    #[arg(short)]
    pub(crate) long: bool,
    /// Everything below it
    #[arg(short = 'R')]
    pub(crate) recursive: bool,
    /// Output format; json is one object a line
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CatArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// File: `/path`, or `p2:/path` for the volume p2
    pub(crate) path: OsString,
    /// This named stream (NTFS) in place of the main contents
    #[arg(long, value_name = "NAME")]
    pub(crate) stream: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct HashArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// Directory or file: `/path`, or `p2:/path` for the volume p2; default everything
    pub(crate) path: Option<OsString>,
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangArg {
    /// English
    En,
    /// 简体中文
    Zh,
}

impl From<LangArg> for imgscan_core::text::Lang {
    fn from(arg: LangArg) -> Self {
        match arg {
            LangArg::En => Self::En,
            LangArg::Zh => Self::Zh,
        }
    }
}
