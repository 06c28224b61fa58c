//! Entries followed on a system in memory. What runs follows from Microsoft's manuals of
//! CreateProcess, cmd and rundll32, named in `hosts.rs` and `words.rs`.

use super::resolve::{MAX_PARTS, Resolver};
use super::{Executed, Role, Target};
use crate::evidence::{Evidence, Location};
use crate::fs::memory::MemoryFs;
use crate::guest::windows::testing::guests;

const CONFIG: &str = "/Windows/System32/config";

/// A hive of testdata/recipes/hives.py.
macro_rules! hive {
    ($name:literal) => {
        &include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../testdata/hives/",
            $name,
            ".hive"
        ))[..]
    };
}

/// A PE header for x64.
fn pe() -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[60] = 64;
    bytes[64..70].copy_from_slice(&[b'P', b'E', 0, 0, 0x64, 0x86]);
    bytes
}

/// A Windows with this SYSTEM hive.
fn windows(system: &[u8]) -> MemoryFs {
    MemoryFs::new(true)
        .file(&format!("{CONFIG}/SYSTEM"), 0o644, system)
        .file(&format!("{CONFIG}/SOFTWARE"), 0o644, hive!("software"))
}

/// What the text leads to, on a system with these files more.
fn follow(files: &[&str], run: impl FnOnce(&mut Resolver<'_, '_>)) -> Vec<Executed> {
    let mut fs = windows(hive!("system-good"));
    for file in files {
        let content = match file.ends_with(".exe") || file.ends_with(".dll") {
            true => pe(),
            false => b"x.exe\r\n".to_vec(),
        };
        fs = fs.file(file, 0o644, content);
    }
    let guests = guests(fs);
    let evidence = Evidence::new(&guests[0]);
    let at = Location::default();
    let mut resolver = Resolver::new(&evidence.windows, &at, Vec::new(), MAX_PARTS);
    run(&mut resolver);
    resolver.parts
}

/// The paths of the files that are there, in order.
fn files(parts: &[Executed]) -> Vec<String> {
    let file = |p: &Executed| match &p.target {
        Target::File(file) => file.file.at.path.clone(),
        _ => None,
    };
    parts.iter().filter_map(file).collect()
}

fn is_unknown(parts: &[Executed]) -> bool {
    parts.iter().any(|p| matches!(p.target, Target::Unknown(_)))
}

#[test]
fn the_first_program_that_is_there_runs() {
    let both = ["/Program.exe", "/Program Files/a b/x.exe"];
    let line = r"C:\Program Files\a b\x.exe -k y";
    assert_eq!(
        files(&follow(&both, |r| r.command(line))),
        ["C:/Program.exe"]
    );
    assert_eq!(
        files(&follow(&both[1..], |r| r.command(line))),
        ["C:/Program Files/a b/x.exe"]
    );
    let quoted = format!("\"{}\" -k", r"C:\Program Files\a b\x.exe");
    assert_eq!(
        files(&follow(&both, |r| r.command(&quoted))),
        ["C:/Program Files/a b/x.exe"]
    );
}

#[test]
fn names_of_the_kernel_and_of_other_computers() {
    let file = ["/Windows/Temp/x.exe"];
    for line in [
        r"\\?\GLOBALROOT\SystemRoot\Temp\x.exe",
        r"\??\C:\Windows\Temp\x.exe",
        r"%windir%\.\Temp\..\Temp\x.exe",
        r"C:/Windows/Temp/x.exe",
        r"\Windows\Temp\x",
        r"C:\Windows\Temp\x.exe. ",
    ] {
        let found = follow(&file, |r| r.command(line));
        assert_eq!(files(&found), ["C:/Windows/Temp/x.exe"], "{line}");
    }
    for line in [
        r"\\server\share\x.exe",
        r"\\?\UNC\server\share\x.exe",
        r"\Device\HarddiskVolume2\x.exe",
        r"\\?\Volume{01234567-0000-0000-0000-000000000000}\x.exe",
        r"%nothing%\x.exe",
        "C:x.exe",
    ] {
        assert!(is_unknown(&follow(&file, |r| r.command(line))), "{line}");
    }
}

