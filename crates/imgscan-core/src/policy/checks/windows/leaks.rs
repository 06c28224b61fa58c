//! What a vendor may have left: passwords, and what fills the disk or tells of its past.

use super::matches;
use super::rules::{Rule, apply};
use crate::error::{Error, Layer, Result};
use crate::evidence::Gap;
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, masked};

/// The longest file whose lines are looked at, in bytes.
const MAX_TEXT: u64 = 16 * 1024 * 1024;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    /// Answer files, by patterns of their paths.
    answer_files: Vec<String>,
    /// Texts that Windows puts in place of a password that it has taken out.
    deleted: Vec<String>,
    /// Files with secrets in their lines.
    texts: Vec<Lines>,
    /// Files that are a secret, or the traces of one.
    files: Vec<File>,
    rules: Vec<Rule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    paths: Vec<String>,
    /// Patterns of lines that hold a secret.
    secret: Vec<String>,
    /// Patterns of such lines that hold none.
    #[serde(default)]
    unless: Vec<String>,
    note: Text,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    paths: Vec<String>,
    /// Patterns of names that do not count.
    #[serde(default)]
    unless: Vec<String>,
    status: crate::policy::Effect,
    note: Text,
}

/// WIN-LEAK-001: no password in answer files, scripts, histories or key files.
pub(super) fn secrets(context: &Context<'_>) -> Result<Outcome> {
    let with: Secrets = context.check.with()?;
    let windows = &context.evidence.windows;
    let mut out = Findings::default();
    for pattern in &with.answer_files {
        for password in out.keep(windows.answer_passwords(pattern)) {
            let it = &password.fact;
            if with
                .deleted
                .iter()
                .any(|d| d.eq_ignore_ascii_case(&it.text))
            {
                continue;
            }
            let item = Item::new(
                password.at,
                format!("a password in an answer file: {}", it.element),
                format!("应答文件中的口令：{}", it.element),
            );
            let shown = masked(&it.text);
            out.add(Status::Fail, item.compare("no password", shown));
        }
    }
    for text in &with.texts {
        for path in &text.paths {
            for file in out.keep(windows.texts(path, MAX_TEXT)) {
                lines(text, &file.fact, &file.at, &mut out);
            }
        }
    }
    for file in &with.files {
        for path in &file.paths {
            for found in out.keep(windows.find(path)) {
                let full = found.at.path.clone().unwrap_or_default();
                let name = full.rsplit('/').next().unwrap_or_default();
                let not = found.fact.kind != FileKind::Regular
                    || found.fact.size == 0
                    || file.unless.iter().any(|p| matches(p, name));
                if not {
                    continue;
                }
                let item = Item::new(found.at, &file.note.en, &file.note.zh);
                let shown = format!("{} bytes", found.fact.size);
                out.add(file.status.into(), item.compare("not there", shown));
            }
        }
    }
    apply(context, &with.rules, &mut out);
    Ok(out.outcome(
        Text::new("{} passwords or keys are left", "遗留 {} 处口令或密钥"),
        Text::new(
            "{} traces of credentials are worth a look",
            "有 {} 处凭据痕迹需关注",
        ),
        Text::new("no password or key is left", "未发现遗留的口令或密钥"),
    ))
}

