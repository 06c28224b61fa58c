//! Shell text, as far as it matters to see which programs a line starts.

mod every;
mod lex;
mod plain;
mod walk;

use std::ops::Range;

use super::Inactive;
use lex::{Kind, tokens};
use walk::{Reach, commands};

pub(in crate::evidence::linux) use every::{Piece, every, every_of_exec};
pub use plain::PlainCommand;
pub(in crate::evidence::linux) use plain::{plain, plain_text};

/// Tells whether there is something at a path of the guest; `None` where that can't be told.
pub type Exists<'a> = &'a dyn Fn(&str) -> Option<bool>;

/// A program that a command starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The program as it stands; behind a `cd` with its folder.
    pub program: String,
    /// It starts whenever the command runs; otherwise only under a condition that is known at run
    /// time.
    pub certain: bool,
    /// The system starts the file itself, so that it needs its x bit; otherwise a shell reads it.
    pub direct: bool,
}

/// Nested command texts (`sh -c '…'`) that are looked into.
pub(super) const MAX_DEPTH: usize = 16;
/// What stands in place of a command that lies deeper.
pub(super) const DEEPER: &str = "\0";

/// Shells.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"];
/// Programs that read the script that they are given.
const INTERPRETERS: &[&str] = &["python", "python2", "python3", "perl", "ruby", "php"];