#[test]
fn payloads_are_parts_of_their_own() {
    let system = "/Windows/System32";
    let host = |name: &str| format!("{system}/{name}.exe");
    for (name, line, payload) in [
        ("cmd", r"cmd /c start C:\p\x.exe", "C:/p/x.exe"),
        ("cmd", r#"cmd.exe /s /c "cd \ & C:\p\x.exe""#, "C:/p/x.exe"),
        ("rundll32", r"rundll32 C:\p\x.dll,Run", "C:/p/x.dll"),
        ("forfiles", r"forfiles /m a /c C:\p\x.exe", "C:/p/x.exe"),
        (
            "conhost",
            r"conhost --headless cmd /c C:\p\x.exe",
            "C:/p/x.exe",
        ),
        ("wscript", r"wscript //B C:\p\a.vbs", "C:/p/a.vbs"),
        ("other", r"other --run=C:\p\x.exe", "C:/p/x.exe"),
    ] {
        let host = host(name);
        let all = [host.as_str(), "/p/x.exe", "/p/x.dll", "/p/a.vbs"];
        let found = follow(&all, |r| r.command(line));
        let paths = files(&found);
        assert_eq!(paths.first(), Some(&format!("C:{host}")), "{line}");
        let carried = |p: &&Executed| files(std::slice::from_ref(*p)) == [payload];
        let carried = found.iter().find(carried).expect(line);
        assert!(carried.carried_by.is_some(), "{line}");
    }
    // A host that is not there carries nothing, but what it would is told.
    let found = follow(&["/p/x.exe"], |r| r.command(r"cmd /c C:\p\x.exe"));
    assert!(matches!(found[0].target, Target::Missing(_)));
    assert_eq!(files(&found), ["C:/p/x.exe"]);
}

#[test]
fn a_batch_file_is_followed_to_what_it_starts() {
    let found = follow(&["/p/a.bat", "/Windows/System32/x.exe"], |r| {
        r.opened(r"C:\p\a.bat");
    });
    assert_eq!(files(&found), ["C:/p/a.bat", "C:/Windows/System32/x.exe"]);
}

/// A Windows with the batch file C:\p\a.cmd of `text` and the two shells.
fn with_batch_file(text: &str) -> MemoryFs {
    windows(hive!("system-good"))
        .file("/p/a.cmd", 0o644, text)
        .file("/Windows/System32/powershell.exe", 0o644, pe())
        .file("/Windows/System32/cmd.exe", 0o644, pe())
}

#[test]
fn what_the_caller_puts_into_a_batch_file_is_not_its_text() {
    let text = "@echo off\r\n\
        powershell -Command own\r\n\
        %SystemRoot%\\System32\\powershell.exe -Command placed\r\n\
        powershell -Command given %*\r\n\
        powershell -Command first %1\r\n\
        powershell -Command temporary %TEMP%\r\n\
        set VALUE=%2\r\n\
        powershell -Command copied %VALUE%\r\n\
        cmd /c \"powershell -Command inner %3\"\r\n";
    let guests = guests(with_batch_file(text));
    let evidence = Evidence::new(&guests[0]);
    let at = Location::default();
    let found = |folder: &str| {
        let mut resolver = Resolver::new(&evidence.windows, &at, Vec::new(), MAX_PARTS);
        resolver.starts_in(folder);
        resolver.command(r"cmd /c C:\p\a.cmd x y");
        let code = resolver.parts.into_iter().filter(|p| p.role == Role::Code);
        let code = code.filter(|p| matches!(p.target, Target::Inline));
        code.map(|p| {
            let name = p.named.split(' ').next().unwrap_or_default().to_owned();
            (name, p.from_outside)
        })
        .collect::<Vec<_>>()
    };
    let expected = [
        ("own", false),
        ("placed", false),
        ("given", true),
        ("first", true),
        ("temporary", true),
        ("set", true),
        ("copied", true),
        ("inner", true),
    ];
    let expected: Vec<(String, bool)> = expected.map(|(n, o)| (n.to_owned(), o)).into();
    assert_eq!(found(""), expected);
    // Code may act on the folder that it runs in.
    assert!(found(r"C:\p").iter().all(|(_, from_outside)| *from_outside));
}

#[test]
fn plain_words_decide_where_a_batch_file_goes() {
    let text = "@echo off\r\n\
        if /i \"%1\"==\"publish\" goto publish\r\n\
        goto :eof\r\n\
        :publish\r\n\
        powershell -Command own\r\n";
    let guests = guests(with_batch_file(text));
    let evidence = Evidence::new(&guests[0]);
    let at = Location::default();
    let follow = |line: &str| {
        let mut resolver = Resolver::new(&evidence.windows, &at, Vec::new(), MAX_PARTS);
        resolver.command(line);
        resolver.parts
    };
    let found = follow(r"cmd /c C:\p\a.cmd publish");
    let code = found.iter().filter(|p| p.role == Role::Code);
    let code: Vec<_> = code.map(|p| (p.named.as_str(), p.from_outside)).collect();
    assert_eq!(code, [("own", false)]);
    assert!(!is_unknown(&found));
    for line in [
        r"cmd /c C:\p\a.cmd",
        r"cmd /c C:\p\a.cmd a=b",
        r#"cmd /c C:\p\a.cmd "a & b""#,
    ] {
        assert!(is_unknown(&follow(line)), "{line}");
    }
}

#[test]
fn a_chain_of_hosts_ends() {
    let line = format!("{}x.exe", "cmd /c ".repeat(40));
    let found = follow(&["/Windows/System32/cmd.exe"], |r| r.command(&line));
    assert!(is_unknown(&found));
    assert!(found.len() < 40);
}

#[test]
fn a_drive_that_the_registry_redefines_is_not_followed() {
    // `hives.py`: system-session has the device K: beside those of Windows.
    let fs = windows(hive!("system-session")).file("/p/x.exe", 0o644, pe());
    let guests = guests(fs);
    let evidence = Evidence::new(&guests[0]);
    let at = Location::default();
    let mut resolver = Resolver::new(&evidence.windows, &at, Vec::new(), MAX_PARTS);
    resolver.command(r"K:\p\x.exe");
    assert!(is_unknown(&resolver.parts));
}