fn lines(rule: &Lines, lines: &[String], at: &crate::evidence::Location, out: &mut Findings) {
    for (i, line) in lines.iter().enumerate() {
        let any = |patterns: &[String]| patterns.iter().any(|p| matches(p, line));
        if any(&rule.secret) && !any(&rule.unless) {
            let item = Item::new(at.clone().line(i + 1), &rule.note.en, &rule.note.zh);
            out.add(Status::Fail, item.compare("no secret", masked(line)));
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Leftovers {
    places: Vec<Place>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Pattern of a folder or a file.
    path: String,
    /// More bytes than this are worth a look.
    limit: u64,
    note: Text,
}

/// WIN-LEAK-002: logs, update caches, dumps, page files, earlier installations.
pub(super) fn leftovers(context: &Context<'_>) -> Result<Outcome> {
    let with: Leftovers = context.check.with()?;
    let mut out = Findings::default();
    for place in &with.places {
        for found in out.keep(context.evidence.windows.sizes(&place.path)) {
            let (files, bytes) = found.fact;
            if files == 0 {
                continue;
            }
            let status = if bytes > place.limit {
                Status::Warn
            } else {
                Status::Pass
            };
            let item = Item::new(found.at, &place.note.en, &place.note.zh);
            let shown = format!("{files} files, {bytes} bytes");
            out.add(
                status,
                item.compare(format!("at most {} bytes", place.limit), shown),
            );
        }
    }
    Ok(out.outcome(
        Text::new("{} leftovers", "{} 处遗留"),
        Text::new(
            "{} logs, caches or dumps should be cleaned",
            "有 {} 处日志、缓存或转储文件应清理",
        ),
        Text::new(
            "logs, caches and dumps are small or not there",
            "日志、缓存与转储文件很小或不存在",
        ),
    ))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stores {
    /// Stores whose certificates are trusted as authorities.
    root_stores: Vec<String>,
    /// Stores whose certificates are trusted as publishers.
    publisher_stores: Vec<String>,
    /// Patterns of subjects of test and interception authorities.
    bad: Vec<String>,
    /// A value that is not 0 where a proxy is set.
    proxies: Vec<(String, String)>,
}

/// WIN-CERT-001: no certificate was added to the stores of authorities and publishers.
pub(super) fn certificates(context: &Context<'_>) -> Result<Outcome> {
    let with: Stores = context.check.with()?;
    let known: Vec<String> = context.policy.param("windows_roots")?;
    let windows = &context.evidence.windows;
    let mut out = Findings::default();
    let mut proxy = None;
    for (key, value) in &with.proxies {
        let found = out.keep(windows.values(key, value));
        let set = found.into_iter().find(|v| v.fact.data.to_string() != "0");
        proxy = proxy.or(set.map(|v| v.at));
    }
    let mut seen = 0;
    for stored in out.keep(windows.certificates()) {
        let it = &stored.fact;
        let any = |stores: &[String]| stores.iter().any(|s| s.eq_ignore_ascii_case(&it.store));
        let (root, publisher) = (any(&with.root_stores), any(&with.publisher_stores));
        if !root && !publisher {
            continue;
        }
        seen += 1;
        if !it.key.eq_ignore_ascii_case(&it.sha1) {
            let item = Item::new(
                stored.at.clone(),
                "the key's name is not the digest of its certificate",
                "键名与证书摘要不符",
            );
            out.add(Status::Fail, item.compare(&it.sha1, &it.key));
        }
        if known.iter().any(|k| k.eq_ignore_ascii_case(&it.sha1)) {
            continue;
        }
        let subject = it
            .names
            .as_ref()
            .map_or("?", |(subject, _)| subject.as_str());
        let bad = with.bad.iter().any(|p| matches(p, subject));
        let (status, en, zh) = if bad {
            (
                Status::Fail,
                "a test or interception authority is trusted",
                "信任测试或中间人证书颁发机构",
            )
        } else if root && it.is_root() && proxy.is_some() {
            (
                Status::Fail,
                "a private authority is trusted, and a proxy is set",
                "信任私有根证书，且设置了代理",
            )
        } else if root {
            (
                Status::Warn,
                "an authority was added",
                "新增的受信任颁发机构",
            )
        } else {
            (Status::Warn, "a publisher was added", "新增的受信任发布者")
        };
        let expires = it.not_after.as_deref().unwrap_or("?");
        let item = Item::new(
            stored.at,
            format!("{en} to {}; valid until {expires}", it.store),
            format!("{zh}（{}），有效期至 {expires}", it.store),
        );
        let shown = format!("{subject} ({})", it.sha1);
        out.add(
            status,
            item.compare("a root of Microsoft's programme", shown),
        );
    }
    if let Some(at) = proxy.filter(|_| out.worst() == Status::Fail) {
        out.add(Status::Pass, Item::new(at, "the proxy", "代理设置"));
    }
    Ok(out.outcome(
        Text::new(
            "{} certificates are trusted that must not be",
            "有 {} 个不应信任的证书",
        ),
        Text::new(
            "{} certificates were added to trusted stores",
            "受信任存储中新增 {} 个证书",
        ),
        Text::new(
            format!("{seen} certificates in trusted stores, all of Microsoft's programme"),
            format!("受信任存储中的 {seen} 个证书均属微软根证书计划"),
        ),
    ))
}

/// META-002: the hives were clean, or their logs were replayed.
pub(super) fn hives(context: &Context<'_>) -> Result<Outcome> {
    let mut out = Findings::default();
    for hive in out.keep(context.evidence.windows.hive_states()) {
        let it = &hive.fact;
        let sequences = match it.sequences {
            Some((first, second)) => format!("{first}, {second}"),
            None => "no base block".into(),
        };
        match (&it.failed, it.replayed) {
            (Some(e), _) => {
                let gap = Error::new(Layer::Hive, e.kind, e.offset, e.detail.to_string());
                out.gaps.push(Gap::new(hive.at, &gap));
            }
            (None, Some(entries)) => {
                let item = Item::new(
                    hive.at,
                    format!(
                        "{} was dirty; {entries} entries of its logs were replayed",
                        it.name
                    ),
                    format!("{} 未正常关闭；已重放 {entries} 条日志", it.name),
                );
                out.add(
                    Status::Warn,
                    item.compare("equal sequence numbers", sequences),
                );
            }
            (None, None) => {
                let (en, zh) = (format!("{} is clean", it.name), format!("{} 干净", it.name));
                let item = Item::new(hive.at, en, zh);
                out.add(
                    Status::Pass,
                    item.compare("equal sequence numbers", sequences),
                );
            }
        }
    }
    Ok(out.outcome(
        Text::default(),
        Text::new(
            "{} hives were dirty: the image was made without a shutdown",
            "{} 个注册表文件未正常关闭：镜像未在关机后制作",
        ),
        Text::new("all {} hives are clean", "全部 {} 个注册表文件均干净"),
    ))
}
