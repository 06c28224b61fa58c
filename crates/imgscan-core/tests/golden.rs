//! Reports of the demonstration images, whole, in every language and format. They are reviewed as
//! a reader would: run with `IMGSCAN_BLESS=1` after a change of sentences and read the difference.

use std::path::PathBuf;

use imgscan_core::evidence::References;
use imgscan_core::policy::Date;
use imgscan_core::trust::Bundle;
use imgscan_core::{Image, Lang, Policy, Report, ScanOptions, report};
use serde_json::Value;

/// Image, and the authority that signed its stand-ins where the report trusts it.
const IMAGES: [(&str, &str, Option<&str>); 4] = [
    ("clean-linux", "clean-linux", Some("linux-ca.der")),
    ("tampered-linux", "tampered-linux", Some("linux-ca.der")),
    ("windows", "windows", None),
    ("windows-trusted", "windows", Some("windows-ca.der")),
];

const FOLDER: &str = "../../testdata/demo";

fn trust(authority: Option<&str>) -> Bundle {
    let trust = Bundle::built_in().clone();
    let Some(name) = authority else { return trust };
    let path = format!("{FOLDER}/{name}");
    let bytes = std::fs::read(&path).expect("the demonstration's authority");
    trust.with_user_file(&bytes, &path).expect("a certificate")
}

fn open(image: &str) -> Image {
    Image::open(format!("{FOLDER}/{image}.qcow2")).expect("a demonstration image")
}

fn demo(image: &str, authority: Option<&str>) -> Report {
    let policy = Policy::built_in("tencent-marketplace").expect("the built-in policy");
    let today = Date::parse("2026-01-01").expect("a day");
    let options = ScanOptions::new(policy)
        .trust(trust(authority))
        .today(today);
    let mut report = open(image).scan(&options).expect("a report");
    // It changes with every word of the policy.
    report.policy.sha256 = "0".repeat(64);
    report
}

fn reports() -> impl Iterator<Item = (&'static str, Report)> {
    IMAGES
        .into_iter()
        .map(|(name, image, authority)| (name, demo(image, authority)))
}

/// Compares with a file of `golden/`; with `IMGSCAN_BLESS` in the environment writes it.
fn golden(name: &str, actual: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let path = PathBuf::from(folder).join(name);
    if std::env::var_os("IMGSCAN_BLESS").is_some() {
        std::fs::write(&path, actual).expect("a golden file is written");
    }
    let expected = std::fs::read_to_string(&path).expect("a golden file");
    let differs = actual.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert!(actual == expected, "{name} differs: {differs:?}");
}

#[test]
fn reports_of_the_demonstration_images_are_as_reviewed() {
    for (name, report) in reports() {
        golden(&format!("{name}.en.txt"), &report::text(&report, Lang::En));
        golden(&format!("{name}.zh.txt"), &report::text(&report, Lang::Zh));
        golden(&format!("{name}.json"), &report::json(&report));
    }
}

#[test]
fn lists_of_what_runs_in_ring_0_are_as_reviewed() {
    for (name, image, authority) in IMAGES {
        let trust = trust(authority);
        let references = References {
            trust: Some(&trust),
            baseline: None,
        };
        let policy = Policy::built_in("tencent-marketplace").expect("the built-in policy");
        let mut found = open(image).kernel(&policy, references).expect("a list");
        found.policy.sha256 = "0".repeat(64);
        for (lang, ending) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
            let page = report::kernel_text(&found, lang);
            golden(&format!("{name}-kernel.{ending}.txt"), &page);
        }
        golden(&format!("{name}-kernel.json"), &report::json(&found));
    }
}

#[test]
fn lists_of_what_runs_by_itself_are_as_reviewed() {
    for (name, image, authority) in IMAGES {
        if name == "tampered-linux" {
            continue;
        }
        let trust = trust(authority);
        let references = References {
            trust: Some(&trust),
            baseline: None,
        };
        let policy = Policy::built_in("tencent-marketplace").expect("the built-in policy");
        let found = open(image).autoruns(&policy, references, None);
        let mut found = found.expect("a list");
        found.policy.sha256 = "0".repeat(64);
        for (lang, ending) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
            let page = report::autoruns_text(&found, lang);
            golden(&format!("{name}-autoruns.{ending}.txt"), &page);
        }
        golden(&format!("{name}-autoruns.json"), &report::json(&found));
    }
}

#[test]
fn a_saved_report_renders_as_the_fresh_one() {
    for (name, report) in reports() {
        let saved = report::json(&report);
        let again: Report = serde_json::from_str(&saved).expect("a report");
        assert_eq!(report::json(&again), saved, "{name}");
        for lang in [Lang::En, Lang::Zh] {
            assert_eq!(report::text(&again, lang), report::text(&report, lang));
        }
    }
}

