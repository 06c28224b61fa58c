//! Statements of PowerShell.

use super::cmdlets;
use super::{Command, Deed, deeds, unclear};
use crate::evidence::windows::power_statements;

/// Parts of statements that attacks are made of.
const HOSTILE: [&str; 22] = [
    "downloadstring",
    "downloadfile",
    "downloaddata",
    "invoke-expression",
    "frombase64string",
    "start-bitstransfer",
    "new-localuser",
    "add-localgroupmember",
    "add-mppreference",
    "set-mppreference",
    "uninstall-windowsfeature",
    "-encodedcommand",
    "virtualalloc",
    "reflection.assembly",
    "amsiutils",
    "net.sockets",
    "net.webclient",
    "invoke-webrequest",
    "invoke-restmethod",
    "disable-localuser",
    "import-certificate",
    "remove-service",
];
/// Words that are attacks by themselves.
const HOSTILE_WORDS: [&str; 5] = ["iex", "iwr", "irm", "curl", "wget"];
/// Words that begin a block or stand before a condition.
const KEYWORDS: [&str; 15] = [
    "if", "elseif", "else", "try", "catch", "finally", "foreach", "for", "while", "do", "until",
    "begin", "process", "end", "switch",
];
/// Words before a value that is computed first.
const ENDING: [&str; 3] = ["return", "exit", "throw"];
/// Words between values.
const OPERATORS: [&str; 35] = [
    "-eq",
    "-ne",
    "-gt",
    "-lt",
    "-ge",
    "-le",
    "-like",
    "-notlike",
    "-match",
    "-notmatch",
    "-and",
    "-or",
    "-xor",
    "-not",
    "-contains",
    "-notcontains",
    "-in",
    "-notin",
    "-ceq",
    "-cne",
    "-ieq",
    "-ine",
    "-imatch",
    "-cmatch",
    "-ilike",
    "-clike",
    "-band",
    "-bor",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    ",",
];
/// Commands inside of commands.
const MAX_DEPTH: usize = 16;

/// What a script or a statement does: the worst of all that it runs.
pub(super) fn of(it: &Command<'_>) -> Deed {
    if let Some(part) = HOSTILE.iter().find(|p| it.has(p)) {
        return Deed::Hostile(say!(win_first_power, part = *part));
    }
    let tokens = |c: char| !(c.is_alphanumeric() || "-_.$".contains(c));
    let mut words = it.lower.split(tokens).filter(|w| !w.is_empty());
    if let Some(word) = words.find(|w| HOSTILE_WORDS.contains(w)) {
        return Deed::Hostile(say!(win_first_power, part = word));
    }
    let script = power_statements(&it.text);
    let mut out = match script.doubts.is_empty() {
        true => Deed::Harmless,
        false => unclear(),
    };
    for statement in &script.commands {
        out = out.or(one(it, &statement.text));
        let text = statement.text.to_lowercase();
        let says = ["write-", "echo "].iter().any(|s| text.starts_with(s));
        // `'\\d'` is a pattern.
        let another = deeds::of_another(&text).filter(|p| !says && deeds::has_share(p));
        if let Some(path) = another {
            out = out.or(Deed::Unclear(say!(win_first_remote, path = path)));
        }
    }
    out
}

/// A statement, or the part of one in a block.
fn one(it: &Command<'_>, text: &str) -> Deed {
    match pieces(text) {
        Some(pieces) => segment(it, &pieces, 0),
        // Attacks are seen in what is not understood, too.
        None => unclear().or(hostile(it, text)),
    }
}

/// What each part of a text would do as a command, where that is an attack.
fn hostile(it: &Command<'_>, text: &str) -> Deed {
    let parts = text.split(['=', '(', ')', '{', '}', '|', ';', '&', '$', '\n']);
    let mut all = parts.map(|part| deeds::of(&it.inner(part.trim())));
    all.find(|deed| matches!(deed, Deed::Hostile(_)))
        .unwrap_or(Deed::Harmless)
}

