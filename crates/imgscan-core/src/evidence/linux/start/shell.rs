//! Shell text, as far as it matters to see which programs a line starts.

use super::Inactive;

/// Programs that start the program that they are given.
const WRAPPERS: &[&str] = &[
    "sh",
    "bash",
    "dash",
    "ash",
    "ksh",
    "zsh",
    "nohup",
    "setsid",
    "exec",
    "nice",
    "ionice",
    "env",
    "flock",
    "timeout",
    "sudo",
    "su",
    "command",
    "source",
    ".",
    "eval",
    "chrt",
    "taskset",
    "time",
    "stdbuf",
    "runuser",
    "start-stop-daemon",
    "daemon",
    "systemd-run",
    "python",
    "python2",
    "python3",
    "perl",
    "if",
    "then",
    "else",
    "elif",
    "do",
    "while",
    "until",
    "!",
    "{",
    "[",
    "test",
    "-",
];

/// Nested command texts (`sh -c '…'`) that are looked into.
const MAX_DEPTH: usize = 8;

/// The programs that the shell command `text` starts: the first word of each simple command, and
/// every word behind a program that starts another (`flock … -c …`, `nohup …`, `sh -c '…'`).
/// Words are given without their quotes; a path given as data (`rm -f PATH`) is none of them.
#[must_use]
pub fn programs(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    gather(text, MAX_DEPTH, &mut out);
    out
}

fn gather(text: &str, depth: usize, out: &mut Vec<String>) {
    for words in commands(text) {
        let mut words = words
            .into_iter()
            .skip_while(|w| is_assignment(w))
            .peekable();
        let Some(first) = words.next() else { continue };
        let name = first.rsplit('/').next().unwrap_or(&first).to_owned();
        out.push(first);
        if !WRAPPERS.contains(&name.as_str()) {
            continue;
        }
        for word in words {
            if word.contains([' ', ';', '&', '|', '\t']) && depth > 0 {
                gather(&word, depth - 1, out);
            } else if !word.starts_with('-') {
                out.push(word);
            }
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(k, _)| {
        !k.is_empty() && k.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The simple commands of `text`, each as its words without quotes. A comment ends the text.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some('"') | None, '\\') => {
                if let Some(next) = chars.next() {
                    word.get_or_insert_with(String::new).push(next);
                }
            }
            (Some(_), c) => word.get_or_insert_with(String::new).push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_with(String::new);
            }
            (None, '#') if word.is_none() => break,
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, ';' | '&' | '|' | '(' | ')' | '`' | '\n') => {
                // `2>&1` and `>&2` are redirections, no end of a command.
                if c == '&' && word.as_deref().is_some_and(|w| w.ends_with('>')) {
                    word.get_or_insert_with(String::new).push(c);
                    continue;
                }
                words.extend(word.take());
                if !words.is_empty() {
                    all.push(std::mem::take(&mut words));
                }
            }
            (None, c) => word.get_or_insert_with(String::new).push(c),
        }
    }
    words.extend(word);
    if !words.is_empty() {
        all.push(words);
    }
    all
}

/// The lines of a shell script that are commands, or were: (line from 1, text, why it does not
/// run). Lines continued by a backslash are joined.
pub(super) fn script(text: &str) -> Vec<(usize, String, Option<Inactive>)> {
    let mut out = Vec::new();
    let mut ended = false;
    let mut here: Option<String> = None;
    let mut open: Option<(usize, String)> = None;
    for (i, raw) in text.lines().enumerate() {
        if let Some(end) = &here {
            if raw.trim_start_matches('\t').trim_end() == end {
                here = None;
            } else {
                out.push((i + 1, raw.trim().to_owned(), Some(Inactive::HereDocument)));
            }
            continue;
        }
        let (start, line) = match open.take() {
            Some((start, before)) => (start, format!("{before}{}", raw.trim())),
            None => (i + 1, raw.trim_end().to_owned()),
        };
        let is_comment = line.trim_start().starts_with('#');
        if let Some(joined) = line.strip_suffix('\\').filter(|_| !is_comment) {
            open = Some((start, joined.to_owned()));
            continue;
        }
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with("#!") {
            continue;
        }
        let why = match (is_comment, ended) {
            (true, _) => Some(Inactive::Commented),
            (_, true) => Some(Inactive::AfterExit),
            _ => None,
        };
        let shown = trimmed.trim_start_matches('#').trim();
        if !shown.is_empty() {
            out.push((start, shown.to_owned(), why));
        }
        if is_comment {
            continue;
        }
        here = here_document(trimmed);
        // Only an exit that no block surrounds ends the script for sure.
        let first = line.split_whitespace().next();
        if first == Some("exit") && line.starts_with("exit") {
            ended = true;
        }
    }
    out
}

/// The word that ends the here-document that `line` opens.
fn here_document(line: &str) -> Option<String> {
    let at = line.find("<<")?;
    let rest = line[at + 2..].strip_prefix('-').unwrap_or(&line[at + 2..]);
    if rest.starts_with('<') {
        return None;
    }
    let word = rest.split_whitespace().next()?;
    let word = word.trim_matches(['"', '\'', '\\', ';']);
    (!word.is_empty()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_what_a_command_starts_not_what_it_names() {
        let has = |text: &str, program: &str| programs(text).iter().any(|p| p == program);
        let p = "/usr/local/sa/agent/x.sh";
        assert!(has("/usr/local/sa/agent/x.sh > /dev/null 2>&1 &", p));
        assert!(has("sleep 30 && /usr/local/sa/agent/x.sh", p));
        assert!(has(
            "flock -xn /tmp/x.lock -c '/bin/sh /usr/local/sa/agent/x.sh >/dev/null 2>&1'",
            p
        ));
        assert!(has("cd /tmp; nohup \"/usr/local/sa/agent/x.sh\" &", p));
        assert!(has("A=1 /usr/local/sa/agent/x.sh", p));
        assert!(has(
            "[ -x /usr/local/sa/agent/x.sh ] && /usr/local/sa/agent/x.sh",
            p
        ));
        assert!(!has("rm -f /usr/local/sa/agent/x.sh", p));
        assert!(!has("true # /usr/local/sa/agent/x.sh", p));
        assert!(!has("echo '/usr/local/sa/agent/x.sh'", p));
    }

    #[test]
    fn a_script_ends_at_its_exit_and_here_documents_are_no_commands() {
        let text =
            "#!/bin/sh\n# a\nb \\\n  c\ncat <<EOF\nd\nEOF\nif x; then\n  exit 1\nfi\nexit 0\ne\n";
        let got: Vec<(usize, String, Option<Inactive>)> = script(text);
        let why = |line: usize| {
            got.iter()
                .find(|l| l.0 == line)
                .map(|l| (l.1.as_str(), l.2))
        };
        assert_eq!(why(1), None);
        assert_eq!(why(2), Some(("a", Some(Inactive::Commented))));
        assert_eq!(why(3), Some(("b c", None)));
        assert_eq!(why(6), Some(("d", Some(Inactive::HereDocument))));
        assert_eq!(why(9), Some(("exit 1", None)));
        assert_eq!(why(12), Some(("e", Some(Inactive::AfterExit))));
    }
}
