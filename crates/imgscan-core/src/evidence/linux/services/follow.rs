//! What runs when the system starts, command by command: start lines with the scripts that they
//! lead to, followed as far as they are text, and what runs beside them (hooks of the network,
//! cloud-init, login scripts).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::cloud_init::{CloudFact, CloudInit};
use super::{Exists, Start, Starter, shell};
use crate::evidence::linux::reader::{PATH, Reader, TextFile, base};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::glob::{Flags, Pattern};

/// Scripts that one system may lead to.
const MAX_SCRIPTS: usize = 1024;
/// Scripts behind one another.
const MAX_DEPTH: usize = 8;
/// The longest script that is read, in bytes.
const MAX_SCRIPT: u64 = 1024 * 1024;
/// Files of interfaces that name one another.
const MAX_INTERFACES: usize = 1024;
/// Commands that are kept.
const MAX_COMMANDS: usize = 200_000;

/// A command that runs by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCommand {
    /// Its words; a line of a program that is no shell script is split at blanks.
    pub words: Vec<String>,
    /// Its redirections (`>/etc/x`).
    pub redirects: Vec<String>,
    /// It is a line of a script in another language than a shell's, of which only words are known.
    pub foreign: bool,
    /// The file that it stands in, links followed.
    pub file: Option<String>,
}

/// What a command does to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// It names the path, and may write it.
    Names,
    /// It writes, replaces or removes it.
    Writes,
}

/// Commands that only read what they name.
const READERS: &[&str] = &[
    "cat",
    "grep",
    "egrep",
    "fgrep",
    "zgrep",
    "[",
    "[[",
    "test",
    "ls",
    "stat",
    "head",
    "tail",
    "wc",
    "diff",
    "cmp",
    "md5sum",
    "sha1sum",
    "sha256sum",
    "cut",
    "sort",
    "uniq",
    "readlink",
    "realpath",
    "file",
    "awk",
    "gawk",
    "mawk",
    "echo",
    "printf",
    "logger",
    "source",
    ".",
    "cksum",
    "chronyc",
    "du",
    "find",
    "less",
    "more",
    "tr",
    "od",
    "xxd",
    "strings",
    "getent",
    "id",
    "exit",
    "return",
    "shift",
    "case",
    "log_daemon_msg",
    "log_end_msg",
    "basename",
    "dirname",
];

/// Commands whose last operand is what they write.
const COPIERS: &[&str] = &["cp", "mv", "ln", "install", "rsync", "scp"];
/// Commands that write every operand.
const WRITERS: &[&str] = &[
    "tee", "truncate", "touch", "rm", "unlink", "chattr", "shred", "chown", "chmod", "setfacl",
    "patch", "ed",
];