/// Programs that start the program that they are given: name, options that take a value in a word
/// of their own, and words before the program.
const WRAPPERS: &[(&str, &[&str], usize)] = &[
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("exec", &["-a"], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("time", &["-f", "-o"], 0),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("nice", &["-n", "--adjustment"], 0),
    ("ionice", &["-c", "-n", "-p", "-t"], 0),
    ("env", &["-u", "-C", "-S"], 0),
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-r", "-t"], 0),
    (
        "systemd-run",
        &[
            "-u",
            "-p",
            "-E",
            "-M",
            "--unit",
            "--property",
            "--timer-property",
            "--path-property",
            "--socket-property",
            "--description",
            "--slice",
            "--uid",
            "--gid",
            "--nice",
            "--setenv",
            "--service-type",
            "--working-directory",
            "--on-active",
            "--on-boot",
            "--on-startup",
            "--on-unit-active",
            "--on-unit-inactive",
            "--on-calendar",
        ],
        0,
    ),
    ("systemd-cat", &["-t", "-p"], 0),
    ("daemon", &["--user", "--pidfile"], 0),
    ("chrt", &[], 1),
    ("taskset", &[], 1),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    (
        "flock",
        &["-w", "-E", "--timeout", "--conflict-exit-code"],
        1,
    ),
    ("chroot", &[], 1),
    ("runuser", &["-u", "-g", "-G", "-s"], 0),
];

/// The programs that the shell command `text` starts, or may start: what stands behind a condition
/// that never holds (`true || PROGRAM`) is left out, and so is a path that is only data
/// (`rm -f PATH`).
#[must_use]
pub fn calls(text: &str, exists: Exists<'_>) -> Vec<Call> {
    let mut out = Vec::new();
    gather(text, exists, MAX_DEPTH, true, &mut out);
    out
}

/// The programs of one command of systemd, which knows no shell operators but a lone `;`.
#[must_use]
pub fn exec_calls(text: &str, exists: Exists<'_>) -> Vec<Call> {
    let mut out = Vec::new();
    let mut words = Vec::new();
    for word in quoted_words(text) {
        if word == ";" {
            program(
                &std::mem::take(&mut words),
                exists,
                MAX_DEPTH,
                true,
                &mut out,
            );
        } else {
            words.push(word);
        }
    }
    program(&words, exists, MAX_DEPTH, true, &mut out);
    out
}

/// True for the name of a shell, versions behind it aside (`bash5`, `ksh93`).
pub(super) fn is_shell(name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    SHELLS.contains(&name) || matches!(name, "pdksh" | "fish" | "tcsh" | "csh" | "yash")
}

/// Shells and programs like them, which read the script that they are given.
pub(super) fn reads_a_script(name: &str) -> bool {
    SHELLS.contains(&name) || INTERPRETERS.contains(&name) || name == "." || name == "source"
}

/// A command that runs or may run: its line, its words and its redirections.
pub(in crate::evidence::linux) type Command = (usize, Vec<String>, Vec<String>);

/// The commands of shell text that run or may run, those inside of `sh -c` and of programs that
/// start others included.
pub(in crate::evidence::linux) fn run_commands(text: &str, exists: Exists<'_>) -> Vec<Command> {
    let mut out = Vec::new();
    inner_text(text, exists, MAX_DEPTH, None, &mut out);
    out
}

/// As [`run_commands`], of one command of systemd.
pub(in crate::evidence::linux) fn exec_commands(text: &str, exists: Exists<'_>) -> Vec<Command> {
    let mut out = Vec::new();
    let words = quoted_words(text);
    for words in words.split(|w| w == ";") {
        inner(1, words.to_vec(), Vec::new(), exists, MAX_DEPTH, &mut out);
    }
    out
}

fn inner_text(
    text: &str,
    exists: Exists<'_>,
    depth: usize,
    at: Option<usize>,
    out: &mut Vec<Command>,
) {
    for command in commands(text, false, exists) {
        if matches!(command.reach, Reach::Never(_)) {
            continue;
        }
        let line = at.unwrap_or(command.line);
        // A relative name stands in the folder that the script went to.
        let words: Vec<String> = command
            .words
            .iter()
            .map(|w| match (w.strip_prefix("./"), &command.folder) {
                (Some(name), Some(folder)) => format!("{}/{name}", folder.trim_end_matches('/')),
                _ => w.clone(),
            })
            .collect();
        inner(line, words, command.redirects, exists, depth, out);
    }
}

/// What the words of a command carry.
enum Carried {
    /// Shell text, and the words that it is made of.
    Text { text: String, from: Range<usize> },
    /// A command that begins with this word.
    Command(usize),
}

/// The text or command that a command runs, by its words; the first is its program.
fn carried(bare: &[String]) -> Option<Carried> {
    let (first, rest) = bare.split_first()?;
    let name = first.rsplit('/').next().unwrap_or(first);
    let text = |at: usize| {
        let text = bare.get(at)?.clone();
        let from = at..at + 1;
        Some(Carried::Text { text, from })
    };
    let command = |left: &[String]| {
        let at = bare.len() - left.len();
        (!left.is_empty()).then_some(Carried::Command(at))
    };
    if SHELLS.contains(&name) {
        let options = rest.iter().take_while(|w| w.starts_with(['-', '+']));
        let has_text = options
            .clone()
            .any(|w| !w.starts_with("--") && w.contains('c'));
        let at = 1 + options.count();
        return match bare.get(at) {
            Some(_) if has_text => text(at),
            Some(_) if name == "busybox" => Some(Carried::Command(at)),
            _ => None,
        };
    }
    match name {
        "eval" if !rest.is_empty() => Some(Carried::Text {
            text: rest.join(" "),
            from: 1..bare.len(),
        }),
        "trap" => text(match rest.first().is_some_and(|w| w == "--") {
            true => 2,
            false => 1,
        }),
        "su" | "runuser" | "flock" | "script"
            if rest.iter().any(|w| w == "-c" || w == "--command") =>
        {
            let at = bare.iter().position(|w| w == "-c" || w == "--command")?;
            text(at + 1)
        }
        "xargs" => command(wrapped(
            rest,
            &["-I", "-n", "-P", "-d", "-a", "-L", "-s", "-E"],
            0,
        )),
        "command" if rest.first().is_some_and(|w| w == "-v" || w == "-V") => None,
        _ => {
            let (_, valued, before) = WRAPPERS.iter().find(|w| w.0 == name)?;
            command(wrapped(rest, valued, *before))
        }
    }
}

/// A command, and those that it starts by its own words.
fn inner(
    line: usize,
    words: Vec<String>,
    redirects: Vec<String>,
    exists: Exists<'_>,
    depth: usize,
    out: &mut Vec<Command>,
) {
    let bare: Vec<String> = words
        .iter()
        .skip_while(|w| is_assignment(w))
        .cloned()
        .collect();
    out.push((line, words, redirects));
    match carried(&bare) {
        None => {}
        Some(_) if depth == 0 => out.push((line, vec![DEEPER.to_owned()], Vec::new())),
        Some(Carried::Text { text, .. }) => inner_text(&text, exists, depth - 1, Some(line), out),
        Some(Carried::Command(at)) => {
            let left = bare[at..].to_vec();
            inner(line, left, Vec::new(), exists, depth - 1, out);
        }
    }
}

/// True for shell text that certainly ends in failure.
pub(super) fn fails(text: &str, exists: Exists<'_>) -> bool {
    let all = commands(text, false, exists);
    let last = all.iter().rev().find(|c| c.reach == Reach::Runs);
    last.is_some_and(|command| {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["exit", code] => code.parse().is_ok_and(|n: u32| n != 0),
            [program, ..] => program.rsplit('/').next() == Some("false"),
            [] => false,
        }
    })
}

