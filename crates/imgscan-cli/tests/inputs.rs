//! What the arguments name and what can't be read: it is refused at once, and told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its own set-up fails"
)]

mod common;

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::command;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

fn demo(name: &str) -> String {
    format!("{}/../../testdata/demo/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs `imgscan` with `args`, which must end within a minute.
fn ends(args: &[&str]) -> Output {
    let mut command = command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("{args:?} does not end");
        }
        sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn pipe(at: &Path) -> String {
    mknodat(CWD, at, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    at.to_str().unwrap().to_owned()
}

/// Every command with `bad` where it takes an image, a package or another file.
fn commands<'a>(bad: &'a str, image: &'a str, out: &'a str, db: &'a str) -> Vec<Vec<&'a str>> {
    let mut all: Vec<Vec<&str>> = vec![
        vec!["ls", bad],
        vec!["cat", bad, "/x"],
        vec!["hash", bad],
        vec!["digest", bad],
        vec!["extract", "-C", out, bad],
        vec!["reg", bad, r"HKLM\SYSTEM"],
        vec!["reg", "--logs", bad, image, r"\"],
        vec!["diff", bad, image],
        vec!["diff", image, bad],
        vec!["baseline", "add", "--db", db, bad],
        vec!["baseline", "add", "--db", db, "--trust", bad, image],
        vec!["baseline", "list", "--db", bad],
        vec!["baseline", "verify", "--db", bad, image],
        vec!["policy", "validate", bad],
        vec!["policy", "show", bad],
        vec!["explain", "--policy", bad, "LNX-NET-001"],
        vec!["scan", "--declaration", bad, image],
        vec!["autoruns", "--declaration", bad, image],
    ];
    for command in ["scan", "info", "kernel", "autoruns"] {
        all.push(vec![command, bad]);
    }
    for command in ["scan", "kernel", "autoruns"] {
        for option in ["--policy", "--trust", "--baseline"] {
            all.push(vec![command, option, bad, image]);
        }
    }
    all
}

#[test]
fn pipes_sockets_and_devices_are_refused_by_every_command() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let fifo = pipe(&dir.path().join("x.LOG1"));
    let package = pipe(&dir.path().join("x.deb"));
    let socket = path("socket");
    let _bound = UnixListener::bind(&socket).unwrap();
    let (hive, out, db) = (path("hive"), path("out"), path("db"));
    // `--logs` is looked at where the file begins as a hive does.
    std::fs::write(&hive, [b"regf".as_slice(), &[0; 8192]].concat()).unwrap();
    let image = demo("clean-linux.qcow2");
    let refused = |args: &[&str], why: &str| {
        let output = ends(args);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?} {message}");
        let bad = args.iter().any(|arg| message.contains(&format!("{arg}: {why}")));
        assert!(bad, "{args:?} {message}");
    };
    for args in commands(&fifo, &image, &out, &db) {
        let image = if args.contains(&"--logs") { &hive } else { &image };
        let args: Vec<&str> = args
            .iter()
            .map(|arg| if arg.ends_with(".qcow2") { image.as_str() } else { *arg })
            .collect();
        refused(&args, "it is a pipe");
        refused(&[&["--sandbox=off"], &args[..]].concat(), "it is a pipe");
    }
    for sandbox in ["--sandbox=auto", "--sandbox=off"] {
        let package = ["baseline", "add", "--db", &db, &package, sandbox];
        refused(&package, "it is a pipe");
        refused(&["scan", &socket, sandbox], "it is a socket");
        for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
            refused(&["digest", device, sandbox], "it is a character device");
        }
    }
    assert!(!Path::new(&out).exists() && !Path::new(&db).exists());
}