/// A part of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// Text without marks around it, in lower case.
    Bare(String),
    /// Text in marks, in lower case.
    Quoted(String),
    /// What stands in parentheses; glued to what is before it.
    Group(Vec<Piece>, bool),
}

/// The parts of a statement; `None` where it has forms that are not known here.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut stack: Vec<(Vec<Piece>, bool)> = vec![(Vec::new(), false)];
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    let mut glued = false;
    while let Some(c) = chars.next() {
        let push = |stack: &mut Vec<(Vec<Piece>, bool)>, word: &mut String| {
            if !word.is_empty() {
                let piece = Piece::Bare(std::mem::take(word).to_lowercase());
                stack.last_mut()?.0.push(piece);
            }
            Some(())
        };
        match c {
            '"' | '\'' => {
                // A mark inside of a word belongs to it.
                if !word.is_empty() || glued {
                    return None;
                }
                let mut quoted = String::new();
                loop {
                    match chars.next()? {
                        end if end == c => break,
                        '`' if c == '"' => quoted.extend(chars.next()),
                        other => quoted.push(other),
                    }
                }
                if c == '"' && quoted.contains("$(") {
                    return None;
                }
                stack
                    .last_mut()?
                    .0
                    .push(Piece::Quoted(quoted.to_lowercase()));
            }
            '(' => {
                let before = word.clone();
                // `@(`: a list.
                if word == "@" {
                    word.clear();
                } else if word.ends_with('$') {
                    return None;
                }
                push(&mut stack, &mut word)?;
                let keyword = KEYWORDS.contains(&before.to_lowercase().as_str());
                let glue = glued || !before.is_empty() && before != "@" && !keyword;
                if stack.len() > MAX_DEPTH {
                    return None;
                }
                stack.push((Vec::new(), glue));
            }
            ')' => {
                push(&mut stack, &mut word)?;
                // The parenthesis may have been opened in a statement before.
                if stack.len() > 1 {
                    let (inner, glue) = stack.pop()?;
                    stack.last_mut()?.0.push(Piece::Group(inner, glue));
                }
            }
            // Types, indices, blocks, calls, other forms.
            '[' | ']' | '`' | '{' | '}' | '|' | '&' | ';' if !(c == '&' && word.ends_with('>')) => {
                return None;
            }
            ',' | '=' if word.is_empty() || word.starts_with('$') || c == ',' => {
                // `+=` and its like stay one.
                push(&mut stack, &mut word)?;
                stack.last_mut()?.0.push(Piece::Bare(c.to_string()));
            }
            c if c.is_whitespace() => push(&mut stack, &mut word)?,
            '\u{2013}' | '\u{2014}' | '\u{2015}' => word.push('-'),
            c => word.push(c),
        }
        glued = matches!(c, ')');
        if glued && chars.peek().is_some_and(|n| *n == '.') {
            // `(x).name`: the name is read as a word of its own.
            glued = false;
        }
    }
    while let Some((mut inner, glue)) = stack.pop() {
        if !word.is_empty() {
            inner.push(Piece::Bare(std::mem::take(&mut word).to_lowercase()));
        }
        match stack.last_mut() {
            Some(outer) => outer.0.push(Piece::Group(inner, glue)),
            None => return Some(inner),
        }
    }
    None
}

