//! The machine that runs GRUB's scripts.
//!
//! A value that only the boot knows is carried along as such. A condition that hangs on one is
//! taken both ways: the whole script is run again for each way, and only where the ways end
//! differently does the difference become a doubt (`super::explore`).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::raw::show;
use super::super::script::{Block, Statement, parse};
use super::super::volumes::{Config, Target, Volumes};
use super::env::{self, Value, Variables};
use super::{Build, Platform};
use crate::evidence::linux::boot::menu::BootCommand;
use crate::evidence::{Found, Location};
use crate::text::{Text, terminal};

/// Statements that one run may take.
const MAX_STEPS: usize = 100_000;
/// Files that lead to one another.
const MAX_FILES: usize = 32;
/// Functions that call one another, and blocks inside one another.
const MAX_CALLS: usize = 64;
/// Rounds of a loop.
const MAX_ROUNDS: usize = 4_096;
/// Doubts that one run tells.
const MAX_DOUBTS: usize = 64;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    True,
    False,
    /// Only the boot tells.
    Undecided,
}

impl Status {
    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Undecided => Self::Undecided,
        }
    }
}

/// Where the run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    /// Out of so many loops.
    Break(usize),
    /// To the next round, out of so many loops less one.
    Continue(usize),
    Return,
    /// Something was started, a menu is shown, or GRUB was left.
    Stop,
}

/// An argument of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arg {
    pub(super) text: String,
    pub(super) known: bool,
}

/// What a loader command has loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loaded {
    /// The command.
    pub(super) by: String,
    pub(super) kernel: Target,
    /// The file as it stands.
    pub(super) starts: String,
    /// The arguments as the kernel gets them, without `BOOT_IMAGE=`.
    pub(super) arguments: String,
    pub(super) initrds: Vec<Target>,
    /// The command found its file, so that there is something to start.
    pub(super) there: bool,
}

/// A place in the menu.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) title: String,
    pub(super) id: String,
    pub(super) submenu: bool,
    pub(super) body: Block,
    pub(super) params: Vec<Arg>,
    pub(super) at: Location,
    /// The file whose lines the statements are.
    pub(super) file: Option<Rc<Config>>,
    /// Why what it does can't be told.
    pub(super) doubts: Vec<Found<Text>>,
}

impl Node {
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.title == name || self.id == name
    }
}

/// How conditions that only the boot knows are taken in one run.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices {
    pub(super) given: Vec<usize>,
    /// The ways of each choice of this run, which was taken, and where it stands.
    pub(super) taken: Vec<(usize, usize, Location)>,
}

/// What does not change during a run.
pub(super) struct World<'a> {
    /// Statements that all runs together may still take.
    pub(super) budget: Cell<usize>,
    pub(super) volumes: &'a Volumes<'a>,
    pub(super) build: Build,
    pub(super) platform: Platform,
}

