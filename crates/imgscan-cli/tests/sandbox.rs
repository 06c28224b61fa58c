//! The sandbox, as other programs see it: the kernel's own account of the child, strace, and
//! signals from outside.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its own set-up fails"
)]

mod common;

use std::fs;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{command, imgscan};

fn demo(name: &str) -> String {
    format!("{}/../../testdata/demo/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The child of the process `parent`, once it is there and `ready` says so of its status.
fn child_of(parent: u32, ready: impl Fn(&str) -> bool) -> Option<u32> {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
                continue;
            };
            let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            if field(&status, "PPid") == parent.to_string() && ready(&status) {
                return Some(pid);
            }
        }
        sleep(Duration::from_millis(2));
    }
    None
}

fn field<'a>(status: &'a str, name: &str) -> &'a str {
    let lines = status.lines();
    let mut found = lines.filter_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
    found.next().unwrap_or_default().trim()
}

fn sandboxed(status: &str) -> bool {
    field(status, "Seccomp") == "2"
}

fn kill(pid: u32, signal: &str) {
    let done = Command::new("kill")
        .args([&format!("-{signal}"), &pid.to_string()])
        .stderr(Stdio::null())
        .status();
    done.unwrap();
}

fn piped(args: &[&str]) -> Child {
    let mut command = command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// `cat` of a file that is larger than any pipe, which waits for its reader.
fn waiting(dir: &Path) -> Child {
    let image = dir.join("disk.raw");
    fs::write(&image, "").unwrap();
    let done = Command::new("mke2fs")
        .args(["-q", "-F", "-t", "ext2", "-d"])
        .arg({
            let files = dir.join("files");
            fs::create_dir(&files).unwrap();
            fs::write(files.join("large"), vec![b'x'; 4 << 20]).unwrap();
            files
        })
        .arg(&image)
        .arg("16M")
        .status();
    assert!(done.unwrap().success());
    piped(&["cat", image.to_str().unwrap(), "/large"])
}

#[test]
fn the_kernel_tells_what_the_child_may_do() {
    let dir = tempfile::tempdir().unwrap();
    let mut parent = waiting(dir.path());
    let child = child_of(parent.id(), sandboxed).unwrap();
    let of = |name: &str| fs::read_to_string(format!("/proc/{child}/{name}")).unwrap();
    let status = of("status");
    assert_eq!(field(&status, "NoNewPrivs"), "1");
    assert_eq!(field(&status, "Seccomp"), "2");
    let limits = of("limits");
    let limit = |name: &str| {
        let line = limits.lines().find(|l| l.starts_with(name)).unwrap();
        let numbers = line[name.len()..].split_whitespace();
        numbers.take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(limit("Max core file size"), ["0", "0"]);
    for name in ["Max data size", "Max address space"] {
        let bytes: u64 = limit(name)[1].parse().unwrap();
        assert!((2 << 30..64 << 40).contains(&bytes), "{name} {bytes}");
    }
    // Only what it needs is open: the socket, standard output, the pipe for its last words, and
    // the image.
    let mut open = Vec::new();
    for entry in fs::read_dir(format!("/proc/{child}/fd")).unwrap().flatten() {
        let number = entry.file_name().into_string().unwrap();
        let target = fs::read_link(entry.path()).unwrap();
        open.push((number.parse::<u32>().unwrap(), target.display().to_string()));
    }
    open.sort();
    let kinds = |n: u32| open.iter().find(|(m, _)| *m == n).unwrap().1.as_str();
    assert!(kinds(0).starts_with("socket:"), "{open:?}");
    assert!(kinds(1).starts_with("pipe:"), "{open:?}");
    assert!(kinds(2).starts_with("pipe:"), "{open:?}");
    let others = open.iter().filter(|(n, _)| *n > 2);
    for (_, target) in others {
        assert!(
            target.starts_with("socket:") || target.ends_with("/disk.raw"),
            "{open:?}"
        );
    }
    let environment = of("environ");
    assert!(
        environment
            .split('\0')
            .all(|v| v.is_empty() || v.starts_with("L") || v.starts_with("GLIBC_TUNABLES=")),
        "{environment}"
    );
    // The parent's death is its own.
    kill(parent.id(), "KILL");
    parent.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    let alive = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        !status.is_empty() && !field(&status, "State").starts_with('Z')
    };
    while alive(child) && Instant::now() < until {
        sleep(Duration::from_millis(5));
    }
    assert!(!alive(child));
}

/// What the command gives whose child gets `signal` in the sandbox. A child that was done before
/// the signal came is tried again.
fn signalled(args: &[&str], signal: &str) -> Output {
    for _ in 0..200 {
        let parent = piped(args);
        let child = child_of(parent.id(), sandboxed);
        if let Some(child) = child {
            kill(child, signal);
        }
        let out = parent.wait_with_output().unwrap();
        if out.status.code() != Some(0) {
            return out;
        }
    }
    panic!("no child lived until {signal}");
}

fn is_interrupted(out: &Output, why: &str) {
    let (stdout, stderr) = (text(&out.stdout), text(&out.stderr));
    assert_eq!(out.status.code(), Some(3), "{stdout}{stderr}");
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["verdict"], "review");
    assert_eq!(document["schema"], "imgscan-report/2");
    let said = document["interrupted"]["why"]["en"].as_str().unwrap();
    assert!(said.contains(why), "{said}");
    assert_eq!(document["gaps"].as_array().unwrap().len(), 1);
    assert!(stderr.contains(why), "{stderr}");
}