/// Words at blanks, quotes taken off.
pub(in crate::evidence::linux) fn quoted_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_with(String::new);
            }
            (None, ' ' | '\t') => out.extend(word.take()),
            (_, c) => word.get_or_insert_with(String::new).push(c),
        }
    }
    out.extend(word);
    out
}

fn gather(text: &str, exists: Exists<'_>, depth: usize, certain: bool, out: &mut Vec<Call>) {
    for command in commands(text, false, exists) {
        let certain = match command.reach {
            Reach::Never(_) => continue,
            Reach::Maybe => false,
            Reach::Runs => certain,
        };
        let at = out.len();
        program(&command.words, exists, depth, certain, out);
        for call in &mut out[at..] {
            if let (Some(name), Some(folder)) = (call.program.strip_prefix("./"), &command.folder) {
                call.program = format!("{}/{name}", folder.trim_end_matches('/'));
            }
        }
    }
}

/// The program that the words of a simple command start.
fn program(words: &[String], exists: Exists<'_>, depth: usize, certain: bool, out: &mut Vec<Call>) {
    let mut words = words.iter().skip_while(|w| is_assignment(w));
    let Some(first) = words.next() else { return };
    out.push(Call {
        program: first.clone(),
        certain,
        direct: true,
    });
    let rest: Vec<String> = words.cloned().collect();
    let name = first.rsplit('/').next().unwrap_or(first);
    if depth == 0 {
        return;
    }
    let text = |text: &str, out: &mut Vec<Call>| gather(text, exists, depth - 1, certain, out);
    if SHELLS.contains(&name) || INTERPRETERS.contains(&name) {
        let shell = SHELLS.contains(&name);
        // With -n a shell only reads the script.
        let option = |letter| {
            let has =
                |w: &&String| w.starts_with('-') && !w.starts_with("--") && w.contains(letter);
            rest.iter()
                .take_while(|w| w.starts_with('-'))
                .any(|w| has(&w))
        };
        if shell && option('n') {
            return;
        }
        let mut operands = rest.iter().filter(|w| !w.starts_with(['-', '+']));
        match operands.next() {
            Some(command) if shell && option('c') => text(command, out),
            // What `python -c` does is not read.
            Some(_) if option('c') => {}
            // `busybox sh SCRIPT`
            Some(applet) if name == "busybox" => {
                let at = rest.iter().position(|w| w == applet).unwrap_or(0);
                program(&rest[at..], exists, depth - 1, certain, out);
            }
            Some(script) => out.push(Call {
                program: script.clone(),
                certain,
                direct: false,
            }),
            None => {}
        }
        return;
    }
    match name {
        "eval" => text(&rest.join(" "), out),
        "." | "source" => out.extend(rest.first().map(|script| Call {
            program: script.clone(),
            certain,
            direct: false,
        })),
        "su" | "runuser" | "flock" if rest.iter().any(|w| w == "-c" || w == "--command") => {
            let at = rest.iter().position(|w| w == "-c" || w == "--command");
            if let Some(command) = at.and_then(|at| rest.get(at + 1)) {
                text(command, out);
            }
        }
        "start-stop-daemon" => {
            let value = |short: &str, long: &str| {
                let at = rest.iter().position(|w| w == short || w == long)?;
                rest.get(at + 1)
            };
            let starts = rest.iter().any(|w| w == "--start" || w == "-S");
            let named = value("-a", "--startas").or_else(|| value("-x", "--exec"));
            out.extend(named.filter(|_| starts).map(|program| Call {
                program: program.clone(),
                certain,
                direct: true,
            }));
        }
        // `command -v` only asks.
        "command" if rest.first().is_some_and(|w| w == "-v" || w == "-V") => {}
        name => {
            if let Some((_, valued, before)) = WRAPPERS.iter().find(|w| w.0 == name) {
                let left = wrapped(&rest, valued, *before);
                program(left, exists, depth - 1, certain, out);
            }
        }
    }
}

/// What a wrapper starts: the words behind its options and its own words.
fn wrapped<'a>(rest: &'a [String], valued: &[&str], before: usize) -> &'a [String] {
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') {
            break;
        }
        at += if valued.contains(&word.as_str()) {
            2
        } else {
            1
        };
    }
    rest.get(at + before..).unwrap_or(&[])
}

pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(k, _)| {
        !k.is_empty()
            && !k.starts_with(|c: char| c.is_ascii_digit())
            && k.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// A command of a script, or a line that looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScriptLine {
    /// From 1.
    pub(super) line: usize,
    pub(super) text: String,
    /// Why it does not run.
    pub(super) inactive: Option<Inactive>,
    /// Whether it runs is only known at run time.
    pub(super) conditional: bool,
}

