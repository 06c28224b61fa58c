//! Every command that shell text may run, whatever its conditions: in branches, in functions, behind `exit`, in
//! substitutions and here-documents. What a shell may read in another way is told as unclear, never guessed.
//! POSIX.1-2017, "Shell Command Language"; bash(1) 5.2; dash(1) 0.5.12.

use std::ops::Range;

use super::{Carried, carried, is_assignment, quoted_words};

/// Texts within texts: substitutions, and texts in the words of commands.
const MAX_DEPTH: usize = 16;
/// Commands of one text; what is beyond is unclear.
const MAX_COMMANDS: usize = 65_536;

/// A piece of shell text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::evidence::linux) enum Piece {
    /// A simple command: its words, assignments in front included, and its redirections.
    Command {
        words: Vec<String>,
        redirects: Vec<String>,
        /// Each substitution in its words is told as commands of its own: no quoted text holds one, and no word
        /// becomes several.
        cut: bool,
    },
    /// A function of this name is defined; its commands are told as all others.
    Function(String),
    /// A loop sets this variable.
    LoopVariable(String),
    /// What is here may be read in several ways, or is beyond a bound; nothing behind it is told.
    Unclear(String),
}

/// A piece with its line, from 1.
pub(in crate::evidence::linux) type Placed = (usize, Piece);

/// The pieces of `text`, and of the texts that its commands run (`sh -c TEXT`, `eval`, `trap`).
pub(in crate::evidence::linux) fn every(text: &str) -> Vec<Placed> {
    let mut out = Vec::new();
    text_of(text, None, 0, &mut out);
    out
}

/// As [`every`], of one command of systemd, which knows no operator but a lone `;` and puts variables into the words.
pub(in crate::evidence::linux) fn every_of_exec(text: &str) -> Vec<Placed> {
    let mut out = Vec::new();
    let words = quoted_words(text);
    for words in words.split(|w| w == ";") {
        let words = words.iter().map(|text| Word {
            fixed: !text.contains('$'),
            cut: !text.contains("${"),
            ..Word::plain(text)
        });
        simple(1, &words.collect::<Vec<_>>(), Vec::new(), 0, &mut out);
    }
    out
}

fn text_of(text: &str, at: Option<usize>, depth: usize, out: &mut Vec<Placed>) {
    let first = out.len();
    let mut reading = Reading {
        text: text.as_bytes(),
        at: 0,
        line: 1,
        here: Vec::new(),
        depth,
        out,
    };
    if reading.list(false).is_err() {
        let line = reading.line;
        let rest = text.lines().nth(line - 1).unwrap_or_default().trim();
        out.push((line, Piece::Unclear(rest.to_owned())));
    }
    if let Some(line) = at {
        out.iter_mut().skip(first).for_each(|piece| piece.0 = line);
    }
}

/// Tells a simple command and what its words carry.
fn simple(
    line: usize,
    words: &[Word],
    redirects: Vec<String>,
    depth: usize,
    out: &mut Vec<Placed>,
) {
    if out.len() >= MAX_COMMANDS {
        if out.len() == MAX_COMMANDS {
            out.push((line, Piece::Unclear("…".to_owned())));
        }
        return;
    }
    let command = Piece::Command {
        words: words.iter().map(|w| w.text.clone()).collect(),
        redirects,
        cut: words.iter().all(|w| w.cut),
    };
    out.push((line, command));
    let set = words.iter().take_while(|w| is_assignment(&w.text)).count();
    let bare: Vec<String> = words[set..].iter().map(|w| w.text.clone()).collect();
    let Some(carried) = carried(&bare) else {
        return;
    };
    if depth >= MAX_DEPTH {
        return out.push((line, Piece::Unclear(bare.join(" "))));
    }
    match carried {
        Carried::Text { text, from } => {
            let from: Range<usize> = from.start + set..from.end + set;
            let of = words.get(from).unwrap_or_default();
            // What a variable holds would be read as text.
            if of.iter().all(|w| w.fixed) {
                text_of(&text, Some(line), depth + 1, out);
            } else {
                out.push((line, Piece::Unclear(text)));
            }
        }
        Carried::Command(at) => {
            let left = words.get(set + at..).unwrap_or_default();
            simple(line, left, Vec::new(), depth + 1, out);
        }
    }
}

