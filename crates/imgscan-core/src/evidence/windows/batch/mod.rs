//! What a batch file runs, in its order, as `cmd.exe` reads it.
//!
//! A line is read when the flow reaches it: its `%variables%` are replaced, then it is divided at
//! `&`, `&&`, `||`, `|` and parentheses outside of quotation marks, where `^` takes a character's
//! meaning. `goto`, `call :label`, `exit` and `if` are followed; what depends on a condition is not
//! certain. Nothing is run, and what can't be told is a doubt.

mod parse;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use parse::{Node, Op, Statement};
use variables::Variables;

use crate::text::Text;

/// Commands of one script that are kept.
const MAX_COMMANDS: usize = 4_096;
/// Lines that are followed: a script that jumps back runs them again.
const MAX_STEPS: usize = 4_096;
/// Characters of one line with its variables replaced; `cmd.exe` takes 8191.
const MAX_LINE: usize = 8_191;
/// Conditional jumps and calls of labels inside of each other.
const MAX_DEPTH: usize = 32;
/// How often a line is read with other values of the variables.
const MAX_PASSES: usize = 16;
/// Bytes of the variables and arguments at one time.
const MAX_VALUES: usize = 8 * 1024;
/// Doubts of one script that are kept.
const MAX_DOUBTS: usize = 64;
/// Commands inside of commands (`for`, `if`, parentheses) of one line.
const MAX_NESTING: usize = 32;

/// What is known of how a script is started.
#[derive(Debug, Clone, Default)]
pub(in crate::evidence) struct Call {
    /// Its arguments; `None` where they are not known.
    pub(in crate::evidence) arguments: Option<Vec<String>>,
    /// Variables of its environment, beside those of every Windows.
    pub(in crate::evidence) variables: Vec<(String, String)>,
}

/// What a script runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Its commands in the order in which they are reached, each once.
    pub commands: Vec<Line>,
    /// What can't be told of it: the number of the line, from 1, and why.
    pub doubts: Vec<(usize, Text)>,
}

/// A command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The number of the line that it begins in, from 1.
    pub number: usize,
    /// The command without its redirections. Variables of every Windows (`%SystemRoot%`) and of
    /// the script's own place (`%~dp0`) stand as they are.
    pub text: String,
    /// True where it runs whatever the conditions of the script say.
    pub certain: bool,
    /// It stands behind `call`.
    pub called: bool,
    /// Files that its output is written to.
    pub writes: Vec<String>,
    /// Files that its input is read from.
    pub reads: Vec<String>,
    /// Its input is the output of the command before it.
    pub piped: bool,
}

impl Line {
    /// The words of the command, without quotation marks: the first is its name.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        words(&self.text)
    }

    /// The name of the command: the last part of its path in lower case, without `.exe`.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.text)
    }
}

/// The name of the command `text`: the last part of its path in lower case, without `.exe`.
#[must_use]
pub fn name(text: &str) -> String {
    let name = parse::name(text.trim_start_matches([' ', '\t', '@']));
    let name = name.rsplit(['\\', '/']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

/// `text` divided at blanks outside of quotation marks, which are dropped.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                any = true;
            }
            ' ' | '\t' | '\n' if !quoted => {
                if any || !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if any || !word.is_empty() {
        out.push(word);
    }
    out
}

/// What the batch file `text` runs, of whose start nothing is known.
pub(in crate::evidence) fn commands(text: &str) -> Script {
    commands_of(text, &Call::default())
}

/// What the batch file `text` runs where it is started so.
pub(in crate::evidence) fn commands_of(text: &str, call: &Call) -> Script {
    let variables = Variables::of_batch(call);
    run(text, variables, call.arguments.clone())
}

/// What the command line `text` of `cmd /c` runs.
#[must_use]
pub fn inline(text: &str) -> Script {
    run(text, Variables::of_command_line(), None)
}

fn run(text: &str, variables: Variables, arguments: Option<Vec<String>>) -> Script {
    // cmd.exe drops every carriage return.
    let text = text.replace('\r', "");
    let mut reader = Reader {
        lines: text.split('\n').collect(),
        out: Script::default(),
        seen: BTreeMap::new(),
        known: BTreeSet::new(),
        steps: 0,
    };
    if let Some(at) = text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\x0C')) {
        let line = text[..at].matches('\n').count();
        reader.doubt(line, say!(error_batch_control));
    }
    let mut state = State {
        variables,
        arguments,
        certain: true,
        delayed: false,
    };
    reader.follow(0, &mut state, 0);
    reader.out
}

