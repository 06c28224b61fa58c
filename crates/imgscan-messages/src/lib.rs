//! Build-time half of the messages: reads one Fluent file per language, holds them against each
//! other, and writes Rust in which each message is a type with its arguments as fields. A message
//! that one language lacks, an argument that only one uses, or a pattern that can't be rendered
//! ends the build with the file and the message's name; a message that nothing uses is dead code.
//!
//! Source of the syntax: Project Fluent, Syntax 1.0 (parsed by `fluent-syntax`). Supported in
//! patterns: text, `{ $argument }`, string and number literals, `{ -term }` without arguments, and
//! selections over an argument by `one`/`other`, by number or by word.

mod check;
mod model;
mod write;

use std::fmt;
use std::path::Path;

pub use model::{Message, Piece, Variant};

/// What is wrong with the messages, one line each.
#[derive(Debug)]
pub struct Faults(pub Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Faults {}

/// How the Rust is written.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The path of the module with `Text`, `Arg` and `Template` (`crate::text`).
    pub text: &'static str,
    /// Tells the messages that are looked up by their code instead of by a type.
    pub by_code: fn(&str) -> bool,
}

/// Reads `en.ftl` and `zh.ftl` of `folder` and gives the Rust for them.
///
/// # Errors
/// All that is wrong with the files, each line beginning with the file's name.
pub fn generate(folder: &Path, style: Style) -> Result<String, Faults> {
    let read = |lang: &str| {
        let name = format!("{lang}.ftl");
        let text = std::fs::read_to_string(folder.join(&name))
            .map_err(|e| Faults(vec![format!("{name}: {e}")]))?;
        model::parse(&name, &text)
    };
    let messages = match (read("en"), read("zh")) {
        (Ok(en), Ok(zh)) => check::pair(en, zh)?,
        (Err(mut a), Err(b)) => {
            a.0.extend(b.0);
            return Err(a);
        }
        (Err(e), _) | (_, Err(e)) => return Err(e),
    };
    Ok(write::rust(&messages, style))
}