/// Text that may be read in several ways.
struct Unclear;

type Read<T> = Result<T, Unclear>;

/// A word, quotes taken off, substitutions as they stand.
#[derive(Debug, Clone, Default)]
struct Word {
    text: String,
    /// A part of it was quoted, so that it is no word of the shell's own.
    quoted: bool,
    /// Nothing in it is replaced when it runs.
    fixed: bool,
    /// As in [`Piece::Command`].
    cut: bool,
}

impl Word {
    fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            quoted: false,
            fixed: true,
            cut: true,
        }
    }
}

/// A word that is being read.
struct Draft {
    text: Vec<u8>,
    /// The text without substitutions, each of which left a zero.
    literal: Vec<u8>,
    quoted: bool,
    fixed: bool,
    cut: bool,
    /// A brace stands outside of quotes.
    brace: bool,
}

impl Draft {
    fn new() -> Self {
        Self {
            text: Vec::new(),
            literal: Vec::new(),
            quoted: false,
            fixed: true,
            cut: true,
            brace: false,
        }
    }

    fn push(&mut self, byte: u8) {
        self.text.push(byte);
        self.literal.push(byte);
    }

    /// What is replaced when the word is used, as it stands.
    fn replaced(&mut self, raw: &[u8]) {
        self.text.extend_from_slice(raw);
        self.literal.push(0);
        self.fixed = false;
    }

    fn finish(self) -> Word {
        let literal = String::from_utf8_lossy(&self.literal);
        let holds = ["$(", "`", "${", "<(", ">("]
            .iter()
            .any(|sign| literal.contains(sign));
        let spreads = self.brace && (literal.contains(',') || literal.contains(".."));
        Word {
            text: String::from_utf8_lossy(&self.text).into_owned(),
            quoted: self.quoted,
            fixed: self.fixed && !spreads,
            cut: self.cut && !holds && !spreads,
        }
    }
}

/// A here-document whose lines come behind the line that names it.
struct Here {
    end: Vec<u8>,
    quoted: bool,
    tabs: bool,
}

/// What was opened and is not closed.
#[derive(PartialEq, Eq)]
enum Open {
    Subshell,
    /// `case`: a pattern comes next.
    Pattern,
    /// `case`: the commands of a pattern.
    Branch,
}

struct Reading<'t, 'o> {
    text: &'t [u8],
    at: usize,
    line: usize,
    here: Vec<Here>,
    depth: usize,
    out: &'o mut Vec<Placed>,
}

