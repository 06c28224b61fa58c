use serde_json::Value;

use super::document::{FsSummary, VolumeGap};
use super::*;
use crate::container::Format;
use crate::error::{Error, Layer};
use crate::evidence::{Gap, Location};
use crate::fs::Signature;
use crate::guest::{Family, Os};
use crate::policy::{CheckResult, Gate, Item, Severity, Status, Verdict};
use crate::text::{Lang, Text};
use crate::volume::Scheme;

fn result(check: &str, status: Status, gate: Gate) -> CheckResult {
    CheckResult {
        check: check.into(),
        clause: vec!["T3".into()],
        title: Text::new("Resolvers are the provider's", "DNS 为云厂商地址"),
        guest: None,
        status,
        gate,
        severity: Severity::High,
        reason: Text::new("a resolver is not approved", "存在未批准的 DNS 地址"),
        evidence: Vec::new(),
        gaps: Vec::new(),
        omitted: 0,
        fix: Vec::new(),
    }
}

fn hostile() -> CheckResult {
    let at = Location {
        volume: Some("p2".into()),
        path: Some("/etc/\u{1b}[2Jresolv\u{202e}.conf".into()),
        sha256: Some("ab".repeat(32)),
        ..Location::default()
    };
    let item = Item::at(
        at.line(3),
        Text::new("this resolver\nis foreign", "该地址不在名单内"),
    );
    CheckResult {
        evidence: vec![item.compare(
            Text::verbatim("10.138.224.65"),
            Text::verbatim("8.8.8.8\u{9b}31m"),
        )],
        omitted: 0,
        fix: vec![Text::new("Restore the resolvers", "恢复 DNS 设置")],
        ..result("LNX-NET-001", Status::Fail, Gate::Block)
    }
}

fn sample() -> Report {
    let gap = Gap::new(
        Location {
            volume: Some("p3".into()),
            ..Location::default()
        },
        &Error::unsupported(
            Layer::Volume,
            0,
            Text::verbatim("LUKS encryption is not read by this version"),
        ),
    );
    let registry = Location {
        volume: Some("p2".into()),
        path: Some("C:/Windows/System32/config/SYSTEM".into()),
        key: Some("HKLM\\SYSTEM\\Select".into()),
        value: Some("Default".into()),
        ..Location::default()
    };
    let results = vec![
        result("LNX-TIME-001", Status::Pass, Gate::Review),
        CheckResult {
            evidence: vec![Item::at(
                registry,
                Text::new("the next boot's set", "下次启动的控制集"),
            )],
            ..result("WIN-X-001", Status::Warn, Gate::Block)
        },
        CheckResult {
            gaps: vec![gap.clone()],
            guest: Some("p2".into()),
            ..result("LNX-ACCT-001", Status::Unknown, Gate::Block)
        },
        result("WIN-CBI-001", Status::NotApplicable, Gate::Block),
        hostile(),
    ];
    let volume = VolumeSummary {
        name: "p2".into(),
        offset: 1_048_576,
        bytes: 2_146_435_072,
        kind: "0FC63DAF-8483-4772-8E79-3D69D8477DE4".into(),
        label: Some("root\u{7}".into()),
        part_uuid: Some("c0ffee00-0000-4000-8000-000000000002".into()),
        bootable: false,
        fs: Some(FsSummary {
            kind: "ext4".into(),
            label: None,
            uuid: Some("11111111-2222-4333-8444-555555555555".into()),
            block_size: 4096,
            bytes: 2_146_435_072,
            details: [("state".into(), Text::verbatim("clean"))].into(),
        }),
        holds: None,
        gap: None,
    };
    Report {
        schema: Report::SCHEMA.into(),
        tool: Tool {
            name: "imgscan".into(),
            version: "0.0.0".into(),
        },
        policy: PolicyId {
            id: "example".into(),
            revision: "1".into(),
            title: Text::new("Example rules", "示例规则"),
            sha256: "01".repeat(32),
        },
        declaration: Some(declaration()),
        image: ImageId {
            path: "disk.qcow2".into(),
            format: Format::Qcow2,
            virtual_size: 2_147_483_648,
            bytes: 300_000,
            weak_key: Some(format!("sample1:{}", "02".repeat(32))),
            sha256: Some("03".repeat(32)),
        },
        interrupted: None,
        files: vec![FileId {
            role: "image".into(),
            path: "disk.qcow2".into(),
            format: Format::Qcow2,
            bytes: 300_000,
            weak_key: Some(format!("sample1:{}", "02".repeat(32))),
        }],
        table: TableSummary {
            scheme: Scheme::Gpt,
            sector_size: 512,
            disk_id: Some("c0ffee00-0000-4000-8000-000000000000".into()),
        },
        volumes: vec![
            volume.clone(),
            VolumeSummary {
                name: "p3".into(),
                fs: None,
                label: None,
                gap: Some(VolumeGap {
                    signature: Signature::Luks,
                    reason: (*gap.reason).clone(),
                }),
                ..volume
            },
        ],
        guests: vec![GuestSummary {
            family: Family::Linux,
            os: Os {
                id: Some("debian".into()),
                name: Some("Debian GNU/Linux 12 (bookworm)".into()),
                version: Some("12".into()),
                architecture: Some("x86_64".into()),
                host_name: Some("demo\u{1b}c".into()),
                ..Os::default()
            },
            root_volume: "p2".into(),
            mounts: vec![Mount {
                path: "/".into(),
                volume: Some("p2".into()),
                ..Mount::default()
            }],
        }],
        kernels: vec![Kernel {
            guest: None,
            version: Some("6.1.0-18-amd64".into()),
            volume: Some("p2".into()),
            path: "/boot/vmlinuz-6.1.0-18-amd64".into(),
            sha256: Some("04".repeat(32)),
            package: Some("linux-image-6.1.0-18-amd64".into()),
            default: Some(true),
        }],
        counts: Counts::of(&results),
        results,
        gaps: vec![gap],
        notices: vec![Gap::new(
            Location::default(),
            &Error::notice(
                Layer::Gpt,
                512,
                Text::verbatim("the backup table is not at the end of the disk"),
            ),
        )],
        waivers_on: None,
        verdict: Verdict::Reject,
    }
}