/// Whether `text` begins with the `#!` of a shell; `None` where it begins with no `#!` at all.
pub(in crate::evidence::linux) fn is_for_shell(text: &str) -> Option<bool> {
    let first = text.lines().next()?.strip_prefix("#!")?;
    let mut words = first.split_whitespace();
    let base = |w: &str| w.rsplit('/').next().unwrap_or(w).to_owned();
    let mut name = base(words.next().unwrap_or(""));
    if name == "env" {
        name = words
            .find(|w| !w.starts_with('-'))
            .map(base)
            .unwrap_or_default();
    }
    Some(SHELLS.contains(&name.as_str()))
}

/// The commands of a shell script, and the lines of it that were commands: comments and the text
/// of here-documents.
pub(super) fn script(text: &str, exists: Exists<'_>) -> Vec<ScriptLine> {
    // `#!/bin/sh -e` ends at the first failure.
    let first = text.lines().next().unwrap_or("");
    let errexit = first.starts_with("#!")
        && first
            .split_whitespace()
            .skip(1)
            .any(|w| w.starts_with('-') && w.contains('e'));
    let mut out: Vec<ScriptLine> = commands(text, errexit, exists)
        .into_iter()
        .map(|c| ScriptLine {
            line: c.line,
            text: located(&c.words, &c.redirects, c.folder.as_deref()),
            inactive: match c.reach {
                Reach::Never(why) => Some(why),
                _ => None,
            },
            conditional: c.reach == Reach::Maybe,
        })
        .collect();
    for token in tokens(text) {
        let (text, why) = match &token.kind {
            Kind::Comment(text) => (text, Inactive::Commented),
            Kind::Here(text) => (text, Inactive::HereDocument),
            _ => continue,
        };
        let text = text.trim().trim_start_matches('#').trim();
        if !text.is_empty() && !text.starts_with('!') {
            out.push(ScriptLine {
                line: token.line,
                text: text.to_owned(),
                inactive: Some(why),
                conditional: false,
            });
        }
    }
    out.sort_by_key(|l| l.line);
    out
}

