//! Words, quotes, comments and special characters (rule 3.3a).

use super::{Part, Word};

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    Newline,
    Semicolon,
    Open,
    Close,
    /// What no statement may hold: `|`, `&`, `<`, `>`, `;;`, a lone `$`, an open quote, a NUL.
    Foreign,
}

/// The tokens of `text`, each with its line (from 1).
///
/// `file` tells that the text is read from a file: GRUB then leaves out carriage returns, and all
/// lines that begin with `#`, within quotes too (`grub_file_getline` and
/// `read_config_file_getline`).
pub(super) fn tokens(text: &str, file: bool) -> Vec<(Token, usize)> {
    let mut chars = Vec::with_capacity(text.len());
    for (i, line) in text.split_inclusive('\n').enumerate() {
        if file && line.starts_with('#') {
            continue;
        }
        let kept = line.chars().filter(|c| !(file && *c == '\r'));
        chars.extend(kept.map(|c| (c, i + 1)));
    }
    Lexer {
        chars: &chars,
        at: 0,
        word: None,
        out: Vec::new(),
    }
    .run()
}

struct Lexer<'a> {
    chars: &'a [(char, usize)],
    at: usize,
    word: Option<(Word, usize)>,
    out: Vec<(Token, usize)>,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|c| c.0)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn line(&self) -> usize {
        let at = self.at.min(self.chars.len().saturating_sub(1));
        self.chars.get(at).map_or(1, |c| c.1)
    }

    fn push(&mut self, c: Option<char>, is_quoted: bool) {
        let line = self.line();
        let (word, _) = self.word.get_or_insert_with(|| (Word::default(), line));
        match word.parts.last_mut() {
            Some(Part::Text { text, quoted }) if *quoted == is_quoted => text.extend(c),
            _ => word.parts.push(Part::Text {
                text: c.into_iter().collect(),
                quoted: is_quoted,
            }),
        }
    }

    fn end_word(&mut self) {
        self.out
            .extend(self.word.take().map(|(w, line)| (Token::Word(w), line)));
    }

    fn token(&mut self, token: Token) {
        let line = self.chars.get(self.at - 1).map_or(1, |c| c.1);
        self.end_word();
        self.out.push((token, line));
    }

    fn run(mut self) -> Vec<(Token, usize)> {
        while let Some(c) = self.next() {
            match c {
                ' ' | '\t' => self.end_word(),
                '\n' => self.token(Token::Newline),
                '{' => self.token(Token::Open),
                '}' => self.token(Token::Close),
                ';' if self.peek() == Some(';') => {
                    self.at += 1;
                    self.token(Token::Foreign);
                }
                ';' => self.token(Token::Semicolon),
                // A line ends for GRUB at its first NUL (`grub_file_getline`).
                '|' | '&' | '<' | '>' | '\0' => self.token(Token::Foreign),
                '#' if self.word.is_none() => {
                    while self.peek().is_some_and(|c| !matches!(c, '\n' | '\0')) {
                        self.at += 1;
                    }
                }
                '\\' => match self.next() {
                    // Joins two lines.
                    Some('\n') => {}
                    Some(c) => self.push(Some(c), true),
                    None => self.token(Token::Foreign),
                },
                '\'' => self.single(),
                '"' => self.double(),
                '$' if self.peek() == Some('"') => {
                    self.at += 1;
                    self.double();
                }
                '$' => self.variable(false),
                c => self.push(Some(c), false),
            }
        }
        self.end_word();
        self.out
    }

    fn single(&mut self) {
        self.push(None, true);
        loop {
            match self.next() {
                Some('\'') => return,
                Some('\0') => return self.token(Token::Foreign),
                Some(c) => self.push(Some(c), true),
                None => return self.token(Token::Foreign),
            }
        }
    }

    fn double(&mut self) {
        self.push(None, true);
        loop {
            match self.next() {
                Some('"') => return,
                Some('\0') => return self.token(Token::Foreign),
                Some('\\') => match self.next() {
                    Some('\n') => {}
                    Some(c) => {
                        if !matches!(c, '"' | '\\' | '$') {
                            self.push(Some('\\'), true);
                        }
                        self.push(Some(c), true);
                    }
                    None => return self.token(Token::Foreign),
                },
                Some('$') => self.variable(true),
                Some(c) => self.push(Some(c), true),
                None => return self.token(Token::Foreign),
            }
        }
    }

    /// `$name`, `${name}`, `$1`, `$?`, `$#`, `$*`, `$@` (rule 3.3b).
    fn variable(&mut self, quoted: bool) {
        let braced = self.peek() == Some('{');
        self.at += usize::from(braced);
        let mut name = String::new();
        match self.peek() {
            Some(c @ ('?' | '#' | '*' | '@')) => {
                name.push(c);
                self.at += 1;
            }
            Some(c) if c.is_ascii_digit() => {
                while let Some(c) = self.peek().filter(char::is_ascii_digit) {
                    name.push(c);
                    self.at += 1;
                }
            }
            _ => {
                let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                while let Some(c) = self.peek().filter(fits) {
                    name.push(c);
                    self.at += 1;
                }
            }
        }
        if name.is_empty() || braced && self.next() != Some('}') {
            return self.token(Token::Foreign);
        }
        let line = self.line();
        let (word, _) = self.word.get_or_insert_with(|| (Word::default(), line));
        word.parts.push(Part::Variable { name, quoted });
    }
}
