//! Words and operators of shell text. POSIX.1-2017, Shell Command Language, 2.2 to 2.7.

/// A token with its line, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word without its quotes; `plain` where it has none, so that it may be a keyword.
    Word { text: String, plain: bool },
    /// `;`, `;;`, `&`, `&&`, `|`, `||`, `(`, `)` or a line end.
    Op(&'static str),
    /// A redirection, as it stands.
    Redirect(String),
    /// A comment, without its mark.
    Comment(String),
    /// A line of a here-document.
    Here(String),
}

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    out: Vec<Token>,
    word: Option<(String, bool, usize)>,
    /// Here-documents whose text begins at the next line: (end word, tabs are dropped).
    pending: Vec<(String, bool)>,
    /// What the next word is: the target of a redirection (true: of a here-document).
    target: Option<(bool, bool)>,
    /// The mark of the redirection whose target comes next.
    arrow: String,
}

/// The tokens of `text`. `$(…)` and backquotes are part of their word.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        rest: text.chars().peekable(),
        line: 1,
        out: Vec::new(),
        word: None,
        pending: Vec::new(),
        target: None,
        arrow: String::new(),
    };
    while let Some(c) = lexer.take() {
        lexer.step(c);
    }
    lexer.end_word();
    lexer.out
}

impl Lexer<'_> {
    fn take(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn next_if(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn push(&mut self, line: usize, kind: Kind) {
        self.out.push(Token { line, kind });
    }

    fn add(&mut self, c: char) {
        let line = self.line;
        let word = self.word.get_or_insert_with(|| (String::new(), true, line));
        word.0.push(c);
    }

    fn quoted(&mut self) -> &mut String {
        let line = self.line;
        let word = self.word.get_or_insert_with(|| (String::new(), true, line));
        word.1 = false;
        &mut word.0
    }

    fn end_word(&mut self) {
        let Some((text, plain, line)) = self.word.take() else {
            return;
        };
        match self.target.take() {
            Some((true, tabs)) => self.pending.push((text, tabs)),
            Some((false, _)) => self.push(line, Kind::Redirect(format!("{}{text}", self.arrow))),
            None => self.push(line, Kind::Word { text, plain }),
        }
    }

    fn step(&mut self, c: char) {
        match c {
            '\\' => match self.take() {
                Some('\n') | None => {}
                Some(next) => self.quoted().push(next),
            },
            '\'' => {
                self.quoted();
                while let Some(c) = self.take().filter(|c| *c != '\'') {
                    self.quoted().push(c);
                }
            }
            '"' => self.double_quotes(),
            '`' => {
                self.add('`');
                while let Some(c) = self.take() {
                    self.add(c);
                    if c == '`' {
                        break;
                    }
                }
            }
            '$' => {
                self.add('$');
                self.expansion();
            }
            '#' if self.word.is_none() => {
                let line = self.line;
                let mut text = String::new();
                while let Some(c) = self.rest.next_if(|c| *c != '\n') {
                    text.push(c);
                }
                self.push(line, Kind::Comment(text));
            }
            ' ' | '\t' | '\r' => self.end_word(),
            '\n' => self.line_end(),
            '<' | '>' => self.redirection(c),
            ';' | '&' | '|' | '(' | ')' => self.operator(c),
            c => self.add(c),
        }
    }

    fn double_quotes(&mut self) {
        self.quoted();
        while let Some(c) = self.take() {
            match c {
                '"' => return,
                '\\' => match self.take() {
                    Some('\n') | None => {}
                    Some(next @ ('"' | '\\' | '$' | '`')) => self.quoted().push(next),
                    Some(next) => {
                        self.quoted().push('\\');
                        self.quoted().push(next);
                    }
                },
                '$' => {
                    self.quoted().push('$');
                    self.expansion();
                }
                c => self.quoted().push(c),
            }
        }
    }

    /// The rest of `$(…)` or `${…}`, as it stands.
    fn expansion(&mut self) {
        let Some(open) = self.rest.next_if(|c| matches!(c, '(' | '{')) else {
            return;
        };
        self.add(open);
        let mut depth = 1;
        while depth > 0 {
            let Some(c) = self.take() else { return };
            match c {
                '(' | '{' => depth += 1,
                ')' | '}' => depth -= 1,
                _ => {}
            }
            self.add(c);
        }
    }

    fn line_end(&mut self) {
        self.end_word();
        self.push(self.line - 1, Kind::Op("\n"));
        for (end, tabs) in std::mem::take(&mut self.pending) {
            while self.rest.peek().is_some() {
                let line = self.line;
                let mut text = String::new();
                while let Some(c) = self.take().filter(|c| *c != '\n') {
                    text.push(c);
                }
                let bare = if tabs {
                    text.trim_start_matches('\t')
                } else {
                    &text
                };
                if bare == end {
                    break;
                }
                self.push(line, Kind::Here(text));
            }
        }
    }

    fn redirection(&mut self, c: char) {
        // Digits right before it are the number of a file.
        match self
            .word
            .take_if(|w| w.1 && !w.0.is_empty() && w.0.chars().all(|c| c.is_ascii_digit()))
        {
            Some(_) => {}
            None => self.end_word(),
        }
        let here = c == '<' && self.next_if('<');
        let text = here && self.next_if('<');
        let tabs = here && !text && self.next_if('-');
        if !here {
            let more = ['>', '&', '|'].into_iter().find(|m| self.next_if(*m));
            self.arrow = [Some(c), more].into_iter().flatten().collect();
        } else if text {
            self.arrow = "<<<".into();
        }
        self.target = Some((here && !text, tabs));
    }

    fn operator(&mut self, c: char) {
        if c == '&' && self.rest.peek() == Some(&'>') {
            self.end_word();
            return;
        }
        self.end_word();
        let double = matches!(c, ';' | '&' | '|') && self.next_if(c);
        let op = match (c, double) {
            (';', false) => ";",
            (';', true) => ";;",
            ('&', false) => "&",
            ('&', true) => "&&",
            ('|', false) => "|",
            ('|', true) => "||",
            ('(', _) => "(",
            _ => ")",
        };
        self.push(self.line, Kind::Op(op));
    }
}
