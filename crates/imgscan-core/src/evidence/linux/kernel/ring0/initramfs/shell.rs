//! What a packaged shell script puts into an initramfs, read from its text: the hooks of
//! initramfs-tools and the modules of dracut.
//!
//! No control flow is followed: whatever a script may do in one of its branches counts as done. A
//! value that is not in the text is a hole, and a path with a hole leads nowhere.
//!
//! Sources: POSIX.1-2017, XCU 2 "Shell Command Language"; initramfs-tools `hook-functions`
//! (`copy_exec`, `copy_file`, `force_load`); dracut `dracut-init.sh` (`inst` and its like).

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Stands for what the text does not tell.
pub(super) const HOLE: char = '\u{E000}';
/// Stands for the root of the initramfs.
const INSIDE: char = '\u{E001}';
/// Values of one variable, and texts that one word gives.
const MAX_VALUES: usize = 64;
const MAX_WORDS: usize = 256;
/// Bytes of one text, and of all that one script gives.
const MAX_TEXT: usize = 4096;
const MAX_GIVEN: usize = 8 << 20;
/// Commands of one script.
const MAX_COMMANDS: usize = 20_000;
/// Files that all copies of one script name.
const MAX_COPIES: usize = 4096;
/// Where programs are.
const PLACES: &[&str] = &["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
/// Commands inside of commands.
const MAX_DEPTH: usize = 32;

/// A copy of files of the system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Copied {
    /// The file or directory; its last name may be a pattern with `*`.
    pub(super) from: String,
    /// Where it comes to stand, or the directory below which it does.
    pub(super) to: String,
    /// With everything below it.
    pub(super) tree: bool,
}

/// What a script puts into an initramfs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) copies: BTreeSet<Copied>,
    /// Links: name and target.
    pub(super) links: BTreeSet<(String, String)>,
    /// Files that it writes or adds to.
    pub(super) targets: BTreeSet<String>,
    /// Lines that it may write there, with holes.
    pub(super) lines: BTreeSet<String>,
    /// Files that it fills with random bytes.
    pub(super) random: BTreeSet<String>,
    /// Modules that it asks to be loaded.
    pub(super) loads: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
    /// Where the program of this name is: `$(command -v NAME)`.
    Program(String),
    Hole,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Vec<Piece>),
    /// `>` or `>>`.
    Into,
    /// Ends a command.
    End,
    /// The lines of a here-document.
    Here(Vec<Vec<Piece>>),
}

/// Reads `text`; `known` are variables that who runs the script sets, `budget` the bytes that all
/// scripts may give.
pub(super) fn read(text: &str, known: &[(&str, &str)], budget: &mut usize) -> Script {
    let mut script = Script::default();
    if text.contains([HOLE, INSIDE]) {
        return script;
    }
    let commands = commands(tokens(text));
    let given = MAX_GIVEN.min(*budget);
    let mut values = Values {
        left: Cell::new(given),
        ..Values::default()
    };
    for (name, value) in known {
        values.add(name, (*value).to_owned());
    }
    for name in ["DESTDIR", "initdir"] {
        values.add(name, INSIDE.to_string());
    }
    values.fixed = values.all.keys().cloned().collect();
    // What one variable takes of another that is set further down needs a second round.
    for _ in 0..2 {
        for command in &commands {
            values.assign(command);
        }
    }
    for command in &commands {
        script.take(command, &values);
    }
    *budget = budget.saturating_sub(given.saturating_sub(values.left.get()));
    script
}

/// The values that variables have anywhere in a script.
#[derive(Default)]
struct Values {
    all: BTreeMap<String, BTreeSet<String>>,
    /// Those that the script does not set for itself.
    fixed: BTreeSet<String>,
    /// Bytes that may still be given.
    left: Cell<usize>,
}

impl Values {
    fn add(&mut self, name: &str, value: String) {
        let values = self.all.entry(name.to_owned()).or_default();
        if values.len() < MAX_VALUES {
            values.insert(value);
        } else {
            values.insert(HOLE.to_string());
        }
    }