#[test]
fn a_child_that_is_killed_at_any_moment_is_a_report() {
    let (image, trust) = (demo("windows.qcow2"), demo("windows-ca.der"));
    let args = ["scan", "-f", "json", "--trust", &trust, &image];
    let began = Instant::now();
    let whole = imgscan(&args);
    let took = began.elapsed();
    assert_eq!(whole.status.code(), Some(0));
    let mut died = 0;
    for moment in 0..12_u32 {
        let parent = piped(&args);
        let child = child_of(parent.id(), |_| true);
        sleep(took * moment / 12);
        if let Some(child) = child {
            kill(child, "KILL");
        }
        let out = parent.wait_with_output().unwrap();
        if out.stdout == whole.stdout {
            continue;
        }
        died += 1;
        is_interrupted(&out, "signal 9");
    }
    assert!(died > 3, "{died}");
}

/// The document of a command that has no other.
fn is_error(document: &[u8], why: &str) {
    let document: serde_json::Value = serde_json::from_slice(document).unwrap();
    assert_eq!(document["schema"], "imgscan-error/1");
    assert_eq!(document["command"], "info");
    let reason = document["errors"][0]["reason"]["en"].as_str().unwrap();
    assert!(reason.contains(why), "{reason}");
}

#[test]
fn a_child_that_hangs_is_ended_and_its_last_step_told() {
    let image = demo("windows.qcow2");
    let out = signalled(&["scan", "--max-time", "3", "-f", "json", &image], "STOP");
    is_interrupted(&out, "longer than 3 seconds");

    // Other commands have no report: they end with 2, and their document says why.
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("info.json");
    let to = to.to_str().unwrap();
    let out = signalled(
        &["info", "--max-time", "3", "-f", "json", "-o", to, &image],
        "STOP",
    );
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(out.stdout, b"");
    assert!(text(&out.stderr).contains("ended early"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    is_error(&fs::read(to).unwrap(), "longer than 3 seconds");
    let out = command(&["info", "--lang", "zh", "--max-time", "0", &image]).output();
    assert_eq!(out.unwrap().status.code(), Some(2));
}

#[test]
fn a_child_that_needs_too_much_memory_is_a_report() {
    let parent = piped(&["scan", "-f", "json", &demo("windows.qcow2")]);
    let child = child_of(parent.id(), |_| true).unwrap();
    kill(child, "STOP");
    let done = Command::new("prlimit")
        .args(["--data=3000000", "--pid", &child.to_string()])
        .status();
    assert!(done.unwrap().success());
    kill(child, "CONT");
    let out = parent.wait_with_output().unwrap();
    is_interrupted(&out, "memory");
}

#[test]
fn what_is_interrupted_is_told_in_both_languages_and_every_form() {
    let image = demo("windows.qcow2");
    for (lang, word) in [("en", "Interrupted: "), ("zh", "扫描中断：")] {
        let out = signalled(&["scan", "--lang", lang, &image], "ABRT");
        let shown = text(&out.stdout);
        assert_eq!(out.status.code(), Some(3), "{shown}");
        assert!(shown.contains(word), "{shown}");
    }
}

/// `None` where there is no strace.
fn traced(options: &[&str], args: &[&str]) -> Option<(Output, String)> {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let out = Command::new("strace")
        .args(["-f", "-o", log.to_str().unwrap()])
        .args(options)
        .arg(env!("CARGO_BIN_EXE_imgscan"))
        .args(args)
        .env("LC_ALL", "C")
        .env_remove("IMGSCAN_SANDBOX")
        .stdin(Stdio::null())
        .output();
    match out {
        Ok(out) => Some((out, fs::read_to_string(log).unwrap())),
        Err(_) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: there is no strace");
            None
        }
        Err(e) => panic!("strace: {e}"),
    }
}

#[test]
fn strace_sees_nothing_opened_started_or_connected_behind_the_last_filter() {
    let clean = demo("clean-linux.qcow2");
    let windows = demo("windows.qcow2");
    for args in [
        &["scan", &clean][..],
        &["scan", &windows],
        &["info", &windows],
        &["kernel", &clean],
        &["autoruns", &windows],
        &["diff", &clean, &windows],
        &["ls", "-R", &clean],
        &["hash", &clean],
        &["digest", &clean],
        &["cat", &clean, "/etc/os-release"],
        &["reg", &windows, "HKLM\\SYSTEM"],
    ] {
        let calls = "trace=%file,%network,%process,seccomp";
        let Some((_, log)) = traced(&["-e", calls], args) else {
            return;
        };
        let lines: Vec<&str> = log.lines().collect();
        let filter = lines
            .iter()
            .rposition(|l| l.contains("SECCOMP_SET_MODE_FILTER"));
        let filter = filter.unwrap_or_else(|| panic!("{args:?}: {log}"));
        // Nobody but the program that strace started writes the first line.
        let parent = lines[0].split(' ').next().unwrap();
        let allowed = [
            "sendmsg",
            "recvmsg",
            "clone",
            "exit",
            "wait",
            "fstat",
            "newfstatat",
            "statx",
            "resumed",
            "+++",
            "---",
        ];
        for line in &lines[filter + 1..] {
            if line.split(' ').next() == Some(parent) {
                continue;
            }
            assert!(allowed.iter().any(|a| line.contains(a)), "{args:?}: {line}");
        }
    }
}

#[test]
fn a_kernel_without_landlock_is_told_once_and_refused_on_demand() {
    let image = demo("clean-linux.qcow2");
    let none = ["-e", "inject=landlock_create_ruleset:error=ENOSYS"];
    let Some((out, _)) = traced(&none, &["info", "-f", "json", &image]) else {
        return;
    };
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(text(&out.stderr).matches("Landlock").count(), 1);
    assert_eq!(out.stdout, imgscan(&["info", "-f", "json", &image]).stdout);
    let Some((out, _)) = traced(&none, &["info", "--sandbox=require", &image]) else {
        return;
    };
    assert_eq!(
        (out.status.code(), out.stdout.as_slice()),
        (Some(2), &b""[..])
    );
    assert!(text(&out.stderr).contains("--sandbox=require"));
}

#[test]
fn without_a_sandbox_there_is_one_process_and_the_same_output() {
    let image = demo("clean-linux.qcow2");
    let plain = imgscan(&["scan", "-f", "json", &image]);
    let off = imgscan(&["scan", "-f", "json", "--sandbox", "off", &image]);
    assert_eq!((off.status, &off.stdout), (plain.status, &plain.stdout));
    let by_environment = command(&["scan", "-f", "json", &image])
        .env("IMGSCAN_SANDBOX", "off")
        .output()
        .unwrap();
    assert_eq!(by_environment.stdout, plain.stdout);
    let wrong = command(&["info", &image])
        .env("IMGSCAN_SANDBOX", "maybe")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    if let Some((_, log)) = traced(&["-e", "trace=execve"], &["info", "--sandbox=off", &image]) {
        assert_eq!(log.matches("execve(").count(), 1, "{log}");
    }
}

#[test]
fn a_child_is_nothing_that_a_user_starts() {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgscan"));
    command.arg0("imgscan-sandboxed").args(["info", "x"]);
    let out = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(out.stdout, b"");
}

#[test]
fn a_reader_that_goes_away_ends_it_without_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut parent = waiting(dir.path());
    let child = child_of(parent.id(), sandboxed).unwrap();
    let mut first = [0; 16];
    parent
        .stdout
        .take()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    assert_eq!(first, [b'x'; 16]);
    let out = parent.wait_with_output().unwrap();
    assert_eq!((out.status.code(), out.status.signal()), (Some(0), None));
    assert_eq!(text(&out.stderr), "");
    assert!(!Path::new(&format!("/proc/{child}")).exists());
}