impl RunCommand {
    /// The program, without its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        let first = self.words.iter().find(|w| !shell::is_assignment(w));
        first.map_or("", |w| w.rsplit('/').next().unwrap_or(w))
    }

    /// The program as it stands.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        let mut words = self.words.iter().map(String::as_str);
        words.find(|w| !shell::is_assignment(w))
    }

    /// The words behind the program.
    pub fn operands(&self) -> impl Iterator<Item = &str> {
        let mut words = self.words.iter().map(String::as_str);
        let _ = words.by_ref().find(|w| !shell::is_assignment(w));
        words
    }

    /// As it stands, for people.
    #[must_use]
    pub fn text(&self) -> String {
        let all: Vec<&str> = self
            .words
            .iter()
            .chain(&self.redirects)
            .map(String::as_str)
            .collect();
        all.join(" ")
    }

    /// Runs text that is nowhere in the image: a shell that reads what another program gives it.
    #[must_use]
    pub fn runs_unseen_text(&self) -> bool {
        if self.foreign {
            return false;
        }
        let shells = ["sh", "bash", "dash", "ash", "ksh", "zsh"];
        let mut rest = self.operands().filter(|w| !w.starts_with('-'));
        let here = self.redirects.iter().any(|r| r.starts_with('<'));
        shells.contains(&self.name()) && rest.next().is_none() && !here && {
            let options: Vec<&str> = self.operands().collect();
            !options
                .iter()
                .any(|o| o.contains('c') && !o.starts_with("--"))
                && !options.contains(&"--login")
                && !options.contains(&"-l")
        }
    }

    /// What the command does to paths that `wanted` accepts. A pattern counts for what it fits.
    #[must_use]
    pub fn touches(&self, wanted: &dyn Fn(&str) -> bool, paths: &[&str]) -> Option<Touch> {
        let fits = |word: &str| {
            wanted(word)
                || word.contains(['*', '?', '['])
                    && Pattern::new(word.as_bytes(), Flags::PATH)
                        .is_ok_and(|p| paths.iter().any(|path| p.matches(path.as_bytes())))
        };
        let redirected = self.redirects.iter().any(|r| {
            let target = r.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&');
            target.starts_with('>') && fits(target.trim_start_matches(['>', '|', '&']).trim())
        });
        if redirected {
            return Some(Touch::Writes);
        }
        if !self.words.iter().any(|w| fits(w)) {
            return None;
        }
        if self.foreign {
            return Some(Touch::Names);
        }
        let name = self.name();
        let operands: Vec<&str> = self.operands().filter(|w| !w.starts_with('-')).collect();
        if COPIERS.contains(&name) {
            let into = operands.last().is_some_and(|w| fits(w));
            let moved = name == "mv" && operands.iter().any(|w| fits(w));
            let target = self
                .operands()
                .any(|w| w.starts_with("--target-directory") && fits(w));
            return (into || moved || target).then_some(Touch::Writes);
        }
        let in_place = |w: &str| w.starts_with("-i") || w.starts_with("--in-place") || w == "-pi";
        match name {
            _ if WRITERS.contains(&name) => Some(Touch::Writes),
            "sed" | "perl" if self.operands().any(in_place) => Some(Touch::Writes),
            "sed" => None,
            "dd" => operands
                .iter()
                .any(|w| w.strip_prefix("of=").is_some_and(&fits))
                .then_some(Touch::Writes),
            "find" if self.operands().any(|w| w == "-exec" || w == "-delete") => Some(Touch::Names),
            "awk" | "gawk" | "mawk" if self.words.iter().any(|w| w.contains('>')) => {
                Some(Touch::Names)
            }
            _ if READERS.contains(&name) => None,
            _ => Some(Touch::Names),
        }
    }
}

/// All that runs.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The commands.
    pub commands: Vec<Found<RunCommand>>,
    /// What could not be read or followed.
    pub gaps: Vec<Gap>,
}

/// Folders with programs of hooks, and single hooks.
const HOOKS: &[&str] = &[
    "/etc/dhcp/dhclient-enter-hooks.d",
    "/etc/dhcp/dhclient-exit-hooks.d",
    "/etc/dhcp/dhclient.d",
    "/etc/dhcpcd.enter-hook",
    "/etc/dhcpcd.exit-hook",
    "/lib/dhcpcd/dhcpcd-hooks",
    "/usr/lib/dhcpcd/dhcpcd-hooks",
    "/etc/dhcp/dhclient-enter-hooks",
    "/etc/dhcp/dhclient-exit-hooks",
    "/etc/dhcp/dhclient-up-hooks",
    "/sbin/dhclient-script",
    "/etc/udhcpc/default.script",
    "/usr/share/udhcpc/default.script",
    "/etc/NetworkManager/dispatcher.d",
    "/etc/NetworkManager/dispatcher.d/pre-up.d",
    "/etc/NetworkManager/dispatcher.d/no-wait.d",
    "/usr/lib/NetworkManager/dispatcher.d",
    "/usr/lib/NetworkManager/dispatcher.d/pre-up.d",
    "/usr/lib/NetworkManager/dispatcher.d/no-wait.d",
    "/etc/network/if-pre-up.d",
    "/etc/network/if-up.d",
    "/etc/network/if-down.d",
    "/etc/network/if-post-down.d",
    "/etc/resolvconf/update.d",
    "/usr/lib/resolvconf",
    "/etc/networkd-dispatcher/routable.d",
    "/etc/networkd-dispatcher/configured.d",
    "/etc/networkd-dispatcher/carrier.d",
    "/usr/lib/networkd-dispatcher/routable.d",
    "/etc/ppp/ip-up.d",
    "/etc/systemd/system-generators",
    "/usr/local/lib/systemd/system-generators",
    "/usr/lib/systemd/system-generators",
    "/etc/systemd/system-environment-generators",
    "/usr/local/lib/systemd/system-environment-generators",
    "/usr/lib/systemd/system-environment-generators",
    "/usr/lib/systemd/system-shutdown",
    "/usr/lib/systemd/system-sleep",
    "/etc/update-motd.d",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/root/.profile",
    "/root/.bash_profile",
    "/root/.bash_login",
    "/root/.bashrc",
    "/etc/ssh/sshrc",
    "/var/spool/cron/atjobs",
    "/var/spool/at",
];

