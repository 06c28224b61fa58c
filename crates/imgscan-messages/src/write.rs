//! The Rust of messages.

use std::fmt::Write as _;

use crate::Style;
use crate::check::Pair;
use crate::model::{Piece, Variant};

// As `Template` of the core reads them.
const FIELD: char = '\u{1f}';
const ARGUMENT: char = '\u{1}';
const SELECTION: char = '\u{2}';
const VARIANT: char = '\u{3}';
const PATTERN: char = '\u{4}';
const END: char = '\u{5}';

/// Rust with a type for each message and a table of those that are looked up by code.
pub(crate) fn rust(messages: &[Pair], style: Style) -> String {
    let mut out = String::from("// Written by the build from the .ftl files.\n\n");
    let mut table = String::new();
    for message in messages {
        let code = &message.en.code;
        let spec = format!(
            "{code}{FIELD}{}{FIELD}{}{FIELD}{}",
            message.args.join(","),
            pattern(&message.en.pattern, &message.args),
            pattern(&message.zh.pattern, &message.args),
        );
        let template = format!("{}::Template::new({spec:?})", style.text);
        if (style.by_code)(code) {
            let _ = writeln!(table, "    {template},");
        } else {
            typed(&mut out, message, &template, style.text);
        }
    }
    let _ = writeln!(
        out,
        "/// The messages that are looked up by their code, sorted by it.\n\
         #[allow(dead_code)]\n\
         pub(crate) static BY_CODE: &[{text}::Template] = &[\n{table}];",
        text = style.text,
    );
    out
}

/// A struct with the arguments as fields.
fn typed(out: &mut String, message: &Pair, template: &str, text: &str) {
    let name = message.en.code.replace('-', "_");
    let fields: String = message
        .args
        .iter()
        .map(|arg| format!(" pub(crate) {arg}: {text}::Arg,"))
        .collect();
    let values: String = message
        .args
        .iter()
        .map(|arg| format!(" self.{arg},"))
        .collect();
    let _ = writeln!(
        out,
        "#[allow(non_camel_case_types)]\n\
         pub(crate) struct {name} {{{fields} }}\n\
         impl {name} {{\n    \
             pub(crate) fn text(self) -> {text}::Text {{\n        \
                 {template}.fill([{values} ])\n    \
             }}\n\
         }}\n"
    );
}

/// `pieces` as `Template` describes a pattern.
fn pattern(pieces: &[Piece], args: &[String]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(fixed) => out.push_str(fixed),
            Piece::Arg(name) => out.extend([ARGUMENT, digit(name, args)]),
            Piece::Select { by, variants } => {
                out.extend([SELECTION, digit(by, args)]);
                for (when, value) in variants {
                    out.push(VARIANT);
                    out.push_str(&key(when));
                    out.push(PATTERN);
                    out.push_str(&pattern(value, args));
                }
                out.push(END);
            }
        }
    }
    out
}

/// The place of the argument `name`; [`crate::check`] lets no message have more than 36.
fn digit(name: &str, args: &[String]) -> char {
    let at = args.iter().position(|a| a == name).unwrap_or_default();
    let at = u32::try_from(at).unwrap_or_default();
    char::from_digit(at, 36).unwrap_or('0')
}

fn key(when: &Variant) -> String {
    match when {
        Variant::Number(number) => format!("#{number}"),
        Variant::Word(word) => format!("={word}"),
        Variant::Other => "*".into(),
    }
}
