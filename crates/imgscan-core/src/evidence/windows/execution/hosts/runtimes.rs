//! Programs of other makers that carry out files, code or what a browser is told.

use super::Carried::{self, *};
use crate::text::strip_any_case;

/// Options of java that run or load something (manual of the command `java`).
const JAVA_CARRIES: [&str; 9] = [
    "-agentlib:",
    "-Xbootclasspath",
    "-XX:OnError=",
    "-XX:OnOutOfMemoryError=",
    "-XX:Flags=",
    "-XX:VMOptionsFile=",
    "-Djava.ext.dirs=",
    "-Djava.endorsed.dirs=",
    "--patch-module",
];
/// Options of node that take a value.
pub(super) const NODE_VALUES: &[&str] = &["-C", "--conditions"];

/// Options of a database server that name SQL which it carries out at its start, and libraries (MySQL,
/// "Server Command Options": `init_file`, `plugin_dir`, `plugin_load`).
pub(super) fn database(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    for word in words {
        let plain = word.to_lowercase().replace('_', "-");
        let option = plain.trim_start_matches('-');
        let (name, _) = option.split_once('=').unwrap_or((option, ""));
        let value = word.split_once('=').map_or("", |(_, value)| value);
        let value = value.trim_matches('"').to_owned();
        match name {
            "init-file" => out.push(Script(value)),
            "skip-grant-tables" if plain.starts_with("--") => out.push(Unclear(word.clone())),
            "plugin-dir" | "plugin-load" | "plugin-load-add" | "early-plugin-load"
            | "init-connect" | "lc-messages-dir" | "character-sets-dir" => {
                out.push(Unclear(word.clone()));
            }
            _ => {}
        }
    }
    out
}

pub(super) fn java(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-jar" => {
                out.extend(words.next().map(|f| Library(f.clone())));
                return out;
            }
            "-cp" | "-classpath" | "--class-path" | "-p" | "--module-path" => {
                if let Some(list) = words.next() {
                    let parts = list.split(';').filter(|p| !p.is_empty());
                    out.extend(parts.map(|p| Library(p.to_owned())));
                }
            }
            option if option.starts_with("-javaagent:") || option.starts_with("-agentpath:") => {
                let file = option.split_once(':').map_or("", |(_, f)| f);
                let file = file.split('=').next().unwrap_or_default();
                out.push(Library(file.to_owned()));
            }
            option
                if option.starts_with('@')
                    || JAVA_CARRIES.iter().any(|o| option.starts_with(o)) =>
            {
                out.push(Unclear(option.to_owned()));
            }
            option if option.starts_with('-') => {}
            // The class that begins; its file is one of those named before.
            class => {
                if out.is_empty() {
                    out.push(Unclear(class.to_owned()));
                }
                return out;
            }
        }
    }
    out
}

/// An interpreter: the first word that is no option is its script.
pub(super) fn interpreter(words: &[String], code: &[&str], values: &[&str]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            word if code.contains(&word) => {
                let text: Vec<&str> = rest.map(String::as_str).collect();
                out.push(Code(text.join(" ")));
                return out;
            }
            "-m" => {
                out.push(Unclear(rest.next().cloned().unwrap_or_default()));
                return out;
            }
            "-r" | "--require" | "--import" => {
                out.extend(rest.next().map(|f| Script(f.clone())));
            }
            "-" => {
                out.push(Unclear("-".into()));
                return out;
            }
            option if carries(option) => {
                out.push(Unclear(option.to_owned()));
                return out;
            }
            option if values.contains(&option) => {
                rest.next();
            }
            option if option.starts_with('-') => {}
            file => {
                out.push(Script(file.to_owned()));
                return out;
            }
        }
    }
    out
}

/// True for an option of python or node that names code in one word with it: `-Ic…`, `--require=…`.
pub(super) fn carries(option: &str) -> bool {
    const LONG: [&str; 9] = [
        "--require=",
        "--import=",
        "--loader=",
        "--experimental-loader",
        "--eval",
        "--print",
        "--env-file",
        "--openssl-config",
        "--check-hash-based-pycs=",
    ];
    let short = |option: &str| {
        let letters = option.strip_prefix('-').unwrap_or_default();
        let flags = letters.find(['W', 'X']).unwrap_or(letters.len());
        let letters = letters.get(..flags).unwrap_or_default();
        !letters.starts_with('-') && letters.contains(['c', 'm', 'e', 'p', 'r'])
    };
    short(option)
        || LONG
            .iter()
            .any(|long| strip_any_case(option, long).is_some())
}