struct Follower<'a> {
    reader: &'a Reader<'a>,
    run: Run,
    seen: BTreeSet<String>,
    /// No more scripts are read.
    full: bool,
    /// What is left out of commands is told once: that they are too many, and that some lie too deep.
    long: bool,
    deep: bool,
    todo: VecDeque<(Vec<u8>, usize, bool)>,
}

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    start: &Start,
    cloud: &CloudInit,
) -> Run {
    let mut all = Follower {
        reader,
        run: Run::default(),
        seen: BTreeSet::new(),
        full: false,
        long: false,
        deep: false,
        todo: VecDeque::new(),
    };
    for line in start.lines.iter().filter(|l| l.fact.inactive.is_none()) {
        let exists = |path: &str| super::exists(reader, path);
        let list = match line.fact.starter {
            Starter::Systemd => shell::exec_commands(&line.fact.command, &exists),
            _ => shell::run_commands(&line.fact.command, &exists),
        };
        for (_, words, redirects) in list {
            all.push(words, redirects, false, line.at.clone(), 0);
        }
    }
    for fact in &cloud.items {
        match &fact.fact {
            CloudFact::Command(text) => all.text(text, &fact.at, 0),
            CloudFact::Script(path) => all.todo.push_back((path.clone().into_bytes(), 1, true)),
            _ => {}
        }
    }
    let mut gaps = Vec::new();
    for hook in HOOKS {
        let hook = hook.as_bytes();
        match reader.find(hook, &mut gaps).map(|at| at.metadata.kind) {
            Some(FileKind::Directory) => {
                for path in reader.children(hook, &mut gaps) {
                    all.todo.push_back((path, 1, true));
                }
            }
            Some(FileKind::Regular) => all.todo.push_back((hook.to_vec(), 1, true)),
            _ => {}
        }
    }
    all.run.gaps.extend(gaps);
    all.interfaces();
    all.udev();
    all.pam();
    while let Some((path, depth, sourced)) = all.todo.pop_front() {
        all.script(&path, depth, sourced);
    }
    all.run.name_programs();
    all.run
}

impl Run {
    /// The files that commands of the script `file` read as part of it.
    pub(in crate::evidence::linux) fn sourced_by(&self, file: &str) -> BTreeSet<String> {
        let own = self
            .commands
            .iter()
            .filter(|c| c.fact.file.as_deref() == Some(file));
        let sourced = own.filter(|c| matches!(c.fact.name(), "." | "source"));
        let first = sourced.filter_map(|c| c.fact.operands().next().map(str::to_owned));
        first.collect()
    }

    /// Names the programs that scripts start by a variable which is set once, to a path, in the
    /// script and what it reads.
    fn name_programs(&mut self) {
        let mut set: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        let mut read: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for command in &self.commands {
            let Some(file) = &command.fact.file else {
                continue;
            };
            if let ("." | "source", Some(path)) =
                (command.fact.name(), command.fact.operands().next())
            {
                read.entry(file).or_default().insert(path.to_owned());
            }
            let assigned = command
                .fact
                .words
                .iter()
                .filter(|w| shell::is_assignment(w));
            for (name, value) in assigned.filter_map(|w| w.split_once('=')) {
                let key = (file.clone(), name.to_owned());
                set.entry(key).or_default().insert(value.to_owned());
            }
        }
        let mut named: Vec<(usize, usize, String)> = Vec::new();
        for (i, command) in self.commands.iter().enumerate() {
            let fact = &command.fact;
            let at = fact.words.iter().position(|w| !shell::is_assignment(w));
            let name = at
                .and_then(|at| fact.words.get(at))
                .and_then(|w| w.strip_prefix('$'));
            let (Some(at), Some(name), Some(file)) = (at, name, &fact.file) else {
                continue;
            };
            let name = name.trim_start_matches('{').trim_end_matches('}');
            let mut files = read.get(file.as_str()).cloned().unwrap_or_default();
            files.insert(file.clone());
            let values = files
                .into_iter()
                .filter_map(|f| set.get(&(f, name.to_owned())));
            let values: BTreeSet<&String> = values.flatten().collect();
            let mut values = values.into_iter();
            if let (Some(value), None) = (values.next(), values.next())
                && value.starts_with('/')
                && !value.contains(['$', '`', ' '])
            {
                named.push((i, at, value.clone()));
            }
        }
        for (i, at, value) in named {
            self.commands[i].fact.words[at] = value;
        }
    }
}

