//! Command lines taken apart: the program, what follows it, and the words of that.
//!
//! Microsoft, "CreateProcessW function" (the program) and "Parsing C command-line arguments" (the
//! words).

/// Bytes within which an unquoted program ends: Windows takes 260 characters for the name of a
/// program (Microsoft, "CreateProcessW function").
const MAX_PROGRAM: usize = 1024;

/// A program that a command line may start, and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) program: String,
    pub(super) rest: String,
}

/// The programs that `text` may start, in the order in which Windows tries them: what stands in
/// quotation marks, or else each part up to a blank.
pub(super) fn readings(text: &str) -> Vec<Reading> {
    let text = text.trim();
    let reading = |program: &str, rest: &str| Reading {
        program: program.trim().to_owned(),
        rest: rest.trim().to_owned(),
    };
    if let Some(quoted) = text.strip_prefix('"') {
        let (program, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
        return match program.trim() {
            "" => Vec::new(),
            _ => vec![reading(program, rest)],
        };
    }
    let blanks = text.match_indices([' ', '\t']).map(|(at, _)| at);
    let mut out: Vec<Reading> = Vec::new();
    let blanks = blanks.take_while(|at| *at <= MAX_PROGRAM);
    for end in blanks.chain([text.len()]) {
        let (program, rest) = text.split_at(end);
        if out
            .last()
            .is_some_and(|last| last.program == program.trim())
        {
            continue;
        }
        if !program.trim().is_empty() {
            out.push(reading(program, rest));
        }
    }
    out
}

/// The words of `text`: blanks part them, quotation marks keep them together, a backslash before
/// a mark makes it one of the text.
pub(in crate::evidence::windows) fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let (mut inside, mut quoted, mut slashes) = (false, false, 0_usize);
    for c in text.chars() {
        if c == '\\' {
            slashes = slashes.saturating_add(1);
            inside = true;
            continue;
        }
        if c == '"' {
            word.extend(std::iter::repeat_n('\\', slashes / 2));
            if slashes % 2 == 1 {
                word.push('"');
            } else {
                quoted = !quoted;
            }
            slashes = 0;
            inside = true;
            continue;
        }
        word.extend(std::iter::repeat_n('\\', slashes));
        slashes = 0;
        if !quoted && c.is_ascii_whitespace() {
            if inside {
                out.push(std::mem::take(&mut word));
            }
            inside = false;
        } else {
            word.push(c);
            inside = true;
        }
    }
    word.extend(std::iter::repeat_n('\\', slashes));
    if inside {
        out.push(word);
    }
    out
}

/// The last name of a path, in lower case.
pub(super) fn file_name(path: &str) -> String {
    path.rsplit(['\\', '/'])
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

/// The name of a program without its folder and the ending `.exe` or `.com`, in lower case.
pub(super) fn program_name(path: &str) -> String {
    let name = file_name(path);
    let name = name.trim_end_matches(['.', ' ']);
    let stem = name
        .strip_suffix(".exe")
        .or_else(|| name.strip_suffix(".com"));
    stem.unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unquoted_program_is_looked_for_up_to_each_blank() {
        // The example of the manual of CreateProcess.
        let found = readings(r"c:\program files\sub dir\program name");
        let programs: Vec<&str> = found.iter().map(|r| &*r.program).collect();
        assert_eq!(
            programs,
            [
                r"c:\program",
                r"c:\program files\sub",
                r"c:\program files\sub dir\program",
                r"c:\program files\sub dir\program name",
            ]
        );
        assert_eq!(found[1].rest, r"dir\program name");
        let quoted = readings(r#" "C:\a b\x.exe" /c "y z""#);
        assert_eq!(quoted.len(), 1);
        assert_eq!(quoted[0].program, r"C:\a b\x.exe");
        assert_eq!(quoted[0].rest, r#"/c "y z""#);
        assert!(readings("").is_empty() && readings("\"\" x").is_empty());
    }

    #[test]
    fn a_program_of_many_blanks_is_found() {
        let program = format!(r"C:\{}x.exe", "a ".repeat(120));
        let found = readings(&format!("{program} /q"));
        assert!(found.iter().any(|r| r.program == program && r.rest == "/q"));
        assert_eq!(words(&"a ".repeat(5000)).len(), 5000);
    }

    #[test]
    fn words_are_parted_as_the_c_library_does() {
        // The table of the manual.
        for (text, expected) in [
            (r#""abc" d e"#, ["abc", "d", "e"].as_slice()),
            (r#"a\\b d"e f"g h"#, &[r"a\\b", "de fg", "h"]),
            (r#"a\\\"b c d"#, &[r#"a\"b"#, "c", "d"]),
            (r#"a\\\\"b c" d e"#, &[r"a\\b c", "d", "e"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words(r"C:\a\ x\"), [r"C:\a\", r"x\"]);
        assert!(words("  ").is_empty());
    }

    #[test]
    fn names_of_programs_have_no_folder_and_no_ending() {
        assert_eq!(program_name(r"C:\Windows\System32\CMD.EXE"), "cmd");
        assert_eq!(program_name("rundll32"), "rundll32");
        assert_eq!(program_name(r"C:\x\srv.bat"), "srv.bat");
    }
}