impl Reading<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn ahead(&self, by: usize) -> Option<u8> {
        self.text.get(self.at + by).copied()
    }

    fn begins(&self, with: &[u8]) -> bool {
        self.text[self.at..].starts_with(with)
    }

    /// Passes over blanks, lines that go on, and a comment.
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.ahead(1) == Some(b'\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                Some(b'#') => {
                    while self.peek().is_some_and(|b| b != b'\n') {
                        self.at += 1;
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    /// Passes over the end of the line and the here-documents behind it.
    fn newline(&mut self) -> Read<()> {
        self.at += 1;
        self.line += 1;
        for here in std::mem::take(&mut self.here) {
            self.here_document(&here)?;
        }
        Ok(())
    }

    fn newlines(&mut self) -> Read<()> {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    fn here_document(&mut self, here: &Here) -> Read<()> {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..length];
            let tabs = line
                .iter()
                .take_while(|b| here.tabs && **b == b'\t')
                .count();
            if line[tabs..] == here.end[..] {
                // The newline behind it ends it, or the text does.
                self.at += length;
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                    self.line += 1;
                }
                return Ok(());
            }
            if here.quoted {
                self.at += length;
            } else {
                if line.ends_with(b"\\") {
                    return Err(Unclear);
                }
                let end = self.at + length;
                let mut draft = Draft::new();
                while self.at < end {
                    match self.peek() {
                        Some(b'\\') => self.at = (self.at + 2).min(end),
                        Some(b'$') => self.dollar(&mut draft, true)?,
                        Some(b'`') => self.backtick(&mut draft, true)?,
                        _ => self.at += 1,
                    }
                }
                // A substitution that goes on in the next line.
                if self.at > end {
                    return Err(Unclear);
                }
            }
            if self.peek() == Some(b'\n') {
                self.at += 1;
                self.line += 1;
            }
        }
        Ok(())
    }

    /// Commands until the text ends, or until the `)` of a substitution where one is open.
    fn list(&mut self, inside: bool) -> Read<()> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.blanks();
            if open.last() == Some(&Open::Pattern) {
                self.pattern(&mut open)?;
                continue;
            }
            match self.peek() {
                None if inside || !open.is_empty() => return Err(Unclear),
                None => return Ok(()),
                Some(0) => return Err(Unclear),
                Some(b'\n') => self.newline()?,
                Some(b';') => match self.ahead(1) {
                    Some(b';' | b'&') => {
                        if open.pop() != Some(Open::Branch) {
                            return Err(Unclear);
                        }
                        open.push(Open::Pattern);
                        self.at += if self.begins(b";;&") { 3 } else { 2 };
                    }
                    _ => self.at += 1,
                },
                Some(b'&') if self.ahead(1) == Some(b'>') => self.command(&mut open)?,
                Some(b'&' | b'|') => self.at += 1,
                Some(b'(') => {
                    // `((` is arithmetic to some shells.
                    if self.ahead(1) == Some(b'(') || open.len() >= 256 {
                        return Err(Unclear);
                    }
                    open.push(Open::Subshell);
                    self.at += 1;
                }
                Some(b')') => {
                    self.at += 1;
                    match open.pop() {
                        Some(Open::Subshell) => self.behind_compound()?,
                        None if inside => return self.no_here(),
                        _ => return Err(Unclear),
                    }
                }
                Some(_) => self.command(&mut open)?,
            }
        }
    }

    /// No here-document is awaited: where it would begin, shells differ.
    fn no_here(&self) -> Read<()> {
        match self.here.is_empty() {
            true => Ok(()),
            false => Err(Unclear),
        }
    }

    /// A pattern of `case`, or its end.
    fn pattern(&mut self, open: &mut Vec<Open>) -> Read<()> {
        self.newlines()?;
        let bracket = self.peek() == Some(b'(');
        if bracket {
            self.at += 1;
            self.blanks();
        }
        let first = self.word()?;
        if first.text == "esac" && !first.quoted && !bracket {
            open.pop();
            return self.behind_compound();
        }
        loop {
            self.blanks();
            match self.peek() {
                Some(b'|') => {
                    self.at += 1;
                    self.blanks();
                    self.word()?;
                }
                Some(b')') => break,
                _ => return Err(Unclear),
            }
        }
        self.at += 1;
        open.pop();
        open.push(Open::Branch);
        Ok(())
    }

    /// The redirections of a compound command.
    fn behind_compound(&mut self) -> Read<()> {
        let line = self.line;
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect()? {
                Some((redirect, _)) => redirects.push(redirect),
                None => break,
            }
        }
        if !redirects.is_empty() {
            simple(line, &[], redirects, self.depth, self.out);
        }
        Ok(())
    }

    /// A simple command, or the word that begins or ends a compound one.
    fn command(&mut self, open: &mut Vec<Open>) -> Read<()> {
        let line = self.line;
        let mut words: Vec<Word> = Vec::new();
        let mut redirects = Vec::new();
        let mut cut = true;
        loop {
            self.blanks();
            if let Some((redirect, whole)) = self.redirect()? {
                redirects.push(redirect);
                cut &= whole;
                continue;
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b'&' | b')') => break,
                Some(b'(') => return self.function(&words, redirects.is_empty()),
                Some(_) => {}
            }
            let word = self.word()?;
            if words.is_empty() && redirects.is_empty() && !word.quoted {
                match word.text.as_str() {
                    "if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!" | "{"
                    | "time" => return Ok(()),
                    "fi" | "done" | "}" => return self.behind_compound(),
                    "esac" => {
                        return match open.pop() {
                            Some(Open::Branch) => self.behind_compound(),
                            _ => Err(Unclear),
                        };
                    }
                    "for" | "select" => return self.for_loop(),
                    "case" => {
                        self.blanks();
                        self.word()?;
                        self.newlines()?;
                        if self.word()?.text != "in" || open.len() >= 256 {
                            return Err(Unclear);
                        }
                        open.push(Open::Pattern);
                        return Ok(());
                    }
                    "function" => {
                        self.blanks();
                        let name = self.word()?.text;
                        self.out.push((line, Piece::Function(name)));
                        self.blanks();
                        if self.peek() == Some(b'(') {
                            return self.brackets();
                        }
                        return Ok(());
                    }
                    "coproc" => return Err(Unclear),
                    "[[" => {
                        words.push(word);
                        self.double_bracket(&mut words)?;
                        simple(line, &words, Vec::new(), self.depth, self.out);
                        return self.behind_compound();
                    }
                    _ => {}
                }
            }
            words.push(word);
        }
        if let (false, Some(word)) = (cut, words.first_mut()) {
            word.cut = false;
        }
        simple(line, &words, redirects, self.depth, self.out);
        Ok(())
    }

    /// `()` behind a name.
    fn brackets(&mut self) -> Read<()> {
        self.at += 1;
        self.blanks();
        if self.peek() != Some(b')') {
            return Err(Unclear);
        }
        self.at += 1;
        Ok(())
    }

    fn function(&mut self, words: &[Word], bare: bool) -> Read<()> {
        let [name] = words else { return Err(Unclear) };
        if name.quoted || !name.fixed || !bare {
            return Err(Unclear);
        }
        self.brackets()?;
        let piece = Piece::Function(name.text.clone());
        self.out.push((self.line, piece));
        Ok(())
    }

    fn for_loop(&mut self) -> Read<()> {
        self.blanks();
        let line = self.line;
        let name = self.word()?;
        if name.quoted || !is_assignment(&format!("{}=", name.text)) {
            return Err(Unclear);
        }
        self.out.push((line, Piece::LoopVariable(name.text)));
        self.newlines()?;
        let before = (self.at, self.line);
        if !self.begins(b"in") || self.word()?.text != "in" {
            (self.at, self.line) = before;
            return Ok(());
        }
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b';') => return Ok(()),
                Some(_) => {
                    self.word()?;
                }
            }
        }
    }

    /// The words of `[[ … ]]`. To a shell that does not know it they are a command with operators, so only what can't
    /// be another command is taken for a part of the expression.
    fn double_bracket(&mut self, words: &mut Vec<Word>) -> Read<()> {
        let mut open = 0_usize;
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b';' | b'\n') => return Err(Unclear),
                Some(b'&' | b'|') if self.ahead(1) == self.peek() => {
                    self.at += 2;
                    self.blanks();
                    if !self.peek().is_some_and(|b| b"-!".contains(&b)) {
                        return Err(Unclear);
                    }
                }
                Some(b'(') => {
                    self.at += 1;
                    open += 1;
                }
                // To others a bracket is no text at all, so that nothing of this line runs.
                Some(b')') if open > 0 => {
                    self.at += 1;
                    open -= 1;
                }
                Some(b'|') if open > 0 => self.at += 1,
                Some(b'&' | b'|' | b')' | b'<' | b'>') => return Err(Unclear),
                Some(_) => {
                    let word = self.word()?;
                    let last = word.text == "]]" && !word.quoted;
                    words.push(word);
                    if last {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// A redirection, as it stands, and whether it is cut; `None` where none begins here.
    fn redirect(&mut self) -> Read<Option<(String, bool)>> {
        let digits = self.text[self.at..].iter();
        let digits = digits.take_while(|b| b.is_ascii_digit()).count();
        let rest = &self.text[self.at + digits..];
        const SIGNS: [&[u8]; 12] = [
            b"&>>", b"&>", b"<<<", b"<<-", b"<<", b"<>", b"<&", b">>", b">|", b">&", b"<", b">",
        ];
        let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(sign)) else {
            return Ok(None);
        };
        let behind = rest.get(sign.len()).copied();
        if sign.starts_with(b"&") && digits > 0 {
            return Ok(None);
        }
        if matches!(*sign, b"<" | b">") && behind == Some(b'(') {
            // A substitution of a process: a word.
            return match digits {
                0 => Ok(None),
                _ => Err(Unclear),
            };
        }
        let head = self.text[self.at..self.at + digits + sign.len()].to_vec();
        self.at += digits + sign.len();
        self.blanks();
        if matches!(
            self.peek(),
            None | Some(b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'<' | b'>' | b'#')
        ) {
            return Err(Unclear);
        }
        let word = self.word()?;
        if matches!(*sign, b"<<" | b"<<-") {
            if !word.fixed || !word.cut {
                return Err(Unclear);
            }
            self.here.push(Here {
                end: word.text.clone().into_bytes(),
                quoted: word.quoted,
                tabs: *sign == b"<<-",
            });
        }
        let text = format!("{}{}", String::from_utf8_lossy(&head), word.text);
        Ok(Some((text, word.cut)))
    }

    fn word(&mut self) -> Read<Word> {
        let mut draft = Draft::new();
        let from = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                0 => return Err(Unclear),
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'<' | b'>' if self.ahead(1) == Some(b'(') => {
                    let begin = self.at;
                    self.at += 2;
                    self.nested()?;
                    draft.replaced(&self.text[begin..self.at]);
                }
                b'<' | b'>' => break,
                b'(' if draft.text.ends_with(b"=") && self.at > from && !draft.quoted => {
                    let begin = self.at;
                    draft.cut &= self.array()?;
                    draft.replaced(&self.text[begin..self.at]);
                }
                b'(' => break,
                b'\\' => match self.ahead(1) {
                    Some(b'\n') => {
                        self.at += 2;
                        self.line += 1;
                    }
                    Some(next) => {
                        draft.push(next);
                        draft.quoted = true;
                        self.at += 2;
                    }
                    None => return Err(Unclear),
                },
                b'\'' => self.single_quotes(&mut draft)?,
                b'"' => self.double_quotes(&mut draft)?,
                b'$' => self.dollar(&mut draft, false)?,
                b'`' => self.backtick(&mut draft, false)?,
                _ => {
                    draft.brace |= byte == b'{';
                    draft.push(byte);
                    self.at += 1;
                }
            }
        }
        match self.at == from {
            true => Err(Unclear),
            false => Ok(draft.finish()),
        }
    }

    /// The elements of an array; whether all are cut.
    fn array(&mut self) -> Read<bool> {
        self.at += 1;
        let mut cut = true;
        loop {
            self.newlines()?;
            match self.peek() {
                Some(b')') => {
                    self.at += 1;
                    return Ok(cut);
                }
                None => return Err(Unclear),
                Some(_) => cut &= self.word()?.cut,
            }
        }
    }

    fn single_quotes(&mut self, draft: &mut Draft) -> Read<()> {
        let rest = &self.text[self.at + 1..];
        let end = memchr::memchr(b'\'', rest).ok_or(Unclear)?;
        draft.quoted = true;
        for byte in &rest[..end] {
            if *byte == 0 {
                return Err(Unclear);
            }
            self.line += usize::from(*byte == b'\n');
            draft.push(*byte);
        }
        self.at += end + 2;
        Ok(())
    }

    fn double_quotes(&mut self, draft: &mut Draft) -> Read<()> {
        draft.quoted = true;
        self.at += 1;
        loop {
            match self.peek() {
                None | Some(0) => return Err(Unclear),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    match self.ahead(1) {
                        Some(b'\n') => self.line += 1,
                        Some(next @ (b'$' | b'`' | b'"' | b'\\')) => draft.push(next),
                        Some(0) | None => return Err(Unclear),
                        Some(next) => {
                            draft.push(b'\\');
                            draft.push(next);
                        }
                    }
                    self.at += 2;
                }
                Some(b'$') => self.dollar(draft, true)?,
                Some(b'`') => self.backtick(draft, true)?,
                Some(byte) => {
                    self.line += usize::from(byte == b'\n');
                    draft.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// What begins with `$`.
    fn dollar(&mut self, draft: &mut Draft, in_quotes: bool) -> Read<()> {
        let begin = self.at;
        match self.ahead(1) {
            Some(b'(') => {
                self.at += 2;
                match self.peek() {
                    Some(b'(') => self.arithmetic()?,
                    _ => self.nested()?,
                }
            }
            Some(b'{') => {
                self.at += 2;
                draft.cut &= self.braces()?;
            }
            Some(b'\'') if !in_quotes => {
                // bash reads escapes in it, and others do not.
                self.at += 1;
                let rest = &self.text[self.at + 1..];
                let end = memchr::memchr(b'\'', rest).ok_or(Unclear)?;
                if rest[..end].contains(&b'\\') {
                    return Err(Unclear);
                }
                return self.single_quotes(draft);
            }
            Some(b'"') if !in_quotes => {
                self.at += 1;
                return Ok(());
            }
            Some(b'[') => return Err(Unclear),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.at += 1;
                while self
                    .peek()
                    .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
                {
                    self.at += 1;
                }
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?$!-".contains(&byte) => self.at += 2,
            _ => {
                draft.push(b'$');
                self.at += 1;
                return Ok(());
            }
        }
        draft.replaced(&self.text[begin..self.at]);
        Ok(())
    }

    /// The commands of a substitution, up to its `)`.
    fn nested(&mut self) -> Read<()> {
        self.no_here()?;
        if self.depth >= MAX_DEPTH {
            return Err(Unclear);
        }
        self.depth += 1;
        self.list(true)?;
        self.depth -= 1;
        Ok(())
    }

    /// `((…))` behind `$`, where it can be nothing but numbers, names and operators.
    fn arithmetic(&mut self) -> Read<()> {
        let mut depth = 0_usize;
        loop {
            let byte = self.peek().ok_or(Unclear)?;
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' if depth == 2 => {
                    if self.peek() != Some(b')') {
                        return Err(Unclear);
                    }
                    self.at += 1;
                    return Ok(());
                }
                b')' => depth = depth.checked_sub(1).ok_or(Unclear)?,
                b'$' if self.peek() == Some(b'(') => return Err(Unclear),
                _ if byte.is_ascii_alphanumeric() || b" _+-*/%<>=!&|^~?:,.${}".contains(&byte) => {}
                _ => return Err(Unclear),
            }
        }
    }

    /// `{…}` behind `$`; whether it only reads the variable.
    fn braces(&mut self) -> Read<bool> {
        let begin = self.at;
        let mut draft = Draft::new();
        let (mut reads, mut in_quotes) = (true, false);
        loop {
            let byte = self.peek().ok_or(Unclear)?;
            match byte {
                b'}' if in_quotes => return Err(Unclear),
                b'}' => {
                    self.at += 1;
                    return Ok(reads && draft.cut);
                }
                b'$' => self.dollar(&mut draft, true)?,
                b'`' => self.backtick(&mut draft, true)?,
                b'"' => {
                    in_quotes = !in_quotes;
                    self.at += 1;
                }
                b'\\' => {
                    let next = self.ahead(1).ok_or(Unclear)?;
                    if !next.is_ascii_alphanumeric() && !b".*?/-_: ".contains(&next) {
                        return Err(Unclear);
                    }
                    self.at += 2;
                }
                // `${@}` and `${x[@]}`; elsewhere bash reads the value once more.
                b'@' if self.at > begin && !b"[#".contains(&self.text[self.at - 1]) => {
                    return Err(Unclear);
                }
                // `${!x}` is the value of another.
                b'!' if self.at == begin => return Err(Unclear),
                b'\'' | b'(' | b')' | b'{' | b'\n' | b'<' | b'>' | 0 => return Err(Unclear),
                _ => {
                    reads &= byte != b'=';
                    self.at += 1;
                }
            }
        }
    }

    fn backtick(&mut self, draft: &mut Draft, in_quotes: bool) -> Read<()> {
        let begin = self.at;
        let line = self.line;
        let mut inner = Vec::new();
        self.at += 1;
        loop {
            let byte = self.peek().ok_or(Unclear)?;
            self.at += 1;
            match (byte, self.peek()) {
                (b'`', _) => break,
                (b'\\', Some(next)) if b"`\\$".contains(&next) || in_quotes && next == b'"' => {
                    inner.push(next);
                    self.at += 1;
                }
                _ => inner.push(byte),
            }
            self.line += usize::from(byte == b'\n');
        }
        self.no_here()?;
        if self.depth >= MAX_DEPTH {
            return Err(Unclear);
        }
        let mut reading = Reading {
            text: &inner,
            at: 0,
            line,
            here: Vec::new(),
            depth: self.depth + 1,
            out: self.out,
        };
        reading.list(false)?;
        draft.replaced(&self.text[begin..self.at]);
        Ok(())
    }
}
