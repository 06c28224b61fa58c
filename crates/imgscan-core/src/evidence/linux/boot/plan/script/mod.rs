//! The syntax of GRUB 2 scripts: `grub-core/script/yylex.l` and `parser.y` of GRUB 2.06. What its
//! own `grub-script-check` refuses is refused here too (rules 3.3a to 3.3e).

mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use std::rc::Rc;

pub(super) use parser::parse;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Text; where not quoted, `*`, `?` and `[` in it may stand for names of files.
    Text { text: String, quoted: bool },
    /// The value of a variable; where not quoted it is split at blanks.
    Variable { name: String, quoted: bool },
}

/// A word before its variables are replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
}

impl Word {
    /// The word where nothing of it is quoted and it has no variables.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [
                Part::Text {
                    text,
                    quoted: false,
                },
            ] => Some(text),
            _ => None,
        }
    }
}

/// Statements that follow one another.
pub(super) type Block = Rc<Vec<Statement>>;

/// A statement and its line.
#[derive(Debug)]
pub(super) enum Statement {
    Command {
        line: usize,
        words: Vec<Word>,
        /// The block in braces behind the words, of `menuentry` and `submenu`.
        block: Option<Block>,
    },
    If {
        line: usize,
        branches: Vec<(Block, Block)>,
        otherwise: Block,
    },
    For {
        line: usize,
        variable: String,
        words: Vec<Word>,
        body: Block,
    },
    /// `while`, and `until` which waits for the opposite.
    Loop {
        line: usize,
        until: bool,
        condition: Block,
        body: Block,
    },
    Function {
        name: String,
        body: Block,
    },
}

/// A script that was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    pub(super) statements: Block,
    /// Lines at which the grammar could not go on.
    pub(super) trouble: Vec<usize>,
}
