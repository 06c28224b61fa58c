//! The Rust of messages.

use std::fmt::Write as _;

use crate::Style;
use crate::check::Pair;
use crate::model::{Piece, Variant};

/// Rust with a type for each message and a table of those that are looked up by code.
pub(crate) fn rust(messages: &[Pair], style: Style) -> String {
    let mut out = String::from("// Written by the build from the .ftl files.\n\n");
    let mut table = String::new();
    for message in messages {
        let code = &message.en.code;
        let template = format!(
            "{text}::Template {{ code: {code:?}, args: &{args:?}, en: {en}, zh: {zh} }}",
            text = style.text,
            args = message.args,
            en = pattern(&message.en.pattern, &message.args, style.text),
            zh = pattern(&message.zh.pattern, &message.args, style.text),
        );
        if (style.by_code)(code) {
            let _ = writeln!(table, "    ({code:?}, {template}),");
        } else {
            typed(&mut out, message, &template, style.text);
        }
    }
    let _ = writeln!(
        out,
        "/// The messages that are looked up by their code, sorted by it.\n\
         #[allow(dead_code)]\n\
         pub(crate) static BY_CODE: &[(&str, {text}::Template)] = &[\n{table}];",
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
                 static TEMPLATE: {text}::Template = {template};\n        \
                 TEMPLATE.fill([{values} ])\n    \
             }}\n\
         }}\n"
    );
}

fn pattern(pieces: &[Piece], args: &[String], text: &str) -> String {
    let mut out = String::from("&[");
    for piece in pieces {
        let at = |name: &String| args.iter().position(|a| a == name).unwrap_or_default();
        let _ = match piece {
            Piece::Text(fixed) => write!(out, "{text}::Piece::Text({fixed:?}), "),
            Piece::Arg(name) => write!(out, "{text}::Piece::Arg({}), ", at(name)),
            Piece::Select { by, variants } => {
                let variants: String = variants
                    .iter()
                    .map(|(when, value)| {
                        format!("({}, {}), ", key(when, text), pattern(value, args, text))
                    })
                    .collect();
                write!(out, "{text}::Piece::Select({}, &[{variants}]), ", at(by))
            }
        };
    }
    out.push(']');
    out
}

fn key(when: &Variant, text: &str) -> String {
    match when {
        Variant::Number(number) => format!("{text}::When::Number({number})"),
        Variant::Word(word) => format!("{text}::When::Word({word:?})"),
        Variant::Other => format!("{text}::When::Other"),
    }
}