pub(super) fn browser(words: &[String], rest: &str) -> Vec<Carried> {
    const CARRY: &[&str] = &[
        // Whoever reaches the port steers the browser.
        "--remote-debugging-address",
        "--remote-debugging-port",
        "--load-extension",
        "--utility-cmd-prefix",
        "--gpu-launcher",
        "--renderer-cmd-prefix",
    ];
    let carries = |w: &String| CARRY.iter().any(|c| strip_any_case(w, c).is_some());
    match words.iter().any(carries) {
        true => vec![Code(rest.to_owned())],
        false => Vec::new(),
    }
}

/// True for SQL that keeps a database in order and does nothing else.
///
/// Microsoft, "BACKUP (Transact-SQL)", "DBCC (Transact-SQL)", "sqlcmd utility" (`!!`, `:r`); MySQL, "Table maintenance
/// statements"; PostgreSQL, "VACUUM", "psql".
fn is_upkeep(text: &str) -> bool {
    const UPKEEP: [&str; 16] = [
        "alter index ",
        "analyze",
        "backup database ",
        "backup log ",
        "check table ",
        "checkpoint",
        "dbcc checkdb",
        "dbcc shrinkdatabase",
        "dbcc shrinkfile",
        "flush logs",
        "optimize table ",
        "purge binary logs",
        "reindex ",
        "restore verifyonly ",
        "update statistics ",
        "vacuum",
    ];
    const BACKUPS: [&str; 5] = [".bak", ".trn", ".dif", ".bkp", ".log"];
    let lower = text.trim().to_lowercase();
    // What stands in quotation marks names a file of the backup, a table or a day.
    let (mut said, mut names) = (String::new(), Vec::new());
    for (at, part) in lower.split('\'').enumerate() {
        match at % 2 {
            0 => said.push_str(part),
            _ => names.push(part),
        }
    }
    let sign = |c: char| c.is_alphanumeric() || " _.,=()[]*;%@\t\r\n".contains(c);
    let plain = |name: &&str| {
        let is_path = name.contains(['\\', '/']);
        let is_backup = BACKUPS.iter().any(|ending| name.ends_with(ending));
        !is_path && !name.contains(['.', '%', '$']) || is_backup && !name.starts_with(r"\\")
    };
    let mut statements = said.split(';').map(str::trim).filter(|s| !s.is_empty());
    let acts = [
        "exec",
        "xp_",
        "sp_",
        "openrowset",
        "openquery",
        "opendatasource",
    ];
    said.chars().all(sign)
        && !acts.iter().any(|word| said.contains(word))
        && names.iter().all(plain)
        && statements.all(|s| UPKEEP.iter().any(|verb| s.starts_with(verb)))
}

/// A client of a database that is told SQL: what keeps the database in order is no code.
pub(super) fn client(program: &str, words: &[String], rest: &str) -> Vec<Carried> {
    let sql: &[&str] = match program {
        "psql" => &["-c", "--command"],
        "mysql" | "mariadb" => &["-e", "--execute"],
        _ => &["-q", "-Q"],
    };
    let mut others = Vec::new();
    let mut is_told = false;
    let mut all = words.iter();
    while let Some(word) = all.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        if sql.contains(&option) {
            is_told = true;
            let text = value.or_else(|| all.next().cloned()).unwrap_or_default();
            if !is_upkeep(&text) {
                return vec![Code(format!("{program} {rest}"))];
            }
        } else {
            others.push(word.clone());
        }
    }
    // Beside it stand the server, the account and the database, and no file.
    const FILES: [&str; 8] = [
        "-i",
        "-f",
        "-v",
        "-o",
        "--file",
        "--variable",
        "--set",
        "--output",
    ];
    let is_file = |word: &String| {
        let mut all = FILES.iter();
        all.any(|option| word == option || word.starts_with(&format!("{option}=")))
            || word.contains(['(', '!', '`', '|', '&', '<', '>'])
    };
    match is_told && !others.iter().any(is_file) {
        true => Vec::new(),
        false => interprets(program, words, rest),
    }
}