#[test]
fn a_spent_budget_is_a_gap_and_never_an_accept() {
    let image = demo("windows.qcow2");
    let trust = demo("windows-ca.der");
    for (flag, variable, most) in [
        ("--max-memory", "IMGSCAN_MAX_MEMORY", "300000"),
        ("--max-read", "IMGSCAN_MAX_READ", "3000000"),
        ("--max-steps", "IMGSCAN_MAX_STEPS", "200"),
    ] {
        let scan = ["scan", "-f", "json", "--trust", &trust, &image];
        let by_flag = command(&scan).args([flag, most]).output().unwrap();
        let by_variable = command(&scan).env(variable, most).output().unwrap();
        let alone = command(&scan)
            .args(["--sandbox", "off", flag, most])
            .output()
            .unwrap();
        for out in [by_flag, by_variable, alone] {
            assert_ne!(out.status.code(), Some(0), "{flag}");
            let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
            assert_ne!(report["verdict"], "accept", "{flag}");
            assert!(report["interrupted"].is_null(), "{flag}");
            let gaps = report["gaps"].to_string();
            let code = flag.replace("--max-", "error-budget-");
            assert!(gaps.contains(&code), "{flag}: {gaps}");
        }
    }
}

#[test]
fn every_command_tells_where_memory_ended() {
    let linux = demo("clean-linux.qcow2");
    let windows = demo("windows.qcow2");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    for command in [
        vec!["info", "-f", "json", &linux],
        vec!["kernel", "-f", "json", &linux],
        vec!["autoruns", "-f", "json", &windows],
        vec!["diff", "-f", "json", &linux, &windows],
        vec!["ls", "-R", &linux],
        vec!["hash", &linux],
        vec!["cat", &linux, "/etc/passwd"],
        vec!["extract", "-C", folder, &linux],
        vec!["reg", &windows, "HKLM\\SYSTEM"],
    ] {
        let out = imgscan(&[&command[..], &["--max-memory", "1000"]].concat());
        assert_eq!(out.status.code(), Some(2), "{command:?}");
        let said = [&out.stdout[..], &out.stderr[..]].concat();
        let said = String::from_utf8_lossy(&said);
        let told = said.contains("of memory would have to be held")
            || said.contains("error-budget-memory");
        assert!(told, "{command:?}: {said}");
    }
}
