//! The lines of a script as commands.

use super::{Line, MAX_NESTING, State};
use crate::text::Text;

/// What stands between words for `cmd.exe`.
pub(super) const DELIMITERS: [char; 6] = [' ', '\t', ',', ';', '=', '\x0C'];
/// What ends the name of a command that `cmd.exe` has itself.
const ENDS: [char; 13] = [
    ' ', '\t', ',', ';', '=', '\x0C', '/', '(', '+', '[', ']', '"', ':',
];
/// Commands of `cmd.exe` itself whose name may be followed by other signs than a blank.
const INTERNAL: [&str; 42] = [
    "assoc", "break", "call", "cd", "chcp", "chdir", "cls", "color", "copy", "date", "del", "dir",
    "echo", "endlocal", "erase", "exit", "for", "ftype", "goto", "if", "md", "mkdir", "mklink",
    "move", "path", "pause", "popd", "prompt", "pushd", "rd", "rem", "ren", "rename", "rmdir",
    "set", "setlocal", "shift", "start", "time", "title", "type", "ver",
];

/// Characters of the lines that belong together.
const MAX_SIGNS: usize = 64 * 1024;

/// What binds a command to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// It is the first.
    First,
    /// `&`, or a new line.
    Then,
    /// `&&`
    AndIf,
    /// `||`
    OrIf,
    /// `|`
    Pipe,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Command(Line),
    Group(Vec<(Op, Node)>),
    If {
        then: Vec<(Op, Node)>,
        otherwise: Vec<(Op, Node)>,
    },
    For(For),
}

/// A `for`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct For {
    pub(super) number: usize,
    pub(super) variable: char,
    /// What it goes through, where that is written out.
    pub(super) elements: Option<Vec<String>>,
    /// The command whose output it goes through.
    pub(super) command: Option<String>,
    pub(super) body: Vec<(Op, Node)>,
}

/// What stands in one line, or in the lines that belong together.
pub(super) struct Statement {
    pub(super) nodes: Vec<(Op, Node)>,
    /// The line behind it.
    pub(super) next: usize,
    pub(super) odd: Vec<(usize, Text)>,
}

/// A character with the line that it stands in; `plain` where it has its meaning.
#[derive(Debug, Clone, Copy)]
struct Sign {
    c: char,
    plain: bool,
    line: usize,
}

/// The label that a line is, without its colon.
pub(super) fn label(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(DELIMITERS);
    let text = text.strip_prefix(':')?;
    let text = text.trim_start_matches([' ', '\t']);
    Some(label_name(text))
}

/// The name of a label at the beginning of `text`.
pub(super) fn label_name(text: &str) -> &str {
    let ends = |c: char| DELIMITERS.contains(&c) || "+:&|<>()\n\"".contains(c);
    &text[..text.find(ends).unwrap_or(text.len())]
}

/// The name of a command in lower case, where it is one of `cmd.exe` itself, and what follows it.
pub(super) fn command(text: &str) -> (String, &str) {
    let text = text.trim_start_matches(DELIMITERS);
    let lower = text.to_ascii_lowercase();
    let end = lower.find(ENDS).unwrap_or(lower.len());
    let (name, rest) = (lower.get(..end).unwrap_or_default(), text.get(end..));
    // `echo.text`, `cd\folder`: but `start.exe` is a file.
    let short = name.split(['.', '\\']).next().unwrap_or_default();
    let whole = short.len() == name.len();
    let glued = ["echo", "cd", "chdir", "md", "mkdir", "rd", "rmdir", "dir"].contains(&short);
    if INTERNAL.contains(&short) && (whole || glued) {
        let rest = text.get(short.len()..).unwrap_or_default();
        return (short.to_owned(), rest);
    }
    (String::new(), rest.unwrap_or_default())
}

/// The name of a command as it is written, without quotation marks.
pub(super) fn name(text: &str) -> String {
    let text = text.trim_start_matches(DELIMITERS);
    let (own, _) = command(text);
    if !own.is_empty() {
        return own;
    }
    let (mut out, mut quoted) = (String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if !quoted && DELIMITERS.contains(&c) => break,
            // A switch may stand right behind the name (`cmd/c`).
            '/' if !quoted && !out.contains(['\\', ':', '/']) => break,
            c => out.push(c),
        }
    }
    out
}

