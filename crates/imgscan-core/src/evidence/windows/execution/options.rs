//! The command lines of PowerShell.
//!
//! Microsoft, "about_PowerShell_exe" (5.1) and "about_Pwsh" (7); the shortest forms are those of
//! `CommandLineParameterParser` in the source of PowerShell.

/// What PowerShell is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::evidence::windows) enum Told<'w> {
    /// To run a script with arguments.
    File(&'w str, &'w [String]),
    /// To run these words, joined by blanks, as statements.
    Command(&'w [String]),
    /// To run statements that are encoded.
    Encoded,
    /// To wait for a person.
    Nothing,
    /// What can't be told: statements of its input, a configuration, an option that it does not have.
    Unknown,
}

/// What follows an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    File,
    Command,
    /// A command, and arguments of it.
    CommandWithArguments,
    Encoded,
    /// It is told how to be used.
    Help,
    /// Something that decides what it loads, or what it does.
    Unknown,
}

/// Options in the order in which they are tried: the whole name, the shortest form, what follows.
const OPTIONS: [(&str, &str, Takes); 37] = [
    ("help", "h", Takes::Help),
    ("?", "?", Takes::Help),
    ("noexit", "noe", Takes::Nothing),
    ("noprofile", "nop", Takes::Nothing),
    ("noprofileloadtime", "noprofileloadtime", Takes::Nothing),
    ("nologo", "nol", Takes::Nothing),
    ("noninteractive", "noni", Takes::Nothing),
    ("sta", "sta", Takes::Nothing),
    ("mta", "mta", Takes::Nothing),
    ("windowstyle", "w", Takes::Value),
    ("executionpolicy", "ex", Takes::Value),
    ("ep", "ep", Takes::Value),
    ("version", "v", Takes::Value),
    ("outputformat", "o", Takes::Value),
    ("of", "of", Takes::Value),
    ("inputformat", "i", Takes::Value),
    ("if", "if", Takes::Value),
    ("workingdirectory", "wo", Takes::Value),
    ("wd", "wd", Takes::Value),
    ("custompipename", "cus", Takes::Value),
    ("settingsfile", "settings", Takes::Unknown),
    ("psconsolefile", "p", Takes::Unknown),
    ("configurationname", "config", Takes::Unknown),
    ("configurationfile", "configurationfile", Takes::Unknown),
    ("importsystemmodules", "imp", Takes::Unknown),
    ("servermode", "s", Takes::Unknown),
    ("sshservermode", "sshs", Takes::Unknown),
    ("socketservermode", "so", Takes::Unknown),
    ("namedpipeservermode", "nam", Takes::Unknown),
    ("encodedarguments", "encodeda", Takes::Unknown),
    ("ea", "ea", Takes::Unknown),
    ("file", "f", Takes::File),
    ("command", "c", Takes::Command),
    ("commandwithargs", "commandw", Takes::CommandWithArguments),
    ("cwa", "cwa", Takes::CommandWithArguments),
    ("encodedcommand", "e", Takes::Encoded),
    ("ec", "ec", Takes::Encoded),
];

/// Options of `pwsh`, which are tried before the others.
const OF_CORE: [(&str, &str, Takes); 2] = [
    ("login", "l", Takes::Nothing),
    ("interactive", "i", Takes::Nothing),
];

/// The name of an option without the sign before it, in lower case; `None` for another word.
fn option(word: &str) -> Option<String> {
    const DASHES: [char; 4] = ['-', '\u{2013}', '\u{2014}', '\u{2015}'];
    let word = word.trim();
    let name = word
        .strip_prefix('/')
        .or_else(|| word.strip_prefix(DASHES))?;
    let name = name.strip_prefix(DASHES).unwrap_or(name);
    Some(name.to_lowercase())
}

/// What follows the option `name`.
fn takes(name: &str, is_core: bool) -> Takes {
    let own = OF_CORE.iter().filter(|_| is_core);
    let mut all = own.chain(&OPTIONS);
    let fits = all.find(|(long, short, _)| long.starts_with(name) && name.starts_with(short));
    fits.map_or(Takes::Unknown, |(_, _, takes)| *takes)
}

