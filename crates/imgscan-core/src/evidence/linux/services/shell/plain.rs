//! Scripts so simple that their text tells all that they do: `if`, `for`, groups and simple commands.
//! POSIX.1-2017, Shell Command Language, 2.2 to 2.10.

use std::collections::BTreeSet;

use super::is_assignment;
use super::lex::{Kind, Token, tokens};

/// The longest script, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// Text by which a script is not simple: substitutions, here-documents, both ways of one file.
const NOT_SIMPLE: &[&str] = &["`", "$(", "$'", "$\"", "<<", "<>", "<(", ">("];
/// Words behind which a command begins.
const BEFORE_COMMANDS: &[&str] = &[
    "if", "then", "elif", "else", "fi", "do", "done", "while", "until", "{", "}", "!",
];

/// A command of a simple script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainCommand {
    /// The program and its operands; none where there are redirections alone.
    pub words: Vec<String>,
    /// The files that are written. One may hold the variable of a loop or the first argument of the
    /// script (`/dev/tty${i#/dev/vcs}`); no value of these leads out of the folder.
    pub writes: Vec<String>,
}

/// Every command of the script `text`, whether or not it runs; `None` where it is not simple.
///
/// No word but a file that is written holds a variable, no variable is set but those of loops over
/// names below `/dev`, and there are no functions: what stands in the text is what runs.
#[must_use]
pub(in crate::evidence::linux) fn plain(text: &str) -> Option<Vec<PlainCommand>> {
    let first = text.lines().next()?;
    matches!(first, "#!/bin/sh" | "#!/bin/sh -e" | "#!/bin/dash").then_some(())?;
    plain_text(text)
}

/// The same of text that a shell is given.
#[must_use]
pub(in crate::evidence::linux) fn plain_text(text: &str) -> Option<Vec<PlainCommand>> {
    let known = |c: char| c == '\n' || c == '\t' || (' '..='~').contains(&c);
    if text.len() > MAX_BYTES
        || !text.chars().all(known)
        || NOT_SIMPLE.iter().any(|n| text.contains(n))
    {
        return None;
    }
    let mut reading = Reading::default();
    for token in tokens(text) {
        reading.token(token)?;
    }
    reading.end()?;
    Some(reading.commands)
}

#[derive(Default)]
struct Reading {
    commands: Vec<PlainCommand>,
    words: Vec<String>,
    writes: Vec<String>,
    /// The words belong to the head of a loop.
    head: bool,
    /// Variables of loops.
    bound: BTreeSet<String>,
}

impl Reading {
    fn token(&mut self, token: Token) -> Option<()> {
        match token.kind {
            Kind::Comment(_) => {}
            Kind::Here(_) => return None,
            Kind::Op(op) => match op {
                ";" | "\n" | "&&" | "||" | "|" => self.end()?,
                _ => return None,
            },
            Kind::Redirect(_) if self.head => return None,
            Kind::Redirect(text) => self.redirect(&text)?,
            Kind::Word { text, plain } => {
                let begins = self.words.is_empty() && self.writes.is_empty();
                if begins && plain && BEFORE_COMMANDS.contains(&text.as_str()) {
                    return Some(());
                }
                if begins && plain && text == "for" {
                    self.head = true;
                } else if begins && (is_assignment(&text) || plain && is_reserved(&text)) {
                    return None;
                }
                // What an expansion gives is not in the text.
                if text.contains('$') || text.starts_with('~') {
                    return None;
                }
                self.words.push(text);
            }
        }
        Some(())
    }

    fn redirect(&mut self, text: &str) -> Option<()> {
        let at = text.find(|c| c != '<' && c != '>' && c != '&' && c != '|');
        let (arrow, target) = text.split_at(at?);
        match arrow {
            // What is read does nothing by itself; what runs is a command.
            "<" => {}
            ">&" if matches!(target, "1" | "2") => {}
            ">" | ">|" if self.is_known(target) => self.writes.push(target.to_owned()),
            _ => return None,
        }
        Some(())
    }