impl Follower<'_> {
    /// Shell text that stands at `at`.
    fn text(&mut self, text: &str, at: &Location, depth: usize) {
        if self.long {
            return;
        }
        let reader = self.reader;
        let exists: Exists<'_> = &|path| super::exists(reader, path);
        for (_, words, redirects) in shell::run_commands(text, exists) {
            self.push(words, redirects, false, at.clone(), depth);
        }
    }

    fn push(
        &mut self,
        words: Vec<String>,
        redirects: Vec<String>,
        foreign: bool,
        at: Location,
        depth: usize,
    ) {
        if self.run.commands.len() >= MAX_COMMANDS {
            if !std::mem::replace(&mut self.long, true) {
                self.limit(at, MAX_COMMANDS, "commands");
            }
            return;
        }
        if words.first().is_some_and(|w| w == shell::DEEPER) {
            if !std::mem::replace(&mut self.deep, true) {
                self.limit(at, shell::MAX_DEPTH, "levels");
            }
            return;
        }
        let command = RunCommand {
            words,
            redirects,
            foreign,
            file: at.path.clone(),
        };
        if !foreign {
            self.lead(&command, depth);
        }
        self.run.commands.push(Found { fact: command, at });
    }

    fn limit(&mut self, at: Location, most: usize, what: &str) {
        let what = say!(error_too_many, most = most, what = what);
        let why = crate::error::Error::limit(crate::error::Layer::Config, None, what);
        self.run.gaps.push(Gap::new(at, &why));
    }

    /// Puts the scripts that a command runs on the list.
    fn lead(&mut self, command: &RunCommand, depth: usize) {
        let Some(program) = command.words.iter().find(|w| !shell::is_assignment(w)) else {
            return;
        };
        let mut paths: Vec<(String, bool)> = Vec::new();
        if program.starts_with('/') {
            paths.push((program.clone(), false));
        } else if !program.contains(['/', '$', '*']) && !program.is_empty() {
            paths.extend(PATH.iter().map(|dir| (format!("{dir}/{program}"), false)));
        }
        let name = command.name();
        if shell::reads_a_script(name)
            && let Some(script) = command.operands().find(|w| !w.starts_with(['-', '+']))
        {
            paths.push((script.to_owned(), true));
        }
        if name == "run-parts"
            && let Some(folder) = command.operands().find(|w| w.starts_with('/'))
        {
            let children = self.reader.children(folder.as_bytes(), &mut self.run.gaps);
            self.todo
                .extend(children.into_iter().map(|p| (p, depth + 1, false)));
        }
        for (path, sourced) in paths {
            if path.starts_with('/') && !path.contains('$') {
                self.todo.push_back((path.into_bytes(), depth + 1, sourced));
            }
        }
    }

    /// The commands of a script; of a program that is none, nothing.
    fn script(&mut self, path: &[u8], depth: usize, sourced: bool) {
        if self.full || self.long {
            return;
        }
        let mut gaps = Vec::new();
        let Some(at) = self.reader.find(path, &mut gaps) else {
            self.run.gaps.append(&mut gaps);
            return;
        };
        if at.metadata.kind != FileKind::Regular || !self.seen.insert(at.path_text()) {
            return;
        }
        let head = at.open().and_then(|data| {
            let mut head = vec![0; usize::try_from(data.len().min(256)).unwrap_or(0)];
            data.read_at(&mut head, 0).map(|()| head)
        });
        let head = match head {
            Ok(head) => head,
            Err(e) => return self.run.gaps.push(Gap::new(Location::of(&at), &e)),
        };
        let is_script = head.starts_with(b"#!");
        if !is_script && (!sourced || head.contains(&0)) {
            return;
        }
        let too_many = self.seen.len() > MAX_SCRIPTS || depth > MAX_DEPTH;
        // One of a million names says it for all.
        self.full = self.seen.len() > MAX_SCRIPTS;
        if too_many || at.metadata.size > MAX_SCRIPT {
            return self.limit(Location::of(&at), MAX_SCRIPTS, "scripts");
        }
        let Some(file) = self.reader.script(path, MAX_SCRIPT, &mut self.run.gaps) else {
            return;
        };
        if shell::is_for_shell(&file.text) == Some(false) {
            for (n, line) in file.lines() {
                let line = line.trim();
                if !line.starts_with('#') && !line.is_empty() {
                    let words = line.split(|c: char| c.is_whitespace() || "\"'(),=".contains(c));
                    let words = words.filter(|w| !w.is_empty()).map(str::to_owned);
                    self.push(words.collect(), Vec::new(), true, file.line(n), depth);
                }
            }
            return;
        }
        let reader = self.reader;
        let exists: Exists<'_> = &|path| super::exists(reader, path);
        for (line, words, redirects) in shell::run_commands(&file.text, exists) {
            self.push(words, redirects, false, file.line(line), depth);
        }
    }

    /// Commands of interfaces(5).
    fn interfaces(&mut self) {
        let mut gaps = Vec::new();
        for file in interface_files(self.reader, &mut gaps) {
            for (n, line) in whole_lines(&file, false) {
                let (key, value) = line
                    .trim()
                    .split_once(char::is_whitespace)
                    .unwrap_or(("", ""));
                // `script` is that of a mapping.
                let runs = [
                    "up",
                    "pre-up",
                    "post-up",
                    "down",
                    "pre-down",
                    "post-down",
                    "script",
                ];
                if runs.contains(&key) {
                    self.text(value.trim(), &file.line(n), 0);
                }
            }
        }
        self.run.gaps.extend(gaps);
    }

    /// Programs of udev rules: udev(7), `RUN` and `PROGRAM`.
    fn udev(&mut self) {
        let mut gaps = Vec::new();
        let mut names = BTreeSet::new();
        for folder in [
            &b"/etc/udev/rules.d"[..],
            b"/usr/local/lib/udev/rules.d",
            b"/usr/lib/udev/rules.d",
            b"/lib/udev/rules.d",
        ] {
            for path in self.reader.children(folder, &mut gaps) {
                if !path.ends_with(b".rules") || !names.insert(base(&path).to_vec()) {
                    continue;
                }
                let Some(file) = self.reader.text(&path, &mut gaps) else {
                    continue;
                };
                for (n, line) in file.lines() {
                    if line.trim_start().starts_with('#') {
                        continue;
                    }
                    for part in line.split(", ").flat_map(|p| p.split(',')) {
                        let part = part.trim();
                        let key = part.split(['=', '+', '{', ':']).next().unwrap_or("");
                        if (key == "RUN" || key == "PROGRAM")
                            && !part.contains("{builtin}")
                            && let Some((_, value)) = part.split_once('"')
                        {
                            self.text(value.trim_end_matches('"'), &file.line(n), 0);
                        }
                    }
                }
            }
        }
        self.run.gaps.extend(gaps);
    }
}