impl World<'_> {
    /// Takes `cost` of what all runs together may do; false where that is used up.
    pub(super) fn spend(&self, cost: usize) -> bool {
        let left = self.budget.get().checked_sub(cost);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Environment blocks as scripts have left them, by volume and path.
pub(super) type Saved = BTreeMap<(usize, String), env::Block>;

/// Runs scripts and holds what they made.
#[derive(Clone)]
pub(super) struct Machine<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) variables: Variables,
    functions: BTreeMap<String, Block>,
    pub(super) params: Vec<Arg>,
    pub(super) menu: Vec<Node>,
    pub(super) loaded: Option<Loaded>,
    /// `boot` started what was loaded.
    pub(super) booted: bool,
    /// GRUB was left for the firmware, or the machine stopped.
    pub(super) left: bool,
    /// Where it was.
    pub(super) ended_at: Option<Location>,
    pub(super) flow: Flow,
    pub(super) last: Status,
    pub(super) saved: Saved,
    /// Where the environment block sets the entry of the next boot alone.
    pub(super) next_entry: Option<Location>,
    pub(super) choices: Choices,
    pub(super) doubts: Vec<Found<Text>>,
    pub(super) commands: Vec<Found<BootCommand>>,
    pub(super) file: Option<Rc<Config>>,
    /// The configuration that was read last.
    pub(super) config: Option<Location>,
    /// All that were read, environment blocks among them.
    pub(super) configs: Vec<Location>,
    /// The folders from which commands could load code, as they stood, and where.
    pub(super) prefixes: Vec<(String, Location)>,
    /// The statements are no lines of a file: an entry file, or text that a script made.
    pub(super) made_at: Option<Location>,
    files: usize,
    calls: usize,
    steps: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(world: &'a World<'a>, variables: Variables, saved: Saved) -> Self {
        Self {
            world,
            variables,
            functions: BTreeMap::new(),
            params: Vec::new(),
            menu: Vec::new(),
            loaded: None,
            booted: false,
            left: false,
            ended_at: None,
            flow: Flow::On,
            last: Status::True,
            saved,
            next_entry: None,
            choices: Choices::default(),
            doubts: Vec::new(),
            commands: Vec::new(),
            file: None,
            config: None,
            configs: Vec::new(),
            prefixes: Vec::new(),
            made_at: None,
            files: 0,
            calls: 0,
            steps: 0,
        }
    }

    pub(super) fn place(&self, line: usize) -> Location {
        match (&self.made_at, &self.file) {
            (Some(at), _) => at.clone(),
            (None, Some(file)) => file.line(line),
            (None, None) => Location::default(),
        }
    }

    pub(super) fn has_read(&mut self, file: Location) {
        if !self.configs.contains(&file) {
            self.configs.push(file);
        }
    }

    pub(super) fn doubt(&mut self, line: usize, why: Text) {
        let at = self.place(line);
        let found = Found { fact: why, at };
        if self.doubts.len() < MAX_DOUBTS && !self.doubts.contains(&found) {
            self.doubts.push(found);
        }
    }

    /// One of `ways`, of which only the boot knows which.
    pub(super) fn choose(&mut self, line: usize, ways: usize) -> usize {
        let at = self.choices.taken.len();
        let way = self.choices.given.get(at).copied().unwrap_or(0);
        let place = self.place(line);
        self.choices.taken.push((ways, way, place));
        way.min(ways.saturating_sub(1))
    }

    pub(super) fn decide(&mut self, line: usize, status: Status) -> bool {
        match status {
            Status::True => true,
            Status::False => false,
            Status::Undecided => self.choose(line, 2) == 0,
        }
    }

    /// Runs the configuration at a place of a volume; `None` where there is none.
    pub(super) fn run_config(&mut self, volume: usize, path: &str) -> Option<Status> {
        let file = self.world.volumes.config(volume, path)?;
        if self.files >= MAX_FILES {
            self.doubt(0, say!(boot_script_deep));
            self.flow = Flow::Stop;
            return Some(Status::Undecided);
        }
        self.files += 1;
        self.config = Some(file.at.clone());
        self.has_read(file.at.clone());
        let folder = path.rsplit_once('/').map_or("", |(f, _)| f);
        let device = format!("({})", self.world.volumes.device(volume));
        let names = ["config_file", "config_directory"];
        let before = names.map(|n| self.variables.get(n));
        self.variables.known(names[0], format!("{device}{path}"));
        self.variables.known(names[1], format!("{device}{folder}"));
        let outer = (self.file.replace(Rc::clone(&file)), self.made_at.take());
        for line in &file.script.trouble {
            self.doubt(*line, say!(boot_script_form));
        }
        let status = self.block(&Rc::clone(&file.script.statements));
        (self.file, self.made_at) = outer;
        for (name, value) in names.iter().zip(before) {
            self.variables.set(name, value);
        }
        self.files -= 1;
        Some(status)
    }

    /// Runs text that is no line of a file (`eval`, an embedded configuration).
    pub(super) fn run_text(&mut self, line: usize, text: &str) -> Status {
        let script = parse(text, false);
        let at = self.place(line);
        if !script.trouble.is_empty() {
            self.doubt(line, say!(boot_script_form));
        }
        let outer = self.made_at.replace(at);
        let status = self.block(&script.statements);
        self.made_at = outer;
        status
    }

    pub(super) fn block(&mut self, statements: &[Statement]) -> Status {
        let mut status = Status::True;
        if self.calls >= MAX_CALLS {
            self.doubt(0, say!(boot_script_deep));
            self.flow = Flow::Stop;
            return Status::Undecided;
        }
        self.calls += 1;
        for statement in statements {
            if self.flow != Flow::On {
                break;
            }
            self.steps += 1;
            if self.steps > MAX_STEPS || !self.world.spend(1) {
                self.doubt(0, say!(boot_script_endless));
                self.flow = Flow::Stop;
                break;
            }
            status = self.statement(statement);
            self.last = status;
        }
        self.calls -= 1;
        status
    }

    fn statement(&mut self, statement: &Statement) -> Status {
        match statement {
            Statement::Command { line, words, block } => {
                let args = self.expand(words);
                self.command(*line, args, block.as_ref())
            }
            Statement::Function { name, body } => {
                self.functions.insert(name.clone(), Rc::clone(body));
                Status::True
            }
            Statement::If {
                line,
                branches,
                otherwise,
            } => self.condition(*line, branches, otherwise),
            Statement::For {
                line,
                variable,
                words,
                body,
            } => {
                let values = self.expand(words);
                let mut status = Status::True;
                for value in values {
                    if !value.known {
                        self.doubt(*line, say!(boot_script_loop));
                    }
                    self.set(variable, &value);
                    status = self.block(body);
                    if !self.next_round() {
                        break;
                    }
                }
                status
            }
            Statement::Loop {
                line,
                until,
                condition,
                body,
            } => self.repeat(*line, *until, condition, body),
        }
    }

    fn repeat(&mut self, line: usize, until: bool, condition: &Block, body: &Block) -> Status {
        let mut status = Status::True;
        for _ in 0..MAX_ROUNDS {
            let mut holds = self.block(condition);
            if until {
                holds = holds.not();
            }
            if self.flow != Flow::On || !self.decide(line, holds) {
                return status;
            }
            status = self.block(body);
            if !self.next_round() {
                return status;
            }
        }
        self.doubt(line, say!(boot_script_endless));
        self.flow = Flow::Stop;
        Status::Undecided
    }

    /// Whether a loop goes on behind a round.
    fn next_round(&mut self) -> bool {
        match self.flow {
            Flow::On => true,
            Flow::Break(n) | Flow::Continue(n) if n > 1 => {
                self.flow = match self.flow {
                    Flow::Break(_) => Flow::Break(n - 1),
                    _ => Flow::Continue(n - 1),
                };
                false
            }
            Flow::Break(_) => {
                self.flow = Flow::On;
                false
            }
            Flow::Continue(_) => {
                self.flow = Flow::On;
                true
            }
            Flow::Return | Flow::Stop => false,
        }
    }

    fn condition(&mut self, line: usize, branches: &[(Block, Block)], otherwise: &Block) -> Status {
        for (i, (condition, body)) in branches.iter().enumerate() {
            let holds = self.block(condition);
            if self.flow != Flow::On {
                return holds;
            }
            let holds = match holds {
                // Where nothing that may run decides about a boot, one way is as good as another; what it
                // sets, and how it ends, is not known then.
                Status::Undecided
                    if branches[i..].iter().all(|(c, b)| {
                        super::commands::are_harmless(c) && super::commands::are_harmless(b)
                    }) && super::commands::are_harmless(otherwise) =>
                {
                    return self.either(&branches[i..], otherwise);
                }
                holds => self.decide(line, holds),
            };
            if holds {
                return self.block(body);
            }
        }
        self.block(otherwise)
    }

    /// Any of some ways that decide nothing about a boot.
    fn either(&mut self, branches: &[(Block, Block)], otherwise: &Block) -> Status {
        let all = branches.iter().flat_map(|(c, b)| [c, b]);
        for block in all.chain([otherwise]) {
            for name in super::commands::assigned(block) {
                self.variables.set(&name, Value::Unknown);
            }
        }
        self.last = Status::Undecided;
        Status::Undecided
    }

    pub(super) fn set(&mut self, name: &str, value: &Arg) {
        let value = if value.known {
            Value::Known(value.text.clone())
        } else {
            Value::Unknown
        };
        self.variables.set(name, value);
    }

    /// `NAME=VALUE`.
    pub(super) fn assign(&mut self, line: usize, arg: &Arg) -> Status {
        match arg.text.split_once('=') {
            Some((name, value)) => {
                let value = Arg {
                    text: value.to_owned(),
                    known: arg.known,
                };
                self.set(name, &value);
                Status::True
            }
            None if arg.known => Status::False,
            None => {
                self.doubt(line, say!(boot_script_value, command = "set"));
                Status::Undecided
            }
        }
    }

    fn command(&mut self, line: usize, mut args: Vec<Arg>, block: Option<&Block>) -> Status {
        if args.first().is_some_and(|a| a.known && a.text == "!") {
            args.remove(0);
            return self.command(line, args, block).not();
        }
        let Some(name) = args.first().cloned() else {
            return Status::True;
        };
        // Any command may be loaded from there (rule 3.1g).
        let prefix = self.variables.text("prefix");
        if !prefix.is_empty() && self.prefixes.iter().all(|(known, _)| known != prefix) {
            let found = (prefix.to_owned(), self.place(line));
            self.prefixes.push(found);
        }
        let is_assignment = name.text.contains('=');
        if !name.known && !is_assignment {
            self.doubt(line, say!(boot_script_value, command = show(&name.text)));
            return Status::Undecided;
        }
        let function = self.functions.get(&name.text).cloned();
        if super::commands::is_command(&name.text) {
            // A command wins over a function, but not every build has every command (rule 3.3d).
            if function.is_some() {
                let what = terminal(&show(&name.text));
                self.doubt(line, say!(boot_script_function, command = what));
            }
            return self.run(line, &name.text, &args[1..], block);
        }
        if let Some(body) = function {
            let outer = std::mem::replace(&mut self.params, args[1..].to_vec());
            let mut status = self.block(&body);
            if self.flow == Flow::Return {
                self.flow = Flow::On;
                status = self.last;
            }
            self.params = outer;
            return status;
        }
        if is_assignment {
            return self.assign(line, &name);
        }
        self.unknown_command(line, &name.text, &args[1..])
    }

    /// A command of which nothing is known: it may do anything where the build has it.
    pub(super) fn unknown_command(&mut self, line: usize, name: &str, args: &[Arg]) -> Status {
        let what = std::iter::once(name).chain(args.iter().map(|a| a.text.as_str()));
        let what: Vec<&str> = what.collect();
        let what = terminal(&show(&what.join(" ")));
        self.doubt(line, say!(boot_script_command, command = what));
        Status::Undecided
    }
}

impl Machine<'_> {
    pub(super) fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }
}

impl<'a> Machine<'a> {
    /// A machine that has what this one set and loaded, and shows no menu yet.
    pub(super) fn fresh(&self) -> Machine<'a> {
        Machine {
            menu: Vec::new(),
            flow: Flow::On,
            last: Status::True,
            choices: Choices::default(),
            doubts: Vec::new(),
            commands: Vec::new(),
            configs: Vec::new(),
            files: 0,
            calls: 0,
            steps: 0,
            ..self.clone()
        }
    }
}
