//! The kernel as a whole: versions, and the verdict.

use super::Found;
use crate::error::Result;
use crate::evidence::windows::Part;
use crate::evidence::{Gap, Level, Location};
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Item, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Builds {
    /// Builds whose files keep the number of another build: (build, number in the files).
    same_files: Vec<(u32, u16)>,
    /// Builds that Microsoft no longer supports.
    unsupported: Vec<u32>,
    /// Files that carry the build's number.
    files: Vec<String>,
}

/// WIN-KERNEL-011.
pub(in crate::policy::checks::windows) fn builds(context: &Context<'_>) -> Result<Outcome> {
    let with: Builds = context.check.with()?;
    let os = &context.evidence.guest.os;
    let all = context.evidence.windows.kernel_files();
    let mut found = Found::new(&[]);
    let text = os.build.as_deref().unwrap_or_default();
    let mut numbers = text.split('.').map(str::parse::<u32>);
    let Some(Ok(build)) = numbers.next() else {
        let outcome = Outcome::new(
            Status::Unknown,
            "the registry does not name the build",
            "注册表未给出系统版本号",
        );
        return Ok(outcome.gaps(context.evidence.windows.software().err()));
    };
    let revision = numbers.next().and_then(std::result::Result::ok);
    let same = with.same_files.iter().find(|(of, _)| *of == build);
    let wanted = same.map_or(build, |(_, files)| u32::from(*files));
    for file in all.of(Part::Core) {
        if !with
            .files
            .iter()
            .any(|n| n.eq_ignore_ascii_case(file.name()))
        {
            continue;
        }
        let Some(version) = file.version else {
            let item = Item::new(file.at.clone(), "it carries no version", "没有版本信息");
            found.add(Status::Warn, item.compare(wanted.to_string(), "no version"));
            continue;
        };
        let newer = revision.is_some_and(|r| u32::from(version.revision) > r);
        let (status, en, zh) = if u32::from(version.build) != wanted {
            (Status::Fail, "of another build", "属于其他版本")
        } else if newer {
            (
                Status::Warn,
                "newer than the system's revision",
                "比系统修订版本更新",
            )
        } else {
            (Status::Pass, "of this build", "属于本版本")
        };
        let item = Item::new(file.at.clone(), en, zh);
        found.add(status, item.compare(text, version.to_string()));
    }
    if found.items.is_empty() {
        let item = Item::new(
            context.evidence.windows.system_root_location(),
            "none of the files that carry the build's number is there",
            "没有带有版本号的内核文件",
        );
        found.add(Status::Unknown, item);
    }
    if with.unsupported.contains(&build) {
        let item = Item::new(
            Location::default(),
            "Microsoft no longer supports this build",
            "微软已停止支持该版本",
        );
        found.add(Status::Warn, item.compare("a supported build", text));
    }
    Ok(found.outcome(
        (
            "the kernel is of the build that the registry names",
            "内核版本与系统版本一致",
        ),
        ("the build wants a look", "系统版本需要关注"),
        ("the kernel's version can't be told", "无法确定内核版本"),
        (
            "the kernel is of another build than the system",
            "内核版本与系统版本不符",
        ),
    ))
}

/// WIN-KERNEL-001: the ladder from K0 to K5.
pub(in crate::policy::checks::windows) fn verdict(context: &Context<'_>) -> Result<Outcome> {
    let bill = context.evidence.windows.ring0();
    // What the boot configuration says is judged by the rules of the check that reads it.
    let boot = context
        .policy
        .checks
        .iter()
        .find(|c| c.test == "windows_boot_weakened");
    let boot = match boot {
        Some(check) => Some(super::weakened(&Context { check, ..*context })?),
        None => None,
    };
    let redirected = boot.as_ref().is_some_and(|b| b.status == Status::Fail);
    let mut found = Found::new(&bill.gaps);
    for object in bill.objects.iter().filter(|o| o.level < Level::K4) {
        let status = match object.level {
            Level::K0 | Level::K1 => Status::Fail,
            _ => Status::Warn,
        };
        let why = |f: fn(&crate::text::Text) -> &String| -> String {
            let all: Vec<&str> = object.reasons.iter().map(|r| f(r).as_str()).collect();
            all.join("; ")
        };
        let at = Location {
            volume: object.volume.clone(),
            sha256: object.sha256.clone(),
            ..Location::of_path(object.path.clone())
        };
        let item = Item::new(at, why(|t| &t.en), why(|t| &t.zh));
        let level = format!("{:?}", object.level);
        found.add(status, item.compare("K4 or K5", level));
    }
    if let Some(boot) = boot.filter(|b| b.status == Status::Fail) {
        for item in boot.evidence.into_iter().filter(|i| i.found.is_some()) {
            found.add(Status::Fail, item);
        }
    }
    if bill.level <= Level::K3 {
        found.worst = worse(found.worst, Status::Warn);
    }
    let level = if redirected {
        bill.level.min(Level::K1)
    } else {
        bill.level
    };
    let reasons = |lang: fn(&crate::text::Text) -> &String| -> String {
        let all: Vec<&str> = bill.reasons.iter().map(|r| lang(r).as_str()).collect();
        all.join("; ")
    };
    let (en, zh) = (
        format!("level {level:?}: {}", reasons(|t| &t.en)),
        format!("级别 {level:?}：{}", reasons(|t| &t.zh)),
    );
    let texts = (en.trim_end_matches(": "), zh.trim_end_matches('：'));
    let gaps: Vec<Gap> = std::mem::take(&mut found.gaps);
    let mut outcome = found.outcome(texts, texts, texts, texts);
    outcome = outcome.gaps(gaps);
    Ok(outcome)
}