/// An interpreter of which the options were not read: its words are files with code, or code.
pub(super) fn interprets(program: &str, words: &[String], rest: &str) -> Vec<Carried> {
    let sign = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let plain = |text: &str| text.chars().all(sign);
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let is_switch = word.starts_with('-') && plain(word);
        // The first may be an order: `run`, `sh`.
        if is_switch || at == 0 && plain(word) {
            continue;
        }
        let is_file = word.contains(['\\', '/', '.', ':']) && !word.contains(CODE);
        match is_file && !word.starts_with('-') {
            true => out.push(Script(word.clone())),
            false => return vec![Code(format!("{program} {rest}"))],
        }
    }
    out
}

/// Signs that a word is code.
const CODE: &[char] = &['(', '{', '!', '`', '$', '|', '&', '<', '>', ';', '\'', '"'];

/// True where a program that is not known is told code by the form of its words: behind an option
/// that takes code, or a call by itself.
pub(in crate::evidence::windows::execution) fn is_told_code(words: &[String]) -> bool {
    const OPTIONS: [&str; 14] = [
        "-c",
        "-e",
        "-q",
        "-x",
        "--command",
        "--eval",
        "--exec",
        "--execute",
        "--expression",
        "--run",
        "-command",
        "-eval",
        "-exec",
        "-execute",
    ];
    let is_path = |word: &String| word.get(1..3).is_some_and(|p| p == ":\\" || p == ":/");
    let is_call = |word: &String| {
        let Some((before, behind)) = word.split_once('(') else {
            return false;
        };
        let letters = |c: &char| c.is_alphanumeric() || *c == '_';
        let name = before.chars().rev().take_while(letters);
        name.count() > 2 && behind.contains(')') && behind.contains(['"', '\'', '(', ';'])
    };
    let follows = words.windows(2).any(|pair| {
        let [option, word] = pair else {
            return false;
        };
        let takes = OPTIONS.contains(&option.to_lowercase().as_str());
        // A letter stands for many things, a file with blanks in its name among them.
        let is_relative = word.contains(['\\', '/']) && !word.contains(" /");
        let by_blank = option.len() > 2 && word.contains(' ') && !is_relative;
        takes && !is_path(word) && (by_blank || word.contains(CODE))
    });
    follows || words.iter().any(|word| !is_path(word) && is_call(word))
}

#[cfg(test)]
mod tests {
    use super::{client, is_told_code};
    use crate::evidence::windows::execution::words::words;

    #[test]
    fn upkeep_of_databases_is_no_code() {
        let usual = [
            (
                "sqlcmd",
                r#"-S .\SQLEXPRESS -E -b -Q "BACKUP DATABASE [shop] TO DISK=N'D:\b\shop.bak' WITH INIT""#,
            ),
            ("sqlcmd", r#"-E -Q "DBCC CHECKDB (shop) WITH NO_INFOMSGS""#),
            ("psql", r#"-U postgres -d shop -c "VACUUM ANALYZE""#),
            ("mysql", r#"-u root --execute="OPTIMIZE TABLE shop.orders""#),
        ];
        for (program, rest) in usual {
            assert!(client(program, &words(rest), rest).is_empty(), "{rest}");
        }
        let code = [
            ("sqlcmd", r#"-Q "EXEC xp_cmdshell 'calc'""#),
            (
                "sqlcmd",
                r#"-Q "BACKUP DATABASE x TO DISK='C:\ProgramData\a.bat'""#,
            ),
            (
                "sqlcmd",
                r#"-Q "BACKUP DATABASE x TO DISK='\\203.0.113.9\x\a.bak'""#,
            ),
            (
                "sqlcmd",
                r#"-Q "BACKUP LOG x TO DISK='a.bak'; EXEC sp_configure 'a', 1""#,
            ),
            ("sqlcmd", r#"-Q "CHECKPOINT" -i C:\x.sql"#),
            ("mysql", r#"-e "system calc""#),
            ("psql", r#"-c "COPY x TO PROGRAM 'calc'""#),
        ];
        for (program, rest) in code {
            assert!(!client(program, &words(rest), rest).is_empty(), "{rest}");
        }
    }

    #[test]
    fn code_is_told_by_its_form() {
        for line in [
            "--eval \"system('calc')\"",
            "-e print(1)",
            "--exec \"calc /x\"",
        ] {
            assert!(is_told_code(&words(line)), "{line}");
        }
        for line in [
            r#"-c "conf\my app.conf""#,
            "-e production -x 5",
            r#"-c "my settings""#,
            r#"--exec "C:\Program Files\App\a b.log""#,
        ] {
            assert!(!is_told_code(&words(line)), "{line}");
        }
    }
}