/// The words as a command again, `./` with the folder that the script went to.
fn located(words: &[String], redirects: &[String], folder: Option<&str>) -> String {
    let mut out: Vec<String> = Vec::new();
    for word in words {
        let word = match (word.strip_prefix("./"), folder) {
            (Some(name), Some(folder)) => format!("{}/{name}", folder.trim_end_matches('/')),
            _ => word.clone(),
        };
        out.push(quote(&word));
    }
    out.extend(redirects.iter().map(|r| {
        // A target that a shell would read otherwise is only shown.
        let end = r.find(|c| !"<>&|".contains(c)).unwrap_or(r.len());
        format!("{}{}", &r[..end], quote(&r[end..]))
    }));
    out.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-=+:,@%*?$~[]{}!<>^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: &str = "/usr/local/sa/agent/x.sh";

    fn there(path: &str) -> Option<bool> {
        Some(path == P)
    }

    /// `Some(certain)` where the program starts.
    fn starts(text: &str) -> Option<bool> {
        let found = calls(text, &there);
        found.iter().find(|c| c.program == P).map(|c| c.certain)
    }

    #[test]
    fn programs_are_what_a_command_starts_not_what_it_names() {
        for text in [
            "/usr/local/sa/agent/x.sh > /dev/null 2>&1 &",
            "sleep 30 && /usr/local/sa/agent/x.sh",
            "flock -xn /tmp/x.lock -c '/bin/sh /usr/local/sa/agent/x.sh >/dev/null 2>&1'",
            "cd /tmp; nohup \"/usr/local/sa/agent/x.sh\" &",
            "A=1 /usr/local/sa/agent/x.sh",
            "[ -x /usr/local/sa/agent/x.sh ] && /usr/local/sa/agent/x.sh",
            "pgrep agent || /usr/local/sa/agent/x.sh",
            "cd /usr/local/sa/agent && ./x.sh",
            "nice -n 5 env A=1 timeout 5 /usr/local/sa/agent/x.sh",
            "systemd-run --unit=a --description 'b c' --timer-property A=b --on-active 5 /usr/local/sa/agent/x.sh",
            "false || /usr/local/sa/agent/x.sh",
            "sh -c 'if [ -f /usr/local/sa/agent/x.sh ]; then sh /usr/local/sa/agent/x.sh; fi'",
        ] {
            assert_eq!(starts(text), Some(true), "{text}");
        }
        for text in [
            "rm -f /usr/local/sa/agent/x.sh",
            "true # /usr/local/sa/agent/x.sh",
            "echo '/usr/local/sa/agent/x.sh'",
            "sudo rm -f /usr/local/sa/agent/x.sh",
            "sh /bin/other /usr/local/sa/agent/x.sh",
            "sh -n /usr/local/sa/agent/x.sh",
            "command -v /usr/local/sa/agent/x.sh",
            "[ -x /usr/local/sa/agent/x.sh ]",
            "true || /usr/local/sa/agent/x.sh",
            ": || { /usr/local/sa/agent/x.sh; }",
            "false && /usr/local/sa/agent/x.sh",
            "[ -e /nowhere ] && /usr/local/sa/agent/x.sh",
            "exit 0; /usr/local/sa/agent/x.sh",
            "flock -n /usr/local/sa/agent/x.sh true",
        ] {
            assert_eq!(starts(text), None, "{text}");
        }
        assert_eq!(
            starts("grep -q x /proc/cmdline && /usr/local/sa/agent/x.sh"),
            Some(false)
        );
    }

    #[test]
    fn systemd_knows_no_operators() {
        let starts = |text| exec_calls(text, &there).iter().any(|c| c.program == P);
        assert!(starts("/bin/sh -c 'sleep 1 && /usr/local/sa/agent/x.sh'"));
        assert!(starts("/bin/true ; /usr/local/sa/agent/x.sh"));
        assert!(!starts("/bin/true && /usr/local/sa/agent/x.sh"));
        assert!(!starts("/bin/true; /usr/local/sa/agent/x.sh"));
    }

    /// Why the line does not run; `Ok(true)` where it surely does.
    fn line(text: &str, line: usize) -> Result<bool, Inactive> {
        let all = script(text, &there);
        let l = all.iter().find(|l| l.line == line).unwrap();
        l.inactive.map_or(Ok(!l.conditional), Err)
    }

    #[test]
    fn a_script_ends_at_its_exit_and_here_documents_are_no_commands() {
        let text =
            "#!/bin/sh\n# a\nb \\\n  c\ncat <<EOF\nd\nEOF\nif x; then\n  exit 1\nfi\nexit 0\ne\n";
        assert_eq!(line(text, 2), Err(Inactive::Commented));
        assert_eq!(line(text, 3), Ok(true));
        assert_eq!(line(text, 6), Err(Inactive::HereDocument));
        assert_eq!(line(text, 9), Ok(false));
        assert_eq!(line(text, 12), Err(Inactive::AfterExit));
    }

    #[test]
    fn what_never_runs_does_not_count() {
        for text in [
            "  exit 0\na\n",
            "true; exit 0\na\n",
            "exec /bin/true\na\n",
            "{ exit 0; }\na\n",
            "if false; then\na\nfi\n",
            "f() {\na\n}\n",
            "while true; do sleep 1; done\na\n",
            "set -e; false\na\n",
            "f() { exit 0; }; f\na\n",
            ": '\na\n'\n",
        ] {
            assert!(
                !matches!(script(text, &there).iter().find(|l| l.line == 2 && l.text == "a"),
                Some(l) if l.inactive.is_none()),
                "{text}"
            );
        }
        for text in [
            "(exit 0)\na\n",
            "f() { true; }; f\na\n",
            "if true; then\na\nfi\n",
            "for i in 1 2; do\na\ndone\n",
            "x=(1 2)\na\n",
            "exec >/tmp/log 2>&1\na\n",
            "while true; do break; done\na\n",
            "if false; then exit 1; fi\na\n",
        ] {
            assert_eq!(line(text, 2), Ok(true), "{text}");
        }
        assert_eq!(line("case $1 in start)\na\n;; esac\n", 2), Ok(false));
        assert_eq!(
            line("[ -f /nowhere ] || exit 0\na\n", 2),
            Err(Inactive::AfterExit)
        );
        assert_eq!(line("grep -q x y || exit 0\na\n", 2), Ok(false));
        assert_eq!(line("f() {\na\n}\nf\n", 2), Ok(true));
    }

    #[test]
    fn a_script_is_for_the_interpreter_of_its_first_line() {
        assert_eq!(is_for_shell("#!/bin/sh -e\n"), Some(true));
        assert_eq!(is_for_shell("#!/usr/bin/env bash\n"), Some(true));
        assert_eq!(is_for_shell("#!/bin/true\n"), Some(false));
        assert_eq!(is_for_shell("echo\n"), None);
    }
}
