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

use common::{command, imgscan};
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
        let bad = args
            .iter()
            .any(|arg| message.contains(&format!("{arg}: {why}")));
        assert!(bad, "{args:?} {message}");
    };
    for args in commands(&fifo, &image, &out, &db) {
        let image = if args.contains(&"--logs") {
            &hive
        } else {
            &image
        };
        let args: Vec<&str> = args
            .iter()
            .map(|arg| {
                if arg.ends_with(".qcow2") {
                    image.as_str()
                } else {
                    *arg
                }
            })
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

/// The document of a command that failed; nothing else is on standard output.
fn document(command: &str, output: &Output) -> serde_json::Value {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{command} {message}");
    let written = text(&output.stdout);
    let document: serde_json::Value = serde_json::from_str(&written)
        .unwrap_or_else(|e| panic!("{command}: {e}: {written:?} {message}"));
    assert_eq!(document["schema"], "imgscan-error/1", "{command}");
    assert_eq!(document["command"], command);
    let reasons = document["errors"].as_array().unwrap();
    assert!(!reasons.is_empty());
    for one in reasons {
        let reason = one["reason"]["en"].as_str().unwrap();
        assert!(one["reason"]["zh"].is_string() && one["kind"].is_string());
        assert!(message.contains(reason), "{command}: {reason} {message}");
    }
    document
}

#[test]
fn what_cannot_be_read_is_a_document_where_json_is_wanted() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (missing, empty, broken) = (path("missing"), path("empty"), path("broken"));
    std::fs::write(&empty, "").unwrap();
    // A qcow2 header with an unknown version.
    std::fs::write(
        &broken,
        [b"QFI\xfb\0\0\0\x09".as_slice(), &[0; 4096]].concat(),
    )
    .unwrap();
    let image = demo("clean-linux.qcow2");
    for sandbox in ["--sandbox=auto", "--sandbox=off"] {
        for (bad, kinds) in [
            (&missing, ["io", "io"]),
            (&empty, ["corrupt", "corrupt"]),
            (&broken, ["unsupported", "corrupt"]),
        ] {
            for command in ["scan", "info", "kernel", "autoruns", "ls", "reg"] {
                let mut args = vec![sandbox, command, "-f", "json", bad.as_str()];
                args.extend((command == "reg").then_some(r"HKLM\SYSTEM"));
                let document = document(command, &imgscan(&args));
                assert_eq!(document["inputs"], serde_json::json!([bad]));
                let kind = document["errors"][0]["kind"].as_str().unwrap();
                assert!(kinds.contains(&kind), "{command} {bad} {kind}");
            }
            let diff = imgscan(&[sandbox, "diff", "-f", "json", &image, bad]);
            let diff = document("diff", &diff);
            assert_eq!(diff["inputs"], serde_json::json!([image, bad]));
        }
        let list = imgscan(&[sandbox, "baseline", "list", "-f", "json", "--db", &missing]);
        document("baseline list", &list);
        let policy = path("policy.yaml");
        std::fs::write(&policy, "id: x\n").unwrap();
        let scan = imgscan(&[sandbox, "scan", "-f", "json", "--policy", &policy, &image]);
        assert_eq!(document("scan", &scan)["errors"][0]["kind"], "policy");
        // Where the document was to go, there goes this one.
        let report = path("report.json");
        let scan = imgscan(&[sandbox, "scan", "-f", "json", "-o", &report, &missing]);
        assert_eq!(
            (scan.status.code(), scan.stdout.as_slice()),
            (Some(2), &b""[..])
        );
        let written = Output {
            stdout: std::fs::read(&report).unwrap(),
            ..scan
        };
        document("scan", &written);
        std::fs::remove_file(&report).unwrap();
        // It is no report, and nothing where people read.
        let text = imgscan(&[sandbox, "scan", &missing]);
        assert_eq!(
            (text.status.code(), text.stdout.as_slice()),
            (Some(2), &b""[..])
        );
    }
}