    /// True of a target that begins as its text says and does not leave its folder: a name may hold
    /// `$1` or the variable of a loop, less a beginning.
    fn is_known(&self, target: &str) -> bool {
        if target.split('/').any(|part| part == "..") || target.starts_with('~') {
            return false;
        }
        let Some((before, rest)) = target.split_once("${") else {
            return !target.contains('$');
        };
        let Some(inside) = rest.strip_suffix('}') else {
            return false;
        };
        let (name, cut) = inside.split_once('#').unwrap_or((inside, ""));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '/';
        !before.contains('$')
            && before.starts_with('/')
            && !before.ends_with('/')
            && (name == "1" || self.bound.contains(name))
            && cut.chars().all(plain)
    }

    /// The end of a command, or of the head of a loop.
    fn end(&mut self) -> Option<()> {
        let words = std::mem::take(&mut self.words);
        let writes = std::mem::take(&mut self.writes);
        if std::mem::take(&mut self.head) {
            let [_, name, of, values @ ..] = words.as_slice() else {
                return None;
            };
            let lower = name.chars().all(|c| c.is_ascii_lowercase());
            let device = |v: &String| v.starts_with("/dev/") && !v.contains("..");
            if of != "in" || !lower || name.len() > 1 || !values.iter().all(device) {
                return None;
            }
            self.bound.insert(name.clone());
            return Some(());
        }
        if !words.is_empty() || !writes.is_empty() {
            self.commands.push(PlainCommand { words, writes });
        }
        Some(())
    }
}

/// Words that begin what is not simple.
fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "case" | "esac" | "in" | "function" | "select" | "time" | "[[" | "]]" | "coproc"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Vec<PlainCommand>> {
        plain(&format!("#!/bin/sh\n{text}\n"))
    }

    /// Each command as one text.
    fn shown(text: &str) -> Vec<String> {
        let all = of(text).unwrap();
        let one = |c: &PlainCommand| format!("{}>{}", c.words.join(" "), c.writes.join(","));
        all.iter().map(one).collect()
    }

    #[test]
    fn every_command_counts_whether_it_runs_or_not() {
        assert_eq!(
            shown("if [ -f /run/x ]; then\n  rm /run/x\n  exit 0\nfi\na 'b c' > '/dev/null' 2>&1"),
            ["[ -f /run/x ]>", "rm /run/x>", "exit 0>", "a b c>/dev/null"]
        );
        assert_eq!(
            shown(
                "for i in /dev/vcs[0-9]*; do\n{ :\nprintf '\\033%%G' \n} < /dev/tty${i#/dev/vcs} > /dev/tty${i#/dev/vcs}\ndone\n> /run/x"
            ),
            [
                ":>",
                "printf \\033%%G>",
                ">/dev/tty${i#/dev/vcs}",
                ">/run/x"
            ]
        );
        assert_eq!(shown("a && b || c | d"), ["a>", "b>", "c>", "d>"]);
    }

    #[test]
    fn what_its_text_does_not_tell_is_not_simple() {
        for text in [
            "a $1",
            "$x",
            "a `b`",
            "a $(b)",
            "PATH=/tmp a",
            "x=1",
            "f() { a; }",
            "(a)",
            "a &",
            "case x in x) a;; esac",
            "a <<E\nE",
            "a > /dev/tty$x",
            "a > ${1#vcs}",
            "a > /etc/${1#vcs}",
            "a > /dev/tty/../../etc/x",
            "for i in /etc/x; do a > /dev/tty${i#/dev}; done",
            "for i in /dev/../etc/x; do a; done",
            "for PATH in /dev/x; do a; done",
            "for i; do a; done",
            "a >> /dev/null",
            "a ~/x",
            "a \u{a0}b",
            "a\r",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(plain("#!/bin/bash\na\n"), None);
        assert_eq!(plain("a\n"), None);
        assert_eq!(plain(""), None);
    }
}
