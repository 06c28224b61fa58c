//! The arguments. What users read of them is in `messages/*.ftl` and set by [`crate::help`].

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use imgscan_core::budget::Limits;
use imgscan_core::container::OpenOptions;

use crate::exit::Failure;
use crate::image;
use crate::output::Ui;
use crate::sandbox::Mode;

/// Reads disk images without booting or mounting them.
#[derive(Debug, Parser)]
#[command(name = "imgscan", version, propagate_version = true)]
pub(crate) struct Cli {
    /// Language of messages; default from LC_ALL, LC_MESSAGES, LANG
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<LangArg>,
    /// Whether images are parsed in a sandbox
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "MODE",
        default_value = "auto",
        env = "IMGSCAN_SANDBOX",
        hide_env = true
    )]
    pub(crate) sandbox: Mode,
    /// Seconds after which the command is ended
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=1_000_000),
        env = "IMGSCAN_MAX_TIME",
        hide_env = true
    )]
    pub(crate) max_time: Option<u64>,
    /// Bytes that are read of an image
    #[arg(
        long,
        global = true,
        value_name = "BYTES",
        env = "IMGSCAN_MAX_READ",
        hide_env = true
    )]
    pub(crate) max_read: Option<u64>,
    /// Questions that the file systems of an image are asked
    #[arg(
        long,
        global = true,
        value_name = "COUNT",
        env = "IMGSCAN_MAX_STEPS",
        hide_env = true
    )]
    pub(crate) max_steps: Option<u64>,
    /// Bytes of memory that are held at once
    #[arg(
        long,
        global = true,
        value_name = "BYTES",
        env = "IMGSCAN_MAX_MEMORY",
        hide_env = true
    )]
    pub(crate) max_memory: Option<u64>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// What the reading of an image may cost. What only passes on the bytes that are there bounds itself by them.
    pub(crate) fn limits(&self) -> Limits {
        let default = match &self.command {
            Command::Cat(_) | Command::Extract(_) | Command::Hash(_) | Command::Digest(_) => {
                Limits::NONE
            }
            _ => Limits::default(),
        };
        Limits {
            read: self.max_read.unwrap_or(default.read),
            steps: self.max_steps.unwrap_or(default.steps),
            // What is there may be passed on, but not kept.
            memory: self.max_memory.unwrap_or(Limits::default().memory),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge an image against a policy: exit code 0 accept, 1 reject, 3 review
    Scan(ScanArgs),
    /// Describe an image: container, volumes, file systems, guests with their inventory
    Info(InfoArgs),
    /// List a directory of the image
    Ls(LsArgs),
    /// Write a file of the image to standard output
    Cat(CatArgs),
    /// Write files of the image into a folder; of one image no more bytes than 64 times its files
    /// and 16 GiB
    Extract(ExtractArgs),
    /// Print the SHA-256 of every regular file and stream; of one image no more bytes are read than
    /// 64 times its files and 16 GiB
    Hash(HashArgs),
    /// Show a key of the Windows registry
    Reg(RegArgs),
    /// List what runs in ring 0 at the next boot of a Linux image, and how far it is proven
    Kernel(KernelArgs),
    /// List what runs by itself on a Windows image, and what explains it
    Autoruns(AutorunsArgs),
    /// Compare an image with the one it was made from: exit code 0 equal, 1 different
    Diff(DiffArgs),
    /// Keep a database of kernels, modules and boot files known good
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Look at policies: list, show, export, check, explain
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Explain a check of a policy: what it wants, its parameters, what to do
    Explain(ExplainArgs),
    /// Print SHA-256 and size of the virtual disk: equal for every container of the same disk
    Digest(DigestArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List the built-in policies
    List,
    /// Show a policy with its checks, or one check as it is in force
    Show(ShowArgs),
    /// Print a built-in policy as YAML
    Export(ExportArgs),
    /// Check a policy file: every fault with its place
    Validate(ValidateArgs),
    /// Explain a check of a policy
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A built-in policy, a policy file, or the id of a check
    pub(crate) id: PathBuf,
    /// The policy of the check
    #[arg(long, value_name = "NAME|FILE", default_value = "tencent-marketplace")]
    pub(crate) policy: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A built-in policy
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// The policy file
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The id of a check
    pub(crate) check: String,
    /// The policy of the check
    #[arg(long, value_name = "NAME|FILE", default_value = "tencent-marketplace")]
    pub(crate) policy: PathBuf,
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

/// Where and how a document is written.
#[derive(Debug, Args)]
pub(crate) struct DocumentArgs {
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write to this file in place of standard output: whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What the parts of an image are held against.
#[derive(Debug, Args)]
pub(crate) struct ReferenceArgs {
    /// Accept as pinned the certificates in this file as well (DER, or PEM with several)
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// Files known good: a database that `imgscan baseline add` made
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
    #[command(flatten)]
    pub(crate) references: ReferenceArgs,
    /// Name of a built-in policy, or a policy file (anything with a dot or a slash)
    #[arg(long, value_name = "NAME|FILE", default_value = "tencent-marketplace")]
    pub(crate) policy: PathBuf,
    /// What the vendor declares of the product: files pinned by digest or publisher
    #[arg(long, value_name = "FILE")]
    pub(crate) declaration: Option<PathBuf>,
    /// Put the SHA-256 of the whole image file into the report
    #[arg(long)]
    pub(crate) image_sha256: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
}

#[derive(Debug, Args)]
pub(crate) struct KernelArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
    #[command(flatten)]
    pub(crate) references: ReferenceArgs,
    /// Name of a built-in policy, or a policy file: it says what arguments of the kernel do
    #[arg(long, value_name = "NAME|FILE", default_value = "tencent-marketplace")]
    pub(crate) policy: PathBuf,
    /// For each object the commands that repeat its proof with other tools
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AutorunsArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
    #[command(flatten)]
    pub(crate) references: ReferenceArgs,
    /// Name of a built-in policy, or a policy file: it says what explains an entry
    #[arg(long, value_name = "NAME|FILE", default_value = "tencent-marketplace")]
    pub(crate) policy: PathBuf,
    /// What the vendor declares of the product: files pinned by digest or publisher
    #[arg(long, value_name = "FILE")]
    pub(crate) declaration: Option<PathBuf>,
    /// Only what is not explained
    #[arg(long)]
    pub(crate) unexplained: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The image it was made from
    pub(crate) base: PathBuf,
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Add the files of an image, of a Debian or rpm package, or of a folder
    Add(BaselineAddArgs),
    /// List what is known
    List(BaselineListArgs),
    /// Compare the files of an image, a package or a folder: exit code 0 equal, 1 other bytes,
    /// 3 not known
    Verify(BaselineVerifyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BaselineAddArgs {
    /// A disk image, a package (.deb, .rpm), or a folder of packages or with the files of a system
    #[arg(required = true)]
    pub(crate) what: Vec<PathBuf>,
    /// The database; it is made where it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// Add an image too in which files were modified or replaced (levels K0 and K1)
    #[arg(long)]
    pub(crate) force: bool,
    /// Accept the certificates in this file as pinned too (DER, or PEM with several)
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// A further folder in which files that the image names may be opened
    #[arg(long, value_name = "DIR")]
    pub(crate) backing_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineListArgs {
    /// The database
    #[arg(long, value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineVerifyArgs {
    /// A disk image, a package (.deb, .rpm), or a folder of packages or with the files of a system
    pub(crate) what: PathBuf,
    /// The database
    #[arg(long, value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// A further folder in which files that the image names may be opened
    #[arg(long, value_name = "DIR")]
    pub(crate) backing_dir: Option<PathBuf>,
}

impl ImageArgs {
    /// As the library takes them; in a sandbox the image is opened.
    pub(crate) fn options(&self, ui: &Ui) -> Result<OpenOptions, Failure> {
        Ok(OpenOptions {
            snapshot: self.snapshot.clone(),
            ..image::options(&self.image, self.backing_dir.as_ref(), ui)?
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// Directory or file: `p2:/path` for the volume p2, or `/path` of the only volume; where
    /// several have files, `/path` is of the guest with its file systems mounted. Default: the root
    pub(crate) path: Option<OsString>,
    /// Long form: mode, links, owner, group, size, time of change (UTC), name
    #[arg(short)]
    pub(crate) long: bool,
    /// Everything below it, into what is mounted there
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
    /// File: `p2:/path` for the volume p2, or `/path` of the only volume or of the guest
    pub(crate) path: OsString,
    /// This named stream (NTFS) in place of the main contents
    #[arg(long, value_name = "NAME")]
    pub(crate) stream: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct ExtractArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// Directories or files: `p2:/path` for the volume p2, or `/path` of the only volume; where
    /// several have files, `/path` is of the guest with its file systems mounted. Default:
    /// everything, volume by volume
    pub(crate) paths: Vec<OsString>,
    /// Folder to write into; nothing is ever written outside it
    #[arg(short = 'C', value_name = "DIR", required = true)]
    pub(crate) dir: PathBuf,
    /// In place of paths: all registry hives of the image with their logs
    #[arg(long, conflicts_with = "paths")]
    pub(crate) hives: bool,
    /// Replace files and links that are in the folder already
    #[arg(long)]
    pub(crate) force: bool,
    /// Keep set-user-id, set-group-id and sticky bits
    #[arg(long)]
    pub(crate) special_bits: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HashArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// Directory or file: `p2:/path` for the volume p2, or `/path` of the only volume; where
    /// several have files, `/path` is of the guest with its file systems mounted. Default:
    /// everything, volume by volume
    pub(crate) path: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct RegArgs {
    /// The disk image, or a hive file by itself
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// `HKLM\SYSTEM\CurrentControlSet\...`, `HKU\<user or SID>\...`; in a hive file, or with
    /// --hive, from its root (`\` is the root itself)
    pub(crate) key: OsString,
    /// Only this value; '' for the default one
    #[arg(short, long, value_name = "NAME", conflicts_with = "recursive")]
    pub(crate) value: Option<OsString>,
    /// All keys below it
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = RegFormat::Text)]
    pub(crate) format: RegFormat,
    /// The hive in this file of the image (`/path`, or `p2:/path` for the volume p2)
    #[arg(long, value_name = "PATH")]
    pub(crate) hive: Option<OsString>,
    /// A log of the hive file (NAME.LOG1, NAME.LOG2 or NAME.LOG), in place of those beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) logs: Vec<PathBuf>,
}

/// Output formats of `reg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RegFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// As regedit exports it: version 5.00, UTF-16
    Reg,
}

#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    #[command(flatten)]
    pub(crate) image: ImageArgs,
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
