//! Which commands of shell text run: conditions that can be told from the image are told, the
//! others leave what stands under them uncertain.

use std::collections::HashMap;

use super::lex::{Kind, Token, tokens};
use super::{Exists, Inactive};

/// How sure it is that a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Runs,
    /// Only where a condition holds that is known when it runs.
    Maybe,
    Never(Inactive),
}

impl Reach {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never(why), _) | (_, Self::Never(why)) => Self::Never(why),
            (Self::Maybe, _) | (_, Self::Maybe) => Self::Maybe,
            _ => Self::Runs,
        }
    }

    /// Under a condition.
    fn when(self, holds: Option<bool>) -> Self {
        self.and(match holds {
            Some(true) => Self::Runs,
            Some(false) => Self::Never(Inactive::ConditionFalse),
            None => Self::Maybe,
        })
    }
}

/// A simple command.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) line: usize,
    pub(super) words: Vec<String>,
    /// Its redirections, as they stand.
    pub(super) redirects: Vec<String>,
    pub(super) reach: Reach,
    /// The folder that a `cd` before it entered.
    pub(super) folder: Option<String>,
    function: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    If,
    While {
        until: bool,
        endless: bool,
        left: bool,
    },
    For,
    Case,
    Group,
    Subshell,
    Function(usize),
}

struct Frame {
    block: Block,
    /// What held outside.
    outer: Reach,
    /// What holds for the branches that are left.
    rest: Reach,
    function: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Always,
    And,
    Or,
}

struct Function {
    reach: Reach,
    ends: bool,
}

struct Walker<'a> {
    exists: Exists<'a>,
    commands: Vec<Command>,
    functions: Vec<Function>,
    /// The last function of each name.
    named: HashMap<String, usize>,
    frames: Vec<Frame>,
    base: Reach,
    link: Link,
    /// The last exit status: success, failure or not known.
    last: Option<bool>,
    negate: bool,
    words: Vec<(String, bool)>,
    redirects: Vec<String>,
    line: usize,
    folder: Option<String>,
    function: Option<usize>,
    errexit: bool,
    /// An exit under an unknown condition stands before.
    unsure: bool,
    /// The words so far are the header of a `for` or a `case`, or a pattern.
    header: bool,
    /// `function` stands before the name of one.
    naming: bool,
    /// Inside the values of an array.
    array: bool,
    /// The last command asked whether a program runs: when the machine starts none does, later one may.
    asked: bool,
    /// The next command reads what the one before it writes: it runs in a shell of its own.
    piped: bool,
}

/// Blocks inside one another.
const MAX_FRAMES: usize = 256;

/// The simple commands of `text`, each with how sure it runs.
pub(super) fn commands(text: &str, errexit: bool, exists: Exists<'_>) -> Vec<Command> {
    let mut walker = Walker {
        exists,
        commands: Vec::new(),
        functions: Vec::new(),
        named: HashMap::new(),
        frames: Vec::new(),
        base: Reach::Runs,
        link: Link::Always,
        last: Some(true),
        negate: false,
        words: Vec::new(),
        redirects: Vec::new(),
        line: 1,
        folder: None,
        function: None,
        errexit,
        unsure: false,
        header: false,
        naming: false,
        array: false,
        asked: false,
        piped: false,
    };
    for token in tokens(text) {
        walker.token(token);
    }
    walker.end(";");
    walker.finish()
}