/// What `words`, which follow the name of the program, tell PowerShell to do; `is_core` for `pwsh`,
/// which takes a first word that is no option for a script.
pub(in crate::evidence::windows) fn told(words: &[String], is_core: bool) -> Told<'_> {
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        let Some(name) = option(word) else {
            return match is_core {
                true => Told::File(word, behind),
                false => Told::Command(rest),
            };
        };
        rest = behind;
        match takes(&name, is_core) {
            Takes::Nothing => {}
            Takes::Value => rest = rest.get(1..).unwrap_or_default(),
            Takes::Help => return Told::Nothing,
            Takes::Encoded => return Told::Encoded,
            Takes::Unknown => return Told::Unknown,
            Takes::File => {
                return match rest.split_first() {
                    // `-`: its input.
                    Some((path, given)) if path != "-" => Told::File(path, given),
                    _ => Told::Unknown,
                };
            }
            Takes::Command => {
                return match rest.first() {
                    Some(first) if first != "-" => Told::Command(rest),
                    _ => Told::Unknown,
                };
            }
            Takes::CommandWithArguments => {
                return rest.get(..1).map_or(Told::Unknown, Told::Command);
            }
        }
    }
    Told::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::windows::execution::words::words;

    fn command(line: &str, is_core: bool) -> Option<String> {
        match told(&words(line), is_core) {
            Told::Command(words) => Some(words.join(" ")),
            _ => None,
        }
    }

    #[test]
    fn options_are_known_by_their_names_and_short_forms() {
        // The parameters of about_PowerShell_exe and about_Pwsh.
        for options in [
            "-OutputFormat Text",
            "-o XML",
            "-of Text",
            "-InputFormat Text",
            "-inp text",
            "-if text",
            "-WindowStyle Hidden",
            "-ExecutionPolicy Bypass",
            "-ep Bypass",
            "-Version 2",
            "-NoLogo -NoExit -Sta -Mta -NoProfile -NonInteractive",
            "-nop -noni -nol -w hidden",
            "/nop \u{2013}w 1",
            "--NoProfile",
            r"-WorkingDirectory C:\ ",
            r"-wd C:\ ",
            "-CustomPipeName x",
            "-Login -i",
        ] {
            for end in ["-c", "-Command", "/command", "-com"] {
                let line = format!(r#"{options} {end} "net user" C:\none.ps1"#);
                let expected = Some(r"net user C:\none.ps1".to_owned());
                assert_eq!(command(&line, true), expected, "{line}");
            }
        }
        for options in ["-i text", "-in text"] {
            let line = format!("{options} -c x");
            assert_eq!(command(&line, false).as_deref(), Some("x"), "{line}");
        }
        for end in ["-cwa", "-CommandWithArgs"] {
            let line = format!(r#"{end} "net user" C:\none.ps1"#);
            assert_eq!(command(&line, true).as_deref(), Some("net user"));
        }
    }

    #[test]
    fn a_script_is_told_from_a_command() {
        let line = words(r#"-ex Bypass -f "C:\a b.ps1" x -c y"#);
        let [.., path, x, c, y] = line.as_slice() else {
            panic!("{line:?}")
        };
        let given = [x.clone(), c.clone(), y.clone()];
        assert_eq!(told(&line, false), Told::File(path, &given));
        assert_eq!(command("Get-X y", false).as_deref(), Some("Get-X y"));
        assert!(matches!(
            told(&words("run.ps1"), true),
            Told::File("run.ps1", [])
        ));
        for line in ["-e AAA", "-ec AAA", "-EncodedCommand AAA", "/enc AAA"] {
            assert_eq!(told(&words(line), false), Told::Encoded, "{line}");
        }
        for line in ["", "-NoExit", "-Help", "-?"] {
            assert_eq!(told(&words(line), false), Told::Nothing, "{line}");
        }
        for line in [
            "-",
            "-Command -",
            "-File -",
            "-File",
            "-ConfigurationName x -c y",
            "-PSConsoleFile x -c y",
            "-SettingsFile x -c y",
            "-s",
            "-encodeda x",
            "-zzz",
        ] {
            assert_eq!(told(&words(line), false), Told::Unknown, "{line}");
        }
    }
}
