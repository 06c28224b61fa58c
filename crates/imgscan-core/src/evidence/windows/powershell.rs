//! The statements of a PowerShell script, as far as a list of them tells what it does.
//!
//! Nothing of its flow is followed: every statement counts as one that may run. Blocks are opened,
//! comments dropped, and what a statement gets through a pipe is a statement of its own.

use std::iter::Peekable;
use std::str::Chars;

use super::batch::{Line, Script};

/// Statements of one script that are kept.
const MAX_STATEMENTS: usize = 4_096;

/// The statements of the script `text`.
#[must_use]
pub fn statements(text: &str) -> Script {
    let mut reader = Reader {
        out: Script::default(),
        word: String::new(),
        begun: 1,
        line: 1,
    };
    reader.read(text);
    reader.out
}

struct Reader {
    out: Script,
    word: String,
    /// The line that the statement begins in.
    begun: usize,
    line: usize,
}

impl Reader {
    fn end(&mut self) {
        let text = self.word.trim().to_owned();
        self.word.clear();
        if text.is_empty() {
            return;
        }
        if self.out.commands.len() >= MAX_STATEMENTS {
            let doubt = (self.begun, say!(error_batch_long));
            if self.out.doubts.last() != Some(&doubt) {
                self.out.doubts.truncate(16);
                self.out.doubts.push(doubt);
            }
            return;
        }
        self.out.commands.push(Line {
            number: self.begun,
            text,
            certain: false,
            called: false,
            writes: Vec::new(),
            reads: Vec::new(),
            piped: false,
        });
    }

    /// The text up to the end of a here-string, whose beginning is read, too.
    fn here(&mut self, chars: &mut Peekable<Chars<'_>>, mark: char) -> String {
        let mut text = String::new();
        let mut line = String::new();
        let mut first = true;
        for c in chars.by_ref() {
            if c == '\n' {
                self.line += 1;
                if !std::mem::take(&mut first) {
                    text.push_str(&line);
                    text.push(' ');
                }
                line.clear();
                continue;
            }
            line.push(c);
            let mut start = line.chars();
            let closes =
                start.next().is_some_and(|c| marks(mark).contains(&c)) && start.next() == Some('@');
            if !first && closes {
                return text;
            }
        }
        self.out.doubts.push((self.begun, say!(error_batch_block)));
        text
    }

    fn read(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        let mut quote = None;
        let mut before = ' ';
        while let Some(c) = chars.next() {
            if self.word.trim().is_empty() {
                self.begun = self.line;
            }
            if c == '\n' {
                self.line += 1;
            }
            if let Some(open) = quote {
                // A backtick takes the meaning of a mark in double ones.
                if c == '`' && open == '"' {
                    let next = chars.next();
                    if next.is_some_and(|n| n == '`' || n == '$' || marks(open).contains(&n)) {
                        self.word.push('`');
                    }
                    if next == Some('\n') {
                        self.line += 1;
                    }
                    self.word.extend(next);
                    continue;
                }
                if marks(open).contains(&c) {
                    quote = None;
                    self.word.push(open);
                } else {
                    self.word.push(c);
                }
                continue;
            }
            match c {
                // The statement goes on in the next line. In a word the sign means nothing but to
                // hide it.
                '`' => {
                    let mut goes_on = false;
                    while let Some(end) = chars.next_if(|c| matches!(c, '\n' | '\r')) {
                        goes_on = true;
                        if end == '\n' {
                            self.line += 1;
                            break;
                        }
                    }
                    if goes_on {
                        self.word.push(' ');
                    } else if let Some(plain) = chars.next_if(|c| !c.is_alphanumeric()) {
                        self.word.extend(['`', plain]);
                    }
                }
                '@' if let Some(mark) = here(chars.clone()) => {
                    let text = self.here(&mut chars, mark);
                    self.word.push(mark);
                    let kept = |c: &char| *c != '`' && !marks(mark).contains(c);
                    self.word.extend(text.chars().filter(kept));
                    self.word.push(mark);
                }
                '<' if chars.peek() == Some(&'#') => {
                    let mut last = ' ';
                    chars.next();
                    for c in chars.by_ref() {
                        if c == '\n' {
                            self.line += 1;
                        }
                        if last == '#' && c == '>' {
                            break;
                        }
                        last = c;
                    }
                }
                '#' if before.is_whitespace() || "{}();|".contains(before) => {
                    while chars.next_if(|c| *c != '\n').is_some() {}
                }
                '"' | '“' | '”' | '„' => {
                    quote = Some('"');
                    self.word.push('"');
                }
                '\'' | '‘' | '’' | '‚' | '‛' => {
                    quote = Some('\'');
                    self.word.push('\'');
                }
                '\r' => {}
                '\n' | ';' | '{' | '}' | '|' | '&' if c != '&' || self.word.trim().is_empty() => {
                    self.end();
                    // The operator of a call stays, so that what it calls is seen as called.
                    if c == '&' && chars.peek() != Some(&'&') {
                        self.word.push_str("& ");
                        while chars.next_if(|c| *c == ' ').is_some() {}
                    }
                }
                c => self.word.push(c),
            }
            before = c;
        }
        if quote.is_some() {
            self.out.doubts.push((self.begun, say!(error_batch_block)));
        }
        self.end();
    }
}

/// The kind of mark of a here-string whose `@` was read: nothing but blanks stands behind it.
fn here(mut chars: Peekable<Chars<'_>>) -> Option<char> {
    let mark = chars.next()?;
    let kind = ['"', '\'']
        .into_iter()
        .find(|k| marks(*k).contains(&mark))?;
    let next = chars.find(|c| *c == '\n' || !c.is_whitespace())?;
    (next == '\n').then_some(kind)
}

/// The marks that close a text which such a one opened.
fn marks(open: char) -> &'static [char] {
    match open {
        '"' => &['"', '“', '”', '„'],
        _ => &['\'', '‘', '’', '‚', '‛'],
    }
}

#[cfg(test)]
mod tests {
    use super::statements;

    fn run(text: &str) -> Vec<String> {
        let lines = statements(text).commands;
        lines
            .into_iter()
            .map(|l| format!("{} {}", l.number, l.text))
            .collect()
    }

    #[test]
    fn statements_end_at_lines_blocks_and_pipes() {
        assert_eq!(
            run("# a comment\nGet-X; if ($a) { net user x }\n<# b\nc #>d | iex\n"),
            ["2 Get-X", "2 if ($a)", "2 net user x", "4 d", "4 iex"]
        );
        assert_eq!(run("a `\n b\nI`E`X x"), ["1 a   b", "3 IEX x"]);
        assert_eq!(run("a 'b; c' \"d|e\" 'f#'"), ["1 a 'b; c' \"d|e\" 'f#'"]);
        assert_eq!(run("& \"C:\\a b.exe\" c"), ["1 & \"C:\\a b.exe\" c"]);
        assert!(!statements("a \"b").doubts.is_empty());
        // A mark behind a backtick opens and closes nothing.
        assert_eq!(run("a `\" ; b ; `\""), ["1 a `\"", "1 b", "1 `\""]);
        assert_eq!(run("a \"x`\"\" ; b"), ["1 a \"x`\"\"", "1 b"]);
        assert_eq!(run("a \"Down`load\""), ["1 a \"Download\""]);
        // The example of "about_Quoting_Rules": marks inside of a here-string are text.
        assert_eq!(
            run("$a = @\"\nx \" y\n\"@\n; b; 'c'"),
            ["1 $a = \"x  y \"", "4 b", "4 'c'"]
        );
        assert!(!statements("$a = @'\nb\n").doubts.is_empty());
    }
}
