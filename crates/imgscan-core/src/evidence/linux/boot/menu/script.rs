//! The syntax of GRUB 2 scripts: words with quotes and variables, commands, blocks, conditions.
//! GNU GRUB manual, "Writing full configuration files directly".

/// Nested blocks that are read.
const MAX_DEPTH: usize = 32;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Text.
    Text(String),
    /// The value of a variable; where not quoted it is split at blanks.
    Variable {
        /// Its name.
        name: String,
        /// It stands in double quotes.
        quoted: bool,
    },
}

/// A word before its variables are replaced. A quoted word stays even where it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
    pub(super) quoted: bool,
}

impl Word {
    /// The word where it has no variables.
    fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] if !self.quoted => Some(text),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Word),
    End,
    Open,
    Close,
}

/// A statement and its line.
#[derive(Debug, Clone)]
pub(super) enum Statement {
    Command {
        line: usize,
        words: Vec<Word>,
        block: Option<Vec<Statement>>,
    },
    If {
        line: usize,
        branches: Vec<(Vec<Statement>, Vec<Statement>)>,
        otherwise: Vec<Statement>,
    },
    For {
        variable: String,
        words: Vec<Word>,
        body: Vec<Statement>,
    },
    /// A loop, which is not run.
    Loop {
        line: usize,
        body: Vec<Statement>,
    },
    Function {
        name: String,
        body: Vec<Statement>,
    },
}

/// Reads a script. What can't be understood ends the reading: (statements, line of the trouble).
pub(super) fn parse(text: &str) -> (Vec<Statement>, Option<usize>) {
    let tokens = tokens(text);
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
        trouble: None,
    };
    let statements = parser.until(&[]);
    if parser.trouble.is_none() && parser.at < tokens.len() {
        parser.trouble = Some(tokens[parser.at].1);
    }
    (statements, parser.trouble)
}

fn tokens(text: &str) -> Vec<(Token, usize)> {
    let mut out: Vec<(Token, usize)> = Vec::new();
    let mut line = 1;
    let mut word: Option<Word> = None;
    let mut chars = text.chars().peekable();
    let push = |word: &mut Option<Word>, c: char| {
        let w = word.get_or_insert_with(Word::default);
        match w.parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => w.parts.push(Part::Text(c.into())),
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') => line += 1,
                Some(c) => push(&mut word, c),
                None => {}
            },
            '\'' | '"' => {
                word.get_or_insert_with(Word::default).quoted = true;
                while let Some(q) = chars.next() {
                    match q {
                        q if q == c => break,
                        '\\' if c == '"' => {
                            if let Some(next) = chars.next() {
                                if !matches!(next, '"' | '\\' | '$' | '\n') {
                                    push(&mut word, '\\');
                                }
                                push(&mut word, next);
                                line += usize::from(next == '\n');
                            }
                        }
                        '$' if c == '"' => variable(&mut chars, &mut word, true),
                        q => {
                            line += usize::from(q == '\n');
                            push(&mut word, q);
                        }
                    }
                }
            }
            '$' => variable(&mut chars, &mut word, false),
            '#' if word.is_none() => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            c => {
                let token = match c {
                    '\n' | ';' => Some(Token::End),
                    '{' if word.is_none() => Some(Token::Open),
                    '}' if word.is_none() => Some(Token::Close),
                    ' ' | '\t' | '\r' => None,
                    c => {
                        push(&mut word, c);
                        continue;
                    }
                };
                out.extend(word.take().map(|w| (Token::Word(w), line)));
                out.extend(token.map(|t| (t, line)));
                line += usize::from(c == '\n');
            }
        }
    }
    out.extend(word.map(|w| (Token::Word(w), line)));
    out
}