/// True of a command that starts another batch file.
pub(super) fn is_batch(text: &str) -> bool {
    let name = name(text).to_ascii_lowercase();
    let name = name.trim_end_matches([' ', '.']);
    name.ends_with(".cmd") || name.ends_with(".bat")
}

/// The body of a `for` with its variable replaced.
pub(super) fn substituted(body: &[(Op, Node)], variable: char, value: &str) -> Vec<(Op, Node)> {
    let bare = value.trim_matches('"');
    let put = |text: &str| {
        let text = text.replace(&format!("%~{variable}"), bare);
        text.replace(&format!("%{variable}"), value)
    };
    let all = |nodes: &[(Op, Node)]| substituted(nodes, variable, value);
    let node = |node: &Node| match node {
        Node::Command(line) => Node::Command(Line {
            text: put(&line.text),
            writes: line.writes.iter().map(|t| put(t)).collect(),
            reads: line.reads.iter().map(|t| put(t)).collect(),
            ..line.clone()
        }),
        Node::Group(nodes) => Node::Group(all(nodes)),
        Node::If { then, otherwise } => Node::If {
            then: all(then),
            otherwise: all(otherwise),
        },
        Node::For(of) => Node::For(For {
            elements: of
                .elements
                .as_ref()
                .map(|list| list.iter().map(|t| put(t)).collect()),
            command: of.command.as_deref().map(put),
            body: all(&of.body),
            ..of.clone()
        }),
    };
    body.iter().map(|(op, n)| (*op, node(n))).collect()
}

/// Reads the statement that begins in line `at`.
pub(super) fn statement(lines: &[&str], at: usize, state: &State) -> Statement {
    let mut out = Statement {
        nodes: Vec::new(),
        next: at + 1,
        odd: Vec::new(),
    };
    let line = lines.get(at).copied().unwrap_or_default();
    if label(line).is_some() {
        // What a sign at the end of a label does differs between versions.
        if line.trim_end().ends_with('^') {
            out.odd.push((at, say!(error_batch_block)));
        }
        return out;
    }
    let mut signs = Vec::new();
    loop {
        let index = out.next - 1;
        let text = lines.get(index).copied().unwrap_or_default();
        let expanded = state.variables.expand(text, state.arguments.as_deref());
        let comment = is_comment(&expanded.text);
        if !comment {
            for name in expanded.unknown {
                let why = say!(error_batch_variable, name = name);
                out.odd.push((index, why));
            }
        }
        // In parentheses a label is a comment.
        let in_block = out.next > at + 1 && label(&expanded.text).is_some();
        let goes_on = if in_block {
            false
        } else {
            lex(&expanded.text, index, comment, &mut signs)
        };
        let open = is_open(&signs);
        if signs.len() > MAX_SIGNS {
            out.odd.push((at, say!(error_batch_long)));
            break;
        }
        if (goes_on || open) && out.next < lines.len() {
            if open && !goes_on {
                signs.push(Sign {
                    c: '\n',
                    plain: true,
                    line: index,
                });
            }
            out.next += 1;
            continue;
        }
        if open {
            out.odd.push((at, say!(error_batch_block)));
        }
        break;
    }
    let mut parser = Parser::new(&signs, at);
    out.nodes = parser.list(0, 0);
    out.odd.append(&mut parser.odd);
    out
}

fn is_comment(text: &str) -> bool {
    let text = text.trim_start_matches(DELIMITERS);
    command(text.trim_start_matches('@')).0 == "rem"
}

/// Appends the signs of a line. True where its last sign binds the next line to it.
fn lex(text: &str, line: usize, comment: bool, out: &mut Vec<Sign>) -> bool {
    // A quotation mark does not reach beyond its line.
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let mut sign = |c, plain| out.push(Sign { c, plain, line });
        match c {
            '"' => {
                quoted = !quoted;
                sign('"', false);
            }
            _ if quoted => sign(c, false),
            '^' if !comment => match chars.next() {
                Some(next) => sign(next, false),
                None => return true,
            },
            c => sign(c, true),
        }
    }
    false
}