impl Follower<'_> {
    /// Programs that PAM runs for whoever comes in, and for the jobs of cron: pam_exec(8).
    fn pam(&mut self) {
        let mut gaps = Vec::new();
        for folder in [&b"/etc/pam.d"[..], b"/usr/lib/pam.d"] {
            for file in self.reader.texts_in(folder, &[], &mut gaps) {
                for (n, line) in file.lines() {
                    let text = line.split('#').next().unwrap_or_default();
                    let Some((_, behind)) = text.split_once("pam_exec.so") else {
                        continue;
                    };
                    let words = behind.split_whitespace();
                    let command: Vec<&str> = words.skip_while(|w| !w.starts_with('/')).collect();
                    self.text(&command.join(" "), &file.line(n), 0);
                }
            }
        }
        self.run.gaps.extend(gaps);
    }
}

/// The lines of a file, each under the number of its first: a line that ends with a backslash goes on in
/// the next one, but for comments. A comment behind such a line is passed over by systemd.syntax(7)
/// (`passes`); to ifupdown it is what the line goes on with.
pub(in crate::evidence::linux) fn whole_lines(
    file: &TextFile,
    passes: bool,
) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (n, line) in file.lines() {
        if line.trim_start().starts_with(['#', ';']) && (passes || open.is_none()) {
            all.push((n, line.to_owned()));
            continue;
        }
        let (at, before) = open.take().unwrap_or((n, String::new()));
        match line.strip_suffix('\\') {
            Some(more) => open = Some((at, before + more + " ")),
            None => all.push((at, before + line)),
        }
    }
    all.extend(open);
    all
}