    fn assign(&mut self, command: &Command) {
        let words = &command.words;
        if let Some([first, name, word, rest @ ..]) = words.get(..)
            && plain(first) == Some("for")
            && plain(word) == Some("in")
            && let Some(name) = plain(name).map(str::to_owned)
        {
            for word in rest {
                for value in self.texts(word) {
                    self.add(&name, value);
                }
            }
            return;
        }
        for word in words {
            let Some(Piece::Text(first)) = word.first() else {
                continue;
            };
            let Some((name, start)) = first.split_once('=') else {
                continue;
            };
            let name_of = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(name_of) || self.fixed.contains(name) {
                continue;
            }
            let mut value = vec![Piece::Text(start.to_owned())];
            value.extend(word.iter().skip(1).cloned());
            for value in self.texts(&value) {
                self.add(name, value);
            }
        }
    }

    /// `texts`, where they are neither too long nor too many; else a hole.
    fn bounded(&self, texts: Vec<String>) -> Vec<String> {
        let bytes: usize = texts.iter().map(|t| t.len().saturating_add(16)).sum();
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        if left.is_none() || texts.iter().any(|t| t.len() > MAX_TEXT) {
            return vec![HOLE.to_string()];
        }
        texts
    }

    /// What `words` may stand for together: a variable has one value in all of them.
    fn together(&self, words: &[&[Piece]]) -> Vec<Vec<String>> {
        let mut names: Vec<&Piece> = Vec::new();
        for piece in words.iter().flat_map(|w| w.iter()) {
            if matches!(piece, Piece::Variable(_)) && !names.contains(&piece) {
                names.push(piece);
            }
        }
        let mut all: Vec<Vec<Vec<Piece>>> = vec![words.iter().map(|w| w.to_vec()).collect()];
        for name in names {
            let given = self.texts(std::slice::from_ref(name));
            let with = |words: &Vec<Vec<Piece>>, value: &String| -> Vec<Vec<Piece>> {
                let one = |p: &Piece| match p {
                    p if p == name => Piece::Text(value.clone()),
                    p => p.clone(),
                };
                words.iter().map(|w| w.iter().map(one).collect()).collect()
            };
            let both = all
                .iter()
                .flat_map(|words| given.iter().map(move |value| with(words, value)));
            all = both.take(MAX_WORDS).collect();
        }
        let mut texts = Vec::new();
        for words in all {
            // What is left are holes and places of programs.
            let mut rows: Vec<Vec<String>> = vec![Vec::new()];
            for word in &words {
                let given = self.texts(word);
                let more = |row: &Vec<String>, text: &String| {
                    [row.as_slice(), std::slice::from_ref(text)].concat()
                };
                let both = rows
                    .iter()
                    .flat_map(|row| given.iter().map(move |t| more(row, t)));
                rows = both.take(MAX_WORDS).collect();
                if self.left.get() == 0 {
                    return Vec::new();
                }
            }
            texts.extend(rows);
        }
        texts
    }

    /// Each of `lines` with `space` and what `word` may stand for behind it. A variable that is set
    /// in one branch only may be empty.
    fn behind(&self, lines: Vec<String>, space: &str, word: &[Piece]) -> Vec<String> {
        let mut texts = self.texts(word);
        if word.iter().any(|p| matches!(p, Piece::Variable(_))) {
            let given = word.iter().filter(|p| !matches!(p, Piece::Variable(_)));
            texts.extend(self.texts(&given.cloned().collect::<Vec<_>>()));
        }
        let both = lines
            .iter()
            .flat_map(|l| texts.iter().map(move |t| format!("{l}{space}{t}")));
        self.bounded(both.take(MAX_WORDS).collect())
    }

    /// What `word` may stand for.
    fn texts(&self, word: &[Piece]) -> Vec<String> {
        let hole = || BTreeSet::from([HOLE.to_string()]);
        let mut all = vec![String::new()];
        for piece in word {
            let more = match piece {
                Piece::Text(text) => {
                    for one in &mut all {
                        one.push_str(text);
                    }
                    continue;
                }
                Piece::Variable(name) => self.all.get(name).cloned().unwrap_or_else(hole),
                Piece::Program(name) => {
                    let place = |folder: &&str| format!("{folder}/{name}");
                    PLACES.iter().map(place).collect()
                }
                Piece::Hole => hole(),
            };
            let both = all
                .iter()
                .flat_map(|a| more.iter().map(move |b| format!("{a}{b}")));
            all = self.bounded(both.take(MAX_WORDS).collect());
        }
        self.bounded(all)
    }
}