/// True where a parenthesis is open at the end. Only those at the beginning of a command count,
/// so the parser itself is asked.
fn is_open(signs: &[Sign]) -> bool {
    let mut parser = Parser::new(signs, 0);
    parser.list(0, 0);
    parser.open
}

struct Parser<'s> {
    signs: &'s [Sign],
    at: usize,
    first: usize,
    /// A parenthesis was not closed.
    open: bool,
    odd: Vec<(usize, Text)>,
}

impl<'s> Parser<'s> {
    fn new(signs: &'s [Sign], first: usize) -> Self {
        Self {
            signs,
            at: 0,
            first,
            open: false,
            odd: Vec::new(),
        }
    }

    fn peek(&self) -> Option<Sign> {
        self.signs.get(self.at).copied()
    }

    fn plain(&self, c: char) -> bool {
        self.peek().is_some_and(|s| s.plain && s.c == c)
    }

    fn line(&self) -> usize {
        let last = self.signs.last();
        self.peek().or(last.copied()).map_or(self.first, |s| s.line)
    }

    fn blanks(&mut self) {
        while self
            .peek()
            .is_some_and(|s| s.plain && DELIMITERS.contains(&s.c))
        {
            self.at += 1;
        }
    }

    /// Commands up to the end, or up to the parenthesis that closes them.
    fn list(&mut self, depth: usize, nesting: usize) -> Vec<(Op, Node)> {
        let mut out: Vec<(Op, Node)> = Vec::new();
        loop {
            self.blanks();
            while self.plain('\n') {
                self.at += 1;
                self.blanks();
            }
            if self.peek().is_none() || depth > 0 && self.plain(')') {
                return out;
            }
            let start = self.at;
            let op = if out.is_empty() { Op::First } else { Op::Then };
            self.chain(op, depth, nesting, &mut out);
            if self.at == start {
                // A sign that no command begins with.
                self.at += 1;
            }
        }
    }

    /// Commands bound by `&`, `&&`, `||` and `|`, up to the end of the line.
    fn chain(&mut self, first: Op, depth: usize, nesting: usize, out: &mut Vec<(Op, Node)>) {
        let mut op = first;
        loop {
            if let Some(node) = self.node(depth, nesting) {
                out.push((op, node));
            }
            self.blanks();
            let double = |p: &Self, c: char| {
                let next = p.signs.get(p.at + 1);
                p.plain(c) && next.is_some_and(|s| s.plain && s.c == c)
            };
            op = if double(self, '&') {
                self.at += 2;
                Op::AndIf
            } else if double(self, '|') {
                self.at += 2;
                Op::OrIf
            } else if self.plain('&') {
                self.at += 1;
                Op::Then
            } else if self.plain('|') {
                self.at += 1;
                Op::Pipe
            } else {
                return;
            };
        }
    }

    fn node(&mut self, depth: usize, nesting: usize) -> Option<Node> {
        let number = self.line() + 1;
        if nesting > MAX_NESTING {
            self.odd.push((number - 1, say!(error_batch_long)));
            self.at = self.signs.len();
            return None;
        }
        self.blanks();
        while self.plain('@') {
            self.at += 1;
            self.blanks();
        }
        if self.plain('(') {
            self.at += 1;
            let nodes = self.list(depth + 1, nesting + 1);
            if self.plain(')') {
                self.at += 1;
            } else {
                self.open = true;
            }
            self.redirections(number);
            return Some(Node::Group(nodes));
        }
        match self.word_ahead().as_str() {
            "if" => {
                self.at += 2;
                Some(self.condition(depth, nesting))
            }
            "for" => {
                self.at += 3;
                Some(self.repetition(number, depth, nesting))
            }
            "rem" => {
                self.comment();
                None
            }
            _ => self.simple(number, depth),
        }
    }