/// Every text in `value`, with what it says in Chinese and its plain arguments.
fn texts(value: &Value, all: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(fields) => {
            if let (Some(zh), Some(_)) = (fields.get("zh"), fields.get("en")) {
                let mut plain = Vec::new();
                plain_arguments(fields.get("args").unwrap_or(&Value::Null), &mut plain);
                all.push((zh.as_str().unwrap_or_default().to_owned(), plain));
            }
            fields.values().for_each(|inner| texts(inner, all));
        }
        Value::Array(items) => items.iter().for_each(|inner| texts(inner, all)),
        _ => {}
    }
}

fn plain_arguments(value: &Value, plain: &mut Vec<String>) {
    match value {
        Value::String(text) => plain.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| plain_arguments(item, plain)),
        Value::Object(fields) => match fields.get("zh") {
            Some(_) => plain_arguments(fields.get("args").unwrap_or(&Value::Null), plain),
            None => fields
                .values()
                .for_each(|inner| plain_arguments(inner, plain)),
        },
        _ => {}
    }
}

/// Names, commands, paths and terms without a Chinese form: all that may stand in Latin letters in a
/// Chinese sentence beside what is quoted from the image.
const NAMES: &str = "Authenticode Cleanup CurrentControlSet DHCP DISM DNS Defender GUID HAL ID Image KERNEL \
    HKLM LNX LSA Linux Online PE PatchGuard RID RPM RestoreHealth SHA SID \
    SMB SSH SYSTEM Server Services System SystemRoot TAT UAC UID UTC WMI WinAgent \
    WinSxS Windows agent barad baseline bootkit build cloud cloudbase com config \
    delete ed exe export hive hosts import init initramfs machine map newsetup ntp \
    ntpupdate offbootdir offwindir oobe passwd qc reg ring rm root rootkit sc scanfile scannow secu service \
    setup sfc shell ssh stargate sysprep tcs tencent tencentyun time trust \
    userdel usermod vendor virtio win windeploy";

/// What of a Chinese sentence is in Latin letters, is no quoted content and no name.
fn english(zh: &str, plain: &[String]) -> Vec<String> {
    let mut left = zh.to_owned();
    let mut plain: Vec<&String> = plain.iter().filter(|p| !p.is_empty()).collect();
    plain.sort_by_key(|content| std::cmp::Reverse(content.len()));
    for content in plain {
        left = left.replace(content.as_str(), " ");
    }
    // Fingerprints of keys.
    let words = left.split_whitespace().filter(|w| !w.contains("SHA256:"));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphabetic()));
    let names: Vec<&str> = NAMES.split_whitespace().collect();
    let foreign = words.filter(|word| word.len() > 1 && !names.contains(word));
    foreign.map(str::to_owned).collect()
}

/// Three English words in a row are a sentence, not a name.
fn is_english_sentence(text: &str) -> bool {
    const GLUE: [&str; 14] = [
        "is", "are", "was", "the", "of", "not", "no", "has", "have", "which", "that", "could",
        "by", "with",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let lower = |w: &&&str| w.bytes().all(|b| b.is_ascii_lowercase());
    words.len() >= 3
        && words
            .iter()
            .filter(lower)
            .filter(|w| GLUE.contains(w))
            .count()
            >= 1
        && words.iter().filter(lower).count() >= 3
}

#[test]
fn no_english_sentence_stands_in_a_chinese_report() {
    for (name, report) in reports() {
        let document = serde_json::to_value(&report).expect("a document");
        let (_, image, authority) = IMAGES.into_iter().find(|i| i.0 == name).expect("an image");
        let trust = trust(authority);
        let references = References {
            trust: Some(&trust),
            baseline: None,
        };
        let policy = Policy::built_in("tencent-marketplace").expect("the built-in policy");
        let kernel = open(image).kernel(&policy, references).expect("a list");
        let kernel = serde_json::to_value(&kernel).expect("a document");
        let autoruns = open(image).autoruns(&policy, references, None);
        let autoruns = serde_json::to_value(autoruns.expect("a list")).expect("a document");
        let mut all = Vec::new();
        texts(&autoruns, &mut all);
        texts(&kernel, &mut all);
        texts(&document, &mut all);
        assert!(all.len() > 200, "{name}: {}", all.len());
        for (zh, plain) in all {
            for content in &plain {
                assert!(!is_english_sentence(content), "{name}: {content}: {zh}");
            }
            let english = english(&zh, &plain);
            assert!(english.is_empty(), "{name}: {english:?}: {zh}");
        }
    }
}