/// The text of a word without variables and holes.
fn plain(word: &[Piece]) -> Option<&str> {
    match word {
        [Piece::Text(text)] => Some(text),
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Command {
    words: Vec<Vec<Piece>>,
    into: Vec<Vec<Piece>>,
    here: Vec<Vec<Piece>>,
}

/// Words that stand before a command.
const BEFORE: &[&str] = &[
    "if", "then", "else", "elif", "while", "until", "do", "done", "fi", "{", "}", "!", "time",
    "local", "esac",
];

fn commands(tokens: Vec<Token>) -> Vec<Command> {
    let mut all = Vec::new();
    let mut one = Command::default();
    let mut into = false;
    for token in tokens {
        match token {
            Token::Word(word) if into => {
                one.into.push(word);
                into = false;
            }
            Token::Word(word) => {
                let before =
                    one.words.is_empty() && plain(&word).is_some_and(|w| BEFORE.contains(&w));
                if !before {
                    one.words.push(word);
                }
            }
            Token::Into => into = true,
            Token::Here(lines) => one.here.extend(lines),
            Token::End => {
                into = false;
                all.push(std::mem::take(&mut one));
                if all.len() >= MAX_COMMANDS {
                    return all;
                }
            }
        }
    }
    all.push(one);
    all
}

/// A path inside of the initramfs without the sign of its root; `None` for one with a hole.
fn inside(path: &str) -> Option<String> {
    let path = path.strip_prefix(INSIDE)?;
    anywhere(path)
}

/// The path with one slash before each name; `None` for one with a hole or with `..` above the root.
pub(super) fn anywhere(path: &str) -> Option<String> {
    if path.contains([HOLE, INSIDE]) {
        return None;
    }
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => _ = names.pop()?,
            name => names.push(name),
        }
    }
    Some(format!("/{}", names.join("/")))
}