/// Compares with a file of `golden/`; with `IMGSCAN_BLESS` in the environment writes it.
fn golden(name: &str, actual: &str) {
    let path = format!("{}/src/report/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("IMGSCAN_BLESS").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(actual, expected, "{name}");
}

#[test]
fn text_in_english_and_chinese_is_as_agreed() {
    golden("reject.en.txt", &text(&sample(), Lang::En));
    golden("reject.zh.txt", &text(&sample(), Lang::Zh));
}

#[test]
fn text_never_steers_the_terminal() {
    for lang in [Lang::En, Lang::Zh] {
        let shown = text(&sample(), lang);
        let steering = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.contains(steering), "{shown:?}");
        assert!(shown.contains("/etc/\\u{1b}[2Jresolv\\u{202e}.conf:3"));
    }
}

#[test]
fn json_is_as_agreed_and_fits_the_schema() {
    let shown = json(&sample());
    golden("reject.json", &shown);
    let mut problems = Vec::new();
    let schema = schema();
    let document: Value = serde_json::from_str(&shown).unwrap();
    validate(&schema, &schema, &document, "$", &mut problems);
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn a_saved_report_is_read_again_and_renders_the_same() {
    let saved = json(&sample());
    let again: Report = serde_json::from_str(&saved).unwrap();
    assert_eq!(json(&again), saved);
    for lang in [Lang::En, Lang::Zh] {
        assert_eq!(text(&again, lang), text(&sample(), lang));
    }
}

#[test]
fn the_schema_check_sees_what_is_wrong() {
    let schema = schema();
    let mut document = serde_json::to_value(sample()).unwrap();
    document["verdict"] = "fine".into();
    document["surprise"] = 1.into();
    document["image"]["weak_key"] = "x".into();
    document["results"][0]
        .as_object_mut()
        .unwrap()
        .remove("gate");
    let mut problems = Vec::new();
    validate(&schema, &schema, &document, "$", &mut problems);
    assert_eq!(problems.len(), 4, "{problems:?}");
}

/// A declaration that explained one file, and pins other bytes for another.
fn declaration() -> DeclarationReport {
    let item = |name: &str, publisher: Option<&str>, expected: Option<String>| DeclaredItem {
        guest: None,
        kind: "service".into(),
        name: name.into(),
        at: Location::of_path("C:/Windows/System32/config/SYSTEM"),
        file: Location {
            sha256: Some("04".repeat(32)),
            ..Location::of_path(format!("C:/Shop/{name}\u{1b}.exe"))
        },
        publisher: publisher.map(str::to_owned),
        expected,
    };
    DeclarationReport {
        product: "Web shop 3.2".into(),
        vendor: Some("Example Ltd".into()),
        sha256: "05".repeat(32),
        explained: vec![item("shop", Some("Example Ltd"), None)],
        differs: vec![item("feed", None, Some("06".repeat(32)))],
    }
}

pub(crate) fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../docs/report.schema.json")).unwrap()
}

/// The part of JSON Schema that the committed schema uses.
pub(crate) fn validate(
    root: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
    problems: &mut Vec<String>,
) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return validate(root, target, value, at, problems);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let fits = |s: &Value| {
            let mut inner = Vec::new();
            validate(root, s, value, at, &mut inner);
            inner.is_empty()
        };
        if !any.iter().any(fits) {
            problems.push(format!("{at}: fits none of anyOf"));
        }
    }
    let mut wrong = |what: String| problems.push(format!("{at}: {what}"));
    if schema.get("const").is_some_and(|c| c != value) {
        wrong(format!("{value} is not the constant"));
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|e| !e.contains(value))
    {
        wrong(format!("{value} is none of the words"));
    }
    let is = |t: &Value| match t.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    match &schema["type"] {
        Value::Null => {}
        Value::Array(any) if any.iter().any(is) => {}
        one @ Value::String(_) if is(one) => {}
        other => wrong(format!("{value} is not {other}")),
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str()) {
        let prefix = pattern
            .trim_start_matches('^')
            .trim_end_matches("[0-9a-f]{64}$");
        let digits = text.strip_prefix(prefix).unwrap_or_default();
        if digits.len() != 64 || !digits.bytes().all(|b| b"0123456789abcdef".contains(&b)) {
            wrong(format!("{text:?} does not match {pattern}"));
        }
    }
    if let Some(object) = value.as_object().filter(|_| schema["type"] == "object") {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                wrong(format!("{name} is missing"));
            }
        }
        for (name, inner) in object {
            match schema["properties"].get(name) {
                Some(s) => validate(root, s, inner, &format!("{at}.{name}"), problems),
                None if schema["additionalProperties"] == false => {
                    problems.push(format!("{at}: {name} is not foreseen"));
                }
                None => {}
            }
        }
    }
    for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
        validate(
            root,
            &schema["items"],
            inner,
            &format!("{at}[{i}]"),
            problems,
        );
    }
}