impl Walker<'_> {
    fn token(&mut self, token: Token) {
        match token.kind {
            Kind::Comment(_) | Kind::Here(_) => {}
            Kind::Redirect(text) => self.redirects.push(text),
            Kind::Op(op) => self.operator(op),
            Kind::Word { .. } if self.array => {}
            Kind::Word { text, .. } if self.naming && text == "{" && self.words.len() == 1 => {
                let name = self.words.remove(0).0;
                self.define(name);
                self.open(Block::Group);
            }
            Kind::Word { text, plain } => {
                if self.words.is_empty() {
                    self.line = token.line;
                    if plain && !self.in_pattern() && self.keyword(&text) {
                        return;
                    }
                    if text == "esac" && self.in_pattern() {
                        self.close();
                        return;
                    }
                }
                self.words.push((text, plain));
                // `case WORD in` has no operator behind it.
                if self.header
                    && self.words.last().is_some_and(|w| w.0 == "in")
                    && self.words[0].0 == "case"
                {
                    self.words.clear();
                    self.header = false;
                    self.open(Block::Case);
                    self.header = true;
                }
            }
        }
    }

    /// Inside `case`, before the `)` of a pattern.
    fn in_pattern(&self) -> bool {
        self.header && matches!(self.frames.last(), Some(f) if f.block == Block::Case)
    }

    fn operator(&mut self, op: &'static str) {
        match op {
            ")" if self.array => self.array = false,
            _ if self.array => {}
            "(" if self.words.last().is_some_and(|w| w.0.ends_with('=')) => self.array = true,
            "(" | ")" if self.header && !self.in_pattern() => {}
            ")" if self.in_pattern() => {
                self.words.clear();
                self.header = false;
                self.base = self
                    .frames
                    .last()
                    .map_or(self.base, |f| f.outer)
                    .and(Reach::Maybe);
            }
            "(" | "|" | "\n" if self.in_pattern() => {}
            ";;" => {
                self.end(";");
                self.header = matches!(self.frames.last(), Some(f) if f.block == Block::Case);
            }
            "(" if self.words.len() == 1 => {
                let name = self.words.remove(0).0;
                self.define(name);
            }
            "(" if self.words.is_empty() => self.open(Block::Subshell),
            ")" => {
                self.end(";");
                // The `)` of `name()` closes nothing.
                if matches!(self.frames.last(), Some(f) if f.block == Block::Subshell) {
                    self.close_body();
                }
            }
            op => self.end(op),
        }
    }

    fn define(&mut self, name: String) {
        self.naming = false;
        self.named.insert(name, self.functions.len());
        self.functions.push(Function {
            reach: Reach::Never(Inactive::NotCalled),
            ends: false,
        });
        self.open(Block::Function(self.functions.len() - 1));
        self.function = Some(self.functions.len() - 1);
        self.base = Reach::Runs;
    }

    fn effective(&self) -> Reach {
        match self.link {
            Link::Always => self.base,
            Link::And => self.under(self.base, self.last),
            Link::Or => self.under(self.base, self.last.map(|l| !l)),
        }
    }

    /// How sure runs what stands under a condition that was told.
    fn under(&self, base: Reach, holds: Option<bool>) -> Reach {
        match self.asked && holds == Some(false) {
            true => base.and(Reach::Maybe),
            false => base.when(holds),
        }
    }

    fn open(&mut self, block: Block) {
        if self.frames.len() >= MAX_FRAMES {
            self.base = self.base.and(Reach::Maybe);
            return;
        }
        let reach = self.effective();
        self.frames.push(Frame {
            block,
            outer: self.base,
            rest: reach,
            function: self.function,
        });
        self.base = reach;
        self.link = Link::Always;
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        self.base = frame.outer;
        self.function = frame.function;
        self.link = Link::Always;
        self.header = false;
        match frame.block {
            Block::While {
                endless: true,
                left: false,
                ..
            } if frame.rest == Reach::Runs => {
                self.stop(Reach::Runs, true);
            }
            Block::Group | Block::Subshell => {}
            _ => self.last = None,
        }
    }

    /// Closes a block, and the function whose body it was.
    fn close_body(&mut self) {
        self.close();
        if matches!(self.frames.last(), Some(f) if matches!(f.block, Block::Function(_))) {
            self.close();
        }
    }

    /// Keywords, at the place of a command's first word.
    fn keyword(&mut self, word: &str) -> bool {
        match word {
            "!" => self.negate = !self.negate,
            "{" => self.open(Block::Group),
            "}" => self.close_body(),
            "if" => self.open(Block::If),
            "while" | "until" => self.open(Block::While {
                until: word == "until",
                endless: false,
                left: false,
            }),
            "then" => self.branch(false),
            "do" => self.body(),
            "elif" | "else" => {
                if let Some(frame) = self.frames.last() {
                    self.base = frame.rest;
                }
                self.link = Link::Always;
            }
            "fi" | "done" | "esac" => self.close(),
            "for" | "case" | "select" => {
                self.words.push((word.to_owned(), true));
                self.header = true;
            }
            "function" => self.naming = true,
            _ => return false,
        }
        true
    }

    fn branch(&mut self, until: bool) {
        let holds = if until {
            self.last.map(|l| !l)
        } else {
            self.last
        };
        if let Some(frame) = self.frames.last() {
            // An exit inside the condition may have ended it all.
            let base = frame.rest.and(self.base);
            let (then, otherwise) = (self.under(base, holds), self.under(base, holds.map(|h| !h)));
            self.base = then;
            if let Some(frame) = self.frames.last_mut() {
                frame.rest = otherwise;
            }
        }
        self.link = Link::Always;
    }

    fn body(&mut self) {
        match self.frames.last_mut() {
            Some(Frame {
                block: Block::While { until, endless, .. },
                rest,
                ..
            }) => {
                let until = *until;
                *endless = self.last == Some(!until);
                let entry = *rest;
                self.branch(until);
                if let Some(frame) = self.frames.last_mut() {
                    frame.rest = entry;
                }
            }
            _ => self.link = Link::Always,
        }
    }

    /// Ends a command at the operator `op`.
    fn end(&mut self, op: &'static str) {
        let words = std::mem::take(&mut self.words);
        let redirects = std::mem::take(&mut self.redirects);
        if self.header
            && words
                .first()
                .is_some_and(|w| w.0 == "for" || w.0 == "select")
        {
            self.header = false;
            self.open(Block::For);
            // Without a literal word the list may be empty.
            let literal = words
                .iter()
                .skip(3)
                .any(|w| !w.0.contains(['$', '*', '?', '`']));
            if !literal {
                self.base = self.base.and(Reach::Maybe);
            }
            return;
        }
        if !words.is_empty() {
            self.simple(words.into_iter().map(|w| w.0).collect(), redirects, op);
        } else if op == "\n" && self.link != Link::Always {
            // `&&` and `||` go on in the next line.
            return;
        }
        self.link = match op {
            "&&" => Link::And,
            "||" => Link::Or,
            _ => Link::Always,
        };
        if op == "&" {
            self.last = Some(true);
        }
    }

    fn simple(&mut self, words: Vec<String>, redirects: Vec<String>, op: &'static str) {
        let reach = self.effective();
        let skipped = matches!(reach, Reach::Never(_));
        let negate = std::mem::take(&mut self.negate);
        let bare: Vec<&str> = words
            .iter()
            .skip_while(|w| super::is_assignment(w))
            .map(String::as_str)
            .collect();
        let name = bare.first().copied().unwrap_or("");
        // Where a program that was asked for runs, the script may end; when the machine starts it does not.
        let by_asking = self.asked && self.link != Link::Always;
        let alone = op != "|" && op != "&" && !std::mem::replace(&mut self.piped, op == "|");
        let mut status = self.status(&bare).map(|s| s != negate);
        if reach == Reach::Maybe {
            status = None;
        }
        self.commands.push(Command {
            line: self.line,
            words: words.clone(),
            redirects,
            reach: if self.unsure {
                reach.and(Reach::Maybe)
            } else {
                reach
            },
            folder: self.folder.clone(),
            function: self.function,
        });
        if skipped {
            return;
        }
        self.last = status;
        self.asked = matches!(name.rsplit('/').next(), Some("pgrep" | "pidof"));
        match name {
            "exit" | "return" if by_asking && reach == Reach::Maybe => {}
            "exit" | "return" if alone => {
                self.stop(reach, name == "exit" || self.function.is_none());
            }
            "exec" if bare.len() > 1 && alone => self.stop(reach, true),
            "break" => self.leave(),
            "cd" => self.folder = bare.get(1).map(|p| (*p).to_owned()),
            "set" if bare.iter().any(|w| w.starts_with('-') && w.contains('e')) => {
                self.errexit = true;
            }
            "set" if bare.iter().any(|w| w.starts_with('+') && w.contains('e')) => {
                self.errexit = false;
            }
            _ => {}
        }
        if let Some(at) = self.named.get(name).copied() {
            let ends = self.functions[at].ends;
            self.call(at, reach);
            if ends {
                self.stop(reach, true);
            }
        }
        let tested = op == "&&" || op == "||" || negate || self.in_condition();
        if self.errexit && status == Some(false) && !tested && reach == Reach::Runs {
            self.stop(reach, true);
        }
    }

    fn call(&mut self, at: usize, reach: Reach) {
        let better = |a: Reach, b: Reach| match (a, b) {
            (Reach::Runs, _) | (_, Reach::Runs) => Reach::Runs,
            (Reach::Maybe, _) | (_, Reach::Maybe) => Reach::Maybe,
            (never, _) => never,
        };
        // A call inside of another function counts as far as that one is called, which later
        // calls may change; it counts as possible.
        let reach = if self.function.is_some() {
            reach.and(Reach::Maybe)
        } else {
            reach
        };
        self.functions[at].reach = better(self.functions[at].reach, reach);
    }

    /// Between `if` and `then`, or `while` and `do`: a failure ends nothing there.
    fn in_condition(&self) -> bool {
        // Conditions run under what the block itself runs under; a cheap and safe test.
        self.frames
            .iter()
            .any(|f| matches!(f.block, Block::If | Block::While { .. }))
    }

    fn leave(&mut self) {
        for frame in self.frames.iter_mut().rev() {
            if let Block::While { left, .. } = &mut frame.block {
                *left = true;
                break;
            }
        }
    }

    /// The script (or only the function around) ends here, as sure as `reach`: nothing behind
    /// runs, or it may not.
    fn stop(&mut self, reach: Reach, script: bool) {
        match reach {
            Reach::Runs => {}
            Reach::Maybe => {
                let inside = self.frames.iter().any(|f| f.block == Block::Subshell);
                self.unsure |= script && !inside;
                return;
            }
            Reach::Never(_) => return,
        }
        let after = Reach::Never(Inactive::AfterExit);
        self.base = after;
        for frame in self.frames.iter_mut().rev() {
            if let Block::While { left, .. } = &mut frame.block {
                *left = true;
            }
            match frame.block {
                Block::Subshell => break,
                Block::Function(at) => {
                    self.functions[at].ends |= script;
                    break;
                }
                _ => frame.outer = after,
            }
        }
    }

    /// The exit status of a command, where it can be told.
    fn status(&self, words: &[&str]) -> Option<bool> {
        let Some((name, args)) = words.split_first() else {
            return Some(true);
        };
        match name.rsplit('/').next().unwrap_or(name) {
            "true" | ":" | "echo" | "printf" | "sleep" | "export" | "umask" | "cd" | "mkdir"
            | "touch" | "date" | "logger" | "set" | "unset" | "trap" | "ulimit" | "chmod" => {
                Some(true)
            }
            // When the machine starts, none of the agents runs yet.
            "false" | "pgrep" | "pidof" => Some(false),
            "[" | "[[" => self.test(args.split_last().map_or(args, |(_, a)| a)),
            "test" => self.test(args),
            _ => None,
        }
    }

    fn test(&self, args: &[&str]) -> Option<bool> {
        let known = |s: &&str| !s.contains(['$', '`']);
        match args {
            [] => Some(false),
            ["!", rest @ ..] => self.test(rest).map(|t| !t),
            ["-n", text] if known(text) => Some(!text.is_empty()),
            ["-z", text] if known(text) => Some(text.is_empty()),
            ["-e" | "-f" | "-x" | "-s" | "-d" | "-r" | "-L" | "-h", path]
                if path.starts_with('/') && known(path) =>
            {
                (self.exists)(path)
            }
            [text] if known(text) && !text.starts_with('-') => Some(!text.is_empty()),
            [a, "=" | "==", b] if known(a) && known(b) => Some(a == b),
            [a, "!=", b] if known(a) && known(b) => Some(a != b),
            [a, op, b] => {
                let (a, b): (i64, i64) = (a.parse().ok()?, b.parse().ok()?);
                match *op {
                    "-eq" => Some(a == b),
                    "-ne" => Some(a != b),
                    "-lt" => Some(a < b),
                    "-le" => Some(a <= b),
                    "-gt" => Some(a > b),
                    "-ge" => Some(a >= b),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn finish(self) -> Vec<Command> {
        let reach: Vec<Reach> = self.functions.iter().map(|f| f.reach).collect();
        let mut commands = self.commands;
        for command in &mut commands {
            if let Some(at) = command.function {
                command.reach = match reach[at] {
                    never @ Reach::Never(_) => never,
                    called => called.and(command.reach),
                };
            }
        }
        commands
    }
}
