//! What `-f json` gives where a command has no other document: why it failed
//! (`docs/error.schema.json`).

use std::io::Write as _;
use std::path::{Path, PathBuf};

use imgscan_core::report::{Tool, json, json_line};
use imgscan_core::text::Text;
use imgscan_core::{Error, Kind, Layer};
use serde::Serialize;

use crate::args::{BaselineCommand, Command, DocumentArgs, Format, RegFormat};
use crate::document::{Target, Writes};
use crate::exit::Failure;
use crate::output::stdout;

/// Where a command that writes JSON wants it, and of what.
pub(crate) struct Wanted<'a> {
    command: &'static str,
    inputs: Vec<&'a Path>,
    output: Option<&'a Path>,
    /// One object a line.
    lines: bool,
}

impl<'a> Wanted<'a> {
    /// What `command` wants; `None` where that is not JSON.
    pub(crate) fn of(command: &'a Command) -> Option<Self> {
        let plain = |command, format, input: &'a Path| {
            (format == Format::Json).then(|| Self {
                command,
                inputs: vec![input],
                output: None,
                lines: false,
            })
        };
        let document = |command, args: &'a DocumentArgs, image| {
            Some(Self {
                output: args.output.as_deref(),
                ..plain(command, args.format, image)?
            })
        };
        match command {
            Command::Scan(args) => document("scan", &args.document, &args.image.image),
            Command::Info(args) => document("info", &args.document, &args.image.image),
            Command::Kernel(args) => document("kernel", &args.document, &args.image.image),
            Command::Autoruns(args) => document("autoruns", &args.document, &args.image.image),
            Command::Diff(args) => Some(Self {
                inputs: vec![&args.base, &args.image.image],
                ..document("diff", &args.document, &args.image.image)?
            }),
            Command::Ls(args) => Some(Self {
                lines: true,
                ..plain("ls", args.format, &args.image.image)?
            }),
            Command::Reg(args) => {
                let format = match args.format {
                    RegFormat::Json => Format::Json,
                    RegFormat::Text | RegFormat::Reg => Format::Text,
                };
                plain("reg", format, &args.image.image)
            }
            Command::Baseline(BaselineCommand::List(args)) => {
                plain("baseline list", args.format, &args.db)
            }
            _ => None,
        }
    }

    /// Writes why the command failed; what hinders that is not told besides.
    pub(crate) fn failure(&self, failure: &Failure, in_sandbox: bool) {
        self.write(None, Reason::of(failure), in_sandbox);
    }

    /// Writes why the command ended early, at `step`; `begun` tells that a part of its output is
    /// written.
    pub(crate) fn ended(&self, step: Option<&str>, kind: Kind, why: Text, begun: bool) {
        // A document that was begun can't be mended.
        if begun && !self.lines {
            return;
        }
        if begun {
            let _ = stdout().write_all(b"\n");
        }
        let error = Error::new(Layer::Source, kind, None, why);
        self.write(step, vec![Reason::of_error(&error)], false);
    }

    fn write(&self, step: Option<&str>, errors: Vec<Reason>, in_sandbox: bool) {
        let document = Document {
            schema: "imgscan-error/1",
            tool: Tool::THIS,
            command: self.command,
            inputs: self
                .inputs
                .iter()
                .map(|i| i.display().to_string())
                .collect(),
            step,
            errors,
        };
        let text = match self.lines {
            true => json_line(&document) + "\n",
            false => json(&document),
        };
        let inputs: Vec<PathBuf> = self.inputs.iter().map(|i| i.to_path_buf()).collect();
        // In a sandbox the process outside writes the file.
        let path = self.output.filter(|_| !in_sandbox);
        let into = |path| {
            let inputs = &inputs;
            Target::of(&Writes { path, inputs })?.write(&text)
        };
        if into(path).is_err() && path.is_some() {
            let _ = into(None);
        }
    }
}

/// The document.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    command: &'static str,
    inputs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'a str>,
    errors: Vec<Reason>,
}

/// A reason why the command failed.
#[derive(Serialize)]
struct Reason {
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<Layer>,
    kind: What,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer_offset: Option<u64>,
    reason: Text,
}

/// What sort of reason it is: that of the library, or one of the program's own.
#[derive(Serialize)]
#[serde(untagged)]
enum What {
    Library(Kind),
    Own(&'static str),
}

impl Reason {
    fn of(failure: &Failure) -> Vec<Self> {
        let own = |kind, reason: &Text| Self {
            layer: None,
            kind: What::Own(kind),
            layer_offset: None,
            reason: reason.clone(),
        };
        match failure {
            Failure::Image(e) => vec![Self::of_error(e)],
            Failure::Policy(faults) => faults.iter().map(|f| own("policy", &f.text())).collect(),
            Failure::Host(text) => vec![own("host", text)],
            Failure::Usage(text) => vec![own("usage", text)],
            Failure::Fault(text) => vec![own("internal", text)],
            Failure::ClosedPipe => Vec::new(),
        }
    }

    fn of_error(error: &Error) -> Self {
        Self {
            layer: Some(error.layer),
            kind: What::Library(error.kind),
            layer_offset: error.offset,
            reason: (*error.detail).clone(),
        }
    }
}
