//! Statements (rule 3.3c). What does not fit is dropped up to the end of its line, and told.

use std::rc::Rc;

use super::lexer::{Token, tokens};
use super::{Block, Script, Statement, Word};

/// Nested blocks that are read.
const MAX_DEPTH: usize = 32;
/// Places of trouble that are told of one script.
const MAX_TROUBLE: usize = 16;

/// Words that begin or part statements; elsewhere they are ordinary.
const RESERVED: &[&str] = &[
    "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select",
    "then", "until", "while", "[[", "]]",
];

/// What does not fit the grammar.
struct Misfit;

type Parsed<T> = Result<T, Misfit>;

/// Reads a script; `file` as for the lexer.
pub(in crate::evidence::linux::boot::plan) fn parse(text: &str, file: bool) -> Script {
    let tokens = tokens(text, file);
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
    };
    let mut statements = Vec::new();
    let mut trouble = Vec::new();
    loop {
        parser.newlines();
        if parser.peek().is_none() {
            break;
        }
        let read = parser.statement().and_then(|s| {
            statements.push(s);
            parser.delimiter()
        });
        if read.is_err() {
            let line = parser.line();
            if trouble.len() < MAX_TROUBLE {
                trouble.push(line);
            }
            parser.depth = 0;
            while !matches!(parser.peek(), None | Some(Token::Newline)) {
                parser.at += 1;
            }
        }
    }
    Script {
        statements: Rc::new(statements),
        trouble,
    }
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|t| &t.0)
    }

    fn line(&self) -> usize {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(1, |t| t.1)
    }

    fn newlines(&mut self) {
        while self.peek() == Some(&Token::Newline) {
            self.at += 1;
        }
    }

    fn keyword(&self) -> Option<&str> {
        match self.peek() {
            Some(Token::Word(word)) => word.plain(),
            _ => None,
        }
    }

    fn expect(&mut self, keyword: &str) -> Parsed<()> {
        if self.keyword() != Some(keyword) {
            return Err(Misfit);
        }
        self.at += 1;
        Ok(())
    }

    /// `;` or the end of a line, and empty lines behind it; the end of the script will do.
    fn delimiter(&mut self) -> Parsed<()> {
        match self.peek() {
            None => return Ok(()),
            Some(Token::Semicolon | Token::Newline) => self.at += 1,
            _ => return Err(Misfit),
        }
        self.newlines();
        Ok(())
    }

    /// At least one statement; they end at one of the keywords, or at a brace.
    fn block(&mut self, ends: &[&str]) -> Parsed<Block> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Misfit);
        }
        self.newlines();
        let mut all = vec![self.statement()?];
        loop {
            let parted = matches!(self.peek(), Some(Token::Semicolon | Token::Newline));
            if parted {
                self.delimiter()?;
            }
            let ends_here = match self.peek() {
                None => return Err(Misfit),
                Some(Token::Close) => ends.is_empty(),
                // A keyword is one only where a statement could begin.
                _ => parted && self.keyword().is_some_and(|k| ends.contains(&k)),
            };
            if ends_here {
                break;
            }
            if !parted {
                return Err(Misfit);
            }
            all.push(self.statement()?);
        }
        self.depth -= 1;
        Ok(Rc::new(all))
    }

    fn braces(&mut self) -> Parsed<Block> {
        self.at += 1;
        let block = self.block(&[])?;
        match self.peek() {
            Some(Token::Close) => self.at += 1,
            _ => return Err(Misfit),
        }
        Ok(block)
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let line = self.line();
        match self.keyword() {
            Some("if") => self.condition(line),
            Some("for") => self.each(line),
            Some(word @ ("while" | "until")) => {
                let until = word == "until";
                self.at += 1;
                let condition = self.block(&["do"])?;
                Ok(Statement::Loop {
                    line,
                    until,
                    condition,
                    body: self.body()?,
                })
            }
            Some("function") => {
                self.at += 1;
                let name = self.keyword().filter(|n| is_name(n)).ok_or(Misfit)?;
                let name = name.to_owned();
                self.at += 1;
                self.newlines();
                if self.peek() != Some(&Token::Open) {
                    return Err(Misfit);
                }
                let body = self.braces()?;
                Ok(Statement::Function { name, body })
            }
            Some(word) if RESERVED.contains(&word) => Err(Misfit),
            _ => {
                let words = self.words();
                if words.is_empty() {
                    return Err(Misfit);
                }
                let open = self.peek() == Some(&Token::Open);
                let block = open.then(|| self.braces()).transpose()?;
                Ok(Statement::Command { line, words, block })
            }
        }
    }

    fn condition(&mut self, line: usize) -> Parsed<Statement> {
        let mut branches = Vec::new();
        self.at += 1;
        loop {
            let condition = self.block(&["then"])?;
            self.expect("then")?;
            let body = self.block(&["elif", "else", "fi"])?;
            branches.push((condition, body));
            match self.keyword() {
                Some("elif") => self.at += 1,
                Some("else") => {
                    self.at += 1;
                    let otherwise = self.block(&["fi"])?;
                    self.expect("fi")?;
                    return Ok(Statement::If {
                        line,
                        branches,
                        otherwise,
                    });
                }
                _ => {
                    self.expect("fi")?;
                    return Ok(Statement::If {
                        line,
                        branches,
                        otherwise: Block::default(),
                    });
                }
            }
        }
    }

    fn each(&mut self, line: usize) -> Parsed<Statement> {
        self.at += 1;
        let variable = self.keyword().filter(|n| is_name(n)).ok_or(Misfit)?;
        let variable = variable.to_owned();
        self.at += 1;
        self.expect("in")?;
        let words = self.words();
        self.delimiter()?;
        let body = self.body()?;
        Ok(Statement::For {
            line,
            variable,
            words,
            body,
        })
    }

    fn body(&mut self) -> Parsed<Block> {
        self.expect("do")?;
        let body = self.block(&["done"])?;
        self.expect("done")?;
        Ok(body)
    }

    fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = self.peek() {
            words.push(word.clone());
            self.at += 1;
        }
        words
    }
}

/// A name of a function or of a loop's variable.
fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    let first = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') && !RESERVED.contains(&word)
}