/// The files of interfaces(5), with those that they name.
pub(in crate::evidence::linux) fn interface_files(
    reader: &Reader<'_>,
    gaps: &mut Vec<Gap>,
) -> Vec<TextFile> {
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/network/interfaces", gaps));
    files.extend(reader.texts_in(b"/etc/network/interfaces.d", &[], gaps));
    let mut seen: BTreeSet<Location> = files.iter().map(|f| f.at.clone()).collect();
    let mut at = 0;
    while at < files.len().min(MAX_INTERFACES) {
        let file = files[at].clone();
        at += 1;
        for (_, line) in whole_lines(&file, false) {
            let mut words = line.split_whitespace();
            let inside = match words.next() {
                Some("source") => "",
                Some("source-directory") => "/*",
                _ => continue,
            };
            // Each word is a pattern: wordexp(3).
            for pattern in words {
                let pattern = format!("{}{inside}", pattern.trim_matches(['"', '\'']));
                let pattern = if pattern.starts_with('/') {
                    pattern
                } else {
                    format!("/etc/network/{pattern}")
                };
                let found = reader.glob(pattern.as_bytes(), gaps).unwrap_or_default();
                for path in found {
                    if files.len() > MAX_INTERFACES {
                        break;
                    }
                    if let Some(more) = reader.text(&path, gaps)
                        && seen.insert(more.at.clone())
                    {
                        files.push(more);
                    }
                }
            }
        }
    }
    if let Some(more) = files.get(MAX_INTERFACES) {
        let what = say!(error_too_many, most = MAX_INTERFACES, what = "includes");
        let why = crate::error::Error::limit(crate::error::Layer::Config, None, what);
        gaps.push(Gap::new(more.at.clone(), &why));
        files.truncate(MAX_INTERFACES);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::evidence::linux::testing::{Build, guest};

    fn command(text: &str) -> RunCommand {
        let (_, words, redirects) = shell::run_commands(text, &|_| None).remove(0);
        RunCommand {
            words,
            redirects,
            foreign: false,
            file: None,
        }
    }

    #[test]
    fn what_a_command_does_to_a_path() {
        // What a shell does with each of them to /etc/resolv.conf.
        let of = |text: &str| {
            command(text).touches(&|w| w.contains("resolv.conf"), &["/etc/resolv.conf"])
        };
        for text in [
            "echo nameserver 203.0.113.53 > /etc/resolv.conf",
            "echo x >>/etc/resolv.conf",
            "cp /srv/x /etc/resolv.conf",
            "tee /etc/resolv.conf",
            "sed -i s/a/b/ /etc/resolv.conf",
            "dd if=/srv/x of=/etc/resolv.conf",
            "ln -sf /srv/x /etc/resolv.conf",
            "echo x > /etc/re*olv.conf",
        ] {
            assert_eq!(of(text), Some(Touch::Writes), "{text}");
        }
        for text in ["python3 /srv/x /etc/resolv.conf", "F=/etc/resolv.conf"] {
            assert_eq!(of(text), Some(Touch::Names), "{text}");
        }
        for text in [
            "grep nameserver /etc/resolv.conf",
            "cp /etc/resolv.conf /srv/x",
            "[ -e /etc/resolv.conf ]",
            "cat /etc/resolv.conf > /srv/x",
            "echo x > /srv/y",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    /// A system that starts the unit `unit`.
    fn started(unit: &str) -> Build {
        Build::bare()
            .file("/usr/lib/systemd/systemd", 0o755, "x")
            .file("/etc/systemd/system/n.service", 0o644, unit)
            .link(
                "/etc/systemd/system/default.target.wants/n.service",
                "../n.service",
            )
    }

    #[test]
    fn scripts_are_followed() {
        let unit = "[Service]\nExecStart=/bin/sh -c 'exec /usr/lib/n/run'\n";
        let guest = guest(
            started(unit)
                .file("/usr/lib/n/run", 0o755, "#!/bin/sh\n. /usr/lib/n/more\n")
                .file(
                    "/usr/lib/n/more",
                    0o644,
                    "useradd ops\nexit 0\nuseradd never\n",
                ),
        );
        let evidence = Evidence::new(&guest);
        let run = evidence.linux.run();
        let users: Vec<_> = run
            .commands
            .iter()
            .filter(|c| c.fact.name() == "useradd")
            .collect();
        assert_eq!(users.len(), 1);
        assert_eq!(users[0].at.path.as_deref(), Some("/usr/lib/n/more"));
        assert_eq!(users[0].at.line, Some(1));
    }

    #[test]
    fn a_command_behind_many_others_is_followed_or_told() {
        let run = |wrappers: usize| {
            let line = format!("{}useradd ops\n", "nice ".repeat(wrappers));
            let unit = "[Service]\nExecStart=/usr/lib/n/run\n";
            let script = format!("#!/bin/sh\n{}", line.repeat(3));
            let guest = guest(started(unit).file("/usr/lib/n/run", 0o755, script));
            let evidence = Evidence::new(&guest);
            let run = evidence.linux.run();
            let adds = run.commands.iter().any(|c| c.fact.name() == "useradd");
            (adds, run.gaps.len())
        };
        assert_eq!(run(0), (true, 0));
        assert_eq!(run(12), (true, 0));
        assert_eq!(run(40), (false, 1));
    }

    #[test]
    fn interfaces_beyond_the_bound_are_told_once() {
        let mut build = Build::bare();
        for i in 0..=MAX_INTERFACES {
            let path = format!("/etc/network/more/{i:05}");
            build = build.file(&path, 0o644, "up useradd ops\n");
        }
        build = build.file(
            "/etc/network/interfaces",
            0o644,
            "source-directory more\nsource more/*\n",
        );
        let guest = guest(build);
        let reader = Reader::new(&guest.paths);
        let mut gaps = Vec::new();
        assert_eq!(interface_files(&reader, &mut gaps).len(), MAX_INTERFACES);
        assert_eq!(gaps.len(), 1, "{gaps:?}");
    }

    #[test]
    fn lines_go_on_behind_a_backslash_but_not_behind_a_comment() {
        let text = "a \\\n# b\nc\n; d \\\ne\n";
        let guest = guest(Build::bare().file("/etc/x", 0o644, text));
        let reader = Reader::new(&guest.paths);
        let file = reader.text("/etc/x", &mut Vec::new()).unwrap();
        let of = |passes| -> Vec<String> {
            whole_lines(&file, passes)
                .into_iter()
                .map(|(_, l)| l)
                .collect()
        };
        // ifupdown
        assert_eq!(of(false), ["a  # b", "c", "; d \\", "e"]);
        // systemd.syntax(7)
        assert_eq!(of(true), ["# b", "a  c", "; d \\", "e"]);
    }

    #[test]
    fn a_shell_that_reads_a_pipe_runs_what_nobody_sees() {
        let unseen = |text: &str| {
            let all = shell::run_commands(text, &|_| None);
            all.into_iter().any(|(_, words, redirects)| {
                let command = RunCommand {
                    words,
                    redirects,
                    foreign: false,
                    file: None,
                };
                command.runs_unseen_text()
            })
        };
        assert!(unseen("curl -s http://x | sh"));
        assert!(unseen("base64 -d /srv/x | bash -s"));
        assert!(!unseen("sh /srv/x"));
        assert!(!unseen("sh -c 'echo a'"));
    }
}