/// A file of the system.
fn outside(path: &str) -> Option<String> {
    path.starts_with('/').then(|| anywhere(path)).flatten()
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The arguments of a command by what they are.
struct Arguments {
    options: String,
    /// The directory of `-t`.
    into: Option<Vec<Piece>>,
    rest: Vec<Vec<Piece>>,
}

impl Arguments {
    fn of(words: &[Vec<Piece>], with_value: &str) -> Self {
        let mut all = Self {
            options: String::new(),
            into: None,
            rest: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let option = match word.first() {
                Some(Piece::Text(text)) => text.strip_prefix('-').filter(|o| !o.is_empty()),
                _ => None,
            };
            let Some(option) = option else {
                all.rest.push(word.clone());
                continue;
            };
            if option.starts_with('-') {
                continue;
            }
            all.options.push_str(option);
            if option.ends_with('t') && with_value.contains('t') {
                all.into = words.next().cloned();
            } else if option
                .chars()
                .next_back()
                .is_some_and(|c| with_value.contains(c))
            {
                words.next();
            }
        }
        all
    }
}

impl Script {
    fn take(&mut self, command: &Command, values: &Values) {
        for word in &command.into {
            let paths = values.texts(word).into_iter().filter_map(|p| inside(&p));
            self.targets.extend(paths);
        }
        for line in &command.here {
            self.lines.extend(values.texts(line));
        }
        let Some((name, words)) = command.words.split_first() else {
            return;
        };
        let Some(name) = plain(name) else {
            return;
        };
        match name {
            "echo" => self.echo(words, values),
            "printf" => self.printf(words, values),
            "copy_exec" | "inst" | "inst_simple" | "inst_script" | "inst_binary"
            | "inst_library" | "inst_symlink" => {
                let arguments = Arguments::of(words, "");
                if let [from, to] = arguments.rest.as_slice() {
                    self.pair(from, to, false, values);
                }
            }
            "copy_file" => {
                if let [_, from, to] = words {
                    self.pair(from, to, false, values);
                }
            }
            "cp" => self.files(&Arguments::of(words, "tS"), values),
            "install" => self.files(&Arguments::of(words, "tmogS"), values),
            "ln" | "ln_r" => {
                let arguments = Arguments::of(words, "");
                if let [target, name] = arguments.rest.as_slice() {
                    self.link(target, name, values);
                }
            }
            "inst_hook" => {
                if let [hook, number, from] = words {
                    self.hook(hook, number, from, values);
                }
            }
            "inst_rules" => {
                for from in words.iter().flat_map(|w| values.texts(w)) {
                    self.copy(&from, "/etc/udev/rules.d", false);
                    self.copy(&from, "/usr/lib/udev/rules.d", false);
                }
            }
            "dd" => {
                let all: Vec<String> = words.iter().flat_map(|w| values.texts(w)).collect();
                let random =
                    |w: &String| matches!(w.as_str(), "if=/dev/random" | "if=/dev/urandom");
                if all.iter().any(random) {
                    let into = all.iter().filter_map(|w| inside(w.strip_prefix("of=")?));
                    self.random.extend(into);
                }
            }
            "force_load" => {
                if let Some(word) = words.first() {
                    let names = values.texts(word).into_iter();
                    self.loads.extend(names.filter(|n| !n.contains(HOLE)));
                }
            }
            _ => {}
        }
    }

    fn copy(&mut self, from: &str, to: &str, tree: bool) {
        let to = to.strip_prefix(INSIDE).unwrap_or(to);
        if let (Some(from), Some(to)) = (outside(from), anywhere(to))
            && self.copies.len() < MAX_COPIES
        {
            self.copies.insert(Copied { from, to, tree });
        }
    }

    /// A copy whose target is told as it stands in the initramfs.
    fn pair(&mut self, from: &[Piece], to: &[Piece], tree: bool, values: &Values) {
        for texts in values.together(&[from, to]) {
            if let [from, to] = texts.as_slice() {
                self.copy(from, to, tree);
            }
        }
    }

    /// `cp` and `install`.
    fn files(&mut self, arguments: &Arguments, values: &Values) {
        let (from, to) = match (&arguments.into, arguments.rest.as_slice()) {
            (Some(to), from) => (from, to),
            (None, [from @ .., to]) => (from, to),
            (None, []) => return,
        };
        let tree = arguments.options.contains(['a', 'r', 'R']);
        for from in from {
            for texts in values.together(&[from, to]) {
                if let [from, to] = texts.as_slice()
                    && to.starts_with(INSIDE)
                {
                    self.copy(from, to, tree);
                }
            }
        }
    }

    fn link(&mut self, target: &[Piece], name: &[Piece], values: &Values) {
        for texts in values.together(&[target, name]) {
            let [target, name] = texts.as_slice() else {
                continue;
            };
            let name = name.strip_prefix(INSIDE).unwrap_or(name);
            let target = target.strip_prefix(INSIDE).unwrap_or(target);
            if let (Some(name), false) = (anywhere(name), target.contains([HOLE, INSIDE])) {
                self.links.insert((name, target.to_owned()));
            }
        }
    }

    fn hook(&mut self, hook: &[Piece], number: &[Piece], from: &[Piece], values: &Values) {
        for texts in values.together(&[hook, number, from]) {
            if let [hook, number, from] = texts.as_slice() {
                let base = base(from);
                let to = format!("/usr/lib/dracut/hooks/{hook}/{number}-{base}");
                self.copy(from, &to, false);
            }
        }
    }

    fn echo(&mut self, words: &[Vec<Piece>], values: &Values) {
        let words = words.iter().filter(|w| plain(w) != Some("-n"));
        let mut lines = vec![String::new()];
        for (i, word) in words.enumerate() {
            let space = if i == 0 { "" } else { " " };
            lines = values.behind(lines, space, word);
        }
        self.lines(lines);
    }

    fn printf(&mut self, words: &[Vec<Piece>], values: &Values) {
        let mut words = words.iter().filter(|w| plain(w) != Some("--"));
        let Some(format) = words.next().and_then(|w| plain(w)) else {
            return;
        };
        let format = format.replace("\\n", "\n");
        let mut parts = format.split("%s");
        let mut lines = vec![parts.next().unwrap_or_default().to_owned()];
        for part in parts {
            let word = words.next().cloned().unwrap_or_else(|| vec![Piece::Hole]);
            lines = values.behind(lines, "", &word);
            for line in &mut lines {
                line.push_str(part);
            }
        }
        self.lines(lines);
    }

    fn lines(&mut self, texts: Vec<String>) {
        for text in texts {
            self.lines.extend(text.split('\n').map(str::to_owned));
        }
    }
}

/// Splits `text` into words and what divides them.
fn tokens(text: &str) -> Vec<Token> {
    let mut all = Vec::new();
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
    };
    // Here-documents whose lines begin behind the next line end.
    let mut waiting: Vec<(String, bool, bool)> = Vec::new();
    while let Some(c) = reader.peek(0) {
        match c {
            '\n' => {
                reader.at += 1;
                for (end, tabs, literal) in waiting.drain(..) {
                    all.push(Token::Here(reader.here(&end, tabs, literal)));
                }
                all.push(Token::End);
            }
            ' ' | '\t' => reader.at += 1,
            '\\' if reader.peek(1) == Some('\n') => reader.at += 2,
            '#' => {
                while reader.peek(0).is_some_and(|c| c != '\n') {
                    reader.at += 1;
                }
            }
            '<' if reader.peek(1) == Some('<') => {
                reader.at += 2;
                let tabs = reader.peek(0) == Some('-');
                reader.at += usize::from(tabs);
                while matches!(reader.peek(0), Some(' ' | '\t')) {
                    reader.at += 1;
                }
                let literal = matches!(reader.peek(0), Some('\'' | '"' | '\\'));
                let word = reader.word();
                waiting.push((plain(&word).unwrap_or_default().to_owned(), tabs, literal));
            }
            '>' => {
                reader.at += 1;
                match reader.peek(0) {
                    // To a file descriptor.
                    Some('&') => {
                        reader.at += 1;
                        reader.word();
                        continue;
                    }
                    Some('>' | '|') => reader.at += 1,
                    _ => {}
                }
                // `2>`: what goes wrong is no text of the file.
                if let Some(Token::Word(word)) = all.last()
                    && plain(word).is_some_and(|w| matches!(w, "2" | "3" | "4"))
                {
                    all.pop();
                }
                all.push(Token::Into);
            }
            '<' => reader.at += 1,
            ';' | '&' | '|' | '(' | ')' => {
                reader.at += 1;
                all.push(Token::End);
            }
            _ => {
                let word = reader.word();
                all.push(Token::Word(word));
            }
        }
    }
    all
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self, more: usize) -> Option<char> {
        self.chars.get(self.at.saturating_add(more)).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        Some(c)
    }

    /// The lines of a here-document up to `end`.
    fn here(&mut self, end: &str, tabs: bool, literal: bool) -> Vec<Vec<Piece>> {
        let mut lines = Vec::new();
        while self.peek(0).is_some() {
            let mut line = String::new();
            while let Some(c) = self.next().filter(|c| *c != '\n') {
                line.push(c);
            }
            let line = if tabs {
                line.trim_start_matches('\t')
            } else {
                &line
            };
            if line == end {
                break;
            }
            let mut pieces = Vec::new();
            if literal {
                push(&mut pieces, line);
            } else {
                let mut inner = Reader {
                    chars: line.chars().collect(),
                    at: 0,
                };
                while inner.peek(0).is_some() {
                    inner.quoted_one(&mut pieces);
                }
            }
            lines.push(pieces);
        }
        lines
    }

    /// One character between double quotes, or what stands there for more.
    fn quoted_one(&mut self, pieces: &mut Vec<Piece>) {
        match self.next() {
            Some('\\') => match self.peek(0) {
                Some(c @ ('$' | '`' | '"' | '\\')) => {
                    self.at += 1;
                    push(pieces, c.encode_utf8(&mut [0; 4]));
                }
                Some('\n') => self.at += 1,
                _ => push(pieces, "\\"),
            },
            Some('$') => self.dollar(pieces),
            Some('`') => {
                while self.next().is_some_and(|c| c != '`') {}
                pieces.push(Piece::Hole);
            }
            Some(c) => push(pieces, c.encode_utf8(&mut [0; 4])),
            None => {}
        }
    }

    /// A word.
    fn word(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while let Some(c) = self.peek(0) {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    self.at += 1;
                    let mut text = String::new();
                    while let Some(c) = self.next().filter(|c| *c != '\'') {
                        text.push(c);
                    }
                    push(&mut pieces, &text);
                }
                '"' => {
                    self.at += 1;
                    push(&mut pieces, "");
                    while self.peek(0).is_some_and(|c| c != '"') {
                        self.quoted_one(&mut pieces);
                    }
                    self.at += 1;
                }
                '\\' => {
                    self.at += 1;
                    match self.next() {
                        Some('\n') | None => {}
                        Some(c) => push(&mut pieces, c.encode_utf8(&mut [0; 4])),
                    }
                }
                '$' | '`' => self.quoted_one(&mut pieces),
                c => {
                    self.at += 1;
                    push(&mut pieces, c.encode_utf8(&mut [0; 4]));
                }
            }
        }
        pieces
    }

    /// What stands behind a dollar sign.
    fn dollar(&mut self, pieces: &mut Vec<Piece>) {
        let name_of = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        match self.peek(0) {
            Some('(') => {
                let start = self.at + 1;
                self.balanced('(', ')');
                let end = self.at.saturating_sub(1);
                let inner = self.chars.get(start..end).unwrap_or_default();
                let inner: String = inner.iter().collect();
                let words: Vec<&str> = inner.split_whitespace().collect();
                let name = match words.as_slice() {
                    ["command", "-v", name] | ["find_binary" | "which", name] => Some(*name),
                    _ => None,
                };
                let known = |n: &&str| n.chars().all(|c| name_of(&c) || "-.+".contains(c));
                pieces.push(match name.filter(known) {
                    Some(name) => Piece::Program(name.to_owned()),
                    None => Piece::Hole,
                });
            }
            Some('{') => {
                let start = self.at + 1;
                self.balanced('{', '}');
                let end = self.at.saturating_sub(1);
                let name: String = self
                    .chars
                    .get(start..end)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                // `${name?}` is its value where there is one.
                let name = name.strip_suffix('?').unwrap_or(&name);
                pieces.push(if !name.is_empty() && name.chars().all(|c| name_of(&c)) {
                    Piece::Variable(name.to_owned())
                } else {
                    Piece::Hole
                });
            }
            Some(c) if name_of(&c) && !c.is_ascii_digit() => {
                let mut name = String::new();
                while let Some(c) = self.peek(0).filter(name_of) {
                    self.at += 1;
                    name.push(c);
                }
                pieces.push(Piece::Variable(name));
            }
            Some('@' | '*' | '#' | '?' | '!' | '$' | '-' | '0'..='9') => {
                self.at += 1;
                pieces.push(Piece::Hole);
            }
            _ => push(pieces, "$"),
        }
    }

    /// Passes over what stands between `open`, where the reader is, and its `close`.
    fn balanced(&mut self, open: char, close: char) {
        let mut depth = 0_usize;
        let mut quoted = false;
        while let Some(c) = self.next() {
            match c {
                '\\' => self.at += 1,
                '\'' => quoted = !quoted && open == '(',
                _ if quoted => {}
                c if c == open => depth += 1,
                c if c == close => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
            if depth > MAX_DEPTH {
                return;
            }
        }
    }
}

