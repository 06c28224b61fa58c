//! Messages as this crate keeps them, and how they are read from Fluent.

use std::collections::BTreeMap;

use fluent_syntax::ast;

use crate::Faults;

/// A message of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its code (`lnx-net-001-foreign`).
    pub code: String,
    /// What it says.
    pub pattern: Vec<Piece>,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Fixed text.
    Text(String),
    /// The value of an argument.
    Arg(String),
    /// One of several patterns, by an argument.
    Select {
        /// The argument.
        by: String,
        /// The patterns; the last is the one for everything else.
        variants: Vec<(Variant, Vec<Piece>)>,
    },
}

/// When a pattern of a selection is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variant {
    /// The argument is this number.
    Number(i64),
    /// The argument is this word or, for `one`, a number that takes the singular.
    Word(String),
    /// Always.
    Other,
}

/// Reads the messages of a file by their codes.
pub(crate) fn parse(file: &str, text: &str) -> Result<BTreeMap<String, Message>, Faults> {
    let resource = fluent_syntax::parser::parse(text).map_err(|(_, errors)| {
        let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        Faults(
            errors
                .iter()
                .map(|e| format!("{file}:{}: {}", line(e.pos.start), e.kind))
                .collect(),
        )
    })?;
    let mut faults = Vec::new();
    let mut terms = BTreeMap::new();
    for entry in &resource.body {
        if let ast::Entry::Term(term) = entry {
            match pieces(&term.value, &BTreeMap::new()) {
                Ok(value) => drop(terms.insert(term.id.name.to_owned(), value)),
                Err(why) => faults.push(format!("{file}: -{}: {why}", term.id.name)),
            }
        }
    }
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        let ast::Entry::Message(message) = entry else {
            continue;
        };
        let code = message.id.name.to_owned();
        let Some(value) = &message.value else {
            faults.push(format!("{file}: {code}: it has no text"));
            continue;
        };
        if !message.attributes.is_empty() {
            faults.push(format!("{file}: {code}: attributes are not supported"));
        }
        match pieces(value, &terms) {
            Ok(pattern) => {
                let message = Message {
                    code: code.clone(),
                    pattern,
                };
                if messages.insert(code.clone(), message).is_some() {
                    faults.push(format!("{file}: {code}: it is duplicated"));
                }
            }
            Err(why) => faults.push(format!("{file}: {code}: {why}")),
        }
    }
    if faults.is_empty() {
        Ok(messages)
    } else {
        Err(Faults(faults))
    }
}

type Terms = BTreeMap<String, Vec<Piece>>;

fn pieces(pattern: &ast::Pattern<&str>, terms: &Terms) -> Result<Vec<Piece>, String> {
    let mut all: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let new = match element {
            ast::PatternElement::TextElement { value } => vec![Piece::Text((*value).to_owned())],
            ast::PatternElement::Placeable { expression } => placed(expression, terms)?,
        };
        for piece in new {
            match (all.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(more)) => before.push_str(&more),
                (_, piece) => all.push(piece),
            }
        }
    }
    Ok(all)
}

fn placed(expression: &ast::Expression<&str>, terms: &Terms) -> Result<Vec<Piece>, String> {
    match expression {
        ast::Expression::Inline(inline) => inlined(inline, terms),
        ast::Expression::Select { selector, variants } => {
            let ast::InlineExpression::VariableReference { id } = selector else {
                return Err("a selection is over an argument".into());
            };
            let mut kept = Vec::new();
            let mut other = None;
            for variant in variants {
                let value = pieces(&variant.value, terms)?;
                if variant.default {
                    other = Some(value);
                    continue;
                }
                let key = match &variant.key {
                    ast::VariantKey::Identifier { name } => Variant::Word((*name).to_owned()),
                    ast::VariantKey::NumberLiteral { value } => match value.parse() {
                        Ok(number) => Variant::Number(number),
                        Err(_) => return Err(format!("{value} is no whole number")),
                    },
                };
                kept.push((key, value));
            }
            let other = other.ok_or("a selection needs a variant with *")?;
            kept.push((Variant::Other, other));
            Ok(vec![Piece::Select {
                by: argument(id.name)?,
                variants: kept,
            }])
        }
    }
}

fn inlined(inline: &ast::InlineExpression<&str>, terms: &Terms) -> Result<Vec<Piece>, String> {
    match inline {
        ast::InlineExpression::StringLiteral { value }
        | ast::InlineExpression::NumberLiteral { value } => {
            let mut text = String::new();
            fluent_syntax::unicode::unescape_unicode(&mut text, value)
                .map_err(|e| e.to_string())?;
            Ok(vec![Piece::Text(text)])
        }
        ast::InlineExpression::VariableReference { id } => Ok(vec![Piece::Arg(argument(id.name)?)]),
        ast::InlineExpression::TermReference {
            id,
            attribute: None,
            arguments: None,
        } => match terms.get(id.name) {
            Some(value) => Ok(value.clone()),
            None => Err(format!("there is no term -{}", id.name)),
        },
        ast::InlineExpression::Placeable { expression } => placed(expression, terms),
        _ => Err("only arguments, literals, terms and selections are supported".into()),
    }
}

fn argument(name: &str) -> Result<String, String> {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.bytes().all(word) {
        Ok(name.to_owned())
    } else {
        Err(format!(
            "argument ${name}: lower-case letters, digits and _ are allowed"
        ))
    }
}