    /// The name of the command that stands here, where it is one of `cmd.exe` itself.
    fn word_ahead(&self) -> String {
        let ahead = self.signs.iter().skip(self.at).take(16);
        let text: String = ahead
            .take_while(|s| s.c != '\n' && s.c != '"')
            .map(|s| s.c)
            .collect();
        let name = command(&text).0;
        let end = text.get(name.len()..).and_then(|t| t.chars().next());
        // `if.exe` and `form` are other words.
        let whole = end.is_none_or(|c| ENDS.contains(&c) || "&|<>)".contains(c));
        if whole { name } else { String::new() }
    }

    /// Skips `rem` to the end of its line; `rem &` alone is divided as other commands are.
    fn comment(&mut self) {
        self.at += 3;
        self.blanks();
        if self.plain('&') || self.plain('|') {
            return;
        }
        let mut last = None;
        while let Some(sign) = self.peek().filter(|s| s.c != '\n') {
            last = Some(sign);
            self.at += 1;
        }
        if let Some(sign) = last.filter(|s| s.c == '^') {
            self.odd.push((sign.line, say!(error_batch_block)));
        }
    }

    /// A word up to a delimiter; what stands in quotation marks belongs to it.
    fn word(&mut self) -> String {
        self.blanks();
        let mut out = String::new();
        while let Some(sign) = self.peek() {
            if sign.plain && (DELIMITERS.contains(&sign.c) || sign.c == '\n') {
                break;
            }
            out.push(sign.c);
            self.at += 1;
        }
        out
    }

    fn condition(&mut self, depth: usize, nesting: usize) -> Node {
        let mut first = self.word();
        while first.eq_ignore_ascii_case("/i") || first.eq_ignore_ascii_case("not") {
            first = self.word();
        }
        match first.to_ascii_lowercase().as_str() {
            "exist" | "defined" | "errorlevel" | "cmdextversion" => {
                self.word();
            }
            _ => {
                // `a==b`: the signs are delimiters and were left or will be skipped.
                let save = self.at;
                self.blanks();
                let signs = self.signs.get(save..self.at).unwrap_or_default();
                let equal = signs.windows(2).any(|w| w[0].c == '=' && w[1].c == '=');
                if !equal {
                    let op = self.word().to_ascii_lowercase();
                    let known = ["equ", "neq", "lss", "leq", "gtr", "geq"];
                    if !known.contains(&op.as_str()) {
                        self.odd.push((self.line(), say!(error_batch_block)));
                    }
                }
                self.word();
            }
        }
        let then = self.branch(depth, nesting);
        let save = self.at;
        self.blanks();
        while self.plain('\n') && depth > 0 {
            self.at += 1;
            self.blanks();
        }
        let otherwise = if self.else_ahead() {
            self.at += 4;
            self.branch(depth, nesting)
        } else {
            self.at = save;
            Vec::new()
        };
        Node::If { then, otherwise }
    }

    fn else_ahead(&self) -> bool {
        let ahead = self.signs.iter().skip(self.at).take(5);
        let text: String = ahead.map(|s| s.c).collect();
        let end = text.get(4..).and_then(|t| t.chars().next());
        text.get(..4)
            .is_some_and(|t| t.eq_ignore_ascii_case("else"))
            && end.is_none_or(|c| DELIMITERS.contains(&c) || c == '(' || c == '\n')
    }

    /// The commands that belong to a condition or repetition: a group, or the rest of the line.
    fn branch(&mut self, depth: usize, nesting: usize) -> Vec<(Op, Node)> {
        let mut out = Vec::new();
        self.blanks();
        let line = self.line();
        if self.plain('(') {
            if let Some(node) = self.node(depth, nesting + 1) {
                out.push((Op::First, node));
            }
            let save = self.at;
            self.blanks();
            if self.else_ahead() {
                return out;
            }
            self.at = save;
            // `( … ) & more` belongs to it as a whole.
            if self.plain('&') || self.plain('|') {
                let mut more = Vec::new();
                self.chain(Op::Then, depth, nesting + 1, &mut more);
                out.append(&mut more);
            }
        } else {
            self.chain(Op::First, depth, nesting + 1, &mut out);
        }
        if out.is_empty() {
            self.odd.push((line, say!(error_batch_block)));
        }
        out
    }