fn variable(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    word: &mut Option<Word>,
    quoted: bool,
) {
    let braced = chars.next_if_eq(&'{').is_some();
    let mut name = String::new();
    while let Some(c) = chars.peek().copied() {
        let more = if braced {
            c != '}'
        } else {
            c.is_ascii_alphanumeric()
                || c == '_'
                || name.is_empty() && matches!(c, '?' | '@' | '*' | '#')
        };
        if !more {
            break;
        }
        name.push(c);
        chars.next();
    }
    if braced {
        chars.next();
    }
    let w = word.get_or_insert_with(Word::default);
    w.parts.push(Part::Variable { name, quoted });
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    depth: usize,
    trouble: Option<usize>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&(Token, usize)> {
        self.tokens.get(self.at)
    }

    fn keyword(&self) -> Option<&str> {
        match self.peek() {
            Some((Token::Word(word), _)) => word.plain(),
            _ => None,
        }
    }

    fn fail(&mut self) {
        let line = self.peek().or(self.tokens.last()).map_or(0, |t| t.1);
        self.trouble.get_or_insert(line);
        self.at = self.tokens.len();
    }

    /// Statements up to one of the keywords or a closing brace, which stay.
    fn until(&mut self, ends: &[&str]) -> Vec<Statement> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.fail();
        }
        let mut out = Vec::new();
        while let Some((token, _)) = self.peek() {
            match token {
                Token::End => self.at += 1,
                Token::Close => break,
                Token::Open => {
                    self.at += 1;
                    out.extend(self.until(&[]));
                    self.close();
                }
                Token::Word(_) => {
                    if self.keyword().is_some_and(|k| ends.contains(&k)) {
                        break;
                    }
                    out.push(self.statement());
                }
            }
        }
        self.depth -= 1;
        out
    }

    fn close(&mut self) {
        match self.peek() {
            Some((Token::Close, _)) => self.at += 1,
            _ => self.fail(),
        }
    }

    fn expect(&mut self, keyword: &str) {
        if self.keyword() == Some(keyword) {
            self.at += 1;
        } else {
            self.fail();
        }
    }

    fn statement(&mut self) -> Statement {
        let line = self.peek().map_or(0, |t| t.1);
        match self.keyword() {
            Some("if") => self.condition(line),
            Some("for") => {
                self.at += 1;
                let words = self.words();
                let variable = words.first().and_then(Word::plain).unwrap_or("").to_owned();
                let words = words.into_iter().skip(2).collect();
                let body = self.body();
                Statement::For {
                    variable,
                    words,
                    body,
                }
            }
            Some("while" | "until") => {
                self.at += 1;
                self.until(&["do"]);
                let body = self.body();
                Statement::Loop { line, body }
            }
            Some("function") => {
                self.at += 1;
                let name = self.keyword().unwrap_or("").to_owned();
                self.at += 1;
                while matches!(self.peek(), Some((Token::End, _))) {
                    self.at += 1;
                }
                if matches!(self.peek(), Some((Token::Open, _))) {
                    self.at += 1;
                }
                let body = self.until(&[]);
                self.close();
                Statement::Function { name, body }
            }
            _ => {
                let words = self.words();
                let block = if matches!(self.peek(), Some((Token::Open, _))) {
                    self.at += 1;
                    let body = self.until(&[]);
                    self.close();
                    Some(body)
                } else {
                    None
                };
                Statement::Command { line, words, block }
            }
        }
    }

    fn condition(&mut self, line: usize) -> Statement {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        self.at += 1;
        loop {
            let condition = self.until(&["then"]);
            self.expect("then");
            let body = self.until(&["elif", "else", "fi"]);
            branches.push((condition, body));
            match self.keyword() {
                Some("elif") => self.at += 1,
                Some("else") => {
                    self.at += 1;
                    otherwise = self.until(&["fi"]);
                    self.expect("fi");
                    break;
                }
                _ => {
                    self.expect("fi");
                    break;
                }
            }
        }
        Statement::If {
            line,
            branches,
            otherwise,
        }
    }

    fn body(&mut self) -> Vec<Statement> {
        while matches!(self.peek(), Some((Token::End, _))) {
            self.at += 1;
        }
        self.expect("do");
        let body = self.until(&["done"]);
        self.expect("done");
        body
    }

    fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        while let Some((Token::Word(word), _)) = self.peek() {
            words.push(word.clone());
            self.at += 1;
        }
        words
    }
}
