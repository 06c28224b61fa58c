//! Which scripts the commands of the first start run, as cmd.exe and Windows look for them.

use crate::evidence::Evidence;
use crate::evidence::windows::FirstCommand;
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::guests;

const CONFIG: &str = "/Windows/System32/config";
const SCRIPTS: &str = "/Windows/Setup/Scripts";

/// What runs at the first start where SetupComplete.cmd has `lines`, with other files.
fn first(lines: &str, files: &[(&str, &str)]) -> (Vec<FirstCommand>, usize) {
    let system = include_bytes!("../../../../../../testdata/hives/system-facts.hive");
    let fs = MemoryFs::new(true)
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, system.as_slice())
        .file(&format!("{SCRIPTS}/SetupComplete.cmd"), 0o644, lines);
    let fs = files
        .iter()
        .fold(fs, |fs, (path, text)| fs.file(path, 0o644, *text));
    let guests = guests(fs);
    let evidence = Evidence::new(&guests[0]);
    let found = evidence.windows.first_boot();
    let items = found.items.iter().map(|f| f.fact.clone()).collect();
    (items, found.gaps.len())
}

fn runs(lines: &str, files: &[(&str, &str)], text: &str) -> bool {
    let (items, _) = first(lines, files);
    items.iter().any(|c| c.text == text)
}

#[test]
fn a_bare_name_is_that_of_a_script_of_the_current_folder() {
    let beside = format!("{SCRIPTS}/foo.bat");
    for line in [
        "foo",
        "call foo",
        "start foo",
        "cmd /c foo",
        "if exist foo.bat foo",
        "@foo",
    ] {
        assert!(
            runs(line, &[(&beside, "net user x y /add")], "net user x y /add"),
            "{line}"
        );
    }
    let there = ("/kit/systeminfo.cmd", "net user x y /add");
    for line in ["cd C:\\kit\nsysteminfo", "pushd C:\\kit & systeminfo"] {
        assert!(runs(line, &[there], "net user x y /add"), "{line}");
    }
    // Of two folders either may be the current one.
    let two = [(beside.as_str(), "echo a"), ("/kit/foo.bat", "echo b")];
    let (items, _) = first("cd C:\\kit\nfoo\nsc start x", &two);
    for text in ["echo a", "echo b"] {
        assert!(items.iter().any(|c| c.text == text && !c.certain), "{text}");
    }
    // A batch file that is not called does not come back.
    let behind = items.iter().find(|c| c.text == "sc start x").unwrap();
    assert!(!behind.certain);
}

#[test]
fn paths_are_folded_as_windows_does() {
    let there = [("/kit/foo.cmd", "echo a"), ("/kit/x.ps1", "Get-Date")];
    for line in [
        r"C:\none\..\kit\foo.cmd",
        r"call C:\none\..\kit\foo.cmd",
        "call C:/kit/foo.cmd",
        r"call C:\kit\.\foo.cmd.",
        "cd C:\\\ncall C:kit\\foo.cmd",
    ] {
        assert!(runs(line, &there, "echo a"), "{line}");
    }
    assert!(runs(
        r"powershell -File C:\none\..\kit\x.ps1",
        &there,
        "Get-Date"
    ));
}

#[test]
fn a_script_is_missing_where_its_path_was_looked_for() {
    let missing = |line: &str| {
        let (items, _) = first(line, &[]);
        items.iter().find_map(|c| c.missing.clone())
    };
    for line in [
        r"C:\a\..\kit\foo.cmd",
        r"call C:\kit\foo.cmd x",
        r"powershell -nop -File C:\kit\foo.cmd",
    ] {
        assert_eq!(missing(line).as_deref(), Some(r"C:\kit\foo.cmd"), "{line}");
    }
    for line in [
        "call foo.cmd",
        r"call D:\kit\foo.cmd",
        r"call \\server\kit\foo.cmd",
        r"call C:kit\foo.cmd",
        r"call %kit%\foo.cmd",
        r"powershell -ConfigurationName x -c y C:\kit\foo.ps1",
    ] {
        assert_eq!(missing(line), None, "{line}");
    }
}

#[test]
fn a_script_is_read_for_each_of_its_arguments() {
    let script = [("/kit/foo.bat", "%1 user x")];
    let twice = "call C:\\kit\\foo.bat echo\ncall C:\\kit\\foo.bat net\ncall C:\\kit\\foo.bat net";
    let (items, gaps) = first(twice, &script);
    let texts: Vec<&str> = items.iter().map(|c| c.text.as_str()).collect();
    assert_eq!(texts.iter().filter(|t| **t == "net user x").count(), 1);
    assert!(texts.contains(&"echo user x"), "{texts:?}");
    // More than a script is read for are a doubt.
    let lines = |count: u32| (0..count).map(|i| format!("call C:\\kit\\foo.bat {i}\n"));
    let (_, more) = first(&lines(64).collect::<String>(), &script);
    assert!(more > gaps, "{more}");
}

#[test]
fn what_commands_wait_is_summed() {
    let (items, _) = first("ping -n 10 a\ntimeout /t 20\necho x", &[]);
    let waited: Vec<u64> = items.iter().map(|c| c.waited).collect();
    assert_eq!(waited, [10, 30, 30]);
}