fn push(pieces: &mut Vec<Piece>, text: &str) {
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        last.push_str(text);
    } else {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, known: &[(&str, &str)]) -> Script {
        read(text, known, &mut MAX_GIVEN.clone())
    }

    fn copied(from: &str, to: &str, tree: bool) -> Copied {
        Copied {
            from: from.into(),
            to: to.into(),
            tree,
        }
    }

    fn copies(text: &str) -> Vec<Copied> {
        all(text, &[]).copies.into_iter().collect()
    }

    /// Lines of hooks of Debian 12: cloud-initramfs-growroot, klibc-utils, dropbear-initramfs.
    #[test]
    fn copies_are_read_with_the_values_of_variables() {
        assert_eq!(
            copies("# copy_exec /no /no\ncopy_exec /usr/bin/growpart /sbin\n"),
            [copied("/usr/bin/growpart", "/sbin", false)]
        );
        let klibc = "for src in /usr/lib/klibc/bin/*; do\n\tcommand=\"$(basename \"$src\")\"\n\
            \tcase \"$command\" in\n\tgzip | zcat)\n\t\t;;\n\t*)\n\
            \t\tcp -pnL \"$src\" \"${DESTDIR}/bin\"\n\t\t;;\n\tesac\ndone\n\
            cp -pL /lib/klibc-*.so \"${DESTDIR}/lib\"\n";
        assert_eq!(
            copies(klibc),
            [
                copied("/lib/klibc-*.so", "/lib", false),
                copied("/usr/lib/klibc/bin/*", "/bin", false)
            ]
        );
        let dropbear = "for t in rsa ed25519; do\n  key=\"/etc/k_${t}_key\"\n  if [ -f \"$key\" ]; then\n\
            cp -pt \"$DESTDIR/etc/dropbear\" \"$key\"\n  fi\ndone\n";
        assert_eq!(
            copies(dropbear),
            [
                copied("/etc/k_ed25519_key", "/etc/dropbear", false),
                copied("/etc/k_rsa_key", "/etc/dropbear", false)
            ]
        );
    }

    #[test]
    fn what_the_text_does_not_tell_gives_no_copy() {
        for text in [
            "copy_exec \"$1\" /bin/x",
            "copy_exec /bin/x \"/bin/$(evil)\"",
            "cp `which x` $DESTDIR/bin",
            "cp ${x%.sh} $DESTDIR/bin",
            "while read -r x; do copy_exec \"$x\" /bin; done",
            "cp /bin/x /srv/x",
            "cp /bin/x $OTHER/x",
            "echo copy_exec /bin/x /bin/y",
            "copy_exec /bin/../../x /bin/y",
            "copy_exec '$x' /bin/y",
        ] {
            assert_eq!(copies(text), [], "{text}");
        }
    }

    /// Lines of `module-setup.sh` of dracut 059.
    #[test]
    fn modules_of_dracut_are_read() {
        let text = "inst_script \"$moddir/init.sh\" \"/init\"\ninst_hook cmdline 10 \"$moddir/a.sh\"\n\
            for i in \\\n  a.service \\\n  b.service; do\n  inst_simple \"$moddir/${i}\" \"$units/${i}\"\ndone\n\
            ln -s dracut-util \"${initdir}/usr/bin/dracut-getarg\"\n";
        let script = all(text, &[("moddir", "/m"), ("units", "/u")]);
        let to = |from: &str| {
            let one = script.copies.iter().find(|c| c.from == from);
            one.map(|c| c.to.clone()).unwrap_or_default()
        };
        assert_eq!(to("/m/init.sh"), "/init");
        assert_eq!(to("/m/a.sh"), "/usr/lib/dracut/hooks/cmdline/10-a.sh");
        assert_eq!(to("/m/b.service"), "/u/b.service");
        let crossed = copied("/m/b.service", "/u/a.service", false);
        assert!(!script.copies.contains(&crossed));
        let link = (
            "/usr/bin/dracut-getarg".to_owned(),
            "dracut-util".to_owned(),
        );
        assert!(script.links.contains(&link));
    }

    /// Lines of the hooks of dropbear-initramfs and cryptsetup-initramfs in Debian 12.
    #[test]
    fn what_is_written_is_read_line_by_line() {
        let text = "for x in passwd group; do echo \"$x: files\"; done >\"$DESTDIR/etc/nsswitch.conf\"\n\
            echo \"root:*:0:0::${home#\"$DESTDIR\"}:/bin/sh\" >\"$DESTDIR/etc/passwd\"\n\
            cat >>\"$DESTDIR/etc/motd\" <<- EOF\n\t\tTo unlock, run \\`cryptroot-unlock\\`.\n\tEOF\n\
            echo nothing >&2\nforce_load raid5\n";
        let script = all(text, &[]);
        let targets = ["/etc/motd", "/etc/nsswitch.conf", "/etc/passwd"];
        assert!(script.targets.iter().eq(targets.iter()), "{script:?}");
        for line in [
            "passwd: files",
            "group: files",
            "To unlock, run `cryptroot-unlock`.",
        ] {
            assert!(script.lines.contains(line), "{line}: {script:?}");
        }
        assert!(script.lines.contains("root:*:0:0::\u{E000}:/bin/sh"));
        assert!(script.loads.contains("raid5"));
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for text in [
            "'",
            "\"",
            "$(",
            "${",
            "`",
            "<<",
            "<<X",
            "a <<'X'\n",
            "\\",
            "$",
            ">",
            "((((",
            "\u{E000}",
        ] {
            all(text, &[]);
        }
        let many: String = (0..200).map(|i| format!("a={i}\nb={i}\n")).collect();
        all(&format!("{many}cp /$a$b$a$b $DESTDIR/$a$b\n"), &[]);
        let twice = "a=x$a$a\nb=$a$b\n".repeat(2000);
        all(&format!("{twice}echo $a$b$a > $DESTDIR/$a\n"), &[]);
    }
}