    fn repetition(&mut self, number: usize, depth: usize, nesting: usize) -> Node {
        let mut switch = String::new();
        let mut variable = None;
        let mut odd = false;
        // Switches, their arguments, the variable.
        for _ in 0..6 {
            let word = self.word();
            let lower = word.to_ascii_lowercase();
            if lower == "in" {
                break;
            }
            match word.strip_prefix('%').map(|w| w.trim_start_matches('%')) {
                Some(name) => variable = name.chars().next(),
                None if lower.starts_with('/') => switch = lower,
                None => {}
            }
            odd = word.is_empty();
        }
        self.blanks();
        let mut set = String::new();
        if self.plain('(') {
            self.at += 1;
            self.open = true;
            while let Some(sign) = self.peek() {
                self.at += 1;
                if sign.plain && sign.c == ')' {
                    self.open = false;
                    break;
                }
                set.push(sign.c);
            }
        } else {
            odd = true;
        }
        odd |= !self.word().eq_ignore_ascii_case("do");
        if odd || variable.is_none() {
            self.odd.push((number - 1, say!(error_batch_block)));
        }
        let body = self.branch(depth, nesting);
        let trimmed = set.trim();
        let command = (switch == "/f")
            .then(|| {
                let quote = ['\'', '`'];
                let inner = trimmed.strip_prefix(quote)?.strip_suffix(quote)?;
                Some(inner.to_owned())
            })
            .flatten();
        let elements = (switch.is_empty() && !set.contains(['*', '?'])).then(|| {
            let divided = set.replace([',', ';', '=', '\n'], " ");
            elements(&divided)
        });
        Node::For(For {
            number,
            variable: variable.unwrap_or('\0'),
            elements,
            command,
            body,
        })
    }

    fn redirections(&mut self, number: usize) {
        loop {
            self.blanks();
            if !self.plain('>') && !self.plain('<') {
                return;
            }
            let mut line = empty(number);
            self.redirection(&mut line);
        }
    }

    /// `> file`, `2>&1`, `< file`: from the sign on.
    fn redirection(&mut self, line: &mut Line) {
        let writes = self.plain('>');
        self.at += 1;
        while self.plain('>') {
            self.at += 1;
        }
        if self.plain('&') {
            // A handle.
            self.at += 1;
            self.at += usize::from(self.peek().is_some_and(|s| s.c.is_ascii_digit()));
            return;
        }
        self.blanks();
        let mut target = String::new();
        while let Some(sign) = self.peek() {
            let ends = DELIMITERS.contains(&sign.c) || "&|<>\n)".contains(sign.c);
            if sign.plain && ends {
                break;
            }
            target.push(sign.c);
            self.at += 1;
        }
        let target = target.trim_matches('"').to_owned();
        match writes {
            true => line.writes.push(target),
            false => line.reads.push(target),
        }
    }

    fn simple(&mut self, number: usize, depth: usize) -> Option<Node> {
        let mut line = empty(number);
        while let Some(sign) = self.peek() {
            if sign.plain {
                match sign.c {
                    '&' | '|' | '\n' => break,
                    ')' if depth > 0 => break,
                    '<' | '>' => {
                        // A digit right before it names the handle.
                        let mut back = line.text.chars().rev();
                        let digit = back.next().is_some_and(|c| c.is_ascii_digit());
                        if digit && back.next().is_none_or(|c| DELIMITERS.contains(&c)) {
                            line.text.pop();
                        }
                        self.redirection(&mut line);
                        continue;
                    }
                    _ => {}
                }
            }
            line.text.push(sign.c);
            self.at += 1;
        }
        let text = line.text.trim().to_owned();
        line.text = text;
        let nothing = line.text.is_empty() && line.writes.is_empty() && line.reads.is_empty();
        (!nothing).then_some(Node::Command(line))
    }
}

fn empty(number: usize) -> Line {
    Line {
        number,
        text: String::new(),
        certain: false,
        called: false,
        writes: Vec::new(),
        reads: Vec::new(),
        piped: false,
    }
}

/// The elements of a set: words, those in quotation marks with them.
fn elements(set: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut word, mut quoted) = (String::new(), false);
    for c in set.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.push(c);
            }
            ' ' | '\t' if !quoted => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}