/// What a pipeline's element, an assignment or a condition does.
fn segment(it: &Command<'_>, pieces: &[Piece], depth: usize) -> Deed {
    if depth > MAX_DEPTH {
        return unclear();
    }
    let Some(first) = pieces.first() else {
        return Deed::Harmless;
    };
    let rest = pieces.get(1..).unwrap_or_default();
    let Piece::Bare(word) = first else {
        return value(it, pieces, depth);
    };
    match word.as_str() {
        // What is behind it belongs to a block that was opened before.
        keyword if KEYWORDS.contains(&keyword) => {
            let only = rest.iter().all(|p| matches!(p, Piece::Group(_, false)));
            let groups = rest.iter().map(|p| match p {
                Piece::Group(inner, _) => condition(it, inner, depth),
                _ => Deed::Harmless,
            });
            let done = groups.fold(Deed::Harmless, Deed::or);
            if only { done } else { done.or(unclear()) }
        }
        "break" | "continue" if rest.is_empty() => Deed::Harmless,
        ending if ENDING.contains(&ending) => segment(it, rest, depth + 1),
        // `function name`: its block is a statement of its own.
        "function" => match rest {
            [Piece::Bare(name)] if !name.contains(':') => Deed::Harmless,
            _ => unclear(),
        },
        "param" => groups(it, rest, depth),
        variable if variable.starts_with('$') => match rest {
            [Piece::Bare(sign), from @ ..] if sign == "=" => {
                assigned(variable).or(segment(it, from, depth + 1))
            }
            [Piece::Bare(sum), Piece::Bare(sign), from @ ..] if sign == "=" && sum == "+" => {
                assigned(variable).or(segment(it, from, depth + 1))
            }
            // A variable alone may be a block or a name that a pipe hands on.
            [] if !variable.contains('.') && !variable.ends_with("++") => unclear(),
            _ => value(it, pieces, depth),
        },
        other if is_value(other) => value(it, pieces, depth),
        _ => {
            let inner = groups(it, rest, depth);
            let done = cmdlets::of(it, word, rest);
            done.or(inner)
        }
    }
}

/// `(a)`, or `($x in a)`.
fn condition(it: &Command<'_>, pieces: &[Piece], depth: usize) -> Deed {
    match pieces {
        [Piece::Bare(variable), Piece::Bare(within), rest @ ..]
            if variable.starts_with('$') && within == "in" =>
        {
            assigned(variable).or(segment(it, rest, depth + 1))
        }
        _ => segment(it, pieces, depth + 1),
    }
}

/// What the groups of a statement do.
fn groups(it: &Command<'_>, pieces: &[Piece], depth: usize) -> Deed {
    let inner = pieces.iter().map(|p| match p {
        Piece::Group(inner, _) => segment(it, inner, depth + 1),
        _ => Deed::Harmless,
    });
    inner.fold(Deed::Harmless, Deed::or)
}

/// True for a number, a sign or a property: what begins no command.
fn is_value(word: &str) -> bool {
    OPERATORS.contains(&word)
        || word.starts_with('$')
        || word.starts_with('.') && word[1..].chars().all(|c| c.is_alphanumeric())
        || word.chars().all(|c| c.is_ascii_digit() || c == '.')
        || word == "="
}

/// Values and the signs between them.
fn value(it: &Command<'_>, pieces: &[Piece], depth: usize) -> Deed {
    let mut out = groups(it, pieces, depth);
    let mut behind_sign = true;
    for piece in pieces {
        let known = match piece {
            Piece::Quoted(_) => true,
            // A method that is called.
            Piece::Group(_, glued) => !glued,
            Piece::Bare(word) if word.starts_with('$') => is_variable(word),
            Piece::Bare(word) => is_value(word) && (word != "=" || !behind_sign),
        };
        behind_sign = matches!(piece, Piece::Bare(w) if OPERATORS.contains(&w.as_str()));
        if !known {
            out = out.or(unclear());
        }
    }
    out
}

/// `$name`, `$_.name`, `$env:name`, `$i++`.
fn is_variable(word: &str) -> bool {
    let name = word.trim_start_matches('$');
    let name = name
        .strip_suffix("++")
        .or_else(|| name.strip_suffix("--"))
        .unwrap_or(name);
    let name = name.strip_prefix("env:").unwrap_or(name);
    name.chars()
        .all(|c| c.is_alphanumeric() || "_.?".contains(c))
}

/// What setting `variable` does.
fn assigned(variable: &str) -> Deed {
    let name = variable.trim_start_matches('$');
    let known = match name.strip_prefix("env:") {
        Some(name) => !deeds::decides(name, ""),
        // Preferences decide what modules and commands do.
        None => !name.starts_with("ps") && !name.starts_with('{'),
    };
    if known && is_variable(variable) && !name.contains('.') {
        return Deed::Harmless;
    }
    unclear()
}