/// Where the flow is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    variables: Variables,
    arguments: Option<Vec<String>>,
    certain: bool,
    /// `!variables!` are replaced.
    delayed: bool,
}

/// How the flow goes on behind a command.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Flow {
    /// With the next one.
    Next,
    /// At a label.
    Goto(String),
    /// Behind the call of the label, or at the end of the script.
    Return,
    /// Nowhere.
    Exit,
}

impl State {
    /// The same, in what depends on a condition.
    fn under_condition(&self) -> Self {
        Self {
            certain: false,
            ..self.clone()
        }
    }
}

struct Reader<'t> {
    lines: Vec<&'t str>,
    out: Script,
    /// Lines that were read, with the states they were read in.
    seen: BTreeMap<usize, Vec<State>>,
    /// Commands that are listed: the line, the text.
    known: BTreeSet<(usize, String)>,
    steps: usize,
}

impl Reader<'_> {
    fn doubt(&mut self, line: usize, why: Text) {
        let doubt = (line + 1, why);
        if self.out.doubts.len() < MAX_DOUBTS && !self.out.doubts.contains(&doubt) {
            self.out.doubts.push(doubt);
        }
    }

    /// Follows the flow from a line to its end. True where it ends the whole script for certain.
    fn follow(&mut self, start: usize, state: &mut State, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            self.doubt(start, say!(error_batch_long));
            return false;
        }
        let mut at = start;
        let mut here = BTreeSet::new();
        while at < self.lines.len() {
            self.steps += 1;
            let is_back = !here.insert(at);
            let seen = self.seen.entry(at).or_default();
            if seen.contains(state) {
                // No condition ever led out of the loop: it never ends.
                if is_back && state.certain {
                    self.doubt(at, say!(error_batch_loop));
                }
                return false;
            }
            if self.steps > MAX_STEPS || seen.len() > MAX_PASSES {
                self.doubt(at, say!(error_batch_loop));
                return false;
            }
            if state.variables.len() > MAX_VALUES {
                self.doubt(at, say!(error_batch_long));
                return false;
            }
            seen.push(state.clone());
            let Statement { nodes, next, odd } = parse::statement(&self.lines, at, state);
            for (line, why) in odd {
                self.doubt(line, why);
            }
            match self.all(&nodes, state, next, depth) {
                Flow::Next => at = next,
                Flow::Return => return false,
                Flow::Exit => return true,
                Flow::Goto(label) => match self.label(&label, next) {
                    Some(line) => at = line,
                    None => {
                        self.missing(&label, at, state, depth);
                        return true;
                    }
                },
            }
        }
        false
    }

    /// Where the lines behind a label begin: searched from `from` to the end, then from the top.
    fn label(&self, label: &str, from: usize) -> Option<usize> {
        let is = |line: &&str| parse::label(line).is_some_and(|l| l.eq_ignore_ascii_case(label));
        let behind = self.lines.iter().skip(from).position(is);
        let found = behind.map(|i| i + from);
        found
            .or_else(|| self.lines.iter().position(is))
            .map(|i| i + 1)
    }

    /// A jump to a label that is not there ends the script; one whose label can't be told may
    /// lead to any.
    fn missing(&mut self, label: &str, line: usize, state: &State, depth: usize) {
        if !label.contains(['%', '!']) {
            return;
        }
        self.doubt(line, say!(error_batch_jump));
        for at in 0..self.lines.len() {
            if self.lines.get(at).and_then(|l| parse::label(l)).is_some() {
                self.follow(at + 1, &mut state.under_condition(), depth + 1);
            }
        }
    }

    fn all(&mut self, nodes: &[(Op, Node)], state: &mut State, next: usize, depth: usize) -> Flow {
        // What stands behind && and || depends on what is before it, up to the next &.
        let mut conditional = false;
        for (op, node) in nodes {
            match op {
                Op::First | Op::Then => conditional = false,
                Op::AndIf | Op::OrIf => conditional = true,
                Op::Pipe => {}
            }
            let piped = *op == Op::Pipe;
            if !conditional {
                match self.one(node, piped, state, next, depth) {
                    Flow::Next => continue,
                    flow => return flow,
                }
            }
            let mut inner = state.under_condition();
            let flow = self.one(node, piped, &mut inner, next, depth);
            state.certain &= flow == Flow::Next && !self.ends(node);
            self.branch(&flow, &inner, next, depth);
            state.delayed |= inner.delayed;
            state.variables.merge(&inner.variables);
        }
        Flow::Next
    }

    /// Follows where the flow goes under a condition.
    fn branch(&mut self, flow: &Flow, state: &State, next: usize, depth: usize) {
        let Flow::Goto(label) = flow else {
            return;
        };
        let mut state = state.under_condition();
        match self.label(label, next) {
            Some(line) => {
                self.follow(line, &mut state, depth + 1);
            }
            None => self.missing(label, next.saturating_sub(1), &state, depth),
        }
    }

    fn one(
        &mut self,
        node: &Node,
        piped: bool,
        state: &mut State,
        next: usize,
        depth: usize,
    ) -> Flow {
        match node {
            Node::Command(line) => {
                let mut line = line.clone();
                line.piped = piped;
                self.command(line, state, next, depth)
            }
            Node::Group(nodes) => self.all(nodes, state, next, depth),
            Node::If { then, otherwise } => self.either([then, otherwise], state, next, depth),
            Node::For(of) => self.repeat(of, state, next, depth),
        }
    }

    fn either(
        &mut self,
        branches: [&[(Op, Node)]; 2],
        state: &mut State,
        next: usize,
        depth: usize,
    ) -> Flow {
        let before = state.clone();
        let mut left = 0;
        let mut merged: Option<Variables> = None;
        for branch in branches {
            let mut inner = before.under_condition();
            let flow = self.all(branch, &mut inner, next, depth);
            if flow != Flow::Next {
                left += 1;
                self.branch(&flow, &inner, next, depth);
                continue;
            }
            state.delayed |= inner.delayed;
            match &mut merged {
                Some(merged) => merged.merge(&inner.variables),
                None => merged = Some(inner.variables),
            }
        }
        let Some(merged) = merged else {
            return Flow::Return;
        };
        state.variables = merged;
        let mut nodes = branches.iter().flat_map(|b| b.iter());
        state.certain &= left == 0 && !nodes.any(|(_, n)| self.ends(n));
        Flow::Next
    }

    /// True where a command may leave the lines that follow it.
    fn ends(&self, node: &Node) -> bool {
        let any = |nodes: &[(Op, Node)]| nodes.iter().any(|(_, n)| self.ends(n));
        match node {
            Node::Command(line) => {
                let (name, rest) = parse::command(&line.text);
                let rest = rest.trim_start_matches(parse::DELIMITERS);
                match (name.as_str(), rest.strip_prefix(':')) {
                    ("goto" | "exit", _) => true,
                    ("call", Some(label)) => {
                        let line = self.label(parse::label_name(label), 0);
                        line.is_some_and(|line| self.exits(line))
                    }
                    ("call", None) => false,
                    _ => parse::is_batch(&line.text),
                }
            }
            Node::Group(nodes) => any(nodes),
            Node::If { then, otherwise } => any(then) || any(otherwise),
            Node::For(of) => any(&of.body),
        }
    }

    fn repeat(&mut self, of: &parse::For, state: &mut State, next: usize, depth: usize) -> Flow {
        if let Some(command) = &of.command {
            let inner = inline(command);
            for line in inner.commands {
                let certain = line.certain && state.certain;
                self.list(Line {
                    number: of.number,
                    certain,
                    ..line
                });
            }
            for (_, why) in inner.doubts {
                self.doubt(of.number.saturating_sub(1), why);
            }
        }
        if let Some(elements) = &of.elements {
            for element in elements {
                let body = parse::substituted(&of.body, of.variable, element);
                match self.all(&body, state, next, depth) {
                    Flow::Next => {}
                    flow => return flow,
                }
            }
            return Flow::Next;
        }
        let mut inner = state.under_condition();
        let flow = self.all(&of.body, &mut inner, next, depth);
        self.branch(&flow, &inner, next, depth);
        state.delayed |= inner.delayed;
        state.variables.merge(&inner.variables);
        let ends = of.body.iter().any(|(_, n)| self.ends(n));
        state.certain &= flow == Flow::Next && !ends;
        Flow::Next
    }

    fn list(&mut self, line: Line) {
        if line.text.trim().is_empty() && line.writes.is_empty() {
            return;
        }
        if !self.known.insert((line.number, line.text.clone())) {
            let same = |l: &&mut Line| l.number == line.number && l.text == line.text;
            if let Some(listed) = self.out.commands.iter_mut().find(same) {
                listed.certain |= line.certain;
            }
            return;
        }
        if self.out.commands.len() < MAX_COMMANDS {
            self.out.commands.push(line);
        } else {
            self.doubt(line.number.saturating_sub(1), say!(error_batch_long));
        }
    }

    fn command(&mut self, mut line: Line, state: &mut State, next: usize, depth: usize) -> Flow {
        line.certain = state.certain;
        let at = line.number.saturating_sub(1);
        if state.delayed && line.text.contains('!') {
            self.doubt(at, say!(error_batch_delayed));
        }
        let (name, rest) = parse::command(&line.text);
        match name.as_str() {
            "goto" => {
                let label = rest.trim_start_matches([':', ' ', '\t', ',', ';', '=']);
                let label = parse::label_name(label);
                return match label.to_ascii_lowercase().as_str() {
                    "eof" => Flow::Return,
                    _ => Flow::Goto(label.to_owned()),
                };
            }
            "exit" => {
                let back = rest.to_ascii_lowercase();
                return match back.split_whitespace().any(|w| w.starts_with("/b")) {
                    true => Flow::Return,
                    false => Flow::Exit,
                };
            }
            "call" => {
                let rest = rest.trim_start_matches(parse::DELIMITERS);
                if let Some(target) = rest.strip_prefix(':') {
                    return self.subroutine(target, at, state, next, depth);
                }
                // call replaces variables once more.
                if rest.contains('%') {
                    let again = state.variables.expand(rest, state.arguments.as_deref());
                    for name in again.unknown {
                        self.doubt(at, say!(error_batch_variable, name = name));
                    }
                    line.text = again.text;
                } else {
                    line.text = rest.to_owned();
                }
                line.called = true;
                self.list(line);
                return Flow::Next;
            }
            "set" => state.variables.set(rest),
            "setlocal" => {
                let options = rest.to_ascii_lowercase();
                if options.contains("enabledelayedexpansion") {
                    state.delayed = true;
                }
            }
            "endlocal" => state.variables.forget_all(),
            "shift" => state.arguments = None,
            _ => {}
        }
        // A batch file that is not called does not come back.
        let ends = parse::is_batch(&line.text) && !line.piped;
        self.list(line);
        if ends { Flow::Exit } else { Flow::Next }
    }

    fn subroutine(
        &mut self,
        target: &str,
        at: usize,
        state: &mut State,
        next: usize,
        depth: usize,
    ) -> Flow {
        let label = parse::label_name(target);
        if label.eq_ignore_ascii_case("eof") {
            return Flow::Next;
        }
        let arguments = words(target.get(label.len()..).unwrap_or_default());
        let Some(line) = self.label(label, next) else {
            self.missing(label, at, state, depth);
            return Flow::Next;
        };
        let mut inner = State {
            arguments: Some(arguments),
            ..state.clone()
        };
        if self.follow(line, &mut inner, depth + 1) {
            return Flow::Exit;
        }
        // A condition inside may have ended it all, or set other values.
        state.certain &= inner.certain || !self.exits(line);
        state.delayed |= inner.delayed;
        let certain = inner.certain;
        state.variables = inner.variables;
        if !certain {
            state.variables.forget_all();
        }
        Flow::Next
    }

    /// True where some line from `line` on ends the whole script.
    fn exits(&self, line: usize) -> bool {
        self.lines.iter().skip(line).any(|l| {
            let l = l.to_ascii_lowercase();
            l.contains("exit") && !l.contains("/b")
        })
    }
}
